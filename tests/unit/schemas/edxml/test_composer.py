"""What is composed of a draft and its files is a package that we ourselves would take."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from schemas.catalog import Catalog
from schemas.edxml.attachments import attachments
from schemas.edxml.composer import Draft, compose, document_id_of
from schemas.edxml.elements import DIALECTS, Dialect
from schemas.edxml.envelope import Organization, PackageKind, Priority, Reference, Signer
from schemas.validator import Inspected, inspect
from tests.unit.schemas.samples import TODAY

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n%%EOF\n"
NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
DRAFT = Draft(
    sender=Organization(code="H49.13", name="Sở Giả định"),
    receivers=(
        Organization(code="H49.27", name="Phường Giả định"),
        Organization(code="G99", name="Bộ Giả định"),
    ),
    number="12",
    notation="SGĐ-VP",
    subject="V/v soạn gói tin",
    issued_on=date(2026, 11, 20),
)


def composed(draft: Draft, dialect: Dialect = "vnpt", *, zipped: bool = False) -> Inspected:
    files = [("công văn.pdf", PDF), ("ghi chú.txt", b"abc")]
    content = compose(draft, files, NOW, dialect=dialect, zipped=zipped)
    return inspect(content, Catalog.standard(), TODAY, strict=True)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_wrong_with_what_is_composed(dialect: Dialect) -> None:
    made = composed(DRAFT, dialect)
    assert made.findings == ()
    assert made.said.document_id == "H49.13,2026/11/20,12/SGĐ-VP"
    assert made.said.trace[0].at == "2026/11/21 01:30:00"
    assert [info.content_type for info in made.said.attachments] == ["application/pdf", "text/plain"]


def test_everything_that_is_said_is_in_it() -> None:
    draft = replace(
        DRAFT,
        due_on=date(2026, 12, 5),
        priority=Priority.EXPRESS,
        signer=Signer(competence="TL.", position="Chánh Văn phòng", full_name="Trần Mẫu"),
        to_places=("Như trên", "Lưu: VT"),
        paper=True,
        document_id="12-2026-SGĐ",
        place="Tỉnh Mẫu",
    )
    said = composed(draft).said
    assert (said.due_on, said.priority, said.signer) == (draft.due_on, draft.priority, draft.signer)
    assert (said.to_places, said.document_id, said.place) == (draft.to_places, "12-2026-SGĐ", "Tỉnh Mẫu")
    assert said.business.paper


@pytest.mark.parametrize("kind", [PackageKind.UPDATE, PackageKind.REPLACE, PackageKind.REVOKE])
def test_what_acts_on_a_document_names_it_and_why(kind: PackageKind) -> None:
    made = composed(replace(DRAFT, kind=kind, about="H49.13,2026/11/01,7/SGĐ-VP", reason="Sai thể thức"))
    assert made.findings == ()
    assert made.said.kind is kind
    assert made.said.acts_on[0] == "H49.13,2026/11/01,7/SGĐ-VP"
    assert made.said.business.reason == "Sai thể thức"
    assert bool(made.said.business.replacements) is (kind is PackageKind.REPLACE)


@pytest.mark.parametrize(
    ("name", "code"), [("Luật", "1"), ("Quyết định", "2"), ("Công văn", "2"), ("Khác", "2")]
)
def test_the_class_fits_the_name_of_the_kind(name: str, code: str) -> None:
    made = composed(replace(DRAFT, type_name=name))
    assert made.said.type_code == code
    assert made.findings == ()


def test_files_may_be_wrapped_as_the_java_sdk_does() -> None:
    made = composed(DRAFT, zipped=True)
    pdf, text = attachments(made.tree)
    assert pdf.decoded() == PDF
    assert text.decoded().startswith(b"PK")
    assert text.payload() == b"abc"
    assert made.findings == ()


def test_what_breaks_a_rule_is_for_the_inspection_to_say() -> None:
    made = composed(replace(DRAFT, number="1234567890123", receivers=DRAFT.receivers * 2))
    codes = {finding.code for finding in made.findings}
    assert {"same-addressee-twice", "text-too-long", "value-wrong"} <= codes


def test_the_identifier_is_the_documented_one_unless_another_is_given() -> None:
    assert document_id_of(DRAFT) == "H49.13,2026/11/20,12/SGĐ-VP"
    assert document_id_of(replace(DRAFT, document_id="x-1-2026")) == "x-1-2026"


def test_a_reply_cites_what_it_answers_by_its_identifier() -> None:
    made = composed(replace(DRAFT, answers=("H49.61,2026/11/01,7/UBND-VP", "9f3c-uuid")))
    assert made.findings == ()
    assert made.said.response_for == (
        Reference(
            organ_code="H49.61",
            document_id="H49.61,2026/11/01,7/UBND-VP",
            code="7/UBND-VP",
            promulgated_on="2026/11/01",
        ),
        Reference(organ_code=DRAFT.receivers[0].code, document_id="9f3c-uuid"),
    )
