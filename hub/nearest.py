"""Codes that a mistyped one may have been meant as: fewest slips first, then neighbours that changed places.

A slip is a letter changed, added or lost. Two are forgiven, in a code of up to four letters one. Codes are counted
before they are compared: how often each letter stands in a code tells at once how near it can be at best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nsmallest
from operator import ne

from schemas.edxml.codes import Scheme, mirrored, scheme_of

LONGEST_CODE = 64  # characters; nothing longer is compared with the known codes
SLIPS = 2  # typing slips that a near code may be away

Rank = tuple[int, bool, bool, str]  # slips, not merely swapped, another top level, the code


class Nearest:
    """The codes that there are, arranged for comparing."""

    def __init__(self, codes: Iterable[str]) -> None:
        self._tallies: dict[int, list[tuple[int, str]]] = {}
        for code in codes:
            self._tallies.setdefault(len(code), []).append((tally(code.upper()), code))

    def to(self, tidy: str, limit: int, offered: Callable[[str], bool]) -> list[str]:
        """Return known codes near a code or its mirror, the nearest first: those only that may be offered."""
        if not 0 < len(tidy) <= LONGEST_CODE:
            return []
        ranks = [
            rank
            for form in {tidy, mirrored(tidy), mirrored(mirrored(tidy))}
            for rank in self._ranked(form, limit, offered)
        ]
        return [known for *_, known in sorted(ranks)]

    def _ranked(self, form: str, limit: int, offered: Callable[[str], bool]) -> list[Rank]:
        """Rank the codes near a form: fewest slips first, then a swap of letters, then the same top level."""
        ranks: list[Rank] = []
        for least, group in enumerate(self._hopeful(form)):
            if sum(slips < least for slips, *_ in ranks) >= limit:
                break  # no code of this group can be nearer
            for known in group:
                slips = slips_between(form, known.upper())
                if slips > SLIPS or not offered(known):
                    continue
                swapped = slips == 2 and neighbours_swapped(form, known.upper())  # one slip
                ranks.append((1 if swapped else slips, not swapped, top(form) != top(known), known))
        return nsmallest(2 * limit, (rank for rank in ranks if rank[0] <= slips_allowed(form)))

    def _hopeful(self, form: str) -> list[list[str]]:
        """Group the codes by the fewest slips that their letters allow: counting is quick."""
        letters = tally(form)
        groups: list[list[str]] = [[] for _ in range(SLIPS + 1)]
        for longer in range(-SLIPS, SLIPS + 1):
            most = 2 * SLIPS - abs(longer)  # bits: a letter changed is two, a letter more or less is one
            for counted, known in self._tallies.get(len(form) + longer, ()):
                bits = (counted ^ letters).bit_count()
                if bits <= most:
                    groups[(bits + abs(longer) + 1) // 2].append(known)
        return groups


def top(code: str) -> str:
    """Return the group that names level 1: the last by the scheme of 2016, the first by that of 2020."""
    groups = code.split(".")
    return groups[-1] if scheme_of(code) is Scheme.QCVN102 else groups[0]


def slips_allowed(form: str) -> int:
    """Return how far a code may be and still be meant: in `H37`, two slips leave one letter."""
    return SLIPS if len(form) > 4 else 1


def tally(code: str) -> int:
    """Count letters in a bit set: four bits for each, so that one slip changes at most two bits."""
    bits = 0
    for char in code:
        place = (ord(char) & 63) * 4
        seen = (bits >> place & 15) << 1 | 1
        bits |= (seen & 15) << place
    return bits


def slips_between(one: str, other: str) -> int:
    """Return how many letters were changed, added or lost: 0, 1, 2, or 3 for more.

    Exact, but for words of one length only changes count: who loses one letter and adds another is rare.
    """
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        changed: int = sum(map(ne, short, long))
        return min(changed, SLIPS + 1)
    if lost(short, long):
        return len(long) - len(short)
    if len(long) - len(short) > 1:
        return SLIPS + 1
    # One letter was lost and one changed: at the first difference either the one happened or the other.
    at = next(index for index, (left, right) in enumerate(zip(short, long, strict=False)) if left != right)
    changed_later = sum(map(ne, short[at:], long[at + 1 :])) == 1
    return SLIPS if changed_later or lost(short[at + 1 :], long[at + 1 :]) else SLIPS + 1


def lost(short: str, long: str) -> bool:
    """Tell whether a word is left when at most two letters of a longer one are lost."""
    rest = iter(long)
    return len(long) - len(short) <= SLIPS and all(letter in rest for letter in short)


def neighbours_swapped(one: str, other: str) -> bool:
    """Tell whether two words differ by two neighbouring letters that changed places, and in nothing else."""
    if len(one) != len(other) or one == other:
        return False
    at = next(index for index, (left, right) in enumerate(zip(one, other, strict=True)) if left != right)
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
