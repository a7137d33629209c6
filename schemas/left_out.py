"""The long runs of base64 that are left out of a package's skeleton, and how to come by their octets again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from schemas.spooled import Spooled

BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Step:
    """A place within a run: how many octets into the package, and how many characters that are no blanks before it."""

    octet: int
    solid: int


@dataclass(frozen=True, slots=True)
class Run:
    """Base64 characters and blanks from octet `start` of a package up to `end`, for which `mark` stands.

    `solid` is how many are no blanks, `characters` how many a parser counts: to it CR LF is one. `returns` tells
    whether there is a CR, `paired` whether each stands before an LF. `steps` are places on the way, to begin in the
    middle. `line` is the one in the skeleton on which the mark stands, and `lines` how
    many more the run has than the mark.
    """

    mark: str
    start: int
    end: int
    solid: int
    characters: int
    returns: bool
    paired: bool
    line: int
    lines: int
    steps: tuple[Step, ...] = field(repr=False)


class LeftOut:
    """What is left out of one package, by its marks, in the order of the package."""

    def __init__(self, package: Spooled, secret: str, runs: Mapping[str, Run]) -> None:
        self.package = package
        self.runs = runs
        self._mark = re.compile(f"({secret}-[0-9]+\n?[.])")
        self._lines = [run.line for run in runs.values()]
        self._more: list[int] = [0]
        for run in runs.values():
            self._more.append(self._more[-1] + run.lines)

    def split(self, text: str) -> tuple[str | Run, ...]:
        """Return the parts of a text: what is there, and what its marks stand for."""
        return tuple(self.runs.get(part, part) for part in self._mark.split(text) if part)

    def line(self, line: int) -> int:
        """Return the line of the package that a line of the skeleton is."""
        return line + self._more[bisect_right(self._lines, line - 1)]

    def canonical(self, run: Run) -> Iterator[bytes]:
        """Yield what a run is in canonical form, where a line ends with LF and nothing else."""
        pieces = self.package.between(run.start, run.end)
        if run.returns and run.paired:
            return (piece.translate(None, b"\r") for piece in pieces)
        return _without_returns(pieces) if run.returns else pieces

    def solid(self, run: Run, start: int = 0) -> Iterator[bytes]:
        """Yield the characters of a run from one on, without its blanks."""
        step = run.steps[bisect_right(run.steps, start, key=lambda one: one.solid) - 1]
        skip = start - step.solid
        for piece in self.package.between(step.octet, run.end):
            plain = piece.translate(None, BLANKS)
            if skip < len(plain):
                yield plain[skip:]
            skip = max(0, skip - len(plain))


def _without_returns(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces as a parser reads them: XML 1.0, 2.11."""
    held = b""
    for piece in pieces:
        whole = held + piece
        held = b"\r" if whole.endswith(b"\r") else b""
        yield whole.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if held:
        yield b"\n"
