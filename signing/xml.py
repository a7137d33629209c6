"""Sign a package, and judge the signatures of one: enveloped XMLDSig in the one form of `profile`.

`sign` puts the signature into the original octets as text; every other octet stays as it was. It does not
use signxml, which serialises the document anew: a package must leave as it came. The digest is that of the
document before, and SignedInfo is written in canonical form at once. The tests let signxml and xmlsec1
judge the result.

`verify` gives one verdict for each signature, looking in the order of the profile, the cheap looks first:

1. one signature only, in the one place, and nothing in the package that no signature covers;
2. the form: `shape.read`;
3. the certificates can be read, and the key fits the algorithm;
4. the path to an anchor: `trust`;
5. the signature value over SignedInfo;
6. the digest over the whole document but the signature, and those over attachments: `references`.

What breaks 1, 2, 3, 5 or 6 makes it INVALID; `weighing` says what follows from the rest. The tree is read and never
touched. Tree and octets are one document: what was verified is what the caller goes on to use, and to forward.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import datetime
from itertools import islice

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from schemas.skeleton import Source
from schemas.text import Sentence, Text
from schemas.xml import parse
from signing import (
    canonical,
    certificates,
    habits,
    place,
    profile,
    reasons,
    references,
    schemes,
    shape,
    weighing,
)
from signing.certificates import Certificate, UnreadableCertificate
from signing.keys import SigningKey
from signing.profile import XMLDSIG
from signing.reasons import Refused
from signing.references import Digested
from signing.shape import Shape
from signing.trust import Chain, TrustStore
from signing.verdict import Reason, Verdict
from signing.weighing import Coverage, Integrity

MOST_REPORTED = 8  # signatures with a verdict of their own; a package with a thousand is no better described


def verify(content: Source, tree: etree._ElementTree, trust: TrustStore, at: datetime) -> tuple[Verdict, ...]:
    """Return one verdict for each signature, or a single ABSENT one.

    `content` and `tree` are what `schemas.skeleton.opened` makes of a package, which for one in memory are its octets
    and what `schemas.xml.parse` makes of them; `at` is when the package was received.
    """
    candidates = (element for element in place.signatures(tree) if not place.is_empty(element))
    real = list(islice(candidates, MOST_REPORTED + 1))
    if not real:
        return (weighing.absent(next(place.signatures(tree), None), at),)
    if len(real) > 1:
        crowd = reasons.MORE_THAN_ONE.because(count=len(real))
        return tuple(weighing.refused(element, at, (crowd,)) for element in real[:MOST_REPORTED])
    return (_judge(content, tree, real[0], trust, at),)


def _judge(
    content: Source, tree: etree._ElementTree, signature: etree._Element, trust: TrustStore, at: datetime
) -> Verdict:
    algorithm = None
    try:
        place.check(tree, signature)
        parts = _parts(signature)
        _check_same(content, signature)
        algorithm = parts.scheme.name
        path = _certificates(parts)
        key = schemes.fitting(parts.scheme, path[0].public_key)
    except Refused as refused:
        return weighing.refused(signature, at, refused.reasons, algorithm)
    chain = trust.chain(path[0], path[1:], at)
    integrity = _integrity(content, tree, signature, parts, key, trusted=isinstance(chain, Chain))
    coverage = (
        None if integrity.broken else Coverage.of(integrity.digested, references.attachment_names(tree))
    )
    return weighing.judged(path[0], chain, integrity, coverage, trust, at)


def _parts(signature: etree._Element) -> Shape:
    try:
        return shape.read(signature)
    except Refused as refused:
        if signature.tag != habits.SIGNATURE:
            raise
        named = {reason.code: reason for reason in (*place.foreign(signature), *refused.reasons)}
        raise Refused(*named.values()) from refused


def _check_same(content: Source, signature: etree._Element) -> None:
    """Raise `Refused` unless the octets carry the signature that is judged, in plain characters."""
    value = (signature[1].text or "").split()[0].encode()
    if not (value in content if isinstance(content, bytes) else content.contains(value)):
        raise Refused(reasons.NOT_IN_CONTENT.because())


def _certificates(parts: Shape) -> list[Certificate]:
    found = []
    for number, der in enumerate(parts.certificates, start=1):
        try:
            found.append(certificates.load(der))
        except UnreadableCertificate as error:
            raise Refused(reasons.CERTIFICATE_UNREADABLE.because(number=number)) from error
    return found


def _integrity(
    content: Source,
    tree: etree._ElementTree,
    signature: etree._Element,
    parts: Shape,
    key: schemes.PublicKey,
    *,
    trusted: bool,
) -> Integrity:
    """Return whether the signature holds. The value comes first: it vouches for the digests."""
    foreign = (place.wrong_namespace(signature),) if signature.tag == habits.SIGNATURE else ()
    misnamed = tuple(
        reasons.TRANSFORM_MISNAMED.because(uri=habits.MISNAMED_EXCLUSIVE)
        for reference in parts.references
        if reference.misnamed
    )
    found = Integrity(parts.scheme.name, habits=(*foreign, *misnamed))
    try:
        wrong = schemes.check_value(parts.scheme, key, parts.value, canonical.octets(parts.signed_info))
        if wrong is not None:
            # The likeliest cause comes first: it was made in one namespace and written down in another.
            return replace(found, broken=(*foreign, wrong))
        digested = references.digest(content, tree, signature, parts.references)
    except Refused as refused:
        return replace(found, broken=refused.reasons)
    broken = tuple(_altered(content, tree, signature, one, trusted) for one in digested if not one.fits)
    return replace(found, digested=digested, broken=broken)


def _altered(
    content: Source, tree: etree._ElementTree, signature: etree._Element, one: Digested, trusted: bool
) -> Reason:
    if one.reference.uri:
        return reasons.ATTACHMENT_ALTERED.because(attachment=one.name)
    # Each try costs a digest of the package, which a stranger does not get.
    if trusted and place.has_trace(signature):
        form = canonical.Form.of(tree, content)
        end, after = canonical.extent_of(form.octets, signature)
        added = habits.added_trace(form, one.reference.digest, one.reference.value, end=end, after=after)
        if added is not None:
            return reasons.ALTERED_BY_TRACE_HEADER.because(hops=added.hops, last=added.last)
    return reasons.ALTERED.because()


# Signing

ALREADY_SIGNED = Text(
    vi="Gói tin đã có chữ ký số; không ký đè và không ký thêm.",
    en="The package already carries a signature; it is neither replaced nor added to.",
)
NO_PLACE = Sentence(
    vi="Không có chỗ đặt chữ ký số: cần đúng một edXML/edXMLEnvelope/edXMLHeader, nhận được {got}.",
    en="There is no place for the signature: expected one edXML/edXMLEnvelope/edXMLHeader, got {got}.",
)
UNFIT_KEY = Sentence(
    vi="Khóa {name} không ký được theo quy định: cần RSA 2048 đến 4096 bit, P-256 hoặc P-384.",
    en="The key {name} does not fit the profile: expected RSA of 2048 to 4096 bits, P-256 or P-384.",
)
TOO_MANY_CERTIFICATES = Sentence(
    vi="Khóa {name} kèm theo quá nhiều chứng thư: tối đa {expected}, nhận được {got}.",
    en="The key {name} comes with too many certificates: expected at most {expected}, got {got}.",
)

_END_OF_HEADER = re.compile(rb"</(?:[^\s<>/:]+:)?edXMLHeader\s*>")

# Canonical already, so what is written is what is signed: no empty-element tags, attributes in order.
SIGNED_INFO = (
    "<ds:SignedInfo{namespace}>"
    '<ds:CanonicalizationMethod Algorithm="{exclusive}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>'
    '<ds:Reference URI=""><ds:Transforms>'
    '<ds:Transform Algorithm="{enveloped}"></ds:Transform>'
    '<ds:Transform Algorithm="{exclusive}"></ds:Transform>'
    "</ds:Transforms>"
    '<ds:DigestMethod Algorithm="{digest}"></ds:DigestMethod>'
    "<ds:DigestValue>{digest_value}</ds:DigestValue>"
    "</ds:Reference></ds:SignedInfo>"
)


class SigningRefused(Exception):
    """The package is not signed. `text` says why, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def sign(content: bytes, key: SigningKey) -> bytes:
    """Return the package with a signature as the last child of its header, every other octet as it was.

    Raises `SigningRefused`, or `schemas.findings.InvalidDocument` for what is no XML.
    """
    tree = parse(content)
    end = _end_of_header(content, tree)
    return content[:end] + block(content, tree, key) + content[end:]


def block(content: Source, tree: etree._ElementTree, key: SigningKey) -> bytes:
    """Return the signature of a package, to be put in as the last child of its header. Raises `SigningRefused`."""
    scheme = schemes.scheme_of(key.certificate.public_key())
    if scheme is None:
        raise SigningRefused(UNFIT_KEY.say(name=key.name))
    if len(key.chain) > profile.MOST_CERTIFICATES:
        raise SigningRefused(
            TOO_MANY_CERTIFICATES.say(name=key.name, expected=profile.MOST_CERTIFICATES, got=len(key.chain))
        )
    try:
        digest = _base64(canonical.digest(tree, profile.DIGESTS[profile.DIGEST], content=content))
    except Refused as refused:
        raise SigningRefused(refused.reasons[0].message) from refused

    def signed_info(namespace: str) -> str:
        return SIGNED_INFO.format(
            namespace=namespace,
            exclusive=profile.EXCLUSIVE,
            method=scheme.uri,
            enveloped=profile.ENVELOPED,
            digest=profile.DIGEST,
            digest_value=digest,
        )

    # Within the document the namespace stands on ds:Signature; in canonical form, on SignedInfo.
    value = schemes.value_of(scheme, key, signed_info(f' xmlns:ds="{XMLDSIG}"').encode())
    return _block(signed_info(""), value, key)


def _end_of_header(content: bytes, tree: etree._ElementTree) -> int:
    """Return where the header's end tag begins: the only place, in the tree as well as in the octets."""
    if any(not place.is_empty(element) for element in place.signatures(tree)):
        raise SigningRefused(ALREADY_SIGNED)
    headers = place.headers(tree)
    ends = list(_END_OF_HEADER.finditer(content))
    # A self-closing header has no end tag, and CDATA may hold what looks like one.
    if len(headers) != 1 or len(ends) != 1:
        raise SigningRefused(
            NO_PLACE.say(got=min(len(headers), len(ends)) if len(headers) < 2 else len(headers))
        )
    return ends[0].start()


def _block(signed_info: str, value: bytes, key: SigningKey) -> bytes:
    path = "".join(
        f"<ds:X509Certificate>{_base64(certificate.public_bytes(Encoding.DER))}</ds:X509Certificate>"
        for certificate in key.chain
    )
    return (
        f'<ds:Signature xmlns:ds="{XMLDSIG}">{signed_info}'
        f"<ds:SignatureValue>{_base64(value)}</ds:SignatureValue>"
        f"<ds:KeyInfo><ds:X509Data>{path}</ds:X509Data></ds:KeyInfo></ds:Signature>"
    ).encode()


def _base64(octets: bytes) -> str:
    return b64encode(octets).decode()
