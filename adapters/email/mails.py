"""The mails that we write: a delivery, and a refusal. Both say that a machine wrote them (RFC 3834).

What a stranger wrote goes through `harmless` first: cut, without control characters, and without what a mail program
would decode into something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from adapters.email.address import Address
from hub.errors import Refusal
from hub.model import Parcel
from hub.show import place, when
from schemas.findings import Severity, shortened
from schemas.text import LANGUAGES, Text, speaking

BETWEEN = "-" * 72
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")

DELIVERED = Text(
    vi="TRỤC LIÊN THÔNG VĂN BẢN CHUYỂN ĐẾN QUÝ CƠ QUAN MỘT VĂN BẢN",
    en="THE DOCUMENT HUB BRINGS YOU A DOCUMENT",
)
CODE = Text(vi="Số, ký hiệu", en="Number")
SUBJECT = Text(vi="Trích yếu", en="Subject")
SENDER = Text(vi="Nơi gửi", en="From")
TO = Text(vi="Nơi nhận", en="To")
DELIVERY = Text(vi="Mã lượt chuyển", en="Delivery")
DIGEST = Text(vi="SHA-256 của tệp đính kèm", en="SHA-256 of the attached file")
HOW = Text(
    vi="Văn bản nằm trong tệp đính kèm (gói tin edXML). Nếu cùng một mã lượt chuyển đến hai lần thì đó là một văn bản.",
    en="The document is the file attached (an edXML package). The same delivery twice is one document.",
)

REFUSED = Text(vi="TRỤC LIÊN THÔNG TỪ CHỐI THƯ NÀY", en="THE HUB REFUSES THIS MAIL")
FILE = Text(vi="Tệp", en="File")
AT = Text(vi="Thời điểm (giờ Việt Nam)", en="Time (Vietnam)")
REFERENCE = Text(vi="Mã tra cứu", en="Reference")
REASON = Text(vi="Lý do", en="Reason")
REMEDY = Text(vi="Cách khắc phục", en="Remedy")
WARNING = Text(vi="Lưu ý", en="Note")
NEXT = Text(
    vi="Những gói tin nêu trên chưa được gửi tới nơi nhận nào. Hãy sửa theo hướng dẫn rồi gửi thư mới.",
    en="The packages named above went to nobody. Mend what is said and send another mail.",
)
TAKEN = Text(
    vi="Trục đã nhận các gói tin khác trong thư này; không cần gửi lại chúng.",
    en="The hub took the other packages of this mail; they need not be sent again.",
)


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of a mail that was refused. The name is a stranger's."""

    name: str
    refusal: Refusal


def harmless(words: str) -> str:
    """Return a stranger's words as they may stand in a header or a line."""
    return " ".join(str(shortened(words)).split()).replace("=?", "= ?")


def delivery(parcel: Parcel, address: Address) -> EmailMessage:
    """Return the mail that a parcel travels in: the same each time, but for the boundaries of its parts."""
    message = parcel.message
    mail = _mail(address, message.accepted_at)
    mail["Subject"] = f"[edXML] {harmless(message.code)} {harmless(message.subject)}"
    mail["Message-ID"] = f"<{parcel.id}@{_domain(address)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Edochub-Delivery"] = parcel.id
    mail["Edochub-Message"] = message.id
    _write(mail, "\n".join(_about(parcel)))
    mail.add_attachment(parcel.content, "application", "xml", filename=f"{parcel.id}.edxml")
    return mail


def _about(parcel: Parcel) -> Iterator[str]:
    message = parcel.message
    for number, language in enumerate(LANGUAGES):
        with speaking(language):
            if number:
                yield f"\n{BETWEEN}\n"
            yield f"{DELIVERED}\n"
            yield f"{CODE}: {harmless(message.code)}"
            yield f"{SUBJECT}: {harmless(message.subject)}"
            yield f"{SENDER}: {harmless(message.sender_name)} ({harmless(message.sender)})"
            yield f"{TO}: {harmless(parcel.addressee)}"
            yield f"{DELIVERY}: {parcel.id}"
            yield f"{DIGEST}: {message.sha256}\n"
            yield str(HOW)


def refusal(
    refused: Sequence[Refused], address: Address, at: datetime, key: str, answers: str, *, others: bool
) -> EmailMessage:
    """Return the mail that says what of a mail was refused, and why.

    `key` is the same whenever the same mail is refused; `answers` is the refused mail's Message-ID, as it wrote it;
    `others` tells that the hub took something else of it.
    """
    mail = _mail(address, at)
    mail["Subject"] = "Trục từ chối gói tin / The hub refuses a package"
    mail["Message-ID"] = f"<refused.{key}@{_domain(address)}>"
    mail["Auto-Submitted"] = "auto-replied"
    if MESSAGE_ID.fullmatch(answers):
        mail["In-Reply-To"] = answers
    parts = []
    for language in LANGUAGES:
        with speaking(language):
            parts.append("\n".join(_why(refused, at, others)))
    _write(mail, f"\n\n{BETWEEN}\n\n".join(parts))
    return mail


def _why(refused: Sequence[Refused], at: datetime, others: bool) -> Iterator[str]:
    yield f"{REFUSED}\n"
    yield f"{AT}: {when(at)}\n"
    for each in refused:
        why = each.refusal
        if each.name:
            yield f"{FILE}: {harmless(each.name)}"
        if why.id:
            yield f"{REFERENCE}: {why.id}"
        yield f"{REASON}: {why.message} ({why.code})"
        for number, finding in enumerate(why.findings, start=1):
            note = f"{WARNING}: " if finding.severity is Severity.WARNING else ""
            yield f"{number}. {place(finding)}{note}{finding.message} ({finding.code})"
            yield f"   {REMEDY}: {finding.remedy}"
        yield ""
    yield str(NEXT)
    if others:
        yield str(TAKEN)


def _mail(address: Address, at: datetime) -> EmailMessage:
    mail = EmailMessage(SMTP)
    mail["From"] = address.sender
    mail["To"] = address.to
    mail["Date"] = format_datetime(at)
    mail["X-Auto-Response-Suppress"] = "All"  # Exchange asks for it beside RFC 3834
    return mail


def _write(mail: EmailMessage, text: str) -> None:
    mail.set_content(text + "\n", cte="base64")  # no server on the way has a reason to touch it


def _domain(address: Address) -> str:
    return address.sender.rpartition("@")[2]
