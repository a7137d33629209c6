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
6. the digest over the whole document but the signature.

What breaks 1, 2, 3, 5 or 6 makes it INVALID. Trouble with the certificate alone leaves it UNDETERMINED (EN
319 102-1, 5.1.3: NO_CERTIFICATE_CHAIN_FOUND and OUT_OF_BOUNDS_NO_POE are indications of indetermination).
The tree is read and never touched: what was verified is what the caller goes on to use.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import datetime
from itertools import islice

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from schemas.paths import local_name, path_of
from schemas.text import Sentence, Text
from schemas.xml import parse
from signing import canonical, certificates, place, profile, reasons, schemes, shape
from signing.certificates import Certificate, UnreadableCertificate
from signing.keys import SigningKey
from signing.profile import XMLDSIG
from signing.reasons import Refused
from signing.shape import Shape
from signing.trust import Chain, TrustStore
from signing.verdict import Outcome, Reason, Verdict

MOST_REPORTED = 8  # signatures with a verdict of their own; a package with a thousand is no better described


def verify(content: bytes, tree: etree._ElementTree, trust: TrustStore, at: datetime) -> tuple[Verdict, ...]:
    """Return one verdict for each signature, or a single ABSENT one.

    `tree` is what `schemas.xml.parse` made of `content`; `at` is when the package was received.
    """
    candidates = (element for element in place.signatures(tree) if not place.is_empty(element))
    real = list(islice(candidates, MOST_REPORTED + 1))
    if not real:
        return (_absent(next(place.signatures(tree), None), at),)
    if len(real) > 1:
        crowd = reasons.MORE_THAN_ONE.because(count=len(real))
        return tuple(_refused(element, at, (crowd,)) for element in real[:MOST_REPORTED])
    return (_judge(content, tree, real[0], trust, at),)


def _judge(
    content: bytes, tree: etree._ElementTree, signature: etree._Element, trust: TrustStore, at: datetime
) -> Verdict:
    algorithm = None
    try:
        place.check(tree, signature)
        parts = shape.read(signature)
        _check_same(content, signature)
        algorithm = parts.scheme.name
        path = _certificates(parts)
        key = schemes.fitting(parts.scheme, path[0].public_key)
    except Refused as refused:
        return _refused(signature, at, refused.reasons, algorithm)
    chain = trust.chain(path[0], path[1:], at)
    broken = _broken(tree, signature, parts, key)
    return _weigh(signature, parts, path[0], chain, broken, trust, at)


def _check_same(content: bytes, signature: etree._Element) -> None:
    """Raise `Refused` unless the octets carry the signature that is judged, in plain characters."""
    value = signature.findtext(profile.DS + "SignatureValue", "").split()[0]
    if value.encode() not in content:
        raise Refused(reasons.NOT_IN_CONTENT.because())


def _certificates(parts: Shape) -> list[Certificate]:
    found = []
    for number, der in enumerate(parts.certificates, start=1):
        try:
            found.append(certificates.load(der))
        except UnreadableCertificate as error:
            raise Refused(reasons.CERTIFICATE_UNREADABLE.because(number=number)) from error
    return found


def _broken(
    tree: etree._ElementTree, signature: etree._Element, parts: Shape, key: schemes.PublicKey
) -> Reason | None:
    """Return why the signature does not hold, or None. The value comes first: it vouches for the digest."""
    try:
        wrong = schemes.check_value(parts.scheme, key, parts.value, canonical.octets(parts.signed_info))
        if wrong is not None:
            return wrong
        digest = canonical.digest(tree, parts.digest, signature)
    except Refused as refused:
        return refused.reasons[0]
    return None if digest == parts.digest_value else reasons.ALTERED.because()


# Verdicts


def _weigh(
    signature: etree._Element,
    parts: Shape,
    leaf: Certificate,
    chain: Chain | tuple[Reason, ...],
    broken: Reason | None,
    trust: TrustStore,
    at: datetime,
) -> Verdict:
    """Put together what the signature itself and its certificate's path say."""
    if broken is not None:
        doubts = () if isinstance(chain, Chain) else chain
        outcome, why = Outcome.INVALID, (broken, *doubts)
    elif isinstance(chain, Chain):
        outcome, why = _of_a_trusted_one(chain, trust)
    else:
        outcome, why = Outcome.UNDETERMINED, chain
    return Verdict(
        outcome=outcome,
        reasons=why,
        checked_at=at,
        signer=leaf.name,
        certificate=leaf.summary,
        algorithm=parts.scheme.name,
        path=path_of(signature),
        covers=None if broken else "document",
    )


def _of_a_trusted_one(chain: Chain, trust: TrustStore) -> tuple[Outcome, tuple[Reason, ...]]:
    not_checked = reasons.NOT_CHECKED.because()
    intact = reasons.INTACT.because(anchor=chain.anchor.subject.rfc4514_string())
    if trust.require_revocation:
        return Outcome.UNDETERMINED, (not_checked, intact)
    return Outcome.VALID, (intact, not_checked)


def _refused(
    signature: etree._Element, at: datetime, why: tuple[Reason, ...], algorithm: str | None = None
) -> Verdict:
    return Verdict(
        outcome=Outcome.INVALID, reasons=why, checked_at=at, algorithm=algorithm, path=path_of(signature)
    )


def _absent(empty: etree._Element | None, at: datetime) -> Verdict:
    if empty is None:
        return Verdict(outcome=Outcome.ABSENT, reasons=(reasons.ABSENT.because(),), checked_at=at)
    why = (reasons.ABSENT.because(), reasons.EMPTY.because(element=local_name(empty)))
    return Verdict(outcome=Outcome.ABSENT, reasons=why, checked_at=at, path=path_of(empty))


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
    scheme = schemes.scheme_of(key.private_key)
    if scheme is None:
        raise SigningRefused(UNFIT_KEY.say(name=key.name))
    if len(key.chain) > profile.MOST_CERTIFICATES:
        raise SigningRefused(
            TOO_MANY_CERTIFICATES.say(name=key.name, expected=profile.MOST_CERTIFICATES, got=len(key.chain))
        )
    tree = parse(content)
    end = _end_of_header(content, tree)
    try:
        digest = _base64(canonical.digest(tree, profile.DIGESTS[profile.DIGEST]))
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
    value = schemes.value_of(scheme, key.private_key, signed_info(f' xmlns:ds="{XMLDSIG}"').encode())
    return content[:end] + _block(signed_info(""), value, key) + content[end:]


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
