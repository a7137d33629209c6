"""The signature blocks of a package as they stand there: named, not verified. Verifying is the signing floor's.

Samples and old software write `Signature` in the package's own namespace, .NET software an empty `DigitalSignature`;
only xmldsig's is one that other software finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from schemas.edxml.codes import NAMESPACE
from schemas.paths import local_name

XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """One block. `subject` is what X509SubjectName claims, which proves nothing."""

    element: etree._Element
    namespace: str
    empty: bool
    algorithm: str
    transforms: tuple[str, ...]
    subject: str

    @property
    def is_xmldsig(self) -> bool:
        """Return whether this is a block of the XML signature standard."""
        return self.namespace == XMLDSIG

    @property
    def in_package_namespace(self) -> bool:
        """Return whether the block is written in the namespace of the package."""
        return self.namespace == NAMESPACE


def signature_blocks(tree: etree._ElementTree) -> Iterator[SignatureBlock]:
    """Yield everything in the package that calls itself a signature."""
    for element in tree.iter("{*}Signature", "{*}DigitalSignature"):
        yield block_of(element)


def block_of(element: etree._Element) -> SignatureBlock:
    """Return what a block says of itself."""
    named = {"SignatureMethod": "", "X509SubjectName": ""}
    transforms = []
    for part in element.iterdescendants("{*}*"):
        name = local_name(part)
        if name == "SignatureMethod":
            named[name] = part.get("Algorithm", "")
        elif name == "X509SubjectName":
            named[name] = (part.text or "").strip()
        elif name == "Transform":
            transforms.append(part.get("Algorithm", ""))
    return SignatureBlock(
        element=element,
        namespace=etree.QName(element).namespace or "",
        empty=not len(element) and not (element.text or "").strip(),
        algorithm=named["SignatureMethod"],
        transforms=tuple(transforms),
        subject=named["X509SubjectName"],
    )
