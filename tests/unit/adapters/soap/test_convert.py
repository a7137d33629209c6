"""The older edXML to the standard's and back: what is said stays said, or is refused by name."""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.soap import convert
from adapters.soap.convert import Incomplete, NotCarried
from adapters.soap.parts import Part
from hub.testing import PDF, package, status
from schemas import xml
from schemas.edxml.envelope import PackageKind
from schemas.edxml.reader import read
from tests.unit.adapters.soap.client import EDOC, TRACE, envelope, manifest, message_header


def blocks(header: str, body: str = "") -> tuple[etree._Element, etree._Element]:
    root = xml.parse(envelope(header, body)).getroot()
    return root[0], root[1]


def made(more: str = "", trace: str = TRACE, files: tuple[Part, ...] = ()) -> bytes:
    names = {part.content_id: f"{part.content_id}.pdf" for part in files}
    header, body = blocks(message_header("H49.13", ["H49.61", "H49.62"], more=more) + trace, manifest(names))
    return convert.document(header[0], header[1], None, body[0], files)


def test_everything_that_was_said_is_said_again() -> None:
    more = (
        "<edXML:DueDate>2026/12/01</edXML:DueDate><edXML:SteeringType>2</edXML:SteeringType>"
        "<edXML:ToPlaces><edXML:Place>Như trên</edXML:Place><edXML:Place>Lưu: VT</edXML:Place></edXML:ToPlaces>"
        "<edXML:ResponseFor><edXML:OrganId>H49.61</edXML:OrganId><edXML:Code>1/CV</edXML:Code>"
        "<edXML:PromulgationDate>2026/11/01</edXML:PromulgationDate><edXML:DocumentId>x,y,z</edXML:DocumentId>"
        "</edXML:ResponseFor>"
    )
    envelope_ = read(xml.parse(made(more, files=(Part("1", "application/pdf", PDF),))))
    assert envelope_.kind is PackageKind.NEW
    assert [each.code for each in envelope_.receivers] == ["H49.61", "H49.62"]
    assert envelope_.to_places == ("Như trên", "Lưu: VT")
    assert envelope_.response_for[0].document_id == "x,y,z"
    assert envelope_.trace[0].code == "H49.13"
    assert envelope_.attachments[0].content_type == "application/pdf"
    assert envelope_.due_on is not None


def test_the_same_call_makes_the_same_octets() -> None:
    assert made() == made()


def test_both_spellings_of_business_are_known() -> None:
    update = (
        "<edXML:{b}><edXML:{b}DocType>2</edXML:{b}DocType><edXML:{b}DocReason>Sửa</edXML:{b}DocReason>"
        "<edXML:DocumentId>a</edXML:DocumentId></edXML:{b}>"
    )
    for spelling in ("Business", "Bussiness"):
        trace = f"<edXML:TraceHeaderList>{update.format(b=spelling)}</edXML:TraceHeaderList>"
        read_again = read(xml.parse(made(trace=trace)))
        assert read_again.kind is PackageKind.UPDATE
        assert read_again.business is not None
        assert read_again.business.reason == "Sửa"


def test_an_identifier_that_is_missing_is_the_standards() -> None:
    header, _ = blocks(message_header("H49.13", ["H49.61"]))
    (named,) = header[0].iterfind(f"{{{EDOC}}}DocumentId")
    header[0].remove(named)
    content = convert.document(header[0], None, None, None, ())
    assert read(xml.parse(content)).document_id == "H49.13,2026/11/18,12/CV-SO"
    (code,) = header[0].iterfind(f"{{{EDOC}}}Code")
    header[0].remove(code)
    with pytest.raises(Incomplete):
        convert.document(header[0], None, None, None, ())


@pytest.mark.parametrize(
    "more",
    [
        "<edXML:SignedInfo><edXML:A>1</edXML:A></edXML:SignedInfo>",
        "<edXML:StatusCode>03</edXML:StatusCode>",
        "<edXML:Subject>hai trích yếu</edXML:Subject>",
        "<edXML:DueDate>hôm nay</edXML:DueDate>",
    ],
)
def test_what_has_no_place_is_refused(more: str) -> None:
    with pytest.raises(NotCarried):
        made(more)


def test_a_call_without_a_header_is_incomplete() -> None:
    with pytest.raises(Incomplete):
        convert.document(None, None, None, None, ())
    with pytest.raises(Incomplete):
        convert.status(None)


def test_a_package_goes_out_with_every_value_and_comes_back_the_same() -> None:
    content = package(sender="H49.13", to=["H49.61"], document_id="d,e,f")
    out = convert.older(content)
    assert [etree.QName(each).namespace for block in out.header for each in block.iter()].count(EDOC) > 10
    assert [part.content for part in out.files] == [PDF]
    header = list(out.header)
    back = convert.document(header[0], header[1] if len(header) > 1 else None, None, out.manifest, out.files)
    first, again = read(xml.parse(content)), read(xml.parse(back))
    assert (first.document_id, first.subject, first.code) == (again.document_id, again.subject, again.code)
    assert first.receivers == again.receivers


def test_a_status_goes_out_and_comes_back() -> None:
    content = status(sender="H49.61", to="H49.13", document_id="d,e,f", code="03")
    out = convert.older_status(content)
    assert etree.QName(out).localname == "Status"
    back = read(xml.parse(convert.status(out)))
    assert back.status is not None
    assert (back.status.code, back.document_id) == ("03", "d,e,f")
    assert back == read(xml.parse(content))
