"""What a rule of ebMS headers looks at. Each lives in a file of its own; `rules/__init__.py` lists them in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml import etree

from schemas.ebms.codes import EB
from schemas.rule import Rule
from schemas.text import Text

CORE_SINCE = date(2007, 10, 1)
AS4_SINCE = date(2013, 1, 23)


@dataclass(frozen=True)
class Messaging:
    """The eb:Messaging blocks of a message, and the day."""

    root: etree._Element
    blocks: list[etree._Element]
    today: date

    def each(self, path: str) -> Iterator[etree._Element]:
        """Yield the elements at a path of local names below eb:Messaging."""
        for block in self.blocks:
            yield from block.iterfind(
                "/".join(f"{EB}{step}" if step != "*" else "*" for step in path.split("/"))
            )


MessagingRule = Rule[Messaging]


def core(section: str) -> Text:
    """Return a citation of the core specification."""
    return Text(vi=f"OASIS ebMS 3.0 Core, mục {section}", en=f"OASIS ebMS 3.0 Core, section {section}")


def as4(section: str) -> Text:
    """Return a citation of the profile."""
    return Text(vi=f"OASIS AS4 Profile 1.0, mục {section}", en=f"OASIS AS4 Profile 1.0, section {section}")
