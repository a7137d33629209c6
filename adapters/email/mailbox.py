"""A mailbox by IMAP (RFC 3501), on Python's own imaplib, with replies that are bounded. Blocking: for a thread.

A mail is pending as long as it is in the folder, not deleted, and not marked by us as nothing of ours. Whether somebody
has opened it is no sign of anything: people look into official mailboxes. Mails are named by their UID; within one
session it means one mail (RFC 3501, 2.3.1.1), and across sessions together with UIDVALIDITY.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from adapters.email.address import Server
from adapters.email.transport import untrusted
from hub.errors import HubError, Misconfigured, Unavailable
from schemas.findings import shortened
from schemas.text import Sentence

TIMEOUT_SECONDS = 60.0  # of one read
LINE_BYTES = 16 * 1024 * 1024  # a search in a large folder is one line
COMMAND_BYTES = 64 * 1024 * 1024  # of everything that answers one command, but for the mail that it asks for
KEYWORD = "edochub-left"  # on mails that are none of ours
HEADER = "BODY.PEEK[HEADER.FIELDS (FROM MESSAGE-ID AUTO-SUBMITTED PRECEDENCE LIST-ID)]"

UNREACHABLE = Sentence(vi="Không kết nối được {host}: {what}", en="{host} does not answer: {what}")
NO_LOGIN = Sentence(
    vi="{host} không cho đăng nhập hộp thư: {what}", en="{host} does not let us into the mailbox: {what}"
)
NO_FOLDER = Sentence(
    vi="Không mở được thư mục {folder} trên {host}: {what}",
    en="Cannot open folder {folder} at {host}: {what}",
)
NO_TLS = Sentence(
    vi="{host}: không có kết nối TLS tin cậy: {what}",
    en="{host}: no TLS connection that can be trusted: {what}",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder at a server, and who opens it."""

    server: Server
    user: str
    folder: str
    trusted: ssl.SSLContext


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a mail before it is fetched."""

    size: int
    header: bytes


class Bounded(imaplib.IMAP4):
    """imaplib without its trust: what answers one command is counted."""

    left = COMMAND_BYTES

    def allow(self, octets: int = COMMAND_BYTES) -> None:
        """Let the next answer be that long."""
        self.left = octets

    def read(self, size: int) -> bytes:
        """Read a literal. Raises when the server announces more than is allowed."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line."""
        line: bytes = self.file.readline(LINE_BYTES + 1)  # type: ignore[assignment]  # opened "rb"
        self._spend(len(line))
        if len(line) > LINE_BYTES:
            raise self.abort("imap.line-too-long")
        return line

    def _spend(self, octets: int) -> None:
        self.left -= octets
        if self.left < 0:
            raise self.abort("imap.answer-too-long")


class BoundedTls(Bounded, imaplib.IMAP4_SSL):
    """The same, with TLS from the start."""


class Mailbox:
    """One session in one folder."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.validity = ""  # UIDVALIDITY
        self._client: Bounded | None = None
        self._keywords = False

    def open(self, password: str) -> None:
        """Log in and open the folder. Raises `Unavailable` and `Misconfigured`."""
        try:
            self._client = client = self._connected()
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._unreachable(error) from error
        try:
            self._log_in(client, password)
        except imaplib.IMAP4.abort as error:
            raise self._unreachable(error) from error
        except imaplib.IMAP4.error as error:
            raise Misconfigured(NO_LOGIN.say(host=self._host, what=_words(error))) from error
        except OSError as error:
            raise self._unreachable(error) from error
        self._select(client)

    def pending(self) -> list[int]:
        """Return the UIDs of what is to be looked at, in the order in which it came."""
        wanted = f"UNDELETED UNKEYWORD {KEYWORD}" if self._keywords else "UNDELETED"
        found = self._uid("SEARCH", None, wanted)
        return sorted({int(each) for line in found if isinstance(line, bytes) for each in line.split()})

    def look(self, uid: int) -> Seen | None:
        """Return what is known of a mail; None if it is gone."""
        found = self._fetch(uid, f"(RFC822.SIZE {HEADER})", COMMAND_BYTES)
        size = re.search(rb"RFC822\.SIZE (\d{1,12})", found.around) if found else None
        return Seen(int(size[1]), found.literal) if found and size else None

    def content(self, uid: int, largest: int) -> bytes | None:
        """Return a mail whole, without marking it as read; None if it is gone. Raises over `largest` octets."""
        found = self._fetch(uid, "(BODY.PEEK[])", largest + COMMAND_BYTES)
        return found.literal if found else None

    def move(self, uid: int, folder: str) -> None:
        """Move a mail to another folder, which is made if need be (RFC 6851; RFC 4315 where that is missing)."""
        verb = "MOVE" if "MOVE" in self._capabilities else "COPY"
        try:
            self._uid(verb, str(uid), _quoted(folder))
        except Unwilling:
            self._call(lambda client: client.create(_quoted(folder)), willing=False)
            self._uid(verb, str(uid), _quoted(folder))
        if verb == "COPY":
            self._uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
            if "UIDPLUS" in self._capabilities:
                self._uid("EXPUNGE", str(uid))

    def leave(self, uid: int) -> bool:
        """Mark a mail as none of ours; tell whether the server keeps such marks."""
        if self._keywords:
            self._uid("STORE", str(uid), "+FLAGS.SILENT", f"({KEYWORD})")
        return self._keywords

    def close(self) -> None:
        """Log out, or just go."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                client.allow()
                client.logout()

    def cut(self) -> None:
        """End whatever is under way, from another thread."""
        client = self._client
        if client is not None:
            with suppress(OSError):
                client.sock.shutdown(socket.SHUT_RDWR)

    # --- below ----------------------------------------------------------------------------------------------------

    @property
    def _host(self) -> str:
        return self.place.server.host

    @property
    def _capabilities(self) -> tuple[str, ...]:
        assert self._client is not None
        return self._client.capabilities

    def _connected(self) -> Bounded:
        server, trusted = self.place.server, self.place.trusted
        if server.tls:
            return BoundedTls(server.host, server.port, ssl_context=trusted, timeout=TIMEOUT_SECONDS)
        client = Bounded(server.host, server.port, timeout=TIMEOUT_SECONDS)
        if "STARTTLS" in client.capabilities:
            client.starttls(trusted)
        elif not server.local:
            client.shutdown()
            raise Misconfigured(NO_TLS.say(host=server.host, what="STARTTLS"))
        return client

    def _log_in(self, client: Bounded, password: str) -> None:
        user = self.place.user
        if "AUTH=PLAIN" in client.capabilities:
            client.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:  # words beyond ASCII are for AUTHENTICATE only (RFC 3501, 6.2.3)
            client.login(_quoted(user), password)

    def _select(self, client: Bounded) -> None:
        client.allow()
        try:
            answer, words = client.select(_quoted(self.place.folder))
        except (imaplib.IMAP4.abort, OSError) as error:
            if not isinstance(error, imaplib.IMAP4.readonly):
                raise self._unreachable(error) from error
            answer, words = "NO", [b"READ-ONLY"]
        except imaplib.IMAP4.error as error:
            answer, words = "NO", [str(error).encode()]
        if answer != "OK":
            what = shortened(repr(words[-1]))
            raise Misconfigured(NO_FOLDER.say(host=self._host, folder=self.place.folder, what=what))
        self.validity = b"".join(each for each in client.response("UIDVALIDITY")[1] if each).decode(
            "ascii", "replace"
        )
        flags = b" ".join(each for each in client.response("PERMANENTFLAGS")[1] if each).lower()
        self._keywords = rb"\*" in flags or KEYWORD.encode() in flags

    def _uid(self, verb: str, *words: str | None) -> list[Any]:
        return self._call(lambda client: client.uid(verb, *words))  # type: ignore[arg-type]

    def _fetch(self, uid: int, what: str, largest: int) -> Found | None:
        answered = self._call(lambda client: client.uid("FETCH", str(uid), what), largest=largest)
        return _found(answered, uid)

    def _call(
        self,
        asked: Callable[[Bounded], tuple[str, list[Any]]],
        *,
        largest: int = COMMAND_BYTES,
        willing: bool = True,
    ) -> list[Any]:
        """Return what the server answers. Raises `Unavailable`, and `Unwilling` for a NO."""
        assert self._client is not None
        self._client.allow(largest)
        try:
            answer, words = asked(self._client)
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._unreachable(error) from error
        if answer != "OK" and willing:
            raise Unwilling(UNREACHABLE.say(host=self._host, what=shortened(repr(words[-1:]))))
        return words

    def _unreachable(self, error: Exception) -> HubError:
        said = NO_TLS if untrusted(error) else UNREACHABLE
        kind = Misconfigured if untrusted(error) else Unavailable
        return kind(said.say(host=self._host, what=_words(error)))


class Unwilling(Unavailable):
    """The server said NO."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a FETCH answered about one mail: a literal, and the words around it."""

    literal: bytes
    around: bytes


def _found(answered: list[Any], uid: int) -> Found | None:
    """Return the answer about this mail: a server may tell of others on the way (RFC 3501, 7)."""
    named = partial(re.search, rb"\bUID (\d{1,12})\b")
    for number, each in enumerate(answered):
        if isinstance(each, tuple):
            after = answered[number + 1] if number + 1 < len(answered) else b""
            around = each[0] + b" " + (after if isinstance(after, bytes) else b"")
            match = named(around)
            if match is not None and int(match[1]) == uid:
                return Found(each[1], around)
    return None


def _words(error: Exception) -> str:
    return str(shortened(f"{type(error).__name__}: {error}"))


def _quoted(name: str) -> str:
    """Return a quoted string (RFC 3501, 9). Settled names have nothing in them that it cannot hold."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
