"""What the catalogue knows of a standard: how its packages are recognised, checked, read and ruled.

A later standard is one new folder beside `edxml/`, whose `standard.py` makes one of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from lxml import etree

from schemas.edxml.envelope import Envelope
from schemas.findings import Finding
from schemas.schema import Schema


@dataclass(frozen=True)
class Standard:
    """One version of one standard.

    `valid_until` is the last day on which packages of it are accepted. `examine` reads a package and runs the rules;
    it must take any tree with the right root, because the rules run even where the schema has found fault.
    """

    name: str
    version: str
    namespace: str
    root: str
    valid_from: date
    valid_until: date | None
    schema: Schema
    examine: Callable[[etree._ElementTree, date], tuple[Envelope, list[Finding]]]

    def in_force(self, today: date) -> bool:
        """Return whether packages of this standard are accepted today."""
        return self.valid_from <= today and (self.valid_until is None or today <= self.valid_until)
