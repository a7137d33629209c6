"""Whom one can write to: the directory, searched by name or code."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from adapters.http import questions
from adapters.http.api import Call
from hub.model import Agency, AgencyCode

DEFAULT_LIMIT = 20
HIGHEST_LIMIT = 200


async def found(call: Call) -> ASGIApp:
    """GET /agencies: the agencies whose name or codes fit the words of `q`; without it, the first of all."""
    questions.only(call.request, "q", "limit")
    limit = questions.whole(call.request, "limit", default=DEFAULT_LIMIT, lowest=1, highest=HIGHEST_LIMIT)
    words = call.request.query_params.get("q", "").strip()
    directory = call.hub.directory
    agencies = directory.search(words, limit) if words else directory.agencies[:limit]
    return JSONResponse({"agencies": [agency_json(agency) for agency in agencies]})


def agency_json(agency: Agency) -> dict[str, Any]:
    """Return the shape that the API publishes."""
    return {
        "code": agency.code,
        "codes": [_code_json(code) for code in agency.codes],
        "name": agency.name,
        "level": str(agency.level),
        "parent": agency.parent,
    }


def _code_json(code: AgencyCode) -> dict[str, Any]:
    return {
        "value": code.value,
        "scheme": str(code.scheme),
        "valid_from": code.valid_from.isoformat() if code.valid_from else None,
        "valid_to": code.valid_to.isoformat() if code.valid_to else None,
        "successors": list(code.successors),
    }
