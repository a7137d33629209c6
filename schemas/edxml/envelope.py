"""What an edXML package says, as frozen dataclasses. No XML here: `reader` makes these, `writer` takes them.

Names follow the standard's elements in snake case; the paragraph numbers in the comments are those of the regulation
(QCVN 102:2016/BTTTT, part 3) as far as they are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum


class PackageKind(StrEnum):
    """What a package does: the four values of BussinessDocType, or an answer (a status package)."""

    NEW = "new"  # BussinessDocType 0
    REVOKE = "revoke"  # 1
    UPDATE = "update"  # 2
    REPLACE = "replace"  # 3
    STATUS = "status"  # no BussinessDocType: MessageHeader/StatusCode is there instead


class Priority(IntEnum):
    """OtherInfo/Priority, 1.11. Higher goes first."""

    NORMAL = 0  # thường
    URGENT = 1  # khẩn
    VERY_URGENT = 2  # thượng khẩn
    EXPRESS = 3  # hỏa tốc
    TIMED_EXPRESS = 4  # hỏa tốc hẹn giờ


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """From or To, 1.1 and 1.2. `code` is OrganId."""

    code: str
    name: str = ""
    in_charge: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """StaffInfo, 2.2.5: the person who handled it."""

    department: str = ""
    name: str = ""
    mobile: str = ""
    email: str = ""
    department_id: str = ""
    staff_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """ResponseFor, 1.12: another document that this one answers. `code` is number/notation in one string."""

    organ_code: str
    document_id: str
    code: str = ""
    promulgated_on: str = ""  # as written: these are echoed, not calculated with


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """SignerInfo, 1.8: who signed the paper, in words. Says nothing about the digital signature."""

    competence: str = ""
    position: str = ""
    full_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverChange:
    """ReceiverList/Receiver of an update, 2.2.3: added to the receivers, or taken off."""

    code: str
    added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """ReplacementInfo, 2.2.8: a document that this one replaces, and for whom."""

    document_id: str
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """Bussiness, 2.2 (misspelt in the standard itself): what this package does to an earlier document."""

    reason: str = ""
    document_id: str = ""  # the document acted on; the samples leave it out for revoke and replace
    content_changed: bool = False
    receivers_changed: bool = False
    receiver_changes: tuple[ReceiverChange, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    staff: Staff | None = None
    paper: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """TraceHeader, 2.1: a system that the package passed. `code` is "" when missing or the literal "null"."""

    code: str
    at: str  # as written, yyyy/MM/dd HH:mm:ss in UTC+7


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentInfo:
    """One attachment as the manifest and the Attachment element describe it. `content_id` is without `cid:`."""

    content_id: str
    name: str
    content_type: str
    description: str = ""
    field_name: str = ""  # these two are a vendor's additions
    mime_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAnswer:
    """What a status package says beside ResponseFor: StatusCode, Description, Timestamp, StaffInfo."""

    code: str  # two digits, as written: "01"; 14 is kept and read as 15
    description: str = ""
    at: datetime | None = None  # aware; written without a zone, which means UTC+7
    staff: Staff | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Everything that a package says about itself, whichever dialect it was written in.

    A status package has one receiver, the organisation of its ResponseFor, and `document_id`, `number` and `notation`
    are those of the document that it answers.
    """

    kind: PackageKind
    sender: Organization
    receivers: tuple[Organization, ...]
    document_id: str
    number: str = ""
    notation: str = ""
    place: str = ""
    promulgated_on: date | None = None
    type_code: str = ""  # DocumentType/Type: unreliable, see docs
    type_detail: str = ""
    type_name: str = ""
    subject: str = ""
    content: str = ""
    signer: Signer | None = None
    due_on: date | None = None
    to_places: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    sphere: str = ""
    typist: str = ""
    copies: str = ""
    pages: str = ""
    reply_fors: str = ""  # these three are a vendor's additions
    direction: str = ""
    reference_codes: str = ""
    appendixes: tuple[str, ...] = ()
    response_for: tuple[Reference, ...] = ()
    steering_type: str = ""
    task_codes: tuple[str, ...] = ()
    application_type: str = ""
    business: Business | None = None
    trace: tuple[Hop, ...] = ()
    attachments: tuple[AttachmentInfo, ...] = ()
    status: StatusAnswer | None = None

    @property
    def code(self) -> str:
        """Number and notation as people cite them: 7816/VPCP-TTĐT."""
        return (
            f"{self.number}/{self.notation}"
            if self.number and self.notation
            else self.number or self.notation
        )

    @property
    def acts_on(self) -> tuple[str, ...]:
        """DocumentIds that this package may be about, most likely first.

        Revoke and replace packages come without Bussiness/DocumentId, so MessageHeader/DocumentId follows, and for a
        replacement the replaced documents.
        """
        named = (self.business.document_id,) if self.business and self.business.document_id else ()
        replaced = tuple(r.document_id for r in self.business.replacements) if self.business else ()
        return tuple(dict.fromkeys((*named, self.document_id, *replaced)))
