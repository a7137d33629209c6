"""What the catalogue knows of a standard: how its documents are recognised, checked, read and ruled.

A later standard is one new folder beside `edxml/`, whose `standard.py` makes one of these. What its reader returns is
its own affair: `Standard[Header]` of one says nothing that `Standard[Envelope]` of another does. Only a `Deliverable`
is read to an `Envelope`, so only its documents can be carried; mypy refuses a hub that forgets the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar

from lxml import etree

from schemas.edxml.envelope import Envelope
from schemas.findings import Finding
from schemas.left_out import LeftOut
from schemas.rule import Rule
from schemas.schema import Schema
from schemas.text import Text

Said = TypeVar("Said", covariant=True)


def nothing_stricter(_tree: etree._ElementTree) -> list[Finding]:
    """Return no findings: the standard has no strict form."""
    return []


@dataclass(frozen=True, kw_only=True)
class Standard(Generic[Said]):
    """One version of one standard.

    `valid_until` is the last day on which documents of it are accepted. `examine` reads a document and runs the
    rules; it must take any tree with the right root, because the rules run even where the schema has found fault,
    and what the tree has only marks of.
    `summary` says in a line what was read. `strictly` finds what is not as we ourselves would write it.
    """

    id: str
    name: str
    about: Text
    version: str
    namespace: str
    root: str
    valid_from: date
    valid_until: date | None
    schema: Schema
    rules: tuple[Rule[Any], ...]
    examine: Callable[[etree._ElementTree, date, LeftOut | None], tuple[Said, list[Finding]]]
    summary: Callable[[Any], Text]
    strictly: Callable[[etree._ElementTree], list[Finding]] = nothing_stricter

    @cached_property
    def tag(self) -> str:
        """The root element's name as lxml writes it."""
        return f"{{{self.namespace}}}{self.root}"

    def in_force(self, today: date) -> bool:
        """Return whether documents of this standard are accepted today."""
        return self.valid_from <= today and (self.valid_until is None or today <= self.valid_until)


@dataclass(frozen=True, kw_only=True)
class Deliverable(Standard[Envelope]):
    """A standard whose documents say who sends them to whom: packages that the hub carries."""
