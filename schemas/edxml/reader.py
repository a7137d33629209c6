"""From the tree of a package to its `Envelope`.

Tolerant: any prefix, any order, missing optional blocks, the additions and quirks of real systems. Never raises for a
value: what cannot be read (a date that is none, a priority nobody knows) is left at its default, and a rule in
`rules/` says so. So an envelope is only to be trusted once the rules have passed.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from lxml import etree

from schemas.edxml.codes import KINDS_OF_PACKAGE, priority_of
from schemas.edxml.envelope import (
    AttachmentInfo,
    Business,
    Envelope,
    Hop,
    Organization,
    PackageKind,
    Priority,
    ReceiverChange,
    Reference,
    Replacement,
    Signer,
    Staff,
    StatusAnswer,
)
from schemas.edxml.package import Children, Parts, first, parts_of, text_of, words

VIETNAM = timezone(timedelta(hours=7))  # times are written without a zone; no daylight saving


def read(tree: etree._ElementTree) -> Envelope:
    """Return what a package says."""
    return read_parts(parts_of(tree))


def read_parts(parts: Parts) -> Envelope:
    """Return what a package says that has been taken apart already."""
    return _status(parts) if parts.is_status else _document(parts)


def _document(parts: Parts) -> Envelope:
    header = parts.header
    code, promulgation, kind = (
        parts.of(first(header, name)) for name in ("Code", "PromulgationInfo", "DocumentType")
    )
    other = parts.of(first(header, "OtherInfo"))
    package_kind, business = _business(parts)
    return Envelope(
        kind=package_kind,
        sender=_organization(parts.of(first(header, "From"))),
        receivers=tuple(_organization(parts.of(to)) for to in header.get("To", ())),
        document_id=words(header, "DocumentId"),
        number=words(code, "CodeNumber"),
        notation=words(code, "CodeNotation"),
        place=words(promulgation, "Place"),
        promulgated_on=day(words(promulgation, "PromulgationDate")),
        type_code=words(kind, "Type"),
        type_detail=words(kind, "TypeDetail"),
        type_name=words(kind, "TypeName"),
        subject=words(header, "Subject"),
        content=words(header, "Content"),
        signer=_signer(parts, first(header, "SignerInfo")),
        due_on=day(words(header, "DueDate")),
        to_places=_texts(parts.of(first(header, "ToPlaces")), "Place"),
        priority=priority_of(words(other, "Priority")) or Priority.NORMAL,
        sphere=words(other, "SphereOfPromulgation"),
        typist=words(other, "TyperNotation"),
        copies=words(other, "PromulgationAmount"),
        pages=words(other, "PageAmount"),
        reply_fors=words(other, "ReplyFors"),
        direction=words(other, "Direction"),
        reference_codes=words(other, "ReferenceCodes"),
        appendixes=_texts(parts.of(first(other, "Appendixes")), "Appendix"),
        response_for=_references(parts),
        steering_type=words(header, "SteeringType"),
        task_codes=_texts(parts.of(first(header, "ResponseForTask")), "TaskCode"),
        application_type=words(header, "ApplicationType"),
        business=business,
        trace=tuple(_hop(parts.of(hop)) for hop in parts.trace.get("TraceHeader", ())),
        attachments=attachment_infos(parts),
    )


def _status(parts: Parts) -> Envelope:
    header = parts.header
    answered = parts.of(first(header, "ResponseFor"))
    number, _, notation = words(answered, "Code").partition("/")
    return Envelope(
        kind=PackageKind.STATUS,
        sender=_organization(parts.of(first(header, "From"))),
        receivers=(Organization(code=words(answered, "OrganId")),),
        document_id=words(answered, "DocumentId"),
        number=number.strip(),
        notation=notation.strip(),
        promulgated_on=day(words(answered, "PromulgationDate")),
        response_for=_references(parts),
        status=StatusAnswer(
            code=words(header, "StatusCode"),
            description=words(header, "Description"),
            at=moment(words(header, "Timestamp")),
            staff=_staff(parts, first(header, "StaffInfo")),
        ),
    )


# Values


_DAY_LENGTH = len("yyyy/MM/dd")
_DAY = re.compile(r"([0-9]{4})/([0-9]{2})/([0-9]{2})")
_TIME = re.compile(r" ([0-9]{2}):([0-9]{2}):([0-9]{2})")


def day(text: str) -> date | None:
    """Return the day that `yyyy/MM/dd` names, or None: no such day, or another form."""
    return _day(text) if len(text) == _DAY_LENGTH else None


@lru_cache(maxsize=512)  # most documents of a day name the same few days
def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    if found is None or found[1] < "1900":  # 0020/03/05 is dd/MM/yy misread; seen in a real database
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """Return the moment that `yyyy/MM/dd HH:mm:ss` names in Vietnam's time, or None."""
    on, at = day(text[:10]), _TIME.fullmatch(text[10:])
    if on is None or at is None:
        return None
    try:
        return datetime(on.year, on.month, on.day, int(at[1]), int(at[2]), int(at[3]), tzinfo=VIETNAM)
    except ValueError:
        return None


def bare_content_id(text: str) -> str:
    """Return a ContentId without `cid:`, which some systems write and some do not."""
    return text[4:].strip() if text[:4].lower() == "cid:" else text


def _texts(block: Children, name: str) -> tuple[str, ...]:
    """Return the texts of a block's children of one name, without the empty ones."""
    found = (text_of(element) for element in block.get(name, ()))
    return tuple(text for text in found if text)


# Blocks


def _organization(fields: Children) -> Organization:
    said = fields.said.get
    return Organization(
        code=said("OrganId", ""),
        name=said("OrganName", ""),
        in_charge=said("OrganizationInCharge", ""),
        address=said("OrganAdd", ""),
        email=said("Email", ""),
        telephone=said("Telephone", ""),
        fax=said("Fax", ""),
        website=said("Website", ""),
    )


def _staff(parts: Parts, element: etree._Element | None) -> Staff | None:
    if element is None:
        return None
    said = parts.of(element).said.get
    return Staff(
        department=said("Department", ""),
        name=said("Staff", ""),
        mobile=said("Mobile", ""),
        email=said("Email", ""),
        department_id=said("DepartmentId", ""),
        staff_id=said("StaffId", ""),
    )


def _signer(parts: Parts, element: etree._Element | None) -> Signer | None:
    if element is None:
        return None
    said = parts.of(element).said.get
    return Signer(
        competence=said("Competence", ""),
        position=said("Position", ""),
        full_name=said("FullName", ""),
    )


def _references(parts: Parts) -> tuple[Reference, ...]:
    """Return the documents answered. An empty ResponseFor, which some systems write, answers none."""
    found = (_reference(parts.of(element)) for element in parts.header.get("ResponseFor", ()))
    return tuple(reference for reference in found if reference.organ_code or reference.document_id)


def _reference(fields: Children) -> Reference:
    return Reference(
        organ_code=words(fields, "OrganId"),
        document_id=words(fields, "DocumentId"),
        code=words(fields, "Code"),
        promulgated_on=words(fields, "PromulgationDate"),
    )


def _hop(fields: Children) -> Hop:
    code = words(fields, "OrganId")
    return Hop(code="" if code == "null" else code, at=words(fields, "Timestamp"))


def _business(parts: Parts) -> tuple[PackageKind, Business | None]:
    """Return what the package does. Without Bussiness, or with one that says nothing else, it is a new document."""
    if parts.business is None:
        return PackageKind.NEW, None
    fields = parts.of(parts.business)
    kind = KINDS_OF_PACKAGE.get(words(fields, "BussinessDocType"), PackageKind.NEW)
    update = parts.of(first(fields, "BussinessDocumentInfo"))
    business = Business(
        reason=words(fields, "BussinessDocReason"),
        document_id=words(fields, "DocumentId"),
        content_changed=words(update, "DocumentInfo") == "1",
        receivers_changed=words(update, "DocumentReceiver") == "1",
        receiver_changes=_receiver_changes(parts, first(update, "ReceiverList")),
        replacements=_replacements(parts, first(fields, "ReplacementInfoList")),
        staff=_staff(parts, first(fields, "StaffInfo")),
        paper=words(fields, "Paper") == "1",
    )
    return kind, None if kind is PackageKind.NEW and business == _NOTHING else business


_NOTHING = Business()


def _receiver_changes(parts: Parts, block: etree._Element | None) -> tuple[ReceiverChange, ...]:
    receivers = (parts.of(element) for element in parts.of(block).get("Receiver", ()))
    return tuple(
        ReceiverChange(code=words(fields, "OrganId"), added=words(fields, "ReceiverType") == "1")
        for fields in receivers
    )


def _replacements(parts: Parts, block: etree._Element | None) -> tuple[Replacement, ...]:
    """Return the documents replaced, as they are listed: the official sample names one twice."""
    infos = (parts.of(element) for element in parts.of(block).get("ReplacementInfo", ()))
    return tuple(
        Replacement(
            document_id=words(fields, "DocumentId"),
            receivers=_texts(parts.of(first(fields, "OrganIdList")), "OrganId"),
        )
        for fields in infos
    )


def attachment_infos(parts: Parts) -> tuple[AttachmentInfo, ...]:
    """Return what a package says of its attachments, in their order.

    The manifest fills gaps, no more: where the two disagree, real packages are right in the Attachment.
    """
    listed = {content_id_of(parts, element): parts.of(element) for element in parts.references}
    return tuple(_attachment_info(parts, element, listed) for element in parts.attachments)


def _attachment_info(parts: Parts, element: etree._Element, listed: dict[str, Children]) -> AttachmentInfo:
    content_id = content_id_of(parts, element)
    fields, manifest = parts.of(element), listed.get(content_id, Children())
    return AttachmentInfo(
        content_id=content_id,
        name=words(fields, "AttachmentName") or words(manifest, "AttachmentName"),
        content_type=words(fields, "ContentType") or words(manifest, "ContentType"),
        description=words(fields, "Description") or words(manifest, "Description"),
        field_name=words(fields, "FieldName"),
        mime_type=words(fields, "MimeType"),
    )


def content_id_of(parts: Parts, element: etree._Element) -> str:
    """Return the bare ContentId of a Reference or Attachment; .NET may put it in xlink:href instead."""
    named = words(parts.of(element), "ContentId")
    return bare_content_id(named or element.get("{http://www.w3.org/1999/xlink}href", "").strip())
