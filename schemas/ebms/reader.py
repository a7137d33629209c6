"""From the tree of an ebMS header, bare or in its SOAP envelope, to a `Header`. Never raises for a value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from schemas.ebms.codes import EB, SOAP
from schemas.ebms.header import Header, MessageInfo, Part, Party, PartyId, Signal, SignalError, UserMessage


def messaging_of(tree: etree._ElementTree) -> list[etree._Element]:
    """Return the eb:Messaging blocks: the root itself, or those in the SOAP header."""
    root = tree.getroot()
    return [root] if root.tag == f"{EB}Messaging" else root.findall(f"{SOAP}Header/{EB}Messaging")


def read(tree: etree._ElementTree) -> Header:
    """Return what a header says."""
    blocks = messaging_of(tree)
    return Header(
        user_messages=tuple(_user(each) for block in blocks for each in block.findall(f"{EB}UserMessage")),
        signals=tuple(_signal(each) for block in blocks for each in block.findall(f"{EB}SignalMessage")),
    )


def text(element: etree._Element | None, path: str) -> str:
    """Return the text at a path of local names below an element; "" where there is none."""
    found = None if element is None else element.find("/".join(f"{EB}{step}" for step in path.split("/")))
    return "" if found is None else (found.text or "").strip()


def moment(written: str) -> datetime | None:
    """Return the moment that an xs:dateTime names, UTC if it names no zone, or None."""
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _info(message: etree._Element) -> MessageInfo:
    return MessageInfo(
        message_id=text(message, "MessageInfo/MessageId"),
        refers_to=text(message, "MessageInfo/RefToMessageId"),
        at=moment(text(message, "MessageInfo/Timestamp")),
    )


def _user(message: etree._Element) -> UserMessage:
    return UserMessage(
        info=_info(message),
        sender=_party(message, "From"),
        receiver=_party(message, "To"),
        service=text(message, "CollaborationInfo/Service"),
        action=text(message, "CollaborationInfo/Action"),
        conversation_id=text(message, "CollaborationInfo/ConversationId"),
        agreement=text(message, "CollaborationInfo/AgreementRef"),
        properties=tuple(properties(message.find(f"{EB}MessageProperties"))),
        parts=tuple(
            Part(
                href=part.get("href", "").strip(),
                properties=tuple(properties(part.find(f"{EB}PartProperties"))),
            )
            for part in message.findall(f"{EB}PayloadInfo/{EB}PartInfo")
        ),
    )


def _party(message: etree._Element, name: str) -> Party:
    around = f"{EB}PartyInfo/{EB}{name}"
    ids = (
        PartyId(value=(element.text or "").strip(), type=element.get("type", ""))
        for element in message.findall(f"{around}/{EB}PartyId")
    )
    return Party(ids=tuple(ids), role=text(message.find(around), "Role"))


def properties(block: etree._Element | None) -> Iterator[tuple[str, str]]:
    """Yield name and value of the properties in a block."""
    for element in [] if block is None else block.findall(f"{EB}Property"):
        yield element.get("name", ""), (element.text or "").strip()


def _signal(message: etree._Element) -> Signal:
    return Signal(
        info=_info(message),
        pulls=message.find(f"{EB}PullRequest") is not None,
        is_receipt=message.find(f"{EB}Receipt") is not None,
        errors=tuple(
            SignalError(
                code=error.get("errorCode", "").strip(),
                severity=error.get("severity", "").strip(),
                description=text(error, "Description") or error.get("shortDescription", "").strip(),
            )
            for error in message.findall(f"{EB}Error")
        ),
    )
