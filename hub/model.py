"""The nouns of the hub: frozen dataclasses and enums, no I/O.

`Envelope` and `Finding` come from `schemas`, `Verdict` from `signing`; everything else that the hub talks about is
here. Times are aware datetimes in UTC. Digests are SHA-256 in lower-case hex.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from hub.hops import Hops
from hub.limits import NONE_OF_ITS_OWN, EndpointLimits
from schemas.edxml.codes import Scheme
from schemas.edxml.elements import Dialect
from schemas.edxml.envelope import PackageKind
from schemas.findings import Finding
from schemas.spooled import Package, Spooled
from schemas.text import Text
from schemas.validator import ValidDocument
from signing.verdict import Verdict

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time now, aware, in UTC: the clock of a real hub."""
    return datetime.now(UTC)


class Level(StrEnum):
    """The tier of an agency. The district ended on 2025-07-01 and lives on in old codes only."""

    CENTRAL = "central"
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyCode:
    """One code of an agency and when it holds: from `valid_from` up to but not including `valid_to`."""

    value: str
    scheme: Scheme
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    def open_on(self, day: date) -> bool:
        """Tell whether the code holds on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """Who exchanges documents. `id` is the hub's own and never changes; the codes do."""

    id: str
    name: str
    level: Level
    codes: tuple[AgencyCode, ...]
    parent: str | None = None  # a code

    @property
    def code(self) -> str:
        """The code to show: the first one that is still open, else the first."""
        return next((c.value for c in self.codes if c.valid_to is None), self.codes[0].value)


class SignatureRule(StrEnum):
    """What the signatures of an endpoint's documents must be: see `signing.policy`."""

    DEFAULT = "default"  # what the hub demands of the sender's level, or of all: `hub.demands`
    IGNORE = "ignore"
    REPORT = "report"
    REFUSE_INVALID = "refuse-invalid"
    REQUIRE = "require"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One connected system: how it is reached and the agencies that it speaks for (`Agency.id`)."""

    id: str
    adapter: str
    address: str | None
    agencies: frozenset[str]
    polls: bool = False  # it fetches what is for it; nothing is pushed
    signatures: SignatureRule = SignatureRule.DEFAULT  # of the package
    attachments: SignatureRule = SignatureRule.DEFAULT
    dialect: Dialect = "vnpt"  # in which the hub writes status packages that go there
    disabled: bool = False
    limits: EndpointLimits = NONE_OF_ITS_OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A package that somebody handed in: nothing is known of it yet but its bytes and who brought them.

    A spooled one can be read until whoever handed it in has its answer.
    """

    endpoint: Endpoint
    content: Package
    sha256: str
    at: datetime
    hops: Hops = ()  # the hubs that it passed, as who brought it says


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedDocument:
    """A valid package whose sender may speak for its From, and what is known of its signatures."""

    received: Received
    valid: ValidDocument
    sender: Agency
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]  # warnings that the sender is told
    unsettled: bool = False  # signatures are left to be judged after acceptance: hub/settling.py


class DeliveryState(StrEnum):
    """Where one message to one addressee stands."""

    QUEUED = "queued"
    SENDING = "sending"
    WAITING_FOR_RETRY = "waiting_for_retry"
    AVAILABLE = "available"  # in the inbox of an endpoint that polls
    DELIVERED = "delivered"
    REFUSED = "refused"
    HELD = "held"  # a person must decide where to
    SUSPENDED = "suspended"  # a person must look
    WITHDRAWN = "withdrawn"

    @property
    def final(self) -> bool:
        """Tell whether nothing more happens by itself."""
        return self in {DeliveryState.DELIVERED, DeliveryState.REFUSED, DeliveryState.WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """What `route` found for one To: the agency, and its endpoint if it has one yet."""

    code: str
    agency: Agency
    endpoint: Endpoint | None
    reason: Text | None = None  # why a person must decide where to; None: there is no endpoint yet
    forwarded_to: str | None = None  # the successor's code, when `code` is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """A verified document with everything that `record` needs to write it down."""

    verified: VerifiedDocument
    addressees: tuple[Addressee, ...]
    about: str | None = None  # the message that this one answers, recalls, updates or replaces
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An accepted package under the hub's own id: the envelope's main facts and the document's digest."""

    id: str
    kind: PackageKind
    sender: str  # OrganId of From, as written
    sender_name: str
    sender_agency: str  # Agency.id
    endpoint: str  # Endpoint.id that handed it in
    document_id: str
    code: str  # number/notation
    subject: str
    priority: int
    promulgated_on: date | None
    due_on: date | None
    status_code: str | None  # of a status package
    about: str | None  # the message that this one answers, recalls, updates or replaces
    sha256: str
    size: int  # bytes
    findings: Sequence[Finding]
    verdicts: Sequence[dict[str, Any]]  # signing.verdict.Verdict.as_json
    accepted_at: datetime
    document: str | None = None  # of a later version, or a revocation: the first version's id

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "id": self.id,
            "kind": str(self.kind),
            "from": self.sender,
            "from_name": self.sender_name,
            "endpoint": self.endpoint,
            "document_id": self.document_id,
            "code": self.code,
            "subject": self.subject,
            "priority": self.priority,
            "promulgated_on": self.promulgated_on.isoformat() if self.promulgated_on else None,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "status": self.status_code,
            "about": self.about,
            "sha256": self.sha256,
            "size": self.size,
            "findings": [finding.as_json() for finding in self.findings],
            "signatures": list(self.verdicts),
            "accepted_at": self.accepted_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one addressee. `attempts` counts those that were started."""

    id: str
    message: str  # Message.id
    addressee: str  # OrganId of To, as written
    agency: str  # Agency.id
    endpoint: str | None  # Endpoint.id, None while HELD
    state: DeliveryState
    attempts: int
    next_try_at: datetime | None
    reason: Text | None  # why it is refused, waiting, held or suspended
    remote_id: str | None
    created_at: datetime
    updated_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "id": self.id,
            "message": self.message,
            "to": self.addressee,
            "endpoint": self.endpoint,
            "state": str(self.state),
            "attempts": self.attempts,
            "next_try_at": self.next_try_at.isoformat() if self.next_try_at else None,
            "reason": self.reason.as_json() if self.reason else None,
            "remote_id": self.remote_id,
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The hub's answer to the sender: it is safe here, under this id, with these deliveries."""

    message: Message
    deliveries: tuple[Delivery, ...]
    duplicate: bool

    @property
    def state(self) -> str:
        """`accepted` until every delivery is final, then `completed`."""
        return "completed" if all(d.state.final for d in self.deliveries) else "accepted"

    def as_json(self) -> dict[str, Any]:
        """Return the body of the answer to `POST /api/v1/documents`."""
        return {
            "id": self.message.id,
            "state": self.state,
            "duplicate": self.duplicate,
            "findings": [finding.as_json() for finding in self.message.findings],
            "signatures": list(self.message.verdicts),
            "deliveries": [delivery.as_json() for delivery in self.deliveries],
        }


class ReceiptKind(StrEnum):
    """How the far side took a delivery."""

    DELIVERED = "delivered"
    AVAILABLE = "available"  # it waits in the hub's inbox until the endpoint fetches it


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The far side's word for it. `remote_id` is its own name for the document, if it gave one."""

    kind: ReceiptKind = ReceiptKind.DELIVERED
    remote_id: str | None = None
    given_sha256: str | None = None  # what was given, when that was not exactly what came in


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What an adapter is given to deliver. `id` is the delivery's: the far side knows a repeat by it.

    `package` has exactly the bytes that the sender handed in: as `bytes`, or above `storage.memory_bytes` as a
    `Spooled` that is read piece by piece. An adapter whose far side must have it whole asks for `content`.
    """

    id: str
    message: Message
    addressee: str
    package: Package
    attempt: int = 1  # the number of the try: from the second on, the far side may have it

    @property
    def content(self) -> bytes:
        """All bytes of the package, read into memory."""
        return self.package.read() if isinstance(self.package, Spooled) else self.package


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a delivery and how it ended."""

    number: int
    started_at: datetime
    ended_at: datetime
    outcome: str  # delivered, available, unavailable, refused, fault
    detail: Text | None

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "number": self.number,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
            "outcome": self.outcome,
            "detail": self.detail.as_json() if self.detail else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEntry:
    """A business answer 01..16 about one document, as recorded."""

    id: str  # Message.id of the status package
    message: str | None  # the document; None if this hub never saw it
    sender: str  # who says so
    to: str
    code: str
    description: str
    stated_at: datetime | None
    recorded_at: datetime
    note: str  # what it did to the state: hub.exchange.standing, hub.words.NOTES

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "id": self.id,
            "message": self.message,
            "from": self.sender,
            "to": self.to,
            "code": self.code,
            "description": self.description,
            "stated_at": self.stated_at.isoformat() if self.stated_at else None,
            "recorded_at": self.recorded_at.isoformat(),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceEvent:
    """Something that happened, in the past tense, as the ledger holds it."""

    seq: int
    at: datetime
    kind: str  # document.accepted, delivery.delivered, ...
    message: str | None
    delivery: str | None
    actor: str  # endpoint:ID, hub:NODE, operator:NAME
    details: dict[str, Any]
    hash: str  # of the chain up to and including this event

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "message": self.message,
            "delivery": self.delivery,
            "actor": self.actor,
            "details": self.details,
            "hash": self.hash,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRefusal:
    """A document that was refused: what can be said of it without keeping it."""

    id: str
    at: datetime
    endpoint: str
    code: str
    message: Text
    findings: tuple[Finding, ...]
    sha256: str | None
    size: int
    sender: str | None
    document_id: str | None
    document_code: str | None = None  # number and notation, where the hub could read them

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "endpoint": self.endpoint,
            "error": {"code": self.code, "message": self.message.as_json()},
            "findings": [finding.as_json() for finding in self.findings],
            "sha256": self.sha256,
            "size": self.size,
            "from": self.sender,
            "document_id": self.document_id,
            "document_code": self.document_code,
        }
