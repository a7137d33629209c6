"""What a file is, told by its first bytes, and what its name promises.

Only what agencies send each other is known. Office files are zip archives: which of them one is, its table of
contents tells; that is looked for where it must stand, without unpacking anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.lengthy import File
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: what people call it, its media type, how it begins."""

    name: Text
    media_type: str
    beginnings: tuple[bytes, ...]


def _kind(vi: str, en: str, media_type: str, *beginnings: bytes) -> FileKind:
    return FileKind(Text(vi=vi, en=en), media_type, beginnings)


_ZIP = b"PK\x03\x04"
PDF = _kind("PDF", "PDF", "application/pdf", b"%PDF")
OLE = _kind(
    "tệp Office đời cũ",
    "an old Office file",
    "application/x-ole-storage",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
)  # Word, Excel, PowerPoint before 2007; encrypted ones since
WORD = _kind(
    "văn bản Word", "a Word document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)  # fmt: skip
SHEET = _kind(
    "bảng tính Excel", "an Excel sheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)
SLIDES = _kind(
    "bài trình chiếu PowerPoint", "a PowerPoint presentation",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
)  # fmt: skip
OPEN_DOCUMENT = _kind("tệp OpenDocument", "an OpenDocument file", "application/vnd.oasis.opendocument")
ZIP = _kind("tệp nén zip", "a zip archive", "application/zip", _ZIP, b"PK\x05\x06")
RAR = _kind("tệp nén RAR", "a RAR archive", "application/vnd.rar", b"Rar!")
SEVEN_ZIP = _kind("tệp nén 7z", "a 7z archive", "application/x-7z-compressed", b"7z\xbc\xaf\x27\x1c")
RTF = _kind("RTF", "RTF", "application/rtf", b"{\\rtf")
PNG = _kind("ảnh PNG", "a PNG image", "image/png", b"\x89PNG")
JPEG = _kind("ảnh JPEG", "a JPEG image", "image/jpeg", b"\xff\xd8\xff")
GIF = _kind("ảnh GIF", "a GIF image", "image/gif", b"GIF8")
TIFF = _kind("ảnh TIFF", "a TIFF image", "image/tiff", b"II*\x00", b"MM\x00*")
PROGRAM = _kind("chương trình chạy trên Windows", "a Windows program", "application/vnd.microsoft.portable-executable",
                b"MZ")  # fmt: skip
TWICE = _kind("PDF bị mã hóa base64 hai lần", "a PDF encoded in base64 twice", "text/plain", b"JVBERi0")
XML = _kind("XML hoặc HTML", "XML or HTML", "application/xml", b"<", b"\xef\xbb\xbf<")
EDXML = _kind("gói tin edXML", "an edXML package", "application/xml")
TEXT = _kind("văn bản thuần", "plain text", "text/plain")
UNKNOWN = _kind("không nhận ra được", "of no kind that is known here", "application/octet-stream")

_BY_BEGINNING = (
    PDF, OLE, ZIP, RAR, SEVEN_ZIP, RTF, PNG, JPEG, GIF, TIFF, PROGRAM, TWICE, XML,
)  # fmt: skip
_IN_ZIP = ((b"word/", WORD), (b"xl/", SHEET), (b"ppt/", SLIDES))

# What each suffix promises. Word opens three kinds under .doc, and spreadsheets are sent as HTML under .xls.
_PROMISES: dict[str, tuple[FileKind, ...]] = {
    ".pdf": (PDF,),
    ".doc": (OLE, RTF, WORD, ZIP),
    ".xls": (OLE, SHEET, ZIP, XML),
    ".ppt": (OLE, SLIDES, ZIP),
    ".docx": (WORD, ZIP, OLE),
    ".xlsx": (SHEET, ZIP, OLE),
    ".pptx": (SLIDES, ZIP, OLE),
    ".odt": (OPEN_DOCUMENT, ZIP),
    ".ods": (OPEN_DOCUMENT, ZIP),
    ".odp": (OPEN_DOCUMENT, ZIP),
    ".zip": (ZIP,),
    ".rar": (RAR,),
    ".7z": (SEVEN_ZIP,),
    ".rtf": (RTF,),
    ".png": (PNG,),
    ".jpg": (JPEG,),
    ".jpeg": (JPEG,),
    ".gif": (GIF,),
    ".tif": (TIFF,),
    ".tiff": (TIFF,),
    ".xml": (XML, EDXML),
    ".edxml": (XML, EDXML),
}
_MEDIA_TYPES = {".txt": TEXT.media_type, ".doc": "application/msword", ".xls": "application/vnd.ms-excel"}
OFFICE_SUFFIXES = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"})
_LOOKED_AT = 1024  # PDF readers accept a PDF that begins within so many bytes


def suffix_of(name: str) -> str:
    """Return the suffix of a file's name in lower case, with its dot."""
    stem, dot, suffix = name.replace("\\", "/").rpartition("/")[2].rpartition(".")
    return f".{suffix}".lower() if stem and dot and suffix else ""


def kind_of(content: File) -> FileKind:
    """Return what a file is."""
    head = content[:_LOOKED_AT]
    for kind in _BY_BEGINNING:
        if head.startswith(kind.beginnings):
            return _in_zip(content) if kind is ZIP else _of_xml(head) if kind is XML else kind
    bare = head.lstrip()
    if PDF.beginnings[0] in head:
        return PDF
    if bare.startswith(XML.beginnings):
        return _of_xml(head)
    return TEXT if _is_text(head) else UNKNOWN


def keeps_promise(name: str, content: File) -> bool:
    """Return whether a file is what its suffix promises; a suffix that nobody knows promises nothing."""
    promised = _PROMISES.get(suffix_of(name))
    return promised is None or kind_of(content) in promised


def is_binary(name: str) -> bool:
    """Return whether a file of that name is one that no text editor can have written."""
    return suffix_of(name) in _PROMISES and suffix_of(name) not in {".xml", ".edxml", ".rtf", ".xls"}


def media_type_of(name: str) -> str:
    """Return the media type for a file of that name."""
    suffix = suffix_of(name)
    promised = _PROMISES.get(suffix)
    return _MEDIA_TYPES.get(suffix) or (promised[0] if promised else UNKNOWN).media_type


def _in_zip(content: File) -> FileKind:
    """Tell an Office file from a plain archive by the names in its table of contents, which stands at the end."""
    if content[30:38] == b"mimetype" and content[38:73].startswith(b"application/vnd.oasis.opendocument"):
        return OPEN_DOCUMENT
    contents = content[-65_536:]
    if b"[Content_Types].xml" not in contents:
        return ZIP
    return next((kind for folder, kind in _IN_ZIP if folder in contents), ZIP)


def _of_xml(head: bytes) -> FileKind:
    return EDXML if b"QCVN_102_2016" in head else XML


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head[: len(head) - 3 if len(head) == _LOOKED_AT else None].decode("utf-8")
    except UnicodeDecodeError as error:
        return len(head) == _LOOKED_AT and error.start > len(head) - 8
    return bool(head)
