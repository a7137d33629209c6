"""The agencies' systems of the federation demo: correct clients that go on trying, whatever hub is away.

Each signs and hands in its documents, takes what comes, and answers every document with 03. What was sent and what
came is kept, to be held against each other: nothing lost, nothing twice, not a byte changed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from hub.demo import papers
from hub.demo.checks import Differs
from hub.demo.federation_ground import OFFICES, Ground, Office
from hub.demo.papers import VIETNAM, Paper
from schemas.edxml.envelope import Envelope, PackageKind, Signer
from schemas.text import Text

ACCEPTED = "03"
AGAIN_SECONDS = 0.05
CALL_SECONDS = 15.0
WAIT_SECONDS = 2
AT_ONCE = 8  # packages taken together


@dataclass(frozen=True, slots=True)
class Sent:
    """A document as it was handed in, and where it must arrive."""

    paper: Paper
    sender: Office
    to: tuple[Office, ...]
    id: str  # at the sender's hub


@dataclass(frozen=True, slots=True)
class Arrival:
    """A package as its addressee got it."""

    delivery: str
    message: str
    document_id: str
    status: str | None
    speaker: str
    content: bytes


Notice = Callable[[Office, Arrival], None]


def silent(office: Office, arrival: Arrival) -> None:
    """Tell nobody."""


class System:
    """One agency's own system."""

    def __init__(
        self, office: Office, ground: Ground, notice: Notice = silent, *, answers: bool = True
    ) -> None:
        self.office = office
        self.answers = answers
        self.key = ground.keys[office.id]
        self.notice = notice
        self.arrivals: dict[str, Arrival] = {}  # by delivery
        self.problems: list[Text] = []
        self.repeats = 0
        self._numbers = itertools.count(1)
        self._client = httpx.AsyncClient(
            base_url=f"{ground.url(office.hub)}/api/v1",
            headers={"Authorization": f"Bearer {ground.secrets[office.id]}"},
            timeout=CALL_SECONDS,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def write(self, to: Sequence[Office], subject: str, now: datetime) -> Paper:
        """Write and sign a new document."""
        number, today = next(self._numbers), now.astimezone(VIETNAM).date()
        notation = f"TN-{self.office.id.upper()}"
        return papers.signed(
            Envelope(
                kind=PackageKind.NEW,
                sender=self.office.organization,
                receivers=tuple(each.organization for each in to),
                document_id=f"{self.office.code},{today:%Y/%m/%d},{number}/{notation}",
                number=str(number),
                notation=notation,
                place="Hà Nội",
                promulgated_on=today,
                type_code="2",
                type_name="Công văn",
                subject=subject,
                content=subject,
                signer=Signer(position="Người ký thử nghiệm", full_name="Nguyễn Văn Mẫu"),
                to_places=tuple(each.name for each in to),
                steering_type="0",
            ),
            self.key,
        )

    async def hand_in(self, paper: Paper, to: Sequence[Office]) -> Sent:
        """Hand a document in, again and again until the hub says that it has it."""
        headers = {"Content-Type": "application/xml"}
        answer = await self._until(
            lambda: self._client.post("/documents", content=paper.content, headers=headers), 200, 201
        )
        return Sent(paper, self.office, tuple(to), answer.json()["id"])

    async def run(self) -> None:
        """Take what comes and answer it, until cancelled."""
        while True:
            found = await self._until(lambda: self._client.get("/inbox", params={"wait": WAIT_SECONDS}), 200)
            await asyncio.gather(*(self._take(each) for each in found.json()["deliveries"][:AT_ONCE]))

    async def _take(self, waiting: dict[str, Any]) -> None:
        path = f"/inbox/{waiting['id']}"
        if waiting["id"] in self.arrivals:
            self.problems.append(
                Text(vi=f"{waiting['id']} được đưa ra lần nữa", en=f"{waiting['id']} is offered again")
            )
        fetched = await self._until(lambda: self._client.get(f"{path}/document"), 200)
        await self._until(lambda: self._client.post(f"{path}/ack"), 200)
        arrival = Arrival(
            delivery=waiting["id"],
            message=waiting["message"],
            document_id=waiting["document_id"],
            status=waiting["status"],
            speaker=waiting["from"],
            content=fetched.content,
        )
        self.arrivals[arrival.delivery] = arrival
        if self.answers and arrival.status is None:
            said = {"code": ACCEPTED, "description": "Đã tiếp nhận"}
            await self._until(
                lambda: self._client.post(f"/documents/{arrival.message}/statuses", json=said), 200, 201
            )
        self.notice(self.office, arrival)

    async def _until(self, ask: Callable[[], Awaitable[httpx.Response]], *good: int) -> httpx.Response:
        """Ask until there is a good answer. Raises `Differs` for one that no hub gives that is only away."""
        while True:
            try:
                answer = await ask()
            except httpx.HTTPError:
                pass
            else:
                if answer.status_code in good:
                    return answer
                if answer.status_code != 503:
                    raise Differs(
                        Text(
                            vi=f"{self.office.short}: trục trả lời {answer.status_code}: {answer.text[:300]}",
                            en=f"{self.office.short}: the hub answers {answer.status_code}: {answer.text[:300]}",
                        )
                    )
            self.repeats += 1
            await asyncio.sleep(AGAIN_SECONDS)


@dataclass
class Exchange:
    """All three systems, and what was sent."""

    systems: dict[str, System]
    sent: list[Sent] = field(default_factory=list)

    @classmethod
    def of(cls, ground: Ground, notice: Notice = silent, *, answers: bool = True) -> Exchange:
        """Make a system for each office; without `answers` they only take what comes."""
        return cls({office.id: System(office, ground, notice, answers=answers) for office in OFFICES})

    async def send(self, sender: Office, to: Sequence[Office], subject: str, now: datetime) -> Sent:
        """Write, sign and hand in a document."""
        system = self.systems[sender.id]
        paper = await asyncio.to_thread(system.write, to, subject, now)
        sent = await system.hand_in(paper, to)
        self.sent.append(sent)
        return sent

    def missing(self) -> list[Text]:
        """Return what has not arrived yet, documents and answers."""
        return [*self._missing_documents(), *self._missing_answers()]

    def _missing_documents(self) -> list[Text]:
        return [
            Text(
                vi=f"{sent.paper.envelope.code} chưa tới {office.short}",
                en=f"{sent.paper.envelope.code} has not come to {office.short}",
            )
            for sent in self.sent
            for office in sent.to
            if self.documents(office)[sent.paper.envelope.document_id] == 0
        ]

    def _missing_answers(self) -> list[Text]:
        return [
            Text(
                vi=f"trả lời của {office.short} về {sent.paper.envelope.code} chưa về tới {sent.sender.short}",
                en=f"the answer of {office.short} to {sent.paper.envelope.code} is not back at {sent.sender.short}",
            )
            for sent in self.sent
            for office in sent.to
            if self.answers(sent.sender)[(sent.paper.envelope.document_id, office.code)] == 0
        ]

    def documents(self, office: Office) -> Counter[str]:
        """Return how often each document has come to an office, by DocumentId."""
        arrivals = self.systems[office.id].arrivals.values()
        return Counter(each.document_id for each in arrivals if each.status is None)

    def answers(self, office: Office) -> Counter[tuple[str, str]]:
        """Return how often an answer to each document has come from each office."""
        arrivals = self.systems[office.id].arrivals.values()
        return Counter((each.document_id, each.speaker) for each in arrivals if each.status is not None)

    def twice(self) -> list[Text]:
        """Return what came more than once, or came without having been sent."""
        sent = {(each.paper.envelope.document_id, office.id) for each in self.sent for office in each.to}
        found = [problem for system in self.systems.values() for problem in system.problems]
        for office in OFFICES:
            for document, count in self.documents(office).items():
                if count > 1 or (document, office.id) not in sent:
                    found.append(
                        Text(
                            vi=f"{office.short} nhận {document} {count} lần",
                            en=f"{office.short} has {document} {count} times",
                        )
                    )
            for (document, speaker), count in self.answers(office).items():
                if count > 1:
                    found.append(
                        Text(
                            vi=f"{office.short} nhận {count} trả lời giống nhau của {speaker} về {document}",
                            en=f"{office.short} has {count} times the same answer of {speaker} to {document}",
                        )
                    )
        return found

    def altered(self) -> list[Text]:
        """Return what arrived with other bytes than it left with."""
        contents = {each.paper.envelope.document_id: each.paper.content for each in self.sent}
        return [
            Text(
                vi=f"{office.short} nhận {each.document_id} khác bản gốc",
                en=f"{office.short} has {each.document_id} altered",
            )
            for office in OFFICES
            for each in self.systems[office.id].arrivals.values()
            if each.status is None and contents.get(each.document_id) != each.content
        ]

    async def close(self) -> None:
        """Close the connections of all."""
        for each in self.systems.values():
            await each.close()
