"""Our book of one day held against that of a far side: what one has and the other has not, each by name.

    sent here, not there        delivered by our book, unknown to the far side: it has to be sent again
    sent there, not here        the far side has it from us, our book does not: somebody else speaks in our name
    refused there               delivered by our book, refused by the system that it was for
    waiting, not recorded       it waits there since that day or before, and our journey never took it
    waiting, recorded           our journey took it, the far side was never told: it will be told with the next round
    waiting, unreadable         it waits there and cannot be fetched
    taken there, not here       it says that we took it, our book has no such package
    taken here, not there       our book has it from the far side, which neither offers it nor remembers that we took it

The protocol lists what waits, not what we finished. So with a foreign axis the question for what came down is only what
was left behind; the last two kinds can be told where the far side is an edochub.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hub.axis import Book, Comparable, RemembersTaken, TheirSent, TheirTaken, TheirWaiting
from hub.directory import VIETNAM
from hub.errors import Refusal, Unavailable
from hub.store import exchanged
from hub.store.exchanged import Exchanged
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

CLOCKS_APART = timedelta(minutes=30)
MOST_FETCHED = 200  # waiting packages that are fetched to be known
MOST_ASKED = 500  # of our packages that the list does not have and that are asked for one by one


class Kind(StrEnum):
    """What does not agree."""

    SENT_NOT_THERE = "sent-not-there"
    SENT_NOT_HERE = "sent-not-here"
    REFUSED_THERE = "refused-there"
    WAITING_NOT_RECORDED = "waiting-not-recorded"
    WAITING_RECORDED = "waiting-recorded"
    WAITING_UNREADABLE = "waiting-unreadable"
    TAKEN_NOT_HERE = "taken-not-here"
    TAKEN_NOT_THERE = "taken-not-there"


NAMES = {
    Kind.SENT_NOT_THERE: Text(vi="đã gửi theo sổ của ta, trục kia không có", en="sent here, not there"),
    Kind.SENT_NOT_HERE: Text(vi="trục kia có, sổ của ta không có", en="sent there, not here"),
    Kind.REFUSED_THERE: Text(vi="nơi nhận báo thất bại", en="refused there"),
    Kind.WAITING_NOT_RECORDED: Text(vi="đang chờ ở trục kia, ta chưa nhận", en="waiting, not recorded"),
    Kind.WAITING_RECORDED: Text(vi="ta đã nhận, chưa báo cho trục kia", en="waiting, recorded"),
    Kind.WAITING_UNREADABLE: Text(vi="đang chờ ở trục kia, không đọc được", en="waiting, unreadable"),
    Kind.TAKEN_NOT_HERE: Text(
        vi="trục kia ghi ta đã nhận, sổ của ta không có", en="taken according to them, not here"
    ),
    Kind.TAKEN_NOT_THERE: Text(vi="ta đã nhận, trục kia không ghi là đã giao", en="taken here, not there"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One package on which the books do not agree."""

    kind: Kind
    remote_id: str
    to: str
    message: str | None = None  # ours, if we have it
    delivery: str | None = None
    at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "kind": str(self.kind),
            "remote_id": self.remote_id,
            "to": self.to,
            "message": self.message,
            "delivery": self.delivery,
            "at": self.at.isoformat() if self.at else None,
        }


@dataclass(slots=True)
class Comparison:
    """What was compared, and what does not agree."""

    endpoint: str
    day: date
    sent: int = 0  # deliveries of the day in our book
    waiting: int = 0  # packages that wait at the far side
    unlooked: int = 0  # of these, how many were not fetched because there are too many
    differences: list[Difference] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "endpoint": self.endpoint,
            "day": self.day.isoformat(),
            "sent": self.sent,
            "waiting": self.waiting,
            "unlooked": self.unlooked,
            "differences": [each.as_json() for each in self.differences],
        }


async def compare(hub: Hub, endpoint: str, far: Comparable, day: date) -> Comparison:
    """Hold our book of a day (Vietnam's) against the far side's. Raises `Unavailable`."""
    since, until = bounds(day)
    ours = await hub.store.read(lambda connection: exchanged.delivered_to(connection, endpoint, since, until))
    theirs = await far.book()
    made = Comparison(endpoint, day, sent=len(ours))
    await _sent(made, far, ours, theirs)
    await _unknown(hub, made, theirs)
    for each in [each for each in theirs.waiting if each.at is None or each.at < until]:
        await _waiting(hub, made, far, each)
    if isinstance(far, RemembersTaken):
        # Around midnight, and with clocks apart, both name the day differently: theirs is asked for with a margin.
        theirs_taken = await far.taken(since - CLOCKS_APART, until + CLOCKS_APART)
        if theirs_taken is not None:
            await _taken(hub, made, theirs_taken, since, until)
    return made


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return when a day of Vietnam's begins and ends."""
    begins = datetime.combine(day, time(), VIETNAM).astimezone(UTC)
    return begins, begins + timedelta(days=1)


async def _sent(made: Comparison, far: Comparable, ours: Iterable[Exchanged], theirs: Book) -> None:
    """Look for each of our deliveries there; what the list does not have is asked for by itself."""
    listed = _by_id(theirs.sent)
    asked = 0
    for own in ours:
        remote_id = own.remote_id or ""
        lines = listed.get(remote_id, ())
        if remote_id and _to(lines, own.addressee) is None and asked < MOST_ASKED:
            asked += 1
            lines = await far.one_sent(remote_id)
        line = _to(lines, own.addressee)
        if line is None or line.refused:
            kind = Kind.SENT_NOT_THERE if line is None else Kind.REFUSED_THERE
            made.differences.append(
                Difference(
                    kind=kind,
                    remote_id=remote_id,
                    to=own.addressee,
                    message=own.message,
                    delivery=own.delivery,
                    at=own.updated_at,
                )
            )


async def _unknown(hub: Hub, made: Comparison, theirs: Book) -> None:
    """Name what the far side has from us on that day and our deliveries do not know."""
    of_the_day = [each for each in theirs.sent if each.at and each.at.astimezone(VIETNAM).date() == made.day]
    ids = sorted({each.remote_id for each in of_the_day})
    known = await hub.store.read(lambda connection: exchanged.known_there_as(connection, made.endpoint, ids))
    made.differences += [
        Difference(kind=Kind.SENT_NOT_HERE, remote_id=each.remote_id, to=each.to, at=each.at)
        for each in of_the_day
        if each.remote_id not in known
    ]


async def _waiting(hub: Hub, made: Comparison, far: Comparable, each: TheirWaiting) -> None:
    """Fetch what waits, to know whether it was recorded: the far side's name for it is not in our book."""
    made.waiting += 1
    if made.waiting > MOST_FETCHED:
        made.unlooked += 1
        return
    message = None
    try:
        sha256 = hashlib.sha256(await far.package(each)).hexdigest()
    except (Refusal, Unavailable):
        kind = Kind.WAITING_UNREADABLE
    else:
        message = await hub.store.read(
            lambda connection: exchanged.recorded(connection, made.endpoint, sha256)
        )
        kind = Kind.WAITING_RECORDED if message else Kind.WAITING_NOT_RECORDED
    made.differences.append(
        Difference(kind=kind, remote_id=each.remote_id, to=each.to, message=message, at=each.at)
    )


async def _taken(
    hub: Hub, made: Comparison, theirs: Iterable[TheirTaken], since: datetime, until: datetime
) -> None:
    """Hold what they say that we took against what our book has from them, by digest."""
    listed = {each.sha256: each for each in theirs}

    def ask(connection: sa.Connection) -> tuple[list[tuple[str, str, datetime]], set[str]]:
        ours = exchanged.handed_in(connection, made.endpoint, since, until)
        known = {sha256 for sha256 in listed if exchanged.recorded(connection, made.endpoint, sha256)}
        return ours, known

    ours, known = await hub.store.read(ask)
    made.differences += [
        Difference(kind=Kind.TAKEN_NOT_HERE, remote_id=each.remote_id, to=each.to)
        for sha256, each in listed.items()
        if sha256 not in known
    ]
    untold = {each.message for each in made.differences if each.kind is Kind.WAITING_RECORDED}
    made.differences += [
        Difference(kind=Kind.TAKEN_NOT_THERE, remote_id="", to="", message=message, at=at)
        for message, sha256, at in ours
        if sha256 not in listed and message not in untold
    ]


def _by_id(lines: Iterable[TheirSent]) -> dict[str, tuple[TheirSent, ...]]:
    found: dict[str, tuple[TheirSent, ...]] = {}
    for line in lines:
        found[line.remote_id] = (*found.get(line.remote_id, ()), line)
    return found


def _to(lines: Iterable[TheirSent], addressee: str) -> TheirSent | None:
    wanted = addressee.strip().casefold()
    return next((line for line in lines if line.to.strip().casefold() == wanted), None)
