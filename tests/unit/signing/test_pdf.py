"""What is said of the signatures of a PDF: as practice has them, tampered with, and hostile."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing import algorithms, certificates, pdf
from signing.ca import CertificateAuthority, Revoked
from signing.revocation import RevocationData
from signing.trust import TrustStore
from signing.verdict import Outcome, Question, Verdict
from tests.unit.signing import pdfs
from tests.unit.signing.pdfs import ISSUED, RECEIVED, SIGNED

HOUR = timedelta(hours=1)
YEARS_LATER = ISSUED + timedelta(days=4 * 365)


@cache
def by_person() -> bytes:
    return pdfs.sign(pdfs.blank(), pdfs.person())


@cache
def by_both() -> bytes:
    return pdfs.sign(by_person(), pdfs.agency(), field="Signature2", at=SIGNED + HOUR)


@cache
def stamped() -> bytes:
    return pdfs.sign(pdfs.blank(), pdfs.person(), stamp=pdfs.stamper(SIGNED))


def look(content: bytes, trust: TrustStore | None = None, at: datetime = RECEIVED) -> tuple[Verdict, ...]:
    return pdf.verify(content, trust or pdfs.trust(), at, part="van_ban.pdf")


def one(content: bytes, trust: TrustStore | None = None, at: datetime = RECEIVED) -> Verdict:
    (verdict,) = look(content, trust, at)
    return verdict


def codes(verdict: Verdict, question: Question | None = None) -> list[str]:
    why = verdict.aspects[question].reasons if question else verdict.reasons
    return [reason.code for reason in why]


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {str(question): str(aspect.outcome) for question, aspect in verdict.aspects.items()}


# As it should be


def test_a_signature_without_its_chain_is_completed_from_the_trust_store() -> None:
    verdict = one(by_person())
    assert (verdict.outcome, verdict.level, verdict.covers) == (Outcome.VALID, "PAdES-B-B", "file")
    assert (verdict.signer, verdict.algorithm) == ("Nguyễn Văn Mẫu", "rsassa_pkcs1v15-sha256")
    assert (verdict.claimed_at, verdict.proven_at) == (SIGNED, None)
    assert codes(verdict, Question.TIME) == ["time.claimed-only"]
    assert outcomes(verdict)["revocation"] == "undetermined"


def test_person_and_agency_sign_one_after_the_other() -> None:
    person, agency = look(by_both())
    assert (person.signer, agency.signer) == ("Nguyễn Văn Mẫu", "UBND xã Mẫu")
    assert (person.outcome, agency.outcome) == (Outcome.VALID, Outcome.VALID)
    assert (person.covers, agency.covers) == ("revision 2 of 3", "file")
    assert codes(person, Question.COVERAGE) == ["coverage.revision"]
    assert codes(agency, Question.COVERAGE) == ["coverage.whole-file"]


def test_the_older_form_is_called_by_its_name() -> None:
    verdict = one(pdfs.sign(pdfs.blank(), pdfs.person(), pades=False))
    assert (verdict.outcome, verdict.level) == (Outcome.VALID, "PKCS#7")


def test_a_pdf_without_a_signature_has_none() -> None:
    verdict = one(pdfs.blank())
    assert (verdict.outcome, codes(verdict), verdict.part) == (
        Outcome.ABSENT,
        ["attachment.not-signed"],
        "van_ban.pdf",
    )


# Changed


def test_a_changed_octet_makes_it_invalid() -> None:
    content = by_person().replace(b"Quyet dinh so 12", b"Quyet dinh so 13", 1)
    verdict = one(content)
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "attachment.changed")
    assert outcomes(verdict)["trust"] == "valid"


def test_a_page_changed_by_an_update_makes_it_invalid() -> None:
    verdict = one(pdfs.edited(by_person()))
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "coverage.changed-after")
    assert outcomes(verdict)["integrity"] == "valid"


def test_a_page_changed_between_two_signatures_breaks_the_first_only() -> None:
    content = pdfs.sign(pdfs.edited(by_person()), pdfs.agency(), field="Signature2")
    assert [verdict.outcome for verdict in look(content)] == [Outcome.INVALID, Outcome.VALID]


def test_a_value_that_is_not_where_the_signature_leaves_room_for_it_is_no_cover() -> None:
    content = pdfs.with_a_longer_value(by_person())
    verdict = one(content)
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "coverage.unclear")
    assert b"Quyet dinh so 99" in content[len(by_person()) :]


@pytest.mark.parametrize("stamped", [False, True])
def test_a_field_drawn_over_the_page_is_not_passed_over_as_a_signature(stamped: bool) -> None:
    content = pdfs.with_a_cover(by_person(), pdfs.stamper(SIGNED) if stamped else None)
    (verdict,) = look(content)
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.UNDETERMINED, "coverage.fields-filled")


def test_octets_behind_a_later_revision_are_named() -> None:
    """Readers that put broken files together again would find another page in them."""
    later = pdfs.with_revocation_data(by_person(), crls=[], certs=[pdfs.person()])
    assert one(later).outcome is Outcome.VALID
    verdict = one(later + b"\n5 0 obj\n<</Type/Page>>\nendobj\n")
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.UNDETERMINED, "coverage.appended")


def test_octets_appended_at_the_end_are_named_and_blanks_are_not() -> None:
    verdict = one(by_person() + b"\n% nothing to see here\n")
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.UNDETERMINED, "coverage.appended")
    assert "23 bytes" in verdict.reasons[0].message.en
    assert one(by_person() + b"\r\n").outcome is Outcome.VALID


def test_a_value_by_another_key_is_invalid() -> None:
    content = by_person()
    start = content.index(b"/Contents <") + len(b"/Contents <")
    end = content.index(b">", start)
    cms = bytearray(bytes.fromhex(content[start:end].decode()))
    value = one(content).aspects[Question.INTEGRITY]
    assert value.outcome is Outcome.VALID
    cms[_end_of_der(cms) - 8] ^= 1  # within the signature value, which comes last
    verdict = one(content[:start] + cms.hex().encode() + content[end:])
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "attachment.value-wrong")


def _end_of_der(octets: bytearray) -> int:
    return 4 + int.from_bytes(octets[2:4], "big")


# Its certificate


def test_a_missing_issuer_is_named() -> None:
    verdict = one(by_person(), TrustStore([certificates.of(pdfs.root().certificate)]))
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.UNDETERMINED, "certificate.chain-incomplete")
    assert verdict.reasons[0].message.en.startswith("The certificate of the issuer CN=CA phục vụ cơ quan")


def test_an_issuer_within_the_file_completes_the_chain() -> None:
    alone = TrustStore([certificates.of(pdfs.root().certificate)])
    content = pdfs.sign(pdfs.blank(), pdfs.person(), chain=True)
    assert one(content, alone).outcome is Outcome.VALID
    content = pdfs.with_revocation_data(by_person(), crls=[], certs=[pdfs.issuer().key])
    assert one(content, alone).outcome is Outcome.VALID


def test_a_stranger_is_not_trusted() -> None:
    stranger = CertificateAuthority.create("Ai đó", ISSUED).issue("Kẻ lạ", ISSUED, organisation="Không rõ")
    verdict = one(pdfs.sign(pdfs.blank(), stranger))
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.UNDETERMINED, "certificate.chain-incomplete")


def test_an_expired_certificate_cannot_be_told() -> None:
    verdict = one(by_person(), at=YEARS_LATER)
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.UNDETERMINED, "certificate.expired")


def test_a_short_key_is_refused() -> None:
    short = pdfs.weak_key()
    verdict = one(pdfs.sign(pdfs.blank(), short))
    assert verdict.outcome is Outcome.INVALID
    assert "algorithm.key-too-short" in codes(verdict, Question.INTEGRITY)


# When


def test_a_time_stamp_proves_the_time_and_outlives_the_certificate() -> None:
    verdict = one(stamped(), at=YEARS_LATER - timedelta(days=400))
    assert (verdict.outcome, verdict.level, verdict.proven_at) == (Outcome.VALID, "PAdES-B-T", SIGNED)
    assert codes(verdict, Question.TIME) == ["time.proven"]


def test_a_time_stamp_of_a_stranger_proves_nothing_and_does_no_harm() -> None:
    strange = pdfs.stamper(SIGNED, CertificateAuthority.create("TSA lạ", ISSUED))
    content = pdfs.sign(pdfs.blank(), pdfs.person(), stamp=strange)
    verdict = one(content)
    assert (verdict.outcome, verdict.proven_at) == (Outcome.VALID, None)
    assert outcomes(verdict)["time"] == "undetermined"
    assert codes(verdict, Question.TIME) == ["timestamp.untrusted", "time.claimed-only"]
    assert codes(one(content, at=YEARS_LATER))[0] == "certificate.expired"


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(43, "time.signer-clock-ahead"), (0, None), (-20, None), (-900, "time.signer-clock-behind")],
)
def test_a_clock_beside_the_time_stamps_is_named_in_seconds(ahead: int, expected: str | None) -> None:
    content = pdfs.sign(
        pdfs.blank(), pdfs.person(), at=SIGNED + timedelta(seconds=ahead), stamp=pdfs.stamper(SIGNED)
    )
    verdict = one(content)
    assert codes(verdict, Question.TIME) == ["time.proven", *([expected] if expected else [])]
    assert verdict.aspects[Question.TIME].evidence["clock_ahead_seconds"] == str(ahead)
    assert verdict.outcome is Outcome.VALID
    if expected:
        assert str(abs(ahead)) in verdict.aspects[Question.TIME].reasons[-1].message.vi


def test_a_time_of_signing_after_the_receipt_is_doubted() -> None:
    verdict = one(pdfs.sign(pdfs.blank(), pdfs.person(), at=RECEIVED + HOUR))
    assert codes(verdict, Question.TIME)[0] == "time.in-future"
    assert (outcomes(verdict)["time"], verdict.outcome) == ("undetermined", Outcome.VALID)


# Old algorithms


@pytest.mark.parametrize(
    ("end", "outcome", "code"),
    [
        (date(2026, 2, 3), Outcome.VALID, "algorithm.old"),
        (date(2026, 2, 2), Outcome.INVALID, "algorithm.ended"),
    ],
)
def test_sha1_counts_until_a_date(end: date, outcome: Outcome, code: str) -> None:
    content = pdfs.sign(pdfs.blank(), pdfs.person(), digest="sha1", pades=False)
    (verdict,) = pdf.verify(content, pdfs.trust(), RECEIVED, part="x", ends=algorithms.ends(sha1_until=end))
    assert verdict.outcome is outcome
    assert code in codes(verdict, Question.INTEGRITY)
    assert one(content).outcome is Outcome.INVALID  # the table's own date


def test_the_date_of_the_rule_is_the_proven_one_not_the_claimed_one() -> None:
    content = pdfs.sign(
        pdfs.blank(), pdfs.person(), at=SIGNED - timedelta(days=20), stamp=pdfs.stamper(SIGNED)
    )
    ends = {"sha256": date(2026, 1, 20)}
    (verdict,) = pdf.verify(content, pdfs.trust(), RECEIVED, part="x", ends=ends)
    assert "algorithm.ended" in codes(verdict, Question.INTEGRITY)


# Revocation


def crls(revoked: dict[int, Revoked] | None = None, at: datetime = SIGNED + HOUR) -> list[bytes]:
    return [pdfs.issuer().crl(at, revoked=revoked), pdfs.root().crl(at)]


def test_revocation_data_of_the_hub_and_of_the_file_count_alike() -> None:
    known = pdfs.trust(revocation=RevocationData.of(crls(at=RECEIVED)), require_revocation=True)
    assert one(by_person(), known).outcome is Outcome.VALID
    enclosed = pdfs.with_revocation_data(stamped(), crls=crls(at=RECEIVED), certs=[pdfs.issuer().key])
    verdict = one(enclosed, pdfs.trust(require_revocation=True))
    assert (verdict.outcome, verdict.level) == (Outcome.VALID, "PAdES-B-LT")
    assert codes(verdict, Question.REVOCATION) == ["revocation.good"]
    assert codes(verdict, Question.COVERAGE) == ["coverage.revision"]


def test_without_revocation_data_it_cannot_be_told_where_it_is_required() -> None:
    verdict = one(by_person(), pdfs.trust(require_revocation=True))
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.UNDETERMINED, "revocation.not-checked")


def test_a_certificate_revoked_before_the_signing_is_invalid_and_after_it_is_not() -> None:
    serial = pdfs.person().certificate.serial_number
    before = pdfs.trust(revocation=RevocationData.of(crls({serial: Revoked(SIGNED - HOUR)})))
    after = pdfs.trust(
        revocation=RevocationData.of(crls({serial: Revoked(SIGNED + HOUR)}, SIGNED + 2 * HOUR))
    )
    assert codes(one(stamped(), before))[0] == "certificate.revoked"
    assert one(stamped(), before).outcome is Outcome.INVALID
    assert one(stamped(), after).outcome is Outcome.VALID  # the time stamp proves that it was made before
    assert one(by_person(), after).outcome is Outcome.INVALID  # nothing proves it


def test_an_archive_time_stamp_renews_the_proof() -> None:
    enclosed = pdfs.with_revocation_data(stamped(), crls=crls(), certs=[pdfs.issuer().key])
    archived = pdfs.with_document_stamp(enclosed, pdfs.stamper(SIGNED + 2 * HOUR))
    verdict = one(archived, pdfs.trust(require_revocation=False))
    assert (verdict.outcome, verdict.level, verdict.proven_at) == (Outcome.VALID, "PAdES-B-LTA", SIGNED)
    unstamped = pdfs.with_document_stamp(by_person(), pdfs.stamper(SIGNED + 2 * HOUR))
    assert one(unstamped).proven_at == SIGNED + 2 * HOUR


# Hostile


HOSTILE = {
    "nothing": b"%PDF-1.7\n/ByteRange",
    "cut": b"",
    "no-form": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\n0000000000 65535 f \n"
    b"trailer<</Root 1 0 R/Size 1>>\nstartxref\n44\n%%EOF /ByteRange",
    "bites-its-tail": b"%PDF-1.4\n1 0 obj<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>endobj\n"
    b"2 0 obj<</T(x)/Kids[2 0 R]/ByteRange[0 1]>>endobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n"
    b"0000000069 00000 n \ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n117\n%%EOF",
    "huge-xref": b"%PDF-1.4\nxref\n0 99999999999\ntrailer<</Size 99999999999>>\nstartxref\n9\n%%EOF /ByteRange",
    "previous-itself": b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer<</Size 1/Prev 9>>\nstartxref\n9\n%%EOF"
    b" /ByteRange",
    "deep": b"%PDF-1.4\n1 0 obj" + b"[" * 100_000 + b" /ByteRange\nstartxref\n9\n%%EOF",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_broken_file_has_a_verdict(name: str) -> None:
    content = HOSTILE[name] or by_person()[:-2000]
    for verdict in look(content):
        assert verdict.outcome in (Outcome.UNDETERMINED, Outcome.INVALID, Outcome.ABSENT)
        assert verdict.reasons


def test_streams_that_unpack_to_gigabytes_are_not_unpacked() -> None:
    packed = zlib.compress(b"\x00" * 50_000_000, 9)
    for _ in range(2):
        packed = zlib.compress(packed, 9)
    filters = "[/FlateDecode /FlateDecode /FlateDecode]"
    stream = (
        f"1 0 obj<</Type/XRef/Size 9/W[1 1 1]/Root 2 0 R/Filter {filters}/Length {len(packed)}>>stream\n".encode()
        + packed
        + b"\nendstream endobj"
    )
    content = b"%PDF-1.7\n" + stream + b"\n% /ByteRange\nstartxref\n9\n%%EOF"
    verdict = one(content)
    assert (verdict.outcome, codes(verdict)) == (Outcome.UNDETERMINED, ["attachment.unreadable"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_mutation_is_ever_valid_or_a_crash(data: st.DataObject) -> None:
    content = bytearray(by_person())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
    start = by_person().index(b"/Contents <") + len(b"/Contents <")
    for verdict in look(bytes(content)):
        covered = bytes(content[:start]) != by_person()[:start]
        assert verdict.outcome is not Outcome.VALID or not covered


def test_times_are_told_in_utc() -> None:
    verdict = one(by_person())
    assert verdict.claimed_at is not None
    assert verdict.claimed_at.tzinfo is UTC
