"""What kind of file this is, told by its octets and never by its name."""

from __future__ import annotations

import re
from enum import StrEnum

from schemas.text import Text

ASIC_TYPE = b"application/vnd.etsi.asic-e+zip"
_PDF_WITHIN = 1024  # octets: ISO 32000-1, 7.5.2 and what readers accept
_NOTE = re.compile(rb"\n\n(?:\xe2\x80\x94 \S+ [A-Za-z0-9+/=]+\n)+\Z")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # the OID that a CMS SignedData begins with


class FileKind(StrEnum):
    """The files that can be verified."""

    PACKAGE = "package"
    PDF = "pdf"
    CONTAINER = "container"  # ASiC-E; `evidence` when it is one of ours
    RECEIPT = "receipt"
    CHECKPOINT = "checkpoint"
    UNKNOWN = "unknown"


NAMES: dict[str, Text] = {
    "package": Text(vi="Gói tin edXML", en="edXML package"),
    "pdf": Text(vi="Tệp PDF", en="PDF file"),
    "container": Text(vi="Gói chứa ASiC-E", en="ASiC-E container"),
    "evidence": Text(vi="Bằng chứng trao đổi văn bản", en="Evidence of an exchange"),
    "receipt": Text(vi="Biên nhận của trục", en="Receipt of the hub"),
    "checkpoint": Text(vi="Mốc niêm phong của sổ nhật ký", en="Checkpoint of the ledger"),
    "unknown": Text(vi="Tệp không rõ loại", en="File of no known kind"),
}


def kind_of(content: bytes) -> FileKind:
    """Return what these octets are. Looks at a few of them; whoever reads the file goes on to check it all."""
    if content.startswith(b"PK\x03\x04"):
        return FileKind.CONTAINER
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return FileKind.PDF
    if content[:1] == b"\x30" and _SIGNED_DATA in content[:32]:
        return FileKind.RECEIPT
    if _NOTE.search(content[-65_536:]):
        return FileKind.CHECKPOINT
    if content[:_PDF_WITHIN].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return FileKind.PACKAGE
    return FileKind.UNKNOWN
