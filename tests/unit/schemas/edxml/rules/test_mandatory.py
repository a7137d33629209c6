"""What a document cannot do without is asked for by name."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.mandatory import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("no-subject", "MessageHeader/Subject"),
        ("no-sender", "MessageHeader/From"),
        ("no-sender-code", "MessageHeader/From/OrganId"),
        ("no-document-id", "MessageHeader/DocumentId"),
        ("no-code", "MessageHeader/Code"),
        ("no-promulgation-date", "MessageHeader/PromulgationInfo/PromulgationDate"),
        ("status-without-document", "MessageHeader/ResponseFor/DocumentId"),
        ("status-without-addressee", "MessageHeader/ResponseFor/OrganId"),
        ("status-without-time", "MessageHeader/Timestamp"),
    ],
)
def test_a_missing_element_is_named_with_the_place_where_it_belongs(name: str, path: str) -> None:
    (finding,) = found(RULE, sample(f"bad/{name}"))
    assert finding.code == "element-missing"
    assert finding.path == f"/edXML/edXMLEnvelope/edXMLHeader/{path}"
    assert f"“{path.rpartition('/')[2]}”" in finding.message.en


def test_blanks_are_no_value() -> None:
    (finding,) = found(RULE, sample("bad/empty-subject"))
    assert (finding.code, finding.line) == ("element-empty", 50)


def test_every_addressee_needs_a_code() -> None:
    content = changed("good/document-new", "<edXML:OrganId>H49.27</edXML:OrganId>", "")
    (finding,) = found(RULE, content)
    assert finding.path is not None
    assert finding.path.endswith("/To[1]/OrganId")


def test_what_hurts_nobody_is_only_advised() -> None:
    text = sample("good/document-new").decode("utf-8")
    for part in ("<edXML:Priority>1</edXML:Priority>", "<edXML:TypeName>Công văn</edXML:TypeName>"):
        assert part in text
        text = text.replace(part, "")
    assert codes(found(RULE, text.encode())) == ["element-advised", "element-advised"]
    bare = changed("good/document-new", "edXML:DocumentType>", "edXML:Loai>")
    assert codes(found(RULE, bare)) == ["element-advised"]


def test_without_bussiness_a_document_is_new_but_some_receivers_break() -> None:
    (finding,) = found(RULE, sample("odd/no-bussiness"))
    assert finding.code == "element-advised"
    assert finding.path == "/edXML/edXMLEnvelope/edXMLHeader/TraceHeaderList/Bussiness"


def test_complete_packages_are_left_alone() -> None:
    for name in ("document-new", "document-dotnet", "document-without-optional", "status-accepted-03"):
        assert found(RULE, sample(f"good/{name}")) == []
