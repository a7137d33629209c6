"""A line that can be made to swallow everything: what is sent is confirmed by the machine, and nobody reads it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Line:
    """A TCP proxy in front of one server of this machine."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._flows = threading.Event()
        self._flows.set()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    @property
    def port(self) -> int:
        """Where to connect."""
        return int(self._listening.getsockname()[1])

    def stall(self) -> None:
        """Carry nothing more, and answer nobody who connects."""
        self._flows.clear()

    def flow(self) -> None:
        """Carry again, what was held first."""
        self._flows.set()

    def close(self) -> None:
        """End it all."""
        self._flows.set()
        for each in (self._listening, *self._ends):
            _ended(each)

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                self._ends.append(here)
                threading.Thread(target=self._join, args=(here,), daemon=True).start()

    def _join(self, here: socket.socket) -> None:
        self._flows.wait()
        there = socket.create_connection(self._there)
        self._ends.append(there)
        threading.Thread(target=self._carry, args=(there, here), daemon=True).start()
        self._carry(here, there)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                self._flows.wait()
                target.sendall(piece)
        _ended(source)
        _ended(target)


def _ended(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()


@contextmanager
def line_to(host: str, port: int) -> Iterator[Line]:
    """Have a line for the length of a block."""
    line = Line(host, port)
    try:
        yield line
    finally:
        line.close()
