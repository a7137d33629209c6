"""What the far side's answer to a push means for the delivery.

2xx                         delivered; a JSON `id` or the header Edochub-Remote-Id is its own name for the document
409                         it had the document already: delivered
400 410 413 415 422         it looked at the document and refuses it: final, the sender is told
408 425 429 5xx             not now: tried again, after Retry-After if it says so
anything else               the address or the credential is wrong: suspended until a person looks. A redirect too:
                            a document goes where the operator sent it, nowhere else
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from hub.errors import Declined, Misconfigured, Unavailable
from hub.model import Receipt
from schemas.findings import shortened
from schemas.text import Text

REMOTE_ID = "Edochub-Remote-Id"
DECLINED = frozenset({400, 410, 413, 415, 422})
NOT_NOW = frozenset({408, 425, 429})
LONGEST_RETRY_SECONDS = 3_600.0
LONGEST_ID = 200  # characters


@dataclass(frozen=True, slots=True)
class Reply:
    """The far side's answer. `body` is its beginning, at most what `push` reads of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def receipt(reply: Reply, host: str, now: datetime) -> Receipt:
    """Return the receipt, or raise what says how the hub goes on."""
    status = reply.status
    if 200 <= status < 300 or status == 409:
        return Receipt(remote_id=_remote_id(reply))
    if status in DECLINED:
        raise Declined(_reason(reply))
    if status in NOT_NOW or status >= 500:
        raise Unavailable(
            Text(
                vi=f"{host} trả lời {status}, sẽ thử lại",
                en=f"{host} answered {status}, it will be tried again",
            ),
            retry_after(reply.headers.get("retry-after"), now),
        )
    raise Misconfigured(
        Text(
            vi=f"{host} trả lời {status}: hãy kiểm tra địa chỉ và mã bí mật của điểm kết nối",
            en=f"{host} answered {status}: check the endpoint's address and secret",
        )
    )


def retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds to wait that Retry-After asks for, in either of its forms (RFC 9110, 10.2.3)."""
    written = (header or "").strip()
    if written.isascii() and written.isdigit():
        seconds = float(written)
    else:
        try:
            date = parsedate_to_datetime(written)
        except ValueError:
            return None
        seconds = (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_SECONDS)


def _remote_id(reply: Reply) -> str | None:
    body = _object(reply.body)
    given = body.get("id") or reply.headers.get(REMOTE_ID.lower())
    if isinstance(given, bool) or not isinstance(given, str | int):
        return None
    written = str(given)
    return written if written.isprintable() and len(written) <= LONGEST_ID else None


def _reason(reply: Reply) -> Text:
    """Return the far side's sentence if it answers in our own shape, else its status."""
    error = _object(reply.body).get("error")
    message = error.get("message") if isinstance(error, dict) else None
    if isinstance(message, dict):
        vi, en = (message.get(language) for language in ("vi", "en"))
        if isinstance(vi, str) and isinstance(en, str) and vi.strip() and en.strip():
            return Text(vi=_short(vi), en=_short(en))
    return Text(
        vi=f"Hệ thống nhận từ chối văn bản (HTTP {reply.status})",
        en=f"The receiving system refuses the document (HTTP {reply.status})",
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _short(sentence: str) -> str:
    shown: str = shortened(sentence.strip())
    return shown
