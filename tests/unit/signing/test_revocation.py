"""What CRLs and OCSP answers say, and who may say it. Everything is offline; every date is passed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtensionOID
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.ca import CertificateAuthority, Revoked
from signing.keys import SigningKey
from signing.revocation import RevocationData
from signing.verdict import Aspect, Outcome
from tests.unit.signing.packages import ISSUED, NOW, authority, between, signer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GOOD, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.UNKNOWN
HOLD = x509.ReasonFlags.certificate_hold
LEAF = signer().certificate
SERIAL = LEAF.serial_number
PATH = (LEAF, between().certificate, authority().certificate)

Made = Callable[[], bytes]


def root_says_good() -> bytes:
    return authority().crl(NOW - HOUR)


@cache
def responder() -> SigningKey:
    return between().ocsp_responder("Người trả lời OCSP", ISSUED)


def look(*crls: bytes, answers: tuple[bytes, ...] = (), at: timedelta = timedelta()) -> Aspect:
    """Look at the path with these lists and answers, and a list of the root that is in order."""
    return RevocationData.of((*crls, root_says_good()), answers).status(PATH, NOW + at)


def codes(aspect: Aspect) -> list[str]:
    return [reason.code for reason in aspect.reasons]


def test_without_data_nothing_is_known() -> None:
    aspect = RevocationData.empty().status(PATH, NOW)
    assert (aspect.outcome, codes(aspect)) == (Outcome.UNDETERMINED, ["revocation.not-checked"])
    assert aspect.evidence == {}


def test_fresh_lists_of_both_issuers_say_that_the_path_is_good_and_are_named() -> None:
    aspect = look(between().crl(NOW - HOUR, number=17))
    assert (aspect.outcome, codes(aspect)) == (Outcome.VALID, ["revocation.good"])
    assert set(aspect.evidence) == {f"{certificate.serial_number:x}" for certificate in PATH[:-1]}
    assert "crl number=17 " in aspect.evidence[f"{SERIAL:x}"]


def test_a_list_about_the_leaf_alone_leaves_its_issuer_open() -> None:
    aspect = RevocationData.of([between().crl(NOW - HOUR)]).status(PATH, NOW)
    assert (aspect.outcome, codes(aspect)) == (Outcome.UNDETERMINED, ["revocation.not-checked"])


def test_a_revoked_authority_takes_its_signers_with_it() -> None:
    gone = {between().certificate.serial_number: Revoked(NOW - DAY, x509.ReasonFlags.ca_compromise)}
    aspect = RevocationData.of([between().crl(NOW - HOUR), authority().crl(NOW, revoked=gone)]).status(
        PATH, NOW
    )
    assert aspect.outcome is Outcome.INVALID
    assert "cACompromise" in aspect.reasons[0].message.en
    assert "Trung gian" in aspect.reasons[0].message.vi


@pytest.mark.parametrize("by_list", [True, False])
def test_revoked_before_is_invalid_and_revoked_after_is_a_note(by_list: bool) -> None:
    why = Revoked(NOW - DAY, x509.ReasonFlags.key_compromise)
    told = (
        RevocationData.of([between().crl(NOW, revoked={SERIAL: why})])
        if by_list
        else RevocationData.of([], [between().ocsp(LEAF, NOW, why)])
    )
    known = told.joined(RevocationData.of([root_says_good()]))
    for at in (NOW - DAY, NOW):
        aspect = known.status(PATH, at)
        assert (aspect.outcome, codes(aspect)) == (Outcome.INVALID, ["certificate.revoked"])
        assert f"{NOW - DAY:%Y-%m-%d}" in aspect.reasons[0].message.en
        assert "keyCompromise" in aspect.reasons[0].message.en
    before = known.status(PATH, NOW - DAY - HOUR)
    assert (before.outcome, codes(before)) == (
        Outcome.VALID,
        ["revocation.good", "certificate.revoked-later"],
    )


def test_no_newer_word_heals_a_revocation() -> None:
    gone = between().crl(NOW - DAY, revoked={SERIAL: Revoked(NOW - 2 * DAY)})
    aspect = look(gone, between().crl(NOW), answers=(between().ocsp(LEAF, NOW),))
    assert codes(aspect) == ["certificate.revoked"]


def test_a_hold_leaves_it_open_and_its_end_counts() -> None:
    held = between().crl(NOW - DAY, revoked={SERIAL: Revoked(NOW - DAY, HOLD)})
    assert codes(look(held)) == ["certificate.on-hold"]
    assert look(held).outcome is Outcome.UNDETERMINED
    assert look(held, between().crl(NOW)).outcome is Outcome.VALID
    lifted = between().crl(NOW, revoked={SERIAL: Revoked(NOW, x509.ReasonFlags.remove_from_crl)})
    assert look(held, lifted).outcome is Outcome.VALID


def test_old_data_is_stale_and_says_until_when_it_counted() -> None:
    old = between().crl(NOW - 3 * DAY, life=HOUR)
    aspect = look(old)
    assert (aspect.outcome, codes(aspect)) == (Outcome.UNDETERMINED, ["revocation.stale"])
    patient = RevocationData.of([old, root_says_good()], age=4 * DAY)
    assert patient.status(PATH, NOW).outcome is Outcome.VALID
    assert patient.status(PATH, NOW + 2 * DAY).outcome is Outcome.UNDETERMINED


def test_a_list_counts_until_its_next_update_however_old() -> None:
    yearly = authority().crl(NOW - 20 * DAY, life=365 * DAY)
    known = RevocationData.of([yearly, between().crl(NOW)])
    assert known.status(PATH, NOW).outcome is Outcome.VALID


def test_data_made_after_the_time_in_question_is_good_for_it() -> None:
    assert look(between().crl(NOW + 5 * DAY), at=-20 * DAY).outcome is Outcome.VALID


def test_what_was_made_after_the_certificate_expired_says_nothing() -> None:
    late = LEAF.not_valid_after_utc + DAY
    quiet = between().crl(late)
    assert codes(look(quiet)) == ["revocation.not-checked"]
    keeps = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.60"), b"\x18\x0f20200101000000Z")
    assert look(between().crl(late, extensions=[(keeps, False)])).outcome is Outcome.VALID
    assert codes(look(answers=(between().ocsp(LEAF, late),))) == ["revocation.not-checked"]
    assert codes(look(answers=(between().ocsp(LEAF, late, Revoked(NOW)),))) == ["certificate.revoked"]


# Who may say it


def test_a_list_of_another_authority_of_the_same_name_is_not_believed() -> None:
    impostor = CertificateAuthority.create("Trung gian thử nghiệm", ISSUED)
    assert impostor.certificate.subject == between().certificate.subject
    assert codes(look(impostor.crl(NOW))) == ["revocation.not-checked"]
    forged = impostor.crl(NOW, revoked={SERIAL: Revoked(NOW - DAY)})
    assert codes(look(forged, between().crl(NOW))) == ["revocation.good"]


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()])
def test_the_issuer_answers_itself_or_through_its_responder(algorithm: hashes.SHA1 | hashes.SHA256) -> None:
    for by in (None, responder()):
        answer = between().ocsp(LEAF, NOW, responder=by, algorithm=algorithm)
        aspect = look(answers=(answer,))
        assert aspect.outcome is Outcome.VALID
        assert aspect.evidence[f"{SERIAL:x}"].startswith("ocsp ")


def strangers_answer() -> bytes:
    return CertificateAuthority.create("Trung gian thử nghiệm", ISSUED).ocsp(LEAF, NOW)


def answer_of_a_signer() -> bytes:
    return between().ocsp(LEAF, NOW, responder=signer("rsa-2048"))


def answer_of_a_responder_of_the_root() -> bytes:
    return between().ocsp(LEAF, NOW, responder=authority().ocsp_responder("Của gốc", ISSUED))


def answer_of_an_expired_responder() -> bytes:
    return between().ocsp(LEAF, NOW, responder=between().ocsp_responder("Cũ", ISSUED, days=3))


def answer_about_another() -> bytes:
    return between().ocsp(between().issue("Khác", ISSUED, organisation="X").certificate, NOW)


def answer_with_one_bit_changed() -> bytes:
    answer = between().ocsp(LEAF, NOW)
    serial = SERIAL.to_bytes((SERIAL.bit_length() + 7) // 8, "big")
    at = answer.index(serial) + len(serial)
    assert answer[at : at + 2] == b"\x80\x00"  # good; 0x82 is unknown
    return answer[:at] + b"\x82" + answer[at + 1 :]


@pytest.mark.parametrize(
    "made",
    [
        strangers_answer,
        answer_of_a_signer,
        answer_of_a_responder_of_the_root,
        answer_of_an_expired_responder,
        answer_about_another,
        answer_with_one_bit_changed,
    ],
)
def test_nobody_else_is_believed(made: Made) -> None:
    assert codes(look(answers=(made(),))) == ["revocation.not-checked"]


def test_a_revoked_responder_is_not_believed() -> None:
    answer = between().ocsp(LEAF, NOW, responder=responder())
    gone = {responder().certificate.serial_number: Revoked(NOW - DAY)}
    only_it = between().crl(NOW - 3 * DAY, revoked=gone, life=HOUR)
    assert codes(look(only_it, answers=(answer,))) == ["revocation.stale"]


def test_a_certificate_that_the_responder_does_not_know_stays_open() -> None:
    assert codes(look(answers=(between().ocsp(LEAF, NOW, UNKNOWN),))) == ["revocation.unknown"]
    known = look(between().crl(NOW), answers=(between().ocsp(LEAF, NOW, UNKNOWN),))
    assert known.outcome is Outcome.VALID


# What is not done


def scope(**said: bool) -> x509.IssuingDistributionPoint:
    names = (
        "only_contains_user_certs",
        "only_contains_ca_certs",
        "indirect_crl",
        "only_contains_attribute_certs",
    )
    return x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_some_reasons=None,
        **{name: said.get(name, False) for name in names},
    )


@pytest.mark.parametrize(
    ("extension", "named"),
    [
        (x509.DeltaCRLIndicator(1), "delta"),
        (scope(indirect_crl=True), "indirect"),
        (scope(only_contains_attribute_certs=True), "onlyContainsAttributeCerts"),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), "1.2.3.4"),
    ],
)
def test_a_list_of_another_kind_is_refused_with_its_reason(extension: x509.ExtensionType, named: str) -> None:
    data = RevocationData.of([between().crl(NOW, extensions=[(extension, True)])])
    assert data.lists == ()
    assert named in data.problems[0].en
    assert named in data.problems[0].vi


def test_a_list_of_authorities_says_nothing_of_signers() -> None:
    of_authorities = between().crl(NOW, extensions=[(scope(only_contains_ca_certs=True), True)])
    assert codes(look(of_authorities)) == ["revocation.not-checked"]
    of_users = between().crl(NOW, extensions=[(scope(only_contains_user_certs=True), True)])
    assert look(of_users).outcome is Outcome.VALID


def test_a_list_of_another_distribution_point_says_nothing_of_this_certificate() -> None:
    part = x509.IssuingDistributionPoint(
        [x509.UniformResourceIdentifier("http://crl.example/2.crl")], None, False, False, None, False, False
    )
    assert codes(look(between().crl(NOW, extensions=[(part, True)]))) == ["revocation.not-checked"]


@pytest.mark.parametrize(
    "octets", [b"", b"rubbish", b"-----BEGIN X509 CRL-----\nAAAA\n", LEAF.public_bytes(Encoding.DER)]
)
def test_what_cannot_be_read_is_a_problem_and_the_rest_counts(octets: bytes) -> None:
    data = RevocationData.of([octets, between().crl(NOW)], [octets, between().ocsp(LEAF, NOW)])
    assert (len(data.lists), len(data.responses), len(data.problems)) == (1, 1, 2)


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 2000), bit=st.integers(0, 7))
def test_no_flipped_bit_makes_a_revoked_certificate_good(at: int, bit: int) -> None:
    octets = bytearray(revoked_list())
    octets[at % len(octets)] ^= 1 << bit
    aspect = RevocationData.of([bytes(octets), root_says_good()]).status(PATH, NOW)
    assert aspect.outcome is not Outcome.VALID


@cache
def revoked_list() -> bytes:
    return between().crl(NOW, revoked={SERIAL: Revoked(NOW - DAY)})


# The rest


def test_an_anchor_is_not_asked_about() -> None:
    aspect = RevocationData.empty().status((authority().certificate,), NOW)
    assert (aspect.outcome, codes(aspect)) == (Outcome.VALID, ["revocation.trusted-directly"])


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        RevocationData.empty().status(PATH, NOW.replace(tzinfo=None))


def test_what_speaks_of_a_path_is_picked_out_and_joined() -> None:
    other = CertificateAuthority.create("Khác", ISSUED)
    data = RevocationData.of([between().crl(NOW), other.crl(NOW)], [between().ocsp(LEAF, NOW)])
    picked = data.about(PATH)
    assert picked.crls == (between_crl := data.crls[:1])
    assert picked.ocsp_responses == data.ocsp_responses
    joined = RevocationData.of([root_says_good()]).joined(picked)
    assert joined.status(PATH, NOW).outcome is Outcome.VALID
    assert joined.crls[1:] == between_crl


def test_what_was_found_for_a_certificate_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {number: Revoked(NOW - DAY) for number in range(1, 2001)}
    data = RevocationData.of([between().crl(NOW, revoked=many), root_says_good()])
    first = data.status(PATH, NOW)

    def again(*_: object) -> bool:
        raise AssertionError("looked anew")

    monkeypatch.setattr("signing.revocation.RevocationData._lists_about", again)
    assert data.status(PATH, NOW + HOUR) == first


# A fullName of the kind x400Address, which cryptography does not know: in the list's scope, and in an entry.
_ODD_NAME = bytes.fromhex("a3023000")
_ODD_SCOPE = bytes.fromhex("3008a006a004") + _ODD_NAME
_ODD_ISSUER = bytes.fromhex("3004") + _ODD_NAME


def test_names_of_unknown_kinds_in_a_list_that_anybody_may_have_sent_are_no_fault_of_ours() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    list_ = x509.CertificateRevocationListBuilder().issuer_name(LEAF.issuer).last_update(NOW - HOUR)
    list_ = list_.next_update(NOW + HOUR)
    scope = x509.UnrecognizedExtension(ExtensionOID.ISSUING_DISTRIBUTION_POINT, _ODD_SCOPE)
    odd = list_.add_extension(scope, critical=True).sign(key, hashes.SHA256())
    known = RevocationData.of([odd.public_bytes(Encoding.DER)])
    assert (len(known.lists), len(known.problems)) == (0, 1)

    entry = x509.RevokedCertificateBuilder().serial_number(SERIAL).revocation_date(NOW - DAY)
    issuer = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.29"), _ODD_ISSUER)
    listed = list_.add_revoked_certificate(entry.add_extension(issuer, critical=False).build())
    (crl,) = RevocationData.of([listed.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)]).lists
    found = crl.entry(SERIAL)
    assert found is not None
    assert (found.date, found.reason) == (NOW - DAY, None)
