"""Several processes that serve on the same sockets, and the one that looks after them.

The supervisor opens no database and runs no thread or event loop of its own, so that it can fork at any time; what it
has imported and prepared, the workers share. Each worker is a node like any other (`hub.duties`).

- A worker that dies is replaced: at once, but later and later while new ones die young.
- SIGTERM and SIGINT are passed on; the second one stops the workers at once.
- SIGHUP replaces the workers one by one: a new one is ready before an old one is told to stop.
- Workers that lose their supervisor stop by themselves.

The sockets are listening here too, so what connects while a worker is being replaced waits in their queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger()

BACKLOG = 1_024
YOUNG_SECONDS = 10.0  # who dies younger than this would do so again
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 30.0
LOOK_SECONDS = 0.05  # while a worker is on its way
WATCHED = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})


@dataclass(frozen=True, slots=True)
class Post:
    """What a worker is given: the sockets to serve on, whom to tell that it is ready, what tells it to stop."""

    sockets: Sequence[socket.socket]
    _ready: int  # a pipe to the supervisor
    _alive: int  # a pipe that ends with the supervisor

    def ready(self) -> None:
        """Say that requests are taken."""
        os.write(self._ready, os.getpid().to_bytes(4, sys.byteorder))

    def stop_when_orphaned(self, stop: asyncio.Event) -> None:
        """Set an event when there is no supervisor any more. To be called in the event loop."""
        loop = asyncio.get_running_loop()

        def over() -> None:
            loop.remove_reader(self._alive)
            stop.set()

        loop.add_reader(self._alive, over)


@dataclass(slots=True)
class _Worker:
    pid: int
    born: float
    ready: bool = False
    told: bool = False  # to stop


class Supervisor:
    """Keeps `count` workers at `work`, which runs in a process of its own until it is told to stop.

    `on_ready` is called once, when all of them are ready for the first time.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        count: int,
        work: Callable[[Post], int],
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._sockets = sockets
        self._count = count
        self._work = work
        self._on_ready: Callable[[], None] | None = on_ready
        self._workers: dict[int, _Worker] = {}
        self._old: list[int] = []  # that SIGHUP wants replaced
        self._early_deaths = 0  # one after the other
        self._not_before = 0.0
        self._stopping = False
        self._ready_in, self._ready_out = os.pipe()
        self._alive_in, self._alive_out = os.pipe()
        os.set_blocking(self._ready_in, False)

    def run(self) -> None:
        """Supervise until told to stop, and every worker has."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        try:
            for listening in self._sockets:
                listening.listen(BACKLOG)
            while not self._stopping or self._workers:
                self._look()
                self._wait()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            for end in (self._ready_in, self._ready_out, self._alive_in, self._alive_out):
                os.close(end)

    # --- one round ------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._bury()
        self._hear_ready()
        if self._stopping:
            return
        wanted = self._count + (1 if self._old else 0)  # one too many while one is being replaced
        while len(self._workers) < wanted and time.monotonic() >= self._not_before:
            self._start()
        if self._old and self._all_ready():
            self._tell(self._old.pop(0), signal.SIGTERM)

    def _wait(self) -> None:
        pause = LOOK_SECONDS
        if self._all_ready() and len(self._workers) >= self._count and not self._old:
            pause = LONGEST_WAIT_SECONDS
        told = signal.sigtimedwait(WATCHED, pause)
        if told is None or told.si_signo == signal.SIGCHLD:
            return
        if told.si_signo == signal.SIGHUP:
            log.info("workers.replacing", count=len(self._workers))
            self._old = [pid for pid, worker in self._workers.items() if not worker.told]
            return
        self._stopping = True
        for pid in list(self._workers):
            self._tell(pid, signal.SIGTERM)

    def _all_ready(self) -> bool:
        return all(worker.ready and not worker.told for worker in self._workers.values())

    def _hear_ready(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while said := os.read(self._ready_in, 4):
                worker = self._workers.get(int.from_bytes(said, sys.byteorder))
                if worker is not None:
                    worker.ready = True
        if self._on_ready is not None and len(self._workers) >= self._count and self._all_ready():
            self._on_ready()
            self._on_ready = None

    # --- workers --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._become_a_worker()
        self._workers[pid] = _Worker(pid, time.monotonic())
        log.info("worker.started", pid=pid)

    def _become_a_worker(self) -> None:
        """Work, and end the process: nothing of the supervisor's may run here after it."""
        code = 1
        try:
            os.setpgid(0, 0)  # Ctrl-C is for the supervisor, who passes it on
            os.close(self._alive_out)
            os.close(self._ready_in)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
            code = self._work(Post(self._sockets, self._ready_out, self._alive_in))
        except BaseException:
            log.exception("worker.fault")
        finally:
            with contextlib.suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _bury(self) -> None:
        """Take note of workers that have ended. Replacing those that were not told to is the next round's."""
        for pid in list(self._workers):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            worker = self._workers.pop(pid)
            if worker.told:
                continue
            code = os.waitstatus_to_exitcode(status)
            log.error("worker.died", pid=pid, code=code)
            if pid in self._old:
                self._old.remove(pid)
            self._mind_deaths(young=time.monotonic() - worker.born < YOUNG_SECONDS, ready=worker.ready)

    def _mind_deaths(self, *, young: bool, ready: bool) -> None:
        if not young:
            self._early_deaths = 0
            return
        if not ready and self._old:  # what the new ones die of would take the old ones' places too
            log.error("workers.not-replaced", left=len(self._old))
            self._old.clear()
        wait = (
            min(FIRST_WAIT_SECONDS * 2**self._early_deaths, LONGEST_WAIT_SECONDS) if self._early_deaths else 0
        )
        self._early_deaths += 1
        self._not_before = time.monotonic() + wait

    def _tell(self, pid: int, number: signal.Signals) -> None:
        self._workers[pid].told = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
