"""Every operation of the API, in one list; and its mount on the hub's web server."""

from __future__ import annotations

import json

from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.http import agencies, documents, inbox, receipts
from adapters.http.api import PREFIX, Api, Call, Operation
from adapters.http.openapi import contract
from hub.adapter import Mount
from hub.app import Hub

CONTRACT = json.dumps(contract(), ensure_ascii=False).encode()


async def published(call: Call) -> ASGIApp:  # noqa: ARG001
    """GET /openapi.json: the contract, for everybody."""
    return Response(CONTRACT, media_type="application/json", headers={"Cache-Control": "public, max-age=300"})


# What every document needs comes first. `:path` because a DocumentId may contain slashes; of these the longer ones come
# first.
OPERATIONS = (
    Operation("POST", "/documents", "submitDocument", documents.submit),
    Operation("GET", "/inbox/{id}/document", "fetchDocument", inbox.document),
    Operation("POST", "/inbox/{id}/ack", "acknowledgeDelivery", inbox.acknowledged),
    Operation("GET", "/inbox", "listInbox", inbox.listed),
    Operation("POST", "/inbox/{id}/refuse", "refuseDelivery", inbox.refused),
    Operation("GET", "/documents/{id:path}/trace", "traceDocument", documents.trace),
    Operation("GET", "/documents/{id:path}/receipt", "getReceipt", receipts.receipt),
    Operation("POST", "/documents/{id:path}/statuses", "answerDocument", documents.state),
    Operation("GET", "/documents/{id:path}", "getDocument", documents.show),
    Operation("GET", "/deliveries/{id}/receipt", "getDeliveryReceipt", receipts.receipt),
    Operation("GET", "/agencies", "searchAgencies", agencies.found),
    Operation("GET", "/openapi.json", "getContract", published, public=True),
)


def mounted(hub: Hub) -> Mount:
    """Return the API of a hub, to be put on its web server."""
    return Mount(prefix=PREFIX, application=Api(hub, OPERATIONS))
