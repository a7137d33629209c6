"""Hostile packages of half a megabyte and more: too large to keep, made when they are needed."""

from __future__ import annotations

import io
import zipfile

from tests.unit.signing.attacks_octets import genuine, with_attachment, with_prolog
from tests.unit.signing.packages import ENVELOPED, b64, hand_signed, package, signer

MEGABYTE = 1024 * 1024


def flood(piece: str, size: int = MEGABYTE // 2) -> str:
    return piece * (size // len(piece))


def in_attachments(octets: str) -> bytes:
    return genuine().replace(b"<AttachmentEncoded>", b"<AttachmentEncoded>" + octets.encode())


def flood_of_namespaces() -> bytes:
    declared = " ".join(f'xmlns:p{number}="urn:p"' for number in range(30_000))
    return in_attachments(f"<x {declared}/>")


def flood_of_nested_namespaces() -> bytes:
    opened = "".join(f'<x xmlns:p{number % 90}="urn:p{number}">' for number in range(60))
    return in_attachments(opened + flood("<y/>") + "</x>" * 60)


def flood_of_attributes() -> bytes:
    attributes = " ".join(f'a{number}="x"' for number in range(30_000))
    return in_attachments(f"<x {attributes}/>")


def one_long_attribute() -> bytes:
    return in_attachments(f'<x a="{flood("x")}"/>')


def one_long_name() -> bytes:
    return in_attachments(f"<{flood('x', 60_000)}/>")


def depth_without_end() -> bytes:
    return in_attachments(flood("<x>"))


def flood_of_tags() -> bytes:
    return in_attachments(flood("<x/>", 7 * MEGABYTE // 4))


def flood_of_comments() -> bytes:
    return in_attachments(flood("<!---->"))


def flood_of_instructions() -> bytes:
    return in_attachments(flood("<?x?>"))


def flood_of_signatures() -> bytes:
    return in_attachments(flood("<Signature/>"))


def flood_of_empty_signatures() -> bytes:
    return in_attachments(flood("<DigitalSignature/>"))


def flood_of_references() -> bytes:
    return hand_signed(signer(), references="{reference}" * 2000)


def flood_of_transforms() -> bytes:
    return hand_signed(signer(), transforms=flood(f'<ds:Transform Algorithm="{ENVELOPED}"></ds:Transform>'))


def flood_of_certificates() -> bytes:
    return hand_signed(
        signer(), key_info=f"<ds:X509Data>{flood('<ds:X509SKI>QUJD</ds:X509SKI>')}</ds:X509Data>"
    )


def flood_of_blanks_in_the_value() -> bytes:
    return genuine().replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>" + b" " * MEGABYTE)


def huge_certificate() -> bytes:
    inside = f"<ds:X509Data><ds:X509Certificate>{b64(bytes(MEGABYTE))}</ds:X509Certificate></ds:X509Data>"
    return hand_signed(signer(), key_info=inside)


def flood_of_ids() -> bytes:
    ids = "".join(f'<x Id="a{number}"/>' for number in range(20_000))
    return hand_signed(signer(), package(header=f'<edXML:A Id="a7"/>{ids}'))


def flood_of_hops() -> bytes:
    """A trusted signer's package, changed: every hop could be what was added."""
    hop = "<edXML:TraceHeader><edXML:OrganId>G22</edXML:OrganId></edXML:TraceHeader>"
    listed = f"<edXML:TraceHeaderList>{flood(hop, MEGABYTE // 4)}</edXML:TraceHeaderList>"
    return hand_signed(signer(), package(header=listed)).replace("liên thông".encode(), b"x")


def entity_in_an_attribute() -> bytes:
    return with_prolog(f'<!DOCTYPE edXML [<!ENTITY x "{flood("x", 100_000)}">]>\n'.encode()).replace(
        "liên thông".encode(), b"&x;" * 1000
    )


def zip_bomb_of_a_gigabyte() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", bytes(64 * MEGABYTE))
    content = packed.getvalue()
    one_gigabyte = (1 << 30).to_bytes(4, "little")
    return with_attachment(content.replace((64 * MEGABYTE).to_bytes(4, "little"), one_gigabyte))


def foreign_signature_of_many_parts() -> bytes:
    parts = flood("<X509Certificate>MIIFqTCCBJG</X509Certificate>")
    return package(header=f"<Signature>{parts}</Signature>")


def inclusive_flood() -> bytes:
    """What takes inclusive canonicalisation minutes never comes to the method's name."""
    nested = "".join(f'<x xmlns:p{number}="urn:p{number}">' for number in range(40))
    header = nested + flood("<y/>", 300_000) + "</x>" * 40
    method = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    chosen = f'<ds:CanonicalizationMethod Algorithm="{method}"></ds:CanonicalizationMethod>'
    return hand_signed(signer(), package(header=header), canonicalisation=chosen)


INVALID, REFUSED = "invalid", "refused"

LARGE = {
    flood_of_namespaces: (REFUSED, "too-many-namespaces"),
    flood_of_nested_namespaces: (REFUSED, "too-many-tags"),
    flood_of_attributes: (REFUSED, "too-many-attributes"),
    one_long_attribute: (REFUSED, "attribute-too-long"),
    one_long_name: (INVALID, "signature.altered"),
    depth_without_end: (REFUSED, "too-many-tags"),
    flood_of_tags: (REFUSED, "too-many-tags"),
    flood_of_comments: (REFUSED, "too-many-tags"),
    flood_of_instructions: (REFUSED, "too-many-tags"),
    flood_of_signatures: (INVALID, "signature.more-than-one"),
    flood_of_empty_signatures: (INVALID, "signature.altered"),
    flood_of_references: (INVALID, "signature.reference-forbidden"),
    flood_of_transforms: (INVALID, "signature.transform-forbidden"),
    flood_of_certificates: (INVALID, "signature.no-certificate"),
    flood_of_blanks_in_the_value: (INVALID, "signature.too-large"),
    huge_certificate: (INVALID, "signature.too-large"),
    flood_of_ids: (REFUSED, "too-many-attributes"),
    flood_of_hops: (INVALID, "signature.altered"),
    entity_in_an_attribute: (REFUSED, "doctype"),
    zip_bomb_of_a_gigabyte: (REFUSED, "zip-bomb"),
    foreign_signature_of_many_parts: (INVALID, "signature.placeholder"),
    inclusive_flood: (REFUSED, "too-many-tags"),
}
