"""The way through a large package that tells what of it may be left out, without knowing what XML is.

It errs on the side of keeping; what it leaves out wrongly is put back by `schemas.skeleton`, which sees the tree.
"""

from __future__ import annotations

import re
from typing import Final

import pybase64

from schemas.left_out import BLANKS, Run, Step

LONG: Final = 2048  # octets; shorter runs are kept
MOST_KEPT: Final = 8 * 1024 * 1024  # octets of a package besides what is left out
MOST_RUNS: Final = 16_384  # each takes half a kilobyte; an attachment has one, or one and a few
_LONGEST_TAG = 2048

_OPENING = re.compile(rb"<(?:[^\s<>/:\"'=&]{1,64}:)?ContentTransferEncoded(?:\s[^<>]{0,1024})?(?<!/)>")
_CDATA = b"<![CDATA["
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_STRETCHES = re.compile(rb"[A-Za-z0-9+/ \t\r\n]+|[^A-Za-z0-9+/ \t\r\n]+")
_REFERENCE = b"&#"  # what follows may be the name or number of a character


class TooMuchKept(Exception):
    """The package has more that cannot be left out than may be held in memory."""


class Scan:
    """Feed it the pieces of a package in order, then close it. `put_back` names runs to keep, by their beginnings."""

    def __init__(self, secret: str, put_back: frozenset[int] = frozenset(), most: int = MOST_KEPT) -> None:
        self.runs: dict[str, Run] = {}
        self._secret = secret
        self._put_back = put_back
        self._most = most
        self._kept: list[bytes] = []
        self._size = 0
        self._line = 1
        self._before = b""  # the octet that was kept last
        self._inside = False  # behind a tag of the right name
        self._carry = b""  # what may be the beginning of a tag
        self._at = 0  # octets seen, without those carried
        self._run: _Growing | None = None

    def feed(self, piece: bytes) -> None:
        """Look at the next octets. Raises TooMuchKept."""
        octets, self._carry = self._carry + piece, b""
        start = 0
        while start < len(octets) and not self._carry:
            start = self._text(octets, start) if self._inside else self._markup(octets, start)
        self._at += len(octets) - len(self._carry)

    def close(self) -> bytes:
        """Return the package with marks in place of what is left out, which `runs` has. Raises TooMuchKept."""
        self._end_run()
        self._keep(self._carry)
        return b"".join(self._kept)

    def _markup(self, octets: bytes, start: int) -> int:
        opening = _OPENING.search(octets, start)
        if opening:
            self._keep(octets[start : opening.end()])
            self._inside = True
            return opening.end()
        cut = octets.rfind(b"<", max(start, len(octets) - _LONGEST_TAG))
        cut = len(octets) if cut < 0 else cut
        self._keep(octets[start:cut])
        self._carry = octets[cut:]
        return cut

    def _text(self, octets: bytes, start: int) -> int:
        tag = octets.find(b"<", start)
        end = len(octets) if tag < 0 else tag
        if start < end:
            self._characters(octets[start:end], self._at + start)
        if tag < 0:
            return end
        ahead = octets[tag : tag + len(_CDATA)]
        if len(ahead) < len(_CDATA) and _CDATA.startswith(ahead):
            self._carry = ahead
            return tag
        self._end_run()
        if ahead != _CDATA:
            self._inside = False
            return tag
        self._keep(_CDATA)
        return tag + len(_CDATA)

    def _characters(self, text: bytes, at: int) -> None:
        blanks = _blanks(text)
        if blanks is not None:
            self._grow(text, at, blanks)
            return
        for stretch in _STRETCHES.finditer(text):
            blanks = _blanks(stretch[0])
            if blanks is not None:
                self._grow(stretch[0], at + stretch.start(), blanks)
            else:
                self._end_run()
                self._keep(stretch[0])

    def _grow(self, text: bytes, at: int, blanks: bytes) -> None:
        if self._run is None:
            kept = at in self._put_back or (self._before != b"" and self._before in _REFERENCE)
            self._run = _Growing(at, kept=kept)
        self._run.add(text, at, blanks)
        if self._run.kept:
            self._check(self._run.size)

    def _end_run(self) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        if run.kept or run.size < LONG:
            self._keep(b"".join(run.held))
            return
        if len(self.runs) == MOST_RUNS:
            raise TooMuchKept
        # A run of several lines has a mark of two: what stands behind it stands on another line than what is before.
        mark = f"{self._secret}-{len(self.runs)}" + ("\n." if run.newlines else ".")
        self.runs[mark] = run.finished(mark, self._line)
        self._keep(mark.encode())

    def _keep(self, octets: bytes) -> None:
        if not octets:
            return
        self._check(len(octets))
        self._kept.append(octets)
        self._size += len(octets)
        self._line += octets.count(b"\n")
        self._before = octets[-1:]

    def _check(self, more: int) -> None:
        if self._size + more > self._most:
            raise TooMuchKept


class _Growing:
    """A run whose end has not been seen. As long as it may have to be kept, its octets are."""

    def __init__(self, start: int, *, kept: bool) -> None:
        self.start = start
        self.kept = kept
        self.size = 0
        self.newlines = 0
        self.held: list[bytes] = []
        self._solid = 0
        self._pairs = 0
        self._returns = 0
        self._open = False  # the last octet is a CR
        self._steps: list[Step] = []

    def add(self, text: bytes, at: int, blanks: bytes) -> None:
        self._steps.append(Step(at, self._solid))
        self.size += len(text)
        self._solid += len(text) - len(blanks)
        self.newlines += blanks.count(b"\n")
        self._count_returns(text, blanks)
        if self.kept or self.size < LONG:
            self.held.append(text)
        else:
            self.held.clear()

    def _count_returns(self, text: bytes, blanks: bytes) -> None:
        if b"\r" in blanks:
            self._returns += blanks.count(b"\r")
            self._pairs += _pairs(text, blanks)
        self._pairs += self._open and text.startswith(b"\n")
        self._open = text.endswith(b"\r")

    def finished(self, mark: str, line: int) -> Run:
        return Run(
            mark=mark,
            start=self.start,
            end=self.start + self.size,
            solid=self._solid,
            characters=self.size - self._pairs,
            returns=self._returns > 0,
            paired=self._returns == self._pairs,
            line=line,
            lines=max(0, self.newlines - 1),
            steps=tuple(self._steps),
        )


def _blanks(text: bytes) -> bytes | None:
    """Return the blanks of a text, or None if any octet is neither a blank nor of the base64 alphabet.

    Where there are none, decoding is the fastest way to tell.
    """
    if b"=" not in text and not any(blank in text for blank in (b"\n", b" ", b"\r", b"\t")):
        whole = len(text) // 4 * 4
        try:
            pybase64.b64decode(memoryview(text)[:whole], validate=True)
        except ValueError:
            return None
        return None if text[whole:].translate(None, _ALPHABET) else b""
    rest = text.translate(None, _ALPHABET)
    return None if rest.translate(None, BLANKS) else rest


def _pairs(text: bytes, blanks: bytes) -> int:
    """Return how often CR LF stands in a text with these blanks: counting takes longer than looking at every line."""
    lines, odd = divmod(len(blanks), 2)
    if not odd and blanks == b"\r\n" * lines:
        first = text.index(b"\r")
        width = text.find(b"\r", first + 1) - first if lines > 1 else len(text)
        if text[first::width] == b"\r" * lines and text[first + 1 :: width] == b"\n" * lines:
            return lines
    return text.count(b"\r\n")
