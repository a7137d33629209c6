"""Which side an endpoint is on, and what it is called there.

    (none)                              a system calls us; its system id is the endpoint's name
    ?systemid=ID                        a system calls us under another name
    https://host/path?systemid=ID       an axis that we call, under the name it gave us; &poll=SECONDS how often
    ...&trace=off                       the far side is told nothing of the way of documents, nor asked
    ?systemid=ID&trace=https://host/vxp a system that is an edochub too: where it can be asked for its part
    ...&traceheader=on                  what goes there gets a TraceHeader of ours; it breaks signatures over the whole

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
OFF, ON = "off", "on"
OPTIONS = frozenset({"systemid", "poll", "trace", "traceheader"})
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
BAD_TRACE = Text(
    vi="trace chỉ là off với một trục; với hệ thống gọi đến, trace là off hoặc địa chỉ https:// của nó",
    en="trace can only be off for an axis; for a system that calls us it is off, or that system's https:// address",
)
BAD_TRACE_HEADER = Text(vi="traceheader phải là on hoặc off", en="traceheader is on or off")
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
    tells: bool = True  # the far side may ask us about documents that passed between the two
    asked_at: str | None = None  # where the far side is asked about them; without a slash at its end
    trace_header: bool = False

    def written(self) -> str | None:
        """Return the form that is stored."""
        query = [("systemid", self.system_id)] if self.system_id else []
        if self.poll_seconds != POLL_SECONDS:
            query.append(("poll", f"{self.poll_seconds:g}"))
        if not self.tells:
            query.append(("trace", OFF))
        elif self.asked_at is not None and self.base is None:
            query.append(("trace", self.asked_at))
        if self.trace_header:
            query.append(("traceheader", ON))
        return f"{self.base or ''}?{urlencode(query)}" if query else self.base


def read(address: str | None) -> Address:
    """Read an address. Raises `Misconfigured` for one that can never work."""
    written = (address or "").strip()
    url, _, query = written.partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if set(asked) - OPTIONS or "#" in written:
        raise _unusable(written, FORM)
    system_id = asked.get("systemid")
    if system_id is not None and not _is_id(system_id):
        raise _unusable(written, BAD_ID)
    if asked.get("traceheader", ON) not in {ON, OFF}:
        raise _unusable(written, BAD_TRACE_HEADER)
    base = _base(written, url) if url else None
    if base is None and ("poll" in asked or (written and not asked)):
        raise _unusable(written, FORM)
    if base is not None and system_id is None:
        raise _unusable(written, NO_ID)
    tells = asked.get("trace") != OFF
    return Address(
        base,
        system_id,
        POLL_SECONDS if base is None else _poll(written, asked),
        tells=tells,
        asked_at=_asked_at(written, asked, base) if tells else None,
        trace_header=asked.get("traceheader") == ON,
    )


def _base(written: str, url: str) -> str:
    base = web_address.settled(url)
    if base is None:
        raise _unusable(written, FORM)
    return base.rstrip("/")


def _asked_at(written: str, asked: dict[str, str], base: str | None) -> str | None:
    """Return where the far side is asked: an axis at its own address, a system where `trace` says."""
    if "trace" not in asked:
        return base
    if base is not None:
        raise _unusable(written, BAD_TRACE)
    return _base(written, asked["trace"])


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
