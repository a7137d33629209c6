"""A refusal as a letter: a text file that whoever dropped the package opens and acts on, Vietnamese first.

It says what was refused, when, why, each finding with its place and its remedy, and what to do next. Written
for the plainest reader there is, Notepad: UTF-8 with its mark at the beginning, lines that end in CR LF.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from hub.errors import Refusal
from hub.show import place, when
from schemas.findings import Severity
from schemas.text import LANGUAGES, Text, speaking

TITLE = Text(vi="TRỤC LIÊN THÔNG TỪ CHỐI GÓI TIN", en="THE HUB REFUSES THIS PACKAGE")
FILE = Text(vi="Tệp", en="File")
AT = Text(vi="Thời điểm (giờ Việt Nam)", en="Time (Vietnam)")
REFERENCE = Text(vi="Mã tra cứu", en="Reference")
REASON = Text(vi="Lý do", en="Reason")
REMEDY = Text(vi="Cách khắc phục", en="Remedy")
WARNING = Text(vi="Lưu ý", en="Note")
FINDINGS = Text(vi="Chi tiết:", en="Findings:")
NEXT = Text(
    vi="Gói tin chưa được gửi tới nơi nhận nào. Hãy sửa theo hướng dẫn trên rồi thả lại vào thư mục inbox.",
    en="The package went to nobody. Mend what is said above and drop it into the inbox again.",
)
BETWEEN = "-" * 72


def letter(refusal: Refusal, file: str, at: datetime) -> bytes:
    """Return the letter about one refused file."""
    parts = []
    for language in LANGUAGES:
        with speaking(language):
            parts.append("\n".join(_lines(refusal, file, at)))
    return f"\n\n{BETWEEN}\n\n".join(parts).replace("\n", "\r\n").encode("utf-8-sig") + b"\r\n"


def _lines(refusal: Refusal, file: str, at: datetime) -> Iterator[str]:
    yield f"{TITLE}\n"
    yield f"{FILE}: {file}"
    yield f"{AT}: {when(at)}"
    if refusal.id:
        yield f"{REFERENCE}: {refusal.id}"
    yield f"{REASON}: {refusal.message} ({refusal.code})\n"
    if refusal.findings:
        yield f"{FINDINGS}\n"
    for number, finding in enumerate(refusal.findings, start=1):
        note = f"{WARNING}: " if finding.severity is Severity.WARNING else ""
        yield f"{number}. {place(finding)}{note}{finding.message} ({finding.code})"
        yield f"   {REMEDY}: {finding.remedy}\n"
    yield str(NEXT)
