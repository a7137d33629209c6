"""What a person sees: a line for everything that happens, in the order in which it does.

On a terminal the lines scroll above the picture of `board`, with pauses that let a person follow. In a pipe there are
the lines alone, as fast as it goes, without a control character.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text as Styled

from hub import show
from hub.demo.board import Board, seconds
from hub.show import STYLES, Tone
from schemas.text import Text

PACE = 0.7  # of the pauses that the acts ask for


class Mark(Enum):
    """What kind of thing a line tells: its sign, and the colour of it."""

    SENT = ("→", "strong")
    TAKEN = ("✓", "good")
    ARRIVED = ("●", "good")
    ANSWER = ("←", "plain")
    REFUSED = ("✗", "bad")
    WAITING = ("…", "warning")
    NOTE = (" ", "quiet")

    def __init__(self, sign: str, tone: Tone) -> None:
        self.sign = sign
        self.tone: Tone = tone


class Display:
    """The lines. This one is for a pipe: plain, and in no way slowed down."""

    pace = 0.0  # how much of each pause is made

    def __init__(self, board: Board) -> None:
        self.board = board

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show what happens in the block."""
        yield

    def chapter(self, number: int, of: int, title: Text, story: Text) -> None:
        """Begin a chapter."""
        self.board.chapter = f"{number}/{of} {title}"
        self.heading(self.board.chapter)
        self.paragraph(story)
        self.paragraph("")

    def line(self, mark: Mark, text: object, tone: Tone = "plain") -> None:
        """Tell one thing that happened just now."""
        self._row(f"{seconds(self.board.elapsed)}", mark, show.clean(text), tone)

    def detail(self, text: object, tone: Tone = "quiet") -> None:
        """Tell more of it."""
        self._row("", Mark.NOTE, show.clean(text), tone)

    def heading(self, text: object) -> None:
        """Print a heading."""
        self._write(f"\n== {text} ==")

    def paragraph(self, text: object) -> None:
        """Print prose."""
        self._write(str(text))

    async def breathe(self, pause_seconds: float) -> None:
        """Let the reader follow."""
        if self.pace:
            await asyncio.sleep(pause_seconds * self.pace)

    def _row(self, at: str, mark: Mark, text: str, tone: Tone) -> None:  # noqa: ARG002
        self._write(f"{at:>6} {mark.sign} {text}")

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


class LiveDisplay(Display):
    """The lines above the board, on a terminal."""

    def __init__(self, board: Board, *, pace: float) -> None:
        super().__init__(board)
        self.pace = pace
        self.console = Console(highlight=False, markup=False, emoji=False)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show what happens in the block; at its end the board goes and the lines stay."""
        with Live(
            self.board,
            console=self.console,
            refresh_per_second=12,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield

    def heading(self, text: object) -> None:
        """Print a heading."""
        self.console.print()
        self.console.rule(Styled(str(text), style="bold cyan"), align="left", style="cyan")

    def paragraph(self, text: object) -> None:
        """Print prose."""
        self.console.print(Styled(str(text), style="italic"))

    def _row(self, at: str, mark: Mark, text: str, tone: Tone) -> None:
        row = Table.grid(padding=(0, 1))  # so that long lines hang under their beginning
        row.add_column(width=5, justify="right", style="dim")
        row.add_column(width=1, style=STYLES[mark.tone])
        row.add_column(ratio=1, style=STYLES[tone], overflow="fold")
        row.add_row(at, mark.sign, Styled(text))
        self.console.print(row)


def display_for(board: Board, *, fast: bool) -> Display:
    """Return the display that fits whoever looks."""
    if show.on_terminal(sys.stdout):
        return LiveDisplay(board, pace=0.0 if fast else PACE)
    return Display(board)
