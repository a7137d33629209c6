"""Where signatures stand in a package, and whether the one that counts stands where it must.

Moving a genuine signature, or what it signed, to where another reader looks for something else is how
signed XML is forged ("signature wrapping"). So there is one place: the last child of the only header of the
only envelope; there is one signature; and nothing may stand in the package that the signature does not
cover.

Signatures that are not XMLDSig at all are recognised too, so that they can be named: the samples of the
regulation put `Signature` in the regulation's own namespace (`habits`), with made-up values, and .NET software
writes an empty `DigitalSignature`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pybase64
from lxml import etree

from schemas.paths import local_name, path_of
from signing import certificates, habits, profile, reasons
from signing.certificates import UnreadableCertificate
from signing.profile import DS, PLACE
from signing.reasons import Refused
from signing.verdict import Reason

# What a signature's methods may be, and what is said of others.
METHODS = {
    "CanonicalizationMethod": ({profile.EXCLUSIVE}, reasons.CANONICALISATION_FORBIDDEN),
    "SignatureMethod": (profile.SCHEMES.keys(), reasons.ALGORITHM_FORBIDDEN),
    "DigestMethod": (profile.DIGESTS.keys(), reasons.ALGORITHM_FORBIDDEN),
}
TRACE = f"{{{profile.EDXML}}}TraceHeaderList"
MOST_LOOKED_AT = 64  # elements of a signature that is refused anyway

# Every attribute that some software takes for an Id: Id, ID, id, xml:id, wsu:Id.
_IDS = etree.XPath("//@*[translate(local-name(), 'ID', 'id') = 'id']", smart_strings=False)


def signatures(tree: etree._ElementTree) -> Iterator[etree._Element]:
    """Yield everything that calls itself a signature, in whatever namespace."""
    return tree.iter("{*}Signature", "{*}DigitalSignature")


def is_empty(element: etree._Element) -> bool:
    """Tell whether this is the empty DigitalSignature that .NET software writes where it has no signature.

    An empty Signature is not passed over: beside a real one it would make two elements of that name.
    """
    nothing = not len(element) and not (element.text or "").strip()
    return nothing and local_name(element) == "DigitalSignature"


def headers(tree: etree._ElementTree) -> list[etree._Element]:
    """Return the headers at the one place for them. More than one, or none, is wrong."""
    root = tree.getroot()
    return root.findall(f"{PLACE[1]}/{PLACE[2]}") if root.tag == PLACE[0] else []


def has_trace(signature: etree._Element) -> bool:
    """Tell whether the header that the signature stands in has a TraceHeaderList, to which each hop adds."""
    header = signature.getparent()
    return header is not None and header.find(TRACE) is not None


def check(tree: etree._ElementTree, signature: etree._Element) -> None:
    """Raise `Refused` unless this has a signature's name, stands in its place, and the package can be covered."""
    if signature.tag not in (DS + "Signature", habits.SIGNATURE):
        raise Refused(*foreign(signature))
    _check_place(tree, signature)
    _check_no_asides(tree)
    _check_ids(tree)


def _check_place(tree: etree._ElementTree, signature: etree._Element) -> None:
    header = signature.getparent()
    # Two envelopes, or two headers, are two documents: the signature would be read as signing either.
    alone = header is not None and headers(tree) == [header] and len(tree.getroot().findall(PLACE[1])) == 1
    if not alone or signature.getnext() is not None:
        raise Refused(reasons.WRAPPED.because(path=path_of(signature)))


def _check_no_asides(tree: etree._ElementTree) -> None:
    """Canonicalisation without comments leaves them out, so they could be changed at will."""
    root = tree.getroot()
    aside = (
        root.getprevious() is not None or root.getnext() is not None or tree.docinfo.internalDTD is not None
    )
    if aside or next(tree.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity), None) is not None:
        raise Refused(reasons.UNSIGNED_TEXT.because())


def _check_ids(tree: etree._ElementTree) -> None:
    found = _IDS(tree)
    assert isinstance(found, list)  # what an XPath for attributes gives
    seen = set()
    for value in found:
        if value in seen:
            raise Refused(reasons.DUPLICATE_ID.because(value=value))
        seen.add(value)


def foreign(signature: etree._Element) -> Iterator[Reason]:
    """Say all that is wrong with a signature of another namespace in no form that could be verified."""
    parts = list(islice(signature.iterdescendants("{*}*"), MOST_LOOKED_AT))
    unreadable = [
        number for number, text in enumerate(_certificates(parts), start=1) if not _is_certificate(text)
    ]
    if unreadable:
        yield reasons.PLACEHOLDER.because()
    yield wrong_namespace(signature)
    for part in parts:
        allowed, forbidden = METHODS.get(local_name(part), (None, reasons.ALGORITHM_FORBIDDEN))
        if allowed is not None and (uri := part.get("Algorithm", "-")) not in allowed:
            yield forbidden.because(algorithm=uri)
    for number in unreadable[:1]:
        yield reasons.CERTIFICATE_UNREADABLE.because(number=number)


def wrong_namespace(signature: etree._Element) -> Reason:
    """Say that the signature is in a namespace where no XMLDSig software looks for it."""
    name = etree.QName(signature)
    return reasons.WRONG_NAMESPACE.because(element=name.localname, namespace=name.namespace or "-")


def _certificates(parts: list[etree._Element]) -> Iterator[str]:
    return (part.text or "" for part in parts if local_name(part) == "X509Certificate")


def _is_certificate(text: str) -> bool:
    try:
        certificates.load(pybase64.b64decode("".join(text.split()), validate=True))
    except (ValueError, UnreadableCertificate):
        return False
    return True
