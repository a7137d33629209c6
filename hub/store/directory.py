"""Agencies, endpoints and credentials in the database.

Every change is one unit: the rows, a new version of the directory and an event in the ledger, which never
names a secret. The version is how a node notices that its snapshot is old; it is read before the rows, so
that a snapshot taken in the middle of a change is at worst taken again.

A code belongs to one agency and stays in the table for ever. What a file does not say (an optional column
that it does not have) is left as it is; what it says, an empty cell too, holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.agencies_file import AgencyRow, same_name
from hub.directory import Directory
from hub.errors import Misconfigured
from hub.model import Agency, AgencyCode, Clock, Endpoint, Level, SignatureRule, utc_now
from hub.store import tables
from hub.store.writer import Transaction
from schemas.edxml.codes import Scheme
from schemas.text import Text

VERSION_KEY = "directory-version"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, in agencies."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the shape that `--json` publishes."""
        return {"added": self.added, "changed": self.changed, "unchanged": self.unchanged}


# --- asking ---


def load(connection: sa.Connection, clock: Clock = utc_now) -> Directory:
    """Take a snapshot."""
    as_of = version(connection)
    return Directory(_agencies(connection), _endpoints(connection), as_of, clock)


def version(connection: sa.Connection) -> int:
    """Return the number that every change of the directory raises."""
    found = connection.scalar(sa.select(tables.settings.c.value).where(tables.settings.c.key == VERSION_KEY))
    return int(found) if found is not None else 0


def credential(connection: sa.Connection, lookup: str, now: datetime) -> str | None:
    """Return the endpoint that a secret belongs to; None if nobody's, expired, or of a disabled endpoint."""
    credentials, endpoints = tables.credentials, tables.endpoints
    return connection.scalar(
        sa.select(endpoints.c.id)
        .join_from(credentials, endpoints)
        .where(credentials.c.lookup == lookup, _in_force(now), endpoints.c.disabled.is_(False))
    )


def sealed_secret(connection: sa.Connection, endpoint_id: str, now: datetime) -> bytes | None:
    """Return an endpoint's newest secret that holds, sealed; None if it has none."""
    credentials = tables.credentials
    return connection.scalar(
        sa.select(credentials.c.sealed)
        .where(credentials.c.endpoint == endpoint_id, _in_force(now))
        # Of two made in one instant, the one that was not given an end is the newer.
        .order_by(credentials.c.created_at.desc(), credentials.c.expires_at.is_(None).desc())
        .limit(1)
    )


def _in_force(now: datetime) -> sa.ColumnElement[bool]:
    expires_at = tables.credentials.c.expires_at
    return sa.or_(expires_at.is_(None), expires_at > now)


def _agencies(connection: sa.Connection) -> tuple[Agency, ...]:
    """Read agencies with their codes in one statement: PostgreSQL's readers see each statement by itself."""
    agencies, codes = tables.agencies, tables.agency_codes
    rows = connection.execute(
        sa.select(agencies.c.name, agencies.c.level, agencies.c.parent, codes)
        .join_from(codes, agencies)
        .order_by(codes.c.agency, codes.c.position, codes.c.value)
    )
    found: dict[str, Agency] = {}
    for row in rows:
        code = _code(row)
        known = found.get(row.agency)
        found[row.agency] = (
            replace(known, codes=(*known.codes, code))
            if known
            else Agency(
                id=row.agency, name=row.name, level=Level(row.level), codes=(code,), parent=row.parent
            )
        )
    return tuple(sorted(found.values(), key=lambda agency: agency.code))


def _code(row: sa.Row[Any]) -> AgencyCode:
    return AgencyCode(
        value=row.value,
        scheme=Scheme(row.scheme),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        successors=tuple(row.successors.split()),
    )


def _endpoints(connection: sa.Connection) -> tuple[Endpoint, ...]:
    endpoints, spoken_for = tables.endpoints, tables.endpoint_agencies
    rows = connection.execute(
        sa.select(endpoints, spoken_for.c.agency).join_from(endpoints, spoken_for, isouter=True)
    ).all()
    agencies: dict[str, set[str]] = {}
    for row in rows:
        agencies.setdefault(row.id, set()).update({row.agency} - {None})
    return tuple(
        Endpoint(
            id=row.id,
            adapter=row.adapter,
            address=row.address,
            agencies=frozenset(agencies[row.id]),
            polls=row.polls,
            signatures=SignatureRule(row.signatures),
            disabled=row.disabled,
        )
        for row in sorted({row.id: row for row in rows}.values(), key=lambda row: str(row.id))
    )


# --- changing ---


def bump(tx: Transaction) -> None:
    """Tell every node that its snapshot is old. Writers take turns, so nobody counts at the same time."""
    settings = tables.settings
    raised = str(version(tx.connection) + 1)
    mine = settings.c.key == VERSION_KEY
    if not tx.execute(sa.update(settings).where(mine).values(value=raised)).rowcount:
        tx.execute(sa.insert(settings).values(key=VERSION_KEY, value=raised))


def import_agencies(tx: Transaction, rows: Iterable[AgencyRow], actor: str) -> ImportReport:
    """Add and change agencies as a file says. The same file again changes nothing.

    An agency is known by any of its codes. Raises `Misconfigured` if a row's codes belong to several agencies,
    or rows of different names to one.
    """
    tx.flush()
    known = {agency.id: agency for agency in _agencies(tx.connection)}
    bearers = {code.value: agency.id for agency in known.values() for code in agency.codes}
    added: list[Agency] = []
    wanted: dict[str, Agency] = {}
    named: dict[str, AgencyRow] = {}
    for row in rows:
        bearer = _bearer(row, bearers)
        if bearer is None:
            agency = Agency(
                id=tx.new_id(), name=row.name, level=row.level, codes=row.codes, parent=row.parent
            )
            added.append(agency)
            continue
        _same_agency(named.setdefault(bearer, row), row)
        wanted[bearer] = _updated(wanted.get(bearer, known[bearer]), row)
    changed = [agency for agency in wanted.values() if agency != known[agency.id]]
    for agency in added:
        _insert(tx, agency)
    _update(tx, [(known[agency.id], agency) for agency in changed])
    report = ImportReport(len(added), len(changed), len(wanted) - len(changed))
    if added or changed:
        bump(tx)
        names = [agency.code for agency in changed]
        told: dict[str, Any] = {
            "agencies": len(added) + len(changed),
            **report.as_json(),
            "changed_codes": names,
        }
        tx.trace("directory.imported", actor=actor, **told)
    return report


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


def _insert(tx: Transaction, agency: Agency) -> None:
    tx.insert(tables.agencies, _agency_values(agency))
    for position, code in enumerate(agency.codes):
        tx.insert(tables.agency_codes, _code_values(agency, code, position))


def _update(tx: Transaction, changes: list[tuple[Agency, Agency]]) -> None:
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


def add_endpoint(
    tx: Transaction, endpoint: Endpoint, lookup: str | None, sealed: bytes | None, actor: str
) -> Endpoint:
    """Add an endpoint, with its first secret if it has one. Its agencies may be named by id or by any code.

    Returns it as stored. Raises `Misconfigured` if its id is taken, an agency is unknown or another endpoint's.
    """
    endpoints = tables.endpoints
    if tx.execute(sa.select(endpoints.c.id).where(endpoints.c.id == endpoint.id)).first():
        raise Misconfigured(
            Text(
                vi=f"Đã có điểm kết nối “{endpoint.id}”; hãy chọn định danh khác",
                en=f"There is an endpoint “{endpoint.id}” already; choose another id",
            )
        )
    stored = replace(endpoint, agencies=frozenset(_free(tx, named) for named in sorted(endpoint.agencies)))
    tx.insert(endpoints, _endpoint_values(stored, tx.now))
    for agency in sorted(stored.agencies):
        tx.insert(tables.endpoint_agencies, {"agency": agency, "endpoint": stored.id})
    if lookup is not None and sealed is not None:
        _insert_credential(tx, stored.id, lookup, sealed)
    bump(tx)
    tx.trace("endpoint.added", actor=actor, **_endpoint_told(stored))
    return stored


def _free(tx: Transaction, named: str) -> str:
    """Return the id of an agency that no endpoint speaks for yet."""
    agencies, codes, spoken_for = tables.agencies, tables.agency_codes, tables.endpoint_agencies
    found = tx.execute(
        sa.select(agencies.c.id, agencies.c.name, spoken_for.c.endpoint)
        .join_from(agencies, codes)
        .join(spoken_for, spoken_for.c.agency == agencies.c.id, isouter=True)
        .where(sa.or_(agencies.c.id == named, codes.c.value == named))
    ).first()
    if found is None:
        raise Misconfigured(
            Text(
                vi=f"Không có cơ quan nào mang mã {named} trong danh bạ; hãy nhập danh bạ trước",
                en=f"No agency in the directory has the code {named}; import the directory first",
            )
        )
    if found.endpoint is not None:
        raise Misconfigured(
            Text(
                vi=f"{found.name} ({named}) đã do điểm kết nối “{found.endpoint}” đại diện",
                en=f"The endpoint “{found.endpoint}” speaks for {found.name} ({named}) already",
            )
        )
    agency_id: str = found.id
    return agency_id


def _endpoint_values(endpoint: Endpoint, now: datetime) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "adapter": endpoint.adapter,
        "address": endpoint.address,
        "polls": endpoint.polls,
        "signatures": str(endpoint.signatures),
        "disabled": endpoint.disabled,
        "created_at": now,
    }


def _endpoint_told(endpoint: Endpoint) -> dict[str, Any]:
    """Return what the ledger keeps. The address is left out: some carry a password."""
    return {
        "endpoint": endpoint.id,
        "adapter": endpoint.adapter,
        "agencies": sorted(endpoint.agencies),
        "polls": endpoint.polls,
        "signatures": str(endpoint.signatures),
    }


def add_credential(
    tx: Transaction,
    endpoint_id: str,
    lookup: str,
    sealed: bytes,
    actor: str,
    keep_old_until: datetime | None = None,
) -> None:
    """Give an endpoint a new secret. The old ones end now, or at the given time, if not earlier anyway.

    Raises `Misconfigured` if there is no such endpoint.
    """
    endpoints, credentials = tables.endpoints, tables.credentials
    if not tx.execute(sa.select(endpoints.c.id).where(endpoints.c.id == endpoint_id)).first():
        raise Misconfigured(
            Text(vi=f"Không có điểm kết nối “{endpoint_id}”", en=f"There is no endpoint “{endpoint_id}”")
        )
    end = max(keep_old_until or tx.now, tx.now)
    tx.execute(
        sa.update(credentials)
        .where(
            credentials.c.endpoint == endpoint_id,
            sa.or_(credentials.c.expires_at.is_(None), credentials.c.expires_at > end),
        )
        .values(expires_at=end)
    )
    _insert_credential(tx, endpoint_id, lookup, sealed)
    bump(tx)
    tx.trace("endpoint.secret-rotated", actor=actor, endpoint=endpoint_id, old_until=end.isoformat())


def _insert_credential(tx: Transaction, endpoint_id: str, lookup: str, sealed: bytes) -> None:
    row = {
        "lookup": lookup,
        "endpoint": endpoint_id,
        "sealed": sealed,
        "created_at": tx.now,
        "expires_at": None,
    }
    tx.insert(tables.credentials, row)
