"""The eight signature wrappings (XSW) of Somorovsky and others, "On Breaking SAML" (2012), as edXML would meet them.

The genuine envelope has an Id and is signed by it with good arithmetic; the evil one stands where a reader looks. A
verifier that takes what the Id points to, and a reader that takes what stands in its place, would both be content.
"""

from __future__ import annotations

import re

from tests.unit.signing.packages import (
    DS,
    ENVELOPED,
    EXCLUSIVE,
    canonical,
    hand_signed,
    package,
    reference_to,
    signer,
)

EVIL = "Chuyển 10 tỷ đồng"
ENVELOPE = re.compile(rb"<edXML:edXMLEnvelope .*</edXML:edXMLEnvelope>", re.DOTALL)
BLOCK = re.compile(rb"<ds:Signature .*</ds:Signature>", re.DOTALL)
TRANSFORMS = "".join(f'<ds:Transform Algorithm="{uri}"></ds:Transform>' for uri in (ENVELOPED, EXCLUSIVE))


def found(pattern: re.Pattern[bytes], content: bytes) -> bytes:
    match = pattern.search(content)
    assert match is not None
    return match[0]


def genuine_envelope() -> bytes:
    return found(ENVELOPE, package()).replace(b"<edXML:edXMLEnvelope ", b'<edXML:edXMLEnvelope Id="signed" ')


def signature_by_id() -> bytes:
    """A signature over the genuine envelope alone."""
    reference = reference_to("#signed", canonical(genuine_envelope()), TRANSFORMS)
    return found(BLOCK, hand_signed(signer(), references=reference))


def evil(*, in_header: bytes = b"", before: bytes = b"", after: bytes = b"", in_body: bytes = b"") -> bytes:
    """An evil package with something in its header, before and after its envelope, or in its body."""
    content = package(subject=EVIL).replace(b"</edXML:edXMLHeader>", in_header + b"</edXML:edXMLHeader>")
    content = content.replace(b"</edXML:edXMLBody>", in_body + b"</edXML:edXMLBody>")
    envelope = found(ENVELOPE, content)
    return content.replace(envelope, before + envelope + after)


def xsw1_original_beside_and_signature_in_it() -> bytes:
    original = genuine_envelope().replace(
        b"</edXML:edXMLHeader>", signature_by_id() + b"</edXML:edXMLHeader>"
    )
    return evil(after=original)


def xsw2_signature_detached_beside_the_original() -> bytes:
    return evil(after=signature_by_id() + genuine_envelope())


def xsw3_original_after_the_evil_one_that_is_signed() -> bytes:
    return evil(in_header=signature_by_id(), after=genuine_envelope())


def xsw4_original_within_the_evil_one() -> bytes:
    return evil(in_header=signature_by_id(), in_body=genuine_envelope())


def xsw5_original_at_the_end_of_the_package() -> bytes:
    content = evil(in_header=signature_by_id())
    return content.replace(b"</AttachmentEncoded>", b"</AttachmentEncoded>" + genuine_envelope())


def xsw6_original_within_the_signature() -> bytes:
    return evil(
        in_header=signature_by_id().replace(b"</ds:Signature>", genuine_envelope() + b"</ds:Signature>")
    )


def xsw7_original_in_an_extension() -> bytes:
    extension = b'<x:Extensions xmlns:x="urn:example:x">' + genuine_envelope() + b"</x:Extensions>"
    return evil(in_header=extension + signature_by_id())


def xsw8_original_in_an_object() -> bytes:
    hidden = b"<ds:Object>" + genuine_envelope() + b"</ds:Object></ds:Signature>"
    return evil(in_header=signature_by_id().replace(b"</ds:Signature>", hidden))


# More than one signature, and what stands in for one


def counter_signature() -> bytes:
    """A second signature over the first one's value, as XAdES does it."""
    content = hand_signed(signer())
    return content.replace(
        b"</ds:Signature>", b"<ds:Object>" + signature_by_id() + b"</ds:Object></ds:Signature>"
    )


def object_with_manifest() -> bytes:
    """What a Manifest lists need not fit for the signature to hold: XMLDSig, 2.3."""
    manifest = "<ds:Object><ds:Manifest><ds:Reference URI='file:///etc/passwd'/></ds:Manifest></ds:Object>"
    return hand_signed(signer(), extra=manifest)


def reference_to_a_manifest() -> bytes:
    reference = f'<ds:Reference URI="#m" Type="{DS}Manifest"></ds:Reference>'
    return hand_signed(
        signer(), references=reference, extra='<ds:Object><ds:Manifest Id="m"></ds:Manifest></ds:Object>'
    )


def reference_typed_as_an_object() -> bytes:
    return hand_signed(signer(), references=f'<ds:Reference Type="{DS}Object" URI=""></ds:Reference>')


WRAPPINGS = {
    xsw1_original_beside_and_signature_in_it: "signature.wrapped",
    xsw2_signature_detached_beside_the_original: "signature.wrapped",
    xsw3_original_after_the_evil_one_that_is_signed: "signature.wrapped",
    xsw4_original_within_the_evil_one: "signature.reference-forbidden",
    xsw5_original_at_the_end_of_the_package: "signature.wrapped",
    xsw6_original_within_the_signature: "signature.malformed",
    xsw7_original_in_an_extension: "signature.reference-forbidden",
    xsw8_original_in_an_object: "signature.malformed",
    counter_signature: "signature.more-than-one",
    object_with_manifest: "signature.malformed",
    reference_to_a_manifest: "signature.malformed",
    reference_typed_as_an_object: "signature.reference-forbidden",
}
