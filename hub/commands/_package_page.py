"""A package as a person would want to read it. The names of its fields are those of the element tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub import show
from hub.show import Toned
from schemas.edxml.codes import PRIORITY_NAMES, STEERING, kind_name, status_name
from schemas.edxml.contents import Content, Inner
from schemas.edxml.element_tables import BLOCKS
from schemas.edxml.envelope import Business, Envelope, Hop, Organization, Reference, Staff
from schemas.edxml.signature_blocks import SignatureBlock
from schemas.paths import line_of
from schemas.text import Text

Facts = list[tuple[Text, object]]

LABELS = {
    (block.name, element.name): element.about for block in BLOCKS.values() for element in block.elements
}
CODE = Text(vi="Số/ký hiệu", en="Number/notation")
DOES = Text(vi="Nghiệp vụ", en="What it does")
TRACE = Text(vi="Vết chuyển", en="Hops")
ATTACHMENTS = Text(vi="Tệp đính kèm", en="Attachments")
SIGNATURES = Text(
    vi="Khối chữ ký (chưa kiểm tra; dùng “edochub verify”)",
    en="Signature blocks (not verified; use “edochub verify”)",
)
NO_ATTACHMENTS = Text(vi="không có tệp nào", en="none")
COLUMNS = (
    Text(vi="Tên", en="Name"),
    Text(vi="Thực chất là", en="Really is"),
    Text(vi="Dung lượng", en="Size"),
    Text(vi="Khai báo", en="Declared"),
    Text(vi="SHA-256", en="SHA-256"),
)


def envelope(read: Envelope) -> None:
    """Print everything that a package says of itself, but for its attachments."""
    head = f"{kind_name(read.kind)}: {read.subject or read.code or read.document_id}"
    show.line(Toned(head, "strong"))
    show.facts([*_head(read), *_parties(read)], indent=2)
    if read.response_for and read.status is None:
        _references(read.response_for)
    if read.business is not None:
        _section(DOES, _business(read, read.business))
    if read.status is not None:
        _section(Text(vi="Trạng thái", en="Status"), _status(read))
    _hops(read.trace)


def _head(read: Envelope) -> Facts:
    signer = read.signer
    signed = (
        ", ".join(part for part in (signer.competence, signer.position, signer.full_name) if part)
        if signer
        else ""
    )
    return [
        (CODE, read.code),
        (_label("MessageHeader", "DocumentId"), read.document_id),
        (_label("PromulgationInfo", "PromulgationDate"), read.promulgated_on),
        (_label("PromulgationInfo", "Place"), read.place),
        (_label("MessageHeader", "DocumentType"), read.type_name),
        (_label("MessageHeader", "Content"), read.content if read.content != read.subject else ""),
        (_label("MessageHeader", "SignerInfo"), signed),
        (_label("OtherInfo", "Priority"), "" if read.status else PRIORITY_NAMES[read.priority]),
        (_label("MessageHeader", "DueDate"), read.due_on),
        (_label("MessageHeader", "SteeringType"), STEERING.get(read.steering_type, read.steering_type)),
        (_label("OtherInfo", "SphereOfPromulgation"), read.sphere),
        (_label("OtherInfo", "PromulgationAmount"), read.copies),
        (_label("OtherInfo", "PageAmount"), read.pages),
        (_label("OtherInfo", "Appendixes"), "; ".join(read.appendixes)),
        (_label("MessageHeader", "ResponseForTask"), ", ".join(read.task_codes)),
        (_label("OtherInfo", "ReplyFors"), read.reply_fors),
        (_label("OtherInfo", "ReferenceCodes"), read.reference_codes),
        (_label("MessageHeader", "ApplicationType"), read.application_type),
        (_label("MessageHeader", "ToPlaces"), "; ".join(read.to_places)),
    ]


def _parties(read: Envelope) -> Facts:
    return [
        (_label("MessageHeader", "From"), _organization(read.sender)),
        *((_label("MessageHeader", "To"), _organization(each)) for each in read.receivers),
    ]


def _organization(organization: Organization) -> str:
    name = organization.name
    above = organization.in_charge if organization.in_charge != name else ""
    return " · ".join(part for part in (organization.code, name, above) if part)


def _references(references: Sequence[Reference]) -> None:
    facts: Facts = [
        (
            _label("MessageHeader", "ResponseFor"),
            " · ".join(
                part for part in (each.code, each.promulgated_on, each.organ_code, each.document_id) if part
            ),
        )
        for each in references
    ]
    show.facts(facts, indent=2)


def _business(read: Envelope, business: Business) -> Facts:
    facts: Facts = [
        (_label("Bussiness", "BussinessDocType"), kind_name(read.kind)),
        (_label("Bussiness", "BussinessDocReason"), business.reason),
        (_label("Bussiness", "DocumentId"), business.document_id),
        (_label("Bussiness", "Paper"), _yes(business.paper)),
        (_label("Bussiness", "StaffInfo"), _staff(business.staff)),
    ]
    if business.content_changed:
        facts.append((_label("BussinessDocumentInfo", "DocumentInfo"), _yes(True)))
    facts += [
        (_label("Receiver", "ReceiverType"), f"{'+' if change.added else '-'} {change.code}")
        for change in business.receiver_changes
    ]
    facts += [
        (
            _label("ReplacementInfoList", "ReplacementInfo"),
            f"{each.document_id} ({', '.join(each.receivers)})",
        )
        for each in business.replacements
    ]
    return facts


def _status(read: Envelope) -> Facts:
    status = read.status
    assert status is not None
    return [
        (_label("status:MessageHeader", "StatusCode"), f"{status.code} {status_name(status.code)}"),
        (_label("status:MessageHeader", "Description"), status.description),
        (_label("status:MessageHeader", "Timestamp"), status.at),
        (_label("status:MessageHeader", "StaffInfo"), _staff(status.staff)),
    ]


def _staff(staff: Staff | None) -> str:
    if staff is None:
        return ""
    return ", ".join(part for part in (staff.name, staff.department, staff.mobile, staff.email) if part)


def _hops(hops: Sequence[Hop]) -> None:
    if hops:
        show.heading(TRACE)
        for number, hop in enumerate(hops, start=1):
            show.line(f"  {number}. {hop.at or '-'}  {hop.code or '-'}")


def attachments(listed: Sequence[Content], *, indent: int = 0) -> None:
    """Print the attachments with their true kind and size, what is in them, and what is wrong with them."""
    if not indent:
        show.heading(ATTACHMENTS)
    rows = [
        [
            " " * indent + each.info.name,
            _kind(each),
            size(each.size) if each.kind else None,
            each.info.content_type,
            each.sha256[:16],
        ]
        for each in listed
    ]
    show.table(COLUMNS, rows, empty=Text(vi=f"  {NO_ATTACHMENTS.vi}", en=f"  {NO_ATTACHMENTS.en}"))
    for each in listed:
        for part in _inside(each):
            _inner(*part)


def _inside(content: Content) -> Iterator[tuple[str, Inner]]:
    if content.package is not None:
        yield content.info.name, content.package
    for entry in content.entries:
        show.line(f"  {content.info.name} › {entry.name}  {size(entry.size)}")
        if entry.package is not None:
            yield f"{content.info.name} › {entry.name}", entry.package


def _inner(where: str, inner: Inner) -> None:
    """Name a package that lies inside another."""
    inside = Text(
        vi=f"Bên trong «{where}» là một gói tin edXML", en=f"Inside “{where}” there is an edXML package"
    )
    if inner.envelope is None:
        unread = Text(vi=f"{inside.vi} không đọc được:", en=f"{inside.en} that cannot be read:")
        show.line(Toned(f"  {unread}", "warning"))
        show.line(f"     {inner.problem}")
        return
    show.line(Toned(f"  {inside}:", "warning"))
    read = inner.envelope
    facts: Facts = [
        (DOES, kind_name(read.kind)),
        (CODE, read.code),
        (_label("MessageHeader", "Subject"), read.subject),
        (_label("MessageHeader", "From"), _organization(read.sender)),
    ]
    show.facts(facts, indent=5)
    if inner.contents:
        attachments(inner.contents, indent=5)


def _kind(content: Content) -> Toned:
    if content.kind is None:
        return Toned(content.problem, "bad")
    wrapped = Text(vi=" (bọc trong zip)", en=" (wrapped in a zip)")
    name = f"{content.kind.name}{wrapped if content.wrapped else ''}"
    return Toned(name, "plain" if content.as_named else "warning")


def signatures(blocks: Sequence[SignatureBlock]) -> None:
    """Name the signature blocks."""
    if blocks:
        show.heading(SIGNATURES)
    for block in blocks:
        line = line_of(block.element)
        where = Text(vi=f"dòng {line}", en=f"line {line}")
        show.line(f"  {where}: {signature(block)}")


def signature(block: SignatureBlock) -> str:
    """Return what a signature block is, in a line."""
    if block.empty:
        return str(Text(vi="khối rỗng, không có chữ ký", en="an empty block, no signature"))
    form = (
        "XML-DSig"
        if block.is_xmldsig
        else str(Text(vi="không phải XML-DSig (không gian tên khác)", en="not XML-DSig (another namespace)"))
    )
    algorithm = block.algorithm.rpartition("#")[2]
    return ", ".join(part for part in (form, algorithm, block.subject) if part)


def size(count: int) -> str:
    """Return a size as people read it."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _section(title: Text, facts: Facts) -> None:
    show.heading(title)
    show.facts(facts, indent=2)


def _yes(value: bool) -> Text:
    return Text(vi="có", en="yes") if value else Text(vi="không", en="no")


def _label(block: str, name: str) -> Text:
    return LABELS[block, name]
