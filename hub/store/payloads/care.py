"""Are all packages still what was received, and does every file of the store belong to one?

Both read only, and may run beside a hub that works: `sweep` calls nothing an orphan that was written less than a bound
ago, for a file is durable before the row that names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from hub.errors import Fault
from hub.store.payloads import Payloads
from hub.store.payloads.large import Held
from hub.store.tables import deliveries, messages, payloads
from schemas.text import Text

BATCH = 200
SPACE = 16**8  # the first 32 bits of a digest: packages are spread evenly over them


@dataclass(frozen=True, slots=True)
class Stored:
    """One package as its row says."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Touched:
    """A message whose package is damaged, and whom that concerns."""

    id: str
    code: str
    sender: str
    addressees: tuple[str, ...]
    open: tuple[str, ...]  # addressees who have not got it yet


@dataclass(frozen=True, slots=True)
class Damage:
    """A package that is gone or changed."""

    sha256: str
    size: int
    why: Text
    messages: tuple[Touched, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "sha256": self.sha256,
            "size": self.size,
            "why": self.why.as_json(),
            "messages": [
                {
                    "id": each.id,
                    "code": each.code,
                    "from": each.sender,
                    "to": list(each.addressees),
                    "open": list(each.open),
                }
                for each in self.messages
            ],
        }


def part(start: int, percent: float) -> Iterator[tuple[str, str]]:
    """Yield the one or two ranges of digests that make up a part of all: from `start`, a number below `SPACE`."""
    if percent >= 100:
        yield "0" * 8, "g"
        return
    end = start + round(SPACE * percent / 100)
    yield f"{start:08x}", "g" if end >= SPACE else f"{end:08x}"
    if end > SPACE:
        yield "0" * 8, f"{end - SPACE:08x}"


def stored(connection: sa.Connection, after: str, until: str) -> list[Stored]:
    """Return the next packages with digests above `after` and below `until`, in their order."""
    asked = (
        sa.select(payloads.c.sha256, payloads.c.size)
        .where(payloads.c.sha256 > after, payloads.c.sha256 < until)
        .order_by(payloads.c.sha256)
        .limit(BATCH)
    )
    return [Stored(*row) for row in connection.execute(asked)]


def check(connection: sa.Connection, *, store: Payloads, packages: Iterable[Stored]) -> list[Damage]:
    """Read packages to their ends; return what is damaged. Raises `Unavailable`."""
    found = []
    for package in packages:
        try:
            store.check(connection, package.sha256)
        except Fault as error:
            touched = tuple(_touched(connection, package.sha256))
            found.append(Damage(package.sha256, package.size, error.message, touched))
    return found


def _touched(connection: sa.Connection, sha256: str) -> Iterator[Touched]:
    asked = sa.select(messages.c.id, messages.c.code, messages.c.sender).where(messages.c.sha256 == sha256)
    for message in connection.execute(asked).all():
        its = connection.execute(
            sa.select(deliveries.c.addressee, deliveries.c.state).where(deliveries.c.message == message.id)
        ).all()
        waiting = tuple(
            row.addressee for row in its if row.state not in ("delivered", "refused", "withdrawn")
        )
        yield Touched(message.id, message.code, message.sender, tuple(row.addressee for row in its), waiting)


def orphans(connection: sa.Connection, held: Iterable[Held], before: datetime) -> Iterator[Held]:
    """Yield what no row names and nobody has written since `before`: orphans, and files that were never finished."""
    old = (each for each in held if each.changed_at < before)
    while some := list(islice(old, BATCH)):
        digests = {each.sha256 for each in some if each.sha256 is not None}
        asked = sa.select(payloads.c.sha256).where(
            payloads.c.sha256.in_(digests), payloads.c.content.is_(None)
        )
        named = set(connection.execute(asked).scalars())
        yield from (each for each in some if each.sha256 not in named)
