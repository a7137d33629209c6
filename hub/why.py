"""Why a document is where it is: one sentence what happened, one what to do next, and the command that does it.

`facts_of` gathers what is known of a delivery, `explain` makes the words of it: of its state, the last attempt's error,
the endpoint's state, why it was held, by whom it was stopped. Every state has its words (`hub.why_words`).
"""

from __future__ import annotations

import fcntl
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hub import resuming
from hub.destination import Case, Destination
from hub.destination import Outcome as Decision
from hub.errors import NotFound
from hub.model import Attempt, Delivery, DeliveryState, Endpoint, Message, StoredRefusal
from hub.references import NOTHING
from hub.resuming import Onward, Stopped
from hub.show import VIETNAM
from hub.store import actions
from hub.store import deliveries as store
from hub.store.given import GIVEN, STOPPED
from hub.store.tables import deliveries as rows
from hub.store.tables import events, nodes
from hub.why_words import WORDS
from hub.words import STATES, days
from schemas.text import Text
from signing.verdict import Outcome

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.trace import Trace

SILENT = timedelta(seconds=60)  # a node that was not seen for so long does not count


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one delivery."""

    delivery: Delivery
    endpoint: Endpoint | None
    way: Onward | Text | None = None  # of one that is held: where it would go now, or why it cannot
    destined: Destination | None = None  # of one that is held: what the directory says of its code
    attempts: tuple[Attempt, ...] = ()
    told: tuple[tuple[str, str, dict[str, Any]], ...] = ()  # its events: kind, actor, details
    serving: bool = True  # a process of the hub delivers
    failing: Text | None = (
        None  # the error of another delivery through the same endpoint, which waits for a retry
    )
    behind: str | None = None  # the delivery of an earlier version that goes first
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What happened and what to do next. `kind` is for programs: a key of `hub.why_words.WORDS`."""

    kind: str
    happened: Text
    next: Text
    command: str  # empty: there is nothing to type
    message: str | None
    delivery: Delivery | None = None
    before: tuple[str, ...] = ()  # what is typed before the command

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "kind": self.kind,
            "happened": self.happened.as_json(),
            "next": self.next.as_json(),
            "command": self.command or None,
            "before": list(self.before),
            "message": self.message,
            "delivery": self.delivery.as_json() if self.delivery else None,
        }


async def why(hub: Hub, reference: str) -> list[Why]:
    """Return why a delivery is where it is; of a message, each that is not done, and what is wrong with its signatures.

    Raises `NotFound`.
    """
    await hub.refresh_directory()
    found = await hub.trace(reference)
    if not found:
        raise NotFound(NOTHING.say(reference=reference))
    serving = somebody_serves(hub)
    told: list[Why] = []
    for trace in found:
        told += await hub.store.read(partial(of_trace, hub, trace, reference, serving))
    return told


def of_trace(
    hub: Hub, trace: Trace, reference: str, serving: bool | None, connection: sa.Connection
) -> list[Why]:
    """Return what there is to say of one message or refusal."""
    if trace.refusal is not None:
        return [of_refusal(trace.refusal)]
    message = trace.message
    assert message is not None
    named = [each for each in trace.deliveries if each.id == reference]
    meant = named or [each for each in trace.deliveries if not each.state.final or _failed(each)]
    told = [explain(facts_of(hub, connection, each, message, serving)) for each in meant]
    if not meant:
        told.append(_done(message, trace.deliveries))
    return [*told, *of_signatures(message)]


def _failed(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.REFUSED


# --- what is known ------------------------------------------------------------------------------------------------


def facts_of(
    hub: Hub, connection: sa.Connection, delivery: Delivery, message: Message, serving: bool | None = None
) -> Facts:
    """Gather what is known of a delivery. `serving`: whether a process delivers, None to ask the database."""
    now = hub.clock()
    way, destined = None, None
    if delivery.state is DeliveryState.HELD:
        today = now.astimezone(hub.zone).date()
        stopped = Stopped(delivery, message, hub.directory, hub.config.policy.successions, today)
        way, destined = resuming.onward(stopped), resuming.decided(stopped)
    queued = delivery.state in (DeliveryState.QUEUED, DeliveryState.WAITING_FOR_RETRY)
    return Facts(
        delivery=delivery,
        endpoint=hub.directory.endpoint(delivery.endpoint) if delivery.endpoint else None,
        way=way,
        destined=destined,
        attempts=store.attempts_of(connection, [delivery.id]).get(delivery.id, ()),
        told=_told(connection, delivery),
        serving=_alive(connection, now) if serving is None else serving,
        failing=_failing(connection, delivery) if queued else None,
        behind=actions.ahead_of(connection, delivery) if queued else None,
        now=now,
    )


def _told(connection: sa.Connection, delivery: Delivery) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    query = (
        sa.select(events.c.kind, events.c.actor, events.c.body)
        .where(events.c.message == delivery.message, events.c.delivery == delivery.id)
        .order_by(events.c.seq)
    )
    return tuple((row.kind, row.actor, json.loads(row.body)["details"]) for row in connection.execute(query))


def _failing(connection: sa.Connection, delivery: Delivery) -> Text | None:
    """Return why the latest delivery through the same endpoint waits for its next try; None if none does."""
    state = sa.literal_column(f"'{DeliveryState.WAITING_FOR_RETRY}'", sa.String)
    query = (
        sa.select(rows.c.reason)
        .where(rows.c.endpoint == delivery.endpoint, rows.c.state == state, rows.c.id != delivery.id)
        .order_by(rows.c.updated_at.desc())
        .limit(1)
    )
    return store.read_text(connection.scalar(query))


def _alive(connection: sa.Connection, now: datetime) -> bool:
    seen = connection.scalar(sa.select(sa.func.max(nodes.c.seen_at)))
    return seen is not None and seen > now - SILENT


def somebody_serves(hub: Hub) -> bool | None:
    """Tell whether a server works on an embedded database, by its lock; None: the table of nodes tells."""
    if not hub.config.embedded:
        return None
    lock = Path(hub.config.database_url.removeprefix("sqlite:///") + ".lock")
    try:
        with lock.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


# --- what it means ------------------------------------------------------------------------------------------------


def explain(facts: Facts) -> Why:
    """Return what happened to a delivery and what to do next."""
    delivery = facts.delivery
    kind = kind_of(facts)
    event = next((each for each in reversed(facts.told) if each[0] == _WHO.get(kind)), None)
    error = _last_error(facts)
    choices = facts.destined.candidates if facts.destined else ()
    values: dict[str, Any] = {
        "delivery": delivery.id,
        "code": delivery.addressee,
        "endpoint": delivery.endpoint or "-",
        "since": _spoken(delivery.updated_at),
        "days": days((facts.now - delivery.created_at).days),
        "attempt": delivery.attempts,
        "next_try": _spoken(delivery.next_try_at),
        "error": error or NOT_TOLD,
        "reason": delivery.reason or NOT_TOLD,
        "way": facts.way.endpoint.id if isinstance(facts.way, Onward) else "-",
        "choice": choices[0].code if choices else "-",
        "other": facts.behind or "-",
        "by": event[1].partition(":")[2] if event else "-",
        "why": (event[2].get("why") or NOT_TOLD) if event else NOT_TOLD,
    }
    if kind == "held.choose":
        values["reason"] = ", ".join(map(str, choices))
    return _said(kind, values, delivery.message, delivery)


NO_PERSON = ("", "endpoint", "hub")  # kinds of actors
_WHO = {"suspended.operator": STOPPED, "withdrawn.operator": "delivery.withdrawn"}


def _spoken(moment: datetime | None) -> Text:
    """Return a time as each language writes it."""
    if moment is None:
        return Text(vi="-", en="-")
    local = moment.astimezone(VIETNAM)
    return Text(vi=local.strftime("%d/%m/%Y %H:%M"), en=local.strftime("%Y-%m-%d %H:%M"))


NOT_TOLD = Text(vi="không rõ lý do", en="no reason is known")


def kind_of(facts: Facts) -> str:
    """Return which of `WORDS` fits."""
    match facts.delivery.state:
        case DeliveryState.QUEUED:
            return _queued(facts)
        case DeliveryState.SENDING:
            return "sending" if facts.serving else "hub.not-serving"
        case DeliveryState.WAITING_FOR_RETRY:
            off = _off(facts)
            return off or ("retry" if facts.serving else "hub.not-serving")
        case DeliveryState.AVAILABLE:
            given = any(kind == GIVEN for kind, _, _ in facts.told)
            return _off(facts) or ("available.repeat" if given else "available")
        case DeliveryState.DELIVERED:
            return "delivered"
        case DeliveryState.REFUSED:
            return "expired" if _last_kind(facts) == "delivery.expired" else "refused"
        case DeliveryState.WITHDRAWN:
            actor = next((by for kind, by, _ in reversed(facts.told) if kind == "delivery.withdrawn"), "")
            return "withdrawn.sender" if actor.partition(":")[0] in NO_PERSON else "withdrawn.operator"
        case DeliveryState.HELD:
            return _held(facts)
        case DeliveryState.SUSPENDED:
            return _suspended(facts)


def _queued(facts: Facts) -> str:
    off = _off(facts)
    if off:
        return off
    if not facts.serving:
        return "hub.not-serving"
    if facts.behind:
        return "queued.behind"
    return "endpoint.failing" if facts.failing is not None else "queued"


def _off(facts: Facts) -> str:
    if facts.endpoint is None:
        return "endpoint.gone"
    return "endpoint.disabled" if facts.endpoint.disabled else ""


def _held(facts: Facts) -> str:
    if isinstance(facts.way, Onward):
        return "held.ready"
    made = facts.destined
    if made is not None and made.case in {Case.SPLIT, Case.DOUBTFUL} and made.candidates:
        return "held.choose"
    if made is not None and made.outcome is Decision.REFUSED:
        return "held.nowhere"
    return "held.not-connected"


def _suspended(facts: Facts) -> str:
    if _last_kind(facts) == STOPPED:
        return "suspended.operator"
    off = _off(facts)
    if off:
        return off
    last = facts.attempts[-1].outcome if facts.attempts else ""
    return "suspended.unreachable" if last == "unavailable" else "suspended.fault"


def _last_kind(facts: Facts) -> str:
    return facts.told[-1][0] if facts.told else ""


def _last_error(facts: Facts) -> Text | None:
    if facts.failing is not None and facts.delivery.state is DeliveryState.QUEUED:
        return facts.failing
    if facts.delivery.reason is not None:
        return facts.delivery.reason
    return facts.attempts[-1].detail if facts.attempts else None


# --- of the package as a whole ------------------------------------------------------------------------------------


def of_refusal(refusal: StoredRefusal) -> Why:
    """Return why the hub did not take a package: the finding that says it, with its remedy."""
    first = refusal.findings[0] if refusal.findings else None
    values = {
        "since": _spoken(refusal.at),
        "reason": first.message if first else refusal.message,
        "remedy": first.remedy if first else SEND_AGAIN,
        "message": refusal.id,
    }
    return _said("package.refused", values, refusal.id)


SEND_AGAIN = Text(vi="sửa theo lý do trên rồi gửi lại", en="mend what is named and send it again")


def of_signatures(message: Message) -> list[Why]:
    """Return what is wrong with the signatures of a package that went out all the same.

    That nothing is known yet of revocations is no reason to bother anybody; a certificate that does not count is.
    """
    told = []
    for kind, outcome in (
        ("signature.invalid", Outcome.INVALID),
        ("signature.certificate", Outcome.UNDETERMINED),
    ):
        reasons = [
            Text.from_json(reason["message"])
            for verdict in message.verdicts
            if verdict["outcome"] == outcome
            for reason in verdict["reasons"]
            if outcome is Outcome.INVALID or reason["code"].startswith("certificate.")
        ]
        if reasons:
            reason = Text(
                vi="; ".join(dict.fromkeys(each.vi.rstrip(".") for each in reasons)),
                en="; ".join(dict.fromkeys(each.en.rstrip(".") for each in reasons)),
            )
            told.append(_said(kind, {"reason": reason, "endpoint": message.endpoint}, message.id))
    return told


def _done(message: Message, deliveries: Sequence[Delivery]) -> Why:
    counted = Counter(each.state for each in deliveries)
    states = Text(
        vi=", ".join(f"{count} {STATES[state].vi}" for state, count in counted.items()) or "0",
        en=", ".join(f"{count} {STATES[state].en}" for state, count in counted.items()) or "0",
    )
    return _said("done", {"states": states, "message": message.id}, message.id)


# --- words --------------------------------------------------------------------------------------------------------


def _said(kind: str, values: dict[str, Any], message: str | None, delivery: Delivery | None = None) -> Why:
    words = WORDS[kind]
    return Why(
        kind=kind,
        happened=_sentence(words.happened.say(**values)),
        next=_sentence(words.next.say(**values)),
        command=words.command.format(**values),
        before=tuple(each.format(**values) for each in words.before),
        message=message,
        delivery=delivery,
    )


def _sentence(text: Text) -> Text:
    """Return a sentence with one full stop, whatever the words of others in it end with."""
    return Text(vi=f"{text.vi.rstrip('. ')}.", en=f"{text.en.rstrip('. ')}.")
