"""Documents that come in through the next hub, from agencies that a route alone leads to, and their answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.folder.layout import Layout
from hub.errors import NotAllowed
from hub.model import DeliveryState, Endpoint
from hub.routes import STRANGER, Route
from hub.store import routes as route_store
from hub.testing import Box, eventually, hub_in_a_box, package, status

OPERATOR = "operator:test"


@asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[tuple[Box, Endpoint, Endpoint]]:
    """A commune of this hub, and the national axis, which everything else lies behind."""
    async with hub_in_a_box(folder) as box:
        commune = await box.connect("xa", "Z99.61")
        axis = await box.connect("truc", "Z99.1")
        await routed(box, Route("*", "truc"))
        await routed(box, Route("Z99.*", None))
        await box.hub.refresh_directory()
        yield box, commune, await box.hub.endpoint(axis.id)


async def routed(box: Box, route: Route) -> None:
    await box.hub.store.write(lambda tx: route_store.add(tx, route, OPERATOR))


async def test_the_next_hub_hands_in_for_whoever_lies_behind_it(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, commune, axis):
        accepted = await box.hub.accept(axis, package(sender="G09.1", to=["Z99.61"]))
        assert accepted.message.sender_agency == f"{STRANGER}G09.1"

        (waiting,) = await box.hub.waiting(commune)
        assert waiting.message.sender == "G09.1"
        await box.hub.take(commune, waiting.delivery.id)
        answered = await box.hub.answer(commune, accepted.message.id, "03")

        # The answer goes the way that the document came.
        assert [(each.addressee, each.endpoint) for each in answered.deliveries] == [("G09.1", "truc")]


async def test_an_answer_comes_back_from_behind_it(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, commune, axis):
        sent = await box.hub.accept(commune, package(sender="Z99.61", to=["G09.1"]))
        (waiting,) = await box.hub.waiting(axis)
        await box.hub.take(axis, waiting.delivery.id)

        answer = status(
            sender="G09.1",
            to="Z99.61",
            document_id=sent.message.document_id,
            code="03",
            cited=sent.message.code,
        )
        await box.hub.accept(axis, answer)

        (trace,) = await box.hub.trace(sent.message.id)
        assert [(each.sender, each.code, each.note) for each in trace.statuses] == [
            ("G09.1", "03", "advanced")
        ]


async def test_it_never_speaks_for_who_is_connected_here(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, _, axis):
        with pytest.raises(NotAllowed) as refused:
            await box.hub.accept(axis, package(sender="Z99.61", to=["Z99.1"]))
        assert refused.value.findings[0].code == "sender.not-allowed"


async def test_nor_for_codes_that_are_this_hubs_own(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, _, axis):
        with pytest.raises(NotAllowed) as refused:
            await box.hub.accept(axis, package(sender="Z99.77", to=["Z99.61"]))
        assert refused.value.findings[0].code == "sender.unknown"


async def test_nobody_else_speaks_for_them(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, commune, _):
        with pytest.raises(NotAllowed) as refused:
            await box.hub.accept(commune, package(sender="G09.1", to=["Z99.1"]))
        assert refused.value.findings[0].code == "sender.unknown"


async def test_an_agency_of_the_directory_that_is_not_connected_may_lie_behind_it(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, _, axis):
        await box.add_agencies("H01.5")
        accepted = await box.hub.accept(axis, package(sender="H01.5", to=["Z99.61"]))
        agency = box.hub.directory.resolve("H01.5").agency
        assert agency is not None
        assert accepted.message.sender_agency == agency.id


async def test_our_own_package_coming_back_is_known_and_not_refused(tmp_path: Path) -> None:
    """Some axes hand a document to every addressee, those of the hub that sent it among them."""
    Layout(tmp_path / "truc").make()
    async with hub_in_a_box(tmp_path, running=True) as box:
        commune = await box.connect("xa", "Z99.61")
        axis = await box.connect(
            "truc", "Z99.1", adapter="folder", address=str(tmp_path / "truc"), polls=False
        )
        content = package(sender="Z99.61", to=["Z99.1"])
        sent = await box.hub.accept(commune, content)

        async def is_delivered() -> bool:
            found = await box.hub.accepted(sent.message.id)
            return found.deliveries[0].state is DeliveryState.DELIVERED

        await eventually(is_delivered)
        returned = await box.hub.accept(axis, content)
        assert (returned.duplicate, returned.message.id) == (True, sent.message.id)

        # Only what this endpoint has from us; anything else in another's name stays refused.
        with pytest.raises(NotAllowed):
            await box.hub.accept(axis, package(sender="Z99.61", to=["Z99.1"], subject="Chuyện khác"))
