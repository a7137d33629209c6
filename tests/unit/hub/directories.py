"""Agencies with invented names and codes, for tests of what becomes of a code."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hub.directory import Directory
from hub.model import Agency, AgencyCode, Endpoint, Level
from hub.routes import Route
from schemas.edxml.codes import scheme_of

MERGED = date(2025, 7, 1)
BEFORE = date(2025, 6, 1)
TODAY = date(2026, 11, 22)


def code(value: str, *successors: str, start: date | None = None, end: date | None = None) -> AgencyCode:
    """Return a code, closed with its successors if it has an end."""
    return AgencyCode(
        value=value, scheme=scheme_of(value), valid_from=start, valid_to=end, successors=successors
    )


def closed(value: str, *successors: str, on: date = MERGED) -> AgencyCode:
    """Return a code that was closed."""
    return code(value, *successors, end=on)


def agency(name: str, *codes: AgencyCode | str) -> Agency:
    """Return an agency whose id is made of its first code."""
    made = tuple(code(each) if isinstance(each, str) else each for each in codes)
    return Agency(id=f"id-{made[0].value}", name=name, level=Level.OTHER, codes=made)


def endpoint(name: str, *agencies: Agency) -> Endpoint:
    """Return an endpoint that speaks for agencies, or for none."""
    return Endpoint(id=name, adapter="http", address=None, agencies=frozenset(a.id for a in agencies))


def directory(
    *agencies: Agency, endpoints: tuple[Endpoint, ...] = (), routes: tuple[tuple[str, str | None], ...] = ()
) -> Directory:
    """Return a snapshot as of `TODAY`."""
    made = tuple(Route(pattern, to) for pattern, to in routes)
    return Directory(agencies, endpoints, 7, lambda: datetime(2026, 11, 22, 3, tzinfo=UTC), made)
