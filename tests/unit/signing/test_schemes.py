"""Only keys of the right kind and size, and values of the right form."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from signing import profile, schemes
from signing.keys import PrivateKey
from signing.profile import ECDSA_SHA256, ECDSA_SHA384, RSA_SHA256, Scheme
from signing.reasons import Refused
from tests.unit.signing.packages import certificate, signer, with_certificate

P256, P384, P521 = (
    ec.generate_private_key(curve) for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())
)
RSA = signer("rsa-2048").private_key


def modulus() -> int:
    assert isinstance(RSA, rsa.RSAPrivateKey)
    return RSA.public_key().public_numbers().n


@pytest.mark.parametrize(("scheme", "key"), [(RSA_SHA256, RSA), (ECDSA_SHA256, P256), (ECDSA_SHA384, P384)])
def test_what_is_signed_is_right_and_of_fixed_length(scheme: Scheme, key: PrivateKey) -> None:
    assert schemes.scheme_of(key.public_key()) is scheme
    value = schemes.value_of(scheme, with_certificate(key, certificate(key)), b"abc")
    public = schemes.fitting(scheme, key.public_key())
    assert schemes.check_value(scheme, public, value, b"abc") is None
    for wrong, code in [(value[:-1], "signature.value-malformed"), (value[::-1], "signature.value-wrong")]:
        found = schemes.check_value(scheme, public, wrong, b"abc")
        assert found is not None
        assert found.code == code
    other = schemes.check_value(scheme, public, value, b"abd")
    assert other is not None
    assert other.code == "signature.value-wrong"


@pytest.mark.parametrize(
    ("scheme", "key"),
    [
        (RSA_SHA256, P256),
        (ECDSA_SHA256, RSA),
        (ECDSA_SHA256, P384),
        (ECDSA_SHA384, P256),
        (ECDSA_SHA384, P521),
    ],
)
def test_a_key_of_another_kind_does_not_fit(scheme: Scheme, key: PrivateKey) -> None:
    with pytest.raises(Refused) as refused:
        schemes.fitting(scheme, key.public_key())
    assert refused.value.reasons[0].code == "signature.key-mismatch"


def test_ed25519_fits_no_algorithm_of_the_profile() -> None:
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    for scheme in profile.SCHEMES.values():
        with pytest.raises(Refused, match="Ed25519"):
            schemes.fitting(scheme, public)


@pytest.mark.parametrize("exponent", [2**2000 + 1, 2**32 + 1])
def test_a_huge_exponent_is_refused(exponent: int) -> None:
    key = rsa.RSAPublicNumbers(e=exponent, n=modulus()).public_key()
    with pytest.raises(Refused) as refused:
        schemes.fitting(RSA_SHA256, key)
    assert refused.value.reasons[0].code == "signature.key-weak"


def test_an_rsa_key_over_4096_bits_is_refused() -> None:
    key = rsa.RSAPublicNumbers(e=65537, n=(1 << 4104) + 1).public_key()
    with pytest.raises(Refused, match="4105"):
        schemes.fitting(RSA_SHA256, key)
