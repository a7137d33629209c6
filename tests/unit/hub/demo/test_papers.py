"""The documents of the demo are right, signed, and say what they should."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.demo import papers
from hub.demo.cast import CITY, CITY_OLD_CODE, HOME_AFFAIRS, SCIENCE, load
from hub.demo.papers import Draft, Paper
from schemas.catalog import Catalog
from schemas.edxml.envelope import PackageKind
from schemas.validator import ValidDocument, validate
from schemas.xml import parse
from signing import xml
from signing.ca import CertificateAuthority
from signing.certificates import of
from signing.trust import TrustStore
from signing.verdict import Outcome

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)  # the 21st in Vietnam
CAST = load()
ROOT = CertificateAuthority.create("CA thử", NOW - timedelta(days=1))
KEY = ROOT.issue("Cơ quan thử", NOW - timedelta(days=1), organisation="Thử")
CATALOG = Catalog.standard()

DRAFT = Draft(
    sender=CITY, to=(HOME_AFFAIRS, SCIENCE), number="15", notation="UBND-TH", subject="V/v kiểm thử (bản 1)"
)
ORIGINAL = papers.write(DRAFT, CAST, KEY, NOW)
PAPERS = {
    PackageKind.NEW: ORIGINAL,
    PackageKind.UPDATE: papers.updated(ORIGINAL, (SCIENCE,), "V/v kiểm thử (bản 2)", "Sửa số liệu", KEY),
    PackageKind.REPLACE: papers.replaced(ORIGINAL, replace(DRAFT, number="16"), "Thay thế", CAST, KEY, NOW),
    PackageKind.REVOKE: papers.revoked(ORIGINAL, (SCIENCE,), "Gửi nhầm", KEY),
}


def checked(paper: Paper) -> ValidDocument:
    return validate(paper.content, CATALOG, NOW.date() + timedelta(days=1))


@pytest.mark.parametrize("kind", PAPERS)
def test_each_kind_of_document_is_valid_without_a_single_finding(kind: PackageKind) -> None:
    valid = checked(PAPERS[kind])
    assert (valid.envelope.kind, valid.findings) == (kind, ())


@pytest.mark.parametrize("kind", PAPERS)
def test_each_kind_of_document_is_signed(kind: PackageKind) -> None:
    content = PAPERS[kind].content
    (verdict,) = xml.verify(content, parse(content), TrustStore([of(ROOT.certificate)]), NOW)
    assert (verdict.outcome, verdict.signer) == (Outcome.VALID, "Cơ quan thử")


def test_a_document_is_dated_as_the_day_is_in_vietnam() -> None:
    envelope = checked(ORIGINAL).envelope
    assert str(envelope.promulgated_on) == "2026-11-21"
    assert envelope.document_id == "H49,2026/11/21,15/UBND-TH"


@pytest.mark.parametrize("kind", [PackageKind.UPDATE, PackageKind.REPLACE, PackageKind.REVOKE])
def test_what_acts_on_an_earlier_document_names_it(kind: PackageKind) -> None:
    envelope = checked(PAPERS[kind]).envelope
    assert envelope.acts_on[0] == ORIGINAL.envelope.document_id
    assert envelope.business is not None
    assert envelope.business.reason


def test_an_answer_to_a_document_names_it_as_the_one_answered() -> None:
    answer = papers.write(replace(DRAFT, answers=ORIGINAL.envelope), CAST, KEY, NOW)
    (reference,) = checked(answer).envelope.response_for
    assert (reference.document_id, reference.code) == (ORIGINAL.envelope.document_id, "15/UBND-TH")


def test_a_status_package_goes_to_whom_it_names_under_the_code_it_is_given() -> None:
    old = replace(CAST[CITY_OLD_CODE].organization, code=CITY_OLD_CODE)
    asked = papers.status(ORIGINAL.envelope, CAST[SCIENCE].organization, old, "13", "Gửi nhầm", NOW)
    envelope = checked(asked).envelope
    assert [each.code for each in envelope.receivers] == [CITY_OLD_CODE]
    assert envelope.status is not None
    assert (envelope.status.code, envelope.status.description) == ("13", "Gửi nhầm")


def test_the_pdf_finds_its_objects_where_its_table_says() -> None:
    content = papers.pdf(["Số: 15", "(ngoặc) \\ Đường"])
    start = int(re.findall(rb"startxref\n(\d+)", content)[0])
    assert content[start:].startswith(b"xref\n0 6\n")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n ", content[start:])]
    for number, place in enumerate(places, 1):
        reading = io.BytesIO(content)
        reading.seek(place)
        assert reading.readline() == b"%d 0 obj\n" % number
    assert rb"(\(ngoac\) \\ Duong) Tj" in content
