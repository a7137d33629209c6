"""What may stand once, stands once; what may repeat, may."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.repeated import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


def test_a_second_subject_is_an_error_at_its_line() -> None:
    (finding,) = found(RULE, sample("bad/two-subjects"))
    assert (finding.code, finding.line) == ("element-repeated", 51)


@pytest.mark.parametrize(
    "element",
    [
        "<edXML:BussinessDocType>0</edXML:BussinessDocType>",
        "<edXML:Priority>1</edXML:Priority>",
        "<edXML:SteeringType>1</edXML:SteeringType>",
    ],
)
def test_blocks_that_take_strangers_are_counted_too(element: str) -> None:
    assert codes(found(RULE, changed("good/document-new", element, element * 2))) == ["element-repeated"]


def test_a_second_list_of_hops_is_an_error() -> None:
    second = "<edXML:TraceHeaderList/></edXML:edXMLHeader>"
    content = changed("good/document-new", "</edXML:edXMLHeader>", second)
    assert codes(found(RULE, content)) == ["element-repeated"]


def test_a_status_answers_one_document() -> None:
    content = changed("good/status-accepted-03", "<edXML:StaffInfo>", "<edXML:ResponseFor/><edXML:StaffInfo>")
    assert codes(found(RULE, content)) == ["element-repeated"]


def test_what_may_repeat_may() -> None:
    hop = "<edXML:TraceHeader><edXML:OrganId>A</edXML:OrganId></edXML:TraceHeader><edXML:Bussiness>"
    staff = "<edXML:StaffInfo/></edXML:Bussiness>"
    text = sample("good/document-revoke").decode("utf-8")
    text = text.replace("<edXML:Bussiness>", hop).replace("</edXML:Bussiness>", staff)
    assert found(RULE, text.encode()) == []
