"""Do the digests of a signature fit what they are said to be of: the whole package, or attachments by `cid:`.

A reference is looked up in the package and nowhere else: `cid:x` is the one attachment whose ContentId is x, letter by
letter, with or without `cid:` before it. What is digested is the attachment as decoded from base64, before any
unzipping. Its name and type stand in the package, which only `URI=""` covers: without that a signature covers files and
no document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from schemas.edxml.attachments import Attachment, attachments
from schemas.findings import InvalidDocument
from schemas.lengthy import pieces_of
from schemas.skeleton import Source, left_out_of
from signing import canonical, profile, reasons
from signing.reasons import Refused
from signing.shape import Reference


@dataclass(frozen=True, slots=True)
class Digested:
    """A reference, what it is of ("" or the attachment's name), and the digest that was found."""

    reference: Reference
    name: str
    got: bytes

    @property
    def fits(self) -> bool:
        """Tell whether the digest is the signed one."""
        return self.got == self.reference.value


def digest(
    content: Source, tree: etree._ElementTree, signature: etree._Element, references: Sequence[Reference]
) -> tuple[Digested, ...]:
    """Return what each reference's digest is, or raise `Refused` for what cannot be digested."""
    named = _attachments(tree, content) if any(reference.uri for reference in references) else {}
    return tuple(
        _of_an_attachment(reference, named)
        if reference.uri
        else Digested(reference, "", canonical.digest(tree, reference.digest, signature, content))
        for reference in references
    )


def attachment_names(tree: etree._ElementTree) -> Iterator[str]:
    """Yield what every attachment is called; nothing is looked at before the first is asked for."""
    for attachment in attachments(tree):
        yield attachment.called


def _attachments(tree: etree._ElementTree, content: Source) -> Mapping[str, list[Attachment]]:
    found: dict[str, list[Attachment]] = {}
    for attachment in attachments(tree, left_out_of(content)):
        found.setdefault(attachment.info.content_id, []).append(attachment)
    return found


def _of_an_attachment(reference: Reference, named: Mapping[str, list[Attachment]]) -> Digested:
    found = named.get(reference.uri.removeprefix(profile.CID), [])
    if len(found) != 1:
        raise Refused(reasons.REFERENCE_UNRESOLVED.because(uri=reference.uri, count=len(found)))
    digested = hashlib.new(reference.digest)
    try:
        for piece in pieces_of(found[0].content()):
            digested.update(piece)
    except InvalidDocument as broken:
        raise Refused(reasons.ATTACHMENT_ALTERED.because(attachment=found[0].called)) from broken
    return Digested(reference, found[0].called, digested.digest())
