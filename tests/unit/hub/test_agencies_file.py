"""The file of agencies: what is read, what is refused, and that everything is said at once in both languages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.agencies_file import AgenciesFile, AgencyRow, BadFile, read
from hub.directory import Directory
from hub.model import Agency, AgencyCode, Level
from schemas.edxml.codes import Scheme

HEADING = "code,name,level,parent"
FULL = "code,name,level,parent,scheme,valid_from,valid_to,successors"


def file(*lines: str, heading: str = HEADING) -> bytes:
    return "\n".join((heading, *lines, "")).encode()


def rows(*lines: str, heading: str = HEADING) -> tuple[AgencyRow, ...]:
    return read(file(*lines, heading=heading)).rows


def problems(*lines: str, heading: str = HEADING) -> list[str]:
    with pytest.raises(BadFile) as caught:
        read(file(*lines, heading=heading))
    assert all(problem.vi != problem.en for problem in caught.value.problems)
    return [problem.en for problem in caught.value.problems]


def warnings(*lines: str, heading: str = FULL, known: Directory | None = None) -> list[str]:
    found: AgenciesFile = read(file(*lines, heading=heading), known)
    assert all(warning.vi != warning.en for warning in found.warnings)
    return [warning.en for warning in found.warnings]


# --- reading ---


def test_a_row_is_an_agency() -> None:
    (row,) = rows("X01.02,Sở Thử nghiệm,province,")
    assert row == AgencyRow(
        line=2,
        name="Sở Thử nghiệm",
        level=Level.PROVINCE,
        codes=(AgencyCode(value="X01.02", scheme=Scheme.QD20),),
        parent=None,
        columns=frozenset(),
    )


def test_all_columns_are_read() -> None:
    (row,) = read(
        file("X01.02,Phòng Thử,district,X01,qd20,2016-11-03,2025-07-01,X01.03 X01.04", heading=FULL)
    ).rows
    assert row.parent == "X01"
    assert row.codes == (
        AgencyCode(
            value="X01.02",
            scheme=Scheme.QD20,
            valid_from=date(2016, 11, 3),
            valid_to=date(2025, 7, 1),
            successors=("X01.03", "X01.04"),
        ),
    )
    assert row.columns == {"scheme", "valid_from", "valid_to", "successors"}


def test_the_byte_order_mark_of_excel_is_taken() -> None:
    assert read(b"\xef\xbb\xbf" + file("X01,Tỉnh Mẫu,province,")).rows[0].name == "Tỉnh Mẫu"


def test_semicolons_and_windows_line_ends_are_taken() -> None:
    content = "CODE; Name ;LEVEL;Parent\r\nX01;Tỉnh Mẫu, gồm cả xã;Province;\r\n".encode()
    (row,) = read(content).rows
    assert (row.name, row.level) == ("Tỉnh Mẫu, gồm cả xã", Level.PROVINCE)


def test_the_heading_may_be_in_any_order_and_in_capitals() -> None:
    (row,) = rows("Tỉnh Mẫu,,X01,province", heading="NAME,Parent,Code,LEVEL")
    assert (row.name, row.codes[0].value) == ("Tỉnh Mẫu", "X01")


@pytest.mark.parametrize(
    "cell", ["000.00.00.X01 X01", "000.00.00.X01|X01", "000.00.00.X01;X01", " 000.00.00.X01 ;  X01"]
)
def test_several_codes_stand_in_one_cell(cell: str) -> None:
    (row,) = rows(f"{cell},Tỉnh Mẫu,province,")
    assert [(c.value, c.scheme) for c in row.codes] == [
        ("000.00.00.X01", Scheme.QCVN102),
        ("X01", Scheme.QD20),
    ]


def test_rows_of_one_name_that_mirror_each_other_are_one_agency() -> None:
    (row,) = rows("000.20.32.X01,Xã Thử,commune,", "X01.32.20,Xã  Thử,commune,X01")
    assert [c.value for c in row.codes] == ["000.20.32.X01", "X01.32.20"]
    assert (row.line, row.parent) == (2, "X01")


def test_a_cut_down_code_is_joined_with_its_mirror_whichever_comes_first() -> None:
    assert len(rows("28.22.X01,Xã Thử,commune,", "X01.22.28,Xã Thử,commune,")) == 1
    assert len(rows("X01.22.28,Xã Thử,commune,", "28.22.X01,Xã Thử,commune,")) == 1


def test_mirrors_of_different_names_stay_two_agencies() -> None:
    assert len(rows("000.20.32.X01,Xã Thử,commune,", "X01.32.20,Xã Khác,commune,")) == 2


def test_one_name_without_mirrors_stays_two_agencies() -> None:
    assert len(rows("X01.01,Phòng Thử,other,", "X01.02,Phòng Thử,other,")) == 2


def test_days_are_read_in_both_ways_of_writing() -> None:
    (one, other) = rows("X01,A,other,,,01/07/2025,,", "X02,B,other,,,2025-07-01,,", heading=FULL)
    assert one.codes[0].valid_from == other.codes[0].valid_from == date(2025, 7, 1)


def test_a_scheme_for_each_code_or_one_for_all() -> None:
    (each, all_of_them) = rows(
        "a.1 b.1,A,other,,QCVN102 qd20,,,", "a.2 b.2,B,other,,unknown,,,", heading=FULL
    )
    assert [c.scheme for c in each.codes] == [Scheme.QCVN102, Scheme.QD20]
    assert [c.scheme for c in all_of_them.codes] == [Scheme.UNKNOWN, Scheme.UNKNOWN]


def test_empty_lines_are_passed_over_and_lines_are_counted_by_the_file() -> None:
    found = rows("", "X01,Tỉnh Mẫu,province,", ",,,", '"X02","Tỉnh\nMẫu",province,', "X03,C,province,")
    assert [(row.line, row.name) for row in found] == [(3, "Tỉnh Mẫu"), (5, "Tỉnh Mẫu"), (7, "C")]


def test_a_file_without_rows_has_no_agencies() -> None:
    assert rows() == ()


# --- refusing ---


def test_everything_wrong_is_said_at_once_with_its_line() -> None:
    found = problems(
        "X01,Tỉnh Mẫu,province,,,,,",
        ",,tỉnh,,,,,",
        "X01,Lặp,other,,,31/02/2025,,",
        "X02,Sở,other,,qd21,2025-07-01,2025-06-30,",
        heading=FULL,
    )
    assert found == [
        "line 3: name: expected the agency's name, got “”",
        "line 3: level: expected central | province | district | commune | other, got “tỉnh”",
        "line 3: code: expected a code of up to 35 characters, got “”",
        "line 4: valid_from: expected a day as 2025-07-01 or 01/07/2025, got “31/02/2025”",
        "line 5: valid_to: expected a day after valid_from 2025-07-01, got “2025-06-30”",
        "line 5: scheme: expected qcvn102 | qd20 | provisional | unknown, got “qd21”",
    ]


def test_the_error_lists_all_problems_in_both_languages() -> None:
    with pytest.raises(BadFile) as caught:
        read(file("X01,A,tỉnh,", "X02,B,tỉnh,"))
    assert caught.value.message.vi.startswith(
        "Tệp danh bạ cơ quan có 2 lỗi, chưa nhập dữ liệu nào:\ndòng 2: level: cần "
    )
    assert caught.value.message.en.startswith(
        "The file of agencies has 2 faults, nothing was imported:\nline 2:"
    )
    assert len(caught.value.message.vi.splitlines()) == 3


def test_a_code_that_stands_twice_names_both_lines() -> None:
    assert problems("X01,A,other,", "x01 X02,B,other,", "X02,C,other,") == [
        "line 3: code: expected each code once, got x01 that is on line 2 already",
        "line 4: code: expected each code once, got X02 that is on line 3 already",
    ]


def test_a_code_twice_in_one_cell_is_told_once() -> None:
    assert problems("X01 X01,A,other,") == [
        "line 2: code: expected each code once, got X01 that is on line 2 already"
    ]


def test_a_code_that_is_too_long_is_told() -> None:
    assert problems("X" * 36 + ",A,other,")[0].startswith("line 2: code: expected a code of up to 35")


def test_another_number_of_schemes_than_codes_is_told() -> None:
    assert problems("X01 X02 X03,A,other,,qd20 qd20,,,", heading=FULL) == [
        "line 2: scheme: expected one value, or one for each code, got “qd20 qd20”"
    ]


def test_a_day_of_closing_on_the_day_of_opening_is_told() -> None:
    assert len(problems("X01,A,other,,,2025-07-01,2025-07-01,", heading=FULL)) == 1


def test_successors_in_a_circle_are_told_once() -> None:
    assert problems(
        "X01,A,other,,,,2025-07-01,X02",
        "X02,B,other,,,,2025-07-01,X03",
        "X03,C,other,,,,2025-07-01,X01",
        heading=FULL,
    ) == ["line 2: successors: expected to end at another code, got the circle X01 → X02 → X03 → X01"]


def test_an_agency_that_succeeds_itself_is_a_circle() -> None:
    assert problems("X01,A,other,,,,2025-07-01,X01", heading=FULL) == [
        "line 2: successors: expected to end at another code, got the circle X01 → X01"
    ]


def test_a_circle_through_what_is_known_already_is_told() -> None:
    closed = AgencyCode(value="X02", scheme=Scheme.QD20, valid_to=date(2025, 7, 1), successors=("X01",))
    known = Directory((Agency(id="b", name="B", level=Level.OTHER, codes=(closed,)),))
    with pytest.raises(BadFile) as caught:
        read(file("X01,A,other,,,,2025-07-01,X02", heading=FULL), known)
    assert len(caught.value.problems) == 1


def test_parents_in_a_circle_are_told() -> None:
    assert problems("X01,A,other,X02", "X02,B,other,X01") == [
        "line 2: parent: expected to end at another code, got the circle X01 → X02 → X01"
    ]


def test_mirrors_of_one_name_must_have_one_level() -> None:
    assert problems("000.00.13.X01,Sở,other,", "X01.13,Sở,province,") == [
        "line 3: level: expected “other” as on line 2 of the same agency, got “province”"
    ]


def test_another_encoding_names_the_line_and_the_way_out() -> None:
    with pytest.raises(BadFile) as caught:
        read(file("X01,A,other,") + "X02,Sở,other,".encode("utf-16-le") + b"\xff")
    assert caught.value.problems[0].en.startswith("line 3: expected UTF-8, got the byte 0x")
    assert "CSV UTF-8" in caught.value.problems[0].vi


def test_a_quotation_mark_that_is_never_closed_is_told() -> None:
    assert problems('X01,"Tỉnh,province,')[0].startswith("line 2: not readable as CSV")


@pytest.mark.parametrize("content", [b"", b"\n", b"name,parent\n"])
def test_missing_columns_are_named(content: bytes) -> None:
    with pytest.raises(BadFile) as caught:
        read(content)
    (problem,) = caught.value.problems
    assert problem.en.startswith("line 1: expected the columns code, name, level, parent; missing code,")


def test_a_column_that_stands_twice_is_told() -> None:
    assert problems("X01,A,other,,X02", heading="code,name,level,parent,Code") == [
        "line 1: expected each column once, got code several times"
    ]


def test_what_a_cell_holds_is_shown_cut_short() -> None:
    (problem,) = problems(f"X01,A,{'y' * 500},")
    assert len(problem) < 200


# --- warning ---


def test_a_good_file_has_no_warnings() -> None:
    assert warnings("X01,A,province,,,,,", "X01.02,B,commune,X01,,,,") == []


def test_a_column_that_nobody_knows_is_ignored_aloud() -> None:
    (warning,) = warnings("X01,A,other,,hi", heading=HEADING + ",note")
    assert warning.startswith("line 1: the column note is ignored; columns in use: code, name")


def test_parents_and_successors_that_nobody_knows_are_warned_of() -> None:
    assert warnings("X01,A,other,X09,,,2025-07-01,X08 X07") == [
        "line 2: successors: the code X08 is neither in this file nor in the directory",
        "line 2: successors: the code X07 is neither in this file nor in the directory",
        "line 2: parent: the code X09 is neither in this file nor in the directory",
    ]


def test_parents_and_successors_in_the_directory_are_not() -> None:
    def named(code: str) -> Agency:
        return Agency(
            id=code, name=code, level=Level.OTHER, codes=(AgencyCode(value=code, scheme=Scheme.QD20),)
        )

    known = Directory((named("X09"), named("X08")))
    assert warnings("X01,A,other,X09,,,2025-07-01,X08", known=known) == []


def test_a_parent_may_be_named_in_the_other_scheme() -> None:
    assert warnings("X01,A,province,,,,,", "X01.02,B,commune,000.00.00.X01,,,,") == []


def test_a_district_that_is_still_open_is_warned_of() -> None:
    (warning,) = warnings("000.00.21.X01,Huyện Thử,district,,,,,")
    assert (
        warning
        == "line 2: 000.00.21.X01 (Huyện Thử) is a district without valid_to; districts ended on 2025-07-01"
    )
    assert warnings("000.00.21.X01,Huyện Thử,district,,,,2025-07-01,") == []


def test_successors_of_an_open_code_are_warned_of() -> None:
    found = warnings("X01,A,other,,,,,X02", "X02,B,other,,,,,")
    assert found == ["line 2: X01 (A) has successors but no valid_to, so that they are never used"]


def test_a_code_of_no_known_form_is_warned_of_unless_its_scheme_is_stated() -> None:
    (warning,) = warnings("x01-a,A,other,,,,,")
    assert warning.startswith("line 2: the code x01-a follows neither QCVN 102:2016 nor QĐ 20/2020")
    assert warnings("x01-a,A,other,,unknown,,,") == []


# --- whatever comes ---


def outcome(content: bytes) -> AgenciesFile | BadFile:
    try:
        return read(content)
    except BadFile as error:
        return error


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_read_or_refused_with_reasons(content: bytes) -> None:
    found = outcome(content)
    assert isinstance(found, AgenciesFile) or found.problems


@given(st.lists(st.text(alphabet='X01.,;|"\n 2/-', max_size=30), max_size=6))
def test_whatever_rows_come_no_code_is_on_two_rows(lines: list[str]) -> None:
    found = outcome(file(*lines))
    rows = found.rows if isinstance(found, AgenciesFile) else ()
    codes = [code.value for row in rows for code in row.codes]
    assert len(codes) == len(set(codes))
