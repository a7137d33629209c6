"""Routes that lead in a circle: the package is stopped where that is noticed, and its sender is told why."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import Looped
from hub.hops import MOST_HOPS, Hop
from hub.model import utc_now
from hub.testing import Box, eventually, hub_in_a_box, package
from schemas.edxml import reader
from schemas.xml import parse
from tests.integration.linked_hubs import Linked, linked

COMMUNE, NOBODY = "Z99.61", "Q77.1"


async def ended(box: Box, document_id: str) -> None:
    async def is_final() -> bool:
        found = [each.deliveries for each in await box.hub.trace(document_id) if each.message]
        return all(delivery.state.final for its_deliveries in found for delivery in its_deliveries)

    await eventually(is_final)


async def told_of_the_circle(hubs: Linked, first: str) -> str:
    """Send a document to nobody from the first hub; return what its sender is told."""
    box = hubs.boxes[first]
    commune = await box.connect("xa", COMMUNE)
    await hubs.route(first, "Z99.*", None)
    sent = await box.hub.accept(commune, package(sender=COMMUNE, to=[NOBODY]))
    answer = reader.read(parse(await hubs.arrived(first, commune)))
    assert answer.status is not None
    assert answer.status.code == "02"
    for other in hubs.boxes.values():
        await ended(other, sent.message.document_id)
        assert len([each for each in await other.hub.trace(sent.message.document_id) if each.message]) <= 1
        assert not (await other.hub.verify_ledger()).broken
    return answer.status.description


async def test_two_hubs_that_route_everything_to_each_other(tmp_path: Path) -> None:
    async with linked(tmp_path, ["a", "b"]) as hubs:
        await hubs.link("a", "b")
        await hubs.route("a", "*", "to-b")
        await hubs.route("b", "*", "from-a")
        assert NOBODY in await told_of_the_circle(hubs, "a")


async def test_two_hubs_with_a_link_each_way(tmp_path: Path) -> None:
    async with linked(tmp_path, ["a", "b"]) as hubs:
        await hubs.link("a", "b")
        await hubs.link("b", "a")
        await hubs.route("a", "*", "to-b")
        await hubs.route("b", "*", "to-a")
        await hubs.route("b", "Z99.*", "from-a")
        assert "a → b" in (await told_of_the_circle(hubs, "a")).replace("?", "→")


async def test_a_ring_of_three(tmp_path: Path) -> None:
    async with linked(tmp_path, ["a", "b", "c"]) as hubs:
        for one, next_one in (("a", "b"), ("b", "c"), ("c", "a")):
            await hubs.link(one, next_one)
        for one, next_one in (("a", "b"), ("b", "c"), ("c", "a")):
            await hubs.route(one, "*", f"to-{next_one}")
        await hubs.route("b", "Z99.*", "from-a")
        await hubs.route("c", "Z99.*", "from-b")
        assert "a → b → c" in (await told_of_the_circle(hubs, "a")).replace("?", "→")


async def test_what_has_passed_too_many_hubs_is_stopped(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("truc", "Z99.1")
        await box.connect("xa", COMMUNE)
        hops = tuple(Hop(f"hub-{number}", f"{number:026d}", utc_now()) for number in range(MOST_HOPS + 1))
        content = package(sender="Z99.1", to=[COMMUNE])
        with pytest.raises(Looped):
            await box.hub.accept(sender, content, hops=hops)
        accepted = await box.hub.accept(sender, content, hops=hops[1:])
        assert [hop.hub for hop in await box.hub.hops(accepted.message.id)] == [
            *(hop.hub for hop in hops[1:]),
            "edochub",
        ]


async def test_what_another_hub_strips_of_its_hops_is_known_by_our_memory(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        commune = await box.connect("xa", COMMUNE)
        one, other = await box.connect("mot", "Z99.1"), await box.connect("hai", "Z99.2")
        content = package(sender=COMMUNE, to=["Z99.1"])
        await box.hub.accept(commune, content)
        [waiting] = await box.hub.waiting(one)
        await box.hub.take(one, waiting.delivery.id)
        with pytest.raises(Looped) as stopped:
            await box.hub.accept(other, content)
        assert stopped.value.findings[0].code == "route.loop"


async def test_what_an_axis_hands_to_everybody_is_no_circle(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        commune = await box.connect("xa", COMMUNE)
        await box.connect("phuong", "Z99.62")
        axis = await box.connect("truc", "Z99.1")
        content = package(sender=COMMUNE, to=["Z99.62", "Z99.1"])
        sent = await box.hub.accept(commune, content)
        hops = (*await box.hub.hops(sent.message.id), Hop("truc", "0" * 26, utc_now()))
        returned = await box.hub.accept(axis, content, hops=hops)
        assert (returned.duplicate, returned.message.id) == (True, sent.message.id)
