"""What people see and what pipes get."""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import UTC, date, datetime

import pytest

from hub import show
from hub.show import Toned
from schemas.text import Text, speaking

NAME = Text(vi="Tên", en="Name")
CODE = Text(vi="Mã", en="Code")


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_pipe_gets_one_line_a_row_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    long = "Sở Nội vụ " * 60
    with speaking("vi"):
        show.table([NAME, CODE], [[long, "H49.13"], ["Xã", "H49.61"]])

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert [cell.strip() for cell in lines[0].split("\t")] == ["Tên", "Mã"]
    assert [cell.strip() for cell in lines[1].split("\t")] == [long.strip(), "H49.13"]


def test_columns_of_a_pipe_stand_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    show.table([NAME, CODE], [["Ủy ban nhân dân", "1"], ["Sở", "22"]])

    assert len({line.index("\t") for line in capsys.readouterr().out.splitlines()}) == 1


def test_a_pipe_gets_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    show.line(Toned("tốt", "good"))
    show.complain(Toned("hỏng", "bad"))

    out = capsys.readouterr()
    assert (out.out, out.err) == ("tốt\n", "hỏng\n")


def test_a_terminal_gets_colours_unless_it_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = Terminal()
    monkeypatch.setattr(sys, "stdout", coloured)
    show.line(Toned("tốt", "good"))
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    monkeypatch.setattr(sys, "stdout", plain)
    show.line(Toned("tốt", "good"))

    assert "\x1b[32m" in coloured.getvalue()
    assert "\x1b[3" not in plain.getvalue()


def test_a_strangers_words_cannot_command_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    show.table([NAME], [["\x1b]0;gotcha\x07 \x1b[2J [red]đỏ[/red]\nline two"]])
    show.line("\x1b[2Jxóa màn hình")

    shown = re.sub(r"\x1b\[[01]m", "", terminal.getvalue())  # bold, and its end, are ours
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[red]đỏ[/red]" in terminal.getvalue()


def test_on_a_narrow_terminal_ids_stay_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    show.table([CODE, NAME], [["01ARZ3NDEKTSV4RRFFQ69G5FAV", "Ủy ban nhân dân xã " * 5]])

    assert "01ARZ3NDEKTSV4RRFFQ69G5FAV" in terminal.getvalue()
    assert all(len(line) <= 60 for line in re.sub(r"\x1b\[[01]m", "", terminal.getvalue()).splitlines())


def test_on_a_terminal_a_column_with_nothing_in_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    with speaking("en"):
        show.table([CODE, NAME], [["1", None], ["2", ""]])

    assert "Code" in terminal.getvalue()
    assert "Name" not in terminal.getvalue()


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with speaking("en"):
        show.table([NAME], [], empty=Text(vi="Không có gì.", en="Nothing."))

    assert capsys.readouterr().out == "Nothing.\n"


def test_facts_leave_out_what_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    with speaking("en"):
        show.facts([(NAME, "Sở Nội vụ"), (CODE, None), (CODE, "")])

    assert capsys.readouterr().out == "Name  Sở Nội vụ\n"


def test_times_are_vietnams_for_people() -> None:
    moment = datetime(2026, 11, 20, 18, 30, 5, tzinfo=UTC)
    with speaking("vi"):
        assert show.when(moment) == "21/11/2026 01:30:05"
    with speaking("en"):
        assert show.when(moment) == "2026-11-21 01:30:05"


def test_days_are_written_as_the_reader_writes_them() -> None:
    with speaking("vi"):
        assert show.clean(date(2026, 11, 20)) == "20/11/2026"
    with speaking("en"):
        assert show.clean(date(2026, 11, 20)) == "2026-11-20"


def test_json_keeps_vietnamese_letters(capsys: pytest.CaptureFixture[str]) -> None:
    show.as_json({"name": "Ủy ban"})

    out = capsys.readouterr().out
    assert out == '{\n  "name": "Ủy ban"\n}\n'
    assert json.loads(out) == {"name": "Ủy ban"}


def test_a_table_that_is_watched_changes_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    columns = [Text(vi="Mã", en="Code"), Text(vi="Trống", en="Empty")]

    with show.live() as update:
        update(columns, [["H49.61", None]], ["một lượt"])
        update(columns, [], ["không còn gì"])

    said = terminal.getvalue()
    assert "H49.61" in said
    assert "Trống" not in said, "a column with nothing in it is left out"
    assert said.index("một lượt") < said.index("không còn gì")


def on_a_screen(width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the lines of a table on a terminal that is so wide."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    rows: list[list[object]] = [
        ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "Ủy ban nhân dân xã Hải Sơn"],
        ["01ARZ3NDEKTSV4RRFFQ69G5FAX", None],
    ]
    with speaking("vi"):
        show.table([CODE, NAME], rows)
    return [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in screen.getvalue().splitlines()]


def test_where_a_table_has_room_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_a_screen(60, monkeypatch)[2] == "01ARZ3NDEKTSV4RRFFQ69G5FAV  Ủy ban nhân dân xã Hải Sơn"


def test_where_it_has_none_each_row_is_names_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_a_screen(32, monkeypatch) == [
        "Mã   01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "Tên  Ủy ban nhân dân xã Hải Sơn",
        "",
        "Mã   01ARZ3NDEKTSV4RRFFQ69G5FAX",
        "",
    ]
