"""Whose certificates are whose, as operators registered them. A change is one unit: row, directory's version, event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.errors import NotFound, Sought
from hub.store.directory_version import bump
from hub.store.tables import agency_certificates as table
from hub.store.writer import Transaction
from schemas.findings import shortened
from schemas.text import Text
from signing.verdict import CertificateSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A certificate that is known to be an agency's."""

    sha256: str
    agency: str  # Agency.id
    subject: str
    not_after: datetime
    added_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "sha256": self.sha256,
            "subject": self.subject,
            "not_after": self.not_after.isoformat(),
            "added_at": self.added_at.isoformat(),
        }


def read(connection: sa.Connection) -> Mapping[str, frozenset[str]]:
    """Return the agencies of every registered certificate, by its SHA-256."""
    found: dict[str, set[str]] = {}
    for row in connection.execute(sa.select(table.c.sha256, table.c.agency)):
        found.setdefault(row.sha256, set()).add(row.agency)
    return {sha256: frozenset(agencies) for sha256, agencies in found.items()}


def listed(connection: sa.Connection, agency: str | None = None) -> list[Registered]:
    """Return the registered certificates of an agency or of all, by agency and subject."""
    query = sa.select(table).order_by(table.c.agency, table.c.subject, table.c.sha256)
    if agency is not None:
        query = query.where(table.c.agency == agency)
    return [
        Registered(
            sha256=row.sha256,
            agency=row.agency,
            subject=row.subject,
            not_after=row.not_after,
            added_at=row.added_at,
        )
        for row in connection.execute(query)
    ]


def add(tx: Transaction, agency: str, certificate: CertificateSummary, actor: str) -> bool:
    """Register a certificate for an agency. The same one again changes nothing and returns False."""
    mine = sa.and_(table.c.sha256 == certificate.sha256, table.c.agency == agency)
    if tx.execute(sa.select(table.c.sha256).where(mine)).first():
        return False
    tx.insert(
        table,
        {
            "sha256": certificate.sha256,
            "agency": agency,
            "subject": certificate.subject,
            "not_after": certificate.not_after,
            "added_at": tx.now,
        },
    )
    bump(tx)
    tx.trace(
        "directory.certificate-added",
        actor=actor,
        agency=agency,
        sha256=certificate.sha256,
        subject=certificate.subject,
    )
    return True


def remove(tx: Transaction, agency: str, sha256: str, actor: str) -> None:
    """Forget that a certificate is an agency's; the beginning of its SHA-256 will do. Raises `NotFound`."""
    tx.flush()
    found = [
        each
        for each in listed(tx.connection, agency)
        if each.sha256.startswith(sha256.lower().replace(":", ""))
    ]
    if len(found) != 1 or not sha256:
        shown = shortened(sha256)
        raise NotFound(
            Text(
                vi=f"Cần đúng một chứng thư đã đăng ký có SHA-256 bắt đầu bằng {shown}, tìm thấy {len(found)}",
                en=f"Expected one registered certificate whose SHA-256 begins with {shown}, found {len(found)}",
            ),
            Sought.CERTIFICATE,
        )
    one = found[0]
    tx.execute(sa.delete(table).where(table.c.sha256 == one.sha256, table.c.agency == agency))
    bump(tx)
    tx.trace(
        "directory.certificate-removed", actor=actor, agency=agency, sha256=one.sha256, subject=one.subject
    )
