"""What an ebMS header says, as frozen dataclasses. Names follow the standard's elements in snake case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyId:
    """PartyId, 5.2.2.3: without a type the value is a URI."""

    value: str
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """From or To, 5.2.2.2."""

    ids: tuple[PartyId, ...]
    role: str = ""

    @property
    def name(self) -> str:
        """What to call the party: its first identifier."""
        return self.ids[0].value if self.ids else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """PartInfo, 5.2.2.13: one payload. Without `href` it is the SOAP body."""

    href: str = ""
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageInfo:
    """MessageInfo, 5.2.2.1. `at` is None where the time cannot be read; without a zone it means UTC."""

    message_id: str
    refers_to: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMessage:
    """UserMessage, 5.2.2: a document on its way from one party to another."""

    info: MessageInfo
    sender: Party
    receiver: Party
    service: str = ""
    action: str = ""
    conversation_id: str = ""
    agreement: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalError:
    """Error, 6.2: what went wrong with the message that the signal refers to."""

    code: str
    severity: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """SignalMessage, 5.2.3: pull request, receipt or errors."""

    info: MessageInfo
    pulls: bool = False
    is_receipt: bool = False
    errors: tuple[SignalError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Everything that eb:Messaging says. A sound one holds one message, of either sort."""

    user_messages: tuple[UserMessage, ...] = ()
    signals: tuple[Signal, ...] = ()
