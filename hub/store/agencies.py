"""Agencies and their codes in the database.

A code belongs to one agency and stays in the table for ever. What an import changes is worked out in
`hub/agencies_merge.py`; here it is written, as one unit: the rows, a new version of the directory and an event in the
ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.agencies_file import AgencyRow
from hub.agencies_merge import merged
from hub.model import Agency, AgencyCode, Level
from hub.store import tables
from hub.store.directory_version import bump
from hub.store.writer import Transaction
from schemas.edxml.codes import Scheme


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, in agencies."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the shape that `--json` publishes."""
        return {"added": self.added, "changed": self.changed, "unchanged": self.unchanged}


def read(connection: sa.Connection) -> tuple[Agency, ...]:
    """Read agencies with their codes in one statement: PostgreSQL's readers see each statement by itself."""
    agencies, codes = tables.agencies, tables.agency_codes
    rows = connection.execute(
        sa.select(agencies.c.name, agencies.c.level, agencies.c.parent, codes)
        .join_from(codes, agencies)
        .order_by(codes.c.agency, codes.c.position, codes.c.value)
    )
    found: dict[str, tuple[sa.Row[Any], list[AgencyCode]]] = {}
    for row in rows:
        found.setdefault(row.agency, (row, []))[1].append(_code(row))
    made = (
        Agency(id=agency, name=row.name, level=Level(row.level), codes=tuple(its_codes), parent=row.parent)
        for agency, (row, its_codes) in found.items()
    )
    return tuple(sorted(made, key=lambda agency: agency.code))


def _code(row: sa.Row[Any]) -> AgencyCode:
    return AgencyCode(
        value=row.value,
        scheme=Scheme(row.scheme),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        successors=tuple(row.successors.split()),
    )


def import_agencies(tx: Transaction, rows: Iterable[AgencyRow], actor: str) -> ImportReport:
    """Add and change agencies as a file says. The same file again changes nothing. Raises as `merged` does."""
    tx.flush()
    merge = merged(read(tx.connection), rows, tx.new_id)
    for agency in merge.added:
        _insert(tx, agency)
    _update(tx, merge.changed)
    report = ImportReport(len(merge.added), len(merge.changed), merge.unchanged)
    if merge.added or merge.changed:
        bump(tx)
        names = [after.code for _, after in merge.changed]
        told: dict[str, Any] = {
            "agencies": len(merge.added) + len(merge.changed),
            **report.as_json(),
            "changed_codes": names,
        }
        tx.trace("directory.imported", actor=actor, **told)
    return report


def _insert(tx: Transaction, agency: Agency) -> None:
    tx.insert(tables.agencies, _agency_values(agency))
    for position, code in enumerate(agency.codes):
        tx.insert(tables.agency_codes, _code_values(agency, code, position))


def _update(tx: Transaction, changes: Sequence[tuple[Agency, Agency]]) -> None:
    """Write agencies as they were and are, in two lists: a reform of the districts changes thousands at once."""
    agencies, codes = tables.agencies, tables.agency_codes
    _update_rows(tx, agencies, agencies.c.id, [_agency_values(after) for _, after in changes])
    altered = []
    for before, after in changes:
        for position, code in enumerate(after.codes):
            values = _code_values(after, code, position)
            if position >= len(before.codes):
                tx.insert(codes, values)
            elif code != before.codes[position]:
                altered.append(values)
    _update_rows(tx, codes, codes.c.value, altered)


def _update_rows(tx: Transaction, table: sa.Table, key: sa.Column[str], rows: list[dict[str, Any]]) -> None:
    if rows:
        statement = sa.update(table).where(key == sa.bindparam("row_key"))
        tx.execute(statement, [{"row_key": row[key.name], **row} for row in rows])


def _agency_values(agency: Agency) -> dict[str, Any]:
    return {"id": agency.id, "name": agency.name, "level": str(agency.level), "parent": agency.parent}


def _code_values(agency: Agency, code: AgencyCode, position: int) -> dict[str, Any]:
    return {
        "value": code.value,
        "agency": agency.id,
        "scheme": str(code.scheme),
        "valid_from": code.valid_from,
        "valid_to": code.valid_to,
        "successors": " ".join(code.successors),
        "position": position,
    }
