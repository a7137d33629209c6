"""The reader understands every dialect, and never raises for a value."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from schemas.edxml.envelope import Business, Hop, Organization, PackageKind, Priority, ReceiverChange, Signer
from schemas.edxml.reader import VIETNAM, bare_content_id, day, moment, read
from schemas.xml import parse
from tests.unit.schemas.samples import changed, sample


def test_a_document_is_read_whole() -> None:
    envelope = read(parse(sample("good/document-new")))
    assert envelope.kind is PackageKind.NEW
    assert envelope.sender.code == "000.00.13.H49"
    assert [receiver.code for receiver in envelope.receivers] == ["H49.27", "000.00.00.G99"]
    assert envelope.document_id == "000.00.13.H49,2026/11/20,101/SGĐM-VP"
    assert envelope.code == "101/SGĐM-VP"
    assert envelope.promulgated_on == date(2026, 11, 20)
    assert envelope.due_on == date(2026, 12, 5)
    assert envelope.priority is Priority.URGENT
    assert envelope.signer == Signer(
        competence="TL. GIÁM ĐỐC", position="Chánh Văn phòng", full_name="Trần Văn Mẫu"
    )
    assert envelope.to_places == ("Như trên", "Lưu: VT")
    assert envelope.trace == (Hop(code="000.00.13.H49", at="2026/11/20 08:15:00"),)
    assert [info.content_id for info in envelope.attachments] == ["1", "2"]


@pytest.mark.parametrize("dialect", ["document-dotnet", "document-jar"])
def test_order_and_additions_change_nothing_that_is_said(dialect: str) -> None:
    plain, other = read(parse(sample("good/document-new"))), read(parse(sample(f"good/{dialect}")))
    other = replace(
        other, attachments=tuple(replace(info, field_name="", mime_type="") for info in other.attachments)
    )
    assert other.task_codes in ((), ("NV-01",))
    assert (other.sender, other.receivers, other.business, other.attachments, other.subject) == (
        plain.sender,
        plain.receivers,
        plain.business,
        plain.attachments,
        plain.subject,
    )


def test_what_vendors_added_is_read() -> None:
    envelope = read(parse(sample("good/document-jar")))
    assert (envelope.reply_fors, envelope.reference_codes, envelope.application_type) == ("1", "NV-01", "1")
    assert (envelope.attachments[0].field_name, envelope.attachments[0].mime_type) == (
        "file",
        "application/pdf",
    )


def test_a_gateway_without_bussiness_sends_a_new_document() -> None:
    envelope = read(parse(sample("odd/document-gateway")))
    assert envelope.kind is PackageKind.NEW
    assert envelope.business is None
    assert envelope.trace == (Hop(code="", at="2026/11/20 08:15:00"),)
    assert envelope.attachments[0].content_id == "1"


def test_an_update_says_what_changed_and_for_whom() -> None:
    envelope = read(parse(sample("good/document-update")))
    assert envelope.kind is PackageKind.UPDATE
    assert envelope.business is not None
    assert envelope.business.content_changed
    assert envelope.business.receiver_changes == (
        ReceiverChange(code="H49.27", added=False),
        ReceiverChange(code="000.00.00.G99", added=True),
    )


def test_a_replaced_document_named_twice_is_read_twice_and_acted_on_once() -> None:
    envelope = read(parse(sample("odd/replaced-twice")))
    assert envelope.business is not None
    assert len(envelope.business.replacements) == 2
    assert envelope.acts_on.count("000.00.13.H49,2026/11/01,90/SGĐM-VP") == 1


def test_a_status_is_addressed_by_what_it_answers() -> None:
    envelope = read(parse(sample("good/status-refused-02")))
    assert envelope.kind is PackageKind.STATUS
    assert envelope.receivers == (Organization(code="000.00.13.H49"),)
    assert envelope.document_id == "000.00.13.H49,2026/11/20,101/SGĐM-VP"
    assert (envelope.number, envelope.notation) == ("101", "SGĐM-VP")
    assert envelope.status is not None
    assert envelope.status.code == "02"
    assert envelope.status.description == "Gửi nhầm địa chỉ"
    assert envelope.status.at == datetime(2026, 11, 20, 9, 30, tzinfo=VIETNAM)
    assert envelope.status.staff is not None


def test_a_code_is_split_at_its_first_slash() -> None:
    envelope = read(parse(changed("good/status-refused-02", ">101/SGĐM-VP<", ">7/QĐ/UBND<")))
    assert (envelope.number, envelope.notation) == ("7", "QĐ/UBND")


def test_values_nobody_can_read_are_left_at_their_default() -> None:
    assert read(parse(sample("bad/date-30-february"))).promulgated_on is None
    assert read(parse(sample("bad/business-type-unknown"))).kind is PackageKind.NEW
    assert read(parse(sample("odd/document-with-warnings"))).priority is Priority.NORMAL
    status = read(parse(sample("bad/status-time-wrong"))).status
    assert status is not None
    assert status.at is None


def test_an_element_of_another_namespace_is_nobodys() -> None:
    foreign = '<x:To xmlns:x="urn:x"><x:OrganId>A53</x:OrganId></x:To><edXML:DocumentId>'
    envelope = read(parse(changed("good/document-new", "<edXML:DocumentId>", foreign)))
    assert len(envelope.receivers) == 2


def test_an_empty_response_for_answers_nothing() -> None:
    empty = "<edXML:ResponseFor><edXML:OrganId/></edXML:ResponseFor><edXML:SteeringType>"
    assert read(parse(changed("good/document-new", "<edXML:SteeringType>", empty))).response_for == ()


def test_a_package_without_anything_is_read_as_nothing() -> None:
    envelope = read(parse(sample("bad/no-envelope")))
    assert (envelope.sender, envelope.receivers, envelope.business) == (Organization(code=""), (), None)


def test_a_new_document_whose_bussiness_says_nothing_else_has_none() -> None:
    bare = "<edXML:Bussiness><edXML:BussinessDocType>0</edXML:BussinessDocType></edXML:Bussiness>"
    text = sample("good/document-new").decode("utf-8")
    start, end = text.index("<edXML:Bussiness>"), text.index("</edXML:Bussiness>") + len("</edXML:Bussiness>")
    assert read(parse((text[:start] + bare + text[end:]).encode())).business is None
    revoked = bare.replace(">0<", ">1<")
    assert read(parse((text[:start] + revoked + text[end:]).encode())).business == Business()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026/2/3",
        "2026-02-03",
        "03/02/2026",
        "2026/02/30",
        "0020/03/05",
        "2026/02/03 ",
        "２０２６/02/03",
        "1_99/01/01",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert day(text) is None


def test_days_and_moments_are_read_in_vietnams_time() -> None:
    assert day("2024/02/29") == date(2024, 2, 29)
    assert moment("2026/11/20 23:59:59") == datetime(2026, 11, 20, 23, 59, 59, tzinfo=VIETNAM)
    assert moment("2026/11/20 24:00:00") is None
    assert moment("2026/11/20T10:00:00") is None
    assert moment("2026/11/20") is None


def test_content_ids_are_compared_without_their_prefix() -> None:
    assert bare_content_id("cid:209") == bare_content_id("CID:209") == bare_content_id("209") == "209"
