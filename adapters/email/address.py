"""Servers, mailboxes and folders of an endpoint, in one URL.

    email:?smtp=smtps://mail.example.vn&from=truc@example.vn&to=xa@example.vn
          &imap=imaps://mail.example.vn&user=truc@example.vn

    smtp      smtps://host[:465] is TLS from the start, smtp://host[:587] is STARTTLS, without which nothing is sent
    from, to  our mailbox and the agency's; a refusal is mailed to `to` and to nobody else
    user      who logs in; the endpoint's secret is the password. Without it there is no login, and no IMAP
    imap      imaps://host[:993] or imap://host[:143], likewise. Without it the hub only sends
    senders   whose mails are looked at, commas between; else `to` alone
    folder, done, refused    where they come, and where they go (INBOX, edochub-done, edochub-refused)
    poll      seconds between two looks (30)

Only on this machine itself may a server do without TLS.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from adapters import polling
from hub.errors import Misconfigured
from schemas.findings import shortened
from schemas.text import Sentence, Text

KEYS = ("smtp", "from", "to", "imap", "user", "senders", "folder", "done", "refused", "poll")
PORTS = {"smtps": 465, "smtp": 587, "imaps": 993, "imap": 143}
FOLDER, DONE, REFUSED = "INBOX", "edochub-done", "edochub-refused"
POLL_SECONDS = 30.0

MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+@/-]{0,99}")
LONGEST_USER = 254

UNUSABLE = Sentence(
    vi="Địa chỉ của bộ kết nối email: “{address}” không dùng được: {why}",
    en="Address for the email adapter: “{address}” cannot be used: {why}",
)
FORM = Text(
    vi="cần dạng email:?smtp=smtps://máy-chủ&from=hộp-thư&to=hộp-thư; các tham số: " + ", ".join(KEYS),
    en="expected email:?smtp=smtps://host&from=mailbox&to=mailbox; the parameters are: " + ", ".join(KEYS),
)
SERVER = Sentence(
    vi="{key} phải có dạng {key}s://máy-chủ[:cổng] hoặc {key}://máy-chủ[:cổng], không kèm tên, mật khẩu hay đường dẫn",
    en="{key} must be {key}s://host[:port] or {key}://host[:port], without user, password or path",
)
NOT_A_MAILBOX = Sentence(
    vi="{key}: “{got}” không phải địa chỉ thư điện tử", en="{key}: “{got}” is not a mail address"
)
NOT_A_FOLDER = Sentence(
    vi="{key}: tên thư mục chỉ gồm chữ cái ASCII, chữ số, dấu cách và . _ + @ / -; ba thư mục phải khác nhau",
    en="{key}: a folder's name has ASCII letters, digits, blanks and . _ + @ / - only; the three have to differ",
)
NO_USER = Text(
    vi="user phải là tên đăng nhập (bắt buộc khi có imap)", en="user must be a login (needed with imap)"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server: `tls` from the start, or by STARTTLS."""

    scheme: str
    host: str
    port: int

    @property
    def tls(self) -> bool:
        """Tell whether the connection begins with TLS."""
        return self.scheme.endswith("s")

    @property
    def local(self) -> bool:
        """Tell whether it is this machine itself, where TLS may be missing."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def written(self) -> str:
        """Return the URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A settled address."""

    smtp: Server
    sender: str
    to: str
    imap: Server | None
    user: str | None
    senders: tuple[str, ...]  # in small letters
    folder: str = FOLDER
    done: str = DONE
    refused: str = REFUSED
    poll_seconds: float = POLL_SECONDS

    def written(self) -> str:
        """Return the form that is stored: what is as usual is left out."""
        said = {
            "smtp": self.smtp.written(),
            "from": self.sender,
            "to": self.to,
            "imap": self.imap.written() if self.imap else "",
            "user": self.user or "",
            "senders": ",".join(self.senders) if self.senders != (self.to.lower(),) else "",
            "folder": self.folder if self.folder != FOLDER else "",
            "done": self.done if self.done != DONE else "",
            "refused": self.refused if self.refused != REFUSED else "",
            "poll": f"{self.poll_seconds:g}" if self.poll_seconds != POLL_SECONDS else "",
        }
        return "email:?" + "&".join(
            f"{key}={quote(value, safe=':/@,[]')}" for key, value in said.items() if value
        )


def read(address: str | None) -> Address:
    """Read an address. Raises `Misconfigured` for one that can never work."""
    written = (address or "").strip()
    scheme, _, query = written.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    asked = dict(pairs)
    if (
        scheme != "email:"
        or len(asked) != len(pairs)
        or set(asked) - set(KEYS)
        or not {"smtp", "from", "to"} <= set(asked)
    ):
        raise _unusable(written, FORM)
    imap, user = asked.get("imap"), asked.get("user")
    if (imap and not user) or (user is not None and not _is_user(user)):
        raise _unusable(written, NO_USER)
    to = _mailbox(written, "to", asked["to"])
    senders = asked.get("senders") or to
    read_address = Address(
        smtp=_server(written, "smtp", asked["smtp"]),
        sender=_mailbox(written, "from", asked["from"]),
        to=to,
        imap=_server(written, "imap", imap) if imap else None,
        user=user,
        senders=tuple(_mailbox(written, "senders", each.strip()).lower() for each in senders.split(",")),
        folder=_folder(written, "folder", asked.get("folder", FOLDER)),
        done=_folder(written, "done", asked.get("done", DONE)),
        refused=_folder(written, "refused", asked.get("refused", REFUSED)),
        poll_seconds=_poll(written, asked.get("poll")),
    )
    if len({read_address.folder, read_address.done, read_address.refused}) < 3:
        raise _unusable(written, NOT_A_FOLDER.say(key="done"))
    return read_address


def _server(written: str, key: str, value: str) -> Server:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise _unusable(written, SERVER.say(key=key)) from None
    host = parts.hostname or ""
    extra = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {key, f"{key}s"} or extra or port == 0 or not _is_host(host):
        raise _unusable(written, SERVER.say(key=key))
    return Server(parts.scheme, host, port or PORTS[parts.scheme])


def _is_host(host: str) -> bool:
    if ":" not in host:
        return HOST.fullmatch(host) is not None
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def _is_user(user: str) -> bool:
    return 0 < len(user) <= LONGEST_USER and user.isprintable()


def _mailbox(written: str, key: str, value: str) -> str:
    if MAILBOX.fullmatch(value) is None:
        raise _unusable(written, NOT_A_MAILBOX.say(key=key, got=shortened(value)))
    return value


def _folder(written: str, key: str, value: str) -> str:
    if FOLDER_NAME.fullmatch(value) is None:
        raise _unusable(written, NOT_A_FOLDER.say(key=key))
    return value


def _poll(written: str, value: str | None) -> float:
    seconds = polling.seconds(value or str(POLL_SECONDS))
    if seconds is None:
        raise _unusable(written, polling.BAD_POLL)
    return seconds


def _unusable(address: str, why: Text) -> Misconfigured:
    return Misconfigured(UNUSABLE.say(address=shortened(address), why=why))
