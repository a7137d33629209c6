"""What the hub ships of public codes: level 1 (`data/level1.csv`), and provinces' statistical codes (`data/gso.csv`).

The text of QĐ 09/2025/QĐ-TTg was not at hand when these were put together, so every row of level 1 says how sure it is
and where it comes from. Nothing is in a new hub's directory until an operator asks for it (`edochub agencies import
--builtin level1`), and is told how much of it ought to be compared with the decision first.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from hub.agencies_file import AgenciesFile, read
from hub.directory import Directory
from schemas.text import Text

DATA = Path(__file__).parent / "data"
NAMES = ("level1",)


class Certainty(StrEnum):
    """How sure a row is."""

    CONFIRMED = "confirmed"  # a published text or register was read
    SEEN = "seen"  # seen in use
    MEMORY = "memory"  # known, but not compared with any text
    INFERRED = "inferred"  # follows from something else


CERTAINTIES: dict[Certainty, Text] = {
    Certainty.CONFIRMED: Text(vi="đã đối chiếu", en="confirmed"),
    Certainty.SEEN: Text(vi="thấy trong thực tế", en="seen in use"),
    Certainty.MEMORY: Text(vi="chưa đối chiếu văn bản", en="not compared with a text"),
    Certainty.INFERRED: Text(vi="suy ra", en="inferred"),
}


@dataclass(frozen=True, slots=True)
class Province:
    """A province's identifier code, and its statistical code until 2025-06-30 and since (None: merged into another)."""

    code: str
    before: str
    since: str | None


def level1(directory: Directory | None = None) -> tuple[AgenciesFile, Counter[Certainty]]:
    """Return the agencies of level 1, and how many rows are how sure."""
    content = (DATA / "level1.csv").read_bytes()
    records = csv.DictReader(io.StringIO(content.decode("utf-8")))
    sure = Counter(Certainty(record["certainty"]) for record in records)
    return read(content, directory, beside=frozenset({"certainty", "source"})), sure


@cache
def provinces() -> tuple[Province, ...]:
    """Return all provinces of before 2025-07-01: 63, of which 34 went on."""
    with (DATA / "gso.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Province(record["code"], record["before"], record["since"] or None)
            for record in csv.DictReader(file)
        )


def warning(sure: Counter[Certainty]) -> Text:
    """Return what an operator should know before trusting these rows."""
    unsure = sum(sure.values()) - sure[Certainty.CONFIRMED]
    vi = ", ".join(f"{CERTAINTIES[each].vi}: {count}" for each, count in sure.most_common())
    en = ", ".join(f"{CERTAINTIES[each].en}: {count}" for each, count in sure.most_common())
    return Text(
        vi=f"{unsure} dòng cần đối chiếu với QĐ 09/2025/QĐ-TTg trước khi dùng ({vi}); xem hub/data/level1.csv",
        en=f"{unsure} rows ought to be compared with QĐ 09/2025/QĐ-TTg before use ({en}); see hub/data/level1.csv",
    )
