"""What is signed verifies, what was changed does not, and other verifiers agree."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from schemas.findings import InvalidDocument
from schemas.xml import parse
from signing import certificates, xml
from signing.keys import Algorithm, SigningKey, generate
from signing.trust import TrustStore
from signing.xml import SigningRefused, sign, verify
from tests.unit.signing.attacks import block, expired, genuine, self_signed
from tests.unit.signing.packages import (
    DS,
    EDXML,
    NOW,
    authority,
    between,
    canonical,
    certificate,
    codes,
    hand_signed,
    judge,
    package,
    signer,
    trusted,
    usage,
    verdicts,
    with_certificate,
)

OFFICIAL = Path(__file__).resolve().parents[3] / ".." / "shared" / "samples" / "edxml"
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&>\ufffe\uffff"), max_size=40
)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signed_package_is_valid_and_says_who_signed(algorithm: Algorithm) -> None:
    verdict = judge(sign(package(), signer(algorithm)))
    assert verdict.outcome == "valid"
    assert (verdict.signer, verdict.covers) == ("Người Ký Thử", "document")
    assert verdict.algorithm == {"ecdsa-p256": "ecdsa-sha256", "rsa-2048": "rsa-sha256"}[algorithm]
    assert verdict.path == "/edXML/edXMLEnvelope/edXMLHeader/Signature"
    assert verdict.certificate == certificates.of(signer(algorithm).certificate).summary
    assert verdict.checked_at == NOW


@settings(deadline=None)
@given(subject=words, attachment=words, algorithm=st.sampled_from(ALGORITHMS))
def test_any_package_can_be_signed_and_verified(subject: str, attachment: str, algorithm: Algorithm) -> None:
    assert judge(sign(package(subject=subject, attachment=attachment), signer(algorithm))).outcome == "valid"


def test_p384_is_accepted_too() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    one = certificate(key, issuer=authority().key, extensions=((usage(content_commitment=True), True),))
    verdict = judge(sign(package(), with_certificate(key, one)))
    assert (verdict.outcome, verdict.algorithm) == ("valid", "ecdsa-sha384")


def test_signing_only_inserts() -> None:
    content = package()
    signed = sign(content, signer())
    assert signed.replace(block(signed), b"") == content
    assert b"</ds:Signature></edXML:edXMLHeader>" in signed


@pytest.mark.parametrize("end", ["\r\n", "\n", ""])
def test_line_ends_and_a_byte_order_mark_survive(end: str) -> None:
    content = b"\xef\xbb\xbf" + package().replace(b"\n", end.encode())
    signed = sign(content, signer())
    assert signed.replace(block(signed), b"") == content
    assert judge(signed).outcome == "valid"


def test_a_status_package_is_signed_at_the_same_place() -> None:
    content = f"""<edXML xmlns="{EDXML}"><edXMLEnvelope><edXMLHeader><MessageHeader><StatusCode>01</StatusCode>
    </MessageHeader></edXMLHeader></edXMLEnvelope></edXML>""".encode()
    verdict = judge(sign(content, signer()))
    assert (verdict.outcome, verdict.path) == ("valid", "/edXML/edXMLEnvelope/edXMLHeader/Signature")


@pytest.mark.parametrize("file", sorted(OFFICIAL.glob("status_*.edxml")), ids=lambda file: file.name)
def test_official_status_packages_can_be_signed(file: Path) -> None:
    content = file.read_bytes()
    assert judge(content).outcome == "absent"
    assert judge(sign(content, signer())).outcome == "valid"


@pytest.mark.parametrize("file", sorted(OFFICIAL.glob("edoc_*.edxml")), ids=lambda file: file.name)
def test_official_placeholders_are_recognised(file: Path) -> None:
    verdict = judge(file.read_bytes())
    assert verdict.outcome == "invalid"
    assert codes(verdict)[:2] == ["signature.placeholder", "signature.wrong-namespace"]
    with pytest.raises(SigningRefused):
        sign(file.read_bytes(), signer())


def test_no_signature_is_absent() -> None:
    verdict = judge(package())
    assert (verdict.outcome, codes(verdict)) == ("absent", ["signature.absent"])


def test_an_empty_digital_signature_is_absent_and_no_hindrance_to_sign() -> None:
    content = package(header="<edXML:DigitalSignature/>")
    assert codes(judge(content)) == ["signature.absent", "signature.empty"]
    assert judge(sign(content, signer())).outcome == "valid"


def test_a_digital_signature_with_content_is_not_ignored() -> None:
    verdict = judge(package(header="<edXML:DigitalSignature>abc</edXML:DigitalSignature>"))
    assert (verdict.outcome, codes(verdict)) == ("invalid", ["signature.wrong-namespace"])


# Changes


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0), to=st.integers(0, 255))
def test_any_octet_changed_outside_the_signature_breaks_it(at: int, to: int) -> None:
    signed = genuine_once()
    start, end = BLOCK
    place = at % (len(signed) - (end - start))
    place = place if place < start else place + end - start
    changed = signed[:place] + bytes([to]) + signed[place + 1 :]
    judged = parsed_and_judged(changed)
    if judged == "valid":
        # White space inside a tag, or one quote for another, is no change to what the document says.
        assert without_block(changed) == without_block(signed)
    else:
        assert judged in (None, "invalid")


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0), to=st.integers(0, 255))
def test_no_change_inside_the_signature_crashes_or_lets_other_content_pass(at: int, to: int) -> None:
    signed = genuine_once()
    start, end = BLOCK
    place = start + at % (end - start)
    changed = signed[:place] + bytes([to]) + signed[place + 1 :]
    if parsed_and_judged(changed) == "valid":
        # White space or a spare bit of base64 in the block itself: not signed, and it changes nothing.
        assert changed[:start] + changed[end:] == signed[:start] + signed[end:]
        assert certificate_of(changed) == certificate_of(signed)


_genuine = genuine()
BLOCK = (_genuine.index(block(_genuine)), _genuine.index(block(_genuine)) + len(block(_genuine)))


def genuine_once() -> bytes:
    return _genuine


def parsed_and_judged(content: bytes) -> str | None:
    """Return the outcome, or None for what is no XML."""
    try:
        tree = parse(content)
    except InvalidDocument:
        return None
    outcomes = {str(verdict.outcome) for verdict in verify(content, tree, trusted(), NOW)}
    return outcomes.pop() if len(outcomes) == 1 else "mixed"


def without_block(content: bytes) -> bytes:
    return re.sub(rb"<ds:Signature .*</ds:Signature>", b"", canonical(content), flags=re.DOTALL)


def certificate_of(content: bytes) -> str | None:
    return judge(content).signer


def test_verifying_leaves_the_tree_as_it_was() -> None:
    content = genuine()
    tree = parse(content)
    before = etree.tostring(tree)
    verify(content, tree, trusted(), NOW)
    assert etree.tostring(tree) == before


def test_a_tree_of_another_document_is_not_believed() -> None:
    content, other = sign(package(), signer()), sign(package(), signer())
    (verdict,) = verify(content, parse(other), trusted(), NOW)
    assert (verdict.outcome, codes(verdict)) == ("invalid", ["signature.not-in-content"])


@pytest.mark.parametrize("aside", ["<!-- x -->", "<?x y?>"])
@pytest.mark.parametrize(
    "place", [b"<edXML ", b"<edXML:edXMLBody>", b"<AttachmentEncoded>", b"<ds:SignedInfo>"]
)
def test_a_tree_with_comments_from_another_parser_is_refused(aside: str, place: bytes) -> None:
    content = genuine().replace(place, aside.encode() + place, 1)
    tree = etree.ElementTree(etree.fromstring(content))
    (verdict,) = verify(content, tree, trusted(), NOW)
    assert (verdict.outcome, codes(verdict)) == ("invalid", ["signature.unsigned-text"])


# Trust


def test_an_altered_package_of_a_stranger_is_invalid_for_both_reasons() -> None:
    verdict = judge(self_signed().replace("liên thông".encode(), "phân công".encode()))
    assert codes(verdict) == ["signature.altered", "certificate.untrusted"]


def test_without_anchors_nobody_is_trusted() -> None:
    verdict = judge(genuine(), TrustStore.empty())
    assert (verdict.outcome, codes(verdict)) == ("undetermined", ["certificate.untrusted"])
    assert verdict.covers == "document"


def test_without_revocation_data_a_strict_hub_cannot_tell() -> None:
    strict = TrustStore(trusted().anchors, require_revocation=True)
    verdict = judge(genuine(), strict)
    assert (verdict.outcome, codes(verdict)[0]) == ("undetermined", "revocation.not-checked")


def test_what_counts_is_the_time_of_receipt() -> None:
    assert judge(expired(), at=NOW - timedelta(days=25)).outcome == "valid"
    assert judge(expired(), at=NOW).outcome == "undetermined"
    assert codes(judge(expired(), at=NOW - timedelta(days=60))) == ["certificate.not-yet-valid"]


def test_a_sender_that_leaves_the_intermediate_out_is_helped_by_the_folder() -> None:
    content = hand_signed(SigningKey("alone", signer().private_key, signer().chain[:1]))
    assert judge(content).outcome == "undetermined"
    helped = TrustStore(trusted().anchors, [certificates.of(between().certificate)])
    assert judge(content, helped).outcome == "valid"


def test_a_certificate_for_nonrepudiation_only_is_accepted() -> None:
    """As in the certificates of Vietnamese officials: no subjectAltName, no ExtendedKeyUsage, no digitalSignature."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    one = certificate(key, issuer=authority().key, extensions=((usage(content_commitment=True), False),))
    assert judge(sign(package(), with_certificate(key, one))).outcome == "valid"


# Refusing to sign


def test_what_is_signed_is_not_signed_again() -> None:
    with pytest.raises(SigningRefused) as refused:
        sign(genuine(), signer())
    assert refused.value.text.en.startswith("The package already carries a signature")


@pytest.mark.parametrize(
    "content",
    [
        f'<edXML xmlns="{EDXML}"/>'.encode(),
        f'<edXML xmlns="{EDXML}"><edXMLEnvelope><edXMLHeader/></edXMLEnvelope></edXML>'.encode(),
        b"<edXML><edXMLEnvelope><edXMLHeader></edXMLHeader></edXMLEnvelope></edXML>",
        package(subject="<![CDATA[</edXML:edXMLHeader>]]>"),
        package().replace(
            b"</edXML:edXMLHeader>", b"</edXML:edXMLHeader><edXML:edXMLHeader></edXML:edXMLHeader>"
        ),
    ],
    ids=["no envelope", "self-closing header", "no namespace", "end tag in CDATA", "two headers"],
)
def test_without_one_clear_place_nothing_is_signed(content: bytes) -> None:
    with pytest.raises(SigningRefused) as refused:
        sign(content, signer())
    assert "expected one edXML/edXMLEnvelope/edXMLHeader" in refused.value.text.en


def test_a_key_outside_the_profile_does_not_sign() -> None:
    key = ec.generate_private_key(ec.SECP521R1())
    with pytest.raises(SigningRefused, match="P-256"):
        sign(package(), with_certificate(key, certificate(key)))


def test_a_key_with_too_long_a_chain_does_not_sign() -> None:
    key = signer()
    with pytest.raises(SigningRefused):
        sign(package(), SigningKey("long", key.private_key, key.chain * 3))


def test_what_has_no_canonical_form_is_not_signed() -> None:
    with pytest.raises(SigningRefused) as refused:
        sign(package().replace(b"<AttachmentEncoded>", b'<AttachmentEncoded xmlns:x="relative">'), signer())
    assert "relative URI" in refused.value.text.en


def test_what_is_no_xml_is_not_signed() -> None:
    with pytest.raises(InvalidDocument):
        sign(b"1212<edXML/>", signer())


# The certificates; what other verifiers say is in test_referees


def test_the_certificate_goes_along_without_the_root() -> None:
    signed = sign(package(), signer())
    tree = parse(signed)
    sent = [element.text for element in tree.iter(f"{{{DS}}}X509Certificate")]
    root = xml._base64(authority().certificate.public_bytes(Encoding.DER))
    assert len(sent) == 2
    assert root not in sent


def test_a_self_made_key_is_trusted_when_an_operator_lays_its_certificate_into_the_folder() -> None:
    key = generate("hub", "Trục thử nghiệm", NOW - timedelta(days=1))
    content = sign(package(), key)
    assert judge(content).outcome == "undetermined"
    assert judge(content, TrustStore([certificates.of(key.certificate)])).outcome == "valid"


def test_several_signatures_get_a_verdict_each() -> None:
    content = genuine()
    judged = verdicts(content.replace(block(content), block(content) * 3))
    assert [codes(verdict) for verdict in judged] == [["signature.more-than-one"]] * 3
    assert [verdict.path for verdict in judged][1] == "/edXML/edXMLEnvelope/edXMLHeader/Signature[2]"
