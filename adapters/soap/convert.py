"""The older edXML of the eDoc hub, to QCVN 102:2016 and back.

Both say the same things under the same names, in another namespace and in a few other spellings. So a header is
renamed, read by the standard's own reader and written by its writer; then every value that was there is looked for in
what was written. A value that is not there again would be lost unnoticed: the call is refused, and names it. What says
nothing (an empty element, a 0 that means "no") may go. The same call makes the same octets.

Back, the header of a package is renamed again, and the files are what its attachments really are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from adapters.soap.parts import Part
from adapters.soap.requests import EDOC, XLINK, children, is_ours, local, word
from hub.errors import Refusal
from schemas import xml
from schemas.edxml import writer
from schemas.edxml.attachments import attachments_of
from schemas.edxml.codes import NAMESPACE
from schemas.edxml.envelope import AttachmentInfo, Envelope, PackageKind
from schemas.edxml.file_kinds import media_type_of
from schemas.edxml.package import Parts, parts_of
from schemas.edxml.reader import bare_content_id, read_parts
from schemas.findings import InvalidDocument, shortened
from schemas.text import Sentence

# Spellings of the older edXML, or of those who read the misspelt ones as a mistake.
TO_QCVN = {
    "Business": "Bussiness",
    "BusinessDocType": "BussinessDocType",
    "BusinessDocReason": "BussinessDocReason",
    "BusinessDocumentInfo": "BussinessDocumentInfo",
    "TimeStamp": "Timestamp",
}
NOTHING = frozenset({"0", "false", "null", "00"})  # what says no more than a missing element

NOT_CARRIED = Sentence(
    vi="QCVN 102:2016 không mang được {what} “{value}”; hãy sửa hoặc bỏ phần tử này",
    en="QCVN 102:2016 cannot carry {what} “{value}”; correct this element or leave it out",
)
MISSING = Sentence(vi="Thiếu {what}", en="{what} is missing")
UNWRITABLE = Sentence(vi="Không lập được gói tin: {why}", en="The package cannot be made: {why}")
NO_FILE = Sentence(
    vi="Manifest nêu tệp “{name}” ({href}) nhưng không có phần MIME nào mang Content-ID đó",
    en="The Manifest names the file “{name}” ({href}), and no MIME part has that Content-ID",
)
STRAY_FILE = Sentence(
    vi="Phần MIME “{content_id}” không được Manifest nêu tên",
    en="The Manifest does not name the MIME part “{content_id}”",
)


class NotCarried(Refusal):
    """Something in the call has no place in a package of QCVN 102:2016. The sentence names it."""

    code = "soap.not-carried"


class Incomplete(Refusal):
    """The call lacks something, or its files do not fit its Manifest. The sentence names it."""

    code = "soap.incomplete"


@dataclass(frozen=True, slots=True)
class Older:
    """A package in the older form: the two header blocks, the Manifest, and the files."""

    header: tuple[etree._Element, ...]
    manifest: etree._Element
    files: tuple[Part, ...]


# To QCVN


def document(
    message_header: etree._Element | None,
    trace: etree._Element | None,
    signature: etree._Element | None,
    manifest: etree._Element | None,
    files: Sequence[Part],
) -> bytes:
    """Return the document package that a SendDocument means. Raises `NotCarried` and `Incomplete`."""
    if message_header is None:
        raise Incomplete(MISSING.say(what="edXML:MessageHeader"))
    if signature is not None:
        for each in signature.iter():
            if isinstance(each.tag, str) and local(each) == "SignatureValue":
                raise NotCarried(NOT_CARRIED.say(what="Signature/SignatureValue", value="…"))
    blocks = [message_header] if trace is None else [message_header, trace]
    parts = _as_qcvn(blocks)
    envelope = read_parts(parts)
    if envelope.kind is PackageKind.STATUS:
        raise NotCarried(NOT_CARRIED.say(what="MessageHeader", value="StatusCode"))
    enclosed = _enclosed(manifest, files)
    envelope = replace(
        envelope,
        document_id=envelope.document_id or _identifier(envelope),
        attachments=tuple(info for info, _ in enclosed),
    )
    return _written(envelope, enclosed, parts)


def status(element: etree._Element | None, document_id: str | None = None) -> bytes:
    """Return the status package that an UpdateTraces means; `document_id` is put where the call has our number."""
    if element is None:
        raise Incomplete(MISSING.say(what="Status"))
    header = etree.Element("MessageHeader")
    header.extend(list(_copied(element)))
    if document_id is not None:
        for named in header.iterfind("ResponseFor/DocumentId"):
            named.text = document_id
    parts = _as_qcvn([header])
    envelope = read_parts(parts)
    if envelope.status is None:
        raise Incomplete(MISSING.say(what="StatusCode"))
    return _written(_two_digits(envelope), (), parts)


def _two_digits(envelope: Envelope) -> Envelope:
    """Return it with the status code in two digits: the older form has a number there."""
    said = envelope.status
    assert said is not None
    return replace(envelope, status=replace(said, code=said.code.zfill(2)))


def _identifier(envelope: Envelope) -> str:
    """Return the identifier that the standard would have, for a system that leaves it to the hub."""
    if envelope.promulgated_on is None or not envelope.code:
        raise Incomplete(MISSING.say(what="MessageHeader/DocumentId"))
    return f"{envelope.sender.code},{envelope.promulgated_on:%Y/%m/%d},{envelope.code}"


def _copied(element: etree._Element) -> Iterable[etree._Element]:
    """Yield the children of an element anew, without namespaces."""
    for each in element:
        if not is_ours(each):
            raise NotCarried(NOT_CARRIED.say(what=shortened(local(each)), value=shortened(each.text or "")))
        made = etree.Element(TO_QCVN.get(local(each), local(each)))
        made.text = each.text
        made.extend(list(_copied(each)))
        yield made


def _as_qcvn(blocks: Sequence[etree._Element]) -> Parts:
    """Return header blocks as the parts of a package."""
    root = etree.Element(f"{{{NAMESPACE}}}edXML")
    header = etree.SubElement(
        etree.SubElement(root, f"{{{NAMESPACE}}}edXMLEnvelope"), f"{{{NAMESPACE}}}edXMLHeader"
    )
    for block in blocks:
        made = etree.SubElement(header, local(block))
        made.extend(list(_copied(block)))
    for each in header.iterdescendants():
        each.tag = f"{{{NAMESPACE}}}{local(each)}"
    parts = parts_of(root.getroottree())
    for stranger in parts.strangers:
        raise NotCarried(
            NOT_CARRIED.say(what=shortened(local(stranger)), value=shortened((stranger.text or "").strip()))
        )
    return parts


def _written(envelope: Envelope, enclosed: Sequence[tuple[AttachmentInfo, bytes]], source: Parts) -> bytes:
    try:
        content = writer.write(envelope, enclosed)
        made = parts_of(xml.parse(content))
    except ValueError as error:
        raise NotCarried(UNWRITABLE.say(why=shortened(str(error)))) from error
    except InvalidDocument as error:
        raise NotCarried(error.findings[0].message, error.findings) from error
    there = Counter(_values(made))
    for parent, name, value in _values(source):
        there[parent, name, value] -= 1
        if there[parent, name, value] < 0 and value not in NOTHING:
            raise NotCarried(NOT_CARRIED.say(what=shortened(f"{parent}/{name}"), value=shortened(value)))
    return content


def _values(parts: Parts) -> Iterable[tuple[str, str, str]]:
    for parent, name, text, _ in parts.leaves:
        value = text.strip()
        if name == "StatusCode":
            value = value.zfill(2)
        if value:
            yield parent, name, value


def _enclosed(
    manifest: etree._Element | None, files: Sequence[Part]
) -> tuple[tuple[AttachmentInfo, bytes], ...]:
    """Return the attachments: what the Manifest says of each, and its octets."""
    by_id = {part.content_id: part for part in files}
    enclosed = []
    for reference in children(manifest, "Reference") if manifest is not None else ():
        href = reference.get(f"{{{XLINK}}}href") or reference.get("href") or word(reference, "ContentId")
        content_id = bare_content_id(href.strip())
        name = word(reference, "AttachmentName")
        part = by_id.pop(content_id, None)
        if part is None:
            raise Incomplete(NO_FILE.say(name=shortened(name), href=shortened(href)))
        info = AttachmentInfo(
            content_id=content_id,
            name=name or content_id,
            content_type=word(reference, "ContentType") or media_type_of(name),
            description=word(reference, "Description"),
        )
        enclosed.append((info, part.content))
    for content_id in by_id:
        raise Incomplete(STRAY_FILE.say(content_id=shortened(content_id)))
    return tuple(enclosed)


# And back


def older(content: bytes) -> Older:
    """Return a document package in the older form. Raises `InvalidDocument` if it is none that can be read."""
    parts = parts_of(xml.parse(content))
    manifest = etree.Element(f"{{{EDOC}}}Manifest", nsmap={"edXML": EDOC, "xlink": XLINK})
    files = []
    for number, attachment in enumerate(attachments_of(parts), start=1):
        content_id = f"attachment-{number}@edochub"
        reference = etree.SubElement(manifest, f"{{{EDOC}}}Reference")
        reference.set(f"{{{XLINK}}}href", f"cid:{content_id}")
        info = attachment.info
        for name, value in (
            ("AttachmentName", info.name),
            ("Description", info.description),
            ("ContentType", info.content_type),
        ):
            if value:
                etree.SubElement(reference, f"{{{EDOC}}}{name}").text = value
        files.append(Part(content_id, info.content_type, attachment.payload()))
    blocks = (parts.message_header, parts.trace_header_list)
    header = tuple(_as_older(block) for block in blocks if block is not None)
    return Older(header, manifest, tuple(files))


def older_status(content: bytes) -> etree._Element:
    """Return a status package as the Status of a GetTraces reply."""
    header = parts_of(xml.parse(content)).message_header
    assert header is not None, "the hub keeps no package without a header"
    made = _as_older(header)
    made.tag = f"{{{EDOC}}}Status"
    return made


def _as_older(element: etree._Element) -> etree._Element:
    made = etree.Element(f"{{{EDOC}}}{local(element)}", nsmap={"edXML": EDOC})
    made.text = element.text if not len(element) else None
    made.extend([_as_older(each) for each in element if etree.QName(each).namespace == NAMESPACE])
    return made
