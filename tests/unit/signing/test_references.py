"""Detached references to attachments: inside the package only, and never more than they cover."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.verdict import Outcome, Question
from tests.unit.signing.packages import (
    b64,
    codes,
    hand_signed,
    judge,
    package,
    reference_to,
    signer,
)

FILES = {"cid:1": b"Anh chao", "cid:2": b"%PDF-1.7 hai"}


def two_files() -> bytes:
    """A package with two attachments."""
    second = (
        "<Attachment><ContentId>cid:2</ContentId><AttachmentName>hai.pdf</AttachmentName><edXML:ContentTransferEncoded"
        f' xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">{b64(FILES["cid:2"])}</edXML:ContentTransferEncoded>'
        "</Attachment>\n  </AttachmentEncoded>"
    )
    return package().replace(b"</AttachmentEncoded>", second.encode())


def signed(*uris: str, whole: bool = True) -> bytes:
    detached = "".join(reference_to(uri, FILES[uri]) for uri in uris)
    return hand_signed(signer(), two_files(), references=("{reference}" if whole else "") + detached)


def test_beside_a_reference_to_the_whole_package_they_do_no_harm() -> None:
    verdict = judge(signed("cid:1", "cid:2"))
    assert (verdict.outcome, verdict.covers) == ("valid", "document")
    evidence = verdict.aspects[Question.INTEGRITY].evidence
    assert evidence["digest_got cid:2"] == evidence["digest_expected cid:2"]
    assert verdict.aspects[Question.COVERAGE].evidence == {"covered": "document"}


@pytest.mark.parametrize(
    ("uris", "covered", "left"),
    [
        (("cid:1",), "1", "header, body, hai.pdf"),
        (("cid:2",), "hai.pdf", "header, body, 1"),
        (("cid:1", "cid:2"), "1, hai.pdf", "header, body"),
    ],
)
def test_alone_they_cover_files_and_no_document(uris: tuple[str, ...], covered: str, left: str) -> None:
    verdict = judge(signed(*uris, whole=False))
    assert (verdict.outcome, verdict.covers) == ("undetermined", "attachments")
    assert codes(verdict) == ["signature.partial", "signature.intact", "revocation.not-checked"]
    assert verdict.aspects[Question.INTEGRITY].outcome is Outcome.VALID
    coverage = verdict.aspects[Question.COVERAGE]
    assert coverage.outcome is Outcome.UNDETERMINED
    assert coverage.evidence == {"covered": covered, "not_covered": left}


def test_they_survive_what_does_not_touch_the_files() -> None:
    """Why anyone signs this way: a hop adds its trace, a gateway breaks the base64 into lines."""
    content = signed("cid:1", "cid:2", whole=False)
    content = content.replace("liên thông".encode(), "phân công".encode()).replace(
        b"QW5oIGNoYW8=", b"QW5o\nIGNoYW8="
    )
    assert codes(judge(content))[0] == "signature.partial"


@pytest.mark.parametrize("whole", [True, False])
def test_a_changed_file_is_named(whole: bool) -> None:
    content = signed("cid:1", "cid:2", whole=whole)
    verdict = judge(content.replace(b64(FILES["cid:2"]).encode(), b64(b"%PDF-1.7 ba!").encode()))
    assert verdict.outcome is Outcome.INVALID
    assert verdict.covers is None
    assert (["signature.altered"] if whole else []) + ["signature.attachment-altered"] == codes(verdict)
    assert "hai.pdf" in verdict.reasons[-1].message.vi


@pytest.mark.parametrize(
    "uri",
    [
        "cid:3",
        "cid:",
        "cid:../../../etc/passwd",
        "cid:/etc/passwd",
        "cid:1/../2",
        "cid:%31",
        "cid:1#x",
        "cid:hai.pdf",
        "cid: 1",
        "cid:cid:1",
    ],
)
def test_what_is_not_in_the_package_is_not_looked_for_elsewhere(uri: str) -> None:
    content = hand_signed(signer(), two_files(), references="{reference}" + reference_to(uri, b"x"))
    assert (judge(content).outcome, codes(judge(content))) == ("invalid", ["signature.reference-unresolved"])


def test_of_two_attachments_of_one_id_none_is_meant() -> None:
    content = signed("cid:2", whole=False).replace(b"<ContentId>cid:1<", b"<ContentId>2<")
    assert codes(judge(content)) == ["signature.reference-unresolved"]


def test_one_attachment_is_not_signed_twice_under_two_spellings() -> None:
    both = reference_to("cid:1", FILES["cid:1"]) + reference_to("cid: 1", FILES["cid:1"])
    assert codes(judge(hand_signed(signer(), two_files(), references=both))) == [
        "signature.reference-unresolved"
    ]


def test_attachments_of_one_name_are_told_apart() -> None:
    named = "</ContentId><AttachmentName>hai.pdf</AttachmentName>"
    content = two_files().replace(b"<ContentId>cid:1</ContentId>", f"<ContentId>cid:1{named}".encode())
    verdict = judge(hand_signed(signer(), content, references=reference_to("cid:1", FILES["cid:1"])))
    assert verdict.aspects[Question.COVERAGE].evidence == {
        "covered": "hai.pdf",
        "not_covered": "header, body, hai.pdf",
    }


def test_base64_that_cannot_be_read_was_not_signed() -> None:
    content = signed("cid:2", whole=False).replace(b64(FILES["cid:2"]).encode(), b"!!!!")
    assert codes(judge(content)) == ["signature.attachment-altered"]


@pytest.mark.parametrize("transform", ["http://www.w3.org/2000/09/xmldsig#base64", "urn:x"])
def test_nothing_is_transformed(transform: str) -> None:
    inside = f'<ds:Transform Algorithm="{transform}"></ds:Transform>'
    content = hand_signed(signer(), two_files(), references=reference_to("cid:1", FILES["cid:1"], inside))
    assert codes(judge(content)) == ["signature.transform-forbidden"]


def test_a_reference_counts_once() -> None:
    for twice in ("{reference}" * 2, reference_to("cid:1", FILES["cid:1"]) * 2):
        content = hand_signed(signer(), two_files(), references=twice)
        assert codes(judge(content)) == ["signature.reference-forbidden"]


@pytest.mark.parametrize(
    ("count", "code"), [(65, "signature.reference-unresolved"), (66, "signature.reference-forbidden")]
)
def test_there_is_a_limit(count: int, code: str) -> None:
    many = "".join(reference_to(f"cid:no{number}", b"x") for number in range(count))
    assert codes(judge(hand_signed(signer(), two_files(), references=many))) == [code]


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20))
def test_no_uri_reaches_beyond_the_package(uri: str) -> None:
    escaped = re.sub(r"[<&\"]", "_", uri)
    verdict = judge(hand_signed(signer(), two_files(), references=reference_to(escaped, b"x")))
    assert verdict.outcome is Outcome.INVALID
    assert codes(verdict)[0] in {
        "signature.reference-forbidden",
        "signature.reference-unresolved",
        "signature.transform-forbidden",
    }
