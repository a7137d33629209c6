"""A package that is read in pieces has the findings that it has in memory, whoever made it and whatever he wished."""

from __future__ import annotations

import base64
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import run_scan, skeleton, xml
from schemas.findings import InvalidDocument
from schemas.spooled import Spooled
from tests.unit.schemas.samples import OFFICIAL_SAMPLES, SAMPLES, changed, sample
from tests.unit.schemas.streams import found, leave_out_everything, spooled

ALL = sorted(SAMPLES.rglob("*.edxml")) + OFFICIAL_SAMPLES
OPEN, CLOSE = "<edXML:ContentTransferEncoded", "</edXML:ContentTransferEncoded>"
TEXT = "QW5oIGNoYW8gY2FjIGJhbiBkb25nIG5naGllcCE="


@pytest.fixture(autouse=True)
def _everything(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_out_everything(monkeypatch)


def holding(text: str, name: str = "good/document-new") -> bytes:
    """Return a sample whose first attachment holds this instead of its base64."""
    content = sample(name).decode()
    start = content.index(">", content.index("ContentTransferEncoded")) + 1
    return (content[:start] + text + content[content.index("<", start) :]).encode()


def runs(content: bytes) -> int:
    return len(skeleton.skeleton_of(spooled(content)).left_out.runs)


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_a_sample_is_found_to_be_what_it_is_in_memory(file: Path) -> None:
    content = file.read_bytes()
    assert found(spooled(content)) == found(content)


def test_that_comparison_leaves_something_out() -> None:
    assert runs(sample("good/document-new")) > 0
    assert runs(sample("good/document-zip-wrapped")) > 0


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "",
        " \r\n\t ",
        "QUJD\r\nREVG\rR0hJ\nSktM",
        "QUJDR",
        "QUJDREVGR=hJ",
        "QUJDREVGR0hJ====",
        "====" * 6,
        "QUJDREVG-0hJSktMTU5P",
        "QUJDREVGR0hJSktMTU5Pđ",
        "QUJDREVG&#82;0hJSktMTU5P",
        "QUJDREVG&#82",
        "QUJDREVG&AAAABBBBCCCC;0hJ",
        "&#xAAAABBBBCCCC;",
        "QUJD]]>REVGR0hJ",
        "QUJD>REVGR0hJSktM",
        f"<![CDATA[{TEXT}]]>",
        f"<![CDATA[{TEXT}",
        "QUJDREVG<![CDATA[R0hJSktM]]>TU5P",
        "QUJDREVG<!-- R0hJSktM -->TU5PQUJD",
        "QUJDREVG<?R0hJSktM?>TU5PQUJD",
        "QUJDREVG<b>R0hJSktM</b>TU5PQUJD",
        f"QUJDREVG{OPEN}>{TEXT}{CLOSE}QUJDREVG",
        f"{CLOSE}{OPEN}>{TEXT}",
        f"{CLOSE}QUJDREVGR0hJSktM{OPEN} />QUJDREVG{OPEN}>{TEXT}",
        f"{CLOSE}<ContentTransferEncoded xmlns='urn:x'>{TEXT}</ContentTransferEncoded>{OPEN}>",
        f'<b a="{OPEN}>QUJDREVG">{TEXT}</b>',
        "JVBERi0xLjcK" + base64.b64encode("xin chào \ufffd".encode() * 9).decode(),
        "UEsDBAoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAA\x00BBBBCCCC",
        "A" * 30 + "\n" * 30,
    ],
)
def test_what_stands_where_base64_should_is_found_as_in_memory(text: str) -> None:
    content = holding(text)
    assert found(spooled(content)) == found(content)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "</edXML:Subject>",
            f"<edXML:ContentTransferEncoded>{TEXT}</edXML:ContentTransferEncoded></edXML:Subject>",
        ),
        ("<edXML:Subject>", f"<edXML:Subject><![CDATA[<ContentTransferEncoded>{TEXT}]]>"),
        ("<edXML:Subject>", f"<edXML:Subject a='&lt;ContentTransferEncoded>{TEXT}'>"),
        (
            "<edXML:Subject>",
            f"<edXML:ContentTransferEncoded>{TEXT}</edXML:ContentTransferEncoded><edXML:Subject>",
        ),
        (
            "<edXML:OrganName>",
            f"<edXML:OrganName><ContentTransferEncoded>{TEXT * 9}</ContentTransferEncoded>",
        ),
        ("</edXML>", f"<ContentTransferEncoded>{TEXT}</ContentTransferEncoded></edXML>"),
        ("</edXML>", f"</edXML><ContentTransferEncoded>{TEXT}"),
    ],
)
def test_elsewhere_nothing_is_left_out_by_that_name(old: str, new: str) -> None:
    content = changed("good/document-new", old, new)
    assert found(spooled(content)) == found(content)


def test_a_subject_that_pretends_to_be_an_attachment_is_read_to_its_last_letter() -> None:
    pretended = f"<edXML:Subject><![CDATA[<ContentTransferEncoded>{TEXT}]]> "
    content = changed("good/document-new", "<edXML:Subject>", pretended)
    envelope, _ = found(spooled(content))
    assert envelope is not None
    assert TEXT in envelope.subject


TOKENS = [
    b"<", b">", b"&", b"=", b"'", b'"', b"]]>", b"<![CDATA[", b"\r", b"\r\n", b"\n", b"\xff", b"-", b"AAAABBBB",
    b"<ContentTransferEncoded>", b"</ContentTransferEncoded>", b"<edXML:ContentTransferEncoded>", b"<Attachment>",
    b"</Attachment>", b"&#10;", b"xmlns='urn:x'", b"ContentTransferEncoded", b"",
]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(
    name=st.sampled_from(
        ["good/document-new", "good/document-zip-wrapped", "bad/pdf-destroyed", "odd/doc-holds-package"]
    ),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(TOKENS)), min_size=1, max_size=3
    ),
)
def test_no_change_makes_a_difference_between_the_ways(
    name: str, changes: list[tuple[float, int, bytes]]
) -> None:
    content = sample(name)
    first = content.index(b"AttachmentEncoded")
    for place, length, token in changes:
        at = first + int(place * (len(content) - first))
        content = content[:at] + token + content[at + length :]
    # What a parser says of XML that is none depends on how much it had read; that it is none does not.
    here, there = found(content), found(spooled(content))
    assert here[0] == there[0]
    assert [one.code for one in here[1]] == [one.code for one in there[1]]
    if here[0] is not None:
        assert here == there


def test_a_line_behind_a_wrapped_attachment_is_its_line_in_the_package() -> None:
    wrapped = "\r\n".join(["QUJDREVGR0hJSktM"] * 40)
    content = holding(wrapped).replace(b"</edXML>", b"<Stranger/></edXML>")
    (stranger,) = (one for one in found(spooled(content))[1] if one.code == "element-unexpected")
    assert stranger.line == content[: content.index(b"<Stranger/>")].count(b"\n") + 1


@pytest.mark.parametrize("octet", range(256))
def test_only_base64_and_blanks_are_left_out(octet: int) -> None:
    text = b"QUJD" * 4 + bytes([octet]) + b"QUJD" * 4
    scan = run_scan.Scan("mark")
    scan.feed(b"<ContentTransferEncoded>" + text + b"</ContentTransferEncoded>")
    kept = scan.close()
    harmless = bytes([octet]).isalnum() or octet in b"+/ \t\r\n"
    assert (len(scan.runs) == 1 and text not in kept) if harmless else bytes([octet]) in kept


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 1000])
def test_where_pieces_end_makes_no_difference(size: int) -> None:
    content = sample("good/document-zip-wrapped")
    whole, pieces = run_scan.Scan("mark"), run_scan.Scan("mark")
    whole.feed(content)
    for start in range(0, len(content), size):
        pieces.feed(content[start : start + size])
    assert whole.close() == pieces.close()
    assert [(run.start, run.end, run.solid) for run in whole.runs.values()] == [
        (run.start, run.end, run.solid) for run in pieces.runs.values()
    ]


def refusal(package: Spooled) -> str:
    with pytest.raises(InvalidDocument) as refused:
        skeleton.skeleton_of(package)
    return refused.value.findings[0].code


def test_what_is_no_base64_has_to_fit_into_memory() -> None:
    content = changed("good/document-new", "<edXML:Subject>", "<edXML:Subject>" + "nội dung " * 1_000_000)
    package = Spooled(len(content), "-", lambda: io.BytesIO(content))
    assert refusal(package) == "too-much-beside-attachments"


def test_what_is_left_out_may_not_be_in_too_many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_scan, "MOST_RUNS", 20)
    assert refusal(spooled(holding("QUJDREVG=" * 40))) == "too-much-beside-attachments"


def test_a_package_beyond_all_measure_is_not_read_at_all() -> None:
    assert refusal(Spooled(skeleton.LARGEST + 1, "-", lambda: pytest.fail("it was opened"))) == "too-large"


def test_the_limits_are_those_of_the_whole_package() -> None:
    """A flood of attributes is refused by their share of the package, not of what is left of it."""
    flood = "<edXML:Subject " + " ".join(f'a{number}="1"' for number in range(40)) + ">"
    content = changed("good/document-new", "<edXML:Subject>", flood)
    assert found(spooled(content))[1][0].code == "too-many-attributes" == found(content)[1][0].code


def test_a_large_package_is_never_whole_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    content = holding("QUJD" * 4_000_000)
    package = Spooled(len(content), "-", lambda: io.BytesIO(content))
    skeleton.skeleton_of(spooled(sample("good/document-new")))
    tracemalloc.start()
    try:
        made = skeleton.skeleton_of(package)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(made.octets) < 20_000
    # The stream itself holds no copy: the octets are shared until somebody writes to them.
    assert peak < 4 * 1024 * 1024
    assert xml.parse(made.octets) is not None
