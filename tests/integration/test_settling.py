"""Attachments judged after acceptance, or at it where the policy says so; verdicts that are settled later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.app import Hub
from hub.config import PolicySettings, StorageSettings
from hub.errors import UntrustedSignature
from hub.model import Accepted, Level, SignatureRule, TraceEvent
from hub.store import judging
from hub.store.tables import messages
from hub.testing import Box, eventually, package, settings
from signing.ca import Revoked
from signing.reading_process import ReadingProcess
from signing.revocation import RevocationData
from signing.trust import TrustStore
from signing.verdict import Question
from tests.unit.signing import pdfs

SENDER, TO = "H49.61", "H49.13"
HOUR = timedelta(hours=1)
LOOKS_SIGNED = pdfs.blank() + b"\n% /ByteRange\n"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def signed() -> bytes:
    return pdfs.sign(pdfs.sign(pdfs.blank(), pdfs.person()), pdfs.agency(), field="Signature2")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def box(tmp_path: Path, database: str, clock: Clock) -> AsyncIterator[Box]:
    config = replace(settings(tmp_path), storage=StorageSettings(database=database))
    async with Hub.open(config, clock=clock) as hub:
        hub.trust = pdfs.trust()
        made = Box(hub)
        await made.connect("commune", SENDER)
        await made.connect("province", TO)
        yield made


async def hand_in(box: Box, attachment: bytes, **options: Any) -> Accepted:
    endpoint = await box.hub.endpoint("commune")
    return await box.hub.accept(endpoint, package(sender=SENDER, to=(TO,), attachment=attachment, **options))


async def verdicts(box: Box, accepted: Accepted) -> list[dict[str, Any]]:
    (found,) = await box.hub.trace(accepted.message.id)
    assert found.message is not None
    return [dict(each) for each in found.message.verdicts]


async def events(box: Box, accepted: Accepted) -> list[TraceEvent]:
    (found,) = await box.hub.trace(accepted.message.id)
    return [each for each in found.events if each.kind.startswith("signatures.")]


def outcomes(found: list[dict[str, Any]]) -> list[tuple[str | None, str]]:
    return [(each["part"], each["outcome"]) for each in found]


async def test_attachments_are_judged_after_the_sender_has_its_answer(box: Box, signed: bytes) -> None:
    accepted = await hand_in(box, signed)
    assert [verdict["part"] for verdict in accepted.message.verdicts] == [None]
    assert await box.hub.settling.settle_some() == 1
    assert outcomes(await verdicts(box, accepted)) == [
        (None, "absent"),
        ("van-ban.pdf", "valid"),
        ("van-ban.pdf", "valid"),
    ]
    (event,) = await events(box, accepted)
    assert event.kind == "signatures.judged"
    assert [each["part"] for each in event.details["signatures"]] == [None, "van-ban.pdf", "van-ban.pdf"]
    assert event.details["outcomes"]["en"] == "1 no signature, 2 valid"
    assert await box.hub.settling.settle_some() == 0
    assert (await box.hub.verify_ledger()).broken == []


async def test_the_sweep_of_a_running_hub_does_it(box: Box, signed: bytes) -> None:
    async with box.hub.running():
        accepted = await hand_in(box, signed)

        async def judged() -> bool:
            return len(await verdicts(box, accepted)) == 3

        await eventually(judged)


async def test_what_carries_no_signature_is_not_spoken_of(box: Box) -> None:
    accepted = await hand_in(box, pdfs.blank())
    assert await box.hub.settling.settle_some() == 0  # that there is nothing to judge was seen at acceptance
    assert outcomes(await verdicts(box, accepted)) == [(None, "absent")]
    assert await events(box, accepted) == []


async def test_what_only_looks_signed_is_judged_and_not_spoken_of(box: Box) -> None:
    accepted = await hand_in(box, LOOKS_SIGNED)
    assert await box.hub.settling.settle_some() == 1
    assert outcomes(await verdicts(box, accepted)) == [(None, "absent")]
    assert await events(box, accepted) == []
    assert await box.hub.settling.settle_some() == 0


async def test_two_nodes_write_one_verdict(box: Box, signed: bytes, clock: Clock) -> None:
    accepted = await hand_in(box, signed)
    hub = box.hub
    slow = await hub.store.write(lambda tx: judging.take(tx, 5, HOUR), "take")
    assert await hub.settling.settle_some() == 0  # the other node has it
    clock.now += 2 * HOUR  # and is thought dead
    assert await hub.settling.settle_some() == 1
    late = judging.Settled(taken=slow[0], verdicts=[], again_at=None, event="signatures.judged")
    assert await hub.store.write(lambda tx: judging.settle(tx, [late], "hub:slow"), "settle") == []
    assert len(await events(box, accepted)) == 1
    assert len(await verdicts(box, accepted)) == 3


async def test_a_crash_after_taking_costs_nothing_but_time(box: Box, signed: bytes, clock: Clock) -> None:
    accepted = await hand_in(box, signed)
    box.hub.settling.reader.close()  # as if the process died while it read
    await box.hub.settling._work()
    assert await events(box, accepted) == []
    box.hub.settling.reader = ReadingProcess()
    assert await box.hub.settling.settle_some() == 0
    clock.now += HOUR
    assert await box.hub.settling.settle_some() == 1
    assert len(await verdicts(box, accepted)) == 3


# Settled later


def knowing(*crls: bytes, require: bool = True) -> TrustStore:
    return pdfs.trust(revocation=RevocationData.of(crls), require_revocation=require)


async def due_at(box: Box, accepted: Accepted) -> datetime | None:
    found = await box.hub.store.read(
        lambda connection: connection.execute(
            messages.select().where(messages.c.id == accepted.message.id)
        ).one()
    )
    return None if found.judge_at is None else found.judge_at


async def test_what_wanted_revocation_data_is_settled_when_there_is_some(
    box: Box, signed: bytes, clock: Clock
) -> None:
    box.hub.trust = knowing()
    accepted = await hand_in(box, signed)
    await box.hub.settling.settle_some()
    assert [each["outcome"] for each in (await verdicts(box, accepted))[1:]] == ["undetermined"] * 2
    first = await due_at(box, accepted)
    assert first == clock.now + timedelta(minutes=5)

    clock.now = first
    assert (
        await box.hub.settling.settle_some() == 1
    )  # nothing new is known: nothing is written, and it waits longer
    assert len(await events(box, accepted)) == 1
    second = await due_at(box, accepted)
    assert second == clock.now + timedelta(minutes=10)

    clock.now = second
    box.hub.trust = knowing(pdfs.issuer().crl(clock.now), pdfs.root().crl(clock.now))
    assert await box.hub.settling.settle_some() == 1
    assert [each["outcome"] for each in (await verdicts(box, accepted))[1:]] == ["valid"] * 2
    assert [each.kind for each in await events(box, accepted)] == ["signatures.judged", "signatures.settled"]
    assert await due_at(box, accepted) is None
    assert (await box.hub.verify_ledger()).broken == []


async def test_a_revocation_that_becomes_known_later_is_told(box: Box, signed: bytes, clock: Clock) -> None:
    box.hub.trust = knowing(pdfs.root().crl(clock.now), require=False)
    accepted = await hand_in(box, signed)
    await box.hub.settling.settle_some()
    assert [each["outcome"] for each in (await verdicts(box, accepted))[1:]] == ["valid"] * 2
    clock.now += timedelta(minutes=6)
    taken_back = {pdfs.person().certificate.serial_number: Revoked(pdfs.SIGNED - HOUR)}
    box.hub.trust = knowing(pdfs.issuer().crl(clock.now, revoked=taken_back), pdfs.root().crl(clock.now))
    await box.hub.settling.settle_some()
    assert [each["outcome"] for each in (await verdicts(box, accepted))[1:]] == ["invalid", "valid"]


async def test_what_waits_is_judged_at_once_when_the_trust_has_changed(
    box: Box, signed: bytes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.hub.trust = knowing()
    accepted = await hand_in(box, signed)
    await box.hub.settling.settle_some()

    clock.now += timedelta(minutes=1)  # long before it would be judged again
    assert await box.hub.settling.settle_some() == 0
    more = knowing(pdfs.issuer().crl(clock.now), pdfs.root().crl(clock.now))

    async def found(_: TrustStore) -> TrustStore:
        return more

    monkeypatch.setattr(box.hub.trusting, "look", found)
    await box.hub._look_around()
    if not box.hub.config.embedded:  # among several nodes, whom it falls to is settled by two beats
        await box.hub.duties.beat()
        await box.hub.duties.beat()
    await box.hub._look_around()

    assert await box.hub.settling.settle_some() == 1
    assert [each["outcome"] for each in (await verdicts(box, accepted))[1:]] == ["valid"] * 2


# Demanded at acceptance


async def demand(box: Box, rule: SignatureRule) -> None:
    from hub.store import endpoints

    await box.hub.store.write(
        lambda tx: endpoints.set_signature_rules(tx, "commune", SignatureRule.DEFAULT, rule, "operator:test")
    )
    await box.hub.refresh_directory()


async def test_where_attachments_must_be_signed_they_are_judged_at_once(box: Box, signed: bytes) -> None:
    await demand(box, SignatureRule.REQUIRE)
    accepted = await hand_in(box, signed)
    assert outcomes([dict(each) for each in accepted.message.verdicts])[1:] == [("van-ban.pdf", "valid")] * 2
    assert await box.hub.settling.settle_some() == 0
    for bad, code in (
        (pdfs.blank(), "signature.attachment-not-signed"),
        (await asyncio.to_thread(pdfs.edited, signed), "signature.coverage-changed-after"),
    ):
        with pytest.raises(UntrustedSignature) as refused:
            await hand_in(box, bad)
        assert refused.value.findings[0].code == code
        assert refused.value.findings[0].message.vi.startswith("Tệp đính kèm “van-ban.pdf”: ")


async def test_in_the_middle_only_what_is_broken_is_refused(box: Box, signed: bytes) -> None:
    await demand(box, SignatureRule.REFUSE_INVALID)
    accepted = await hand_in(box, pdfs.blank())
    assert "signature.attachment-not-signed" in [each.code for each in accepted.message.findings]
    with pytest.raises(UntrustedSignature):
        await hand_in(box, pdfs.edited(signed))


async def test_what_is_ignored_is_not_judged(box: Box, signed: bytes) -> None:
    await demand(box, SignatureRule.IGNORE)
    await hand_in(box, signed)
    assert await box.hub.settling.settle_some() == 0


async def test_the_holder_of_an_attachments_certificate_is_told(box: Box, signed: bytes) -> None:
    accepted = await hand_in(box, signed)
    await box.hub.settling.settle_some()
    found = (await verdicts(box, accepted))[1]["aspects"][str(Question.HOLDER)]
    assert (found["outcome"], found["reasons"][0]["code"]) == ("undetermined", "holder.does-not-fit")


async def test_the_rule_of_the_senders_level_counts(box: Box) -> None:
    strict = PolicySettings(attachments_commune="require")
    box.hub.config = replace(box.hub.config, policy=strict)
    await box.add_agencies("H49.99", level=Level.COMMUNE)
    await box.connect("ward", "H49.99")
    with pytest.raises(UntrustedSignature):
        await box.hub.accept(
            await box.hub.endpoint("ward"), package(sender="H49.99", to=(TO,), attachment=pdfs.blank())
        )
    assert (await hand_in(box, pdfs.blank())).message.id


async def test_a_batch_is_no_larger_than_memory_bears(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await hand_in(box, LOOKS_SIGNED)
    monkeypatch.setattr(judging, "MOST_BYTES", 1)
    assert [await box.hub.settling.settle_some() for _ in range(4)] == [1, 1, 1, 0]
