"""What a person sees of the demo, on a terminal and in a pipe."""

import pytest
from rich.console import Console

from hub.demo.board import Board
from hub.demo.cast import load
from hub.demo.display import Display, LiveDisplay, Mark, display_for
from schemas.text import Text


def board() -> Board:
    return Board(load(), clock=lambda: 0.0)


def test_in_a_pipe_there_are_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    display = display_for(board(), fast=False)
    assert type(display) is Display
    with display.shown():
        display.chapter(1, 9, Text(vi="Đầu", en="First"), Text(vi="Chuyện.", en="A story."))
        display.line(Mark.SENT, "một dòng\x1b[31m của người lạ\r\n")
        display.detail("thêm")
    written = capsys.readouterr().out
    assert written.startswith("\n== 1/9 Đầu ==\nChuyện.\n\n   0,0 → một dòng")
    assert all(char == "\n" or char.isprintable() for char in written)


async def test_in_a_pipe_nobody_waits() -> None:
    await Display(board()).breathe(3600)


def test_on_a_terminal_a_long_line_hangs_under_its_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    display = LiveDisplay(board(), pace=0)
    display.console = Console(width=40, force_terminal=True, color_system=None)
    display.line(Mark.ARRIVED, "chữ " * 20)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("  0,0 ● chữ")
    assert lines[1].startswith(" " * 8 + "chữ")
