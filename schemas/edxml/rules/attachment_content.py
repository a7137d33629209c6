"""The content of an attachment is what its name says. A warning: the receiver should know before opening it."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.edxml.attachments import Attachment
from schemas.edxml.file_kinds import keeps_promise, kind_of
from schemas.edxml.rules.rule import CLERICAL_SINCE, AttachmentRule
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


def check(attachment: Attachment) -> Iterator[Finding]:
    """Yield a warning if the first bytes are not those of the kind of file that the name promises."""
    content = attachment.file()
    if not keeps_promise(attachment.info.name, content):
        yield attachment.finding(CONTENT_UNLIKE_NAME, got=kind_of(content).name)


RULE = AttachmentRule(
    id="attachment-content",
    about=Text(
        vi="Nội dung tệp đính kèm đúng với phần mở rộng của tên tệp.",
        en="The content of an attachment is what its name says.",
    ),
    citation=Text(
        vi="Nghị định 30/2020/NĐ-CP, Điều 21: kiểm tra tính xác thực của văn bản điện tử",
        en="Decree 30/2020/NĐ-CP, article 21: the authenticity of electronic documents is checked",
    ),
    effective=CLERICAL_SINCE,
    kinds=(CONTENT_UNLIKE_NAME,),
    check=check,
)
