"""Three hubs in a row: bytes and signatures, the whole way, TraceHeaders, and the daily comparison."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hub.axis import Comparable, able
from hub.comparing import Kind, compare
from hub.directory import VIETNAM
from hub.model import Accepted, DeliveryState, Endpoint
from hub.reconciling import every
from hub.testing import eventually, package
from hub.way import Question
from hub.whole_way import of_message, whole
from schemas.xml import parse
from signing import certificates, xml
from signing.ca import CertificateAuthority
from signing.reasons import ALTERED_BY_TRACE_HEADER
from signing.trust import TrustStore
from signing.verdict import Outcome
from tests.integration.linked_hubs import Linked, linked
from tests.integration.noon import from_noon

COMMUNE, WARD = "Z91.61", "Z92.61"


@dataclass
class Row:
    """A commune's hub, the axis, a ward's hub."""

    hubs: Linked
    commune: Endpoint
    ward: Endpoint

    async def send(self, content: bytes) -> Accepted:
        return await self.hubs.boxes["north"].hub.accept(self.commune, content)


@asynccontextmanager
async def row(folder: Path, *, up: str = "", down: str = "") -> AsyncIterator[Row]:
    async with linked(folder, ["north", "axis", "south"]) as hubs:
        await hubs.link("north", "axis")
        await hubs.link("south", "axis", up=up, down=down)
        await hubs.route("axis", "Z91.*", "from-north")
        await hubs.route("axis", "Z92.*", "from-south")
        commune = await hubs.boxes["north"].connect("xa", COMMUNE)
        ward = await hubs.boxes["south"].connect("phuong", WARD)
        for hub, own in (("north", "Z91.*"), ("south", "Z92.*")):
            await hubs.route(hub, "*", "to-axis")
            await hubs.route(hub, own, None)
        yield Row(hubs, commune, ward)


async def test_bytes_and_signature_are_whole_after_three_hops_and_the_way_is_told(tmp_path: Path) -> None:
    authority = CertificateAuthority.create("CA thử nghiệm", from_noon())
    key = authority.issue("Xã", from_noon(), organisation="Xã")
    content = xml.sign(package(sender=COMMUNE, to=[WARD]), key)
    async with row(tmp_path) as at:
        sent = await at.send(content)
        arrived = await at.hubs.arrived("south", at.ward)
        assert arrived == content
        trust = TrustStore([certificates.of(authority.certificate)])
        assert xml.verify(arrived, parse(arrived), trust, from_noon())[0].outcome is Outcome.VALID

        north = at.hubs.boxes["north"].hub
        told = await of_message(north, sent.message, 30)
        assert [part.hub for part in told.parts] == ["north", "axis", "south"]
        assert {part.sha256 for part in told.parts} == {sent.message.sha256}
        [(part, stand)] = told.standing()
        assert (part.hub, stand.to, stand.state) == ("south", WARD, DeliveryState.DELIVERED)
        assert told.silent == ()

        # Of what did not pass between the two, a neighbour is told nothing.
        axis = at.hubs.boxes["axis"].hub
        question = Question(sent.message.document_id, COMMUNE, (), 5.0, 4)
        stranger = await at.hubs.boxes["axis"].connect("la", "Z93.1")
        assert (await whole(axis, question, stranger)).parts == ()

        await at.hubs.stop("south")
        told = await of_message(north, sent.message, 10)
        assert [part.hub for part in told.parts] == ["north", "axis"]
        assert [(each.at_hub, each.endpoint) for each in told.silent] == [("axis", "from-south")]


async def test_a_link_may_be_told_nothing(tmp_path: Path) -> None:
    async with row(tmp_path, down="trace=off") as at:
        sent = await at.send(package(sender=COMMUNE, to=[WARD]))
        await at.hubs.arrived("south", at.ward)
        south = at.hubs.boxes["south"].hub
        [message] = [each.message for each in await south.trace(sent.message.document_id)]
        assert message is not None
        told = await of_message(south, message, 10)
        assert [part.hub for part in told.parts] == ["south"]
        assert "trace=off" in told.silent[0].why.en


async def test_a_trace_header_goes_in_where_it_is_wanted_and_the_ledger_has_both_digests(
    tmp_path: Path,
) -> None:
    authority = CertificateAuthority.create("CA thử nghiệm", from_noon())
    key = authority.issue("Xã", from_noon(), organisation="Xã")
    content = xml.sign(package(sender=COMMUNE, to=[WARD]), key)
    async with row(tmp_path, down="traceheader=on") as at:
        sent = await at.send(content)
        arrived = await at.hubs.arrived("south", at.ward)
        assert arrived != content
        [verdict] = xml.verify(
            arrived, parse(arrived), TrustStore([certificates.of(authority.certificate)]), from_noon()
        )
        assert ALTERED_BY_TRACE_HEADER.code in [reason.code for reason in verdict.reasons]
        axis = at.hubs.boxes["axis"].hub
        [trace] = await axis.trace(sent.message.document_id)
        [given] = [each.details for each in trace.events if each.kind == "delivery.trace-header"]
        [below] = [each.message for each in await at.hubs.boxes["south"].hub.trace(sent.message.document_id)]
        assert below is not None
        assert given == {"sha256": sent.message.sha256, "given_sha256": below.sha256}
        assert not (await axis.verify_ledger()).broken


async def test_both_directions_are_compared_and_kept(tmp_path: Path) -> None:
    async with row(tmp_path) as at:
        await at.send(package(sender=COMMUNE, to=[WARD]))
        await at.hubs.arrived("south", at.ward)
        south, axis = at.hubs.boxes["south"].hub, at.hubs.boxes["axis"].hub

        async def told() -> bool:
            return all(each.state is DeliveryState.DELIVERED for each in await axis.deliveries(None, 10))

        await eventually(told)
        far = await able(south, "to-axis", Comparable)  # type: ignore[type-abstract]
        today = from_noon().astimezone(VIETNAM).date()
        assert (await compare(south, "to-axis", far, today)).differences == []

        await south.connections.stop_listening()
        lost = await axis.accept(await axis.endpoint("from-north"), package(sender=COMMUNE, to=[WARD]))
        [delivery] = lost.deliveries
        # As if somebody else took it under our name.
        await axis.take(await axis.endpoint("from-south"), delivery.id)
        compared = await compare(south, "to-axis", far, today)
        assert [each.kind for each in compared.differences] == [Kind.TAKEN_NOT_HERE]

        await south.reconciling._one("to-axis", today - timedelta(days=3))
        [kept] = await south.store.read(every)
        assert (kept.endpoint, kept.differences) == ("to-axis", ())
