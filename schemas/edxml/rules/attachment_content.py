"""The content of an attachment is what its name says. A warning: the receiver should know before opening it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath

from schemas.edxml.attachments import Attachment
from schemas.edxml.rules.rule import AttachmentRule
from schemas.findings import Finding, Kind, Severity
from schemas.text import Sentence, Text

CONTENT_UNLIKE_NAME = Kind(
    "attachment-content-unlike-name",
    Severity.WARNING,
    Sentence(
        vi="Tệp đính kèm «{attachment}» có nội dung không đúng với phần mở rộng của tên: nội dung là {got}.",
        en="The content of the attachment “{attachment}” is not what its name says: it is {got}.",
    ),
    Sentence(
        vi="Kiểm tra tệp đính kèm; đặt tên đúng với loại nội dung.",
        en="Check the attachment, and name it after what it is.",
    ),
)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word, Excel, PowerPoint before 2007; encrypted ones since
_ZIP = b"PK\x03\x04"
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF",),
    ".doc": (_OLE, b"{\\rtf", _ZIP),  # Word opens all three under this name
    ".xls": (_OLE, _ZIP, b"<"),
    ".ppt": (_OLE, _ZIP),
    ".docx": (_ZIP, _OLE),
    ".xlsx": (_ZIP, _OLE),
    ".pptx": (_ZIP, _OLE),
    ".odt": (_ZIP,),
    ".ods": (_ZIP,),
    ".zip": (_ZIP, b"PK\x05\x06"),
    ".rar": (b"Rar!",),
    ".7z": (b"7z\xbc\xaf\x27\x1c",),
    ".rtf": (b"{\\rtf",),
    ".png": (b"\x89PNG",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF8",),
    ".tif": (b"II*\x00", b"MM\x00*"),
    ".tiff": (b"II*\x00", b"MM\x00*"),
    ".xml": (b"<", b"\xef\xbb\xbf<"),
    ".edxml": (b"<", b"\xef\xbb\xbf<"),
}
_NAMES: tuple[tuple[bytes, Text], ...] = (
    (b"%PDF", Text(vi="PDF", en="PDF")),
    (_OLE, Text(vi="tệp Office dạng cũ", en="an old Office file")),
    (_ZIP, Text(vi="zip hoặc tệp Office", en="a zip archive or Office file")),
    (b"\x89PNG", Text(vi="ảnh PNG", en="a PNG image")),
    (b"\xff\xd8\xff", Text(vi="ảnh JPEG", en="a JPEG image")),
    (b"{\\rtf", Text(vi="RTF", en="RTF")),
    (b"MZ", Text(vi="chương trình chạy trên Windows", en="a Windows program")),
    (b"<", Text(vi="XML hoặc HTML", en="XML or HTML")),
)


def check(attachment: Attachment) -> Iterator[Finding]:
    """Yield a warning if the first bytes are not those of the kind of file that the name promises."""
    promised = _BEGINNINGS.get(PurePosixPath(attachment.info.name).suffix.lower())
    if promised is None:
        return
    content = attachment.payload()
    head = content[:1024].lstrip() if promised[0].startswith((b"%", b"<")) else content[:16]
    # Readers accept a PDF that begins within the first 1024 bytes.
    if head.startswith(promised) or (promised == (b"%PDF",) and b"%PDF" in head):
        return
    got = next((name for start, name in _NAMES if content.startswith(start)), None)
    unknown = Text(vi="không nhận ra được", en="of no kind that is known here")
    yield attachment.finding(CONTENT_UNLIKE_NAME, got=got or unknown)


RULE = AttachmentRule(
    id="attachment-content",
    citation=Text(
        vi="Nghị định 30/2020/NĐ-CP, Điều 21: kiểm tra tính xác thực của văn bản điện tử",
        en="Decree 30/2020/NĐ-CP, article 21: the authenticity of electronic documents is checked",
    ),
    effective=date(2020, 3, 5),
    kinds=(CONTENT_UNLIKE_NAME,),
    check=check,
)
