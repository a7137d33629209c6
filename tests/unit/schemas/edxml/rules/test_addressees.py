"""A document has addressees, and none twice."""

from __future__ import annotations

from schemas.edxml.rules.addressees import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


def test_no_addressee_is_an_error() -> None:
    (finding,) = found(RULE, sample("bad/no-addressee"))
    assert finding.code == "no-addressee"
    assert finding.path == "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader/To"


def test_the_second_mention_of_an_addressee_is_the_error() -> None:
    (finding,) = found(RULE, sample("bad/same-addressee-twice"))
    assert (finding.code, finding.line) == ("same-addressee-twice", 26)
    assert "H49.27" in finding.message.vi


def test_capitals_make_no_other_addressee() -> None:
    assert codes(found(RULE, changed("good/document-new", "000.00.00.G99", "h49.27"))) == [
        "same-addressee-twice"
    ]


def test_an_addressee_without_a_code_is_another_rules_business() -> None:
    empty = "<edXML:To><edXML:OrganId/></edXML:To>"
    content = changed("good/document-new", "<edXML:DocumentId>", f"{empty}{empty}<edXML:DocumentId>")
    assert found(RULE, content) == []


def test_a_status_has_no_addressee_of_its_own() -> None:
    assert found(RULE, sample("good/status-accepted-03")) == []
