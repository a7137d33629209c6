"""Times as the protocol writes them, and words for headers, which are ASCII."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from typing import Any

from adapters.vxp.signature import VIETNAM

WRITTEN = "%Y-%m-%d %H:%M:%S"
KNOWN_FORMS = (WRITTEN, "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S")
DATE_FORM = "%d/%m/%Y %H:%M:%S"  # of fromDate and toDate
LONGEST = 500  # characters of a sentence in a header


def written(at: datetime) -> str:
    """Return a time as it stands in replies: Vietnam's, to the second."""
    return at.astimezone(VIETNAM).strftime(WRITTEN)


def read_time(text: str) -> datetime | None:
    """Return a time that an axis wrote, in one of the forms seen; None for any other."""
    for form in KNOWN_FORMS:
        try:
            return datetime.strptime(text.strip()[:19], form).replace(tzinfo=VIETNAM)
        except ValueError:
            continue
    return None


def day_of(at: datetime) -> date:
    """Return the day of a time, in Vietnam."""
    return at.astimezone(VIETNAM).date()


def ascii_only(sentence: str) -> str:
    """Return a sentence without diacritics, as one line of ASCII: the one thing every header survives."""
    plain = sentence.replace("đ", "d").replace("Đ", "D")
    bare = "".join(each for each in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(each))
    visible = "".join(char if " " <= char <= "~" else " " if char.isspace() else "?" for char in bare)
    return " ".join(visible.split())[:LONGEST]


def text(value: Any) -> str:
    """Return what stands in a field of somebody else's JSON: strings, and numbers where strings are expected."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)
