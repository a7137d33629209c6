"""Marks of state secrets are found; words that contain or mention them are not."""

from __future__ import annotations

import unicodedata

import pytest

from schemas.edxml.rules.secrecy import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample

SUBJECT = "<edXML:Subject>V/v thử nghiệm liên thông văn bản điện tử<"


def marks(subject: str) -> int:
    return len(found(RULE, changed("good/document-new", SUBJECT, f"<edXML:Subject>{subject}<")))


@pytest.mark.parametrize(
    "subject",
    [
        "Mật",
        " MẬT ",
        "Tối mật",
        "TUYỆT MẬT",
        "[Tối mật]",
        "(Mật) V/v kế hoạch",
        "Kế hoạch diễn tập (TUYỆT MẬT)",
        "Độ mật: Mật",
        "Kế hoạch; mức độ mật: tối mật",
        "Dấu mật - Tuyệt mật",
        "TỐI MẬT - Kế hoạch diễn tập",
        "Mật: V/v kế hoạch",
        "V/v kế hoạch diễn tập - TUYỆT MẬT",
        "V/v kế hoạch diễn tập – Mật.",
        "«Mật» kế hoạch",
        unicodedata.normalize("NFD", "(Tuyệt mật) V/v kế hoạch"),
    ],
)
def test_a_mark_that_stands_by_itself_is_found(subject: str) -> None:
    assert marks(subject) == 1


@pytest.mark.parametrize(
    "subject",
    [
        "V/v tăng cường bảo mật hệ thống",
        "Bí mật nhà nước",
        "Luật Bảo vệ bí mật nhà nước (sửa đổi)",
        "V/v quản lý tài liệu mật, tối mật và tuyệt mật",
        "Mật độ dân số: báo cáo quý III",
        "Mật độ - quy hoạch",
        "V/v đổi mật khẩu",
        "Mật ong rừng - tiêu chuẩn",
        "Công tác cơ yếu, mật mã",
        "Độ mật: không",
        "Độ mật: thường",
        "(Bảo mật) hướng dẫn",
        "(mật độ)",
        "Họp mặt đầu xuân",
        "Mặt - trái",
    ],
)
def test_words_that_contain_or_mention_it_are_not(subject: str) -> None:
    assert marks(subject) == 0


def test_any_field_of_the_header_may_bear_a_mark_known_or_not() -> None:
    for name in ("secret", "secret-in-unknown-element", "secret-in-subject"):
        (finding,) = found(RULE, sample(f"bad/{name}"))
        assert finding.code == "secrecy-mark"


def test_people_and_places_may_be_called_so() -> None:
    assert found(RULE, changed("good/document-new", "Trần Văn Mẫu", "Mật")) == []
    assert found(RULE, changed("good/document-new", "<edXML:Place>Như trên", "<edXML:Place>Mật")) == []


def test_a_status_is_not_looked_at() -> None:
    assert found(RULE, changed("good/status-refused-02", "Gửi nhầm địa chỉ", "Mật")) == []


def test_attachments_names_and_descriptions_are_looked_at() -> None:
    marks = found(RULE, sample("bad/secret-in-attachment-name"))
    assert codes(marks) == ["secrecy-mark"] * 2
    assert marks[0].path is not None
    assert marks[0].path.endswith("/Reference[2]/AttachmentName")
    described = changed("good/document-new", "<Description>Danh sách<", "<Description>Tối mật<")
    assert codes(found(RULE, described)) == ["secrecy-mark"]


def test_the_reason_of_a_package_is_looked_at_and_its_people_are_not() -> None:
    assert codes(found(RULE, changed("good/document-new", ">Văn bản mới<", ">(Mật)<"))) == ["secrecy-mark"]
    assert found(RULE, changed("good/document-new", ">Nguyễn Thị Mẫu<", ">Mật<")) == []
