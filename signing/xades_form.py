"""The one form of XAdES signature that we write, and what all forms share: names, and canonical form.

`compose` makes the octets of a signature file from its parts. It is a function of the parts and of nothing else, so
who has read the parts can make the file again and compare: an octet that differs was changed by somebody else,
whether or not it was signed (`asice`).

The form: detached references to files without transforms, one reference to the signed properties with exclusive C14N,
SHA-256, the signer's certificate alone in KeyInfo and bound by SigningCertificateV2 (EN 319 132-1, 5.2.2), a media type
for every file. The unsigned properties, each only if there is something in it: SignatureTimeStamp, CertificateValues,
RevocationValues, ArchiveTimeStamp.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import quoteattr

from asn1crypto import tsp
from asn1crypto import x509 as asn1
from lxml import etree

from signing import canonical, certificates, profile
from signing import reasons_container as reasons
from signing.profile import XMLDSIG, Scheme
from signing.verdict import Reason

ASIC = "http://uri.etsi.org/02918/v1.2.1#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XADES141 = "http://uri.etsi.org/01903/v1.4.1#"
PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"

# A signature that says this of its first file, and then its level, was made by `compose`, and is held to it: to its
# form, and to a level no lower, so that a time stamp cannot be cut away unnoticed. It is signed.
MARK = "edochub container 1, "
LEVELS = ("XAdES-B-B", "XAdES-B-T", "XAdES-B-LT", "XAdES-B-LTA")  # EN 319 132-1, 6.1

# Unreserved characters only (RFC 3986, 2.3), so that a name and a reference to it are the same characters.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*(/[A-Za-z0-9][A-Za-z0-9._~-]*)*")
MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[A-Za-z0-9.+-]+")

INCLUSIVE = (
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
)


class Unsupported(Exception):
    """The signature may hold, but we cannot tell. Carries the reason."""

    def __init__(self, *, what: str) -> None:
        self.reason: Reason = reasons.XADES_UNSUPPORTED.because(what=what)
        super().__init__(str(self.reason.message))


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file as a signature of ours refers to it."""

    name: str
    media_type: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a signature file of ours says. Certificates, CRLs, OCSP responses and tokens are DER.

    `level`: what the signer meant to reach, and signed; a file may come to more when it is renewed.
    """

    number: int
    level: str
    files: tuple[SignedFile, ...]
    scheme: Scheme
    at: datetime
    certificate: bytes
    properties_digest: bytes = b""
    value: bytes = b""
    stamps: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsp_responses: tuple[bytes, ...] = ()
    archives: tuple[bytes, ...] = ()


def canonical_form(element: etree._Element, algorithm: str) -> bytes:
    """Return the canonical form by this algorithm, or raise `Unsupported`.

    Inclusive C14N of an element within a document is wrong in lxml; of a document of its own it is right. What an
    element takes over from outside are namespaces, which serialising keeps, and attributes of `xml:`, which we refuse.
    """
    if algorithm == profile.EXCLUSIVE:
        return canonical.octets(element)
    if algorithm not in INCLUSIVE:
        raise Unsupported(what=algorithm)
    whole = etree.tostring(element.getroottree())
    # Nor can serialising the element alone tell that a default namespace was taken back above it.
    if b' xmlns=""' in whole or element.xpath("boolean(//@xml:*)"):
        raise Unsupported(what=f'{algorithm} + xml:*, xmlns=""')
    alone = etree.fromstring(etree.tostring(element, with_tail=False), _parser())
    return bytes(etree.tostring(alone, method="c14n", exclusive=False, with_comments=False))


def _parser() -> etree.XMLParser:
    # For octets that lxml itself has just written, from a tree of `schemas.xml.parse`.
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


# Writing


def compose(parts: Parts) -> bytes:
    """Return the content of META-INF/signaturesN.xml, in UTF-8. The certificate must be readable."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<asic:XAdESSignatures xmlns:asic="{ASIC}">'
        f'<ds:Signature xmlns:ds="{XMLDSIG}" Id="S{parts.number}">{_signed_info(parts)}'
        f'<ds:SignatureValue Id="S{parts.number}-value">{_base64(parts.value)}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{_base64(parts.certificate)}</ds:X509Certificate>"
        f'</ds:X509Data></ds:KeyInfo><ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" '
        f'Target="#S{parts.number}">{_signed_properties(parts)}{_unsigned_properties(parts)}'
        "</xades:QualifyingProperties></ds:Object></ds:Signature></asic:XAdESSignatures>\n"
    ).encode()


def _signed_info(parts: Parts) -> str:
    files = "".join(
        f'<ds:Reference Id="S{parts.number}-file{place}" URI={quoteattr(file.name)}>{_digest(file.digest)}'
        "</ds:Reference>"
        for place, file in enumerate(parts.files)
    )
    return (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{profile.EXCLUSIVE}"/>'
        f'<ds:SignatureMethod Algorithm="{parts.scheme.uri}"/>{files}'
        f'<ds:Reference Id="S{parts.number}-own" Type="{PROPERTIES_TYPE}" URI="#S{parts.number}-properties">'
        f'<ds:Transforms><ds:Transform Algorithm="{profile.EXCLUSIVE}"/></ds:Transforms>'
        f"{_digest(parts.properties_digest)}</ds:Reference></ds:SignedInfo>"
    )


def _signed_properties(parts: Parts) -> str:
    formats = "".join(
        f'<xades:DataObjectFormat ObjectReference="#S{parts.number}-file{place}">'
        + ("" if place else f"<xades:Description>{MARK}{parts.level}</xades:Description>")
        + f"<xades:MimeType>{file.media_type}</xades:MimeType></xades:DataObjectFormat>"
        for place, file in enumerate(parts.files)
    )
    return (
        f'<xades:SignedProperties Id="S{parts.number}-properties"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{parts.at:%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>"
        "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"
        f"{_digest(hashlib.sha256(parts.certificate).digest())}</xades:CertDigest>"
        f"<xades:IssuerSerialV2>{_base64(issuer_serial(parts.certificate))}</xades:IssuerSerialV2>"
        "</xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>"
        f"<xades:SignedDataObjectProperties>{formats}</xades:SignedDataObjectProperties>"
        "</xades:SignedProperties>"
    )


def _unsigned_properties(parts: Parts) -> str:
    properties = "".join(_stamp("xades:SignatureTimeStamp", "", token) for token in parts.stamps)
    if parts.certificates:
        values = _values("xades:EncapsulatedX509Certificate", parts.certificates)
        properties += f"<xades:CertificateValues>{values}</xades:CertificateValues>"
    if parts.crls or parts.ocsp_responses:
        crls = _values("xades:EncapsulatedCRLValue", parts.crls)
        answers = _values("xades:EncapsulatedOCSPValue", parts.ocsp_responses)
        crls = crls and f"<xades:CRLValues>{crls}</xades:CRLValues>"
        answers = answers and f"<xades:OCSPValues>{answers}</xades:OCSPValues>"
        properties += f"<xades:RevocationValues>{crls}{answers}</xades:RevocationValues>"
    namespace = f' xmlns:xades141="{XADES141}"'
    properties += "".join(_stamp("xades141:ArchiveTimeStamp", namespace, token) for token in parts.archives)
    if not properties:
        return ""
    return (
        f"<xades:UnsignedProperties><xades:UnsignedSignatureProperties>{properties}"
        "</xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
    )


def _stamp(name: str, namespace: str, token: bytes) -> str:
    return (
        f'<{name}{namespace}><ds:CanonicalizationMethod Algorithm="{profile.EXCLUSIVE}"/>'
        f"<xades:EncapsulatedTimeStamp>{_base64(token)}</xades:EncapsulatedTimeStamp></{name}>"
    )


def _values(name: str, values: Sequence[bytes]) -> str:
    return "".join(f"<{name}>{_base64(value)}</{name}>" for value in values)


def _digest(digest: bytes) -> str:
    return (
        f'<ds:DigestMethod Algorithm="{profile.DIGEST}"/><ds:DigestValue>{_base64(digest)}</ds:DigestValue>'
    )


def issuer_serial(certificate: bytes) -> bytes:
    """Return the DER of the IssuerSerial (RFC 5035) that names a certificate. Raises `UnreadableCertificate`."""
    read = certificates.load(certificate).x509
    issuer = asn1.GeneralName("directory_name", asn1.Name.load(read.issuer.public_bytes()))
    return bytes(tsp.IssuerSerial({"issuer": [issuer], "serial_number": read.serial_number}).dump())


def _base64(octets: bytes) -> str:
    return b64encode(octets).decode()
