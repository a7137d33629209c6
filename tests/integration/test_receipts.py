"""The hub's receipts: for what it took, refused and delivered, only for those who may see them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub import receipts
from hub.config import LedgerSettings
from hub.errors import Misconfigured, NotFound, Refusal
from hub.model import Endpoint
from hub.store.checkpoints import LedgerAltered
from hub.store.tables import events
from hub.testing import Box, hub_in_a_box, package, settings, status
from signing import certificates, notes
from signing import receipts as signed
from signing.keys import KeyFolder, generate
from signing.notes import VerifierKey
from signing.trust import TrustStore
from signing.verdict import Outcome, Question

LETTER = "H49.13,2026/11/18,7/CV-H4913"


class Desk:
    """A hub with a sender, an addressee and a stranger, and one letter between them."""

    def __init__(self, box: Box, sender: Endpoint, addressee: Endpoint, stranger: Endpoint) -> None:
        self.box, self.sender, self.addressee, self.stranger = box, sender, addressee, stranger

    async def receipt(self, reference: str, viewer: Endpoint | None = None) -> dict[str, Any]:
        """Return what a receipt says, after it was signed and verified."""
        hub = self.box.hub
        key = await hub.signing_key()
        made = await receipts.issue(hub, reference, key, viewer)
        found = signed.verify(made, TrustStore([certificates.of(key.certificate)]), hub.clock())
        assert found.verdict.aspects[Question.INTEGRITY].outcome is Outcome.VALID
        assert found.content is not None
        assert found.content == {"type": signed.TYPE, **await receipts.content(hub, reference, viewer)}
        return dict(found.content)


async def desk(box: Box) -> Desk:
    sender, addressee, stranger = [
        await box.connect(name, code) for name, code in (("a", "H49.13"), ("b", "H49.61"), ("c", "H49.62"))
    ]
    config = box.hub.config
    KeyFolder(config.path(config.keys.folder)).save(generate("hub", "Trục", box.hub.clock()), None)
    return Desk(box, sender, addressee, stranger)


async def test_acceptance_is_receipted_with_its_event_and_its_proof(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        at = await desk(box)
        accepted = await box.hub.accept(at.sender, package(document_id=LETTER))
        before = await at.receipt(accepted.message.id, at.sender)
        assert (before["kind"], before["document_id"], before["sha256"]) == (
            "accepted",
            LETTER,
            accepted.message.sha256,
        )
        assert (before["sender"], before["addressees"]) == ("H49.13", ["H49.61"])
        assert before["ledger"]["checkpoint"] is None
        await box.hub.notary.seal()
        sealed = await at.receipt(LETTER, at.addressee)
        assert sealed["ledger"]["checkpoint"].startswith("edochub\n")
        assert sealed["ledger"]["key"] == str(box.hub.notary.log_keys()[0])
        await box.hub.accept(at.sender, package())
        await box.hub.notary.seal()
        assert await at.receipt(LETTER) == sealed  # for ever the same


async def test_a_refusal_is_receipted_for_who_was_refused(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        at = await desk(box)
        with pytest.raises(Refusal) as caught:
            await box.hub.accept(at.sender, package(to=["H49.99"]))
        refused = caught.value.id
        assert refused is not None
        found = await at.receipt(refused, at.sender)
        assert (found["kind"], found["code"], found["endpoint"]) == ("refused", "addressee.unknown", "a")
        with pytest.raises(NotFound):
            await receipts.content(box.hub, refused, at.addressee)


@pytest.mark.parametrize("taken", [True, False])
async def test_a_delivery_is_receipted_once_it_has_ended(tmp_path: Path, taken: bool) -> None:
    async with hub_in_a_box(tmp_path) as box:
        at = await desk(box)
        accepted = await box.hub.accept(at.sender, package())
        delivery = accepted.deliveries[0].id
        with pytest.raises(NotFound, match=r"not ended|chưa kết thúc"):
            await receipts.content(box.hub, delivery)
        if taken:
            await box.hub.take(at.addressee, delivery)
        else:
            await box.hub.decline(at.addressee, delivery, "Gửi nhầm")
        await box.hub.notary.seal()
        found = await at.receipt(delivery, at.sender)
        assert (found["kind"], found["delivery"], found["addressees"]) == (
            "delivered" if taken else "failed",
            delivery,
            ["H49.61"],
        )
        assert [len(event["proof"]) > 0 for event in found["events"]] == [True, True]


async def test_an_answer_is_receipted_with_what_it_says(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        at = await desk(box)
        accepted = await box.hub.accept(at.sender, package(document_id=LETTER))
        await box.hub.take(at.addressee, accepted.deliveries[0].id)
        said = status(sender="H49.61", to="H49.13", document_id=LETTER, code="03")
        answer = await box.hub.accept(at.addressee, said)
        found = await at.receipt(answer.message.id)
        assert (found["kind"], found["code"], found["about"]) == ("answered", "03", accepted.message.id)
        assert len(found["events"]) == 2


async def test_a_stranger_gets_no_receipt(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        at = await desk(box)
        accepted = await box.hub.accept(at.sender, package())
        for reference in (accepted.message.id, accepted.deliveries[0].id, "nothing"):
            with pytest.raises(NotFound):
                await receipts.content(box.hub, reference, at.stranger)


async def test_a_receipt_whose_event_is_gone_is_an_alarm(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        at = await desk(box)
        accepted = await box.hub.accept(at.sender, package())
        gone = sa.delete(events).where(events.c.message == accepted.message.id)
        await box.hub.store.write(lambda tx: tx.execute(gone).rowcount)
        with pytest.raises(LedgerAltered, match="ledger verify"):
            await receipts.content(box.hub, accepted.message.id)


async def test_a_receipt_names_the_key_that_signed_its_checkpoint(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        at = await desk(box)
        accepted = await box.hub.accept(at.sender, package())
        await box.hub.notary.seal()
        before = await receipts.content(box.hub, accepted.message.id)
        former = str(box.hub.notary.log_keys()[0])
    (tmp_path / "keys" / "ledger.key").unlink()
    config = replace(settings(tmp_path), ledger=LedgerSettings(former_keys=(former,)))
    async with hub_in_a_box(tmp_path, config=config) as box:
        later = await box.hub.accept(await box.hub.endpoint("a"), package())
        await box.hub.notary.seal()
        assert await receipts.content(box.hub, accepted.message.id) == before
        found = await receipts.content(box.hub, later.message.id)
        assert found["ledger"]["key"] not in (former, None)
        notes.verify(
            notes.parse(found["ledger"]["checkpoint"].encode()), [VerifierKey.parse(found["ledger"]["key"])]
        )


async def test_a_hub_without_a_key_says_so(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path, config=settings(tmp_path)) as box:
        with pytest.raises(Misconfigured, match="hub"):
            await box.hub.signing_key()
