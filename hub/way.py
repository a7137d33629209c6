"""The whole way of a document over several hubs, each telling its own part.

A hub asks its neighbours: the one that the document came from and those that it went to. Each tells its part of what
passed between the two, and asks on. Nobody is told of any other document; who is told of one learns when it came, whom
it was for and how each delivery stands, no system's name or address, and no reason but that of a refusal, which the
sender is told anyway. A hub that does not answer in time is named, and costs no longer than that.

`Answer.from_json` reads what another hub wrote, and raises `ValueError` for what is not of this shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub import hops
from hub.hops import Hops
from hub.model import Delivery, DeliveryState, TraceEvent
from schemas.text import Text

MOST_HUBS, MOST_DELIVERIES, MOST_EVENTS, LONGEST = 64, 1_000, 2_000, 500
DETAILS = (
    "attempt",
    "code",
    "next_try_at",
)  # of an event, that a neighbour is told; of a refusal also its reason
REFUSED = "delivery.refused"


@dataclass(frozen=True, slots=True)
class Question:
    """Which document, and how far the question may still go."""

    document_id: str
    sender: str  # code, as written
    seen: tuple[str, ...]  # ids of the messages that were told already, each its hub's own
    seconds: float
    hops_left: int

    def as_json(self) -> dict[str, Any]:
        """Return the shape that is sent."""
        return {
            "document_id": self.document_id,
            "sender": self.sender,
            "seen": list(self.seen),
            "seconds": self.seconds,
            "hops_left": self.hops_left,
        }

    @classmethod
    def from_json(cls, told: Any) -> Question:
        """Read a question. Raises `ValueError`."""
        if not isinstance(told, dict) or not isinstance(told.get("seen"), list):
            raise ValueError("a question")  # noqa: TRY004
        return cls(
            document_id=_text(told.get("document_id")),
            sender=_text(told.get("sender")),
            seen=tuple(_text(each) for each in told["seen"][:MOST_HUBS]),
            seconds=_number(told.get("seconds")),
            hops_left=int(_number(told.get("hops_left"))),
        )


@dataclass(frozen=True, slots=True)
class Stand:
    """How the delivery to one addressee stands at one hub; `to_hub`: it goes to a next hub, not to the addressee."""

    to: str
    state: DeliveryState
    since: datetime
    to_hub: bool
    reason: Text | None  # of a refusal

    def as_json(self) -> dict[str, Any]:
        """Return the shape that is sent and that `--json` publishes."""
        return {
            "to": self.to,
            "state": str(self.state),
            "since": self.since.isoformat(),
            "to_hub": self.to_hub,
            "reason": self.reason.as_json() if self.reason else None,
        }

    @classmethod
    def of(cls, delivery: Delivery, *, to_hub: bool) -> Stand:
        """Return what a neighbour is told of a delivery."""
        reason = delivery.reason if delivery.state is DeliveryState.REFUSED else None
        return cls(delivery.addressee, delivery.state, delivery.updated_at, to_hub, reason)

    @classmethod
    def from_json(cls, told: Any) -> Stand:
        """Read one back. Raises `ValueError`."""
        reason = _object(told).get("reason")
        return cls(
            to=_text(told.get("to")),
            state=DeliveryState(told.get("state")),
            since=_time(told.get("since")),
            to_hub=told.get("to_hub") is True,
            reason=_sentence(reason) if reason is not None else None,
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """One event at one hub, as a neighbour may know it."""

    at: datetime
    kind: str
    to: str | None
    details: dict[str, Any]

    @property
    def event(self) -> TraceEvent:
        """The event, for `hub.events.sentence`."""
        return TraceEvent(
            seq=0,
            at=self.at,
            kind=self.kind,
            message=None,
            delivery=None,
            actor="",
            details=self.details,
            hash="",
        )

    def as_json(self) -> dict[str, Any]:
        """Return the shape that is sent and that `--json` publishes."""
        return {"at": self.at.isoformat(), "kind": self.kind, "to": self.to, "details": self.details}

    @classmethod
    def of(cls, event: TraceEvent, addressees: dict[str, str]) -> Moment:
        """Return what a neighbour is told of an event; `addressees` by delivery."""
        names = (*DETAILS, "reason") if event.kind == REFUSED else DETAILS
        details = {name: event.details[name] for name in names if event.details.get(name) is not None}
        return cls(event.at, event.kind, addressees.get(event.delivery or ""), details)

    @classmethod
    def from_json(cls, told: Any) -> Moment:
        """Read one back. Raises `ValueError`."""
        details = _object(_object(told).get("details"))
        kept = {name: _detail(name, details[name]) for name in (*DETAILS, "reason") if name in details}
        to = told.get("to")
        return cls(
            at=_time(told.get("at")),
            kind=_text(told.get("kind")),
            to=_text(to) if to is not None else None,
            details=kept,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What one hub tells: its id for the document, when it came, how it stands there and what happened."""

    hub: str  # code
    name: str
    message: str
    sha256: str
    accepted_at: datetime
    passed: Hops  # before this hub
    stands: tuple[Stand, ...]
    moments: tuple[Moment, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the shape that is sent and that `--json` publishes."""
        return {
            "hub": self.hub,
            "name": self.name,
            "message": self.message,
            "sha256": self.sha256,
            "accepted_at": self.accepted_at.isoformat(),
            "passed": [hop.as_json() for hop in self.passed],
            "deliveries": [each.as_json() for each in self.stands],
            "events": [each.as_json() for each in self.moments],
        }

    @classmethod
    def from_json(cls, told: Any) -> Part:
        """Read one back. Raises `ValueError`."""
        given = _object(told)
        return cls(
            hub=_text(given.get("hub")),
            name=_text(given.get("name")),
            message=_text(given.get("message")),
            sha256=_text(given.get("sha256")),
            accepted_at=_time(given.get("accepted_at")),
            passed=_passed(given.get("passed")),
            stands=tuple(Stand.from_json(each) for each in _list(given.get("deliveries"), MOST_DELIVERIES)),
            moments=tuple(Moment.from_json(each) for each in _list(given.get("events"), MOST_EVENTS)),
        )


@dataclass(frozen=True, slots=True)
class Silent:
    """A neighbour that said nothing: at which hub it is known by this name, and why."""

    at_hub: str
    endpoint: str
    why: Text

    def as_json(self) -> dict[str, Any]:
        """Return the shape that is sent and that `--json` publishes."""
        return {"at_hub": self.at_hub, "endpoint": self.endpoint, "why": self.why.as_json()}

    @classmethod
    def from_json(cls, told: Any) -> Silent:
        """Read one back. Raises `ValueError`."""
        given = _object(told)
        return cls(_text(given.get("at_hub")), _text(given.get("endpoint")), _sentence(given.get("why")))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of the way: the parts that were told, and who told nothing."""

    parts: tuple[Part, ...] = ()
    silent: tuple[Silent, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the shape that is sent and that `--json` publishes."""
        return {
            "hubs": [each.as_json() for each in self.parts],
            "silent": [each.as_json() for each in self.silent],
        }

    @classmethod
    def from_json(cls, told: Any) -> Answer:
        """Read another hub's answer. Raises `ValueError`."""
        given = _object(told)
        return cls(
            tuple(Part.from_json(each) for each in _list(given.get("hubs"), MOST_HUBS)),
            tuple(Silent.from_json(each) for each in _list(given.get("silent"), MOST_HUBS)),
        )

    def with_others(self, others: list[Answer]) -> Answer:
        """Return this answer and others as one: each hub's part once, in the order in which the document came there."""
        parts = {(part.hub, part.message): part for each in (*others, self) for part in each.parts}
        silent = {(each.at_hub, each.endpoint): each for answer in (*others, self) for each in answer.silent}
        ordered = sorted(parts.values(), key=lambda part: (len(part.passed), part.accepted_at, part.hub))
        return Answer(tuple(ordered), tuple(silent.values()))

    def standing(self) -> list[tuple[Part, Stand]]:
        """Return for each addressee the furthest hub that tells of it, and how it stands there."""
        furthest: dict[str, tuple[Part, Stand]] = {}
        for part in self.parts:
            for stand in part.stands:
                furthest[stand.to] = (part, stand)
        return list(furthest.values())


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("an object")  # noqa: TRY004
    return value


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise ValueError("a list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError("a short text")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3_600:
        raise ValueError("a number")
    return float(value)


def _time(value: Any) -> datetime:
    at = datetime.fromisoformat(_text(value))
    if at.tzinfo is None:
        raise ValueError("a time with a zone")
    return at


def _sentence(value: Any) -> Text:
    told = _object(value)
    return Text(vi=_text(told.get("vi")), en=_text(told.get("en")))


def _detail(name: str, value: Any) -> Any:
    if name == "reason":
        return _sentence(value).as_json()
    if name == "attempt":
        return int(_number(value))
    return _time(value).isoformat() if name == "next_try_at" else _text(value)


def _passed(value: Any) -> Hops:
    try:
        return hops.from_json(_object(each) for each in _list(value, MOST_HUBS))
    except (KeyError, TypeError) as error:
        raise ValueError("hops") from error
