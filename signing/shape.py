"""Read a Signature that has exactly the form of the profile, or raise `Refused` with the reason.

Nothing here costs more than looking: no certificate is parsed, nothing is hashed. Every element and
attribute that the profile does not name is refused, so nothing unsigned can hide inside the signature (the
enveloped transform takes the whole block out of what is signed). In order:

1. the block is small;
2. Signature holds SignedInfo, SignatureValue, KeyInfo, and SignedInfo the two methods and one Reference;
3. the algorithms are allowed;
4. each reference is `URI=""` with the two permitted transforms, or `cid:` with none, and none comes twice;
5. KeyInfo is one X509Data with one to four certificates;
6. the values are base64 of the right length.

All of the block is in one namespace, that of its outermost element: XMLDSig's, or the regulation's own (`habits`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import pybase64
from lxml import etree

from signing import habits, profile, reasons
from signing.profile import Scheme
from signing.reasons import Refused
from signing.verdict import Reason

DIGEST_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}

# A block of the right form has fewer elements than this. X509Data may name the certificate in other ways too
# (XMLDSig 4.5.4); those names are not signed, and ignored.
MOST_ELEMENTS = 64 + 5 * profile.MOST_REFERENCES
MOST_IN_X509_DATA = 64
NAMES = {"X509SubjectName": (), "X509SKI": (), "X509IssuerSerial": ("X509IssuerName", "X509SerialNumber")}


@dataclass(frozen=True, slots=True)
class Reference:
    """What a digest is said to be of: `uri` is "" for the whole package, or names an attachment, `cid:...`.

    `misnamed`: Exclusive C14N was called by a name that does not exist (`habits`).
    """

    uri: str
    digest: str
    value: bytes
    misnamed: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The parts of a signature. `certificates` is DER, the signer's own first."""

    signed_info: etree._Element
    scheme: Scheme
    references: tuple[Reference, ...]
    value: bytes
    certificates: tuple[bytes, ...]


def read(signature: etree._Element) -> Shape:
    """Return the parts of the signature, or raise `Refused`."""
    # Kept until the end: lxml makes a new object for an element that nobody holds, each time it is looked at.
    block = list(islice(signature.iterdescendants(), MOST_ELEMENTS))
    _check_size(block)
    signed_info, value, key_info = _parts(signature)
    canonicalisation, method, *references = _signed_info_parts(signed_info)
    if _algorithm(canonicalisation) != profile.EXCLUSIVE:
        raise Refused(reasons.CANONICALISATION_FORBIDDEN.because(algorithm=_algorithm(canonicalisation)))
    scheme = profile.SCHEMES.get(_algorithm(method))
    if scheme is None:
        raise Refused(reasons.ALGORITHM_FORBIDDEN.because(algorithm=_algorithm(method)))
    return Shape(
        signed_info=signed_info,
        scheme=scheme,
        references=_references(references),
        certificates=_certificates(key_info),
        value=_octets(value),
    )


def _check_size(block: Iterable[etree._Element]) -> None:
    size = sum(len(element.text or "") + len(element.tail or "") for element in block)
    if size > profile.LONGEST_BLOCK:
        raise Refused(reasons.TOO_LARGE.because(size=size, most=profile.LONGEST_BLOCK))


def _parts(signature: etree._Element) -> list[etree._Element]:
    names = [_space(signature) + name for name in ("SignedInfo", "SignatureValue")]
    if len(signature) == 2 and [child.tag for child in signature] == names:
        raise Refused(reasons.NO_CERTIFICATE.because(most=profile.MOST_CERTIFICATES, got="0 KeyInfo"))
    return _children(signature, "SignedInfo", "SignatureValue", "KeyInfo")


def _signed_info_parts(signed_info: etree._Element) -> list[etree._Element]:
    count = len(signed_info) - 2
    if count > profile.MOST_REFERENCES:
        raise Refused(reasons.REFERENCE_FORBIDDEN.because(got=f"{count} Reference"))
    references = ["Reference"] * max(1, count)
    return _children(signed_info, "CanonicalizationMethod", "SignatureMethod", *references)


def _references(elements: Iterable[etree._Element]) -> tuple[Reference, ...]:
    found: dict[str, Reference] = {}
    for element in elements:
        reference = _reference(element)
        if found.setdefault(reference.uri, reference) is not reference:
            raise Refused(reasons.REFERENCE_FORBIDDEN.because(got=f'2 × URI="{reference.uri}"'))
    return tuple(found.values())


def _reference(reference: etree._Element) -> Reference:
    uri = reference.get("URI")
    if "Type" in reference.attrib or uri is None or (uri and not uri.startswith(profile.CID)):
        got = reference.get("Type") or uri or "Reference"
        raise Refused(reasons.REFERENCE_FORBIDDEN.because(got=got))
    misnamed = False
    if uri:
        method, value = _attachment_parts(reference)
    else:
        transforms, method, value = _document_parts(reference)
        misnamed = _check_transforms(transforms)
    digest = profile.DIGESTS.get(_algorithm(method))
    if digest is None:
        raise Refused(reasons.ALGORITHM_FORBIDDEN.because(algorithm=_algorithm(method)))
    return Reference(uri, digest, _octets(value, expected=DIGEST_SIZES[digest]), misnamed)


def _document_parts(reference: etree._Element) -> list[etree._Element]:
    if [child.tag for child in islice(reference, 1)] != [_space(reference) + "Transforms"]:
        raise Refused(reasons.TRANSFORM_FORBIDDEN.because(got="0 Transform"))
    return _children(reference, "Transforms", "DigestMethod", "DigestValue", attributes=("Id", "URI"))


def _attachment_parts(reference: etree._Element) -> list[etree._Element]:
    """The octets of an attachment are digested as they are: there is nothing to transform."""
    if [child.tag for child in islice(reference, 1)] == [_space(reference) + "Transforms"]:
        got = _listed((child.get("Algorithm", "") for child in islice(reference[0], 3)), len(reference[0]))
        raise Refused(reasons.TRANSFORM_FORBIDDEN.because(got=got))
    return _children(reference, "DigestMethod", "DigestValue", attributes=("Id", "URI"))


def _check_transforms(transforms: etree._Element) -> bool:
    """Return whether Exclusive C14N goes by its wrong name, or raise `Refused`."""
    shown = [child.get("Algorithm", "") for child in islice(transforms, 3)]
    misnamed = shown == [profile.ENVELOPED, habits.MISNAMED_EXCLUSIVE]
    if not misnamed and shown != [profile.ENVELOPED, profile.EXCLUSIVE]:
        raise Refused(reasons.TRANSFORM_FORBIDDEN.because(got=_listed(shown, len(transforms))))
    for transform in transforms:
        if len(transform):  # an InclusiveNamespaces list, an XPath, a style sheet
            raise Refused(reasons.TRANSFORM_FORBIDDEN.because(got=_name(transform[0])))
    for transform in _children(transforms, "Transform", "Transform", attributes=()):
        _algorithm(transform)
    return misnamed


def _certificates(key_info: etree._Element) -> tuple[bytes, ...]:
    space = _space(key_info)
    if [child.tag for child in islice(key_info, 2)] != [space + "X509Data"]:
        raise Refused(
            _no_certificate(_listed((_name(child) for child in islice(key_info, 3)), len(key_info)))
        )
    (x509_data,) = _children(key_info, "X509Data")
    _check_attributes(x509_data, ())
    _check_no_text(x509_data, x509_data)
    found = [
        child for child in islice(x509_data, MOST_IN_X509_DATA) if child.tag == space + "X509Certificate"
    ]
    if not 1 <= len(found) <= profile.MOST_CERTIFICATES:
        raise Refused(_no_certificate(f"{len(found)} X509Certificate"))
    if len(x509_data) > len(found) + len(NAMES):
        raise Refused(_malformed(x509_data, "X509Certificate", f"{len(x509_data)}"))
    for child in x509_data:
        if child not in found:
            _check_name_of_certificate(x509_data, child)
    return tuple(_certificate(element, number) for number, element in enumerate(found, start=1))


def _check_name_of_certificate(parent: etree._Element, element: etree._Element) -> None:
    """Ignored does not mean unlimited: a whole document could hide in an element that nobody looks into."""
    inside = NAMES.get(_name(element)) if element.tag == _space(parent) + _name(element) else None
    if inside is None:
        raise Refused(_malformed(element, "X509Certificate", _name(element)))
    for part in _children(element, *inside) if inside else [element]:
        _check_attributes(part, ())
        if len(part):
            raise Refused(_malformed(part, "-", _name(part[0])))


def _certificate(element: etree._Element, number: int) -> bytes:
    try:
        return _octets(element)
    except Refused as refused:
        raise Refused(reasons.CERTIFICATE_UNREADABLE.because(number=number), *refused.reasons) from refused


# The small bricks


def _space(element: etree._Element) -> str:
    """Return the namespace of an element as its tag begins with it, braces and all."""
    return str(element.tag).rpartition("}")[0] + "}"


def _children(
    element: etree._Element, *names: str, attributes: tuple[str, ...] = ("Id",)
) -> list[etree._Element]:
    """Return exactly these children, in this order, with nothing but blanks between them."""
    children = list(islice(element, len(names) + 1))
    space = _space(element)
    if [child.tag for child in children] != [space + name for name in names]:
        got = _listed((_name(child) for child in children), len(element))
        raise Refused(_malformed(element, ", ".join(names), got))
    _check_attributes(element, attributes)
    _check_no_text(element, children)
    return children


def _algorithm(element: etree._Element) -> str:
    """Return the Algorithm of an element that has nothing else: no parameter, no child, no text."""
    if len(element) or (element.text or "").strip(" \t\r\n"):
        raise Refused(
            _malformed(element, "Algorithm", _name(element[0]) if len(element) else element.text or "")
        )
    _check_attributes(element, ("Algorithm",))
    return element.get("Algorithm", "")


def _octets(element: etree._Element, expected: int | None = None) -> bytes:
    """Return what the base64 of a childless element says."""
    if len(element):
        raise Refused(_malformed(element, "base64", _name(element[0])))
    _check_attributes(element, ("Id",))
    try:
        octets = pybase64.b64decode((element.text or "").encode().translate(None, b" \t\r\n"), validate=True)
    except ValueError as error:
        raise Refused(_unreadable(element, "base64", (element.text or "").strip())) from error
    if not octets or (expected is not None and len(octets) != expected):
        raise Refused(_unreadable(element, f"{expected or 1} byte", f"{len(octets)} byte"))
    return bytes(octets)


def _check_attributes(element: etree._Element, allowed: Iterable[str]) -> None:
    for name in element.attrib:
        if str(name) not in allowed:
            raise Refused(
                _malformed(element, "/".join(f"@{known}" for known in allowed) or "-", f"@{name!s}")
            )


def _check_no_text(element: etree._Element, children: Iterable[etree._Element]) -> None:
    for text in (element.text, *[child.tail for child in children]):
        if text and text.strip(" \t\r\n"):
            raise Refused(_malformed(element, "-", text.strip()))


def _malformed(element: etree._Element, expected: str, got: str) -> Reason:
    return reasons.MALFORMED.because(element=_name(element), expected=expected, got=got or "-")


def _unreadable(element: etree._Element, expected: str, got: str) -> Reason:
    return reasons.VALUE_MALFORMED.because(element=_name(element), expected=expected, got=got or "-")


def _no_certificate(got: str) -> Reason:
    return reasons.NO_CERTIFICATE.because(most=profile.MOST_CERTIFICATES, got=got)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else "<!-- -->"


def _listed(names: Iterable[str], count: int) -> str:
    return f"{count}: {', '.join(names)}" if count else "0"
