"""The documents of the demo: written by the standard, with a small PDF each, and signed by the sender.

What they say is invented. Their dates are today's, in Vietnam.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from hub.demo.cast import Cast
from schemas.edxml import writer
from schemas.edxml.envelope import (
    AttachmentInfo,
    Business,
    Envelope,
    Organization,
    PackageKind,
    Priority,
    Reference,
    Replacement,
    Signer,
    StatusAnswer,
)
from signing.keys import SigningKey
from signing.xml import sign

VIETNAM = timezone(timedelta(hours=7))
CITED = "%Y/%m/%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an author decides; `write` adds what the standard asks for beside it."""

    sender: str
    to: tuple[str, ...]
    number: str
    notation: str
    subject: str
    type_name: str = "Công văn"
    priority: Priority = Priority.NORMAL
    answers: Envelope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A package as its sender hands it in. Status packages are not signed: the standard has no place for it."""

    envelope: Envelope
    content: bytes


def write(draft: Draft, cast: Cast, key: SigningKey, now: datetime) -> Paper:
    """Write and sign a new document."""
    today = now.astimezone(VIETNAM).date()
    sender = cast[draft.sender]
    return signed(
        Envelope(
            kind=PackageKind.NEW,
            sender=replace(sender.organization, code=draft.sender),
            receivers=tuple(replace(cast[code].organization, code=code) for code in draft.to),
            document_id=f"{draft.sender},{today.strftime(CITED)},{draft.number}/{draft.notation}",
            number=draft.number,
            notation=draft.notation,
            place="Hà Nội" if sender.organization.in_charge == sender.name else "Quảng Ninh",
            promulgated_on=today,
            type_code="2",
            type_name=draft.type_name,
            subject=draft.subject,
            content=draft.subject,
            signer=Signer(position="Người ký thử nghiệm", full_name="Nguyễn Văn Mẫu"),
            to_places=tuple(cast[code].name for code in draft.to),
            priority=draft.priority,
            response_for=(reference(draft.answers),) if draft.answers else (),
            steering_type="0",
        ),
        key,
    )


def updated(paper: Paper, to: Sequence[str], subject: str, reason: str, key: SigningKey) -> Paper:
    """Write the update of a document: the same document with another content."""
    business = Business(reason=reason, document_id=paper.envelope.document_id, content_changed=True)
    envelope = replace(paper.envelope, kind=PackageKind.UPDATE, subject=subject, content=subject)
    return signed(_about(envelope, to, business), key)


def replaced(paper: Paper, by: Draft, reason: str, cast: Cast, key: SigningKey, now: datetime) -> Paper:
    """Write the document that takes another one's place."""
    instead = Replacement(document_id=paper.envelope.document_id, receivers=by.to)
    business = Business(reason=reason, document_id=paper.envelope.document_id, replacements=(instead,))
    envelope = replace(write(by, cast, key, now).envelope, kind=PackageKind.REPLACE)
    return signed(_about(envelope, by.to, business), key)


def revoked(paper: Paper, to: Sequence[str], reason: str, key: SigningKey) -> Paper:
    """Write the revocation of a document."""
    business = Business(reason=reason, document_id=paper.envelope.document_id)
    return signed(_about(replace(paper.envelope, kind=PackageKind.REVOKE), to, business), key)


def status(
    document: Envelope, speaker: Organization, to: Organization, code: str, description: str, now: datetime
) -> Paper:
    """Write the status package by which an agency says how a document stands with it, or asks it back (13)."""
    envelope = Envelope(
        kind=PackageKind.STATUS,
        sender=speaker,
        receivers=(to,),
        document_id=document.document_id,
        number=document.number,
        notation=document.notation,
        response_for=(replace(reference(document), organ_code=to.code),),
        status=StatusAnswer(
            code=code, description=description, at=now.astimezone(VIETNAM).replace(microsecond=0)
        ),
    )
    return Paper(envelope=envelope, content=writer.write(envelope))


def reference(document: Envelope) -> Reference:
    """Return how others cite a document."""
    issued = document.promulgated_on
    return Reference(
        organ_code=document.sender.code,
        document_id=document.document_id,
        code=document.code,
        promulgated_on=issued.strftime(CITED) if issued else "",
    )


def signed(envelope: Envelope, key: SigningKey) -> Paper:
    """Put the PDF of a document beside its envelope, and sign all of it."""
    info = AttachmentInfo(
        content_id=f"{envelope.number}.{envelope.kind}",
        name=f"{envelope.number}-{plain(envelope.notation)}.pdf".replace("/", "-"),
        content_type="application/pdf",
    )
    envelope = replace(envelope, attachments=(info,))
    content = writer.write(envelope, [(info, pdf(_lines(envelope)))])
    return Paper(envelope=envelope, content=sign(content, key))


def pdf(lines: Sequence[str]) -> bytes:
    """Return one page with these lines. Its letters are those of a standard font, which has no Vietnamese ones."""
    shown = " ".join(f"({_escaped(plain(line))}) Tj T*" for line in lines)
    text = f"BT /F1 13 Tf 20 TL 60 780 Td {shown} ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    written, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(written))
    )


def plain(text: str) -> str:
    """Return a text in plain letters."""
    parts = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return parts.encode("ascii", "ignore").decode()


def _about(envelope: Envelope, to: Sequence[str], business: Business) -> Envelope:
    known = {each.code: each for each in envelope.receivers}
    return replace(envelope, receivers=tuple(known[code] for code in to), business=business)


def _lines(envelope: Envelope) -> tuple[str, ...]:
    day = envelope.promulgated_on or date.min
    return (
        envelope.sender.name,
        f"Số: {envelope.code}",
        f"{envelope.place}, ngày {day:%d} tháng {day:%m} năm {day:%Y}",
        "",
        *(envelope.subject[start : start + 70] for start in range(0, len(envelope.subject), 70)),
        "",
        "Văn bản thử nghiệm của edochub, không có giá trị.",
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
