"""Whatever a sender and its addressees do, in whatever order, with repeats and losses: never a forbidden state.

Hypothesis makes up the story; a model of a few lines, which knows nothing of the hub's tables, says what must be true
after each step.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import NotAnswerable
from hub.exchange.standing import Event, standing_of
from hub.exchange.states import Input
from hub.model import Accepted, Delivery, DeliveryState
from hub.store import deliveries as delivery_store
from hub.store.deliveries import Settlement
from hub.store.writer import Transaction
from hub.testing import Box, ManualClock, hub_in_a_box, package, status
from hub.testing import settings as hub_settings
from schemas.edxml.envelope import PackageKind

SENDER, POLLS, OTHER, PUSHED = "H49.13", "H49.61", "H49.62", "H49.63"
ADDRESSEES = (POLLS, OTHER, PUSHED)
ENDPOINTS = {SENDER: "sender", POLLS: "polls", OTHER: "other", PUSHED: "pushed"}
DOCUMENT_ID = "H49.13,2026/11/18,1/CV"

who = st.sampled_from(ADDRESSEES)
some = st.lists(who, min_size=1, max_size=3, unique=True)
STEPS = st.one_of(
    st.tuples(
        st.just("answer"), who, st.sampled_from(["01", "02", "03", "04", "05", "06", "15", "16", "14"])
    ),
    st.tuples(st.just("take"), st.sampled_from([POLLS, OTHER])),
    st.tuples(st.just("claim")),
    st.tuples(st.just("settle"), st.sampled_from(["delivered", "waiting_for_retry", "suspended"])),
    st.tuples(st.just("ask back"), who),
    st.tuples(st.just("revoke"), some),
    st.tuples(st.just("update"), some),
    st.tuples(st.just("repeat")),
)
Step = tuple[Any, ...]


@dataclass
class Story:
    """The hub, and what must be true of it as far as the outside can tell."""

    box: Box
    clock: ManualClock
    document: str = ""  # hub id of the first version
    versions: list[Accepted] = field(default_factory=list)
    happened: dict[str, list[Event]] = field(default_factory=lambda: {code: [] for code in ADDRESSEES})
    recalled: set[tuple[str, str]] = field(default_factory=set)  # (version, addressee) that was asked back
    had: dict[str, DeliveryState] = field(default_factory=dict)  # final states, which never change
    last: tuple[str, bytes, str] = ("", b"", "")  # who, what, hub id

    async def begin(self) -> None:
        accepted = await self.hand_in(SENDER, package(sender=SENDER, to=ADDRESSEES, document_id=DOCUMENT_ID))
        self.document = accepted.message.id
        self.versions.append(accepted)

    async def hand_in(self, code: str, content: bytes) -> Accepted:
        self.clock.advance(minutes=1)
        accepted = await self.box.hub.accept(await self.box.hub.endpoint(ENDPOINTS[code]), content)
        self.last = (code, content, accepted.message.id)
        return accepted

    async def play(self, step: Step) -> None:
        name, *details = step
        await getattr(self, name.replace(" ", "_"))(*details)
        await self.check()

    # what they do

    async def answer(self, code: str, said: str) -> None:
        meant = Input("15" if said == "14" else said)
        before = standing_of(self.happened[code])
        content = status(
            sender=code,
            to=SENDER,
            document_id=DOCUMENT_ID,
            code=said,
            description=f"Trả lời {self.clock.now.isoformat()}",
            at=self.clock.now,
        )
        allowed = not (
            (str(before.request) == "recalled" and meant not in (Input.AGREES, Input.REFUSES))
            or (str(before.request) == "nothing-asked" and meant in (Input.AGREES, Input.REFUSES))
        )
        try:
            await self.hand_in(code, content)
        except NotAnswerable as refusal:
            assert not allowed, f"{said} was refused after {before}: {refusal}"  # noqa: PT017
        else:
            assert allowed, f"{said} was taken after {before}"
            self.happened[code].append(Event(input=meant, at=self.clock.now))

    async def take(self, code: str) -> None:
        holder = await self.box.hub.endpoint(ENDPOINTS[code])
        for each in await self.box.hub.waiting(holder):
            assert (each.message.id, code) not in self.recalled, "what was withdrawn is still in the inbox"
            await self.box.hub.take(holder, each.delivery.id)

    async def claim(self) -> None:
        await self.box.hub.store.write(
            lambda tx: delivery_store.claim(tx, "pushed", 5, "node", timedelta(minutes=1)), "claim"
        )

    async def settle(self, state: str) -> None:
        def unit(tx: Transaction) -> None:
            for each in delivery_store.in_state(tx.connection, DeliveryState.SENDING, 20):
                to = Settlement(
                    state=DeliveryState(state),
                    event=f"delivery.{state}",
                    actor="hub:test",
                    next_try_at=tx.now,
                )
                delivery_store.settle(tx, each, to, [DeliveryState.SENDING])

        await self.box.hub.store.write(unit)

    async def ask_back(self, code: str) -> None:
        content = status(
            sender=SENDER,
            to=code,
            document_id=DOCUMENT_ID,
            code="13",
            description=f"Gửi nhầm {self.clock.now.isoformat()}",
            at=self.clock.now,
        )
        before = await self.held(code)
        accepted = await self.hand_in(SENDER, content)
        self.asked(code, accepted.deliveries[0], before)

    async def revoke(self, codes: Sequence[str]) -> None:
        before = {code: await self.held(code) for code in codes}
        kind = PackageKind.REVOKE
        accepted = await self.hand_in(
            SENDER, package(sender=SENDER, to=codes, kind=kind, document_id=DOCUMENT_ID)
        )
        for delivery in accepted.deliveries:
            self.asked(delivery.addressee, delivery, before[delivery.addressee])

    async def update(self, codes: Sequence[str]) -> None:
        accepted = await self.hand_in(
            SENDER, package(sender=SENDER, to=codes, kind=PackageKind.UPDATE, document_id=DOCUMENT_ID)
        )
        self.versions.append(accepted)
        for code in codes:
            self.happened[code].append(Event(input=Input.VERSION, at=self.clock.now))

    async def repeat(self) -> None:
        code, content, known = self.last
        accepted = await self.box.hub.accept(await self.box.hub.endpoint(ENDPOINTS[code]), content)
        assert accepted.duplicate
        assert accepted.message.id == known

    # what must be true

    def asked(self, code: str, delivery: Delivery, before: list[Delivery]) -> None:
        """A recall was recorded: was its addressee asked exactly if it may have something?"""
        there = [
            each
            for each in before
            if each.state in (DeliveryState.SENDING, DeliveryState.DELIVERED, DeliveryState.REFUSED)
            or (each.state is DeliveryState.WITHDRAWN and each.attempts > 0)
        ]
        assert (delivery.state is DeliveryState.WITHDRAWN) == (not there), f"{delivery.state} with {before}"
        self.recalled |= {(each.message, code) for each in before}
        which = Input.RECALL if there else Input.WITHDRAWAL
        self.forget_withdrawn(code, before)
        self.happened[code].append(Event(input=which, at=self.clock.now))

    def forget_withdrawn(self, code: str, before: list[Delivery]) -> None:
        """A version that is withdrawn before it came never began anything."""
        gone = {each.message for each in before if each.state not in (*FINAL, DeliveryState.SENDING)}
        gone |= {each.message for each in before if each.state is DeliveryState.WITHDRAWN}
        self.drop(code, gone)

    def drop(self, code: str, gone: set[str]) -> None:
        began = {each.message.accepted_at for each in self.versions if each.message.id in gone}
        self.happened[code] = [
            event for event in self.happened[code] if not (event.input is Input.VERSION and event.at in began)
        ]

    async def held(self, code: str) -> list[Delivery]:
        found = [await self.box.hub.accepted(each.message.id) for each in self.versions]
        return [each for version in found for each in version.deliveries if each.addressee == code]

    async def check(self) -> None:
        for code in ADDRESSEES:
            held = await self.held(code)
            for delivery in held:
                if (delivery.message, code) in self.recalled:
                    assert delivery.state in (*FINAL, DeliveryState.SENDING), (
                        "asked back, and still to be sent"
                    )
                was = self.had.get(delivery.id, delivery.state)
                assert delivery.state is was, f"{was} became {delivery.state}"
                if delivery.state.final:
                    self.had[delivery.id] = delivery.state
            self.drop(code, {each.message for each in held if each.state is DeliveryState.WITHDRAWN})
        (trace,) = await self.box.hub.trace(self.document)
        for state in trace.states:
            expected = standing_of(self.happened[state.to])
            assert (state.standing.progress, state.standing.request) == (expected.progress, expected.request)

    async def whole(self) -> None:
        report = await self.box.hub.verify_ledger()
        assert [str(text) for text in report.broken] == []


FINAL = (DeliveryState.DELIVERED, DeliveryState.REFUSED, DeliveryState.WITHDRAWN)


async def tell(folder: Path, template: Path, steps: Sequence[Step]) -> None:
    shutil.copy(template, folder / "edochub.db")
    clock = ManualClock()
    async with hub_in_a_box(folder, config=hub_settings(folder), clock=clock) as box:
        for code, endpoint in ENDPOINTS.items():
            pushed = code == PUSHED
            await box.connect(
                endpoint,
                code,
                adapter="folder" if pushed else "http",
                address=str(folder) if pushed else None,
                polls=not pushed,
            )
        story = Story(box, clock)
        await story.begin()
        for step in steps:
            await story.play(step)
        await story.whole()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=18))
def test_no_story_reaches_a_forbidden_state(sqlite_template: Path, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(tell(Path(folder), sqlite_template, steps))


@pytest.mark.parametrize(
    "steps",
    [
        [
            ("claim",),
            ("ask back", PUSHED),
            ("settle", "waiting_for_retry"),
            ("ask back", PUSHED),
            ("repeat",),
        ],
        [
            ("take", POLLS),
            ("update", [POLLS, OTHER]),
            ("revoke", [POLLS, OTHER, PUSHED]),
            ("answer", POLLS, "15"),
        ],
        [("take", POLLS), ("answer", POLLS, "03"), ("update", [POLLS]), ("ask back", POLLS)],
        [("ask back", OTHER), ("answer", OTHER, "03"), ("answer", OTHER, "15"), ("answer", OTHER, "06")],
        [
            ("ask back", POLLS),
            ("update", [POLLS]),
            ("take", POLLS),
            ("answer", POLLS, "01"),
            ("ask back", POLLS),
        ],
    ],
)
def test_stories_worth_telling_each_time(sqlite_template: Path, tmp_path: Path, steps: list[Step]) -> None:
    asyncio.run(tell(tmp_path, sqlite_template, steps))
