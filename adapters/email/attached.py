"""The packages in a mail, found by what they are.

A part is offered to the hub when its content is an edXML package, whatever it is called; and when it says that it is
XML, whatever it is, so that its sender hears what is wrong with it. Everything else (the text, a logo, a scan) is no
package. What is forwarded as a whole mail is not looked into: a bounce carries our own documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from pathlib import PurePosixPath

from hub.errors import Refusal
from schemas.text import Text

MOST_PARTS = 200
MOST_PACKAGES = 20  # of one mail
DEEPEST = 20  # parts in parts
HEAD_BYTES = 2048  # where the root element has to begin
XML_TYPES = frozenset({"application/xml", "text/xml", "application/edxml", "application/x-edxml"})
XML_NAMES = frozenset({".edxml", ".xml"})
ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>)?\s*<(?:[A-Za-z_][\w.-]{0,50}:)?edXML[\s>/]"
)
ADDRESS = re.compile(r"(?:[^<>]*<)?\s*([^\s<>\"(),;:\\]+@[^\s<>\"(),;:\\]+)\s*>?\s*")


class NoPackage(Refusal):
    """A mail without a package in it. Attach the .edxml file and send it again."""

    code = "mail.no-package"

    def __init__(self) -> None:
        super().__init__(
            Text(
                vi="Thư không có gói tin edXML nào đính kèm",
                en="No edXML package is attached to this mail",
            )
        )


class Unreadable(Refusal):
    """A mail whose parts cannot be told apart, or that has too many. Send a plain mail with the package attached."""

    code = "mail.unreadable"

    def __init__(self) -> None:
        super().__init__(
            Text(
                vi=f"Không đọc được các phần của thư, hoặc thư có quá {MOST_PACKAGES} gói tin; "
                "hãy gửi thư thường với tệp đính kèm",
                en=f"The parts of this mail cannot be read, or it has more than {MOST_PACKAGES} packages; "
                "send a plain mail with the file attached",
            )
        )


@dataclass(frozen=True, slots=True)
class Attached:
    """A part of a mail that is offered to the hub. The name is the sender's word."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """What the header of a mail says. `sender` is in small letters, "" when it names none, or several."""

    sender: str
    message_id: str
    automatic: bool  # a machine wrote it, or it came through a list: nobody waits for an answer (RFC 3834, 2)

    @classmethod
    def of(cls, header: bytes) -> Head:
        """Read a header."""
        mail = BytesHeaderParser(policy=compat32).parsebytes(header)
        froms = [str(each) for each in mail.get_all("From", [])]
        found = ADDRESS.fullmatch(" ".join(froms[0].split())) if len(froms) == 1 else None
        submitted = str(mail.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
        listed = (
            str(mail.get("Precedence", "")).strip().lower() in {"bulk", "list", "junk"} or "List-Id" in mail
        )
        return cls(
            sender=found[1].lower() if found else "",
            message_id=str(mail.get("Message-ID", "")).strip(),
            automatic=submitted != "no" or listed,
        )


def packages_in(mail: bytes) -> list[Attached]:
    """Return what of a mail is offered to the hub, in its order. Raises `Unreadable`."""
    try:
        parsed = BytesParser(policy=compat32).parsebytes(mail)
        found = [each for part in _parts(parsed) if (each := _package(part)) is not None]
    except (RecursionError, ValueError, LookupError) as error:
        raise Unreadable from error
    if len(found) > MOST_PACKAGES:
        raise Unreadable
    return found


def _parts(mail: Message) -> Iterator[Message]:
    """Yield the parts that hold something themselves."""
    seen, waiting = 0, [(mail, 0)]
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > MOST_PARTS or depth > DEEPEST:
            raise Unreadable
        if part.get_content_maintype() == "message":
            continue
        if part.is_multipart():
            inside = part.get_payload()
            assert isinstance(inside, list)
            waiting += [(each, depth + 1) for each in reversed(inside) if isinstance(each, Message)]
        else:
            yield part


def _package(part: Message) -> Attached | None:
    name = part.get_filename() or ""
    claims = part.get_content_type() in XML_TYPES or PurePosixPath(name.lower()).suffix in XML_NAMES
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return None
    return Attached(name, content) if claims or ROOT.match(content[:HEAD_BYTES]) else None
