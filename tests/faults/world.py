"""A hub that may fail at any write and die at any moment, and everybody outside of it.

When a life of the hub ends, a new one is started on the same database and folder. Outside are a sender that hands the
same bytes in until it is answered, a far side that is pushed to and knows a repeat by the delivery's id, a folder, and
clients that poll. `World.check` says what must hold at any time, `World.check_delivered` what must hold at the end.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import hub.adapter
from adapters.folder import FolderAdapter
from hub.app import Hub
from hub.config import Config, StorageSettings
from hub.errors import Unavailable
from hub.model import Accepted, Clock, Delivery, DeliveryState, Parcel, utc_now
from hub.testing import Box, settings
from tests.faults.life import PATIENCE_SECONDS, Fate, Fault, Life, NoAnswer
from tests.faults.recorder import FarSide, Recorder, with_recorder
from tests.faults.told import check_events, one_picture

T = TypeVar("T")

SENDER, PUSHED, POLLS, FOLDER = "H49.13", "H49.61", "H49.62", "H49.63"
NOT_CONNECTED = "H49.64"

SENDER_ENDPOINT, PUSHED_ENDPOINT, POLLING_ENDPOINT = "so-noi-vu", "xa-hai-son", "xa-quang-ha"


class World:
    """A database and a folder, the hub's present life, and those outside."""

    def __init__(self, config: Config, clock: Clock = utc_now) -> None:
        self.config, self.clock = config, clock
        self.far = FarSide()
        self.inboxes: dict[str, dict[str, bytes]] = defaultdict(dict)  # endpoint -> delivery id -> bytes
        self.handed_in: dict[str, tuple[bytes, tuple[str, ...]]] = {}  # message id -> bytes, addressees
        self._taken: set[str] = set()
        self._life: Life | None = None
        self._lives: list[Life] = []
        self._next: tuple[str | None, Fault] | None = None
        self._outbox = config.folder / "agency" / "outbox"

    # lives

    @property
    def life(self) -> Life:
        """The present life; a new one when the last has ended."""
        while self._life is None or self._life.fate.dead:
            if self._life is not None:
                self._life.bury()
            self._life = self._new_life()
        return self._life

    def _new_life(self) -> Life:
        life = Life(self.config, self.clock)
        self._lives.append(life)
        if self._next is not None:
            planned, self._next = self._next, None
            life.fate.plan(*planned)
        try:
            life.start()
        except NoAnswer:
            pass  # it died at once: whoever asks it will see
        except Unavailable:
            life.fate.dead = True  # a server that cannot start is started again
        return life

    def plan(self, unit: str | None, fault: Fault) -> Fate:
        """Let a coming commit of the present life fail."""
        fate = self.life.fate
        fate.plan(unit, fault)
        return fate

    def plan_next(self, unit: str | None, fault: Fault) -> None:
        """Let a commit of the next life fail."""
        self._next = (unit, fault)

    def kill(self) -> None:
        """Let the present life end right now, wherever it stands."""
        self.life.fate.die()

    def stop(self) -> None:
        """Stop the present life cleanly, if there is one."""
        life, self._life = self._life, None
        if life is not None and life.fate.dead:
            life.bury()
        elif life is not None:
            life.stop()

    def end(self) -> None:
        """Stop for good; whatever life a failed test left behind dies too, before its database goes."""
        try:
            self.stop()
        finally:
            for life in self._lives:
                if life.is_alive():
                    life.fate.die()
            for life in self._lives:
                life.bury()

    def restart(self) -> None:
        """Stop cleanly and start again."""
        self.stop()
        assert self.life.hub

    # those outside

    def until_answered(self, question: Callable[[Hub], Coroutine[Any, Any, T]]) -> T:
        """Ask until there is an answer, as a client does that must know."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self.life.ask(question)
            except (NoAnswer, Unavailable):
                assert time.monotonic() < deadline, "no answer, however often it is asked"
                time.sleep(0.005)

    def settle_in(self) -> None:
        """Add the agencies and endpoints that everybody here has."""
        Recorder.far_sides[PUSHED_ENDPOINT] = self.far
        root = self.config.folder / "agency"
        root.mkdir(exist_ok=True)

        async def add(hub: Hub) -> None:
            box = Box(hub)
            await box.add_agencies(NOT_CONNECTED)
            await box.connect(SENDER_ENDPOINT, SENDER)
            await box.connect(
                PUSHED_ENDPOINT, PUSHED, adapter="recorder", address=PUSHED_ENDPOINT, polls=False
            )
            await box.connect(POLLING_ENDPOINT, POLLS)
            address = FolderAdapter.settle(str(root))
            await box.connect("xa-tan-binh", FOLDER, adapter="folder", address=address, polls=False)

        self.life.ask(add)

    def hand_in(self, content: bytes, to: tuple[str, ...]) -> Accepted:
        """Hand a document in until it is accepted; the same bytes each time."""

        async def accept(hub: Hub) -> Accepted:
            return await hub.accept(await hub.endpoint(SENDER_ENDPOINT), content)

        accepted = self.until_answered(accept)
        self.handed_in[accepted.message.id] = (content, to)
        return accepted

    def look(self, endpoint: str) -> list[str]:
        """Fetch whatever an endpoint has waiting, and remember it; return the delivery ids."""

        async def fetch(hub: Hub) -> list[Parcel]:
            holder = await hub.endpoint(endpoint)
            return [
                await hub.fetch(holder, each.delivery.id) for each in await hub.waiting(holder, limit=200)
            ]

        found = self.until_answered(fetch)
        for parcel in found:
            assert parcel.id not in self._taken, "offered again although the hub knows that it was taken"
            assert self.inboxes[endpoint].setdefault(parcel.id, parcel.content) == parcel.content
        return [parcel.id for parcel in found]

    def take(self, endpoint: str, delivery: str) -> Delivery:
        """Say that the endpoint has a delivery, until that is answered."""

        async def said(hub: Hub) -> Delivery:
            return await hub.take(await hub.endpoint(endpoint), delivery)

        taken = self.until_answered(said)
        self._taken.add(delivery)
        return taken

    def decline(self, endpoint: str, delivery: str) -> Delivery:
        """Refuse a delivery, until that is answered."""

        async def said(hub: Hub) -> Delivery:
            return await hub.decline(await hub.endpoint(endpoint), delivery, "Không thuộc thẩm quyền")

        declined = self.until_answered(said)
        self._taken.add(delivery)
        return declined

    def empty_folder(self) -> None:
        """Take everything out of the folder, as the agency's system does."""
        for path in self._outbox.iterdir():
            if path.suffix == ".edxml":
                assert path.stem not in self.inboxes[FOLDER], "the folder got it twice"
                self.inboxes[FOLDER][path.stem] = path.read_bytes()
                path.unlink()

    def everybody_takes(self) -> None:
        """Let every client take what waits for it."""
        for endpoint in (SENDER_ENDPOINT, POLLING_ENDPOINT):
            for delivery in self.look(endpoint):
                self.take(endpoint, delivery)
        self.empty_folder()

    # what must hold

    def deliveries(self) -> list[Delivery]:
        """Return every delivery."""

        async def ask(hub: Hub) -> list[Delivery]:
            return await hub.deliveries(None, 10_000)

        return self.until_answered(ask)

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, (
                f"not in time: {what}; {[str(d.state) for d in self.deliveries()]}"
            )
            time.sleep(0.01)

    @property
    def struck(self) -> list[tuple[Fault, tuple[str, ...]]]:
        """The faults that have struck, in all lives."""
        return [each for life in self._lives for each in life.fate.struck]

    def content_of(self, accepted: Accepted) -> bytes:
        """Return the bytes that were handed in."""
        return self.handed_in[accepted.message.id][0]

    def deliveries_of(self, accepted: Accepted) -> list[Delivery]:
        """Return the deliveries of a document."""
        return [each for each in self.deliveries() if each.message == accepted.message.id]

    def answers_to(self, accepted: Accepted) -> list[str]:
        """Return the codes of the status packages about a document that its sender has in hand."""
        named = accepted.message.document_id.encode()
        packages = [content for content in self.inboxes[SENDER_ENDPOINT].values() if named in content]
        return [found[1].decode() for each in packages if (found := re.search(rb"StatusCode>(\d\d)<", each))]

    def state_of(self, accepted: Accepted, addressee: str) -> DeliveryState:
        """Return the state of one delivery of a document."""
        found = [each for each in self.deliveries_of(accepted) if each.addressee == addressee]
        assert len(found) == 1, f"expected one delivery to {addressee}, got {found}"
        return found[0].state

    def converge(self) -> None:
        """Let everybody go on until nothing is left to do."""

        def done() -> bool:
            self.everybody_takes()
            return all(each.state.final for each in self.deliveries())

        self.until(done, "every delivery final")
        self.everybody_takes()

    def check(self) -> None:
        """What must hold at any time: the ledger verifies and tells of every change of state."""
        report = self.until_answered(lambda hub: hub.verify_ledger())
        assert [str(text) for text in report.broken] == []
        check_events(*self.until_answered(lambda hub: hub.store.read_alone(one_picture)))

    def check_delivered(self) -> None:
        """Everything that was accepted reached each addressee as one new document, and nothing else did."""
        self.check()
        places = {
            PUSHED: self.far.documents,
            POLLS: self.inboxes[POLLING_ENDPOINT],
            FOLDER: self.inboxes[FOLDER],
        }
        for code, documents in places.items():
            expected = Counter(content for content, to in self.handed_in.values() if code in to)
            assert Counter(documents.values()) == expected, f"{code}: lost, twice, or not asked for"
        senders = Counter((each.message, each.agency) for each in self.deliveries())
        assert set(senders.values()) <= {1}


@contextlib.contextmanager
def world(folder: Path, database: str, **retry: Any) -> Iterator[World]:
    """Make a world for the length of a block; at its end the hub stops, whatever state it is in.

    A far side that is made to hang, hangs: nobody gives it up because this machine is slow.
    """
    config = settings(folder)
    retry = {"timeout_seconds": PATIENCE_SECONDS, **retry}
    config = replace(
        config,
        storage=StorageSettings(database=database, payloads=Path("payloads")),
        retry=replace(config.retry, **retry),
    )
    made = World(config)
    with mock.patch.object(hub.adapter, "entry_points", with_recorder):
        try:
            made.settle_in()
            yield made
        finally:
            made.end()
