"""What recording a package does beside keeping it: decided from what is recorded already, then carried out.

Deciding only reads, so that an answer which is refused leaves nothing behind. Both halves run in the one transaction
that records the package; writers wait for each other, so what was decided still holds when it is carried out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from hub.errors import Refusal
from hub.exchange.standing import REQUESTED
from hub.model import Delivery, DeliveryState
from hub.store import deliveries
from hub.store import exchange as store
from hub.store.deliveries import Settlement
from hub.store.exchange import Asked
from hub.store.given import given_before
from hub.store.writer import Transaction
from schemas.findings import Finding
from schemas.text import Text

# What its addressee cannot have yet, or has not said that it has. Fetching is not taking: docs/exchange.md.
WITHDRAWABLE = (
    DeliveryState.QUEUED,
    DeliveryState.WAITING_FOR_RETRY,
    DeliveryState.AVAILABLE,
    DeliveryState.HELD,
    DeliveryState.SUSPENDED,
)
ITSELF = ""  # stands for the package that is being recorded: it has no id yet

WITHDRAWN = Text(
    vi="Bên gửi lấy lại văn bản trước khi giao; trục đã rút lượt chuyển này",
    en="The sender took the document back before it was delivered; the hub withdrew this delivery",
)
NEEDLESS = Text(
    vi="Văn bản đã được rút trước khi giao, không cần hỏi nơi nhận",
    en="The document was withdrawn before it was delivered: the addressee need not be asked",
)


@dataclass(frozen=True, slots=True)
class Request:
    """Something that the package asks of one agency, about one version."""

    agency: str
    about: str
    document: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What recording a package does beside keeping it."""

    document: str | None = None  # the first version of what the package is a version of, or asks back
    requests: tuple[Request, ...] = ()
    withdraw: tuple[Delivery, ...] = ()
    needless: frozenset[str] = frozenset()  # agencies that need not get the package
    findings: tuple[Finding, ...] = ()
    refusal: Refusal | None = None
    note: str = REQUESTED  # of a status package: what it does
    agency: str | None = None  # of a status package: whose standing it belongs to


def together(plans: list[Plan], document: str | None) -> Plan:
    """Return one plan for several addressees."""
    return Plan(
        document=document,
        requests=tuple(each for plan in plans for each in plan.requests),
        withdraw=tuple(each for plan in plans for each in plan.withdraw),
        needless=frozenset().union(*(plan.needless for plan in plans)),
        findings=tuple(each for plan in plans for each in plan.findings),
    )


def carry_out(tx: Transaction, plan: Plan, message: str, actor: str, at: datetime) -> None:
    """Withdraw what is to be withdrawn and write down what is asked, in the name of the package just recorded."""
    gone = Settlement(
        state=DeliveryState.WITHDRAWN,
        event="delivery.withdrawn",
        actor=actor,
        reason=WITHDRAWN,
        details=(("by", message),),
    )
    for delivery in plan.withdraw:
        kept = given_before(tx.connection, delivery.message, delivery.id)  # and was to be sent it again
        ending = replace(gone, state=DeliveryState.DELIVERED, event="delivery.repeat-ended") if kept else gone
        withdrawn = deliveries.settle(tx, delivery, ending, WITHDRAWABLE)
        assert withdrawn, f"delivery {delivery.id} changed within its own transaction"
    for request in dict.fromkeys(plan.requests):
        store.insert(
            tx,
            Asked(
                message=message,
                agency=request.agency,
                about=request.about or message,
                document=request.document or message,
                kind=request.kind,
                at=at,
            ),
        )
