"""Two other verifiers of XML signatures, asked about integrity alone, with the certificate that stands in the package.

Who is trusted is our own business; what was signed is not. Neither is let near a document whose references leave it:
the binding's libxmlsec1 would open the file or the address.
"""

from __future__ import annotations

import re
import subprocess
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from signing import place
from signing.profile import DS

_REFERENCE_ELSEWHERE = re.compile(r"^(?!$|#)")


def signature_of(tree: etree._ElementTree) -> etree._Element | None:
    """The one XMLDSig signature, or None."""
    found = [element for element in place.signatures(tree) if element.tag == DS + "Signature"]
    return found[0] if len(found) == 1 else None


def leaf_of(signature: etree._Element) -> x509.Certificate | None:
    """The first certificate, if it can be read at all."""
    try:
        return x509.load_der_x509_certificate(b64decode(signature.findtext(f".//{DS}X509Certificate", "")))
    except (ValueError, TypeError):
        return None


def stays_inside(tree: etree._ElementTree) -> bool:
    """Tell whether every reference is to this document."""
    uris = [element.get("URI") for element in tree.iter("{*}Reference", "{*}RetrievalMethod")]
    return not any(uri is not None and _REFERENCE_ELSEWHERE.match(uri) for uri in uris)


def signxml_accepts(
    content: bytes,
    tree: etree._ElementTree,
    *,
    files: Mapping[str, bytes] | None = None,
    references: int = 1,
) -> bool:
    """Ask signxml, which parses anew. `files` is what references to elsewhere lead to."""
    signature = signature_of(tree)
    leaf = leaf_of(signature) if signature is not None else None
    if leaf is None:
        return False
    config = SignatureConfiguration(require_x509=True, location=".//", expect_references=references)
    resolver = files.__getitem__ if files else None
    try:
        XMLVerifier().verify(
            content, x509_cert=leaf, expect_config=config, validate_schema=False, uri_resolver=resolver
        )
    except Exception:  # it falls over a broken certificate in many ways; none of them is acceptance
        return False
    return True


def xmlsec_accepts(content: bytes, tree: etree._ElementTree) -> bool:
    """Ask libxmlsec1 through its binding, about a copy of the very tree that we judged."""
    copy = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    signature = signature_of(copy.getroottree())
    leaf = leaf_of(signature) if signature is not None else None
    if signature is None or leaf is None:
        return False
    try:
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(
            leaf.public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem
        )
        context.verify(signature)
    except (xmlsec.Error, ValueError):
        return False
    return True


REFEREES: dict[str, Callable[[bytes, etree._ElementTree], bool]] = {
    "signxml": signxml_accepts,
    "xmlsec": xmlsec_accepts,
}


def program_accepts(program: str, file: Path, root: Path, at: str) -> bool:
    """Ask the program xmlsec1, which checks the certificate's path too."""
    command = [program, "--verify", "--trusted-pem", str(root), "--verification-gmt-time", at, str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
