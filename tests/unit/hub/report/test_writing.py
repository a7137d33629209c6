"""Reports as files: every form has the same figures under headings in both languages, and none runs what it shows."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from importlib.util import find_spec

import pytest
from lxml import etree
from pyhanko.pdf_utils.reader import PdfFileReader

from hub.calendar import Calendar
from hub.deadlines import Kind
from hub.directory import Directory
from hub.errors import Misconfigured
from hub.model import Agency, AgencyCode, DeliveryState, Level
from hub.report import writing
from hub.report.assembly import assemble
from hub.report.compared import compared
from hub.report.counts import Counts, Question, rank, signed_by, times
from hub.report.figures import Figures, Period, Signed, Timeliness
from hub.report.sheets import Duration, Share, sheets, spoken, written
from schemas.edxml.codes import Scheme
from schemas.edxml.envelope import PackageKind
from schemas.text import speaking

NAME = "=Ủy ban nhân dân xã Mỹ Thử"


def figures() -> Figures:
    """Return a small report on one commune with a hostile name, and on somebody behind the next hub."""
    agency = Agency(
        id="A", name=NAME, level=Level.COMMUNE, codes=(AgencyCode(value="H49.61", scheme=Scheme.QD20),)
    )
    counts = Counts()
    counts.kinds[PackageKind.NEW] = 1_234
    counts.sent["A", "commune"] = 1_200
    counts.sent["~G05.1", "axis"] = 34
    counts.received["A", "commune", DeliveryState.DELIVERED] = 3
    counts.received["A", "commune", DeliveryState.AVAILABLE] = 1
    counts.signed["A", Signed.VALID] = 900
    counts.signed["A", Signed.NONE] = 300
    counts.signed["~G05.1", Signed.INVALID] = 34
    counts.timed["A", Kind.ARRIVAL, Timeliness.ON_TIME] = 2
    counts.timed["A", Kind.ARRIVAL, Timeliness.LATE] = 1
    counts.to_take["A"] = times([60.0, 120.0, 90_000.0])
    question = Question(
        period=Period(date(2026, 11, 1), date(2026, 11, 30)),
        now=datetime(2026, 12, 1, 2, 3, tzinfo=UTC),
        calendar=Calendar.load(),
        urgent_minutes=60,
    )
    return assemble(counts, question, Directory(agencies=(agency,)))


@pytest.mark.parametrize(
    "first", [*"=+-@＝＋－＠", " =", "\u3000＝", "\t", "\r", "\n", "\x00=", " \x01", "\ufeff="]
)
def test_what_a_spreadsheet_would_run_is_marked_as_words(first: str) -> None:
    assert writing.harmless(f"{first}cmd|x") == f"'{first}cmd|x"


def test_other_words_stay_as_they_are() -> None:
    assert [writing.harmless(each) for each in ("", " ", "Xã Mỹ Thử", " a=b")] == [
        "",
        " ",
        "Xã Mỹ Thử",
        " a=b",
    ]


def test_json_has_every_figure_and_share() -> None:
    told = json.loads(writing.as_json(figures()))
    assert told["period"] == {"first": "2026-11-01", "last": "2026-11-30"}
    assert told["kinds"]["new"] == 1_234
    assert told["sent"] == [
        {"level": "commune", "inside": 1200, "outside": 0},
        {"level": "other", "inside": 0, "outside": 34},
    ]
    assert told["arrived"]["share"] == 0.75
    assert told["signed"]["share"] == pytest.approx(900 / 1234)
    assert told["deadlines"][1] == {
        "kind": "arrival",
        "on_time": 2,
        "late": 1,
        "open": 0,
        "share": pytest.approx(2 / 3),
    }
    assert told["slowest_to_take"][0]["who"]["name"] == NAME


def test_csv_is_for_spreadsheets_and_runs_nothing() -> None:
    content = writing.as_csv(figures())
    assert content.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert ["Báo cáo trao đổi văn bản điện tử / Report on the exchange of electronic documents"] in rows
    assert any(row[1:2] == ["'" + NAME] for row in rows)
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert any(row[:4] == ["cấp xã / commune", "1200", "0", "1200"] for row in rows)


def test_xlsx_has_numbers_as_numbers_and_words_as_words() -> None:
    with zipfile.ZipFile(io.BytesIO(writing.as_xlsx(figures()))) as book:
        words = [each.text for each in etree.fromstring(book.read("xl/sharedStrings.xml")).iter("{*}t")]
        names = [each.get("name") for each in etree.fromstring(book.read("xl/workbook.xml")).iter("{*}sheet")]
        pages = [etree.fromstring(book.read(f"xl/worksheets/sheet{n + 1}.xml")) for n in range(len(names))]
    assert names[4] == "Ký số - Signatures"
    assert NAME in words
    assert not [each for page in pages for each in page.iter("{*}f")], "there are no formulas"
    numbers = [each.text for each in pages[1].iter("{*}v")]
    assert "1200" in numbers


def test_pdf_is_pages_that_a_reader_opens() -> None:
    content = writing.as_pdf(figures())
    document = PdfFileReader(io.BytesIO(content))
    assert int(document.root["/Pages"]["/Count"]) >= 1
    fonts = content.count(b"/FontFile2")
    assert fonts >= 2, "the letters of Vietnamese come with the file"


@pytest.mark.parametrize("form", [".xlsx", ".pdf"])
def test_without_its_library_a_form_says_what_to_install(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> object:
        return None if name in {"xlsxwriter", "font_roboto"} else find_spec(name)

    monkeypatch.setattr(writing, "find_spec", found)
    with pytest.raises(Misconfigured) as refused:
        writing.FORMS[form](figures())
    assert "edochub[reports]" in str(refused.value)


def test_every_row_is_as_wide_as_its_head() -> None:
    for sheet in sheets(figures()):
        assert all(len(row.cells) == len(sheet.head) for row in sheet.rows), sheet.key
        assert len({row.key for row in sheet.rows}) == len(sheet.rows), sheet.key


def test_a_figure_that_differs_is_found_by_its_line() -> None:
    ours, theirs = figures(), figures()
    assert all(line.agrees for line in compared(ours, theirs))
    theirs.kinds[PackageKind.NEW] += 1
    (line,) = (line for line in compared(ours, theirs) if not line.agrees)
    assert (line.reported, line.recounted) == (1_234, 1_235)


@pytest.mark.parametrize(
    ("outcomes", "signed"),
    [
        ([], Signed.NONE),
        (["absent", "absent"], Signed.NONE),
        (["absent", "valid"], Signed.VALID),
        (["valid", "undetermined"], Signed.UNDETERMINED),
        (["valid", "undetermined", "invalid"], Signed.INVALID),
    ],
)
def test_all_verdicts_together_say_how_a_document_is_signed(outcomes: list[str], signed: Signed) -> None:
    assert signed_by([{"outcome": each, "part": "x_Signed.pdf"} for each in outcomes]) is signed


def test_percentiles_are_times_that_really_were() -> None:
    assert [rank(count, 50) for count in (1, 2, 3, 100)] == [1, 1, 2, 50]
    assert [rank(count, 95) for count in (1, 19, 20, 100)] == [1, 19, 19, 95]
    assert (times([5, 1, 3]).median, times([5, 1, 3]).p95) == (3, 5)


def test_cells_are_written_as_their_reader_writes() -> None:
    with speaking("vi"):
        assert [written(each) for each in (1234567, Share(0.7294), Share(None), Duration(0.25))] == [
            *("1.234.567", "72,9%", "-", "0,2 giây")
        ]
    with speaking("en"):
        assert [written(each) for each in (1234567, Share(0.7294), Duration(7_260))] == [
            *("1,234,567", "72.9%", "2 h 1 min")
        ]
    assert spoken(90_000).vi == "1 ngày 1 giờ"
    assert spoken(61).en == "1 min 1 s"
