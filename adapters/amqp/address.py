"""Where an agency's RabbitMQ is, what we take from there and what we give, and as whom.

    amqps://HOST[:PORT]/VHOST?take=QUEUE&give=EXCHANGE:ROUTING-KEY[&refusals=EXCHANGE:ROUTING-KEY]…

    VHOST       percent-encoded, as in every AMQP URL: none or `%2F` is the usual one, “/”
    take        the queue whose messages are packages for the hub; none: nothing is taken
    give        where documents are published; `:QUEUE` is a queue itself, through the default exchange; none: nothing
    refusals    where the hub publishes why it refused a package; none: the refused message is only rejected
    prefetch    how many messages the broker sends ahead, 1 to 64
    ca          the absolute path of a PEM file with the authority that signed the broker's certificate

`amqps://` anywhere; `amqp://` only to this machine itself. The secret is `user:password`, or a whole AMQP URL of the
same broker from which only those two are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from adapters.http.address import is_loopback
from hub.errors import Misconfigured
from schemas.findings import shortened
from schemas.text import Sentence, Text

PORTS = {"amqp": 5672, "amqps": 5671}
PREFETCH = 4
MOST_PREFETCH = 64
LONGEST = 2_000  # characters
LONGEST_NAME = 255  # bytes of a queue, an exchange, a routing key: AMQP 0-9-1, short string
KNOWN = frozenset({"take", "give", "refusals", "prefetch", "ca"})

UNUSABLE = Sentence(
    vi="Địa chỉ của bộ kết nối amqp: “{address}” không dùng được: {why}",
    en="Address for the amqp adapter: “{address}” cannot be used: {why}",
)
BAD_SECRET = Sentence(
    vi="{server}: mã bí mật phải có dạng tài-khoản:mật-khẩu, hoặc là URL AMQP của chính máy chủ này",
    en="{server}: the secret has the form user:password, or is an AMQP URL of this very broker",
)
FORM = Text(
    vi="cần dạng amqps://máy-chủ/vhost?take=HÀNG_ĐỢI&give=EXCHANGE:KHÓA",
    en="expected the form amqps://host/vhost?take=QUEUE&give=EXCHANGE:ROUTING-KEY",
)
PASSWORD = Text(
    vi="không được chứa tên người dùng, mật khẩu; chúng là mã bí mật của điểm kết nối",
    en="it must not hold a user name or password; they are the endpoint's secret",
)
IN_THE_CLEAR = Text(
    vi="amqp:// chỉ được dùng cho chính máy này (127.0.0.1, ::1, localhost); nơi khác phải dùng amqps://",
    en="amqp:// is only for this machine itself (127.0.0.1, ::1, localhost); elsewhere use amqps://",
)
NO_WAY = Text(
    vi="thiếu take và give; cần ít nhất một", en="take and give are both missing; at least one is needed"
)
BAD_TARGET = Text(
    vi="give, refusals có dạng EXCHANGE:KHÓA hoặc :HÀNG_ĐỢI",
    en="give, refusals: EXCHANGE:ROUTING-KEY or :QUEUE",
)
BAD_NAME = Text(
    vi=f"tên hàng đợi, exchange, khóa gồm các ký tự thấy được, tối đa {LONGEST_NAME} byte",
    en=f"names of queues, exchanges and routing keys are printable, at most {LONGEST_NAME} bytes",
)
LONE_REFUSALS = Text(vi="refusals chỉ dùng cùng take", en="refusals goes with take only")
BAD_PREFETCH = Text(vi="prefetch phải từ 1 đến 64", en="prefetch is a whole number, 1 to 64")
BAD_CA = Text(
    vi="ca phải là đường dẫn tuyệt đối của một tệp PEM trên máy chạy trục, và chỉ dùng với amqps://",
    en="ca is the absolute path of a PEM file on the hub's machine, and goes with amqps:// only",
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where something is published. The exchange named "" gives to the queue that the routing key names."""

    exchange: str
    routing_key: str

    def __str__(self) -> str:
        return f"{self.exchange}:{self.routing_key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A settled address."""

    scheme: str
    host: str
    port: int
    vhost: str
    take: str | None
    give: Target | None
    refusals: Target | None
    prefetch: int
    ca: str | None

    @property
    def server(self) -> str:
        """The broker, for sentences and logs."""
        return f"{self.host}:{self.port}"

    def written(self) -> str:
        """Return the form that is stored."""
        parts = {"take": self.take, "give": self.give, "refusals": self.refusals, "ca": self.ca}
        query = {name: str(value) for name, value in parts.items() if value is not None}
        if self.prefetch != PREFETCH:
            query["prefetch"] = str(self.prefetch)
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        asked = urlencode(query, safe="/:", quote_via=quote)
        return f"{self.scheme}://{host}{port}/{quote(self.vhost, safe='')}?{asked}"

    def login(self, secret: str | None) -> tuple[str, str]:
        """Return the user and the password that a secret holds. Raises `Misconfigured`, which repeats nothing."""
        user, colon, password = (secret or "").strip().partition(":")
        if user in PORTS and password.startswith("//"):
            url = urlsplit((secret or "").strip())
            user, colon, password = unquote(url.username or ""), ":", unquote(url.password or "")
            if (url.hostname or "") != self.host:
                user = ""
        if not colon or not user or not password:
            raise Misconfigured(BAD_SECRET.say(server=self.server))
        return user, password


def read(address: str | None) -> Address:
    """Read an address. Raises `Misconfigured` for one that can never work."""
    written = (address or "").strip()
    try:
        url = urlsplit(written)
        port, host = url.port, url.hostname or ""
    except ValueError:
        raise _unusable(written, FORM) from None
    if "@" in url.netloc:
        raise _unusable(f"{url.scheme}://…@{host}", PASSWORD)
    vhost = unquote(url.path[1:]) or "/"
    pairs = parse_qsl(url.query.replace("+", "%2B"), keep_blank_values=True)
    asked = dict(pairs)
    odd = url.scheme not in PORTS or not host or port == 0 or url.fragment or "/" in url.path[1:]
    if odd or len(asked) != len(pairs) or asked.keys() - KNOWN or not 0 < len(written) <= LONGEST:
        raise _unusable(written, FORM)
    if url.scheme == "amqp" and not is_loopback(host):
        raise _unusable(written, IN_THE_CLEAR)
    take = _name(written, asked["take"]) if asked.get("take") else None
    give, refusals = _target(written, asked.get("give")), _target(written, asked.get("refusals"))
    if take is None and give is None:
        raise _unusable(written, NO_WAY)
    if take is None and refusals is not None:
        raise _unusable(written, LONE_REFUSALS)
    return Address(
        scheme=url.scheme,
        host=host,
        port=port or PORTS[url.scheme],
        vhost=_name(written, vhost),
        take=take,
        give=give,
        refusals=refusals,
        prefetch=_prefetch(written, asked.get("prefetch", str(PREFETCH))),
        ca=_ca(written, url.scheme, asked.get("ca")),
    )


def _target(written: str, value: str | None) -> Target | None:
    if not value:
        return None
    exchange, colon, routing_key = value.partition(":")
    if not colon or not (exchange or routing_key):
        raise _unusable(written, BAD_TARGET)
    return Target(
        _name(written, exchange) if exchange else "", _name(written, routing_key) if routing_key else ""
    )


def _name(written: str, name: str) -> str:
    if len(name.encode()) > LONGEST_NAME or not name.isprintable():
        raise _unusable(written, BAD_NAME)
    return name


def _prefetch(written: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= MOST_PREFETCH):
        raise _unusable(written, BAD_PREFETCH)
    return int(value)


def _ca(written: str, scheme: str, path: str | None) -> str | None:
    if path is not None and (scheme != "amqps" or not Path(path).is_absolute() or not Path(path).is_file()):
        raise _unusable(written, BAD_CA)
    return path


def _unusable(address: str, why: Text) -> Misconfigured:
    return Misconfigured(UNUSABLE.say(address=shortened(address), why=why))
