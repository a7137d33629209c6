"""A file that somebody read as UTF-8 text and wrote again: every byte that was no text became U+FFFD.

Seen in real packages: a PDF still begins with %PDF, and no reader can open it. The bytes EF BF BD do occur in sound
files, in text or by chance, but a sound binary file is not valid UTF-8 as a whole; a destroyed one always is.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from schemas.edxml.attachments import Attachment
from schemas.edxml.file_kinds import is_binary
from schemas.edxml.rules.rule import CLERICAL_SINCE, AttachmentRule
from schemas.findings import Finding, Kind, Severity
from schemas.lengthy import File
from schemas.text import Sentence, Text

_READ_AS_BYTES = Sentence(
    vi="Đọc tệp ở chế độ nhị phân, mã hóa base64 trực tiếp từ các byte gốc rồi gửi lại.",
    en="Read the file as binary, encode base64 from its original bytes, and send again.",
)
PDF_DESTROYED = Kind(
    "pdf-destroyed",
    Severity.ERROR,
    Sentence(
        vi="Tệp PDF «{attachment}» đã hỏng: bị đọc và ghi lại như văn bản UTF-8 ({got} ký tự U+FFFD).",
        en="The PDF “{attachment}” is destroyed: it was read and written as UTF-8 text ({got} times U+FFFD).",
    ),
    _READ_AS_BYTES,
)
ATTACHMENT_DESTROYED = Kind(
    "attachment-destroyed",
    Severity.ERROR,
    Sentence(
        vi="Tệp đính kèm «{attachment}» đã hỏng: bị đọc và ghi lại như văn bản UTF-8 ({got} ký tự U+FFFD).",
        en="The attachment “{attachment}” is destroyed: it was read and written as UTF-8 text ({got} times U+FFFD).",
    ),
    _READ_AS_BYTES,
)

_REPLACEMENT = "\ufffd".encode()
_SLICE = 1024 * 1024
_FIRST = 1024


def check(attachment: Attachment) -> Iterator[Finding]:
    """Yield a finding if a binary file is valid UTF-8 with replacement characters: only a round trip makes both."""
    content = attachment.file()
    is_pdf = content[:4] == b"%PDF"
    if not (is_pdf or is_binary(attachment.info.name)) or not _is_damaged(content):
        return
    kind = PDF_DESTROYED if is_pdf else ATTACHMENT_DESTROYED
    yield attachment.finding(kind, got=str(_lost(content)))


def _is_damaged(content: File) -> bool:
    """Look at the beginning first: a sound PDF fails UTF-8 in its second line, however long it is."""
    if not _is_utf8([content[:_FIRST]], final=len(content) <= _FIRST):
        return False
    if isinstance(content, bytes) and (content.isascii() or _REPLACEMENT not in content):
        return False
    return _is_utf8(_slices(content), final=True) and _lost(content) > 0


def _is_utf8(pieces: Iterable[bytes], *, final: bool) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", final)
    except UnicodeDecodeError:
        return False
    return True


def _lost(content: File) -> int:
    """Return how often U+FFFD occurs."""
    if isinstance(content, bytes):
        return content.count(_REPLACEMENT)
    count, rest = 0, b""
    for piece in content.pieces():
        whole = rest + piece
        count += whole.count(_REPLACEMENT)
        rest = whole[-2:]  # too short to be counted twice
    return count


def _slices(content: File) -> Iterator[bytes]:
    if not isinstance(content, bytes):
        yield from content.pieces()
        return
    for start in range(0, len(content), _SLICE):
        yield content[start : start + _SLICE]


RULE = AttachmentRule(
    id="destroyed",
    about=Text(
        vi="Tệp đính kèm còn nguyên các byte gốc, không bị đọc và ghi lại như văn bản.",
        en="An attachment has its original bytes; nobody has read and written it as text.",
    ),
    citation=Text(
        vi="Nghị định 30/2020/NĐ-CP, Điều 21: kiểm tra tính toàn vẹn của văn bản điện tử",
        en="Decree 30/2020/NĐ-CP, article 21: the integrity of electronic documents is checked",
    ),
    effective=CLERICAL_SINCE,
    kinds=(PDF_DESTROYED, ATTACHMENT_DESTROYED),
    check=check,
)
