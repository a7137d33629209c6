"""SOAP with Attachments: multipart/related (RFC 2387), taken apart and put together.

Octets are cut at the boundary and nowhere else: whatever a part holds comes out as it went in, unless its own header
says that it is encoded. Numbers and lengths are limited; one pass over the body.
"""

from __future__ import annotations

import quopri
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

import pybase64

MOST_PARTS = 200
HEADER_BYTES = 16_384
BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,199}[0-9A-Za-z'()+_,./:=?-]")
MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}")
ROOT_ID = "root@edochub"


class Unreadable(ValueError):
    """A body whose parts cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its Content-ID without brackets, its type, its octets."""

    content_id: str
    content_type: str
    content: bytes
    name: str = ""  # of a form's field


@dataclass(frozen=True, slots=True)
class Package:
    """What came: the envelope, and the files beside it."""

    root: bytes
    files: tuple[Part, ...]


def read(body: bytes, content_type: str) -> Package:
    """Take a body apart. One that is no multipart is the envelope itself. Raises `Unreadable`."""
    header = Message()
    header["Content-Type"] = content_type
    if header.get_content_maintype() != "multipart":
        return Package(body, ())
    parts = split(body, content_type)
    start = header.get_param("start")
    wanted = _bare(start) if isinstance(start, str) else ""
    root = next((part for part in parts if wanted and part.content_id == wanted), parts[0])
    return Package(root.content, tuple(part for part in parts if part is not root))


def split(body: bytes, content_type: str) -> list[Part]:
    """Return all parts of a multipart body. Raises `Unreadable`."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not BOUNDARY.fullmatch(boundary):
        raise Unreadable("mime.boundary")
    parts = [_part(each) for each in _pieces(body, boundary.encode())]
    if not parts:
        raise Unreadable("mime.no-part")
    return parts


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Yield what lies between the boundaries (RFC 2046, 5.1.1)."""
    mark = b"--" + boundary
    found = _next(body, mark, 0)
    seen = 0
    while found is not None:
        _, after = found
        if body.startswith(b"--", after):
            return
        start = body.find(b"\n", after) + 1
        if start == 0:
            break
        found = _next(body, mark, start - 1)
        if found is None:
            break
        seen += 1
        if seen > MOST_PARTS:
            raise Unreadable("mime.too-many-parts")
        yield body[start : max(found[0], start)]
    raise Unreadable("mime.no-end")


def _next(body: bytes, mark: bytes, start: int) -> tuple[int, int] | None:
    """Return where the line break before the next boundary begins, and where its mark ends."""
    at = body.find(mark, start)
    while at >= 0:
        after = at + len(mark)
        ends = body[after : after + 1] in (b"\r", b"\n", b" ", b"\t", b"") or body.startswith(b"--", after)
        if ends and (at == 0 or body[at - 1 : at] == b"\n"):
            before = at - 1 if at else 0
            if at > 1 and body[before - 1 : before] == b"\r":
                before -= 1
            return before, after
        at = body.find(mark, after)
    return None


def _part(piece: bytes) -> Part:
    blank = re.search(rb"\r?\n\r?\n|\A\r?\n", piece[:HEADER_BYTES])
    if blank is None:
        raise Unreadable("mime.header")
    header = BytesHeaderParser(policy=compat32).parsebytes(piece[: blank.start()] + b"\r\n\r\n")
    name = header.get_param("name", header="Content-Disposition")
    encoding = str(header.get("Content-Transfer-Encoding", "binary")).strip().lower()
    return Part(
        content_id=_bare(str(header.get("Content-ID", ""))),
        content_type=header.get_content_type(),
        content=_decoded(piece[blank.end() :], encoding),
        name=name if isinstance(name, str) else "",
    )


def _decoded(content: bytes, encoding: str) -> bytes:
    if encoding in {"binary", "8bit", "7bit"}:
        return content
    if encoding == "quoted-printable":
        return quopri.decodestring(content)
    if encoding == "base64":
        try:
            return pybase64.b64decode(content.translate(None, b" \t\r\n"), validate=True)
        except ValueError as error:
            raise Unreadable("mime.base64") from error
    raise Unreadable("mime.encoding")


def _bare(content_id: str) -> str:
    return content_id.strip().removeprefix("<").removesuffix(">")


def written(root: bytes, files: Sequence[Part]) -> tuple[bytes, str]:
    """Return a body of an envelope and files, and its Content-Type. The files' ids are our own."""
    if not files:
        return root, "text/xml; charset=utf-8"
    boundary = f"----=_edochub_{secrets.token_hex(16)}"
    pieces: list[bytes] = []
    for part in (Part(ROOT_ID, "text/xml; charset=utf-8", root), *files):
        head = (
            f"--{boundary}\r\nContent-Type: {part.content_type}\r\n"
            f"Content-Transfer-Encoding: binary\r\nContent-ID: <{part.content_id}>\r\n\r\n"
        )
        pieces += (head.encode("ascii"), part.content, b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    kind = f'multipart/related; type="text/xml"; start="<{ROOT_ID}>"; boundary="{boundary}"'
    return b"".join(pieces), kind


def safe_type(content_type: str) -> str:
    """Return a stranger's media type if it is one, else the type of anything."""
    return content_type if MEDIA_TYPE.fullmatch(content_type) else "application/octet-stream"
