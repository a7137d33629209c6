"""Endpoints and their secrets in the database.

Every change is one unit: the rows, a new version of the directory and an event in the ledger, which never names a
secret nor an address.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.errors import Misconfigured
from hub.limits import EndpointLimits
from hub.model import Endpoint, SignatureRule
from hub.store import tables
from hub.store.directory_version import bump
from hub.store.prepared import Prepared
from hub.store.writer import Transaction
from schemas.edxml.elements import Dialect
from schemas.text import Text

# --- asking ---


def read(connection: sa.Connection) -> tuple[Endpoint, ...]:
    """Read all endpoints with the agencies that they speak for."""
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
            attachments=SignatureRule(row.attachments),
            dialect=row.dialect,
            disabled=row.disabled,
            limits=EndpointLimits.read(row.limits),
        )
        for row in sorted({row.id: row for row in rows}.values(), key=lambda row: str(row.id))
    )


def credential(connection: sa.Connection, lookup: str, now: datetime) -> str | None:
    """Return the endpoint that a secret belongs to; None if nobody's, expired, or of a disabled endpoint."""
    found = _CREDENTIAL.first(connection, {"lookup": lookup, "now": now})
    return str(found.id) if found else None


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


def sealed_secrets(connection: sa.Connection, endpoint_id: str, now: datetime) -> list[bytes]:
    """Return every secret of an endpoint that holds, sealed: while one is being replaced there are two."""
    credentials = tables.credentials
    query = sa.select(credentials.c.sealed).where(credentials.c.endpoint == endpoint_id, _in_force(now))
    return [row.sealed for row in connection.execute(query)]


def _in_force(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    expires_at = tables.credentials.c.expires_at
    return sa.or_(expires_at.is_(None), expires_at > now)


_CREDENTIAL = Prepared(
    sa.select(tables.endpoints.c.id)
    .join_from(tables.credentials, tables.endpoints)
    .where(
        tables.credentials.c.lookup == sa.bindparam("lookup"),
        _in_force(sa.bindparam("now")),
        tables.endpoints.c.disabled.is_(False),
    )
)


# --- changing ---


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
                vi=f"Không có cơ quan nào mang mã {named} trong danh bạ; "
                "tìm mã bằng “edochub agencies list”, hoặc nhập danh bạ trước",
                en=f"No agency in the directory has the code {named}; "
                "find it with “edochub agencies list”, or import the directory first",
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
        "attachments": str(endpoint.attachments),
        "dialect": endpoint.dialect,
        "disabled": endpoint.disabled,
        "created_at": now,
        "limits": endpoint.limits.written(),
    }


def _endpoint_told(endpoint: Endpoint) -> dict[str, Any]:
    """Return what the ledger keeps. The address is left out: some carry a password."""
    return {
        "endpoint": endpoint.id,
        "adapter": endpoint.adapter,
        "agencies": sorted(endpoint.agencies),
        "polls": endpoint.polls,
        "signatures": str(endpoint.signatures),
        "attachments": str(endpoint.attachments),
        "dialect": endpoint.dialect,
        **({"limits": endpoint.limits.own()} if endpoint.limits.own() else {}),
    }


def switch_endpoint(tx: Transaction, endpoint_id: str, actor: str, *, disabled: bool) -> None:
    """Switch an endpoint off or on."""
    _change(tx, endpoint_id, disabled=disabled)
    tx.trace("endpoint.disabled" if disabled else "endpoint.enabled", actor=actor, endpoint=endpoint_id)


def set_dialect(tx: Transaction, endpoint_id: str, dialect: Dialect, actor: str) -> None:
    """Have the hub write what goes to an endpoint in another order of elements."""
    _change(tx, endpoint_id, dialect=dialect)
    tx.trace("endpoint.dialect-set", actor=actor, endpoint=endpoint_id, dialect=dialect)


def set_signature_rules(
    tx: Transaction, endpoint_id: str, signatures: SignatureRule, attachments: SignatureRule, actor: str
) -> None:
    """Demand something else of the signatures of an endpoint's documents."""
    rules = {"signatures": str(signatures), "attachments": str(attachments)}
    _change(tx, endpoint_id, **rules)
    tx.trace("endpoint.signatures-set", actor=actor, endpoint=endpoint_id, **rules)


def set_limits(tx: Transaction, endpoint_id: str, limits: EndpointLimits, actor: str) -> None:
    """Give an endpoint limits of its own, in place of those that it had."""
    _change(tx, endpoint_id, limits=limits.written())
    tx.trace("endpoint.limits-set", actor=actor, endpoint=endpoint_id, limits=limits.own())


def _change(tx: Transaction, endpoint_id: str, **values: object) -> None:
    tx.execute(sa.update(tables.endpoints).where(tables.endpoints.c.id == endpoint_id).values(**values))
    bump(tx)


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
    # The same again, which a far side may dictate, is the old one made new.
    credentials = tables.credentials
    tx.execute(
        sa.delete(credentials).where(credentials.c.lookup == lookup, credentials.c.endpoint == endpoint_id)
    )
    row = {
        "lookup": lookup,
        "endpoint": endpoint_id,
        "sealed": sealed,
        "created_at": tx.now,
        "expires_at": None,
    }
    tx.insert(tables.credentials, row)
