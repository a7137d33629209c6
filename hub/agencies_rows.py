"""A file of agencies, row by row, and what is found on the way through it: the nouns of `agencies_file.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.errors import Misconfigured
from hub.model import AgencyCode, Level
from hub.search import plain
from schemas.findings import shortened
from schemas.text import Sentence, Text

REQUIRED = ("code", "name", "level", "parent")
OPTIONAL = ("scheme", "valid_from", "valid_to", "successors")

EXPECTED = Sentence(
    vi="dòng {line}: {column}: cần {expected}, nhưng gặp “{got}”",
    en="line {line}: {column}: expected {expected}, got “{got}”",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyRow:
    """One agency as the file describes it. `columns` are the optional ones that the file has."""

    line: int
    name: str
    level: Level
    codes: tuple[AgencyCode, ...]
    parent: str | None = None
    columns: frozenset[str] = frozenset(OPTIONAL)


class BadFile(Misconfigured):
    """A file that cannot be imported. Mend everything in `problems`; nothing was imported."""

    def __init__(self, problems: Iterable[Text]) -> None:
        self.problems = tuple(problems)
        listed = Text(
            vi="\n".join(problem.vi for problem in self.problems),
            en="\n".join(problem.en for problem in self.problems),
        )
        heading = Sentence(
            vi="Tệp danh bạ cơ quan có {count} lỗi, chưa nhập dữ liệu nào:\n{listed}",
            en="The file of agencies has {count} faults, nothing was imported:\n{listed}",
        )
        super().__init__(heading.say(count=len(self.problems), listed=listed))


@dataclass(slots=True)
class Notes:
    """What is found on the way through a file."""

    problems: list[Text] = field(default_factory=list)
    warnings: list[Text] = field(default_factory=list)

    def expected(self, line: int, column: str, expected: Text, got: str) -> None:
        """Note a cell that holds something else than it should."""
        self.problems.append(EXPECTED.say(line=line, column=column, expected=expected, got=shortened(got)))


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are one, however their letters are composed and blanks are set."""
    return plain(one) == plain(other)
