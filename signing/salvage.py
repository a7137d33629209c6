"""Attachments out of a package that cannot be parsed, so that their signatures can be judged all the same.

The official sample of a new document holds an inner package with undeclared prefixes and comments, and in that a signed
PDF. Nothing here takes such a package for one: elements are looked for by their tags, as text, and nothing but the
octets of attachments comes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.edxml.attachments import decoded, unwrapped
from schemas.edxml.envelope import AttachmentInfo
from schemas.lengthy import in_memory

MOST = 64
LONGEST_NAME = 1024

# Possessive (*+, ?+): no way of splitting the blanks is tried twice.
_PART = re.compile(
    rb"<(?:[^\s<>/:]{1,64}+:)?+(Attachment|AttachmentName|ContentType|ContentTransferEncoded)"
    rb"(?:\s[^<>]*+)?+>([^<]*+)"
)
_SIGNATURE = re.compile(rb"<(?:[^\s<>/:]{1,64}+:)?+(?:Signature|DigitalSignature)[\s>]")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands between the tags of one attachment."""

    name: str
    content_type: str
    text: bytes

    def content(self) -> bytes:
        """Return the file, out of its wrapping. Raises ValueError or `schemas.edxml.archive.UnsafeArchive`."""
        info = AttachmentInfo(content_id="", name=self.name, content_type=self.content_type)
        return in_memory(unwrapped(info, decoded(self.text.decode("ascii"))))


def files(content: bytes) -> tuple[Found, ...]:
    """Return the attachments that can be made out."""
    return tuple(found for found, _ in zip(_files(content), range(MOST), strict=False))


def _files(content: bytes) -> Iterator[Found]:
    name = content_type = ""
    for match in _PART.finditer(content):
        element, text = match[1], match[2]
        if element == b"Attachment":
            name = content_type = ""
        elif element == b"AttachmentName":
            name = _words(text)
        elif element == b"ContentType":
            content_type = _words(text)
        elif text.strip():
            yield Found(name or "?", content_type, text)


def looks_signed(content: bytes) -> bool:
    """Tell whether there is a tag that calls itself a signature."""
    return _SIGNATURE.search(content) is not None


def _words(text: bytes) -> str:
    return text[:LONGEST_NAME].decode("utf-8", "replace").strip()
