"""What must hold afterwards: what the systems outside wrote down, held against the database, its ledger and its files.

every accepted document    is one message, with the id that its senders were told, and its addressees' deliveries
every addressee            took each of its documents exactly once as new, or refused it: a repeat came under an
                           id that it knew
nobody                     took anything that was not addressed to it, or other bytes than were handed in
every delivery             ended, and as the far side says; one that was refused has its reason, and the sender
                           was told exactly once
ledger and payloads        verify; none is missing, none is there for nothing
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.chaos.ground import SENDERS
from bench.chaos.journals import CLIENTS, KILLS, RECEIVER, Tail
from hub.app import Hub
from hub.config import load
from hub.store.tables import deliveries, messages, payloads, refusals, statuses

EXAMPLES = 5  # of each thing that is wrong

Lines = dict[str, list[dict[str, Any]]]
Taken = dict[tuple[str, str], set[str]]  # (addressee, digest) -> ids of the deliveries that brought it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was counted, what was wrong and how often, examples of it, and how long clients waited after each kill."""

    counts: dict[str, int]
    wrong: dict[str, int]
    examples: dict[str, list[str]]
    recovery: dict[str, list[float]]  # kind of kill -> seconds until a document begun after it was accepted


@dataclass
class Findings:
    """Collects what is wrong."""

    wrong: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, what: str, which: object) -> None:
        """Count one thing that is wrong."""
        self.wrong[what] += 1
        if len(self.examples[what]) < EXAMPLES:
            self.examples[what].append(str(which))

    def unless(self, holds: bool, what: str, which: object) -> None:
        """Count one thing that is wrong unless something holds."""
        if not holds:
            self.note(what, which)


async def judge(folder: Path, config: Path) -> Verdict:
    """Judge a run by what it left. The database has to answer; no node may run."""
    lines: Lines = defaultdict(list)
    for journal in (CLIENTS, RECEIVER, KILLS):
        for line in Tail(folder / journal).new():
            lines[line["what"]].append(line)
    findings = Findings()
    for what in ("problem", "damaged", "offered-again"):
        for line in lines[what]:
            findings.note(what, line)
    async with Hub.open(load(config)) as hub:
        stored = await hub.store.read(Stored.read)
        _check_messages(lines, stored, findings)
        _check_far_sides(lines, stored, findings)
        _check_refusals(lines, stored, findings)
        leftovers = _check_payloads(hub, stored, findings)
        report = await hub.verify_ledger()
    for text in (*report.broken, *report.doubts):
        findings.note("ledger", text.en)
    return Verdict(
        counts=_counts(lines, stored) | {"ledger events": report.events, "files of killed writes": leftovers},
        wrong=dict(findings.wrong),
        examples=dict(findings.examples),
        recovery=_recovery(lines),
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds."""

    messages: dict[str, Any]  # id -> row
    deliveries: dict[str, Any]
    refusals: dict[str, Any]
    words: Counter[tuple[str, str]]  # (message, agency that refused) -> status packages 02
    payloads: dict[str, tuple[int, bool]]  # digest -> size, whether in the database

    @classmethod
    def read(cls, connection: sa.Connection) -> Stored:
        """Read it all, but for the content of payloads."""

        def rows(table: sa.Table) -> dict[str, Any]:
            return {row.id: row for row in connection.execute(sa.select(table))}

        told = sa.select(statuses.c.message, statuses.c.sender).where(statuses.c.code == "02")
        kept = sa.select(payloads.c.sha256, payloads.c.size, payloads.c.content.is_not(None))
        return cls(
            messages=rows(messages),
            deliveries=rows(deliveries),
            refusals=rows(refusals),
            words=Counter((row[0], row[1]) for row in connection.execute(told)),
            payloads={row[0]: (row[1], row[2]) for row in connection.execute(kept)},
        )


def _check_messages(lines: Lines, stored: Stored, findings: Findings) -> None:
    """Every accepted document is one message; no message is there that nobody was told of."""
    told: dict[int, set[str]] = defaultdict(set)
    addressees: dict[str, set[str]] = defaultdict(set)
    for delivery in stored.deliveries.values():
        addressees[delivery.message].add(delivery.addressee)
    for line in lines["accepted"]:
        told[line["number"]].add(line["id"])
        message = stored.messages.get(line["id"])
        if line["wrong"]:
            findings.note("a wrong document was accepted", line)
        elif message is None:
            findings.note("accepted, and not in the database", line)
        else:
            findings.unless(message.sha256 == line["sha256"], "other bytes than were handed in", line)
            findings.unless(
                addressees[line["id"]] == set(line["to"]), "not every addressee has a delivery", line
            )
    for number, ids in told.items():
        findings.unless(len(ids) == 1, "two ids for one document", (number, ids))
    known = {each for ids in told.values() for each in ids}
    for message in stored.messages.values():
        if message.kind == "new":
            findings.unless(message.id in known, "a message that nobody was told of", message.id)


def _check_far_sides(lines: Lines, stored: Stored, findings: Findings) -> None:
    """Each addressee has each of its documents once, and the database says the same."""
    took = _by_document(lines["took"])
    declined = _by_document(lines["declined"])
    due = {(to, line["sha256"]) for line in lines["accepted"] for to in line["to"]}
    for each in due:
        findings.unless(each in took or each in declined, "lost", each)
        findings.unless(not (each in took and each in declined), "both taken and refused", each)
    for each, ids in took.items():
        findings.unless(len(ids) == 1, "doubled", (each, ids))
        if each[0] not in SENDERS:
            findings.unless(each in due, "taken by somebody to whom it was not addressed", each)
    ends = {id_: "delivered" for ids in took.values() for id_ in ids}
    ends |= {id_: "refused" for ids in declined.values() for id_ in ids}
    for delivery in stored.deliveries.values():
        findings.unless(delivery.state in ("delivered", "refused"), f"left {delivery.state}", delivery.id)
        findings.unless(ends.pop(delivery.id, "") == delivery.state, "the far side says otherwise", delivery)
    for id_ in ends:
        findings.note("taken under an id that is not in the database", id_)


def _check_refusals(lines: Lines, stored: Stored, findings: Findings) -> None:
    """Whatever was refused has its reason on record, and a sender is told once of each addressee that refused."""
    for line in lines["refused"]:
        findings.unless(bool(line["wrong"]), "a good document was refused", line)
        findings.unless(line["refusal"] in stored.refusals, "a refusal that is not on record", line)
    refused: Counter[tuple[str, str]] = Counter()
    for delivery in stored.deliveries.values():
        if delivery.state == "refused":
            refused[(delivery.message, delivery.addressee)] += 1
            findings.unless(bool(delivery.reason), "refused without a reason", delivery.id)
    for each in set(refused) | set(stored.words):
        findings.unless(refused[each] == stored.words[each] == 1, "not told once of a refusal", each)


def _check_payloads(hub: Hub, stored: Stored, findings: Findings) -> int:
    """Every package is there with its digest and none besides; return how many unfinished files kills left."""
    named = {message.sha256 for message in stored.messages.values()}
    for sha256 in named - set(stored.payloads):
        findings.note("payload missing", sha256)
    for sha256 in set(stored.payloads) - named:
        findings.note("payload of no message", sha256)
    outside = {sha256 for sha256, (_, inside) in stored.payloads.items() if not inside}
    leftovers = 0
    for held in hub.payloads.large.held():
        if held.sha256 is None:
            leftovers += 1
            continue
        with hub.payloads.large.opened(held.sha256) as stream:
            digest = hashlib.sha256(stream.read()).hexdigest()
        findings.unless(digest == held.sha256, "payload damaged", held.name)
        findings.unless(held.sha256 in outside, "payload orphaned", held.name)
        outside.discard(held.sha256)
    for sha256 in outside:
        findings.note("payload missing", sha256)
    return leftovers


def _by_document(lines: list[dict[str, Any]]) -> Taken:
    found: Taken = defaultdict(set)
    for line in lines:
        found[(line["to"], line["sha256"])].add(line["delivery"])
    return found


def _counts(lines: Lines, stored: Stored) -> dict[str, int]:
    accepted = {line["number"]: line for line in lines["accepted"]}
    return {
        "documents accepted": len(accepted),
        "answers to senders": len(lines["accepted"]) + len(lines["refused"]),
        "repeats by senders": sum(line["tries"] - 1 for line in (*lines["accepted"], *lines["refused"])),
        "found to be known already": sum(line["status"] == 200 for line in lines["accepted"]),
        "documents refused by the hub": len({line["number"] for line in lines["refused"]}),
        "deliveries": len(stored.deliveries),
        "delivered once as new": len(lines["took"]),
        "repeats known by id": len(lines["again"]),
        "refused by addressees": len({line["delivery"] for line in lines["declined"]}),
        "attempts": sum(delivery.attempts for delivery in stored.deliveries.values()),
        "packages in files": sum(not inside for _, inside in stored.payloads.values()),
        "packages in the database": sum(inside for _, inside in stored.payloads.values()),
        "octets of packages": sum(size for size, _ in stored.payloads.values()),
    }


def _recovery(lines: Lines) -> dict[str, list[float]]:
    """Return how long it took after each kill until a document whose sending began afterwards was accepted."""
    ended: dict[str, list[float]] = defaultdict(list)
    earliest: list[tuple[float, float]] = []  # began, and the first acceptance of all that began no earlier
    for line in sorted(lines["accepted"], key=lambda line: -line["began"]):
        first = min(line["at"], earliest[-1][1]) if earliest else line["at"]
        earliest.append((line["began"], first))
    for kill in sorted(lines["killed"], key=lambda line: line["at"]):
        while earliest and earliest[-1][0] < kill["at"]:
            earliest.pop()
        if earliest:
            ended[kill["kind"]].append(earliest[-1][1] - kill["at"])
    return dict(ended)
