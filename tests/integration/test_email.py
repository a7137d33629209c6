"""The whole way by mail: a document to an agency's mailbox, and one from it, through a real hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.email import EmailAdapter
from hub.model import DeliveryState, Endpoint, SignatureRule
from hub.store import directory as directory_store
from hub.testing import Box, eventually, hub_in_a_box, package
from tests.unit.adapters.email.standin import PASSWORD, Office, attachments_of, letter

OFFICE, COMMUNE = "H49.13", "H49.61"


@asynccontextmanager
async def connected(folder: Path, rule: SignatureRule) -> AsyncIterator[tuple[Box, Office, Endpoint]]:
    office = Office()
    await office.start()
    try:
        async with hub_in_a_box(folder, running=True) as box:
            other = await box.connect("so-noi-vu", OFFICE)
            await box.add_agencies(COMMUNE)
            made = Endpoint(
                id="xa",
                adapter="email",
                address=EmailAdapter.settle(office.address),
                agencies=frozenset({COMMUNE}),
                signatures=rule,
            )
            lookup, sealed = box.hub.vault.lookup(PASSWORD), box.hub.vault.seal(PASSWORD)
            await box.hub.store.write(
                lambda tx: directory_store.add_endpoint(tx, made, lookup, sealed, "operator:test")
            )
            await box.hub.refresh_directory()
            box.hub.connections.listen_as_needed()
            yield box, office, other
    finally:
        await office.stop()


async def test_a_document_goes_out_by_mail_and_another_comes_in(tmp_path: Path) -> None:
    async with connected(tmp_path, SignatureRule.IGNORE) as (box, office, other):
        out = package(sender=OFFICE, to=[COMMUNE])
        accepted = await box.hub.accept(other, out)
        await eventually(lambda: len(office.mails()) == 1)
        assert attachments_of(bytes(office.mails()[0])) == [out]

        async def delivered() -> bool:
            found, _ = await box.hub.inbox.delivery(None, accepted.deliveries[0].id)
            return found.state is DeliveryState.DELIVERED

        await eventually(delivered)
        back = package(sender=COMMUNE, to=[OFFICE])
        office.put(letter(back))
        (waiting,) = await box.hub.waiting(other, wait_seconds=10)
        assert (await box.hub.fetch(other, waiting.delivery.id)).content == back
        await eventually(lambda: office.attached("edochub-done") == [back])


@pytest.mark.parametrize("sender", [COMMUNE, OFFICE])
async def test_a_mail_alone_proves_nothing(tmp_path: Path, sender: str) -> None:
    rule = SignatureRule.REQUIRE if sender == COMMUNE else SignatureRule.IGNORE
    async with connected(tmp_path, rule) as (box, office, other):
        to = OFFICE if sender == COMMUNE else COMMUNE
        office.put(letter(package(sender=sender, to=[to])))
        await eventually(lambda: len(office.folders.get("edochub-refused", {})) == 1)
        (mail,) = office.mails()
        code = "signature.required" if sender == COMMUNE else "sender.not-allowed"
        assert code in mail.get_content()
        assert await box.hub.waiting(other) == []
