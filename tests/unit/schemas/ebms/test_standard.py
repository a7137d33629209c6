"""The second family of schemas: two libraries agree about them, and every header is summed up in a line."""

from __future__ import annotations

import pytest
import xmlschema

from schemas.catalog import Catalog
from schemas.ebms.standard import XSD, ebms_3, ebms_3_in_soap
from schemas.standard import Deliverable
from schemas.validator import inspect
from schemas.xml import parse
from tests.unit.schemas.samples import SAMPLES, TODAY

SUMMARIES = {
    "user-message": "User message truc-mau-mot → truc-mau-hai, 2 parts",
    "header-alone": "User message truc-mau-mot → truc-mau-hai, 2 parts",
    "receipt": "Receipt",
    "error": "Error signal EBMS:0003",
    "pull-request": "Pull request",
}


@pytest.mark.parametrize("name", ["ebms-header.xsd", "soap-envelope.xsd"])
def test_a_second_library_finds_no_fault_with_our_schemas(name: str) -> None:
    made = xmlschema.XMLSchema10(str(XSD / name), allow="sandbox", base_url=str(XSD))
    assert made.all_errors == []


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_header_is_summed_up(name: str) -> None:
    inspected = inspect((SAMPLES / "as4/good" / f"{name}.xml").read_bytes(), Catalog.standard(), TODAY)
    assert inspected.findings == ()
    assert inspected.standard.summary(inspected.said).en == SUMMARIES[name]


def test_neither_form_is_deliverable() -> None:
    assert not isinstance(ebms_3(), Deliverable)
    assert not isinstance(ebms_3_in_soap(), Deliverable)


def test_the_schema_is_explained_in_our_words() -> None:
    content = (SAMPLES / "as4/bad/timestamp-not-a-time.xml").read_bytes()
    (finding,) = ebms_3_in_soap().schema.explain(parse(content))
    assert finding.code == "value-wrong"
    assert "“20/11/2026” of “Timestamp”" in finding.message.en
    assert finding.path == "/Envelope/Header/Messaging/UserMessage/MessageInfo/Timestamp"


def test_header_blocks_of_others_are_none_of_our_business() -> None:
    text = (SAMPLES / "as4/good/user-message.xml").read_text("utf-8")
    security = '<wsse:Security xmlns:wsse="urn:example:security"><wsse:Token/></wsse:Security>'
    inspected = inspect(
        text.replace("<S12:Header>", f"<S12:Header>{security}").encode(), Catalog.standard(), TODAY
    )
    assert inspected.findings == ()


def test_there_is_no_strict_form() -> None:
    content = (SAMPLES / "as4/good/user-message.xml").read_bytes()
    assert inspect(content, Catalog.standard(), TODAY, strict=True).findings == ()
