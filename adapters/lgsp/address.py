"""Which front an endpoint is, where, and how it is spoken to.

    lgsp+https://host/base?flavour=quang-nam&consumer=KEY
    lgsp+https://host/base?flavour=lang-son&user=NAME&application=CODE&systemid=ID

    ?flavour=quang-nam&consumer=KEY     (and so on) a system that speaks to such a front, and calls this hub instead

and `poll=SECONDS`, and the settings of the front. `https://` anywhere; `http://` only to this machine itself. Nothing
in the address is secret: what is, is the endpoint's secret, in two words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from adapters import polling
from adapters.http import address as web_address
from adapters.lgsp.front import Front
from adapters.lgsp.lang_son import LangSon
from adapters.lgsp.quang_nam import QuangNam
from hub.errors import Misconfigured
from schemas.findings import shortened
from schemas.text import Sentence, Text

SCHEME = "lgsp+"
FLAVOURS: Mapping[str, type[Front]] = {"quang-nam": QuangNam, "lang-son": LangSon}
POLL_SECONDS = 30.0

UNUSABLE = Sentence(
    vi="Địa chỉ của bộ kết nối lgsp: “{address}” không dùng được: {why}",
    en="Address for the lgsp adapter: “{address}” cannot be used: {why}",
)
FORM = Text(
    vi="cần dạng lgsp+https://máy-chủ/đường-dẫn?flavour=quang-nam|lang-son&…, hoặc ?flavour=… nếu hệ thống tự gọi đến",
    en="expected the form lgsp+https://host/path?flavour=quang-nam|lang-son&…, or ?flavour=… when a system calls us",
)
TWICE = Text(vi="một tham số được nêu hai lần", en="a parameter is given twice")
MISSING = Sentence(vi="thiếu tham số {name}", en="the parameter {name} is missing")
UNKNOWN = Sentence(
    vi="không có tham số {name}; có: {known}", en="there is no parameter {name}; there are: {known}"
)
BAD_VALUE = Sentence(vi="giá trị của {name} không dùng được: “{got}”", en="{name} cannot be “{got}”")


@dataclass(frozen=True, slots=True)
class Address:
    """A settled address. `base` has no slash at its end, and is None when a system calls us; `settings` has every
    setting of the front.
    """

    base: str | None
    flavour: str
    settings: Mapping[str, str]
    poll_seconds: float

    def written(self) -> str:
        """Return the form that is stored: what is as by default is left out."""
        query = [("flavour", self.flavour)]
        for name, setting in FLAVOURS[self.flavour].SETTINGS.items():
            if self.settings[name] != setting.default:
                query.append((name, self.settings[name]))
        if self.poll_seconds != POLL_SECONDS:
            query.append(("poll", f"{self.poll_seconds:g}"))
        return f"{SCHEME}{self.base}?{urlencode(query)}" if self.base else f"?{urlencode(query)}"


def read(address: str | None) -> Address:
    """Read an address. Raises `Misconfigured` for one that can never work."""
    written = (address or "").strip()
    url, _, query = written.partition("?")
    if (url and not url.startswith(SCHEME)) or "#" in written:
        raise _unusable(written, FORM)
    pairs = parse_qsl(query, keep_blank_values=True)
    asked = dict(pairs)
    if len(asked) != len(pairs):
        raise _unusable(written, TWICE)
    flavour = asked.pop("flavour", "")
    if flavour not in FLAVOURS:
        raise _unusable(written, FORM)
    poll_seconds = _poll(written, asked.pop("poll", str(POLL_SECONDS)))
    settings = _settings(written, FLAVOURS[flavour], asked)
    if not url:
        return Address(None, flavour, settings, poll_seconds)
    base = web_address.settled(url.removeprefix(SCHEME))
    if base is None:
        raise _unusable(written, FORM)
    return Address(base.rstrip("/"), flavour, settings, poll_seconds)


def calls_us(address: str | None) -> bool:
    """Tell whether an endpoint with this address is a system that calls this hub as its front."""
    return (address or "").strip().startswith("?")


def _settings(written: str, flavour: type[Front], asked: Mapping[str, str]) -> dict[str, str]:
    known = flavour.SETTINGS
    for name in asked:
        if name not in known:
            names = ", ".join(["flavour", "poll", *known])
            raise _unusable(written, UNKNOWN.say(name=shortened(name), known=names))
    settings = {}
    for name, setting in known.items():
        value = asked.get(name, setting.default)
        if value is None:
            raise _unusable(written, MISSING.say(name=name))
        if not setting.form.fullmatch(value):
            raise _unusable(written, BAD_VALUE.say(name=name, got=shortened(value)))
        settings[name] = value
    return settings


def _poll(written: str, value: str) -> float:
    seconds = polling.seconds(value)
    if seconds is None:
        raise _unusable(written, polling.BAD_POLL)
    return seconds


def _unusable(address: str, why: Text) -> Misconfigured:
    return Misconfigured(UNUSABLE.say(address=shortened(address), why=why))
