"""The scene: every system, every package that was handed in, and what is expected to become of it.

An act hands packages in (`post`, `answer`) and waits (`settled`, `until`). What the systems get they tell `notice`,
which compares the bytes with those that were sent, and answers 01 as real systems do by themselves.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import httpx

from hub.demo import papers, telling
from hub.demo.cast import Cast, connected
from hub.demo.checks import Checks, Differs
from hub.demo.display import Display
from hub.demo.ground import Ground
from hub.demo.handed import Handed, about_codes
from hub.demo.papers import Paper
from hub.demo.receiver import Receiver
from hub.demo.systems import Arrival, OnApi, Reply, System
from hub.model import Clock, DeliveryState
from schemas.edxml.envelope import Organization, PackageKind
from schemas.findings import Finding, InvalidDocument
from schemas.text import Text
from signing.keys import SigningKey

PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.02
NOT_YET = (DeliveryState.SENDING, DeliveryState.WAITING_FOR_RETRY)


class Stage:
    """Everything that an act needs."""

    def __init__(
        self, ground: Ground, display: Display, receiver: Receiver, tasks: asyncio.TaskGroup, clock: Clock
    ) -> None:
        self.ground = ground
        self.cast: Cast = ground.cast
        self.display = display
        self.board = display.board
        self.receiver = receiver
        self._tasks = tasks
        self._running: list[asyncio.Task[None]] = []
        self.clock = clock
        self.checks = Checks()
        self.systems: dict[str, System] = {}  # agency code -> its system
        self.handed: dict[str, Handed] = {}  # the hub's id -> what it is
        self.named: dict[str, Handed] = {}  # those that later acts come back to
        self.refusals: list[str] = []  # the hub's ids of what it refused
        self.down: list[Handed] = []  # what is for the system that is down
        self.tries = 0  # how often that system has been tried
        self.is_up = False
        self.broken: Differs | None = None  # what ended something beside the acts
        self._busy: dict[str, int] = defaultdict(int)
        self._numbered = 0

    def start(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Let something go on beside the acts. If it breaks, the demo does."""
        self._running.append(self._tasks.create_task(self._guarded(work), name=name))

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Differs as difference:
            self.broken = difference
        except httpx.HTTPError as error:
            self.broken = Differs(no_answer(error))
        except InvalidDocument as error:
            self.broken = Differs(unreadable(error))

    def stop(self) -> None:
        """End what goes on beside the acts."""
        for task in self._running:
            task.cancel()

    def organization(self, code: str) -> Organization:
        """Return an agency as packages name it, under the code that is given."""
        return replace(self.cast[code].organization, code=code)

    # --- handing in -----------------------------------------------------------------------------------------------

    def key(self, code: str) -> SigningKey:
        """Return the key that an agency signs with."""
        return self.ground.keys[self.cast[code].code]

    def on_api(self, code: str) -> OnApi:
        """Return the system of an agency that uses the REST API."""
        system = self.systems[self.cast.holder(code).code]
        assert isinstance(system, OnApi)
        return system

    async def post(self, paper: Paper) -> Handed:
        """Hand a package in as its sender's system does, and expect that it is taken."""
        envelope = paper.envelope
        telling.sending(self.display, self.cast, paper)
        reply, milliseconds = await self.submit(paper)
        if reply.status != 201:
            raise Differs(not_taken(envelope.code, reply))
        answer = envelope.kind is PackageKind.STATUS
        wanted = ["absent"] if answer else ["valid"]
        self.checks.same(
            Text(vi=f"Chữ ký số của {envelope.code}", en=f"The signature of {envelope.code}"),
            wanted,
            [each["outcome"] for each in reply.body["signatures"]],
        )
        handed = self.taken(envelope.sender.code, reply, paper, answer=answer)
        if not answer:
            telling.taken(self.display, reply, milliseconds)
            telling.warned(self.display, handed.told)
        await self.display.breathe(0.7)
        return handed

    async def submit(self, paper: Paper, note: str = "") -> tuple[Reply, float]:
        """Hand a package in, whatever comes of it; return the answer and how long it took."""
        code = paper.envelope.sender.code
        name = self.kept(paper, note)
        started = time.perf_counter()
        reply = await self.systems[self.cast[code].code].hand_in(name, paper.content)
        return reply, (time.perf_counter() - started) * 1000

    def kept(self, paper: Paper, note: str = "") -> str:
        """Keep a package in documents/, for the reader; return its name."""
        self._numbered += 1
        envelope = paper.envelope
        kind = f"status-{envelope.status.code}" if envelope.status else str(envelope.kind)
        name = f"{self._numbered:02}-{connected(self.cast[envelope.sender.code].code).id}-{kind}{note}"
        (self.ground.documents / f"{name}.edxml").write_bytes(paper.content)
        return name

    def taken(self, by: str, reply: Reply, paper: Paper | None, *, answer: bool) -> Handed:
        """Note what the hub has taken: it has to arrive everywhere."""
        deliveries = {each["id"]: each["to"] for each in reply.body["deliveries"]}
        findings = [Finding.from_json(each) for each in reply.body.get("findings", ())]
        handed = Handed(
            id=reply.body["id"],
            by=by,
            paper=paper,
            deliveries=deliveries,
            expected=dict.fromkeys(deliveries, DeliveryState.DELIVERED),
            told=about_codes(findings),
        )
        self.handed[handed.id] = handed
        self.board.sent(by, answer=answer)
        return handed

    async def answer(self, code: str, document: Handed, status: str, description: str = "") -> None:
        """Let an addressee answer a document, through the API, and wait until the answer is there."""
        reply = await self._answered(code, document, status, description)
        await self.until(
            lambda: reply.body["deliveries"][0]["id"] in self.arrived,
            Text(
                vi=f"trạng thái {status} từ {self.cast[code].short} đến nơi",
                en=f"status {status} from {self.cast[code].short} arrives",
            ),
        )
        await self.display.breathe(0.5)

    async def _answered(self, code: str, document: Handed, status: str, description: str) -> Reply:
        system, holder = self.on_api(code), self.cast.holder(code)
        written = next(to for to in document.deliveries.values() if self.cast.holder(to) is holder)
        spoken = written if self.cast[written] is holder else holder.code  # a successor has a code of its own
        paper = None
        if len(system.connected.codes) == 1:
            reply = await system.answer(document.id, status, description)
        else:  # which of its agencies speaks only the system itself can say
            assert document.paper is not None
            about = document.paper.envelope
            speaker = self.organization(spoken)
            paper = papers.status(about, speaker, about.sender, status, description, self.clock())
            reply, _ = await self.submit(paper)
        if reply.status != 201:
            raise Differs(not_taken(f"{status} ({self.cast[code].short})", reply))
        self.taken(code, reply, paper, answer=True)
        document.answers.append((spoken, status))
        return reply

    # --- taking ---------------------------------------------------------------------------------------------------

    async def notice(self, system: System, arrival: Arrival) -> None:
        """A system has a package."""
        self._busy[system.connected.id] += 1
        try:
            self.board.got(arrival.to)
            if arrival.envelope.status is not None:
                telling.answered(self.display, self.cast, arrival)
            else:
                await self._document_arrived(system, arrival)
            await self.display.breathe(0.25)
        finally:
            self._busy[system.connected.id] -= 1

    async def _document_arrived(self, system: System, arrival: Arrival) -> None:
        await self.until(  # an addressee may be faster than the reply to the sender
            lambda: self.owner(arrival.delivery) is not None,
            Text(vi="bên gửi được trả lời", en="the sender is answered"),
        )
        document = self.owner(arrival.delivery)
        assert document is not None
        envelope, who = arrival.envelope, self.cast.holder(arrival.to).short
        whole = self.checks.same(
            Text(
                vi=f"{who} nhận đúng từng byte {envelope.code}", en=f"{who} has {envelope.code} byte for byte"
            ),
            True,
            document.paper is not None and arrival.content == document.paper.content,
        )
        telling.arrived(self.display, self.cast, arrival, whole=whole)
        if envelope.kind is PackageKind.NEW and isinstance(system, OnApi):
            await self._answered(arrival.to, document, "01", "")

    def owner(self, delivery: str) -> Handed | None:
        """Return what a delivery is of; None if nobody handed it in."""
        return next((each for each in self.handed.values() if delivery in each.deliveries), None)

    @property
    def arrived(self) -> set[str]:
        """The deliveries that a system has."""
        systems = {system.connected.id: system for system in self.systems.values()}
        return {arrival.delivery for system in systems.values() for arrival in system.arrivals}

    async def settled(self, but: Iterable[str] = ()) -> None:
        """Wait until everything that has to arrive has arrived, but for what is for these agencies."""
        others = {self.cast[code].code for code in but}

        def all_there() -> bool:
            arrived = self.arrived
            return not any(self._busy.values()) and all(
                delivery in arrived
                for handed in self.handed.values()
                for delivery, state in handed.expected.items()
                if state is DeliveryState.DELIVERED
                and self.cast.holder(handed.deliveries[delivery]).code not in others
            )

        await self.until(
            all_there, Text(vi="mọi gói tin đến nơi nhận", en="every package reaches its addressee")
        )

    async def until(self, condition: Callable[[], bool], what: Text) -> None:
        """Wait for something. Raises `Differs` when it does not happen, nor anything else for as long as we wait."""
        seen, deadline = None, 0.0
        while not condition():
            if self.broken is not None:
                raise self.broken
            if seen != (seen := (len(self.arrived), self.checks.held)):  # slow, but it goes on
                deadline = time.monotonic() + PATIENCE_SECONDS
            if time.monotonic() > deadline:
                raise Differs(
                    Text(
                        vi=f"Đã chờ {PATIENCE_SECONDS:g} giây mà chưa thấy: {what.vi}",
                        en=f"Waited {PATIENCE_SECONDS:g} seconds in vain until {what.en}",
                    )
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def standing(self, handed: Handed, code: str) -> dict[str, Any]:
        """Return how the delivery to one addressee stands, as the document's sender sees it."""
        seen = await self.on_api(handed.by).see(handed.id)
        found: dict[str, Any] = next(each for each in seen["deliveries"] if each["to"] == code)
        return found

    async def tried(self, handed: Handed, code: str) -> None:
        """Wait until a delivery has been tried in vain."""
        await self.until(
            lambda: self.tries > 0,
            Text(vi=f"trục thử gửi cho {self.cast[code].short}", en=f"the hub tries {self.cast[code].short}"),
        )
        self.checks.same(
            Text(
                vi=f"Lượt chuyển tới {self.cast[code].short}", en=f"The delivery to {self.cast[code].short}"
            ),
            True,
            (await self.standing(handed, code))["state"] in NOT_YET,
        )

    async def told(self, code: str, by: str, status: str) -> None:
        """Wait until an agency is told a status that the hub itself has written, and expect it to be there."""

        def found() -> list[Arrival]:
            return [
                arrival
                for arrival in self.systems[code].arrivals
                if arrival.envelope.status is not None
                and (arrival.envelope.sender.code, arrival.envelope.status.code) == (by, status)
            ]

        await self.until(
            lambda: bool(found()),
            Text(
                vi=f"{self.cast[code].short} được báo {status}",
                en=f"{self.cast[code].short} is told {status}",
            ),
        )
        arrival = found()[0]
        state = {arrival.delivery: DeliveryState.DELIVERED}
        self.handed[arrival.message] = Handed(
            id=arrival.message, by=by, paper=None, deliveries={arrival.delivery: arrival.to}, expected=state
        )
        self.board.sent(by, answer=True)


def no_answer(error: httpx.HTTPError) -> Text:
    """Return what to say when the hub's web server does not answer, or not as it should."""
    what = f"{type(error).__name__}: {error}"
    return Text(vi=f"Trục không trả lời đúng: {what}", en=f"The hub does not answer as it should: {what}")


def unreadable(error: InvalidDocument) -> Text:
    """Return what to say when a system is given something that is no package."""
    return Text(
        vi=f"Hệ thống nhận không đọc được gói tin: {error}",
        en=f"A receiving system cannot read its package: {error}",
    )


def not_taken(what: str, reply: Reply) -> Text:
    error: Mapping[str, dict[str, str]] = reply.body.get("error", {})
    message = error.get("message", {})
    return Text(
        vi=f"Trục không tiếp nhận {what}: HTTP {reply.status} {message.get('vi', '')}",
        en=f"The hub does not take {what}: HTTP {reply.status} {message.get('en', '')}",
    )
