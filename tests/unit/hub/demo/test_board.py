"""The agencies by level, with what each has sent and got."""

import io
import re

import pytest
from rich.console import Console

from hub.demo.board import Board, seconds
from hub.demo.cast import BINH_LIEU, CITY, CITY_OLD_CODE, CO_TO, HUC_DONG, load
from schemas.text import Text, speaking


def board() -> Board:
    return Board(load(), clock=lambda: 0.0)


def drawn(picture: Board, width: int = 120, height: int = 40) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, height=height, force_terminal=True, color_system=None)
    console.print(picture)
    return stream.getvalue()


def test_the_board_shows_every_agency_with_what_it_sent_and_got() -> None:
    picture = board()
    picture.sent(BINH_LIEU, answer=False)
    picture.got(CITY_OLD_CODE)
    picture.got(HUC_DONG)
    shown = drawn(picture)
    assert all(player.short in shown for player in load().players)
    assert re.search(r"● xã Bình Liêu +↑1 +↓1", shown)
    assert re.search(r"● UBND thành phố Quảng Ninh +↑0 +↓1", shown)


def test_no_line_of_the_board_is_wider_than_the_terminal() -> None:
    picture = board()
    picture.trouble(CO_TO, Text(vi="không trả lời " * 20, en="does not answer " * 20))
    for width in (60, 80, 112, 120, 200):
        assert max(len(line) for line in drawn(picture, width).splitlines()) <= width


def test_a_small_terminal_gets_the_totals_alone() -> None:
    assert "xã Bình Liêu" not in drawn(board(), 80, 24)
    assert "0 văn bản" in drawn(board(), 80, 24)


def test_a_system_in_trouble_is_named_until_it_is_well() -> None:
    picture = board()
    picture.trouble(CO_TO, Text(vi="không trả lời", en="does not answer"))
    assert "✗ đặc khu Cô Tô: không trả lời" in drawn(picture)
    picture.trouble(CO_TO, None)
    assert "✗" not in drawn(picture)


def test_totals_count_documents_and_answers_apart() -> None:
    picture = board()
    picture.sent(CITY, answer=False)
    picture.sent(BINH_LIEU, answer=True)
    picture.sent(BINH_LIEU, answer=True)
    picture.got(CITY)
    assert (picture.totals.documents, picture.totals.answers, picture.totals.arrived) == (1, 2, 1)


@pytest.mark.parametrize(("language", "written"), [("vi", "1,5"), ("en", "1.5")])
def test_seconds_are_written_as_the_reader_writes_them(language: str, written: str) -> None:
    with speaking("en" if language == "en" else "vi"):
        assert seconds(1.5) == written
