"""Read a XAdES signature, ours or a stranger's, into its parts.

`read` raises `Refused` for what no XAdES signature may be, and `Unsupported` for what others may and we cannot check.
Nothing is hashed or verified here, and no certificate is parsed. An Id may stand once in a document, and the signed
properties are found by their place, not by their Id, which must then agree: there is nothing to wrap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

import pybase64
from lxml import etree

from signing import profile
from signing import reasons_container as reasons
from signing.profile import DS, Scheme
from signing.reasons import Refused
from signing.xades_form import INCLUSIVE, LEVELS, MARK, PROPERTIES_TYPE, XADES, XADES141, Unsupported

_X = f"{{{XADES}}}"
_X141 = f"{{{XADES141}}}"
_DEFAULT = INCLUSIVE[0]  # XMLDSig 1.1, 4.4.3.2: what applies to a node set if no transform is named

MOST_REFERENCES = 1001
MOST_VALUES = 64  # certificates, CRLs, OCSP responses, time stamps: of each
IDS = frozenset({"Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id"})

# Properties that say things which we neither check nor need.
_SAYING_LITTLE = frozenset(
    _X + name
    for name in (
        "SignatureProductionPlace",
        "SignatureProductionPlaceV2",
        "SignerRole",
        "SignerRoleV2",
        "CommitmentTypeIndication",
    )
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of SignedInfo: to a file by its name, or, `name` None, to the signed properties."""

    name: str | None
    digest: str
    digest_value: bytes
    id: str | None
    canonicalisation: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp's tokens, and how what it covers is canonicalised."""

    element: etree._Element
    canonicalisation: str
    tokens: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """The parts of a signature. Certificates, CRLs and OCSP responses are DER, as enclosed."""

    element: etree._Element
    signed_info: etree._Element
    canonicalisation: str
    scheme: Scheme
    references: tuple[Reference, ...]
    value_element: etree._Element
    value: bytes
    key_info: etree._Element | None
    key_certificates: tuple[bytes, ...]
    properties: etree._Element
    claimed_at: datetime | None
    signing_certificate: tuple[str, bytes]  # digest algorithm, digest
    media_types: dict[str, str]  # by Id of the reference
    mark: str  # what `xades_form.MARK` introduces; empty: the signature is not of our making
    unsigned: tuple[etree._Element, ...]
    stamps: tuple[Stamp, ...]
    archives: tuple[Stamp, ...]
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    ocsp_responses: tuple[bytes, ...]

    @property
    def ours(self) -> bool:
        """Tell whether it says that it is of our making."""
        return bool(self.mark)

    @property
    def level(self) -> str:
        """The level of EN 319 132-1, 6.1 by the properties that are there; whether they hold is another matter."""
        steps = (bool(self.stamps), bool(self.crls or self.ocsp_responses), bool(self.archives))
        return LEVELS[(*steps, False).index(False)]


def check_ids(tree: etree._ElementTree) -> None:
    """Raise `Refused` if an Id stands twice in the document."""
    seen: set[str] = set()
    for element in tree.iter(etree.Element):
        for name in IDS.intersection(str(attribute) for attribute in element.attrib):
            value = str(element.get(name))
            if value in seen:
                raise _malformed(element, expected="Id", got=value)
            seen.add(value)


def read(signature: etree._Element) -> Signature:
    """Return the parts of a ds:Signature, or raise `Refused` or `Unsupported`."""
    signed_info, value = _one(signature, DS + "SignedInfo"), _one(signature, DS + "SignatureValue")
    key_info, item = _optional(signature, DS + "KeyInfo"), _one(signature, DS + "Object")
    known = [DS + "SignedInfo", DS + "SignatureValue", DS + "KeyInfo", DS + "Object"]
    if [child.tag for child in signature] != [tag for tag in known if signature.find(tag) is not None]:
        raise _malformed(
            signature, expected="SignedInfo, SignatureValue, KeyInfo, Object", got=str(len(signature))
        )
    qualifying = _one(item, _X + "QualifyingProperties")
    if qualifying.get("Target", "").removeprefix("#") != signature.get("Id") or len(item) != 1:
        raise _malformed(qualifying, expected="Target", got=qualifying.get("Target", "-"))
    properties = _one(qualifying, _X + "SignedProperties")
    method = _algorithm(_one(signed_info, DS + "SignatureMethod"))
    scheme = profile.SCHEMES.get(method)
    if scheme is None:
        raise Unsupported(what=method)
    references = _references(signed_info, properties)
    own = _one(properties, _X + "SignedSignatureProperties")
    formats, mark = _formats(properties)
    unsigned = tuple(qualifying.iterfind(f"{_X}UnsignedProperties/{_X}UnsignedSignatureProperties/*"))
    return Signature(
        element=signature,
        signed_info=signed_info,
        canonicalisation=_algorithm(_one(signed_info, DS + "CanonicalizationMethod")),
        scheme=scheme,
        references=references,
        value_element=value,
        value=_octets(value),
        key_info=key_info,
        key_certificates=_several(signature.iterfind(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")),
        properties=properties,
        claimed_at=_signing_time(own),
        signing_certificate=_signing_certificate(own),
        media_types=formats,
        mark=mark,
        unsigned=unsigned,
        stamps=_stamps(unsigned, _X + "SignatureTimeStamp"),
        archives=_stamps(unsigned, _X141 + "ArchiveTimeStamp"),
        certificates=_several(_inside(unsigned, _X + "EncapsulatedX509Certificate")),
        crls=_several(_inside(unsigned, _X + "EncapsulatedCRLValue")),
        ocsp_responses=_several(_inside(unsigned, _X + "EncapsulatedOCSPValue")),
    )


# What is signed


def _references(signed_info: etree._Element, properties: etree._Element) -> tuple[Reference, ...]:
    elements = signed_info.findall(DS + "Reference")
    if len(elements) > MOST_REFERENCES or len(signed_info) != len(elements) + 2:
        raise _malformed(signed_info, expected="Reference", got=str(len(signed_info)))
    found = tuple(_reference(element, properties) for element in elements)
    names = [reference.name for reference in found]
    if names.count(None) != 1 or len(set(names)) != len(names):
        raise _malformed(signed_info, expected="SignedProperties, 1 Reference / file", got=str(len(names)))
    return found


def _reference(element: etree._Element, properties: etree._Element) -> Reference:
    uri = element.get("URI", "")
    transforms = [_algorithm(one) for one in element.iterfind(f"{DS}Transforms/{DS}Transform")]
    method = _algorithm(_one(element, DS + "DigestMethod"))
    if method not in profile.DIGESTS:
        raise Unsupported(what=method)
    digest, value = profile.DIGESTS[method], _octets(_one(element, DS + "DigestValue"))
    if uri.startswith("#") or element.get("Type") == PROPERTIES_TYPE:
        if uri != "#" + properties.get("Id", "") or element.get("Type") != PROPERTIES_TYPE:
            raise _malformed(element, expected=PROPERTIES_TYPE, got=uri)
        if len(transforms) > 1:
            raise Unsupported(what=", ".join(transforms))
        return Reference(None, digest, value, element.get("Id"), (transforms or [_DEFAULT])[0])
    if transforms:
        raise Unsupported(what=", ".join(transforms))
    if not uri or ":" in uri.partition("/")[0] or "?" in uri or "#" in uri:
        raise Unsupported(what=f'URI="{uri}"')
    try:
        return Reference(unquote(uri, errors="strict"), digest, value, element.get("Id"))
    except UnicodeDecodeError as error:
        raise _malformed(element, expected="UTF-8", got=uri) from error


def _signing_time(own: etree._Element) -> datetime | None:
    for child in own:
        if child.tag == _X + "SignaturePolicyIdentifier":
            if child.find(_X + "SignaturePolicyImplied") is None:
                raise Unsupported(what="SignaturePolicyId")
        elif child.tag not in _SAYING_LITTLE | {
            _X + "SigningTime",
            _X + "SigningCertificate",
            _X + "SigningCertificateV2",
        }:
            raise Unsupported(what=_name(child))
    element = _optional(own, _X + "SigningTime")
    if element is None:
        return None
    try:
        time = datetime.fromisoformat((element.text or "").strip())
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _malformed(element, expected="xsd:dateTime", got=element.text or "") from error
    raise _malformed(element, expected="xsd:dateTime + zone", got=element.text or "")


def _signing_certificate(own: etree._Element) -> tuple[str, bytes]:
    holder = _optional(own, _X + "SigningCertificateV2")
    if holder is None:
        holder = _optional(own, _X + "SigningCertificate")
    if holder is None:
        raise Unsupported(what="XMLDSig - SigningCertificate")
    certificates = holder.findall(_X + "Cert")
    if not certificates:
        raise _malformed(holder, expected="Cert", got="-")
    digest = _one(certificates[0], _X + "CertDigest")
    method = _algorithm(_one(digest, DS + "DigestMethod"))
    if method not in profile.DIGESTS:
        raise Unsupported(what=method)
    return profile.DIGESTS[method], _octets(_one(digest, DS + "DigestValue"))


def _formats(properties: etree._Element) -> tuple[dict[str, str], str]:
    found: dict[str, str] = {}
    mark = ""
    for holder in properties.iterfind(_X + "SignedDataObjectProperties"):
        for child in holder:
            if child.tag == _X + "DataObjectFormat":
                said = child.findtext(_X + "Description", "")
                mark = mark or (said.removeprefix(MARK) if said.startswith(MARK) else "")
                reference = child.get("ObjectReference", "").removeprefix("#")
                found[reference] = child.findtext(_X + "MimeType", "")
            elif child.tag not in _SAYING_LITTLE:
                raise Unsupported(what=_name(child))
    return found, mark


# What is not signed


def _stamps(unsigned: Iterable[etree._Element], tag: str) -> tuple[Stamp, ...]:
    elements = [element for element in unsigned if element.tag == tag]
    if len(elements) > MOST_VALUES:
        raise _malformed(elements[0], expected=str(MOST_VALUES), got=str(len(elements)))
    return tuple(_stamp(element) for element in elements)


def _stamp(element: etree._Element) -> Stamp:
    method = _optional(element, DS + "CanonicalizationMethod")
    tokens = _several(element.iterfind(_X + "EncapsulatedTimeStamp"))
    if not tokens or len(element) != len(tokens) + (method is not None):
        raise Unsupported(what=_name(element))
    return Stamp(element, _DEFAULT if method is None else _algorithm(method), tokens)


def _inside(unsigned: Iterable[etree._Element], tag: str) -> Iterator[etree._Element]:
    holders = {_X + "CertificateValues", _X + "RevocationValues", _X141 + "TimeStampValidationData"}
    for element in unsigned:
        if element.tag in holders:
            yield from element.iter(tag)


# The small bricks


def _one(element: etree._Element, tag: str) -> etree._Element:
    found = _optional(element, tag)
    if found is None:
        raise _malformed(element, expected=etree.QName(tag).localname, got="-")
    return found


def _optional(element: etree._Element, tag: str) -> etree._Element | None:
    found = element.findall(tag)
    if len(found) > 1:
        raise _malformed(element, expected=f"1 {etree.QName(tag).localname}", got=str(len(found)))
    return found[0] if found else None


def _algorithm(element: etree._Element) -> str:
    # A parameter, such as a list of prefixes or an XPath, changes what the algorithm does.
    if len(element) or (element.text or "").strip():
        raise Unsupported(what=f"{_name(element)} + {_name(element[0]) if len(element) else element.text}")
    return element.get("Algorithm", "")


def _several(elements: Iterable[etree._Element]) -> tuple[bytes, ...]:
    found = tuple(_octets(element) for element in elements)
    if len(found) > MOST_VALUES:
        raise Refused(
            reasons.XADES_MALFORMED.because(element="-", expected=str(MOST_VALUES), got=str(len(found)))
        )
    return found


def _octets(element: etree._Element) -> bytes:
    try:
        text = (element.text or "").encode().translate(None, b" \t\r\n")
        octets = pybase64.b64decode(text, validate=True)
    except ValueError as error:
        raise _malformed(element, expected="base64", got=element.text or "") from error
    if len(element):
        raise _malformed(element, expected="base64", got=_name(element[0]))
    return bytes(octets)


def _malformed(element: etree._Element, *, expected: str, got: str) -> Refused:
    return Refused(reasons.XADES_MALFORMED.because(element=_name(element), expected=expected, got=got or "-"))


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname
