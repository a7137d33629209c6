"""Other people's signatures of the right form are read, whatever their spelling. What is refused: test_attacks."""

from __future__ import annotations

import hashlib
import re

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.signer import XMLSigner

from schemas.xml import parse
from signing import place, shape
from signing.keys import Algorithm, SigningKey
from signing.reasons import Refused
from tests.unit.signing.attacks import genuine
from tests.unit.signing.packages import (
    DS,
    EXCLUSIVE,
    b64,
    canonical,
    codes,
    hand_signed,
    judge,
    package,
    signer,
    x509_data,
)


def read(content: bytes) -> shape.Shape:
    (signature,) = place.signatures(parse(content))
    return shape.read(signature)


def test_the_parts_are_read() -> None:
    parts = read(genuine())
    (reference,) = parts.references
    assert (parts.scheme.name, reference.digest, reference.uri) == ("ecdsa-sha256", "sha256", "")
    assert (len(parts.value), len(reference.value)) == (64, 32)
    assert parts.certificates == tuple(one.public_bytes(Encoding.DER) for one in signer().chain)
    assert parts.signed_info.tag == f"{{{DS}}}SignedInfo"


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
def test_a_signature_made_by_signxml_is_valid(algorithm: Algorithm) -> None:
    key, method = signer(algorithm), "ecdsa-sha256" if algorithm == "ecdsa-p256" else "rsa-sha256"
    place_for_it = f'<ds:Signature xmlns:ds="{DS}" Id="placeholder"></ds:Signature>'
    root = etree.fromstring(
        package(header=place_for_it).replace(b"\n    </edXML:edXMLHeader>", b"</edXML:edXMLHeader>")
    )
    made = XMLSigner(signature_algorithm=method, c14n_algorithm=EXCLUSIVE).sign(
        root, key=key.private_key, cert=list(key.chain)
    )
    verdict = judge(etree.tostring(made, encoding="utf-8", xml_declaration=True))
    assert (verdict.outcome, verdict.algorithm) == ("valid", method)


def test_names_of_the_certificate_beside_it_are_ignored() -> None:
    names = (
        "<ds:X509SubjectName>CN=Ai đó</ds:X509SubjectName><ds:X509SKI>QUJD</ds:X509SKI><ds:X509IssuerSerial>"
        "<ds:X509IssuerName>CN=x</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial>"
    )
    key_info = x509_data(*signer().chain).replace("<ds:X509Data>", f"<ds:X509Data>{names}")
    assert judge(hand_signed(signer(), key_info=key_info)).outcome == "valid"


@pytest.mark.parametrize("end", ["\n", "\r\n", "&#13;\n"])
def test_base64_may_be_broken_into_lines(end: str) -> None:
    def broken(found: re.Match[bytes]) -> bytes:
        lines = re.findall(rb".{1,64}", found[2])
        return found[1] + end.encode().join([b"", *lines, b""])

    wrapped = re.sub(rb"(<ds:(?:SignatureValue|X509Certificate)>)([^<]+)", broken, genuine())
    assert wrapped != genuine()
    assert judge(wrapped).outcome == "valid"


def test_blanks_between_elements_that_are_not_signed_do_no_harm() -> None:
    spaced = (
        genuine()
        .replace(b"<ds:KeyInfo>", b"\r\n  <ds:KeyInfo>\n")
        .replace(b"<ds:X509Data>", b"<ds:X509Data>\t")
    )
    assert judge(spaced).outcome == "valid"


def test_ids_on_the_parts_are_allowed() -> None:
    content = (
        genuine()
        .replace(b"<ds:Signature ", b'<ds:Signature Id="s1" ')
        .replace(b"<ds:KeyInfo>", b'<ds:KeyInfo Id="k1">')
    )
    assert judge(content).outcome == "valid"


@pytest.mark.parametrize(("uri", "hashed"), [("xmldsig-more#sha384", "sha384"), ("xmlenc#sha512", "sha512")])
def test_longer_digests_are_accepted(uri: str, hashed: str) -> None:
    content = hand_signed(signer(), digest=f"http://www.w3.org/2001/04/{uri}", hashed=hashed)
    assert judge(content).outcome == "valid"
    assert [reference.digest for reference in read(content).references] == [hashed]


@pytest.mark.parametrize(
    "hidden",
    [
        "<ds:X509SubjectName><edXML/></ds:X509SubjectName>",
        "<ds:X509SKI><edXML/></ds:X509SKI>",
        "<ds:X509IssuerSerial><ds:X509IssuerName><edXML/></ds:X509IssuerName><ds:X509SerialNumber/></ds:X509IssuerSerial>",
        "<ds:X509IssuerSerial><edXML/></ds:X509IssuerSerial>",
        "<ds:X509CRL>QUJD</ds:X509CRL>",
        "<X509SubjectName/>",
        "<ds:X509SKI/>" * 9,
    ],
)
def test_nothing_hides_beside_the_certificate(hidden: str) -> None:
    key_info = x509_data(*signer().chain).replace("<ds:X509Data>", f"<ds:X509Data>{hidden}")
    assert codes(judge(hand_signed(signer(), key_info=key_info))) == ["signature.malformed"]


def test_a_reason_names_what_was_expected_and_what_came() -> None:
    with pytest.raises(Refused, match="SignedInfo, SignatureValue, KeyInfo") as refused:
        read(hand_signed(signer(), extra="<ds:Object>x</ds:Object>"))
    (reason,) = refused.value.reasons
    assert "got 4: SignedInfo, SignatureValue, KeyInfo, Object" in reason.message.en


def test_the_leaf_must_come_first() -> None:
    leaf, above = signer().chain
    swapped = hand_signed(SigningKey("x", signer().private_key, (leaf,)), key_info=x509_data(above, leaf))
    assert codes(judge(swapped))[0] == "signature.value-wrong"


def test_the_canonical_form_is_what_was_signed() -> None:
    (signature,) = place.signatures(parse(genuine()))
    digest_value = signature.findtext(f".//{{{DS}}}DigestValue")
    assert digest_value == b64(hashlib.sha256(canonical(package())).digest())
