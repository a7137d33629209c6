"""The journey of a document. Read this first.

    receive -> validate -> verify -> route -> record  | answer the sender |  deliver -> acknowledge

Each step takes the type that the one before returns, so none can be left out. Nothing is durable until `record`
commits, and then everything is: a crash before it leaves nothing behind, and after it the sender may be told
"accepted". The second half runs in `worker.py` (or in `inbox.py`, when the addressee comes for its documents).

A refusal is a fact too: it is stored, with its reason, before the sender hears of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from hub import loops, metrics
from hub.errors import Malformed, NoRoute, NotAllowed, Refusal
from hub.hops import Hops
from hub.metrics import timed
from hub.model import Accepted, Endpoint, Received, StoredRefusal
from hub.steps.receive import receive
from hub.steps.record import record
from hub.steps.route import route
from hub.steps.verify import verify, verify_attachments
from hub.store import messages
from hub.store.writer import Transaction
from schemas.edxml.envelope import Envelope
from schemas.findings import InvalidDocument
from schemas.spooled import Package, digest_of, size_of
from schemas.validator import ValidDocument, validate

if TYPE_CHECKING:
    from hub.app import Hub

Made = TypeVar("Made")

# Above this, checking takes longer than a hop to another thread, and lxml and hashlib let the others run.
LARGE_BYTES = 262_144
LONGEST_NAME = 1_000  # characters that are kept of what a refused package calls itself or its sender


async def accept(
    hub: Hub, endpoint: Endpoint, content: Package, claimed_sha256: str | None, hops: Hops = ()
) -> Accepted:
    """Take a package from its bytes to a recorded message, or raise the `Refusal` that the sender is told.

    Raises `Unavailable` when the hub cannot write: the sender then does not know more than before, and sends again.
    """
    known: list[Envelope] = []
    try:
        return await _journey(hub, endpoint, content, claimed_sha256, hops, known)
    except Refusal as refusal:
        await keep_refusal(hub, endpoint, refusal, content, known[-1] if known else None)
        raise


async def _journey(
    hub: Hub,
    endpoint: Endpoint,
    content: Package,
    claimed_sha256: str | None,
    hops: Hops,
    known: list[Envelope],
) -> Accepted:
    limit = hub.config.server.package_bytes
    received = receive(endpoint, content, claimed_sha256, limit_bytes=limit, at=hub.clock(), hops=hops)
    try:
        valid = await _run(received, lambda: checked(hub, received))
    except Malformed as refusal:
        known += _read_all_the_same(refusal)
        raise
    known.append(valid.envelope)
    returned = await loops.returned(hub, received, valid.envelope)
    if returned is not None:
        return returned
    try:
        return await _placed(hub, received, valid)
    except NotAllowed:
        returned = await loops.remembered(hub, received, valid.envelope)
        if returned is None:
            raise
        return returned


async def _placed(hub: Hub, received: Received, valid: ValidDocument) -> Accepted:
    endpoint = received.endpoint
    try:
        return await _place(hub, received, valid)
    except (NotAllowed, NoRoute):
        # An agency or endpoint may have been added by another process since we last looked.
        if not await hub.refresh_directory():
            raise
        renewed = hub.directory.endpoint(endpoint.id) or endpoint
        return await _place(hub, replace(received, endpoint=renewed), valid)


@timed("validate")
def checked(hub: Hub, received: Received) -> ValidDocument:
    """validate: the schemas' own step, with its way out turned into the journey's."""
    try:
        today = received.at.astimezone(hub.zone).date()
        return validate(received.content, hub.catalog, today, received.sha256)
    except InvalidDocument as error:
        raise Malformed(error.findings) from error


def _read_all_the_same(refusal: Malformed) -> list[Envelope]:
    """Return what a package says that is not taken as it is: its sender asks for it by its number."""
    cause = refusal.__cause__
    said = cause.said if isinstance(cause, InvalidDocument) else None
    return [said] if isinstance(said, Envelope) else []


async def _place(hub: Hub, received: Received, valid: ValidDocument) -> Accepted:
    policy = hub.config.policy
    verified = await _run(received, lambda: verify(received, valid, hub.directory, hub.trust, policy))
    verified = await verify_attachments(verified, hub.directory, hub.trust, policy, hub.settling.reader)
    routed = await route(
        verified,
        hub.directory,
        hub.store.read,
        carry_unknown=policy.unknown_answers == "carry",
        successions=policy.successions,
    )
    routed = await hub.followers.add_to(routed, hub.directory)
    return await record(routed, hub.store, hub.payloads)


async def _run(received: Received, step: Callable[[], Made]) -> Made:
    """Run a step of pure computing: here, or for a large package on a thread, where it delays nobody."""
    return await asyncio.to_thread(step) if size_of(received.content) > LARGE_BYTES else step()


async def keep_refusal(
    hub: Hub,
    endpoint: Endpoint,
    refusal: Refusal,
    content: Package | None,
    envelope: Envelope | None,
    size: int = 0,
) -> None:
    """Store a refusal and give it its id. The document's bytes are not kept; their digest is."""
    metrics.refused(endpoint.adapter, envelope and envelope.kind, refusal.code)
    sha256 = digest_of(content) if content is not None else None

    def write(tx: Transaction) -> str:
        stored = StoredRefusal(
            id=tx.new_id(),
            at=tx.now,
            endpoint=endpoint.id,
            code=refusal.code,
            message=refusal.message,
            findings=refusal.findings,
            sha256=sha256,
            size=size_of(content) if content is not None else size,
            sender=_kept(envelope.sender.code) if envelope else None,
            document_id=_kept(envelope.document_id) if envelope else None,
            document_code=_kept(envelope.code) if envelope else None,
        )
        messages.insert_refusal(tx, stored)
        tx.trace(
            "document.refused",
            actor=f"endpoint:{endpoint.id}",
            message=stored.id,
            code=refusal.code,
            findings=[finding.code for finding in refusal.findings],
            sha256=sha256,
            size=stored.size,
        )
        return stored.id

    refusal.id = await hub.store.write(write, "refuse")


def _kept(words: str) -> str | None:
    """Return what names a package; None if there is nothing, or more than a name has: its rules were not held."""
    return words if 0 < len(words) <= LONGEST_NAME else None
