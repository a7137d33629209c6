"""Which side an endpoint is on, and what it is called there.

    (none)                              a system calls us; its system id is the endpoint's name
    ?systemid=ID                        a system calls us under another name
    https://host/path?systemid=ID       an axis that we call, under the name it gave us; &poll=SECONDS how often

`https://` anywhere; `http://` only to this machine itself, because neither bodies nor calls are protected by the
signature. The protocol has no query string, so ours never goes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import httpx

from adapters import polling
from adapters.http import address as web_address
from hub.errors import Misconfigured
from hub.model import Endpoint
from schemas.findings import shortened
from schemas.text import Sentence, Text

POLL_SECONDS = 10.0
LONGEST_ID = 100  # characters of a system id

UNUSABLE = Sentence(
    vi="Địa chỉ của bộ kết nối vxp: “{address}” không dùng được: {why}",
    en="Address for the vxp adapter: “{address}” cannot be used: {why}",
)
FORM = Text(
    vi="để trống, hoặc ?systemid=MÃ, hoặc https://máy-chủ/đường-dẫn?systemid=MÃ",
    en="leave it out, or ?systemid=ID, or https://host/path?systemid=ID",
)
NO_ID = Text(vi="thiếu systemid=MÃ mà trục đã cấp", en="systemid=ID, the name that the axis gave, is missing")
BAD_ID = Text(
    vi=f"systemid chỉ gồm ký tự ASCII thấy được, tối đa {LONGEST_ID}",
    en=f"systemid has visible ASCII characters only, at most {LONGEST_ID}",
)


@dataclass(frozen=True, slots=True)
class Address:
    """A settled address. `base` is the axis's URL without a slash at its end; None when a system calls us."""

    base: str | None
    system_id: str | None  # None: the endpoint's own name
    poll_seconds: float = POLL_SECONDS

    def written(self) -> str | None:
        """Return the form that is stored."""
        query = [("systemid", self.system_id)] if self.system_id else []
        if self.poll_seconds != POLL_SECONDS:
            query.append(("poll", f"{self.poll_seconds:g}"))
        return f"{self.base or ''}?{urlencode(query)}" if query else self.base


def read(address: str | None) -> Address:
    """Read an address. Raises `Misconfigured` for one that can never work."""
    written = (address or "").strip()
    url, _, query = written.partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if set(asked) - {"systemid", "poll"} or "#" in written:
        raise _unusable(written, FORM)
    system_id = asked.get("systemid")
    if system_id is not None and not _is_id(system_id):
        raise _unusable(written, BAD_ID)
    if not url:
        if "poll" in asked or (written and not system_id):
            raise _unusable(written, FORM)
        return Address(None, system_id)
    if system_id is None:
        raise _unusable(written, NO_ID)
    base = web_address.settled(url)
    assert base is not None
    return Address(base.rstrip("/"), system_id, _poll(written, asked))


def system_id_of(endpoint: Endpoint) -> str:
    """Return the system id under which an endpoint's far side and we speak."""
    return read(endpoint.address).system_id or endpoint.id


def is_axis(address: str | None) -> bool:
    """Tell whether the far side is an axis, which we call."""
    return bool((address or "").strip().partition("?")[0])


def host(base: str) -> str:
    """Return the machine that an address names, for sentences."""
    return httpx.URL(base).host


def _poll(written: str, asked: dict[str, str]) -> float:
    seconds = polling.seconds(asked.get("poll", str(POLL_SECONDS)))
    if seconds is None:
        raise _unusable(written, polling.BAD_POLL)
    return seconds


def _is_id(system_id: str) -> bool:
    return 0 < len(system_id) <= LONGEST_ID and all("!" <= char <= "~" for char in system_id)


def _unusable(address: str, why: Text) -> Misconfigured:
    return Misconfigured(UNUSABLE.say(address=shortened(address), why=why))
