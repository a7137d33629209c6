"""Every sample gets what it deserves, all at once; and nothing that a stranger sends raises anything else."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.catalog import Catalog
from schemas.edxml.envelope import PackageKind
from schemas.findings import KINDS, InvalidDocument, Severity
from schemas.validator import MOST_FINDINGS, ValidDocument, inspect, validate
from tests.unit.pace import idle_seconds
from tests.unit.schemas.samples import (
    BAD,
    EXPECTED,
    GOOD,
    ODD,
    OF_AS4,
    OFFICIAL_SAMPLES,
    SAMPLES,
    TODAY,
    changed,
    sample,
)


def valid(content: bytes, today: date = TODAY) -> ValidDocument:
    return validate(content, Catalog.standard(), today)


def codes_of_refusal(content: bytes) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        valid(content)
    return [finding.code for finding in caught.value.findings]


def test_every_sample_is_in_the_table() -> None:
    folders = [SAMPLES / name for name in ("good", "odd", "bad", "as4/good", "as4/odd", "as4/bad")]
    found = {str(path.relative_to(SAMPLES)) for folder in folders for path in folder.iterdir()}
    assert found == set(EXPECTED)


def test_every_expected_code_is_a_declared_kind() -> None:
    assert {code for codes in EXPECTED.values() for code in codes} <= set(KINDS)


@pytest.mark.parametrize("name", GOOD)
def test_in_good_samples_nothing_is_found(name: str) -> None:
    assert EXPECTED[name] == []
    assert valid((SAMPLES / name).read_bytes()).findings == ()


@pytest.mark.parametrize("name", ODD)
def test_odd_samples_are_valid_with_the_expected_warnings(name: str) -> None:
    document = valid((SAMPLES / name).read_bytes())
    assert EXPECTED[name]
    assert sorted({finding.code for finding in document.findings}) == EXPECTED[name]
    assert all(finding.severity is Severity.WARNING for finding in document.findings)


@pytest.mark.parametrize("name", BAD)
def test_bad_samples_are_refused_with_the_expected_findings(name: str) -> None:
    assert sorted(set(codes_of_refusal((SAMPLES / name).read_bytes()))) == EXPECTED[name]


@pytest.mark.parametrize("name", OF_AS4)
def test_documents_of_another_standard_are_inspected_with_the_same_care(name: str) -> None:
    inspected = inspect((SAMPLES / name).read_bytes(), Catalog.standard(), TODAY)
    assert sorted({finding.code for finding in inspected.findings}) == EXPECTED[name]
    assert inspected.sound is not name.startswith("as4/bad/")


@pytest.mark.parametrize("name", OF_AS4)
def test_documents_of_another_standard_are_refused_with_the_reason(name: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        valid((SAMPLES / name).read_bytes())
    (finding,) = caught.value.findings
    assert finding.code == "not-deliverable"
    assert "ebMS 3.0 / AS4" in finding.message.vi
    assert "QCVN 102:2016/BTTTT" in finding.message.en


# The official samples are not coherent; what is odd about all of their documents, and about some.
ODD_ABOUT_THEM = {
    "attachment-content-unlike-name",  # the attached .doc holds another edXML package
    "document-type-unlike-name",  # class 1, công văn
    "signature-namespace",
    "signature-transform-unknown",
}
ODD_ABOUT_ONE = {
    "edoc_new": {"document-id-date-wrong", "document-id-unlike-code"},
    "edoc_update": {"document-id-date-wrong"},
    "edoc_replacement": {"business-without-document", "replacement-twice"},
    "edoc_revocation": {"business-without-document"},
}


@pytest.mark.parametrize("path", OFFICIAL_SAMPLES, ids=lambda path: path.stem)
def test_official_samples_are_valid(path: Path) -> None:
    found = {finding.code for finding in valid(path.read_bytes()).findings}
    assert found == (ODD_ABOUT_ONE[path.stem] | ODD_ABOUT_THEM if path.stem in ODD_ABOUT_ONE else set())


def test_a_valid_document_is_its_bytes_its_digest_and_its_envelope() -> None:
    content = sample("good/document-update")
    document = valid(content)
    assert document.content is content
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert document.envelope.kind is PackageKind.UPDATE
    assert document.tree.getroot().tag.endswith("}edXML")


def test_a_digest_that_is_known_is_not_made_again() -> None:
    document = validate(sample("good/document-new"), Catalog.standard(), TODAY, "0" * 64)
    assert document.sha256 == "0" * 64


def test_what_is_inspected_says_its_standard_and_its_own_nouns() -> None:
    package = inspect(sample("bad/secret"), Catalog.standard(), TODAY)
    assert (package.standard.id, package.sound) == ("qcvn-102-2016", False)
    assert package.said.kind is PackageKind.NEW


def test_strictness_is_asked_for() -> None:
    jar = sample("good/document-jar")
    assert inspect(jar, Catalog.standard(), TODAY).sound
    found = inspect(jar, Catalog.standard(), TODAY, strict=True)
    assert [finding.code for finding in found.findings] == ["element-misplaced"]
    assert inspect(sample("good/document-new"), Catalog.standard(), TODAY, strict=True).findings == ()


def test_everything_that_is_wrong_is_said_at_once_errors_first() -> None:
    content = changed("bad/many-at-once", "<edXML:Priority>1", "<edXML:Priority>9")
    assert codes_of_refusal(content) == [
        "no-addressee", "element-missing", "element-missing", "priority-unknown",
    ]  # fmt: skip


def test_schema_and_rules_speak_together() -> None:
    content = changed("bad/misspelt-element", "<edXML:BussinessDocType>0", "<edXML:BussinessDocType>9")
    assert codes_of_refusal(content) == ["element-unexpected", "business-type-unknown"]


def test_the_same_fault_in_the_same_place_is_said_once() -> None:
    content = changed("bad/no-envelope", "<edXML ", "<edXML  ")
    assert codes_of_refusal(content) == ["element-missing"]


def test_findings_are_capped() -> None:
    once = "<edXML:To><edXML:OrganId>H49.27</edXML:OrganId></edXML:To>"
    content = changed("good/document-new", "<edXML:DocumentId>", once * 200 + "<edXML:DocumentId>")
    assert len(codes_of_refusal(content)) == MOST_FINDINGS


def test_every_finding_speaks_both_languages_and_is_json() -> None:
    with pytest.raises(InvalidDocument) as caught:
        valid(sample("bad/many-at-once"))
    for finding in caught.value.findings:
        shown = finding.as_json()
        assert shown["message"]["vi"] != shown["message"]["en"]
        assert shown["remedy"]["vi"] != shown["remedy"]["en"]


def test_ten_megabytes_are_checked_in_linear_time() -> None:
    def seconds(size: int) -> float:
        pdf = base64.b64encode(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * (size // 256)).decode()
        old = sample("good/document-new").decode()
        start = old.index(">", old.index("<edXML:ContentTransferEncoded")) + 1
        content = (old[:start] + pdf + old[old.index("<", start) :]).encode()
        return idle_seconds(lambda: valid(content), times=2)

    seconds(256)
    assert seconds(7_500_000) < 1.0


# Nothing that a stranger sends makes anything but InvalidDocument.

MUTABLE = [
    sample(name) for name in ("good/document-update", "good/document-dotnet", "good/status-accepted-03")
]
EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=12), st.integers(0, 40)), max_size=6)
FRAGMENTS = st.sampled_from(
    [b"", b"<", b">", b"&", b"]]>", b"<a/>", b"<!--", b"<?x?>", b"\xff", b"\x00", b"edXML:", b'"', b"2", b"/"]
)


def outcome(content: bytes) -> tuple[bool, int]:
    """Return whether the bytes are valid, and how many errors were found."""
    try:
        findings, accepted = valid(content).findings, True
    except InvalidDocument as invalid:
        findings, accepted = invalid.findings, False
    return accepted, sum(finding.severity is Severity.ERROR for finding in findings)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MUTABLE), EDITS)
def test_mutated_bytes_are_valid_or_invalid_and_nothing_else(
    content: bytes, edits: list[tuple[int, bytes, int]]
) -> None:
    for position, inserted, removed in edits:
        at = position % (len(content) + 1)
        content = content[:at] + inserted + content[at + removed :]
    accepted, errors = outcome(content)
    assert accepted is (errors == 0)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(MUTABLE),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=4),
    FRAGMENTS,
)
def test_moved_lines_are_valid_or_invalid_and_nothing_else(
    content: bytes, moves: list[tuple[int, int]], fragment: bytes
) -> None:
    lines = content.split(b"\n")
    for source, target in moves:
        line = lines.pop(source % len(lines))
        lines.insert(target % (len(lines) + 1), line + fragment)
    accepted, errors = outcome(b"\n".join(lines))
    assert accepted is (errors == 0)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
@example(b"<?")
def test_any_bytes_are_refused_with_one_precise_finding(content: bytes) -> None:
    with pytest.raises(InvalidDocument) as caught:
        valid(content)
    assert len(caught.value.findings) == 1
