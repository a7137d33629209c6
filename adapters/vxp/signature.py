"""The signed headers of the protocol: made for an axis, checked for a system.

A call's parameters travel as headers, each with the prefix `XroadVnpt-`, and once more as a compact JSON object in
`XroadVnpt-sign-header`, whose HMAC-SHA256 under the secret stands in `XroadVnpt-hash-header` as hex. The secret is used
as the text it is, also where it looks like base64.

- The JSON is what is signed, so the JSON is what is believed: its keys tell `docId` from `docid`, headers do not.
- The HMAC is taken of the header's bytes as they came, before anything decodes them.
- Method, path and body are not signed, and the time is that of the client's start, perhaps days ago: a header set can
  be played back. Only TLS helps against that, so nothing here pretends to.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone

PREFIX = "XroadVnpt-"
USER_AGENT = "JAVASDKAgent/1.0.0 XRoad/VPCP"
VERSION = "3.0.201608"
VIETNAM = timezone(timedelta(hours=7))
TIMESTAMP = "%d%m%YT%H%M%S"

SIGN_HEADER = b"xroadvnpt-sign-header"
HASH_HEADER = b"xroadvnpt-hash-header"
SYSTEM_HEADER = b"xroadvnpt-systemid"


class Unreadable(ValueError):
    """The sign-header is not a JSON object of strings."""


def proof(sign_header: bytes, secret: str) -> str:
    """Return the HMAC of a sign-header, in lower-case hex."""
    return hmac.new(secret.encode(), sign_header, hashlib.sha256).hexdigest()


def authentic(sign_header: bytes, presented: str, secrets: Iterable[str]) -> bool:
    """Tell whether one of the secrets made the proof that was presented. All are tried, whichever fits."""
    written = presented.strip().lower().encode("utf-8", "replace")
    fits = False
    for secret in secrets:
        fits |= hmac.compare_digest(proof(sign_header, secret).encode(), written)
    return fits


def parameters(sign_header: bytes) -> dict[str, str]:
    """Return the parameters that a sign-header names, without their prefix. Raises `Unreadable`.

    What has no prefix is no parameter. They are only worth something once `authentic` has said so.
    """
    try:
        claims = json.loads(sign_header.decode())
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(claims, dict) or not all(isinstance(value, str) for value in claims.values()):
        raise Unreadable
    return {name[len(PREFIX) :]: value for name, value in claims.items() if name.startswith(PREFIX)}


def signed(given: Mapping[str, str], secret: str) -> dict[str, str]:
    """Return the headers of a call with these parameters, in the SDK's order. Values are ASCII.

    Key list, JSON and headers agree, so that it does not matter from which of them an axis takes the text.
    """
    prefixed = {PREFIX + name: value for name, value in given.items()}
    text = json.dumps(prefixed, separators=(",", ":"), ensure_ascii=False)
    return {
        "Content-Type": given["Content-Type"],
        **prefixed,
        PREFIX + "sign-header-key": ";".join(given),
        PREFIX + "sign-header": text,
        PREFIX + "hash-header": proof(text.encode(), secret),
        "User-Agent": USER_AGENT,
        PREFIX + "version": VERSION,
    }


def timestamp(at: datetime) -> str:
    """Return a time as the SDK writes it: Vietnam's, a plus sign, milliseconds in four digits."""
    local = at.astimezone(VIETNAM)
    return f"{local.strftime(TIMESTAMP)}+{local.microsecond // 1000:04d}"


def read_timestamp(written: str) -> datetime | None:
    """Return the time that a client wrote, None if it is none. It carries no zone; clients run on Vietnam's."""
    try:
        return datetime.strptime(written[:15], TIMESTAMP).replace(tzinfo=VIETNAM)
    except ValueError:
        return None
