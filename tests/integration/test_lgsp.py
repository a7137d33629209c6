"""A hub below a province's platform, through each of the two fronts: documents and answers both ways, each once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.lgsp import LgspAdapter
from adapters.vxp.downward import Pauses
from hub.model import DeliveryState, Endpoint
from hub.routes import Route
from hub.store import directory as directory_store
from hub.store import routes
from hub.testing import Box, eventually, hub_in_a_box, package, status
from tests.unit.adapters.lgsp.standin import LangSonFront, QuangNamFront, StandInFront

each_front = pytest.mark.parametrize("kind", [QuangNamFront, LangSonFront])


@dataclass
class Ground:
    box: Box
    front: StandInFront
    commune: Endpoint


@asynccontextmanager
async def ground(kind: type[StandInFront], tmp_path: Path) -> AsyncIterator[Ground]:
    front = kind()
    await front.start()
    try:
        async with hub_in_a_box(tmp_path, running=True) as box:
            commune = await box.connect("xa-hai-son", "H99.61")
            await box.add_agencies("G01")
            above = Endpoint(id="lgsp", adapter="lgsp", address=front.address, agencies=frozenset())
            sealed = box.hub.vault.seal(front.secret)
            lookup = box.hub.vault.lookup(front.secret)
            await box.hub.store.write(
                lambda tx: directory_store.add_endpoint(tx, above, lookup, sealed, "operator:test")
            )
            await box.hub.store.write(
                lambda tx: routes.add(tx, Route(pattern="*", endpoint="lgsp"), "operator:test")
            )
            await box.hub.refresh_directory()
            box.hub.connections.listen_as_needed()
            yield Ground(box, front, commune)
    finally:
        await front.stop()


@each_front
async def test_a_document_goes_up_and_its_answer_comes_down(
    kind: type[StandInFront], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LgspAdapter, "pauses", Pauses(first_seconds=0.02, longest_seconds=0.1))
    async with ground(kind, tmp_path) as at:
        operation = "POST vanbans" if kind is QuangNamFront else "sendEdoc"
        at.front.trouble(operation, "drop", "drop after")
        content = package(sender="H99.61", to=["G01"], document_id="H99.61,2026/11/18,1/CV")
        document = (await at.box.hub.accept(at.commune, content)).message.id

        async def delivered() -> bool:
            [delivery] = (await at.box.hub.accepted(document)).deliveries
            return (delivery.state, delivery.remote_id) == (DeliveryState.DELIVERED, "VB-1")

        await eventually(delivered)
        assert at.front.documents() == [content]
        answer = status(sender="G01", to="H99.61", document_id="H99.61,2026/11/18,1/CV", code="03")
        at.front.put(answer, "status")
        await eventually(lambda: at.front.told("done") == [answer])
        [waiting] = await at.box.hub.waiting(at.commune)
        assert (waiting.message.about, waiting.message.status_code) == (document, "03")


@each_front
async def test_a_document_comes_down_and_is_marked_by_what_became_of_it(
    kind: type[StandInFront], tmp_path: Path
) -> None:
    async with ground(kind, tmp_path) as at:
        good, bad = package(sender="G01", to=["H99.61"]), b"<not-a-package/>"
        at.front.put(good)
        at.front.put(bad)
        await eventually(lambda: at.front.told("fail") == [bad] and at.front.told("done") == [good])
        [waiting] = await at.box.hub.waiting(at.commune)
        parcel = await at.box.hub.fetch(at.commune, waiting.delivery.id)
        assert parcel.content == good
