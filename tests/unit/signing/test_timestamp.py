"""What a time stamp proves, and what it does not."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing import certificates, timestamp, tsa
from signing.ca import Revoked
from signing.keys import Algorithm
from signing.revocation import RevocationData
from signing.trust import TrustStore
from signing.tsa import LocalTimeStampAuthority
from signing.verdict import Outcome
from tests.unit.signing.containers import (
    ISSUED,
    MUCH_LATER,
    NOW,
    SIGNED,
    STAMPING,
    signer,
    stamp_root,
    stamper,
    stamper_key,
    trust,
)

WORDS = "Nội dung".encode()


def token(algorithm: str = "sha256", authority: LocalTimeStampAuthority | None = None) -> bytes:
    return (authority or stamper()).token(algorithm, hashlib.new(algorithm, WORDS).digest())


def codes(verdict: timestamp.TimeStampVerdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_a_good_one_proves_its_time(algorithm: Algorithm, digest: str) -> None:
    verdict = timestamp.verify(token(digest, stamper(algorithm)), WORDS, trust(), NOW)
    assert (verdict.outcome, verdict.time) == (Outcome.VALID, SIGNED)
    assert verdict.accuracy == timedelta(seconds=1)
    assert verdict.authority is not None
    assert "Dấu thời gian thử nghiệm" in verdict.authority.subject
    assert verdict.chain[-1] == stamp_root().certificate


async def test_stamping_is_over_a_digest() -> None:
    made = await stamper().stamp(hashlib.sha256(WORDS).digest())
    assert timestamp.verify(made, WORDS, trust(), NOW).outcome is Outcome.VALID


def test_one_of_something_else_is_invalid() -> None:
    verdict = timestamp.verify(token(), WORDS + b".", trust(), NOW)
    assert (verdict.outcome, codes(verdict)) == (Outcome.INVALID, ["timestamp.of-something-else"])


def test_an_authority_that_is_not_known_proves_nothing() -> None:
    verdict = timestamp.verify(token(), WORDS, trust(stamps=False), NOW)
    assert (verdict.outcome, codes(verdict)) == (Outcome.UNDETERMINED, ["timestamp.untrusted"])
    assert timestamp.verify(token(), WORDS, TrustStore.empty(), NOW).outcome is Outcome.UNDETERMINED


def test_a_root_of_time_stamps_vouches_for_no_documents() -> None:
    below = stamp_root().issue("Người ký", ISSUED, organisation="Cơ quan")
    assert isinstance(trust().chain(certificates.of(below.certificate), (), NOW), tuple)


@pytest.mark.parametrize(
    ("purposes", "critical"),
    [
        (STAMPING, False),
        ((*STAMPING, ExtendedKeyUsageOID.CLIENT_AUTH), True),
        ((ExtendedKeyUsageOID.CLIENT_AUTH,), True),
    ],
)
def test_an_authority_for_other_purposes_too_is_refused(
    purposes: tuple[x509.ObjectIdentifier, ...], critical: bool
) -> None:
    authority = LocalTimeStampAuthority(stamper_key(purposes=purposes, critical=critical), lambda: SIGNED)
    verdict = timestamp.verify(token(authority=authority), WORDS, trust(), NOW)
    assert (verdict.outcome, codes(verdict)) == (Outcome.INVALID, ["timestamp.wrong-purpose"])


def test_a_signer_of_documents_makes_no_time_stamps() -> None:
    authority = LocalTimeStampAuthority(signer(), lambda: SIGNED)
    assert codes(timestamp.verify(token(authority=authority), WORDS, trust(), NOW)) == [
        "timestamp.wrong-purpose"
    ]


def test_an_expired_authority_needs_a_later_proof() -> None:
    verdict = timestamp.verify(token(), WORDS, trust(), MUCH_LATER)
    assert (verdict.outcome, codes(verdict)) == (Outcome.UNDETERMINED, ["timestamp.expired"])
    healed = timestamp.verify(token(), WORDS, trust(), MUCH_LATER, proven_at=NOW)
    assert healed.outcome is Outcome.VALID
    late = timestamp.verify(token(), WORDS, trust(), MUCH_LATER, proven_at=MUCH_LATER - timedelta(days=1))
    assert codes(late) == ["timestamp.expired"]


def test_a_time_before_the_authority_or_after_the_check_is_not_believed() -> None:
    early = stamper(at=ISSUED - timedelta(days=1))
    assert codes(timestamp.verify(token(authority=early), WORDS, trust(), NOW)) == ["timestamp.untrusted"]
    verdict = timestamp.verify(token(), WORDS, trust(), SIGNED - timedelta(minutes=6))
    assert (verdict.outcome, codes(verdict)) == (Outcome.UNDETERMINED, ["timestamp.in-future"])
    assert timestamp.verify(token(), WORDS, trust(), SIGNED - timedelta(minutes=4)).outcome is Outcome.VALID


def test_a_revoked_authority_proves_nothing_unless_its_stamp_is_older_by_proof() -> None:
    key = stamper_key()
    made = token(authority=LocalTimeStampAuthority(key, lambda: SIGNED))
    when = SIGNED + timedelta(hours=12)
    lists = [stamp_root().crl(NOW, revoked={key.certificate.serial_number: Revoked(when)})]
    known = RevocationData.of(lists)
    verdict = timestamp.verify(made, WORDS, trust(known=known), NOW)
    assert (verdict.outcome, codes(verdict)) == (Outcome.UNDETERMINED, ["timestamp.revoked"])
    before = when - timedelta(hours=1)
    assert timestamp.verify(made, WORDS, trust(known=known), NOW, proven_at=before).outcome is Outcome.VALID


def test_revocation_that_is_not_known_counts_if_it_is_required() -> None:
    strict = timestamp.verify(token(), WORDS, trust(revocation=True), NOW)
    assert codes(strict) == ["timestamp.revocation-unknown"]
    known = RevocationData.of([stamp_root().crl(NOW)])
    given = timestamp.verify(token(), WORDS, trust(revocation=True), NOW, revocation=known)
    assert given.outcome is Outcome.VALID


# Attacks on the token itself


def changed(made: bytes, change: object) -> bytes:
    content = cms.ContentInfo.load(made)
    signed = content["content"]
    change(signed)  # type: ignore[operator]
    return bytes(content.dump(force=True))


def test_sha1_is_refused() -> None:
    def weaken(signed: cms.SignedData) -> None:
        info = tsp.TSTInfo.load(bytes(signed["encap_content_info"]["content"]))
        info["message_imprint"]["hash_algorithm"] = {"algorithm": "sha1"}
        info["message_imprint"]["hashed_message"] = hashlib.sha1(WORDS).digest()
        signed["encap_content_info"]["content"] = cms.ParsableOctetString(info.dump(force=True))

    verdict = timestamp.verify(changed(token(), weaken), WORDS, trust(), NOW)
    assert verdict.outcome is Outcome.INVALID

    def weaken_signature(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}

    weak = timestamp.verify(changed(token(), weaken_signature), WORDS, trust(), NOW)
    assert codes(weak) == ["timestamp.algorithm-forbidden"]


def test_an_sha1_imprint_that_is_well_signed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tsa.DIGESTS, "sha1", 20)
    made = stamper().token("sha1", hashlib.sha1(WORDS).digest())
    assert codes(timestamp.verify(made, WORDS, trust(), NOW)) == ["timestamp.algorithm-forbidden"]


def test_another_certificate_of_the_same_name_is_not_taken() -> None:
    """The certificate is bound by its digest, not by issuer and serial number, which an issuer could give twice."""
    other = stamper_key()
    made = changed(
        token(),
        lambda signed: signed.__setitem__(
            "certificates", [cms.CertificateChoices("certificate", _asn1(other.certificate))]
        ),
    )
    assert timestamp.verify(made, WORDS, trust(), NOW).outcome is Outcome.INVALID


def test_a_token_without_its_certificate_or_with_two_signers_is_refused() -> None:
    alone = stamper().token("sha256", hashlib.sha256(WORDS).digest(), certificates=False)
    assert codes(timestamp.verify(alone, WORDS, trust(), NOW)) == ["timestamp.malformed"]

    def double(signed: cms.SignedData) -> None:
        signer_info = signed["signer_infos"][0]
        signed["signer_infos"] = [signer_info, signer_info.copy()]

    assert timestamp.verify(changed(token(), double), WORDS, trust(), NOW).outcome is Outcome.INVALID


def test_a_token_that_is_not_bound_to_its_certificate_is_refused() -> None:
    def unbind(signed: cms.SignedData) -> None:
        info = signed["signer_infos"][0]
        attributes = [one for one in info["signed_attrs"] if not one["type"].native.startswith("signing")]
        kept = cms.CMSAttributes(attributes)
        info["signed_attrs"] = kept
        info["signature"] = stamper().key.sign(kept.dump(), hashes.SHA256())

    assert codes(timestamp.verify(changed(token(), unbind), WORDS, trust(), NOW)) == ["timestamp.unbound"]


@pytest.mark.parametrize("rubbish", [b"", b"0", b"\x30\x80", b"\x30\x03\x02\x01\x05", b"x" * 300_000])
def test_rubbish_is_refused_without_harm(rubbish: bytes) -> None:
    assert codes(timestamp.verify(rubbish, WORDS, trust(), NOW)) == ["timestamp.malformed"]


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_no_octet_of_a_token_can_be_changed() -> None:
    made, trusted = token(), trust()
    for place in range(len(made)):
        for mask in (0x01, 0x80):
            broken = made[:place] + bytes([made[place] ^ mask]) + made[place + 1 :]
            assert timestamp.verify(broken, WORDS, trusted, NOW).outcome is not Outcome.VALID, place


# Other people's programs


@pytest.mark.programs
@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
def test_openssl_verifies_ours(tmp_path: Path, algorithm: Algorithm) -> None:
    (tmp_path / "token").write_bytes(token(authority=stamper(algorithm)))
    (tmp_path / "words").write_bytes(WORDS)
    (tmp_path / "root.pem").write_bytes(stamp_root().pem)
    command = [
        "openssl",
        "ts",
        "-verify",
        "-token_in",
        "-in",
        "token",
        "-data",
        "words",
        "-CAfile",
        "root.pem",
    ]
    command += ["-attime", str(int(NOW.timestamp()))]
    good = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (good.returncode, good.stdout) == (0, b"Verification: OK\n")
    (tmp_path / "words").write_bytes(WORDS + b".")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


@pytest.mark.programs
def test_we_verify_what_openssl_makes(tmp_path: Path) -> None:
    key = stamper_key(algorithm="rsa-2048")
    (tmp_path / "key.pem").write_bytes(
        key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (tmp_path / "tsa.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "serial").write_text("01")
    (tmp_path / "words").write_bytes(WORDS)
    (tmp_path / "ts.cnf").write_text(
        "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = key.pem\n"
        "signer_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\ness_cert_id_chain = no\n"
        "ess_cert_id_alg = sha256\naccuracy = secs:1\n"
    )

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", "ts", *arguments], cwd=tmp_path, capture_output=True, check=True)

    openssl("-query", "-data", "words", "-sha256", "-cert", "-out", "query")
    openssl("-reply", "-config", "ts.cnf", "-queryfile", "query", "-token_out", "-out", "token")
    made = (tmp_path / "token").read_bytes()
    time = timestamp.verify(made, WORDS, trust(), NOW).time
    assert time is not None  # the machine's clock, whatever it is
    verdict = timestamp.verify(made, WORDS, trust(), time)
    assert verdict.outcome is Outcome.VALID
    assert timestamp.verify(made, b"other", trust(), time).outcome is Outcome.INVALID


def _asn1(certificate: x509.Certificate) -> object:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
