"""A signature block is one that other software can find and work through. A warning: verifying is another step.

Two faults travel with the official samples: the block stands in the package's own namespace, and its second transform
is an address that no standard knows. The empty DigitalSignature of .NET is no fault: it says that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemas.edxml.package import Package, each
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.edxml.signature_blocks import block_of
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

_SIGN_PROPERLY = Sentence(
    vi="Ký theo docs/signature-profile.md bằng phần mềm XML-DSig, hoặc bỏ khối chữ ký mẫu này.",
    en="Sign as docs/signature-profile.md says with XML-DSig software, or leave this placeholder out.",
)
WRONG_NAMESPACE = Kind(
    "signature-namespace",
    Severity.WARNING,
    Sentence(
        vi="Khối chữ ký «{element}» nằm trong không gian tên của gói tin, không phải xmldsig, nên không kiểm được.",
        en="The signature block “{element}” is in the package's namespace, not xmldsig's: it cannot be verified.",
    ),
    _SIGN_PROPERLY,
)
UNKNOWN_TRANSFORM = Kind(
    "signature-transform-unknown",
    Severity.WARNING,
    Sentence(
        vi="Khối chữ ký dùng phép biến đổi «{got}» không có trong chuẩn nào.",
        en="The signature block uses the transform “{got}”, which no standard knows.",
    ),
    _SIGN_PROPERLY,
)
_MISTAKEN = frozenset({"http://www.w3.org/TR/xml-exc-c14n#", "http://www.w3.org/TR/xml-exc-c14n"})


def check(package: Package) -> Iterator[Finding]:
    """Yield what is odd about the blocks that stand in the package's own namespace."""
    for element in each(package.parts.blocks, "Signature", "DigitalSignature"):
        block = block_of(element)
        if block.empty:
            continue
        yield WRONG_NAMESPACE.at(*place_of(element), element="Signature")
        for transform in block.transforms:
            if transform in _MISTAKEN:
                yield UNKNOWN_TRANSFORM.at(*place_of(element), got=transform)


RULE = PackageRule(
    id="signature-block",
    about=Text(
        vi="Khối chữ ký nằm trong không gian tên xmldsig và dùng các phép biến đổi có thật.",
        en="A signature block is in xmldsig's namespace, and its transforms exist.",
    ),
    citation=qcvn("chữ ký số của gói tin", "signature of the package"),
    effective=STANDARD_SINCE,
    kinds=(WRONG_NAMESPACE, UNKNOWN_TRANSFORM),
    check=check,
)
