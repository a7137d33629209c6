"""The agencies' own systems: senders that repeat themselves until they know, and systems that poll their inbox.

One process; it is never killed, because it is what the hub is judged by. Asked by lines on standard input: `stop` ends
the sending (answered `stopped` when every document in hand has its answer), `end` ends the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from bench.chaos.ground import OFFICE_KEY, POLL, SENDERS, Plan
from bench.chaos.journals import CLIENTS, Journal
from bench.chaos.paperwork import Office, Paper
from bench.chaos.receiver import REASON, refuses
from bench.client import Answer, Connection
from signing.keys import KeyFolder

PATIENCE_SECONDS = 6.0  # for one answer
PAUSE_SECONDS = 0.15  # before the next try
FORGETS = 0.05  # of acknowledgements that a polling system does not get to send


@dataclass(frozen=True, slots=True)
class Told:
    """The hub's last word on a request: its answer, when it was asked for, and how often before."""

    answer: Answer
    began: float
    tries: int
    node: int


class System:
    """One agency's system: it goes from node to node until one answers."""

    def __init__(self, plan: Plan, agency: str, chance: Random) -> None:
        self._ports = plan.ports
        self._secret = plan.secrets[agency]
        self._chance = chance
        self._kept: dict[int, Connection] = {}
        self._node = chance.randrange(len(plan.ports))

    async def ask(self, method: str, path: str, body: bytes = b"", node: int | None = None) -> Told:
        """Ask until there is an answer that is not “later”."""
        self._node = self._node if node is None else node
        for tries in itertools.count(1):
            began = time.monotonic()
            answer = await self._try(method, path, body)
            if answer is not None and answer.status not in (429, 502, 503, 504):
                return Told(answer, began, tries, self._node)
            self._node = self._chance.randrange(len(self._ports))
            await asyncio.sleep(self._chance.uniform(0.2, 1.8) * PAUSE_SECONDS)
        raise AssertionError("counting does not end")

    async def _try(self, method: str, path: str, body: bytes) -> Answer | None:
        connection = self._kept.pop(self._node, None) or Connection(self._ports[self._node], self._secret)
        kind = "application/json" if body.startswith(b"{") else "application/xml"
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await connection.request(method, path, body, kind)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            await connection.close()
            return None
        self._kept[self._node] = connection
        return answer


class Senders:
    """Hand documents in at a pace, several at a time."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self._plan = plan
        self._journal = journal
        key = KeyFolder(Path(plan.folder) / OFFICE_KEY).load(OFFICE_KEY, None)
        self._office = Office(plan.seed, key)
        self._numbers = itertools.count(1)
        self.stop = asyncio.Event()

    async def run(self) -> None:
        """Send until stopped, and then until every document in hand has its answer."""
        await asyncio.gather(*(self._client(number) for number in range(self._plan.clients)))

    async def _client(self, number: int) -> None:
        chance = Random(f"{self._plan.seed} client {number}")
        systems = {code: [System(self._plan, code, chance) for _ in range(2)] for code in SENDERS}
        while not self.stop.is_set():
            paper = self._office.paper(next(self._numbers))
            first, second = systems[paper.sender]
            if paper.wrong:
                await self._refused(paper, first)
            else:
                await self._accepted(paper, first, second if paper.twice else None)
                if paper.later:
                    await asyncio.sleep(chance.uniform(0, 3))
                    await self._accepted(paper, second, None)
            await asyncio.sleep(chance.expovariate(self._plan.per_second / self._plan.clients))

    async def _accepted(self, paper: Paper, first: System, second: System | None) -> None:
        """Hand a document in, perhaps by two systems at two nodes at once: all are told the same id."""
        nodes = len(self._plan.ports)
        if second is None:
            told = [await first.ask("POST", "/api/v1/documents", paper.content)]
        else:
            ways = ((first, paper.number % nodes), (second, (paper.number + 1) % nodes))
            told = await asyncio.gather(
                *(way.ask("POST", "/api/v1/documents", paper.content, node) for way, node in ways)
            )
        for each in told:
            if each.answer.status in (200, 201):
                self._journal.note("accepted", id=each.answer.json()["id"], **_of(paper, each))
            else:
                self._journal.note("problem", said=each.answer.body.decode()[:500], **_of(paper, each))

    async def _refused(self, paper: Paper, system: System) -> None:
        """Hand in a document that is wrong: the answer has a code, an id, and a sentence in both languages."""
        told = await system.ask("POST", "/api/v1/documents", paper.content)
        said: dict[str, Any] = told.answer.json() if told.answer.status in range(400, 500) else {}
        message = said.get("error", {}).get("message", {})
        if message.get("vi") and message.get("en") and said.get("refusal"):
            self._journal.note(
                "refused", refusal=said["refusal"], code=said["error"]["code"], **_of(paper, told)
            )
        else:
            self._journal.note("problem", said=told.answer.body.decode()[:500], **_of(paper, told))


class Poller:
    """Takes what is in an agency's inbox: stores it, then acknowledges it; what it has stored, it knows by its id."""

    def __init__(self, plan: Plan, agency: str, journal: Journal) -> None:
        self._agency = agency
        self._chance = Random(f"{plan.seed} poller {agency}")
        self._system = System(plan, agency, self._chance)
        self._journal = journal
        self._stored: set[str] = set()
        self._done: set[str] = set()

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            told = await self._system.ask("GET", "/api/v1/inbox?wait=1&limit=20")
            for each in told.answer.json()["deliveries"]:
                await self._take(each["id"], each["sha256"], each["kind"])

    async def _take(self, delivery: str, sha256: str, kind: str) -> None:
        about = {"to": self._agency, "delivery": delivery, "sha256": sha256, "kind": kind}
        if delivery in self._done:
            self._journal.note("offered-again", **about)
        if kind == "new" and refuses(sha256):
            told = await self._say(f"/api/v1/inbox/{delivery}/refuse", REASON["vi"])
            if told.answer.status == 200:
                self._journal.note("declined", **about)
        elif delivery in self._stored:
            self._journal.note("again", **about)
            told = await self._say(f"/api/v1/inbox/{delivery}/ack")
        else:
            told = await self._system.ask("GET", f"/api/v1/inbox/{delivery}/document")
            if hashlib.sha256(told.answer.body).hexdigest() != sha256:
                self._journal.note("damaged", status=told.answer.status, **about)
                return
            self._stored.add(delivery)
            self._journal.note("took", **about)
            if self._chance.random() < FORGETS:
                return
            told = await self._say(f"/api/v1/inbox/{delivery}/ack")
        if told.answer.status == 200:
            self._done.add(delivery)
        else:
            self._journal.note(
                "problem", status=told.answer.status, said=told.answer.body.decode()[:500], **about
            )

    async def _say(self, path: str, reason: str = "") -> Told:
        body = f'{{"reason": "{reason}"}}'.encode() if reason else b""
        return await self._system.ask("POST", path, body)


def _of(paper: Paper, told: Told) -> dict[str, Any]:
    return {
        "number": paper.number,
        "sha256": paper.sha256,
        "size": len(paper.content),
        "to": paper.addressees,
        "wrong": paper.wrong,
        "status": told.answer.status,
        "began": told.began,
        "tries": told.tries,
        "node": told.node,
    }


async def main(plan: Plan) -> None:
    """Send and poll, as told on standard input."""
    journal = Journal(Path(plan.folder) / CLIENTS)
    senders = Senders(plan, journal)
    sending = asyncio.create_task(senders.run())
    polling = [asyncio.create_task(Poller(plan, code, journal).run()) for code in (*POLL, *SENDERS)]
    everything = [sending, *polling]
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline) == "stop\n":
        senders.stop.set()
        await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            break
        print("stopped", flush=True)
    for task in everything:
        task.cancel()
    ended = await asyncio.gather(*everything, return_exceptions=True)
    for each in ended:
        if isinstance(each, Exception):
            journal.note("problem", said=f"the clients broke: {each!r}")


if __name__ == "__main__":
    asyncio.run(main(Plan.read(Path(sys.argv[1]))))
