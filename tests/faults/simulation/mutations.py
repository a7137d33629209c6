"""Hubs that are broken on purpose, each in one place: a simulation that does not notice them is worth nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import sqlalchemy as sa

from hub import inbox, journey, worker
from hub.errors import Unavailable
from hub.model import Delivery, Endpoint, Parcel
from hub.steps.acknowledge import acknowledge
from hub.store import deliveries, messages
from hub.store.prepared import Prepared
from hub.store.tables import deliveries as table
from hub.store.writer import Transaction
from tests.faults.simulation.database import SimulatedWriter

Patches = list[tuple[Any, str, Any]]


def settles_whatever_the_state() -> Patches:
    """A late word changes a delivery that has ended, or that somebody else is sending."""

    def settling(changed: tuple[str, ...], _: Any, *, untried: bool, ours: bool) -> Prepared:
        values: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in changed}
        if untried:
            values["attempts"] = table.c.attempts - 1
        return Prepared(sa.update(table).where(table.c.id == sa.bindparam("this")).values(**values))

    return [(deliveries, "_settling", settling)]


def answers_before_the_commit() -> Patches:
    """Who hands a unit in is told of its result before it is durable."""

    async def write(self: SimulatedWriter, unit: Callable[[Transaction], Any], name: str) -> Any:
        result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def told(tx: Transaction) -> Any:
            made = unit(tx)
            if not result.done():
                result.set_result(made)
            return made

        asyncio.ensure_future(REAL_WRITE(self, told, name)).add_done_callback(failed(result))
        return await result

    return [(SimulatedWriter, "write", write)]


REAL_WRITE = SimulatedWriter.write


def failed(result: asyncio.Future[Any]) -> Callable[[asyncio.Future[Any]], None]:
    """Return what passes an error on to somebody who was told nothing yet."""

    def note(written: asyncio.Future[Any]) -> None:
        error = None if written.cancelled() else written.exception()
        if error is not None and not result.done():
            result.set_exception(error)

    return note


def forgets_what_it_accepted() -> Patches:
    """The same package handed in twice is two messages."""
    numbers = itertools.count()
    return [(messages, "idempotency_key", lambda *_: f"key {next(numbers)}")]


def names_each_attempt_anew() -> Patches:
    """A far side cannot know a repeat."""

    def parcel(**given: Any) -> Any:
        return REAL_PARCEL(**{**given, "id": f"{given['id']}-{next(numbers)}"})

    numbers = itertools.count()
    return [(worker, "Parcel", parcel)]


REAL_PARCEL = Parcel


def tells_the_ledger_less() -> Patches:
    """A delivery that waits for a retry has no event."""
    real = Transaction.trace

    def trace(self: Transaction, kind: str, /, **given: Any) -> None:
        if kind != "delivery.waiting":
            real(self, kind, **given)

    return [(Transaction, "trace", trace)]


def keeps_no_refusals() -> Patches:
    """A refusal is told and not stored."""

    async def keep(hub: Any, endpoint: Endpoint, refusal: Any, *_: Any) -> None:
        refusal.id = "01M7VAXCWTQEH11EHGH0BYQFVA"

    return [(journey, "keep_refusal", keep)]


def shows_anybody_everything() -> Patches:
    """An endpoint is offered what waits for others too."""
    everybody = deliveries._WITH_MESSAGES.where(table.c.state == "available").limit(sa.bindparam("most"))

    def own(_: Endpoint | None, found: Delivery | None, __: str) -> Delivery:
        assert found is not None
        return found

    return [(deliveries, "_WAITING", Prepared(everybody)), (inbox, "_own", own)]


def forgets_outcomes() -> Patches:
    """When the database does not take a settlement, the worker goes on as if it had."""

    async def settle(self: worker.Worker, ending: Any) -> None:
        with contextlib.suppress(Unavailable):
            await self.store.write(lambda tx: acknowledge(tx, ending, self.node), "acknowledge")

    def interrupted(*_: Any, **__: Any) -> list[Delivery]:
        return []

    return [(worker.Worker, "settle", settle), (deliveries, "interrupted", interrupted)]


def tells_no_sender() -> Patches:
    """The sender of a document that was refused hears nothing."""

    async def word_of(*_: Any) -> None:
        return None

    return [(worker.Worker, "word_of", word_of)]


def changes_bytes() -> Patches:
    """What is delivered is not what was handed in."""

    def parcel(**given: Any) -> Any:
        made = REAL_PARCEL(**given)
        return replace(made, package=made.content + b"\n")

    return [(worker, "Parcel", parcel)]


MUTATIONS: dict[str, Callable[[], Patches]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        settles_whatever_the_state,
        answers_before_the_commit,
        forgets_what_it_accepted,
        names_each_attempt_anew,
        tells_the_ledger_less,
        keeps_no_refusals,
        shows_anybody_everything,
        forgets_outcomes,
        tells_no_sender,
        changes_bytes,
    )
}


@contextlib.contextmanager
def broken(mutation: str | None) -> Iterator[None]:
    """Break the hub for the length of a block."""
    with contextlib.ExitStack() as stack:
        for owner, name, instead in MUTATIONS[mutation]() if mutation else []:
            stack.enter_context(mock.patch.object(owner, name, instead))
        yield
