"""Keys, certificates and paths that a careful verifier must not be talked into."""

from __future__ import annotations

from datetime import timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.keys import SigningKey
from tests.unit.signing import packages
from tests.unit.signing.attacks import attacker
from tests.unit.signing.attacks_arithmetic import rsa_value
from tests.unit.signing.packages import (
    ISSUED,
    NOW,
    b64,
    certificate,
    hand_signed,
    signer,
    usage,
    with_certificate,
    x509_data,
)


def rsa_exponent_huge() -> bytes:
    """An exponent as long as the modulus makes verifying as dear as signing."""
    one = certificate_for_numbers(exponent=(1 << 2000) + 1)
    return hand_signed(signer("rsa-2048"), key_info=x509_data(one))


def rsa_exponent_one() -> bytes:
    """With e = 1 every value is its own signature."""
    return hand_signed(signer("rsa-2048"), key_info=x509_data(certificate_for_numbers(exponent=1)))


def rsa_of_8192_bits() -> bytes:
    """Verifying takes sixteen times as long. Making such a key takes minutes, so the modulus is made up."""
    return hand_signed(signer("rsa-2048"), key_info=x509_data(with_rsa_key(modulus=(1 << 8191) + 9)))


def certificate_for_numbers(exponent: int) -> x509.Certificate:
    public = rsa_value()[1].public_key().public_numbers()
    return with_rsa_key(modulus=public.n, exponent=exponent)


def with_rsa_key(modulus: int, exponent: int = 65537) -> x509.Certificate:
    """A certificate with another RSA key than its issuer signed: the key is looked at before the path."""
    parsed = asn1_x509.Certificate.load(signer("rsa-2048").certificate.public_bytes(Encoding.DER))
    numbers = asn1_keys.RSAPublicKey({"modulus": modulus, "public_exponent": exponent})
    wrapped = asn1_keys.PublicKeyInfo.wrap(numbers, "rsa")
    parsed["tbs_certificate"]["subject_public_key_info"]["public_key"] = wrapped["public_key"]
    return x509.load_der_x509_certificate(parsed.dump(force=True))


def p521_key() -> bytes:
    private = ec.generate_private_key(ec.SECP521R1())
    one = certificate(
        private, issuer=packages.between().key, extensions=((usage(digital_signature=True), True),)
    )
    return hand_signed(signer(), key_info=x509_data(one))


def ed25519_key() -> bytes:
    return hand_signed(signer(), key_info=x509_data(of_another_kind(ed25519.Ed25519PrivateKey.generate())))


def dsa_key() -> bytes:
    return hand_signed(signer(), key_info=x509_data(of_another_kind(dsa.generate_private_key(1024))))


def of_another_kind(private: ed25519.Ed25519PrivateKey | dsa.DSAPrivateKey) -> x509.Certificate:
    above = packages.between()
    builder = (
        x509.CertificateBuilder()
        .subject_name(above.certificate.subject)
        .issuer_name(above.certificate.subject)
    )
    builder = builder.public_key(private.public_key()).serial_number(78)
    builder = builder.not_valid_before(ISSUED).not_valid_after(NOW + timedelta(days=9))
    return builder.sign(above.key.private_key, hashes.SHA256())


def key_name_only() -> bytes:
    return hand_signed(signer(), key_info="<ds:KeyName>Người Ký Thử</ds:KeyName>")


def rsa_key_value_only() -> bytes:
    public = rsa_value()[1].public_key().public_numbers()
    parts = (public.n.to_bytes(256, "big"), public.e.to_bytes(3, "big"))
    value = f"<ds:Modulus>{b64(parts[0])}</ds:Modulus><ds:Exponent>{b64(parts[1])}</ds:Exponent>"
    return hand_signed(
        signer("rsa-2048"), key_info=f"<ds:KeyValue><ds:RSAKeyValue>{value}</ds:RSAKeyValue></ds:KeyValue>"
    )


def der_key_value() -> bytes:
    spki = signer().certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    inside = f'<d:DEREncodedKeyValue xmlns:d="http://www.w3.org/2009/xmldsig11#">{b64(spki)}</d:DEREncodedKeyValue>'
    return hand_signed(signer(), key_info=inside)


def key_info_reference() -> bytes:
    """Keys that point to keys that point to keys: refused by following none."""
    inside = '<d:KeyInfoReference xmlns:d="http://www.w3.org/2009/xmldsig11#" URI="#k"/>'
    return hand_signed(signer(), key_info=inside)


def two_x509_data() -> bytes:
    """The attacker's certificate in one, a trusted one in the other."""
    mine = attacker()
    return hand_signed(mine, key_info=x509_data(*mine.chain) + x509_data(*signer().chain))


def trusted_certificate_behind() -> bytes:
    """Signed by the attacker's key; a trusted certificate stands behind the attacker's own."""
    mine = attacker()
    return hand_signed(mine, key_info=x509_data(*mine.chain, *signer().chain))


def trusted_certificate_before() -> bytes:
    mine = attacker()
    return hand_signed(mine, key_info=x509_data(*signer().chain, *mine.chain))


def not_yet_valid() -> bytes:
    late = packages.between().issue("Người Đến Sớm", NOW + timedelta(days=5), organisation="UBND xã Mẫu")
    return hand_signed(late)


def chain_of_five() -> bytes:
    """Four certificates are the most that are looked at."""
    return hand_signed(signer(), key_info=x509_data(*signer().chain, *[packages.between().certificate] * 3))


def wrong_issuer_signature() -> bytes:
    """Issued in the right name, with every right extension, by another key."""
    other = type(packages.between()).create("Gốc khác", ISSUED)
    private = ec.generate_private_key(ec.SECP256R1())
    issuer = SigningKey("x", other.key.private_key, (other.certificate,))
    subject = packages.between().certificate.subject
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).serial_number(79)
    builder = builder.public_key(private.public_key()).not_valid_before(ISSUED)
    builder = builder.not_valid_after(NOW + timedelta(days=9))
    builder = builder.add_extension(usage(digital_signature=True), True)
    one = builder.sign(issuer.private_key, hashes.SHA256())
    return hand_signed(
        with_certificate(private, one), key_info=x509_data(one, packages.between().certificate)
    )


def certificate_bit_flipped() -> bytes:
    """The last octets of a certificate are its issuer's signature."""
    der = bytearray(signer().certificate.public_bytes(Encoding.DER))
    der[-3] ^= 1
    one = x509.load_der_x509_certificate(bytes(der))
    return hand_signed(signer(), key_info=x509_data(one, *signer().chain[1:]))


def sha1_certificate() -> bytes:
    """Signed by its issuer with SHA-1, as it says."""
    private = ec.generate_private_key(ec.SECP256R1())
    one = certificate(
        private, issuer=packages.between().key, extensions=((usage(digital_signature=True), True),)
    )
    parsed = asn1_x509.Certificate.load(one.public_bytes(Encoding.DER))
    for place in (parsed["tbs_certificate"]["signature"], parsed["signature_algorithm"]):
        place["algorithm"] = "sha1_ecdsa"
    signed = parsed["tbs_certificate"].dump(force=True)
    above = packages.between().key.private_key
    assert isinstance(above, ec.EllipticCurvePrivateKey)
    parsed["signature_value"] = above.sign(signed, ec.ECDSA(hashes.SHA1()))
    changed = x509.load_der_x509_certificate(parsed.dump(force=True))
    return hand_signed(
        with_certificate(private, changed), key_info=x509_data(changed, packages.between().certificate)
    )


def authority_without_key_usage() -> bytes:
    """The one in between says CA, but may sign no certificates."""
    private = ec.generate_private_key(ec.SECP256R1())
    limits = (x509.BasicConstraints(ca=True, path_length=0), True)
    above = certificate(
        private,
        issuer=packages.authority().key,
        name="Trung gian sai",
        extensions=(limits, (usage(digital_signature=True), True)),
    )
    mine = ec.generate_private_key(ec.SECP256R1())
    one = certificate(
        mine, issuer=SigningKey("x", private, (above,)), extensions=((usage(digital_signature=True), True),)
    )
    return hand_signed(with_certificate(mine, one), key_info=x509_data(one, above))


INVALID, UNDETERMINED = "invalid", "undetermined"

KEYS = {
    rsa_exponent_huge: (INVALID, "signature.key-weak"),
    rsa_exponent_one: (INVALID, "certificate.unreadable"),
    rsa_of_8192_bits: (INVALID, "signature.key-weak"),
    p521_key: (INVALID, "signature.key-mismatch"),
    ed25519_key: (INVALID, "signature.key-mismatch"),
    dsa_key: (INVALID, "signature.key-mismatch"),
    key_name_only: (INVALID, "signature.no-certificate"),
    rsa_key_value_only: (INVALID, "signature.no-certificate"),
    der_key_value: (INVALID, "signature.no-certificate"),
    key_info_reference: (INVALID, "signature.no-certificate"),
    two_x509_data: (INVALID, "signature.no-certificate"),
    trusted_certificate_behind: (UNDETERMINED, "certificate.untrusted"),
    trusted_certificate_before: (INVALID, "signature.value-wrong"),
    not_yet_valid: (UNDETERMINED, "certificate.not-yet-valid"),
    chain_of_five: (INVALID, "signature.no-certificate"),
    wrong_issuer_signature: (UNDETERMINED, "certificate.untrusted"),
    certificate_bit_flipped: (UNDETERMINED, "certificate.untrusted"),
    sha1_certificate: (UNDETERMINED, "certificate.untrusted"),
    authority_without_key_usage: (UNDETERMINED, "certificate.untrusted"),
}
