"""From an `Envelope` to the bytes of a package, exactly as the official samples are written.

Strict where the reader is tolerant: the samples' order (documents and status packages differ), their prefixes, their
indentation. Root, AttachmentEncoded, Attachment and its children bare in the default namespace; all inside the
envelope, and ContentTransferEncoded, with the prefix `edXML:`. To a namespace it is all the same, but a national hub
refuses packages that do it otherwise.

Empty values are left out, as the Java SDK does. What has no place in a package (a control character, a revocation
without Bussiness) raises ValueError: that is our fault, not a sender's.
"""

from __future__ import annotations

import hashlib
import io
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import pybase64

from schemas.edxml.codes import KIND_CODES, NAMESPACE
from schemas.edxml.envelope import (
    AttachmentInfo,
    Business,
    Envelope,
    Organization,
    PackageKind,
    Reference,
    Staff,
)
from schemas.edxml.lines import (
    Lines,
    block,
    contacts,
    day,
    encoded,
    envelope_block,
    leaf,
    mobile,
    staff_names,
)
from schemas.edxml.status_writer import status_lines

Enclosed = Sequence[tuple[AttachmentInfo, bytes]]


def write(envelope: Envelope, attachments: Enclosed = (), *, zipped: bool = False) -> bytes:
    """Return the package. `zipped` wraps attachments in zip archives, as the Java SDK does; see `_wrapped`."""
    if envelope.kind is PackageKind.STATUS:
        return encoded(status_lines(envelope))
    if zipped:
        attachments = [_wrapped(info, content) for info, content in attachments]
    if envelope.attachments and not zipped and envelope.attachments != tuple(info for info, _ in attachments):
        raise ValueError("the envelope names other attachments than those that are enclosed")
    if len({info.content_id for info, _ in attachments}) != len(attachments):
        raise ValueError("two attachments have the same content id")
    return encoded(_document(envelope, attachments))


# The header


def _document(envelope: Envelope, attachments: Enclosed) -> Lines:
    enclosed = (
        [block("AttachmentEncoded", *(_attachment(*one) for one in attachments))] if attachments else []
    )
    header = block("edXML:edXMLHeader", _message_header(envelope), _trace_header_list(envelope))
    manifest = block(
        "edXML:edXMLManifest", *(_listed(info) for info, _ in attachments), attributes=' version="1.0"'
    )
    body = block("edXML:edXMLBody", manifest)
    return block("edXML", envelope_block(header, body), *enclosed, attributes=f' xmlns="{NAMESPACE}"')


def _message_header(envelope: Envelope) -> Lines:
    signer = envelope.signer
    return block(
        "edXML:MessageHeader",
        _organization("From", envelope.sender),
        *(_organization("To", receiver) for receiver in envelope.receivers),
        leaf("edXML:DocumentId", envelope.document_id),
        block(
            "edXML:Code",
            leaf("edXML:CodeNumber", envelope.number),
            leaf("edXML:CodeNotation", envelope.notation),
        ),
        block(
            "edXML:PromulgationInfo",
            leaf("edXML:Place", envelope.place),
            leaf("edXML:PromulgationDate", day(envelope.promulgated_on)),
        ),
        block(
            "edXML:DocumentType",
            leaf("edXML:Type", envelope.type_code),
            leaf("edXML:TypeDetail", envelope.type_detail),
            leaf("edXML:TypeName", envelope.type_name),
        ),
        leaf("edXML:Subject", envelope.subject),
        leaf("edXML:Content", envelope.content),
        block(
            "edXML:SignerInfo",
            leaf("edXML:Competence", signer.competence),
            leaf("edXML:Position", signer.position),
            leaf("edXML:FullName", signer.full_name),
        )
        if signer
        else [],
        leaf("edXML:DueDate", day(envelope.due_on)),
        _other_info(envelope),
        *(_response_for(reference) for reference in envelope.response_for),
        leaf("edXML:SteeringType", envelope.steering_type),
        _list("edXML:ResponseForTask", "edXML:TaskCode", envelope.task_codes),
        _list("edXML:ToPlaces", "edXML:Place", envelope.to_places),
    )


def _organization(name: str, organization: Organization) -> Lines:
    return block(
        f"edXML:{name}",
        leaf("edXML:OrganId", organization.code),
        leaf("edXML:OrganizationInCharge", organization.in_charge),
        leaf("edXML:OrganName", organization.name),
        *contacts(organization),
    )


def _other_info(envelope: Envelope) -> Lines:
    return block(
        "edXML:OtherInfo",
        leaf("edXML:Priority", str(int(envelope.priority))),
        leaf("edXML:SphereOfPromulgation", envelope.sphere),
        leaf("edXML:TyperNotation", envelope.typist),
        leaf("edXML:PromulgationAmount", envelope.copies),
        leaf("edXML:PageAmount", envelope.pages),
        leaf("edXML:Direction", envelope.direction),
        _list("edXML:Appendixes", "edXML:Appendix", envelope.appendixes),
    )


def _list(around: str, name: str, texts: Sequence[str]) -> Lines:
    return block(around, *(leaf(name, text) for text in texts)) if texts else []


def _response_for(reference: Reference) -> Lines:
    return block(
        "edXML:ResponseFor",
        leaf("edXML:OrganId", reference.organ_code),
        leaf("edXML:Code", reference.code),
        leaf("edXML:DocumentId", reference.document_id),
        leaf("edXML:PromulgationDate", reference.promulgated_on),
    )


# Trace and Bussiness


def _trace_header_list(envelope: Envelope) -> Lines:
    hops = (
        block("edXML:TraceHeader", leaf("edXML:OrganId", hop.code), leaf("edXML:Timestamp", hop.at))
        for hop in envelope.trace
    )
    return block("edXML:TraceHeaderList", *hops, _business(envelope))


def _business(envelope: Envelope) -> Lines:
    """Return Bussiness. A new document has one too, because receivers are known that break without it."""
    if envelope.business is None and envelope.kind is not PackageKind.NEW:
        raise ValueError(f"a package of the kind {envelope.kind} says in Bussiness what it does, got none")
    business = envelope.business or Business()
    return block(
        "edXML:Bussiness",
        leaf("edXML:DocumentId", business.document_id),
        leaf("edXML:BussinessDocType", KIND_CODES[envelope.kind]),
        leaf("edXML:BussinessDocReason", business.reason),
        leaf("edXML:Paper", _flag(business.paper)),
        _changes(business),
        _replacements(business),
        _staff(business.staff),
    )


def _flag(value: bool) -> str:
    return "1" if value else "0"


def _changes(business: Business) -> Lines:
    if not (business.content_changed or business.receivers_changed or business.receiver_changes):
        return []
    receivers = [
        block(
            "edXML:Receiver",
            leaf("edXML:OrganId", change.code),
            leaf("edXML:ReceiverType", _flag(change.added)),
        )
        for change in business.receiver_changes
    ]
    return block(
        "edXML:BussinessDocumentInfo",
        leaf("edXML:DocumentInfo", _flag(business.content_changed)),
        leaf("edXML:DocumentReceiver", _flag(business.receivers_changed)),
        block("edXML:ReceiverList", *receivers) if receivers else [],
    )


def _replacements(business: Business) -> Lines:
    infos = [
        block(
            "edXML:ReplacementInfo",
            leaf("edXML:DocumentId", replacement.document_id),
            block("edXML:OrganIdList", *(leaf("edXML:OrganId", code) for code in replacement.receivers)),
        )
        for replacement in business.replacements
    ]
    return block("edXML:ReplacementInfoList", *infos) if infos else []


def _staff(staff: Staff | None) -> Lines:
    if staff is None:
        return []
    return block("edXML:StaffInfo", *staff_names(staff), leaf("edXML:Email", staff.email), mobile(staff))


# Attachments


def _listed(info: AttachmentInfo) -> Lines:
    return block(
        "edXML:Reference",
        leaf("edXML:ContentId", f"cid:{info.content_id}"),
        leaf("edXML:ContentType", info.content_type),
        leaf("edXML:Description", info.description),
        leaf("edXML:AttachmentName", info.name),
    )


def _attachment(info: AttachmentInfo, content: bytes) -> Lines:
    base64 = pybase64.b64encode(content).decode("ascii")
    return block(
        "Attachment",
        leaf("ContentId", f"cid:{info.content_id}"),
        leaf("AttachmentName", info.name),
        leaf("Description", info.description),
        leaf("ContentType", info.content_type),
        [f'<edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">{base64}</edXML:ContentTransferEncoded>'],
    )


_SENT_RAW = frozenset({".pdf", ".doc", ".docx", ".zip"})


def _wrapped(info: AttachmentInfo, content: bytes) -> tuple[AttachmentInfo, bytes]:
    """Wrap an attachment as the Java SDK does: all but a few kinds, one entry with a meaningless name.

    The name is drawn from the content instead of at random, so that the same package is the same bytes.
    """
    suffix = PurePosixPath(info.name).suffix
    if suffix.lower() in _SENT_RAW:
        return info, content
    name = uuid.UUID(bytes=hashlib.sha256(content).digest()[:16], version=4)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{name}{suffix}"), content, zipfile.ZIP_DEFLATED)
    return replace(info, content_type="application/zip"), packed.getvalue()
