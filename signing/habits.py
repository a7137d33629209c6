"""What edXML software does otherwise than XMLDSig says, read as it was meant, and named.

*Namespace.* The regulation's examples put `Signature` into the regulation's own namespace. Such a signature is verified
as it is written: the same form, element by element, canonicalised under the names that it has.

*Transform.* They name `http://www.w3.org/TR/xml-exc-c14n#`, which is the address of a page and no algorithm. It is read
as Exclusive C14N.

Neither is ever VALID: no XMLDSig software confirms what we found, so it proves nothing to a third party. If the
arithmetic holds, the integrity is UNDETERMINED with the habit as the reason.

*Trace.* The axis adds a `TraceHeader` for each hop, which breaks a signature over the whole package. It stays broken;
`added_trace` finds out whether that is all that happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from schemas.findings import shortened
from signing.canonical import Form
from signing.profile import EDXML

SIGNATURE = f"{{{EDXML}}}Signature"  # where XMLDSig's own namespace should stand
MISNAMED_EXCLUSIVE = "http://www.w3.org/TR/xml-exc-c14n#"

MOST_HOPS = 8
MOST_DIGESTED = 32 * 1024 * 1024  # octets; each try costs a digest of the whole package

# In canonical form "<" is never anything but a tag. Of two prefixes only one matches the end tag.
_LIST = re.compile(rb"<((?:[^\s<>/:]+:)?TraceHeaderList)[ >].*?</\1>", re.DOTALL)
_HOP = re.compile(rb"<((?:[^\s<>/:]+:)?TraceHeader)[ >].*?</\1>", re.DOTALL)
_HOP_CODE = re.compile(rb"<(?:[^\s<>/:]+:)?OrganId(?: [^<>]*)?>([^<>]*)</")
_BLANKS_AFTER = re.compile(rb"[ \t\n]*+")


@dataclass(frozen=True, slots=True)
class AddedTrace:
    """What must be left out for the digest to fit: how many hops, and the code that the last one gave."""

    hops: int
    last: str


def added_trace(form: Form, algorithm: str, expected: bytes, *, end: int, after: int) -> AddedTrace | None:
    """Return which trace headers were added after signing, or None if that does not explain the digest.

    The signature stands from `end` to `after` of the canonical form. The last hops are left out, one more each time,
    then the whole list; blanks that were written beside them are tried with them. All is tried in one way through.
    """
    tries = max(6, MOST_DIGESTED // form.size)
    tried = list(islice(_candidates(form.octets[:end]), tries))
    digests = form.digests(algorithm, [((start, stop), (end, after)) for _, start, stop in tried])
    for (hops, start, stop), digest in zip(tried, digests, strict=True):
        if digest == expected:
            codes = _HOP_CODE.findall(form.octets[start:stop])
            return AddedTrace(hops, str(shortened(codes[-1].decode("utf-8").strip())) if codes else "-")
    return None


def _candidates(header: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield hops, start and end of everything that a system on the way may have added."""
    lists = list(_LIST.finditer(header))
    if len(lists) != 1:  # two are no list of ours
        return
    hops = list(_HOP.finditer(header, lists[0].start(), lists[0].end()))
    # Next to each other at the end or at the beginning: a hop writes its own behind, or before, the others.
    runs: list[Callable[[int], tuple[int, int]]] = [
        lambda count: (hops[-count].start(), hops[-1].end()),
        lambda count: (hops[0].start(), hops[count - 1].end()),
    ]
    for count in range(1, min(len(hops), MOST_HOPS) + 1):
        for run in runs[: 1 if count == len(hops) else 2]:
            for extent in _with_blanks(header, *run(count)):
                yield count, *extent
    for extent in _with_blanks(header, lists[0].start(), lists[0].end()):
        yield len(hops), *extent


def _with_blanks(header: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the extent as it is, with the blanks before it, and with those after it."""
    yield start, end
    before = len(header[:start].rstrip(b" \t\n"))
    if before < start:
        yield before, end
    after = _BLANKS_AFTER.match(header, end)
    if after is not None and after.end() > end:
        yield start, after.end()
