"""Where an SFTP server is, how it is known again, and which of its folders are for what.

    sftp://USER@HOST[:PORT]/PATH?hostkey=SHA256:…[&take=inbox][&give=outbox]…

    /PATH         the folder that all the others are in; /~/PATH is below the folder that USER logs in to
    hostkey       the fingerprint of the server's key, as `ssh-keygen -lf` prints it; again for each further key
    known_hosts   or: the absolute path of an OpenSSH known_hosts file on the hub's machine
    take          the folder that we pick packages up from; `take=` (empty): from nowhere
    give          the folder that we put documents into; `give=` (empty): into none
    done          the folder for what was taken; `done=` (empty): it is deleted
    refused       the folder for what was refused, with the reason
    poll          how often `take` is looked at, in seconds

Exactly one of `hostkey` and `known_hosts` is there: a server that nobody vouched for is never trusted.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from adapters import polling
from hub.errors import Misconfigured
from schemas.findings import shortened
from schemas.text import Sentence, Text

PORT = 22
POLL_SECONDS = 10.0
LONGEST = 2_000  # characters
FOLDERS = {"take": "inbox", "give": "outbox", "done": "done", "refused": "refused"}
WORKING = ".edochub"  # what is claimed and not finished
KNOWN = frozenset({*FOLDERS, "hostkey", "known_hosts", "poll"})
USER = re.compile(r"[^\s:@/]{1,100}")

UNUSABLE = Sentence(
    vi="Địa chỉ của bộ kết nối sftp: “{address}” không dùng được: {why}",
    en="Address for the sftp adapter: “{address}” cannot be used: {why}",
)
FORM = Text(
    vi="cần dạng sftp://tài-khoản@máy-chủ/thư-mục?hostkey=SHA256:…",
    en="expected the form sftp://user@host/folder?hostkey=SHA256:…",
)
PASSWORD = Text(
    vi="không được chứa mật khẩu; mật khẩu hoặc khóa riêng là mã bí mật của điểm kết nối",
    en="it must not hold a password; the password or private key is the endpoint's secret",
)
UNPINNED = Text(
    vi="cần đúng một trong hai: hostkey=SHA256:… (dấu vân tay khóa máy chủ) hoặc known_hosts=/đường/dẫn",
    en="exactly one is needed: hostkey=SHA256:… (the fingerprint of the server's key) or known_hosts=/path",
)
BAD_KEY = Text(
    vi="hostkey phải có dạng SHA256:… như lệnh ssh-keygen -lf in ra",
    en="hostkey has the form SHA256:… that ssh-keygen -lf prints",
)
BAD_HOSTS = Text(
    vi="known_hosts phải là đường dẫn tuyệt đối của một tệp đọc được trên máy chạy trục",
    en="known_hosts is the absolute path of a file on the hub's machine that it can read",
)
BAD_FOLDER = Text(
    vi="take, give, done, refused là tên thư mục con khác nhau, không chứa “..” và không bắt đầu bằng / hay dấu chấm",
    en="take, give, done, refused name different folders, without “..”, a leading / or a leading dot",
)
NO_WAY = Text(
    vi="take và give không thể cùng để trống",
    en="take and give cannot both be empty: nothing would ever move",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A settled address. Folders are paths on the server; None where there is none."""

    user: str
    host: str
    port: int
    root: str
    hostkeys: tuple[str, ...]
    known_hosts: str | None
    take: str | None
    give: str | None
    done: str | None
    refused: str
    poll_seconds: float

    @property
    def working(self) -> str:
        """Where what we claimed lies until its answer is written."""
        return below(self.root, WORKING)

    @property
    def server(self) -> str:
        """The server, for sentences and logs."""
        return f"{self.host}:{self.port}"

    def written(self) -> str:
        """Return the form that is stored."""
        query = [("hostkey", key) for key in self.hostkeys]
        if self.known_hosts is not None:
            query.append(("known_hosts", self.known_hosts))
        for name, usual in FOLDERS.items():
            path: str | None = getattr(self, name)
            value = "" if path is None else path[len(below(self.root, "")) :]
            if value != usual:
                query.append((name, value))
        if self.poll_seconds != POLL_SECONDS:
            query.append(("poll", f"{self.poll_seconds:g}"))
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORT else f":{self.port}"
        path = self.root if self.root.startswith("/") else "/~" if self.root == "." else f"/~/{self.root}"
        asked = urlencode(query, safe="/:+=~", quote_via=quote)
        return f"sftp://{quote(self.user, safe='')}@{host}{port}{quote(path, safe='/~')}?{asked}"


def below(root: str, name: str) -> str:
    """Return the path of a name below a folder of the server."""
    return f"{root.rstrip('/')}/{name}"


def read(address: str | None) -> Address:
    """Read an address. Raises `Misconfigured` for one that can never work."""
    written = (address or "").strip()
    try:
        url = urlsplit(written)
        port = url.port
    except ValueError:
        raise _unusable(written, FORM) from None
    if url.password is not None:
        raise _unusable(f"{url.scheme}://…@{url.hostname}", PASSWORD)
    user, path = unquote(url.username or ""), unquote(url.path)
    well_formed = url.scheme == "sftp" and url.hostname and not url.fragment and USER.fullmatch(user)
    if not well_formed or port == 0 or len(written) > LONGEST or not (path + user).isprintable():
        raise _unusable(written, FORM)
    pairs = parse_qsl(url.query.replace("+", "%2B"), keep_blank_values=True)  # base64 has plus signs
    asked = dict(pairs)
    if asked.keys() - KNOWN or len([name for name, _ in pairs if name != "hostkey"]) != len(
        asked.keys() - {"hostkey"}
    ):
        raise _unusable(written, FORM)
    root = _root(written, path)
    folders = _folders(written, asked)
    take, give, done = (
        below(root, folders[name]) if folders[name] else None for name in ("take", "give", "done")
    )
    return Address(
        user=user,
        host=str(url.hostname),
        port=port or PORT,
        root=root,
        hostkeys=_hostkeys(written, [value for name, value in pairs if name == "hostkey"], asked),
        known_hosts=_known_hosts(written, asked.get("known_hosts")),
        poll_seconds=_poll(written, asked),
        take=take,
        give=give,
        done=done,
        refused=below(root, folders["refused"]),
    )


def _root(written: str, path: str) -> str:
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if not parts or ".." in parts:
        raise _unusable(written, FORM)
    if parts[0] == "~":
        return "/".join(parts[1:]) or "."
    return "/" + "/".join(parts)


def _hostkeys(written: str, hostkeys: list[str], asked: dict[str, str]) -> tuple[str, ...]:
    if bool(hostkeys) is ("known_hosts" in asked):
        raise _unusable(written, UNPINNED)
    for hostkey in hostkeys:
        scheme, _, digest = hostkey.partition(":")
        try:
            octets = base64.b64decode(digest + "=", validate=True)
        except (binascii.Error, ValueError):
            octets = b""
        if scheme != "SHA256" or len(octets) != 32:
            raise _unusable(written, BAD_KEY)
    return tuple(dict.fromkeys(hostkeys))


def _known_hosts(written: str, path: str | None) -> str | None:
    if path is None:
        return None
    if not Path(path).is_absolute() or "\0" in path or not Path(path).is_file():
        raise _unusable(written, BAD_HOSTS)
    return path


def _folders(written: str, asked: dict[str, str]) -> dict[str, str]:
    names = {name: asked.get(name, usual).rstrip("/") for name, usual in FOLDERS.items()}
    if not names["take"] and not names["give"]:
        raise _unusable(written, NO_WAY)
    used = [name for name in names.values() if name]
    parts = [part for name in used for part in name.split("/")]
    good = all(part and not part.startswith(".") and part.isprintable() for part in parts)
    if not good or len(set(used)) != len(used) or not names["refused"]:
        raise _unusable(written, BAD_FOLDER)
    return names


def _poll(written: str, asked: dict[str, str]) -> float:
    seconds = polling.seconds(asked.get("poll", str(POLL_SECONDS)))
    if seconds is None:
        raise _unusable(written, polling.BAD_POLL)
    return seconds


def _unusable(address: str, why: Text) -> Misconfigured:
    return Misconfigured(UNUSABLE.say(address=shortened(address), why=why))
