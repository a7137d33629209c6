"""Where a stopped delivery goes on to, when a person says so.

One that was suspended or waits goes where it was going. One that is held is decided anew, as the directory has it now:
its agency may be connected by now, or its succession recorded. Where several took over, the person names one of them
(`to`); nobody else can be named, so that what the ledger keeps of successions stays the reason of every delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from hub.destination import (
    Case,
    Destination,
    Outcome,
    Successions,
    day_of_document,
    decide,
    decide_answer,
)
from hub.destination_words import candidates_text, explanation
from hub.directory import Candidate, Directory
from hub.errors import NotFound
from hub.model import Delivery, DeliveryState, Endpoint, Message
from hub.obstacle import Step, obstacle
from hub.routes import stranger
from hub.store import deliveries as store
from hub.store.deliveries import Settlement
from hub.store.tables import deliveries
from hub.store.writer import Transaction
from hub.words import STATES
from schemas.edxml.envelope import PackageKind
from schemas.text import Sentence, Text

RESUMABLE = (DeliveryState.SUSPENDED, DeliveryState.HELD, DeliveryState.WAITING_FOR_RETRY)

NOTHING_TO_RESUME = Sentence(
    vi="Lượt chuyển {delivery} đang ở trạng thái “{state}”, không cần tiếp tục",
    en="Delivery {delivery} is “{state}”: there is nothing to resume",
)
NOT_CONNECTED = Sentence(
    vi="Cơ quan {code} chưa có điểm kết nối",
    en="Agency {code} has no endpoint yet",
)
NOT_ONE_OF_THEM = Sentence(
    vi="{to} không phải cơ quan kế thừa của {code}; được chọn: {candidates}",
    en="{to} is not a successor of {code}; there are: {candidates}",
)
NO_CHOICE = Sentence(
    vi="Lượt chuyển {delivery} đang ở trạng thái “{state}”; chỉ chọn nơi nhận cho lượt chuyển đang giữ",
    en="Delivery {delivery} is “{state}”; an addressee can be chosen for a held delivery only",
)
HAS_IT = Sentence(
    vi="Cơ quan {code} đã có văn bản này qua lượt chuyển {other}",
    en="Agency {code} has this document through delivery {other} already",
)


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a delivery goes on to."""

    agency: str  # Agency.id
    code: str
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class Stopped:
    """A delivery that somebody wants to go on, and what decides where to."""

    delivery: Delivery
    message: Message
    directory: Directory
    successions: Successions
    today: date


def onward(stopped: Stopped, to: str | None = None) -> Onward | Text:
    """Return where a delivery goes on to, or why it cannot."""
    delivery = stopped.delivery
    if delivery.state not in RESUMABLE:
        return NOTHING_TO_RESUME.say(delivery=delivery.id, state=STATES[delivery.state])
    if delivery.state is DeliveryState.HELD:
        made = decided(stopped)
        return _chosen(stopped, made, to) if to is not None else _by_itself(made)
    if to is not None:
        return NO_CHOICE.say(delivery=delivery.id, state=STATES[delivery.state])
    return as_before(stopped)


def decided(stopped: Stopped) -> Destination:
    """Decide anew where what is held goes, as the directory has it now."""
    code, message = stopped.delivery.addressee, stopped.message
    if message.kind is PackageKind.STATUS:
        return decide_answer(stopped.directory, code, today=stopped.today, successions=stopped.successions)
    return decide(
        stopped.directory,
        code,
        written_on=day_of_document(message.promulgated_on, stopped.today),
        today=stopped.today,
        successions=stopped.successions,
    )


def _by_itself(made: Destination) -> Onward | Text:
    """Go on as the directory decides now."""
    if made.outcome is Outcome.DELIVERED:
        assert made.agency is not None
        assert made.endpoint is not None
        return Onward(made.agency.id, made.reached, made.endpoint)
    if made.case in {Case.SPLIT, Case.DOUBTFUL}:
        return obstacle(explanation(made), Step.CHOOSE, made.code)
    if made.outcome is Outcome.REFUSED:
        return explanation(made)
    return obstacle(NOT_CONNECTED, Step.CONNECT, made.code, code=made.code)


def _chosen(stopped: Stopped, made: Destination, to: str) -> Onward | Text:
    """Go on to the successor that a person named."""
    directory = stopped.directory
    meant = directory.resolve(to).agency
    for candidate in made.candidates:
        if to == candidate.code or (meant and candidate.agency and meant.id == candidate.agency.id):
            return _to(directory, candidate)
    there_are = candidates_text(made.candidates)
    return NOT_ONE_OF_THEM.say(to=to, code=made.code, candidates=there_are)


def _to(directory: Directory, candidate: Candidate) -> Onward | Text:
    agency = candidate.agency or stranger(candidate.code)
    endpoint = directory.endpoint_for(agency) or _by_route(directory, candidate.code)
    if endpoint is None:
        return obstacle(NOT_CONNECTED, Step.CONNECT, candidate.code, code=candidate.code)
    return Onward(agency.id, candidate.code, endpoint)


def as_before(stopped: Stopped) -> Onward | Text:
    """Go on to the agency that it was going to, through the endpoint that leads there now."""
    delivery, directory = stopped.delivery, stopped.directory
    try:
        endpoint = directory.endpoint_for(directory.agency(delivery.agency))
    except NotFound:  # it goes to the next hub
        endpoint = _by_route(directory, delivery.addressee)
    if endpoint is None and delivery.endpoint is not None:
        endpoint = directory.endpoint(delivery.endpoint)
    if endpoint is None:
        return obstacle(NOT_CONNECTED, Step.CONNECT, delivery.addressee, code=delivery.addressee)
    return Onward(delivery.agency, delivery.addressee, endpoint)


def _by_route(directory: Directory, code: str) -> Endpoint | None:
    route = directory.route_for(code)
    return directory.endpoint(route.endpoint) if route and route.endpoint else None


def resume(tx: Transaction, delivery: Delivery, to: Onward, actor: str, why: str = "") -> bool:
    """The unit of work: the delivery goes on; or it ends, if that agency has the document already.

    Tell whether it still was to be resumed.
    """
    endpoint = to.endpoint
    other = _delivery_to(tx, delivery, to.agency)
    if other is not None:
        settlement = Settlement(
            state=DeliveryState.WITHDRAWN,
            event="delivery.withdrawn",
            actor=actor,
            reason=HAS_IT.say(code=to.code, other=other),
        )
    else:
        settlement = Settlement(
            state=DeliveryState.AVAILABLE if endpoint.polls else DeliveryState.QUEUED,
            event="delivery.resumed",
            actor=actor,
            next_try_at=None if endpoint.polls else tx.now,
            endpoint=endpoint.id,
            agency=to.agency,
            details=(("to", to.code), *((("why", why),) if why else ())),
        )
    resumed = store.settle(tx, delivery, settlement, RESUMABLE)
    tx.wake(endpoint.id)
    return resumed


def _delivery_to(tx: Transaction, delivery: Delivery, agency: str) -> str | None:
    """Return another delivery of the same message to an agency."""
    found = tx.execute(
        sa.select(deliveries.c.id).where(
            deliveries.c.message == delivery.message,
            deliveries.c.agency == agency,
            deliveries.c.id != delivery.id,
        )
    ).first()
    return str(found.id) if found else None
