"""Counts of a report from raw evidence alone: the ledger's events and the packages, parsed and verified anew.

Nothing that the report is made of is looked at: no row of a message, a delivery, an answer or a verdict. The chain of
the events that are read is recomputed on the way. What both share is the directory (who bears a code) and the rules of
deadlines; signatures are judged as of their receipt, with what is trusted and known of revocations now.

Answers come after the days of the report, so events are read on to the present. What is kept of each document is
small, but it is kept: a recount of a month takes some hundred octets for each delivery in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub import ledger
from hub.calendar import vietnamese_day
from hub.deadlines import RULE, Kind, due, midnight
from hub.directory import Directory
from hub.errors import Fault
from hub.ledger import LedgerReport, Row
from hub.model import DeliveryState
from hub.report.counts import (
    DOCUMENTS,
    ENDED,
    GIVEN_BACK,
    RECALL,
    REGISTERED,
    THERE,
    Counts,
    Question,
    signed_by,
    times,
)
from hub.report.figures import Signed, Timeliness
from hub.routes import stranger
from hub.store import ledger as ledger_store
from hub.store import search
from hub.store.judging import Taken
from hub.store.payloads import Payloads
from schemas.catalog import Catalog
from schemas.edxml.codes import normal_status
from schemas.edxml.envelope import Envelope, PackageKind
from schemas.findings import InvalidDocument
from schemas.spooled import Package
from schemas.text import Text
from schemas.validator import validate

Judge = Callable[[Taken, Package], Sequence[Mapping[str, Any]]]
Key = tuple[str, str]

CLOCKS = timedelta(days=1)  # by how much the clocks of nodes may disagree
STATUS = str(PackageKind.STATUS)
WAITING = frozenset({"delivery.resumed", "delivery.resent"})  # goes on, perhaps to another agency


@dataclass(slots=True)
class Seen:
    """What a package of the period says, and who sent it."""

    agency: str
    endpoint: str
    kind: PackageKind
    document_id: str
    urgent: bool
    promulgated_on: date | None
    due_on: date | None
    at: datetime


@dataclass(slots=True)
class Leg:
    """One delivery, as its last event left it."""

    message: str
    agency: str
    endpoint: str | None
    state: DeliveryState
    created: datetime
    since: datetime


@dataclass(slots=True)
class Recounted:
    """What came of it. `ledger.broken` is empty if every event that was read is as it was written."""

    counts: Counts
    ledger: LedgerReport
    events: int = 0
    packages: int = 0  # parsed and verified
    damaged: list[Text] = field(default_factory=list)  # packages that cannot be read


@dataclass(slots=True)
class Evidence:
    """Where raw evidence is, and what understands it."""

    connection: sa.Connection
    payloads: Payloads
    catalog: Catalog
    directory: Directory
    judge: Judge

    def package(self, sha256: str) -> Package:
        """Return the octets of a package. Raises `Fault` when they are not what was accepted."""
        return self.payloads.open(self.payloads.look(self.connection, sha256))

    def agency(self, code: str) -> str:
        """Return the id of who bears a code."""
        known = self.directory.resolve(code).agency
        return (known or stranger(code)).id


def recount(evidence: Evidence, question: Question) -> Recounted:
    """Count anew, in one picture of the database."""
    if evidence.connection.dialect.name == "postgresql":
        evidence.connection = evidence.connection.execution_options(isolation_level="REPEATABLE READ")
    reading = _Reading(evidence, question)
    first = search.first_since(evidence.connection, question.period.since - CLOCKS) or 1
    before = ledger_store.at(evidence.connection, first - 1)
    report = LedgerReport(events=first - 1, head=before.hash if before else ledger.GENESIS)
    ledger.verify(reading.watched(ledger_store.rows(evidence.connection, first - 1)), report)
    found = Recounted(reading.counted(), report, report.events - first + 1, reading.packages)
    found.damaged = reading.damaged
    return found


class _Reading:
    """One way through the ledger."""

    def __init__(self, evidence: Evidence, question: Question) -> None:
        self.evidence = evidence
        self.question = question
        self.counts = Counts()
        self.packages = 0
        self.damaged: list[Text] = []
        self._documents: dict[str, Seen] = {}
        self._legs: dict[str, Leg] = {}
        self._versions: dict[Key, list[str]] = {}  # sender and DocumentId -> messages
        self._said: dict[Key, list[tuple[datetime, str]]] = {}  # message and agency
        self._replied: dict[Key, datetime] = {}  # DocumentId and agency
        self._overtaken: set[Key] = set()  # message and agency
        self._asked: dict[Key, datetime] = {}  # message and agency, asked to give it back
        self._status: tuple[str, str] = ("", "")  # the last answer: message and digest

    def watched(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Hand events through, and learn from each."""
        for row in rows:
            details = json.loads(row.body)["details"]
            if row.kind == "document.accepted" and row.message:
                self._accepted(row, row.message, details)
            elif row.kind == "answer.recorded" and row.message in self._documents:
                self._answered(row, row.message, details)
            elif row.delivery in self._legs and "state" in details:
                self._moved(self._legs[row.delivery], row, details)
            yield row

    # --- one event -------------------------------------------------------------------------------------------------

    def _accepted(self, row: Row, message: str, details: Mapping[str, Any]) -> None:
        period = self.question.period
        within = period.since <= row.at < period.until
        agency = self.evidence.agency(details["from"])
        if details["kind"] == STATUS:
            self._status = (message, details["sha256"])
            if within and self._of(agency):
                self.counts.kinds[PackageKind.STATUS] += 1
            return
        if row.at < period.since or not (within or self._bears_on(details["kind"])):
            return
        try:
            package = self.evidence.package(details["sha256"])
            envelope = self._parsed(package, row.at)
        except (Fault, InvalidDocument) as error:
            self._tell_of_damage(message, error)
            return
        seen = self._seen(envelope, row)
        if within:
            self._within(seen, message, package, row, details)
        legs = {self._agency_of(told) for told in details["deliveries"]}
        self._bearing(seen, envelope, message, legs)

    def _within(
        self, seen: Seen, message: str, package: Package, row: Row, details: Mapping[str, Any]
    ) -> None:
        if self._of(seen.agency):
            self.counts.kinds[seen.kind] += 1
        if seen.kind not in DOCUMENTS:
            return
        self._documents[message] = seen
        if self._of(seen.agency):
            self.counts.sent[seen.agency, seen.endpoint] += 1
            self.counts.signed[seen.agency, self._signed(seen, message, package, details["sha256"])] += 1
        for told in details["deliveries"]:
            self._legs[told["id"]] = Leg(
                message=message,
                agency=self._agency_of(told),
                endpoint=told["endpoint"],
                state=DeliveryState(told["state"]),
                created=row.at,
                since=row.at,
            )

    def _signed(self, seen: Seen, message: str, package: Package, sha256: str) -> Signed:
        self.packages += 1
        taken = Taken(
            message=message,
            sha256=sha256,
            endpoint=seen.endpoint,
            sender_agency=seen.agency,
            accepted_at=seen.at,
            verdicts=(),
            compressed=False,
            judgings=1,
            until=seen.at,
        )
        return signed_by(self.evidence.judge(taken, package))

    def _bearing(self, seen: Seen, envelope: Envelope, message: str, to: Iterable[str]) -> None:
        """Note what a package is about: documents that it overtakes, and those that it replies to."""
        if seen.kind is not PackageKind.NEW:
            earlier = next(
                (
                    self._versions[key]
                    for each in envelope.acts_on
                    if (key := (seen.agency, each)) in self._versions
                ),
                [],
            )
            if earlier:
                self._overtaken |= {(earlier[-1], agency) for agency in to}
                self._recalled(earlier, set(to) & self._asked_back_by(seen, envelope, to), seen.at)
        for each in envelope.response_for:
            self._replied.setdefault((each.document_id, seen.agency), seen.at)
        if message in self._documents:
            self._versions.setdefault((seen.agency, seen.document_id), []).append(message)

    def _answered(self, row: Row, message: str, details: Mapping[str, Any]) -> None:
        if normal_status(details["code"]) == RECALL:
            self._asked_back(message, details["answer"], row.at)
            return
        key = (message, self.evidence.agency(details["from"]))
        self._said.setdefault(key, []).append((row.at, details["code"]))

    def _asked_back_by(self, seen: Seen, envelope: Envelope, to: Iterable[str]) -> set[str]:
        """Return who is to give a document back: all, by a revocation; by a new version, whom it takes off."""
        if seen.kind is PackageKind.REVOKE:
            return set(to)
        changes = envelope.business.receiver_changes if envelope.business else ()
        return {self.evidence.agency(change.code) for change in changes if not change.added}

    def _recalled(self, versions: Iterable[str], agencies: Iterable[str], at: datetime) -> None:
        """Note who was asked first when to give versions of a document back."""
        asked = list(agencies)
        for message in versions:
            for agency in asked:
                self._asked.setdefault((message, agency), at)

    def _asked_back(self, message: str, answer: str, at: datetime) -> None:
        known, sha256 = self._status
        if known != answer:
            return
        try:
            asked = self._parsed(self.evidence.package(sha256), self.question.now)
        except (Fault, InvalidDocument) as error:
            self._tell_of_damage(answer, error)
            return
        agency, seen = self.evidence.agency(asked.receivers[0].code), self._documents[message]
        self._overtaken.add((message, agency))
        self._recalled(self._versions.get((seen.agency, seen.document_id), [message]), [agency], at)

    def _moved(self, leg: Leg, row: Row, details: Mapping[str, Any]) -> None:
        leg.state, leg.since = DeliveryState(details["state"]), row.at
        leg.endpoint = details.get("endpoint", leg.endpoint)
        if row.kind in WAITING and "to" in details:
            leg.agency = self.evidence.agency(details["to"])

    # --- what one needs for that -------------------------------------------------------------------------------------

    def _of(self, agency: str) -> bool:
        return self.question.agency is None or self.question.agency == agency

    def _bears_on(self, kind: str) -> bool:
        """Tell whether a package that came after the period may say something of one that came within it."""
        if kind != str(PackageKind.NEW):
            return True
        return any(seen.due_on for seen in self._documents.values())

    def _parsed(self, package: Package, at: datetime) -> Envelope:
        return validate(package, self.evidence.catalog, vietnamese_day(at)).envelope

    def _seen(self, envelope: Envelope, row: Row) -> Seen:
        return Seen(
            agency=self.evidence.agency(envelope.sender.code),
            endpoint=row.actor.partition(":")[2],
            kind=envelope.kind,
            document_id=envelope.document_id,
            urgent=envelope.priority > 0,
            promulgated_on=envelope.promulgated_on,
            due_on=envelope.due_on,
            at=row.at,
        )

    def _agency_of(self, told: Mapping[str, Any]) -> str:
        return self.evidence.agency(told.get("forwarded_to") or told["to"])

    def _tell_of_damage(self, message: str, error: Fault | InvalidDocument) -> None:
        why = error.message if isinstance(error, Fault) else error.findings[0].message
        self.damaged.append(Text(vi=f"Gói tin {message}: {why.vi}", en=f"Package {message}: {why.en}"))

    # --- the counts -------------------------------------------------------------------------------------------------

    def counted(self) -> Counts:
        """Return the counts, once all events have been read."""
        taken: dict[str, list[float]] = {}
        answered: dict[str, list[float]] = {}
        for seen in self._documents.values():
            if self._of(seen.agency) and seen.promulgated_on:
                begun = midnight(seen.promulgated_on)
                self._time(seen.agency, Kind.SENT, begun, seen.at, urgent=seen.urgent, needless=False)
        for leg in self._legs.values():
            if self._of(leg.agency):
                self.counts.received[leg.agency, leg.endpoint, leg.state] += 1
                self._leg(leg, self._documents[leg.message], taken, answered)
        self.counts.to_take = {agency: times(seconds) for agency, seconds in taken.items()}
        self.counts.to_answer = {agency: times(seconds) for agency, seconds in answered.items()}
        return self.counts

    def _leg(
        self, leg: Leg, seen: Seen, taken: dict[str, list[float]], answered: dict[str, list[float]]
    ) -> None:
        if leg.state is DeliveryState.DELIVERED:
            taken.setdefault(leg.agency, []).append(_seconds(leg.created, leg.since))
        if leg.state not in THERE:
            return
        said = self._said.get((leg.message, leg.agency), [])
        first = min((at for at, _ in said), default=None)
        registered = min((at for at, code in said if code in REGISTERED), default=None)
        needless = (leg.message, leg.agency) in self._overtaken
        self._time(leg.agency, Kind.ARRIVAL, leg.since, first, urgent=seen.urgent, needless=needless)
        self._time(
            leg.agency, Kind.REGISTRATION, leg.since, registered, urgent=seen.urgent, needless=needless
        )
        if first is not None:
            answered.setdefault(leg.agency, []).append(_seconds(leg.since, first))
        asked = self._asked.get((leg.message, leg.agency))
        if asked is not None:
            back = self._first(seen, leg.agency, GIVEN_BACK, asked)
            self._time(leg.agency, Kind.REQUEST, asked, back, urgent=False, needless=False)
        if seen.due_on is not None:
            done = self._ended(seen, leg.agency)
            self._time(leg.agency, Kind.REPLY, midnight(seen.due_on), done, urgent=False, needless=needless)

    def _ended(self, seen: Seen, agency: str) -> datetime | None:
        """Return when an addressee was done with a document, or replied to it by another."""
        ended = self._first(seen, agency, ENDED)
        replied = self._replied.get((seen.document_id, agency))
        return min((each for each in (ended, replied) if each is not None), default=None)

    def _first(
        self, seen: Seen, agency: str, codes: Collection[str], since: datetime | None = None
    ) -> datetime | None:
        """Return when an addressee first said one of some codes of any version of a document, from a moment on."""
        versions = self._versions.get((seen.agency, seen.document_id), [])
        said = (each for message in versions for each in self._said.get((message, agency), []))
        return min(
            (at for at, code in said if code in codes and (since is None or at >= since)), default=None
        )

    def _time(
        self,
        agency: str,
        kind: Kind,
        since: datetime,
        done: datetime | None,
        *,
        urgent: bool,
        needless: bool,
    ) -> None:
        if done is None and needless:
            return
        minutes = self.question.urgent_minutes
        last = due(RULE[kind], since, self.question.calendar, urgent=urgent, urgent_minutes=minutes)
        if done is not None:
            outcome = Timeliness.ON_TIME if done <= last else Timeliness.LATE
        else:
            outcome = Timeliness.OPEN if self.question.now <= last else Timeliness.LATE
        self.counts.timed[agency, kind, outcome] += 1


def _seconds(since: datetime, until: datetime) -> float:
    return max(0.0, round((until - since).total_seconds(), 3))
