"""The agencies by level, with what each has sent and got: the picture below the lines on a terminal.

It keeps the counts on every display, since the last page prints them too. Where a terminal is too small for the
picture there is the line of totals alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from rich.console import Console, ConsoleOptions, RenderResult
from rich.rule import Rule
from rich.table import Table
from rich.text import Text as Styled

from hub.demo.cast import Cast, Player
from hub.model import Level
from hub.show import STYLES
from schemas.text import Text, language

LIT_SECONDS = 0.9  # how long an agency is lit after it sent or got something
LEAST_WIDTH, LEAST_HEIGHT = 112, 24
COMMUNES_IN_A_COLUMN = 5

HEADINGS: dict[Level, Text] = {
    Level.CENTRAL: Text(vi="TRUNG ƯƠNG", en="CENTRAL"),
    Level.PROVINCE: Text(vi="CẤP TỈNH", en="PROVINCE"),
    Level.COMMUNE: Text(vi="CẤP XÃ", en="COMMUNES"),
}


@dataclass(slots=True)
class Tally:
    """What one agency has sent and got, packages of all kinds."""

    sent: int = 0
    got: int = 0
    sent_at: float = float("-inf")
    got_at: float = float("-inf")
    trouble: Text | None = None


@dataclass(slots=True)
class Totals:
    """What has gone through the hub."""

    documents: int = 0
    answers: int = 0
    arrived: int = 0
    refused: int = 0


@dataclass
class Board:
    """The counts, and the picture of them."""

    cast: Cast
    clock: Callable[[], float] = time.monotonic
    totals: Totals = field(default_factory=Totals)
    chapter: str = ""
    tallies: dict[str, Tally] = field(init=False)
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.tallies = {player.code: Tally() for player in self.cast.players}
        self.began = self.clock()

    def sent(self, code: str, *, answer: bool) -> None:
        """An agency has handed a package in, and the hub has taken it."""
        tally = self.of(code)
        tally.sent, tally.sent_at = tally.sent + 1, self.clock()
        if answer:
            self.totals.answers += 1
        else:
            self.totals.documents += 1

    def got(self, code: str) -> None:
        """An agency has a package."""
        tally = self.of(code)
        tally.got, tally.got_at = tally.got + 1, self.clock()
        self.totals.arrived += 1

    def trouble(self, code: str, what: Text | None) -> None:
        """Say what is the matter with an agency's system; None when it is well again."""
        self.of(code).trouble = what

    def of(self, code: str) -> Tally:
        """Return the tally of an agency, by any of its codes, or those that it took over."""
        return self.tallies[self.cast.holder(code).code]

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self.clock() - self.began

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Rule(style="dim")
        if options.max_width >= LEAST_WIDTH and console.size.height >= LEAST_HEIGHT:
            yield self._picture()
        yield from self._footer()

    def _picture(self) -> Table:
        columns = list(self._columns())
        picture = Table(box=None, pad_edge=False, padding=(0, 1), expand=True)
        for heading, _ in columns:
            picture.add_column(Styled(heading, style="bold cyan"), no_wrap=True)
            picture.add_column(justify="right", no_wrap=True)
            picture.add_column(justify="left", no_wrap=True, min_width=4)
        for row in zip_longest(*(players for _, players in columns)):
            picture.add_row(*(cell for player in row for cell in self._cells(player)))
        return picture

    def _columns(self) -> Iterator[tuple[str, Sequence[Player]]]:
        """Yield a heading and its players; the communes take two columns."""
        for level in (Level.CENTRAL, Level.PROVINCE, Level.COMMUNE):
            players = self.cast.of_level(level)
            for start in range(0, len(players), COMMUNES_IN_A_COLUMN):
                yield (
                    (str(HEADINGS[level]) if start == 0 else ""),
                    players[start : start + COMMUNES_IN_A_COLUMN],
                )

    def _cells(self, player: Player | None) -> tuple[Styled, Styled, Styled]:
        if player is None:
            return Styled(), Styled(), Styled()
        tally, now = self.tallies[player.code], self.clock()
        sending, getting = now - tally.sent_at < LIT_SECONDS, now - tally.got_at < LIT_SECONDS
        style = "bold" if sending or getting else ""
        mark = Styled("● ", style="green")
        if tally.trouble:
            mark, style = Styled("✗ ", style=STYLES["bad"]), STYLES["bad"]
        return (
            mark + Styled(player.short, style=style),
            Styled(f"↑{tally.sent}", style="bold yellow" if sending else "dim"),
            Styled(f"↓{tally.got}", style="bold green" if getting else "dim"),
        )

    def _footer(self) -> Iterator[Styled]:
        for player in self.cast.players:
            if trouble := self.tallies[player.code].trouble:
                yield Styled(
                    f"✗ {player.short}: {trouble}", style=STYLES["bad"], no_wrap=True, overflow="ellipsis"
                )
        totals = self.totals
        said = Text(
            vi=f"{totals.documents} văn bản, {totals.answers} trạng thái, {totals.arrived} lượt đã đến nơi, "
            f"{totals.refused} bị từ chối, {seconds(self.elapsed)} giây",
            en=f"{totals.documents} documents, {totals.answers} answers, {totals.arrived} deliveries made, "
            f"{totals.refused} refused, {seconds(self.elapsed)} s",
        )
        line = Styled(f"{self.chapter}   ", style="bold", no_wrap=True, overflow="ellipsis")
        yield line.append(str(said), style="dim")


def seconds(amount: float) -> str:
    """Return seconds as people write them."""
    written = f"{amount:.1f}"
    return written.replace(".", ",") if language.get() == "vi" else written
