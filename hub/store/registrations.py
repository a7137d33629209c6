"""Agencies that an endpoint registers below its own, and closes again.

An endpoint may only name units of its own: the code's upper groups are those of an agency that it speaks for. What is
closed is never forgotten, so closing sets the day from which the code no longer holds. Each is one unit: the agency,
who speaks for it, a new version of the directory and the events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from hub.agencies_rows import AgencyRow
from hub.directory import Directory
from hub.errors import NotAllowed, NotFound, Refusal
from hub.model import Agency, AgencyCode, Endpoint
from hub.routes import ordered
from hub.store import agencies, tables
from hub.store.directory_version import bump
from hub.store.writer import Transaction
from schemas.edxml.codes import LONGEST_CODE, scheme_of
from schemas.findings import shortened
from schemas.text import Text

LONGEST_NAME = 500  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What an endpoint says of a unit of its own."""

    code: str
    name: str
    parent: str  # code


def register(tx: Transaction, directory: Directory, endpoint: Endpoint, asked: Registration) -> None:
    """Add a unit below one of the endpoint's agencies, or change or reopen the one that is there.

    Raises `NotAllowed` for a code that is not below the endpoint's own, or is somebody else's, `Refusal` for what is no
    code or no name.
    """
    above = _speaks_for(directory, endpoint, asked.parent)
    _well_formed(asked)
    if not _below(asked.code, above):
        raise _not_below(asked.code, above.code)
    _free_or_own(tx, endpoint, asked.code)
    found = directory.resolve(asked.code)
    known = found.agency
    if known is not None and known.id not in endpoint.agencies:  # by its code in the other notation
        raise _anothers(asked.code)
    entry = found.entry or AgencyCode(value=asked.code, scheme=scheme_of(asked.code.upper()))
    reopened = AgencyCode(value=entry.value, scheme=entry.scheme, valid_from=entry.valid_from)
    row = AgencyRow(
        line=0,
        name=asked.name,
        level=known.level if known else above.level,
        codes=(reopened,),
        parent=above.code,
        columns=frozenset({"valid_to", "successors"}),
    )
    agencies.import_agencies(tx, [row], f"endpoint:{endpoint.id}")
    if known is None:
        _speak_for(tx, endpoint, asked.code)


def close(tx: Transaction, directory: Directory, endpoint: Endpoint, code: str, today: date) -> None:
    """Close a unit that stands below another agency of the same endpoint, as of today.

    Raises `NotFound` for a code that is not the endpoint's, `NotAllowed` for the topmost of its agencies.
    """
    found = directory.resolve(code).agency
    if found is None or found.id not in endpoint.agencies:
        shown = shortened(code)
        raise NotFound(
            Text(
                vi=f"Hệ thống này không đại diện cho cơ quan có mã {shown}",
                en=f"This system speaks for no agency with the code {shown}",
            )
        )
    above = directory.resolve(found.parent).agency if found.parent else None
    if above is None or above.id not in endpoint.agencies or above.id == found.id:
        raise NotAllowed(
            Text(
                vi=f"Mã {found.code} không phải đơn vị do hệ thống này đăng ký; chỉ quản trị trục đóng được",
                en=f"{found.code} is not a unit that this system registered; only the hub's operator closes it",
            )
        )
    still_open = tuple(each for each in found.codes if each.open_on(today))
    if not still_open:
        return
    ended = tuple(
        AgencyCode(value=each.value, scheme=each.scheme, valid_from=each.valid_from, valid_to=today)
        for each in still_open
    )
    row = AgencyRow(
        line=0,
        name=found.name,
        level=found.level,
        codes=ended,
        parent=found.parent,
        columns=frozenset({"valid_to"}),
    )
    agencies.import_agencies(tx, [row], f"endpoint:{endpoint.id}")


def _free_or_own(tx: Transaction, endpoint: Endpoint, code: str) -> None:
    """Ask the tables, which may be newer than the directory in memory: whose code is this?"""
    codes, spoken_for = tables.agency_codes, tables.endpoint_agencies
    bearer = tx.execute(
        sa.select(spoken_for.c.endpoint)
        .select_from(codes)
        .join(spoken_for, spoken_for.c.agency == codes.c.agency, isouter=True)
        .where(codes.c.value == code)
    ).first()
    if bearer is not None and bearer.endpoint != endpoint.id:
        raise _anothers(code)


def _speak_for(tx: Transaction, endpoint: Endpoint, code: str) -> None:
    """Let the endpoint speak for the agency that was just added."""
    codes, spoken_for = tables.agency_codes, tables.endpoint_agencies
    agency = tx.execute(sa.select(codes.c.agency).where(codes.c.value == code)).scalar_one()
    tx.insert(spoken_for, {"agency": agency, "endpoint": endpoint.id})
    bump(tx)
    tx.trace(
        "endpoint.agency-registered",
        actor=f"endpoint:{endpoint.id}",
        endpoint=endpoint.id,
        agency=agency,
        code=code,
    )


def _speaks_for(directory: Directory, endpoint: Endpoint, parent: str) -> Agency:
    above = directory.resolve(parent).agency
    if above is None or above.id not in endpoint.agencies:
        shown = shortened(parent) or "-"
        raise NotAllowed(
            Text(
                vi=f"Đơn vị cấp trên {shown} không phải cơ quan mà hệ thống này đại diện",
                en=f"The unit above, {shown}, is not an agency that this system speaks for",
            )
        )
    return above


def _well_formed(asked: Registration) -> None:
    plain = all("!" <= char <= "~" for char in asked.code)
    if not (plain and 0 < len(asked.code) <= LONGEST_CODE):
        raise Refusal(
            Text(
                vi=f"Mã đơn vị phải có 1 đến {LONGEST_CODE} ký tự ASCII, không có dấu cách",
                en=f"A unit's code has 1 to {LONGEST_CODE} ASCII characters without blanks",
            )
        )
    if not (asked.name.strip() and asked.name.isprintable() and len(asked.name) <= LONGEST_NAME):
        raise Refusal(
            Text(
                vi=f"Tên đơn vị phải có 1 đến {LONGEST_NAME} ký tự",
                en=f"A unit's name has 1 to {LONGEST_NAME} characters",
            )
        )


def _below(code: str, above: Agency) -> bool:
    """Tell whether a code's upper groups are those of an agency's code, in either notation."""
    groups = ordered(code.strip().upper())
    return any(
        len(upper) < len(groups) and groups[: len(upper)] == upper
        for upper in (ordered(each.value.strip().upper()) for each in above.codes)
    )


def _not_below(code: str, above: str) -> NotAllowed:
    shown = shortened(code)
    return NotAllowed(
        Text(
            vi=f"Mã {shown} không nằm dưới mã {above}; chỉ được đăng ký đơn vị trực thuộc",
            en=f"The code {shown} is not below {above}; only units of one's own can be registered",
        )
    )


def _anothers(code: str) -> NotAllowed:
    shown = shortened(code)
    return NotAllowed(
        Text(vi=f"Mã {shown} thuộc về hệ thống khác", en=f"The code {shown} belongs to another system")
    )
