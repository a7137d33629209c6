"""A merger decision tried out on a copy of the directory: what codes do now, and what they would do after it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from hub.agencies_merge import merged
from hub.agencies_rows import AgencyRow
from hub.destination import Destination, Outcome, Successions, decide
from hub.destination_words import DECISIONS
from hub.directory import Directory
from hub.errors import Misconfigured
from schemas.text import Text, so_many


@dataclass(frozen=True, slots=True)
class Change:
    """One code, as it is and as it would be."""

    code: str
    now: Destination
    after: Destination

    @property
    def differs(self) -> bool:
        """Tell whether the decision changes what becomes of a document to this code."""

        def shape(made: Destination) -> tuple[object, ...]:
            between = tuple(each.code for each in made.candidates) if made.outcome is Outcome.HELD else ()
            return made.outcome, made.case, made.reached, made.endpoint and made.endpoint.id, between

        return shape(self.now) != shape(self.after)


def changes(
    directory: Directory,
    rows: Sequence[AgencyRow],
    codes: Iterable[str],
    today: date,
    after: date,
    successions: Successions,
) -> list[Change]:
    """Decide on each code today, and on the day `after` with the rows laid over the directory."""
    later = tried(directory, rows)
    return [
        Change(
            code=code,
            now=decide(directory, code, written_on=today, today=today, successions=successions),
            after=decide(later, code, written_on=after, today=after, successions=successions),
        )
        for code in codes
    ]


def tried(directory: Directory, rows: Sequence[AgencyRow]) -> Directory:
    """Return a copy of the directory as an import would leave it. Raises `Misconfigured` as the import would."""
    numbers = count(1)
    merge = merged(directory.agencies, rows, lambda: f"new-{next(numbers)}")
    return replace(directory, agencies=merge.over(directory.agencies))


def takes_effect(rows: Iterable[AgencyRow], today: date) -> date:
    """Return the latest day that a decision speaks of, today at the earliest."""
    days = (day for row in rows for code in row.codes for day in (code.valid_from, code.valid_to) if day)
    return max((today, *days))


def codes_of(content: bytes) -> list[str]:
    """Return the codes in a file: of its column `code`, else the first of each line. Raises `Misconfigured`."""
    try:
        records = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Misconfigured(
            Text(
                vi=f"Không đọc được tệp mã (CSV, UTF-8): {error}",
                en=f"The codes are not CSV in UTF-8: {error}",
            )
        ) from error
    heading = [cell.strip().lower() for cell in records[0]] if records else []
    column = heading.index("code") if "code" in heading else 0
    lines = records[1:] if "code" in heading else records
    found = (record[column].strip() for record in lines if len(record) > column)
    return list(dict.fromkeys(code for code in found if code))


def summary(made: Sequence[Change]) -> list[Text]:
    """Return how many codes do what, now and after."""
    lines = []
    for title, side in (
        (Text(vi="Hiện nay", en="Now"), [each.now for each in made]),
        (Text(vi="Sau quyết định", en="After"), [each.after for each in made]),
    ):
        counted = Counter(each.outcome for each in side)
        vi = ", ".join(f"{text.vi.lower()}: {counted[outcome]}" for outcome, text in DECISIONS.items())
        en = ", ".join(f"{text.en.lower()}: {counted[outcome]}" for outcome, text in DECISIONS.items())
        lines.append(Text(vi=f"{title.vi}: {vi}", en=f"{title.en}: {en}"))
    changed = sum(each.differs for each in made)
    lines.append(
        Text(
            vi=f"{changed} trên {len(made)} mã thay đổi",
            en=f"{changed} of {so_many(len(made), 'code changes', 'codes change')}",
        )
    )
    return lines
