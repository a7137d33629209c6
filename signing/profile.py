"""The one form of signature that we make and accept: names, algorithms and limits, shared by `sign` and
`verify`.

Written out with its reasons in `docs/signature-profile.md`. What is not listed here is refused: a signature
that could be verified in more ways than one is a signature that can be attacked in more ways than one.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
EDXML = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

DS = f"{{{XMLDSIG}}}"
# The fixed place: the last child of the only header of the only envelope.
PLACE = tuple(f"{{{EDXML}}}{name}" for name in ("edXML", "edXMLEnvelope", "edXMLHeader"))

# Exclusive C14N 1.0 without comments. Inclusive C14N takes cubic time on namespaces.
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = XMLDSIG + "enveloped-signature"

DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256"  # the one that we write

RSA_BITS = range(2048, 4096 + 1)
RSA_EXPONENTS = range(3, 2**32)  # a huge exponent makes verifying as slow as signing

CID = "cid:"  # a reference to an attachment by its ContentId: RFC 2392
MOST_REFERENCES = 65  # the package, and that many attachments less one

MOST_CERTIFICATES = 4
LONGEST_BLOCK = 64 * 1024  # characters of text in the whole ds:Signature


@dataclass(frozen=True, slots=True)
class Scheme:
    """A signature algorithm. With a curve it is ECDSA, whose value is r||s, `width` octets each."""

    name: str
    uri: str
    hash: hashes.HashAlgorithm
    curve: type[ec.EllipticCurve] | None = None
    width: int = 0


RSA_SHA256 = Scheme("rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", hashes.SHA256())
ECDSA_SHA256 = Scheme(
    "ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    hashes.SHA256(),
    curve=ec.SECP256R1,
    width=32,
)
ECDSA_SHA384 = Scheme(
    "ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    hashes.SHA384(),
    curve=ec.SECP384R1,
    width=48,
)

SCHEMES = {scheme.uri: scheme for scheme in (RSA_SHA256, ECDSA_SHA256, ECDSA_SHA384)}
