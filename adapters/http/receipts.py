"""What proves it later: the hub's signed receipts, for senders and addressees alike.

A receipt is a CMS SignedData (RFC 5652, DER) around JSON; any CMS library checks it, and `openssl cms -verify`.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.http import questions
from adapters.http.api import Call
from hub import receipts

CMS = "application/cms"  # RFC 7193


async def receipt(call: Call) -> ASGIApp:
    """GET /documents/{id}/receipt, /deliveries/{id}/receipt: what the hub answers for, signed."""
    questions.only(call.request)
    key = await call.hub.signing_key()
    said = await receipts.content(call.hub, call.reference, call.endpoint)
    made = await receipts.signed(call.hub, said, key)
    # Our ids: a sender's words never become a file name.
    name = f"{said['kind']}-{said.get('delivery') or said.get('refusal') or said['message']}.p7m"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(made, media_type=CMS, headers=headers)
