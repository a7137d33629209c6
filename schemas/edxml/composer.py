"""A package out of files: what a clerk knows of a document, and the rest as the standard would have it.

The identifier follows the documented form, the first hop is the sender's own, attachments are named after their
files. Whether the result is right is for `validator.inspect` to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.edxml.codes import ADMINISTRATIVE_KINDS, NORMATIVE_KINDS
from schemas.edxml.elements import Dialect
from schemas.edxml.envelope import (
    AttachmentInfo,
    Business,
    Envelope,
    Hop,
    Organization,
    PackageKind,
    Priority,
    Reference,
    Replacement,
    Signer,
)
from schemas.edxml.file_kinds import media_type_of
from schemas.edxml.reader import VIETNAM
from schemas.edxml.writer import write

Files = Sequence[tuple[str, bytes]]  # name and content


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What only the sender can say of a document."""

    sender: Organization
    receivers: tuple[Organization, ...]
    number: str
    notation: str
    subject: str
    issued_on: date
    place: str = ""
    type_name: str = "Công văn"
    due_on: date | None = None
    priority: Priority = Priority.NORMAL
    signer: Signer | None = None
    to_places: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()  # DocumentIds of the documents that this one replies to
    paper: bool = False
    document_id: str = ""
    kind: PackageKind = PackageKind.NEW
    about: str = ""  # DocumentId of the document acted on
    reason: str = ""


def compose(
    draft: Draft, files: Files, now: datetime, *, dialect: Dialect = "vnpt", zipped: bool = False
) -> bytes:
    """Return the package of a draft and its files."""
    enclosed = [
        (AttachmentInfo(content_id=str(number), name=name, content_type=media_type_of(name)), content)
        for number, (name, content) in enumerate(files, start=1)
    ]
    return write(_envelope(draft, now), enclosed, dialect=dialect, zipped=zipped)


def document_id_of(draft: Draft) -> str:
    """Return the identifier of a document: the one given, else code, date and number as the standard has them."""
    made = f"{draft.sender.code},{draft.issued_on:%Y/%m/%d},{draft.number}/{draft.notation}"
    return draft.document_id or made


def _envelope(draft: Draft, now: datetime) -> Envelope:
    return Envelope(
        kind=draft.kind,
        sender=draft.sender,
        receivers=draft.receivers,
        document_id=document_id_of(draft),
        number=draft.number,
        notation=draft.notation,
        place=draft.place,
        promulgated_on=draft.issued_on,
        type_code=_class_of(draft.type_name),
        type_detail="0",
        type_name=draft.type_name,
        subject=draft.subject,
        content=draft.subject,
        signer=draft.signer,
        due_on=draft.due_on,
        to_places=draft.to_places,
        priority=draft.priority,
        response_for=tuple(_answered(draft, each) for each in draft.answers),
        direction="false",
        steering_type="1",
        business=_business(draft),
        trace=(Hop(code=draft.sender.code, at=f"{now.astimezone(VIETNAM):%Y/%m/%d %H:%M:%S}"),),
    )


def _answered(draft: Draft, document_id: str) -> Reference:
    """Return how a document is cited by its identifier; one of another form is said to be the first receiver's."""
    parts = document_id.split(",")
    if len(parts) != 3:
        return Reference(organ_code=draft.receivers[0].code, document_id=document_id)
    organ_code, issued_on, code = (part.strip() for part in parts)
    return Reference(organ_code=organ_code, document_id=document_id, code=code, promulgated_on=issued_on)


def _class_of(type_name: str) -> str:
    """Return DocumentType/Type: 2 for what is administrative, or may be."""
    name = type_name.lower()
    return "1" if name in NORMATIVE_KINDS and name not in ADMINISTRATIVE_KINDS else "2"


def _business(draft: Draft) -> Business:
    receivers = tuple(receiver.code for receiver in draft.receivers)
    replaced = (Replacement(document_id=draft.about, receivers=receivers),)
    return Business(
        reason=draft.reason,
        document_id=draft.about,
        content_changed=draft.kind is PackageKind.UPDATE,
        replacements=replaced if draft.kind is PackageKind.REPLACE else (),
        paper=draft.paper,
    )
