"""From an `Envelope` to the bytes of a package, exactly as the official samples are written.

Strict where the reader is tolerant: the samples' order (documents and status packages differ), their prefixes, their
indentation. Root, AttachmentEncoded, Attachment and its children bare in the default namespace; all inside the
envelope, and ContentTransferEncoded, with the prefix `edXML:`. To a namespace it is all the same, but a national hub
refuses packages that do it otherwise.

`dialect="dotnet"` writes what the .NET SDK writes instead: the regulation's order, its declarations and attributes,
an empty DigitalSignature. What vendors added comes after what the regulation has.

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

from schemas.edxml.document_writer import DocumentWriter
from schemas.edxml.elements import Dialect
from schemas.edxml.envelope import AttachmentInfo, Envelope, PackageKind
from schemas.edxml.lines import encoded
from schemas.edxml.status_writer import status_lines

Enclosed = Sequence[tuple[AttachmentInfo, bytes]]


def write(
    envelope: Envelope, attachments: Enclosed = (), *, zipped: bool = False, dialect: Dialect = "vnpt"
) -> bytes:
    """Return the package. `zipped` wraps attachments in zip archives, as the Java SDK does; see `_wrapped`."""
    if envelope.kind is PackageKind.STATUS:
        return encoded(status_lines(envelope, dialect))
    if zipped:
        attachments = [_wrapped(info, content) for info, content in attachments]
    if envelope.attachments and not zipped and envelope.attachments != tuple(info for info, _ in attachments):
        raise ValueError("the envelope names other attachments than those that are enclosed")
    if len({info.content_id for info, _ in attachments}) != len(attachments):
        raise ValueError("two attachments have the same content id")
    return encoded(DocumentWriter(dialect).lines(envelope, list(attachments)))


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
