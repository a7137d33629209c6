"""Forgeries, each built anew and each with the code of the reason that it must be refused for.

Where the arithmetic could hold, it does: a verifier that skipped the one rule in question would accept the forgery.
`hostile` has the table of all attacks, and keeps the small ones as files.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.keys import SigningKey
from signing.xml import sign
from tests.unit.signing import packages
from tests.unit.signing.packages import (
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INCLUSIVE,
    ISSUED,
    b64,
    certificate,
    hand_signed,
    package,
    signer,
    usage,
    with_certificate,
    x509_data,
)

BLOCK = re.compile(rb"<ds:Signature .*</ds:Signature>", re.DOTALL)
EVIL = "Chuyển 10 tỷ đồng"


def genuine() -> bytes:
    """A package that is signed as it should be."""
    return sign(package(), signer())


def block(content: bytes) -> bytes:
    """The signature of a package, as it is written there."""
    found = BLOCK.search(content)
    assert found is not None
    return found[0]


def without_declaration(content: bytes) -> bytes:
    """The root element alone."""
    return content.partition(b"?>")[2].strip()


# Altered and wrapped


def altered() -> bytes:
    return genuine().replace("liên thông".encode(), "phân công".encode())


def altered_attachment() -> bytes:
    return genuine().replace(b"QW5oIGNoYW8=", b"QW5oIGNoYW9h")


def relative_namespace() -> bytes:
    """Canonicalisation gives up on it, which must not look like a fault of ours."""
    return genuine().replace(b"<AttachmentEncoded>", b'<AttachmentEncoded xmlns:x="relative">')


def reformatted() -> bytes:
    return genuine().replace(b"\n  ", b"\n    ")


def signature_of_another_package() -> bytes:
    return package(subject=EVIL).replace(b"</edXML:edXMLHeader>", block(genuine()) + b"</edXML:edXMLHeader>")


def original_in_object() -> bytes:
    """The signed original is moved into the signature, an evil body put in its place."""
    inside = b"<ds:Object>" + without_declaration(package()) + b"</ds:Object></ds:Signature>"
    return signature_of_another_package().replace(b"</ds:Signature>", inside)


def original_in_subject_name() -> bytes:
    """The same, in an element of KeyInfo that verifiers ignore."""
    hidden = b"<ds:X509SubjectName>" + without_declaration(package()) + b"</ds:X509SubjectName>"
    return signature_of_another_package().replace(b"<ds:X509Data>", b"<ds:X509Data>" + hidden)


def whole_original_wrapped() -> bytes:
    """The whole signed package stands inside an evil one."""
    hole = b"<AttachmentEncoded>" + without_declaration(genuine())
    return package(subject=EVIL).replace(b"<AttachmentEncoded>", hole)


def original_in_header() -> bytes:
    """The whole signed package stands in the header of an evil one, where its signature looks almost at home."""
    return package(subject=EVIL, header=without_declaration(genuine()).decode())


def second_envelope_first() -> bytes:
    """An evil envelope stands before the genuine one, and the holder of a good key signs for both."""
    evil = re.search(rb"<edXML:edXMLEnvelope.*</edXML:edXMLEnvelope>", package(subject=EVIL), re.DOTALL)
    assert evil is not None
    genuine_one = b"<edXML:edXMLEnvelope "
    return hand_signed(signer(), package().replace(genuine_one, evil[0] + genuine_one))


def second_envelope_without_header() -> bytes:
    """A second envelope holds nothing but another body."""
    evil = b"<edXML:edXMLEnvelope><edXML:edXMLBody/></edXML:edXMLEnvelope>"
    evil = evil.replace(
        b"<edXML:edXMLEnvelope>", b'<edXML:edXMLEnvelope xmlns:edXML="%s">' % packages.EDXML.encode()
    )
    return hand_signed(signer(), package().replace(b"<AttachmentEncoded>", evil + b"<AttachmentEncoded>"))


def second_header() -> bytes:
    """Two headers in one envelope, the second one signed for."""
    evil = b"<edXML:edXMLHeader><edXML:MessageHeader/></edXML:edXMLHeader>"
    both = package().replace(b"<edXML:edXMLHeader>", evil + b"<edXML:edXMLHeader>")
    return hand_signed(signer(), both)


def signature_moved_to_body() -> bytes:
    content = genuine()
    signature = block(content)
    return content.replace(signature, b"").replace(b"<edXML:edXMLBody>", b"<edXML:edXMLBody>" + signature)


def signature_moved_to_root() -> bytes:
    content = genuine()
    return content.replace(block(content), b"").replace(b"</edXML>", block(content) + b"</edXML>")


def signature_first_in_header() -> bytes:
    content = genuine()
    signature = block(content)
    return content.replace(signature, b"").replace(b"<edXML:edXMLHeader>", b"<edXML:edXMLHeader>" + signature)


def element_after_signature() -> bytes:
    return genuine().replace(b"</ds:Signature>", b"</ds:Signature><edXML:TraceHeaderList/>")


def signature_twice() -> bytes:
    content = genuine()
    return content.replace(block(content), block(content) * 2)


def signature_flood() -> bytes:
    declared = package().replace(b"<edXML ", b'<edXML xmlns:ds="%s" ' % DS.encode(), 1)
    return declared.replace(b"</edXML:edXMLHeader>", b"<ds:Signature/>" * 5000 + b"</edXML:edXMLHeader>")


def placeholder_beside() -> bytes:
    return genuine().replace(b"<ds:Signature ", b"<Signature><SignedInfo/></Signature><ds:Signature ", 1)


def empty_signature_beside() -> bytes:
    """Who looks for the signature by its tags finds the empty one first."""
    return genuine().replace(b"<edXML:MessageHeader>", b"<Signature a=''/><edXML:MessageHeader>", 1)


def behind_empty_ones() -> bytes:
    """A verifier that stops looking after the first few elements would take the package for unsigned."""
    return altered().replace(
        b"<edXML:MessageHeader>", b"<DigitalSignature/>" * 20 + b"<edXML:MessageHeader>", 1
    )


def nested_signature() -> bytes:
    content = genuine()
    return content.replace(b"</ds:Signature>", block(content) + b"</ds:Signature>")


# Ids


def duplicate_ids() -> bytes:
    return hand_signed(
        signer(), package(header='<edXML:TraceHeaderList id="a"/><edXML:TraceHeaderList id="a"/>')
    )


def duplicate_ids_by_case() -> bytes:
    return hand_signed(
        signer(), package(header='<edXML:TraceHeaderList Id="a"/><edXML:TraceHeaderList ID="a"/>')
    )


def duplicate_ids_by_namespace() -> bytes:
    wsu = '<edXML:TraceHeaderList xmlns:wsu="urn:example:wsu" wsu:Id="a"/><edXML:TraceHeaderList xml:id="a"/>'
    return hand_signed(signer(), package(header=wsu))


def reference_by_id() -> bytes:
    header = '<edXML:TraceHeaderList Id="signed"/>'
    reference = '<ds:Reference URI="#signed"></ds:Reference>'
    return hand_signed(signer(), package(header=header), references=reference)


# The form


def object_added() -> bytes:
    return hand_signed(signer(), extra="<ds:Object>text</ds:Object>")


def mixed_content() -> bytes:
    return hand_signed(signer(), extra="Đã ký thay")


def text_in_method() -> bytes:
    return hand_signed(
        signer(),
        canonicalisation=f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}">x</ds:CanonicalizationMethod>',
    )


def foreign_attribute() -> bytes:
    return genuine().replace(b"<ds:Signature ", b'<ds:Signature evil="1" ', 1)


def block_too_large() -> bytes:
    return genuine().replace(b"<ds:X509Data>", b"<ds:X509Data>" + b" " * 70_000)


def value_with_character_references() -> bytes:
    def first_letter(found: re.Match[bytes]) -> bytes:
        return b"<ds:SignatureValue>&#%d;" % found[1][0]

    return re.sub(rb"<ds:SignatureValue>(.)", first_letter, genuine())


def value_garbage() -> bytes:
    return re.sub(rb"<ds:SignatureValue>[^<]*", b"<ds:SignatureValue>#khong-phai-base64#", genuine())


def value_empty() -> bytes:
    return re.sub(rb"<ds:SignatureValue>[^<]*", b"<ds:SignatureValue>", genuine())


def no_references() -> bytes:
    return hand_signed(signer(), references="")


def reference_flood() -> bytes:
    return hand_signed(signer(), references="{reference}" * 2000)


def reference_to_file() -> bytes:
    return hand_signed(signer(), references='<ds:Reference URI="file:///etc/passwd"></ds:Reference>')


def reference_to_http() -> bytes:
    return hand_signed(signer(), references='<ds:Reference URI="http://example.invalid/x"></ds:Reference>')


def reference_without_uri() -> bytes:
    return hand_signed(signer(), references="<ds:Reference></ds:Reference>")


def reference_by_xpointer() -> bytes:
    return hand_signed(signer(), references='<ds:Reference URI="#xpointer(/)"></ds:Reference>')


def transform(uri: str, inside: str = "") -> str:
    return f'<ds:Transform Algorithm="{uri}">{inside}</ds:Transform>'


def xslt() -> bytes:
    sheet = '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>'
    inside = transform("http://www.w3.org/TR/1999/REC-xslt-19991116", sheet)
    return hand_signed(signer(), transforms=transform(ENVELOPED) + inside)


def xpath() -> bytes:
    inside = transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<ds:XPath>count(//*)</ds:XPath>")
    return hand_signed(signer(), transforms=transform(ENVELOPED) + inside + transform(EXCLUSIVE))


def xpath_inside_a_permitted_transform() -> bytes:
    inside = transform(EXCLUSIVE, "<ds:XPath>count(//*)</ds:XPath>")
    return hand_signed(signer(), transforms=transform(ENVELOPED) + inside)


def transform_flood() -> bytes:
    return hand_signed(signer(), transforms=transform(ENVELOPED) + transform(EXCLUSIVE) * 3000)


def transforms_missing() -> bytes:
    return re.sub(rb"<ds:Transforms>.*</ds:Transforms>", b"", hand_signed(signer()))


def inclusive_transform() -> bytes:
    return hand_signed(signer(), transforms=transform(ENVELOPED) + transform(INCLUSIVE))


def enveloped_alone() -> bytes:
    return hand_signed(signer(), transforms=transform(ENVELOPED))


def prefix_list() -> bytes:
    flood = " ".join(f"p{number}" for number in range(5000))
    inside = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{flood}"></ec:InclusiveNamespaces>'
    return hand_signed(signer(), transforms=transform(ENVELOPED) + transform(EXCLUSIVE, inside))


def prefix_list_in_method() -> bytes:
    inside = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="edXML"></ec:InclusiveNamespaces>'
    method = f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}">{inside}</ds:CanonicalizationMethod>'
    return hand_signed(signer(), canonicalisation=method)


def inclusive_signed_info() -> bytes:
    return hand_signed(
        signer(),
        canonicalisation=f'<ds:CanonicalizationMethod Algorithm="{INCLUSIVE}"></ds:CanonicalizationMethod>',
    )


# Algorithms and keys


def hmac_with_the_public_key() -> bytes:
    """A verifier that takes the algorithm from the sender computes the same value with the public key."""
    public = signer().certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hand_signed(
        signer(),
        method="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        value=lambda signed: hmac.new(public, signed, hashlib.sha256).digest(),
    )


def rsa_sha1() -> bytes:
    key = signer("rsa-2048")
    private = key.private_key
    assert isinstance(private, rsa.RSAPrivateKey)
    return hand_signed(
        key,
        method=DS + "rsa-sha1",
        value=lambda signed: private.sign(signed, padding.PKCS1v15(), hashes.SHA1()),
    )


def sha1_digest() -> bytes:
    return hand_signed(signer(), digest=DS + "sha1", hashed="sha1")


def md5_digest() -> bytes:
    return hand_signed(signer(), digest="http://www.w3.org/2001/04/xmldsig-more#md5", hashed="md5")


def rsa_md5() -> bytes:
    return hand_signed(signer("rsa-2048"), method="http://www.w3.org/2001/04/xmldsig-more#rsa-md5")


def wrong_digest_length() -> bytes:
    return re.sub(rb"<ds:DigestValue>[^<]*", b"<ds:DigestValue>QUJD", genuine())


def ec_key_for_rsa() -> bytes:
    return hand_signed(signer(), method=packages.RSA_SHA256)


def rsa_key_for_ecdsa() -> bytes:
    return hand_signed(signer("rsa-2048"), method=packages.ECDSA_SHA256)


def p256_with_sha384() -> bytes:
    return hand_signed(signer(), method="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384")


def ecdsa_in_der() -> bytes:
    private = signer().private_key
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return hand_signed(signer(), value=lambda signed: private.sign(signed, ec.ECDSA(hashes.SHA256())))


def ecdsa_zeroes() -> bytes:
    """r = s = 0 was accepted by careless verifiers (CVE-2022-21449)."""
    return hand_signed(signer(), value=lambda signed: bytes(64))


def value_by_another_key() -> bytes:
    other = packages.between().issue("Người Khác", ISSUED, organisation="Sở Thử Nghiệm")
    return hand_signed(signer(), value=lambda signed: packages.ecdsa_raw(other.private_key, signed))


def weak_rsa() -> bytes:
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    one = certificate(
        private, issuer=packages.between().key, extensions=((usage(digital_signature=True), True),)
    )
    return hand_signed(
        with_certificate(private, one), key_info=x509_data(one, packages.between().certificate)
    )


# KeyInfo and certificates


def key_value_only() -> bytes:
    point = signer().certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    value = (
        '<ds:KeyValue><dsig11:ECKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#"><dsig11:PublicKey>'
        f"{b64(point)}</dsig11:PublicKey></dsig11:ECKeyValue></ds:KeyValue>"
    )
    return hand_signed(signer(), key_info=value)


def key_value_beside() -> bytes:
    return hand_signed(signer(), key_info=x509_data(*signer().chain) + "<ds:KeyValue>x</ds:KeyValue>")


def no_key_info() -> bytes:
    return re.sub(rb"<ds:KeyInfo>.*</ds:KeyInfo>", b"", genuine())


def certificate_flood() -> bytes:
    return hand_signed(signer(), key_info=x509_data(*[signer().certificate] * 5))


def retrieval_method() -> bytes:
    return hand_signed(signer(), key_info='<ds:RetrievalMethod URI="http://example.invalid/key"/>')


def truncated_certificate() -> bytes:
    return hand_signed(
        signer(), key_info="<ds:X509Data><ds:X509Certificate>MIIFqTCCBJG</ds:X509Certificate></ds:X509Data>"
    )


def cut_certificate() -> bytes:
    half = b64(signer().certificate.public_bytes(Encoding.DER)[:300])
    return hand_signed(
        signer(), key_info=f"<ds:X509Data><ds:X509Certificate>{half}</ds:X509Certificate></ds:X509Data>"
    )


def garbage_certificate() -> bytes:
    garbage = b64(hashlib.shake_128(b"garbage").digest(900))
    return hand_signed(
        signer(), key_info=f"<ds:X509Data><ds:X509Certificate>{garbage}</ds:X509Certificate></ds:X509Data>"
    )


def garbage_after_certificate() -> bytes:
    longer = b64(signer().certificate.public_bytes(Encoding.DER) + b"\x00\x01")
    return hand_signed(
        signer(), key_info=f"<ds:X509Data><ds:X509Certificate>{longer}</ds:X509Certificate></ds:X509Data>"
    )


def huge_certificate() -> bytes:
    huge = b64(signer().certificate.public_bytes(Encoding.DER) + bytes(20_000))
    return hand_signed(
        signer(), key_info=f"<ds:X509Data><ds:X509Certificate>{huge}</ds:X509Certificate></ds:X509Data>"
    )


def attacker(**changes: object) -> SigningKey:
    private = ec.generate_private_key(ec.SECP256R1())
    extensions = changes.pop("extensions", ((usage(digital_signature=True), True),))
    return with_certificate(private, certificate(private, extensions=extensions, **changes))  # type: ignore[arg-type]


def self_signed() -> bytes:
    return hand_signed(attacker())


def self_signed_in_the_name_of_the_root() -> bytes:
    """The issuer's name is right, the issuer's key is not."""
    return hand_signed(attacker(name="Gốc tin cậy thử nghiệm"))


def expired() -> bytes:
    return hand_signed(signer(days=10))


def authority_as_signer() -> bytes:
    return hand_signed(packages.between().key)


def issued_by_a_signer() -> bytes:
    """A holder of an ordinary certificate plays certification authority."""
    private = ec.generate_private_key(ec.SECP256R1())
    one = certificate(private, issuer=signer(), extensions=((usage(digital_signature=True), True),))
    return hand_signed(with_certificate(private, one), key_info=x509_data(one, *signer().chain))


def issued_below_path_length() -> bytes:
    """The authority in between may issue for signers only (pathLenConstraint 0)."""
    below = packages.between().authority("Quá sâu", ISSUED).issue("Ai đó", ISSUED, organisation="Không rõ")
    return hand_signed(below)


def web_server_certificate() -> bytes:
    private = ec.generate_private_key(ec.SECP256R1())
    extensions = (
        (usage(digital_signature=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    )
    one = certificate(private, issuer=packages.between().key, extensions=extensions)
    return hand_signed(
        with_certificate(private, one), key_info=x509_data(one, packages.between().certificate)
    )


def encryption_certificate() -> bytes:
    private = ec.generate_private_key(ec.SECP256R1())
    extensions = ((usage(key_agreement=True), True),)
    one = certificate(private, issuer=packages.between().key, extensions=extensions)
    return hand_signed(
        with_certificate(private, one), key_info=x509_data(one, packages.between().certificate)
    )


def unknown_critical_extension() -> bytes:
    private = ec.generate_private_key(ec.SECP256R1())
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5.6"), b"\x05\x00")
    extensions = ((usage(digital_signature=True), True), (unknown, True))
    one = certificate(private, issuer=packages.between().key, extensions=extensions)
    return hand_signed(
        with_certificate(private, one), key_info=x509_data(one, packages.between().certificate)
    )


# Forms that were never signatures


def placeholder() -> bytes:
    """What the examples of the standard carry: its own namespace, made-up values, a certificate cut short."""
    return package(
        header=f"""<Signature><SignedInfo><CanonicalizationMethod Algorithm="{INCLUSIVE}"/><SignatureMethod
Algorithm="{DS}rsa-sha1"/><Reference URI=""><Transforms><Transform Algorithm="{ENVELOPED}"/><Transform
Algorithm="http://www.w3.org/TR/xml-exc-c14n#"/></Transforms><DigestMethod Algorithm="{DS}sha1"/><DigestValue>AAAA
</DigestValue></Reference></SignedInfo><SignatureValue>AAAA</SignatureValue><KeyInfo><X509Data><X509SubjectName>CN=x
</X509SubjectName><X509Certificate>MIIFqTCCBJG</X509Certificate></X509Data></KeyInfo></Signature>"""
    )


def own_namespace_with_real_values() -> bytes:
    """A good signature under the standard's namespace, which no verifier can be expected to look for."""
    return genuine().replace(DS.encode() + b'">', packages.EDXML.encode() + b'">')


INVALID, UNDETERMINED = "invalid", "undetermined"

# What is done, how it is judged, and the first reason for it.
ATTACKS: dict[Callable[[], bytes], tuple[str, str]] = {
    relative_namespace: (INVALID, "signature.no-canonical-form"),
    altered: (INVALID, "signature.altered"),
    altered_attachment: (INVALID, "signature.altered"),
    reformatted: (INVALID, "signature.altered"),
    signature_of_another_package: (INVALID, "signature.altered"),
    original_in_object: (INVALID, "signature.malformed"),
    original_in_subject_name: (INVALID, "signature.malformed"),
    whole_original_wrapped: (INVALID, "signature.wrapped"),
    original_in_header: (INVALID, "signature.wrapped"),
    second_envelope_first: (INVALID, "signature.wrapped"),
    second_envelope_without_header: (INVALID, "signature.wrapped"),
    second_header: (INVALID, "signature.wrapped"),
    signature_moved_to_body: (INVALID, "signature.wrapped"),
    signature_moved_to_root: (INVALID, "signature.wrapped"),
    signature_first_in_header: (INVALID, "signature.wrapped"),
    element_after_signature: (INVALID, "signature.wrapped"),
    signature_twice: (INVALID, "signature.more-than-one"),
    signature_flood: (INVALID, "signature.more-than-one"),
    placeholder_beside: (INVALID, "signature.more-than-one"),
    empty_signature_beside: (INVALID, "signature.more-than-one"),
    behind_empty_ones: (INVALID, "signature.altered"),
    nested_signature: (INVALID, "signature.more-than-one"),
    duplicate_ids: (INVALID, "signature.duplicate-id"),
    duplicate_ids_by_case: (INVALID, "signature.duplicate-id"),
    duplicate_ids_by_namespace: (INVALID, "signature.duplicate-id"),
    reference_by_id: (INVALID, "signature.reference-forbidden"),
    object_added: (INVALID, "signature.malformed"),
    mixed_content: (INVALID, "signature.malformed"),
    text_in_method: (INVALID, "signature.malformed"),
    foreign_attribute: (INVALID, "signature.malformed"),
    block_too_large: (INVALID, "signature.too-large"),
    value_with_character_references: (INVALID, "signature.not-in-content"),
    value_garbage: (INVALID, "signature.value-malformed"),
    value_empty: (INVALID, "signature.value-malformed"),
    no_references: (INVALID, "signature.malformed"),
    reference_flood: (INVALID, "signature.reference-forbidden"),
    reference_to_file: (INVALID, "signature.reference-forbidden"),
    reference_to_http: (INVALID, "signature.reference-forbidden"),
    reference_without_uri: (INVALID, "signature.reference-forbidden"),
    reference_by_xpointer: (INVALID, "signature.reference-forbidden"),
    xslt: (INVALID, "signature.transform-forbidden"),
    xpath: (INVALID, "signature.transform-forbidden"),
    xpath_inside_a_permitted_transform: (INVALID, "signature.transform-forbidden"),
    transform_flood: (INVALID, "signature.transform-forbidden"),
    transforms_missing: (INVALID, "signature.transform-forbidden"),
    inclusive_transform: (INVALID, "signature.transform-forbidden"),
    enveloped_alone: (INVALID, "signature.transform-forbidden"),
    prefix_list: (INVALID, "signature.transform-forbidden"),
    prefix_list_in_method: (INVALID, "signature.malformed"),
    inclusive_signed_info: (INVALID, "signature.canonicalisation-forbidden"),
    hmac_with_the_public_key: (INVALID, "signature.algorithm-forbidden"),
    rsa_sha1: (INVALID, "signature.algorithm-forbidden"),
    sha1_digest: (INVALID, "signature.algorithm-forbidden"),
    md5_digest: (INVALID, "signature.algorithm-forbidden"),
    rsa_md5: (INVALID, "signature.algorithm-forbidden"),
    wrong_digest_length: (INVALID, "signature.value-malformed"),
    ec_key_for_rsa: (INVALID, "signature.key-mismatch"),
    rsa_key_for_ecdsa: (INVALID, "signature.key-mismatch"),
    p256_with_sha384: (INVALID, "signature.key-mismatch"),
    ecdsa_in_der: (INVALID, "signature.value-malformed"),
    ecdsa_zeroes: (INVALID, "signature.value-wrong"),
    value_by_another_key: (INVALID, "signature.value-wrong"),
    weak_rsa: (INVALID, "signature.key-weak"),
    key_value_only: (INVALID, "signature.no-certificate"),
    key_value_beside: (INVALID, "signature.no-certificate"),
    no_key_info: (INVALID, "signature.no-certificate"),
    certificate_flood: (INVALID, "signature.no-certificate"),
    retrieval_method: (INVALID, "signature.no-certificate"),
    truncated_certificate: (INVALID, "certificate.unreadable"),
    cut_certificate: (INVALID, "certificate.unreadable"),
    garbage_certificate: (INVALID, "certificate.unreadable"),
    garbage_after_certificate: (INVALID, "certificate.unreadable"),
    huge_certificate: (INVALID, "certificate.unreadable"),
    self_signed: (UNDETERMINED, "certificate.untrusted"),
    self_signed_in_the_name_of_the_root: (UNDETERMINED, "certificate.untrusted"),
    expired: (UNDETERMINED, "certificate.expired"),
    authority_as_signer: (UNDETERMINED, "certificate.is-authority"),
    issued_by_a_signer: (UNDETERMINED, "certificate.untrusted"),
    issued_below_path_length: (UNDETERMINED, "certificate.untrusted"),
    web_server_certificate: (UNDETERMINED, "certificate.wrong-usage"),
    encryption_certificate: (UNDETERMINED, "certificate.wrong-usage"),
    unknown_critical_extension: (UNDETERMINED, "certificate.untrusted"),
    placeholder: (INVALID, "signature.placeholder"),
    own_namespace_with_real_values: (INVALID, "signature.wrong-namespace"),
}
