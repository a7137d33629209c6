"""A zip archive among the attachments is safe to open: no bomb, no path that leads elsewhere, no password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.edxml.archive import BOMB, ENCRYPTED, SAME_NAME, UNREADABLE, UNSAFE_NAME
from schemas.edxml.attachments import Attachment
from schemas.edxml.rules.rule import AttachmentRule
from schemas.findings import Finding, InvalidDocument
from schemas.text import Text


def check(attachment: Attachment) -> Iterator[Finding]:
    """Yield why an archive must not be opened."""
    try:
        attachment.file()
    except InvalidDocument as unsafe:
        yield from unsafe.findings


RULE = AttachmentRule(
    id="attachment-archive",
    about=Text(
        vi="Tệp nén đính kèm mở ra an toàn: không phải bom nén, không có đường dẫn nguy hiểm, không đặt mật khẩu.",
        en="A zip archive among the attachments is safe to open: no bomb, no path that leads elsewhere, no password.",
    ),
    citation=Text(
        vi="Quyết định 28/2018/QĐ-TTg, yêu cầu bảo đảm an toàn thông tin khi gửi, nhận văn bản điện tử",
        en="Decision 28/2018/QĐ-TTg, duty to keep the exchange of electronic documents secure",
    ),
    effective=date(2018, 9, 6),
    kinds=(UNREADABLE, BOMB, UNSAFE_NAME, SAME_NAME, ENCRYPTED),
    check=check,
)
