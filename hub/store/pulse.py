"""Whether the database answers at all: one that is frozen must cost its callers seconds, and the hub nothing.

A database that refuses says so at once. One that is frozen, or behind a network that swallows everything, says nothing:
its machine still confirms what we send, so that no time-out of TCP ends the wait. Only somebody else who asks can tell
it from one that is busy with a long question. So whenever somebody has been waiting for `PATIENCE_SECONDS`, a further
connection is tried. If that is not answered either, the database counts as frozen: every connection is cut, which ends
what waits on it, and whoever comes is told `Unavailable` at once, until a connection is answered again.

Who waits is also counted here, and bounded.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

import psycopg
import sqlalchemy as sa
import structlog
from sqlalchemy import event

from hub import metrics
from hub.errors import Unavailable
from schemas.text import Text

log = structlog.get_logger()

PATIENCE_SECONDS = 5.0  # how long an answer may take before we ask whether there is anybody
CONNECT_SECONDS = 5  # how long a connection may take to be made
LOOK_SECONDS = 1.0
MOST_WAITING = 4_096  # units, and as many questions, that wait for their turn or their answer

FROZEN = Text(
    vi="Cơ sở dữ liệu của trục không trả lời; hãy gửi lại sau",
    en="The hub's database does not answer; please send again",
)
TOO_MANY = Text(
    vi=f"Đã có {MOST_WAITING:,} việc đang chờ cơ sở dữ liệu của trục; hãy gửi lại sau",
    en=f"{MOST_WAITING:,} callers are waiting for the hub's database already; please send again",
)

# What ends a connection whose other machine is gone, and one that is never made. A URL may say otherwise.
CONNECTING: dict[str, int] = {
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": 10_000,  # milliseconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

Kind = Literal["read", "write"]


class Pulse:
    """Who waits for a database, and whether it lives. `engines` are those whose connections are cut."""

    def __init__(self, url: sa.URL, *engines: sa.Engine) -> None:
        self.frozen = False
        self._waiting: dict[Kind, dict[object, float]] = {"read": {}, "write": {}}
        self._open: set[Any] = set()  # the driver's connections
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._answers: Callable[[], bool] | None = None
        if url.get_backend_name() == "postgresql":
            self._answers = _asked(url)
            for each in engines:
                event.listen(each, "connect", lambda connection, _: self._open.add(connection))
                event.listen(each, "close", lambda connection, _: self._open.discard(connection))
                event.listen(each, "do_connect", self._before_connecting)

    def start(self) -> None:
        """Begin to look. A file of our own needs nobody to look after it."""
        if self._answers is not None:
            self._thread = threading.Thread(target=self._run, name="edochub-pulse", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop looking. Blocks until it is done."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def waiting(self, kind: Kind) -> Counted:
        """Wait for the database inside the block. Raises `Unavailable` when that is in vain, or too many do."""
        if self.frozen:
            raise Unavailable(FROZEN, retry_after=5.0)
        if len(self._waiting[kind]) >= MOST_WAITING:
            raise Unavailable(TOO_MANY, retry_after=5.0)
        return self.counted(kind)

    def counted(self, kind: Kind) -> Counted:
        """Wait for the database inside the block, come what may."""
        return Counted(self._waiting[kind], kind)

    def _before_connecting(self, *_: object) -> None:
        """What was waiting when the database froze is not to try one after the other."""
        if self.frozen:
            raise Unavailable(FROZEN, retry_after=5.0)

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        assert self._answers is not None
        if not self.frozen and self._longest_wait() < PATIENCE_SECONDS:
            return
        frozen, before = not self._answers(), self.frozen
        self.frozen = frozen
        if frozen:
            for each in tuple(self._open):
                _cut(each)
        if frozen is not before:
            log.warning("database.frozen" if frozen else "database.answers")

    def _longest_wait(self) -> float:
        # The oldest stands first; the event loop may be changing it while we look.
        now = time.monotonic()
        with contextlib.suppress(RuntimeError):
            return now - min(next(iter(each.values()), now) for each in self._waiting.values())
        return 0.0


class Counted:
    """Somebody who waits inside the block. A class of its own: it is entered several times for each document."""

    __slots__ = ("_kind", "_waiting")

    def __init__(self, waiting: dict[object, float], kind: Kind) -> None:
        self._waiting = waiting
        self._kind = kind

    def __enter__(self) -> None:
        self._waiting[self] = time.monotonic()

    def __exit__(self, *_: object) -> None:
        metrics.waited(self._kind, time.monotonic() - self._waiting.pop(self))


def connecting(url: sa.URL) -> dict[str, int]:
    """Return what the driver is told beside a URL."""
    return {name: value for name, value in CONNECTING.items() if name not in url.query}


def _asked(url: sa.URL) -> Callable[[], bool]:
    """Return what tells whether a database answers somebody who connects, be it with a no."""
    made = sa.create_engine(url, poolclass=sa.NullPool, connect_args=connecting(url))

    def answers() -> bool:
        try:
            made.connect().close()
        except sa.exc.OperationalError as error:
            return not isinstance(error.orig, psycopg.errors.ConnectionTimeout)
        return True

    return answers


def _cut(connection: Any) -> None:
    """End a connection under whoever waits on it: its thread reads the end at once."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=connection.fileno()) as line:
        try:
            line.shutdown(socket.SHUT_RDWR)
        finally:
            line.detach()  # the driver closes it
