"""A PDF that somebody read as UTF-8 text and wrote again: every byte that was no text became U+FFFD.

Seen in real packages: the file still begins with %PDF, and no reader can open it. The bytes EF BF BD do occur in
sound PDFs, in text or by chance, but a sound PDF with a compressed stream is not valid UTF-8 as a whole; a destroyed
one always is.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import date

from schemas.edxml.attachments import Attachment
from schemas.edxml.rules.rule import AttachmentRule
from schemas.findings import Finding, Kind, Severity
from schemas.text import Sentence, Text

PDF_DESTROYED = Kind(
    "pdf-destroyed",
    Severity.ERROR,
    Sentence(
        vi="Tệp PDF «{attachment}» đã hỏng: bị đọc và ghi lại như văn bản UTF-8 ({got} ký tự U+FFFD).",
        en="The PDF “{attachment}” is destroyed: it was read and written as UTF-8 text ({got} times U+FFFD).",
    ),
    Sentence(
        vi="Đọc tệp ở chế độ nhị phân, mã hóa base64 trực tiếp từ các byte gốc rồi gửi lại.",
        en="Read the file as binary, encode base64 from its original bytes, and send again.",
    ),
)

_REPLACEMENT = "\ufffd".encode()
_SLICE = 1024 * 1024


def check(attachment: Attachment) -> Iterator[Finding]:
    """Yield a finding if the PDF is valid UTF-8 and holds replacement characters: only a round trip makes both."""
    content = attachment.payload()
    # UTF-8 first: a sound PDF fails it in its second line, the longest one too.
    if content.startswith(b"%PDF") and _is_utf8(content) and (found := content.count(_REPLACEMENT)):
        yield attachment.finding(PDF_DESTROYED, got=str(found))


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _SLICE):
            decoder.decode(content[start : start + _SLICE])
    except UnicodeDecodeError:
        return False
    return True


RULE = AttachmentRule(
    id="destroyed-pdf",
    citation=Text(
        vi="Nghị định 30/2020/NĐ-CP, Điều 21: kiểm tra tính toàn vẹn của văn bản điện tử",
        en="Decree 30/2020/NĐ-CP, article 21: the integrity of electronic documents is checked",
    ),
    effective=date(2020, 3, 5),
    kinds=(PDF_DESTROYED,),
    check=check,
)
