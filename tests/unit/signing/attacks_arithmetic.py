"""Values, algorithms, transforms and references that a careful verifier must not be talked into."""

from __future__ import annotations

import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from signing.keys import SigningKey
from tests.unit.signing import packages
from tests.unit.signing.attacks import genuine, transform
from tests.unit.signing.packages import (
    DS,
    EDXML,
    ENVELOPED,
    EXCLUSIVE,
    INCLUSIVE,
    hand_signed,
    package,
    reference_to,
    signer,
)

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MORE = "http://www.w3.org/2001/04/xmldsig-more#"

# Values


def rsa_value() -> tuple[SigningKey, rsa.RSAPrivateKey]:
    key = signer("rsa-2048")
    assert isinstance(key.private_key, rsa.RSAPrivateKey)
    return key, key.private_key


def good(signed: bytes) -> bytes:
    return packages.ecdsa_raw(signer().private_key, signed)


def ecdsa_r_zero() -> bytes:
    return hand_signed(signer(), value=lambda signed: bytes(32) + good(signed)[32:])


def ecdsa_s_zero() -> bytes:
    return hand_signed(signer(), value=lambda signed: good(signed)[:32] + bytes(32))


def ecdsa_r_is_the_order() -> bytes:
    return hand_signed(signer(), value=lambda signed: P256_ORDER.to_bytes(32, "big") + good(signed)[32:])


def ecdsa_s_beyond_the_order() -> bytes:
    return hand_signed(signer(), value=lambda signed: good(signed)[:32] + b"\xff" * 32)


def ecdsa_one_octet_short() -> bytes:
    return hand_signed(signer(), value=lambda signed: good(signed)[:-1])


def ecdsa_padded_with_zeroes() -> bytes:
    return hand_signed(
        signer(), value=lambda signed: bytes(2) + good(signed)[:32] + bytes(2) + good(signed)[32:]
    )


def rsa_one_octet_short() -> bytes:
    key, private = rsa_value()
    return hand_signed(
        key, value=lambda signed: private.sign(signed, padding.PKCS1v15(), hashes.SHA256())[:-1]
    )


def rsa_padded_with_a_zero() -> bytes:
    key, private = rsa_value()
    return hand_signed(
        key, value=lambda signed: b"\0" + private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    )


def rsa_plus_the_modulus() -> bytes:
    """s + n means the same modulo n."""
    key, private = rsa_value()
    modulus = private.public_key().public_numbers().n

    def value(signed: bytes) -> bytes:
        made = int.from_bytes(private.sign(signed, padding.PKCS1v15(), hashes.SHA256()), "big") + modulus
        return made.to_bytes((made.bit_length() + 7) // 8, "big")[-256:]

    return hand_signed(key, value=value)


def rsa_of_ones() -> bytes:
    """1 to any power is 1."""
    return hand_signed(rsa_value()[0], value=lambda signed: (1).to_bytes(256, "big"))


def rsa_pss_for_pkcs1() -> bytes:
    key, private = rsa_value()
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH)
    return hand_signed(key, value=lambda signed: private.sign(signed, pss, hashes.SHA256()))


def rsa_sha1_under_the_name_of_sha256() -> bytes:
    key, private = rsa_value()
    return hand_signed(key, value=lambda signed: private.sign(signed, padding.PKCS1v15(), hashes.SHA1()))


def cdata_in_the_value() -> bytes:
    return re.sub(rb"<ds:SignatureValue>(.{10})([^<]*)<", rb"<ds:SignatureValue>\1<![CDATA[\2]]><", genuine())


def element_in_the_value() -> bytes:
    return re.sub(rb"<ds:SignatureValue>(.{10})", rb"<ds:SignatureValue>\1<x/>", genuine())


def base64_padding_in_the_middle() -> bytes:
    return re.sub(rb"<ds:SignatureValue>(.{8})", rb"<ds:SignatureValue>\1====", genuine())


def base64url_value() -> bytes:
    return re.sub(rb"<ds:SignatureValue>..", b"<ds:SignatureValue>-_", genuine())


# Algorithms


def algorithm_blank() -> bytes:
    return hand_signed(signer(), method=" ")


def algorithm_in_other_letters() -> bytes:
    return hand_signed(signer(), method=packages.ECDSA_SHA256.upper())


def hmac_truncated() -> bytes:
    """HMACOutputLength of 0 or 8 bits: CVE-2009-0217."""
    content = hand_signed(signer(), method=MORE + "hmac-sha256")
    return content.replace(
        b'hmac-sha256"></ds:SignatureMethod>',
        b'hmac-sha256"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>',
    )


def dsa_sha1() -> bytes:
    return hand_signed(signer(), method=DS + "dsa-sha1")


def rsa_pss_with_parameters() -> bytes:
    return hand_signed(signer("rsa-2048"), method="http://www.w3.org/2007/05/xmldsig-more#rsa-pss")


def ecdsa_sha1() -> bytes:
    return hand_signed(signer(), method=MORE + "ecdsa-sha1")


def ripemd_digest() -> bytes:
    return hand_signed(signer(), digest="http://www.w3.org/2001/04/xmlenc#ripemd160")


# Canonicalisation, transforms, references


def method_of(uri: str) -> str:
    return f'<ds:CanonicalizationMethod Algorithm="{uri}"></ds:CanonicalizationMethod>'


def canonical_xml_11() -> bytes:
    return hand_signed(signer(), canonicalisation=method_of("http://www.w3.org/2006/12/xml-c14n11"))


def exclusive_with_comments() -> bytes:
    return hand_signed(signer(), canonicalisation=method_of(EXCLUSIVE + "WithComments"))


def inclusive_with_comments() -> bytes:
    return hand_signed(signer(), canonicalisation=method_of(INCLUSIVE + "#WithComments"))


def transform_with_comments() -> bytes:
    return hand_signed(signer(), transforms=transform(ENVELOPED) + transform(EXCLUSIVE + "WithComments"))


def filter2_transform() -> bytes:
    inside = transform("http://www.w3.org/2002/06/xmldsig-filter2", "<ds:XPath>/x</ds:XPath>")
    return hand_signed(signer(), transforms=inside + transform(EXCLUSIVE))


def decryption_transform() -> bytes:
    return hand_signed(
        signer(), transforms=transform("http://www.w3.org/2002/07/decrypt#XML") + transform(EXCLUSIVE)
    )


def base64_transform() -> bytes:
    return hand_signed(signer(), transforms=transform(DS + "base64"))


def transforms_in_another_order() -> bytes:
    return hand_signed(signer(), transforms=transform(EXCLUSIVE) + transform(ENVELOPED))


def enveloped_twice() -> bytes:
    return hand_signed(signer(), transforms=transform(ENVELOPED) * 2 + transform(EXCLUSIVE))


def transform_unknown() -> bytes:
    """A verifier that skips what it does not know would digest something else than it says."""
    return hand_signed(signer(), transforms=transform(ENVELOPED) + transform("urn:example:nothing"))


def reference_to_the_whole_by_xpointer() -> bytes:
    return hand_signed(
        signer(), references='<ds:Reference URI="#xpointer(id(&apos;a&apos;))"></ds:Reference>'
    )


def reference_to_the_root_twice() -> bytes:
    return hand_signed(signer(), references="{reference}{reference}")


def reference_to_a_relative_file() -> bytes:
    return hand_signed(signer(), references=reference_to("../../etc/passwd", b"x"))


def reference_to_ftp() -> bytes:
    return hand_signed(signer(), references=reference_to("ftp://example.invalid/x", b"x"))


def cid_path_traversal() -> bytes:
    return hand_signed(signer(), references="{reference}" + reference_to("cid:../../etc/passwd", b"x"))


def cid_of_an_absent_attachment() -> bytes:
    return hand_signed(signer(), references="{reference}" + reference_to("cid:2", b"x"))


def cid_with_another_digest() -> bytes:
    return hand_signed(signer(), references="{reference}" + reference_to("cid:1", b"x"))


def cid_with_a_transform() -> bytes:
    reference = reference_to("cid:1", b"Anh chao", transform(DS + "base64"))
    return hand_signed(signer(), references="{reference}" + reference)


def attachments_without_the_header() -> bytes:
    """Everything that says from whom and to whom stays open to change."""
    content = hand_signed(signer(), references=reference_to("cid:1", b"Anh chao"))
    return content.replace("liên thông".encode(), "phân công".encode())


def regulations_namespace() -> bytes:
    return hand_signed(signer(), namespace=EDXML, prefix="")


def transform_that_does_not_exist() -> bytes:
    transforms = transform(ENVELOPED) + transform("http://www.w3.org/TR/xml-exc-c14n#")
    return hand_signed(signer(), transforms=transforms)


def trace_header_added() -> bytes:
    hop = b"<edXML:TraceHeader><edXML:OrganId>G22</edXML:OrganId></edXML:TraceHeader>"
    return genuine().replace(
        b"</edXML:MessageHeader>",
        b"</edXML:MessageHeader><edXML:TraceHeaderList>" + hop + b"</edXML:TraceHeaderList>",
    )


def id_of_the_signature_taken_twice() -> bytes:
    content = hand_signed(signer(), package(header='<edXML:TraceHeaderList Id="s"/>'))
    return content.replace(b"<ds:Signature ", b'<ds:Signature Id="s" ')


def duplicate_xml_ids() -> bytes:
    return hand_signed(signer(), package(header='<edXML:A xml:id="a"/><edXML:B id="a"/>'))


INVALID, UNDETERMINED = "invalid", "undetermined"

ARITHMETIC = {
    ecdsa_r_zero: (INVALID, "signature.value-wrong"),
    ecdsa_s_zero: (INVALID, "signature.value-wrong"),
    ecdsa_r_is_the_order: (INVALID, "signature.value-wrong"),
    ecdsa_s_beyond_the_order: (INVALID, "signature.value-wrong"),
    ecdsa_one_octet_short: (INVALID, "signature.value-malformed"),
    ecdsa_padded_with_zeroes: (INVALID, "signature.value-malformed"),
    rsa_one_octet_short: (INVALID, "signature.value-malformed"),
    rsa_padded_with_a_zero: (INVALID, "signature.value-malformed"),
    rsa_plus_the_modulus: (INVALID, "signature.value-wrong"),
    rsa_of_ones: (INVALID, "signature.value-wrong"),
    rsa_pss_for_pkcs1: (INVALID, "signature.value-wrong"),
    rsa_sha1_under_the_name_of_sha256: (INVALID, "signature.value-wrong"),
    cdata_in_the_value: (INVALID, "signature.not-in-content"),
    element_in_the_value: (INVALID, "signature.malformed"),
    base64_padding_in_the_middle: (INVALID, "signature.value-malformed"),
    base64url_value: (INVALID, "signature.value-malformed"),
    algorithm_blank: (INVALID, "signature.algorithm-forbidden"),
    algorithm_in_other_letters: (INVALID, "signature.algorithm-forbidden"),
    hmac_truncated: (INVALID, "signature.malformed"),
    dsa_sha1: (INVALID, "signature.algorithm-forbidden"),
    rsa_pss_with_parameters: (INVALID, "signature.algorithm-forbidden"),
    ecdsa_sha1: (INVALID, "signature.algorithm-forbidden"),
    ripemd_digest: (INVALID, "signature.algorithm-forbidden"),
    canonical_xml_11: (INVALID, "signature.canonicalisation-forbidden"),
    exclusive_with_comments: (INVALID, "signature.canonicalisation-forbidden"),
    inclusive_with_comments: (INVALID, "signature.canonicalisation-forbidden"),
    transform_with_comments: (INVALID, "signature.transform-forbidden"),
    filter2_transform: (INVALID, "signature.transform-forbidden"),
    decryption_transform: (INVALID, "signature.transform-forbidden"),
    base64_transform: (INVALID, "signature.transform-forbidden"),
    transforms_in_another_order: (INVALID, "signature.transform-forbidden"),
    enveloped_twice: (INVALID, "signature.transform-forbidden"),
    transform_unknown: (INVALID, "signature.transform-forbidden"),
    reference_to_the_whole_by_xpointer: (INVALID, "signature.reference-forbidden"),
    reference_to_the_root_twice: (INVALID, "signature.reference-forbidden"),
    reference_to_a_relative_file: (INVALID, "signature.reference-forbidden"),
    reference_to_ftp: (INVALID, "signature.reference-forbidden"),
    cid_path_traversal: (INVALID, "signature.reference-unresolved"),
    cid_of_an_absent_attachment: (INVALID, "signature.reference-unresolved"),
    cid_with_another_digest: (INVALID, "signature.attachment-altered"),
    cid_with_a_transform: (INVALID, "signature.transform-forbidden"),
    attachments_without_the_header: (UNDETERMINED, "signature.partial"),
    regulations_namespace: (UNDETERMINED, "signature.wrong-namespace"),
    transform_that_does_not_exist: (UNDETERMINED, "signature.transform-misnamed"),
    trace_header_added: (INVALID, "signature.altered-by-trace-header"),
    id_of_the_signature_taken_twice: (INVALID, "signature.duplicate-id"),
    duplicate_xml_ids: (INVALID, "signature.duplicate-id"),
}
