"""Packages, keys and certificates to sign with, for the tests of this folder. All names and codes are invented."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from schemas.xml import parse
from signing import certificates
from signing.ca import CertificateAuthority
from signing.keys import Algorithm, PrivateKey, SigningKey, UnusableKey
from signing.trust import TrustStore
from signing.verdict import Verdict
from signing.xml import verify

ISSUED = datetime(2026, 1, 5, 8, tzinfo=UTC)
NOW = ISSUED + timedelta(days=30)

EDXML = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = DS + "enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"


def package(
    *,
    subject: str = "V/v thử nghiệm liên thông văn bản",
    header: str = "",
    attachment: str = "QW5oIGNoYW8=",
) -> bytes:
    """Return a package in the prefix pattern of the standard. `header` goes to the end of its header."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="{EDXML}">
  <edXML:edXMLEnvelope xmlns:edXML="{EDXML}">
    <edXML:edXMLHeader>
      <edXML:MessageHeader>
        <edXML:From><edXML:OrganId>000.00.01.X99</edXML:OrganId><edXML:OrganName>UBND xã Mẫu</edXML:OrganName></edXML:From>
        <edXML:To><edXML:OrganId>000.00.02.X99</edXML:OrganId><edXML:OrganName>Sở Thử Nghiệm</edXML:OrganName></edXML:To>
        <edXML:Subject>{subject}</edXML:Subject>
      </edXML:MessageHeader>{header}
    </edXML:edXMLHeader>
    <edXML:edXMLBody><edXML:edXMLManifest version="1.0"/></edXML:edXMLBody>
  </edXML:edXMLEnvelope>
  <AttachmentEncoded>
    <Attachment><ContentId>cid:1</ContentId><edXML:ContentTransferEncoded xmlns:edXML="{EDXML}">{attachment}</edXML:ContentTransferEncoded></Attachment>
  </AttachmentEncoded>
</edXML>
""".encode()  # noqa: E501


@cache
def authority() -> CertificateAuthority:
    """The root that the tests trust."""
    return CertificateAuthority.create("Gốc tin cậy thử nghiệm", ISSUED)


@cache
def between() -> CertificateAuthority:
    """An authority under the root."""
    return authority().authority("Trung gian thử nghiệm", ISSUED)


@cache
def signer(algorithm: Algorithm = "ecdsa-p256", days: int = 365) -> SigningKey:
    """A key whose certificate leads to the root through the authority between."""
    return between().issue("Người Ký Thử", ISSUED, organisation="UBND xã Mẫu", days=days, algorithm=algorithm)


@cache
def trusted() -> TrustStore:
    """A store with the root only."""
    return TrustStore([certificates.of(authority().certificate)])


def judge(content: bytes, trust: TrustStore | None = None, at: datetime = NOW) -> Verdict:
    """Return the only verdict on a package."""
    (verdict,) = verdicts(content, trust, at)
    return verdict


def verdicts(content: bytes, trust: TrustStore | None = None, at: datetime = NOW) -> tuple[Verdict, ...]:
    """Return all verdicts on a package."""
    return verify(content, parse(content), trust or trusted(), at)


def codes(verdict: Verdict) -> list[str]:
    """Return the codes of a verdict's reasons."""
    return [reason.code for reason in verdict.reasons]


def certificate(
    key: PrivateKey,
    *,
    issuer: SigningKey | None = None,
    name: str = "Kẻ Giả Mạo",
    until: datetime = NOW + timedelta(days=900),
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
) -> x509.Certificate:
    """Return a certificate of any kind: issued by itself unless an issuer is given, without extensions."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key()).serial_number(77)
    builder = builder.issuer_name(issuer.certificate.subject if issuer else subject)
    builder = builder.not_valid_before(ISSUED).not_valid_after(until)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer.private_key if issuer else key, hashes.SHA256())


def usage(**granted: bool) -> x509.KeyUsage:
    """Return a KeyUsage with only these bits."""
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign"
    )
    bits = dict.fromkeys([*names.split(), "crl_sign", "encipher_only", "decipher_only"], False)
    return x509.KeyUsage(**{**bits, **granted})


def canonical(octets: bytes) -> bytes:
    """Return the exclusive canonical form of a whole document, independently of the code under test."""
    tree = etree.ElementTree(etree.fromstring(octets))
    return etree.tostring(tree, method="c14n", exclusive=True, with_comments=False)


def ecdsa_raw(key: PrivateKey, octets: bytes) -> bytes:
    """Sign as XMLDSig wants it: r||s for P-256, PKCS#1 v1.5 for RSA."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def b64(octets: bytes) -> str:
    """Return base64."""
    return base64.b64encode(octets).decode()


def hand_signed(
    key: SigningKey,
    content: bytes | None = None,
    *,
    method: str | None = None,
    canonicalisation: str = f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>',
    references: str | None = None,
    transforms: str = "",
    digest: str = SHA256,
    hashed: str = "sha256",
    key_info: str | None = None,
    value: Callable[[bytes], bytes] | None = None,
    extra: str = "",
    namespace: str = DS,
    prefix: str = "ds:",
) -> bytes:
    """Return a package signed by hand: any part may be other than it should, and the arithmetic still holds."""

    def spelt(text: str) -> str:
        text = text.replace(f'xmlns:ds="{DS}"', f'xmlns{":" if prefix else ""}{prefix[:-1]}="{namespace}"')
        return text.replace("<ds:", f"<{prefix}").replace("</ds:", f"</{prefix}")

    content = content or package()
    method = method or (RSA_SHA256 if isinstance(key.private_key, rsa.RSAPrivateKey) else ECDSA_SHA256)
    transforms = transforms or "".join(
        f'<ds:Transform Algorithm="{uri}"></ds:Transform>' for uri in (ENVELOPED, EXCLUSIVE)
    )
    digest_value = b64(hashlib.new(hashed, canonical(content)).digest())
    reference = (
        f'<ds:Reference URI=""><ds:Transforms>{transforms}</ds:Transforms><ds:DigestMethod Algorithm="{digest}">'
        f"</ds:DigestMethod><ds:DigestValue>{digest_value}</ds:DigestValue></ds:Reference>"
    )
    inside = (
        f'{canonicalisation}<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>'
        f"{reference if references is None else references.replace('{reference}', reference)}"
    )
    signed = canonical(spelt(f'<ds:SignedInfo xmlns:ds="{DS}">{inside}</ds:SignedInfo>').encode())
    worked_out = value(signed) if value else ecdsa_raw(key.private_key, signed)
    if key_info is None:
        key_info = x509_data(*key.chain)
    block = (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{inside}</ds:SignedInfo><ds:SignatureValue>{b64(worked_out)}'
        f"</ds:SignatureValue><ds:KeyInfo>{key_info}</ds:KeyInfo>{extra}</ds:Signature>"
    )
    before, end, after = content.rpartition(b"</edXML:edXMLHeader>")
    return before + spelt(block).encode() + end + after


def x509_data(*chain: x509.Certificate) -> str:
    """Return the certificates as KeyInfo carries them."""
    inside = "".join(
        f"<ds:X509Certificate>{b64(one.public_bytes(Encoding.DER))}</ds:X509Certificate>" for one in chain
    )
    return f"<ds:X509Data>{inside}</ds:X509Data>"


def reference_to(uri: str, octets: bytes, transforms: str = "") -> str:
    """Return a detached reference, to be put into `references` of `hand_signed`."""
    inside = f"<ds:Transforms>{transforms}</ds:Transforms>" if transforms else ""
    return (
        f'<ds:Reference URI="{uri}">{inside}<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
        f"<ds:DigestValue>{b64(hashlib.sha256(octets).digest())}</ds:DigestValue></ds:Reference>"
    )


def with_certificate(private: PrivateKey, one: x509.Certificate) -> SigningKey:
    """Return a key with that certificate alone."""
    return SigningKey("hostile", private, (one,))


@contextmanager
def unusable(said: str) -> Iterator[None]:
    """Expect an `UnusableKey` that says this in English, and something in Vietnamese."""
    with pytest.raises(UnusableKey) as refused:
        yield
    assert said in refused.value.text.en
    assert refused.value.text.vi
