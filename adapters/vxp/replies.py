"""The JSON that the SDK survives.

`status`, `ErrorCode` and `ErrorDesc` are in every reply, also in a failure, and so is what the operation's own field
is called, empty: without it the SDK throws inside and its caller sees nothing at all. Nothing is null, for one null in
one item of a list loses the list. All letters are ASCII, because one version of the SDK reads a reply as US-ASCII. What
the SDK does not know it ignores: beside a failure stands our own error, with its findings, in both languages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pybase64

from adapters.vxp.codes import DONE, SUCCESS, code_of, description_of
from hub.errors import HubError, Refusal

# What an operation's own field is when there is nothing in it.
EMPTY: Mapping[str, Mapping[str, Any]] = {
    "getAgenciesList": {"data": []},
    "getAgenciesListQD20": {"data": []},
    "getSynchronizeUnit": {"data": []},
    "getReceivedEdocList": {"data": []},
    "getSentEdocList": {"data": []},
    "getEdoc": {"data": ""},
    "sendEdoc": {"DocId": ""},
    "countReceiveEdoc": {"count": 0},
    "countReceiveStatus": {"count": 0},
}


def success(**fields: Any) -> bytes:
    """Return the reply to a call that was done."""
    return _json({"status": "OK", "ErrorCode": SUCCESS, "ErrorDesc": DONE, **fields})


def package(content: bytes) -> bytes:
    """Return the reply to getEdoc: the package itself, in base64."""
    empty = success(data="")
    cut = empty.rindex(b'""') + 1
    return b"".join((empty[:cut], pybase64.b64encode(content), empty[cut:]))


def failure(operation: str, error: HubError) -> bytes:
    """Return the reply to a call that was not done, with everything that the SDK reads for this operation."""
    return refusal(operation, code_of(error), description_of(error), error)


def refusal(operation: str, code: str, description: str, error: HubError) -> bytes:
    """Return the reply to a call that was not done, in words that are given."""
    found = error.findings if isinstance(error, Refusal) else ()
    return _json(
        {
            "status": "FAIL",
            "ErrorCode": code,
            "ErrorDesc": description,
            **EMPTY.get(operation, {}),
            "error": error.as_json(),
            "findings": [without_nulls(finding.as_json()) for finding in found],
        }
    )


def without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object without the keys that have no value."""
    return {name: each for name, each in value.items() if each is not None}


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
