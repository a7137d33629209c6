"""An attachment is valid base64, and not empty."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.edxml.attachments import BASE64_BROKEN, EMPTY_ATTACHMENT, Attachment
from schemas.edxml.rules.rule import STANDARD_SINCE, AttachmentRule, qcvn
from schemas.findings import Finding, InvalidDocument
from schemas.text import Text


def check(attachment: Attachment) -> Iterator[Finding]:
    """Yield why an attachment cannot be decoded."""
    try:
        content = attachment.content()
    except InvalidDocument as broken:
        yield from broken.findings
        return
    if not content:
        yield attachment.finding(EMPTY_ATTACHMENT)


RULE = AttachmentRule(
    id="attachment-encoding",
    about=Text(
        vi="Tệp đính kèm là base64 hợp lệ và không rỗng.",
        en="An attachment is valid base64, and not empty.",
    ),
    citation=qcvn("nội dung tệp đính kèm", "content of attachments"),
    effective=STANDARD_SINCE,
    kinds=(BASE64_BROKEN, EMPTY_ATTACHMENT),
    check=check,
)
