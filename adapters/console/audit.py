"""The auditor's page: the ledger's head, its checkpoints and newest events, and verifying a file that is brought.

What is brought is examined as `edochub verify` does, here, offline, and not kept.
"""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from starlette.datastructures import UploadFile
from starlette.responses import Response

from adapters.console.visit import Visit
from hub.errors import Misconfigured
from hub.model import TraceEvent
from hub.store import checkpoints as checkpoint_store
from hub.store import overview as store
from hub.store.checkpoints import Sealed
from schemas.findings import shortened
from schemas.text import Sentence, Text
from signing.verifier import examine, trust_from
from signing.verifier.report import Report

EVENTS_SHOWN = 30
CHECKPOINTS_SHOWN = 10
LARGEST = 67_108_864  # octets of a file to verify
AROUND = 65_536  # what the form takes beside it

NO_FILE = Text(vi="Chưa chọn tệp", en="No file is chosen")
TOO_LARGE = Sentence(
    vi="Tệp lớn hơn {most} MB; tệp lớn như vậy được kiểm tra trên máy chủ của trục",
    en="The file is over {most} MB; one as large as that is verified on the hub's machine",
)


async def page(visit: Visit) -> Response:
    """Show how the ledger stands."""
    return await _shown(visit, None)


async def verify(visit: Visit) -> Response:
    """Examine a file. Raises `Misconfigured` when there is none, or it is too large."""
    announced = visit.request.headers.get("content-length", "")
    if not announced.isdigit() or int(announced) > LARGEST + AROUND:
        raise Misconfigured(TOO_LARGE.say(most=LARGEST // 1_048_576))
    form = await visit.form(LARGEST + AROUND)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.size:
        raise Misconfigured(NO_FILE)
    name = shortened(file.filename or "-")

    def work(content: bytes) -> Report:
        trusted = trust_from([visit.hub.config.path(visit.hub.config.trust.anchors)], ())
        return examine(content, name, trusted, visit.hub.clock())

    async with visit.console.verifying:
        report = await asyncio.to_thread(work, await file.read())
    return await _shown(visit, report)


async def _shown(visit: Visit, report: Report | None) -> Response:
    def ask(connection: sa.Connection) -> tuple[list[TraceEvent], Sealed | None, list[Sealed]]:
        newest = checkpoint_store.newest(connection)
        return (
            store.newest_events(connection, EVENTS_SHOWN),
            newest,
            store.newest_checkpoints(connection, CHECKPOINTS_SHOWN),
        )

    events, newest, checkpoints = await visit.hub.store.read_alone(ask)
    return visit.page(
        "audit.html",
        events=events,
        head=events[0] if events else None,
        newest=newest,
        checkpoints=checkpoints,
        origin=visit.hub.notary.origin,
        keys=[str(key) for key in visit.hub.notary.log_keys()],
        report=report,
    )
