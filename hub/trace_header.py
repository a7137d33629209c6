"""A `TraceHeader` of this hub in a package on its way out: for receivers that want one inside, and only for them.

It is put in as text, after the last one or at the head of the TraceHeaderList; no other octet changes. It names the hub
and when the package was accepted here, so the same package gets the same octets each time. Where that would not leave a
package with exactly one hop more, nothing is put in. It always breaks a signature over the whole package, which a
verifier can tell from forgery only by leaving the hop out again (`signing/habits.py`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from xml.sax.saxutils import escape

from hub.directory import VIETNAM
from schemas.edxml import reader
from schemas.edxml.envelope import Hop
from schemas.xml import parse

WRITTEN = "%Y/%m/%d %H:%M:%S"
_LIST = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)TraceHeaderList(?:\s[^<>]*)?(?<!/)>")
_LAST_HOP = re.compile(
    rb"</(?:[A-Za-z_][\w.-]*:)?TraceHeader\s*>(?!.*</(?:[A-Za-z_][\w.-]*:)?TraceHeader\s*>)", re.DOTALL
)


def inserted(content: bytes, code: str, at: datetime) -> bytes:
    """Return the package with one hop more; as it is, if it has no place for one."""
    lists = list(_LIST.finditer(content))
    if len(lists) != 1:
        return content
    opening = lists[0]
    ending = content.find(b"</" + opening[1] + b"TraceHeaderList", opening.end())
    if ending < 0:
        return content
    last = _LAST_HOP.search(content, opening.end(), ending)
    place = last.end() if last else opening.end()
    hop = Hop(code=code, at=at.astimezone(VIETNAM).strftime(WRITTEN))
    longer = content[:place] + _written(opening[1], hop) + content[place:]
    return longer if _has_one_more(content, longer, hop) else content


def _written(prefix: bytes, hop: Hop) -> bytes:
    p = prefix.decode("ascii")
    return (
        f"<{p}TraceHeader><{p}OrganId>{escape(hop.code)}</{p}OrganId>"
        f"<{p}Timestamp>{hop.at}</{p}Timestamp></{p}TraceHeader>"
    ).encode()


def _has_one_more(content: bytes, longer: bytes, hop: Hop) -> bool:
    try:
        before, after = reader.read(parse(content)), reader.read(parse(longer))
    except ValueError:
        return False
    return after == replace(before, trace=(*before.trace, hop))
