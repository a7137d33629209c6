"""What the hub says, as values or as errors.

What is there is read, and fields that nobody knows are left alone: a newer hub may say more. All of it is in `json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from adapters.http.replies import retry_after
from hub.errors import HubError, Misconfigured, NotFound, Refusal, Unavailable
from schemas.findings import Finding
from schemas.text import Sentence, Text

NOT_NOW = frozenset({408, 425, 429})
DIGEST_MISMATCH = "document.digest-mismatch"

STATUS = Sentence(vi="{host} trả lời HTTP {status}", en="{host} answers HTTP {status}")
NOT_A_HUB = Sentence(
    vi="{host} không trả lời đúng dạng API của trục; hãy kiểm tra địa chỉ",
    en="{host} does not answer as a hub's API does; check the address",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A document to one addressee: its state (`available`, `delivered`, `refused`...), and why if it is no good one."""

    id: str
    to: str
    state: str
    reason: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a document stands. `duplicate`: the hub had it already, and nobody gets it twice."""

    id: str
    state: str
    duplicate: bool
    findings: tuple[Finding, ...]
    deliveries: tuple[Delivery, ...]
    json: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One entry of the inbox. `id` names the delivery (fetch, take, decline), `message` the document (answer)."""

    id: str
    message: str
    sender: str
    to: str
    kind: str
    document_id: str
    code: str
    subject: str
    status: str | None
    sha256: str
    json: Mapping[str, Any]


def sent(said: Mapping[str, Any]) -> Sent:
    """Read how a document stands. Raises `ValueError`."""
    return Sent(
        id=_word(said, "id"),
        state=_word(said, "state"),
        duplicate=bool(said.get("duplicate")),
        findings=findings(said),
        deliveries=tuple(delivery(each) for each in _objects(said, "deliveries")),
        json=said,
    )


def delivery(said: Mapping[str, Any]) -> Delivery:
    """Read one delivery. Raises `ValueError`."""
    reason = said.get("reason")
    return Delivery(
        id=_word(said, "id"),
        to=_word(said, "to"),
        state=_word(said, "state"),
        reason=_text(reason) if reason else None,
    )


def inbox(said: Mapping[str, Any]) -> tuple[Incoming, ...]:
    """Read an inbox. Raises `ValueError`."""
    return tuple(
        Incoming(
            id=_word(each, "id"),
            message=_word(each, "message"),
            sender=_word(each, "from"),
            to=_word(each, "to"),
            kind=_word(each, "kind"),
            document_id=str(each.get("document_id") or ""),
            code=str(each.get("code") or ""),
            subject=str(each.get("subject") or ""),
            status=each.get("status"),
            sha256=_word(each, "sha256"),
            json=each,
        )
        for each in _objects(said, "deliveries")
    )


def findings(said: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Read the findings of an answer. Raises `ValueError`."""
    try:
        return tuple(
            Finding.from_json({"line": None, "path": None, **each}) for each in _objects(said, "findings")
        )
    except (KeyError, TypeError) as error:
        raise ValueError("findings") from error


def error_of(response: httpx.Response) -> HubError:
    """Return what an answer that is no yes means. Its body has been read."""
    said, host, status = _object(response), response.request.url.host, response.status_code
    told = said.get("error")
    shape = told if isinstance(told, Mapping) else {}
    message, code = _text(shape.get("message")), shape.get("code")
    if message is None or not isinstance(code, str):
        return _of_a_gateway(response, STATUS.say(host=host, status=status))
    error = _error(response, code, message, said)
    error.code = code
    return error


def not_a_hub(host: str) -> Unavailable:
    """Return the error for an answer that is none of our API's: a gateway's page, say."""
    return Unavailable(NOT_A_HUB.say(host=host))


def _of_a_gateway(response: httpx.Response, message: Text) -> HubError:
    """Return what a status means that the hub did not say: nothing for any document."""
    if response.status_code in NOT_NOW or response.status_code >= 500:
        return _unavailable(response, message)
    return Misconfigured(message)


def _error(response: httpx.Response, code: str, message: Text, said: Mapping[str, Any]) -> HubError:
    status = response.status_code
    if status in NOT_NOW or status >= 500 or code == DIGEST_MISMATCH:
        return _unavailable(response, message)
    if status == 401:
        return Misconfigured(message)
    if status == 404:
        return NotFound(message)
    try:
        refusal = Refusal(message, findings(said))
    except ValueError:
        refusal = Refusal(message)
    refusal.id = said.get("refusal")
    return refusal


def _unavailable(response: httpx.Response, message: Text) -> Unavailable:
    return Unavailable(message, retry_after(response.headers.get("retry-after"), datetime.now(UTC)))


def _object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _objects(said: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = said.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise ValueError(name)
    return found


def _word(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise ValueError(name)
    return found


def _text(said: Any) -> Text | None:
    if not isinstance(said, Mapping):
        return None
    vi, en = said.get("vi"), said.get("en")
    return Text(vi=vi, en=en) if isinstance(vi, str) and isinstance(en, str) and vi and en else None
