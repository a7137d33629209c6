"""How far this machine's clock is off: as the system knows it (NTP), or against the Date header of a web server.

The kernel keeps, for whatever program disciplines the clock, a bound of the error and whether it is synchronised at
all (ntp_adjtime(3)); asking needs no rights. Where that is forbidden or nobody keeps the clock, an address of the
settings is asked: its answer is good to a second and the time that the request took.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import ClassVar

import httpx

from hub.model import Clock

UNSYNCHRONISED = 0x0040  # STA_UNSYNC of <sys/timex.h>
NANOSECONDS = 0x2000  # STA_NANO
ERROR = 5  # TIME_ERROR, what ntp_adjtime returns for a clock that nobody keeps
TIMEOUT_SECONDS = 5.0
HALF_A_SECOND = 0.5  # a Date header has no fractions


@dataclass(frozen=True, slots=True)
class Offset:
    """How far our clock is ahead (below 0: behind), seconds, and how well that is known."""

    seconds: float
    within: float
    source: str  # "ntp", or the host that was asked


class _Timex(ctypes.Structure):
    _fields_: ClassVar = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),  # more than any libc writes
    ]


def by_system() -> Offset | None:
    """Return what the kernel says; None when nobody keeps the clock, or it does not say."""
    try:
        libc = ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6", use_errno=True)
        told = _Timex()
        state = libc.ntp_adjtime(ctypes.byref(told))
    except (OSError, AttributeError):
        return None
    if state < 0 or state == ERROR or told.status & UNSYNCHRONISED:
        return None
    unit = 1e-9 if told.status & NANOSECONDS else 1e-6
    return Offset(-told.offset * unit, told.maxerror * 1e-6, "ntp")


async def by_date(url: str, clock: Clock, transport: httpx.AsyncBaseTransport | None = None) -> Offset | None:
    """Compare with the Date header of a web server; None when it does not answer or has none."""
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False) as client:
        before = clock()
        try:
            answer = await client.head(url)
        except httpx.HTTPError:
            return None
        after = clock()
    told = _date(answer.headers.get("date"))
    if told is None:
        return None
    half = (after - before).total_seconds() / 2
    middle = before + (after - before) / 2
    return Offset((middle - told).total_seconds() - HALF_A_SECOND, half + HALF_A_SECOND, httpx.URL(url).host)


async def offset(url: str, clock: Clock) -> Offset | None:
    """Return how far the clock is off, from whoever can tell; an address of the settings goes first."""
    return (await by_date(url, clock) if url else None) or by_system()


def _date(header: str | None) -> datetime | None:
    try:
        told = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return told if told is not None and told.tzinfo is not None else None
