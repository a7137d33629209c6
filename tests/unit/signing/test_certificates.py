"""Strangers' certificates are read once and never crash the reader."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from signing import certificates
from signing.certificates import UnreadableCertificate, load
from tests.unit.signing.packages import authority, certificate, signer, usage

DER = signer().certificate.public_bytes(Encoding.DER)


def test_a_certificate_is_read_once() -> None:
    assert load(DER) is load(bytes(bytearray(DER)))


def test_what_people_want_to_know_is_summed_up() -> None:
    one = load(DER)
    assert one.name == "Người Ký Thử"
    assert one.summary.subject == "CN=Người Ký Thử,O=UBND xã Mẫu,C=VN"
    assert one.summary.not_after == signer().certificate.not_valid_after_utc
    assert len(one.summary.sha256) == 64
    assert one.der == DER


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(DER) - 1), to=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_certificate_is_read_or_refused(at: int, to: int, cut: bool) -> None:
    damaged = DER[:at] if cut else DER[:at] + bytes([to]) + DER[at + 1 :]
    try:
        read = load(damaged).der
    except UnreadableCertificate:
        read = damaged
    assert read == damaged


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(UnreadableCertificate):
        load(rubbish)


def test_a_huge_certificate_is_not_even_looked_at() -> None:
    with pytest.raises(UnreadableCertificate, match="at most 16384 octets"):
        load(DER + bytes(certificates.LARGEST))


@pytest.mark.parametrize(
    ("extensions", "may_sign"),
    [
        ((usage(digital_signature=True),), True),
        ((usage(content_commitment=True),), True),
        ((usage(key_encipherment=True),), False),
        ((), False),
        ((usage(digital_signature=True), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])), True),
        ((usage(digital_signature=True), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])), False),
        ((usage(digital_signature=True), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])), False),
    ],
)
def test_the_usages_decide_who_may_sign(extensions: tuple[x509.ExtensionType, ...], may_sign: bool) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    one = certificates.of(certificate(key, extensions=tuple((extension, False) for extension in extensions)))
    assert one.may_sign is may_sign


def test_an_authority_is_known_by_its_basic_constraints() -> None:
    assert certificates.of(authority().certificate).is_authority
    assert not load(DER).is_authority
