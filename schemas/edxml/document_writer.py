"""From the `Envelope` of a document package to its lines, in the order of a dialect.

Here stands which element carries which value; the order is `element_tables`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pybase64

from schemas.edxml.codes import KIND_CODES, NAMESPACE
from schemas.edxml.elements import Dialect
from schemas.edxml.envelope import AttachmentInfo, Business, Envelope, Organization, PackageKind, Reference
from schemas.edxml.lines import (
    Lines,
    arranged,
    block,
    day,
    envelope_block,
    leaf,
    organization_pieces,
    quoted,
    root_block,
    several,
    staff_pieces,
)

# As the .NET SDK's sample has them.
_TRACE_OF_DOTNET = (
    ' id="TraceHeaderList" version="1.0" mustUnderstand="1"'
    ' actor="http://schemas.xmlsoap.org/soap/actor/next"'
)


@dataclass(frozen=True)
class DocumentWriter:
    """Writes document packages in one dialect."""

    dialect: Dialect

    def lines(self, envelope: Envelope, attachments: list[tuple[AttachmentInfo, bytes]]) -> Lines:
        """Return the package."""
        signature = ["<edXML:DigitalSignature/>"] if self.dialect == "dotnet" else []
        header = block(
            "edXML:edXMLHeader", self._message_header(envelope), self._trace_header_list(envelope), signature
        )
        listed = [self._listed(info) for info, _ in attachments]
        manifest = block("edXML:edXMLManifest", *listed, attributes=' version="1.0"')
        enclosed = [self._attachment(info, content) for info, content in attachments]
        return root_block(
            self.dialect,
            envelope_block(header, block("edXML:edXMLBody", manifest)),
            block("AttachmentEncoded", *enclosed) if enclosed else [],
        )

    def _block(self, name: str, attributes: str = "", **pieces: Lines) -> Lines:
        return arranged(f"edXML:{name}", pieces, self.dialect, attributes=attributes)

    # MessageHeader

    def _message_header(self, envelope: Envelope) -> Lines:
        signer = envelope.signer
        return self._block(
            "MessageHeader",
            From=self._organization("From", envelope.sender),
            To=_joined(self._organization("To", receiver) for receiver in envelope.receivers),
            DocumentId=leaf("edXML:DocumentId", envelope.document_id),
            Code=self._block(
                "Code",
                CodeNumber=leaf("edXML:CodeNumber", envelope.number),
                CodeNotation=leaf("edXML:CodeNotation", envelope.notation),
            ),
            PromulgationInfo=self._block(
                "PromulgationInfo",
                Place=leaf("edXML:Place", envelope.place),
                PromulgationDate=leaf("edXML:PromulgationDate", day(envelope.promulgated_on)),
            ),
            DocumentType=self._block(
                "DocumentType",
                Type=leaf("edXML:Type", envelope.type_code),
                TypeDetail=leaf("edXML:TypeDetail", envelope.type_detail),
                TypeName=leaf("edXML:TypeName", envelope.type_name),
            ),
            Subject=leaf("edXML:Subject", envelope.subject),
            Content=leaf("edXML:Content", envelope.content),
            SignerInfo=self._block(
                "SignerInfo",
                Competence=leaf("edXML:Competence", signer.competence),
                Position=leaf("edXML:Position", signer.position),
                FullName=leaf("edXML:FullName", signer.full_name),
            )
            if signer
            else [],
            DueDate=leaf("edXML:DueDate", day(envelope.due_on)),
            OtherInfo=self._other_info(envelope),
            ResponseFor=_joined(self._response_for(reference) for reference in envelope.response_for),
            SteeringType=leaf("edXML:SteeringType", envelope.steering_type),
            ResponseForTask=_listing("ResponseForTask", "TaskCode", envelope.task_codes),
            ApplicationType=leaf("edXML:ApplicationType", envelope.application_type),
            ToPlaces=_listing("ToPlaces", "Place", envelope.to_places),
        )

    def _organization(self, name: str, organization: Organization) -> Lines:
        pieces = organization_pieces(organization)
        return arranged(f"edXML:{name}", pieces, self.dialect, of="Organization")

    def _other_info(self, envelope: Envelope) -> Lines:
        return self._block(
            "OtherInfo",
            Priority=leaf("edXML:Priority", str(int(envelope.priority))),
            SphereOfPromulgation=leaf("edXML:SphereOfPromulgation", envelope.sphere),
            TyperNotation=leaf("edXML:TyperNotation", envelope.typist),
            PromulgationAmount=leaf("edXML:PromulgationAmount", envelope.copies),
            PageAmount=leaf("edXML:PageAmount", envelope.pages),
            ReplyFors=leaf("edXML:ReplyFors", envelope.reply_fors),
            Direction=leaf("edXML:Direction", envelope.direction),
            ReferenceCodes=leaf("edXML:ReferenceCodes", envelope.reference_codes),
            Appendixes=_listing("Appendixes", "Appendix", envelope.appendixes),
        )

    def _response_for(self, reference: Reference) -> Lines:
        return self._block(
            "ResponseFor",
            OrganId=leaf("edXML:OrganId", reference.organ_code),
            Code=leaf("edXML:Code", reference.code),
            DocumentId=leaf("edXML:DocumentId", reference.document_id),
            PromulgationDate=leaf("edXML:PromulgationDate", reference.promulgated_on),
        )

    # TraceHeaderList

    def _trace_header_list(self, envelope: Envelope) -> Lines:
        return self._block(
            "TraceHeaderList",
            _TRACE_OF_DOTNET if self.dialect == "dotnet" else "",
            TraceHeader=_joined(
                self._block(
                    "TraceHeader",
                    OrganId=leaf("edXML:OrganId", hop.code),
                    Timestamp=leaf("edXML:Timestamp", hop.at),
                )
                for hop in envelope.trace
            ),
            Bussiness=self._business(envelope),
        )

    def _business(self, envelope: Envelope) -> Lines:
        """Return Bussiness. A new document has one too, because receivers are known that break without it."""
        if envelope.business is None and envelope.kind is not PackageKind.NEW:
            raise ValueError(
                f"a package of the kind {envelope.kind} says in Bussiness what it does, got none"
            )
        business = envelope.business or Business()
        staff = business.staff
        return self._block(
            "Bussiness",
            DocumentId=leaf("edXML:DocumentId", business.document_id),
            BussinessDocType=leaf("edXML:BussinessDocType", KIND_CODES[envelope.kind]),
            BussinessDocReason=leaf("edXML:BussinessDocReason", business.reason),
            Paper=leaf("edXML:Paper", _flag(business.paper)),
            BussinessDocumentInfo=self._changes(business),
            ReplacementInfoList=self._replacements(business),
            StaffInfo=arranged("edXML:StaffInfo", staff_pieces(staff), self.dialect) if staff else [],
        )

    def _changes(self, business: Business) -> Lines:
        if not (business.content_changed or business.receivers_changed or business.receiver_changes):
            return []
        receivers = _joined(
            self._block(
                "Receiver",
                OrganId=leaf("edXML:OrganId", change.code),
                ReceiverType=leaf("edXML:ReceiverType", _flag(change.added)),
            )
            for change in business.receiver_changes
        )
        return self._block(
            "BussinessDocumentInfo",
            DocumentInfo=leaf("edXML:DocumentInfo", _flag(business.content_changed)),
            DocumentReceiver=leaf("edXML:DocumentReceiver", _flag(business.receivers_changed)),
            ReceiverList=block("edXML:ReceiverList", receivers) if receivers else [],
        )

    def _replacements(self, business: Business) -> Lines:
        infos = _joined(
            self._block(
                "ReplacementInfo",
                DocumentId=leaf("edXML:DocumentId", replacement.document_id),
                OrganIdList=block("edXML:OrganIdList", several("edXML:OrganId", replacement.receivers)),
            )
            for replacement in business.replacements
        )
        return block("edXML:ReplacementInfoList", infos) if infos else []

    # Attachments

    def _listed(self, info: AttachmentInfo) -> Lines:
        links = f' xlink:href="cid:{quoted(info.content_id)}" xlink:role="XLinkRole" xlink:type="simple"'
        return self._block(
            "Reference",
            links if self.dialect == "dotnet" else "",
            ContentId=leaf("edXML:ContentId", f"cid:{info.content_id}"),
            ContentType=leaf("edXML:ContentType", info.content_type),
            Description=leaf("edXML:Description", info.description),
            AttachmentName=leaf("edXML:AttachmentName", info.name),
        )

    def _attachment(self, info: AttachmentInfo, content: bytes) -> Lines:
        base64 = pybase64.b64encode(content).decode("ascii")
        encoded = (
            f'<edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">{base64}</edXML:ContentTransferEncoded>'
        )
        pieces = {
            "ContentId": leaf("ContentId", f"cid:{info.content_id}"),
            "AttachmentName": leaf("AttachmentName", info.name),
            "Description": leaf("Description", info.description),
            "FieldName": leaf("FieldName", info.field_name),
            "MimeType": leaf("MimeType", info.mime_type),
            "ContentType": leaf("ContentType", info.content_type),
            "ContentTransferEncoded": [encoded],
        }
        return arranged("Attachment", pieces, self.dialect)


def _joined(pieces: Iterable[Lines]) -> Lines:
    return [line for piece in pieces for line in piece]


def _listing(around: str, name: str, texts: Sequence[str]) -> Lines:
    return block(f"edXML:{around}", several(f"edXML:{name}", texts)) if texts else []


def _flag(value: bool) -> str:
    return "1" if value else "0"
