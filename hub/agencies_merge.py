"""What an import changes: rows of a file, laid over the agencies that there are. Nothing is written here.

An agency is known by any of its codes. What a file does not say (an optional column that it does not have) is left as
it is; what it says, an empty cell too, holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from hub.agencies_file import AgencyRow, same_name
from hub.errors import Misconfigured
from hub.model import Agency, AgencyCode
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Merge:
    """What an import does: agencies that are new, those that change (before, after), and how many stay."""

    added: tuple[Agency, ...]
    changed: tuple[tuple[Agency, Agency], ...]
    unchanged: int

    def over(self, known: Iterable[Agency]) -> tuple[Agency, ...]:
        """Return the agencies as they are after it."""
        after = {before.id: agency for before, agency in self.changed}
        return (*(after.get(agency.id, agency) for agency in known), *self.added)


def merged(known: Iterable[Agency], rows: Iterable[AgencyRow], new_id: Callable[[], str]) -> Merge:
    """Lay rows over the agencies that are known.

    Raises `Misconfigured` if a row's codes belong to several agencies, or rows of different names to one.
    """
    by_id = {agency.id: agency for agency in known}
    bearers = {code.value: agency.id for agency in by_id.values() for code in agency.codes}
    added: list[Agency] = []
    wanted: dict[str, Agency] = {}
    named: dict[str, AgencyRow] = {}
    for row in rows:
        bearer = _bearer(row, bearers)
        if bearer is None:
            agency = Agency(id=new_id(), name=row.name, level=row.level, codes=row.codes, parent=row.parent)
            added.append(agency)
            continue
        _same_agency(named.setdefault(bearer, row), row)
        wanted[bearer] = _updated(wanted.get(bearer, by_id[bearer]), row)
    changed = tuple((by_id[agency.id], agency) for agency in wanted.values() if agency != by_id[agency.id])
    return Merge(tuple(added), changed, len(wanted) - len(changed))


def _bearer(row: AgencyRow, bearers: dict[str, str]) -> str | None:
    """Return the agency that bears a row's codes, if one does."""
    found = {bearers[code.value]: code.value for code in row.codes if code.value in bearers}
    if len(found) > 1:
        codes = ", ".join(found.values())
        raise Misconfigured(
            Text(
                vi=f"Dòng {row.line}: cần các mã của cùng một cơ quan, nhưng {codes} thuộc các cơ quan khác nhau",
                en=f"Line {row.line}: expected codes of one agency, but {codes} belong to different ones",
            )
        )
    return next(iter(found), None)


def _same_agency(first: AgencyRow, row: AgencyRow) -> None:
    if not same_name(first.name, row.name):
        raise Misconfigured(
            Text(
                vi=f"Dòng {first.line} và {row.line} nói về cùng một cơ quan nhưng tên khác nhau: "
                f"“{first.name}” và “{row.name}”",
                en=f"Lines {first.line} and {row.line} speak of one agency but name it differently: "
                f"“{first.name}” and “{row.name}”",
            )
        )


def _updated(agency: Agency, row: AgencyRow) -> Agency:
    """Return an agency as a row says it is. Codes that the row does not mention stay."""
    said = {code.value: code for code in row.codes}
    kept = tuple(_merged(code, said.pop(code.value, None), row.columns) for code in agency.codes)
    return replace(agency, name=row.name, level=row.level, parent=row.parent, codes=(*kept, *said.values()))


def _merged(code: AgencyCode, said: AgencyCode | None, columns: frozenset[str]) -> AgencyCode:
    if said is None:
        return code
    stated = {column: getattr(said, column) for column in columns}
    return replace(code, **stated)
