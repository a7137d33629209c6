"""The axis's lists as a book that ours is held against: see `hub/comparing.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.vxp import sent
from adapters.vxp.axis import Axis, Refused
from adapters.vxp.codes import unanswered
from adapters.vxp.downward import FAIL, KINDS, doc_ids
from adapters.vxp.way import ask_taken
from adapters.vxp.words import read_time, text
from hub.axis import Book, TheirSent, TheirTaken, TheirWaiting

EDOC, STATUS = KINDS


async def book(axis: Axis) -> Book:
    """Return what the axis says it had from us of late, and what waits there for us, of both kinds."""
    try:
        sent_lists = [await axis.sent(kind) for kind in KINDS]
        waiting_lists = [await axis.received(kind) for kind in KINDS]
    except Refused as no:
        raise unanswered(no.code, no.words, axis.line.host) from no
    return Book(
        # Each once: an axis may list everything, whatever kind was asked for.
        sent=tuple(dict.fromkeys(line for items in sent_lists for line in _sent(items))),
        waiting=tuple(each for items in waiting_lists for each in _waiting(items)),
    )


async def taken(axis: Axis, since: datetime, until: datetime) -> tuple[TheirTaken, ...] | None:
    """Return what the axis says that we took in a time; None if it is no edochub, and cannot tell."""
    items = await ask_taken(axis, since, until)
    if items is None:
        return None
    return tuple(
        TheirTaken(
            remote_id=text(item.get("docId")), to=text(item.get("to")), sha256=text(item.get("sha256"))
        )
        for item in items
        if text(item.get("state")) == "delivered"
    )


async def one_sent(axis: Axis, remote_id: str) -> tuple[TheirSent, ...]:
    """Return what the axis says of one package that we sent."""
    try:
        items = [*await axis.sent(EDOC, docId=remote_id), *await axis.sent(STATUS, docId=remote_id)]
    except Refused as no:
        raise unanswered(no.code, no.words, axis.line.host) from no
    return tuple(line for line in _sent(items) if line.remote_id == remote_id)


async def package(axis: Axis, waiting: TheirWaiting) -> bytes:
    """Return a package that waits for us."""
    try:
        return await axis.fetch(waiting.remote_id)
    except Refused as no:
        raise unanswered(no.code, no.words, axis.line.host) from no


def _sent(items: Iterable[Mapping[str, Any]]) -> list[TheirSent]:
    lines = [line for item in items if (line := sent.read(item)) is not None]
    return [
        TheirSent(remote_id=line.doc_id, to=line.to, at=line.at, refused=line.receive_status == FAIL)
        for line in lines
    ]


def _waiting(items: Sequence[Mapping[str, Any]]) -> list[TheirWaiting]:
    wanted = set(doc_ids(items))
    by_id = {text(item.get("docId")): item for item in items}
    return [
        TheirWaiting(
            remote_id=doc_id,
            sender=text(item.get("from")),
            to=text(item.get("to")),
            at=read_time(text(item.get("created_time"))),
        )
        for doc_id, item in by_id.items()
        if doc_id in wanted
    ]
