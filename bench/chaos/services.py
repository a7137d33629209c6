"""A PostgreSQL and a RabbitMQ of our own, in folders and on ports that nobody else uses: they are made to be killed.

Both keep what they had on disk from one life to the next. SIGKILL takes the whole service at once, as a machine that
fails does, except that what the kernel had already taken to write still reaches the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench.processes import free_port

START_SECONDS = 120.0
PATIENCE_SECONDS = 0.05  # between two looks


class ServiceProblem(Exception):
    """A service cannot be found, or does not start."""


def newest(pattern: str) -> Path:
    """Return the program of the highest version that fits a pattern. Raises `ServiceProblem`."""
    found = list(Path("/").glob(pattern.lstrip("/")))
    if not found:
        raise ServiceProblem(f"expected a program at {pattern}, found none")
    return max(found, key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))])


async def until(holds: Callable[[], Awaitable[bool]], what: str, seconds: float = START_SECONDS) -> None:
    """Ask until it holds. Raises `ServiceProblem` when it does not in time."""
    deadline = time.monotonic() + seconds
    while not await holds():
        if time.monotonic() > deadline:
            raise ServiceProblem(f"{what} did not come within {seconds:g} s")
        await asyncio.sleep(PATIENCE_SECONDS)


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def children(pid: int) -> list[int]:
    """Return the processes that a process of one thread started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@dataclass
class Postgres:
    """A cluster of its own: fsync and synchronous_commit are on."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The hub's database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/edochub"

    def create(self) -> None:
        """Make the cluster."""
        self.folder.mkdir(parents=True)
        if _postgres_user():
            shutil.chown(self.folder, "postgres", "postgres")
        words = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync")
        self._call("initdb", *words, f"--pgdata={self.folder / 'data'}")

    def start(self) -> None:
        """Start it; do not wait."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "max_connections": 300,
            "checkpoint_timeout": "30s",  # so that recovery is short and happens often
            "max_wal_size": "256MB",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [_program("postgres"), "-D", str(self.folder / "data"), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                user=_postgres_user(),
                group=_postgres_user(),
            )

    async def answers(self) -> bool:
        """Tell whether it takes connections."""
        try:
            connection = await psycopg.AsyncConnection.connect(self.address("postgres"))
        except psycopg.OperationalError:
            return False
        await connection.close()
        return True

    async def ready(self) -> None:
        """Wait until it takes connections."""
        await until(self.answers, "PostgreSQL")

    def create_database(self) -> None:
        """Make the hub's database; the hub itself brings it to its shape."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE edochub")

    def address(self, database: str = "edochub") -> str:
        """Return what libpq connects with."""
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={database} connect_timeout=2"

    async def kill(self) -> None:
        """Kill the postmaster and all its backends, and wait until they are gone."""
        assert self.process is not None
        head = self.process.pid
        os.kill(head, signal.SIGSTOP)  # it must not start another while we count
        everybody = [*children(head), head]
        for pid in everybody:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(self.process.wait)

        async def gone() -> bool:
            return not any(alive(pid) for pid in everybody)

        await until(gone, "the end of PostgreSQL", 30.0)

    def version(self) -> str:
        """Return what it calls itself."""
        return self._call("postgres", "--version").strip()

    def _call(self, program: str, *words: str) -> str:
        user = _postgres_user()
        ended = subprocess.run(
            [_program(program), *words], capture_output=True, text=True, user=user, group=user, cwd="/"
        )
        if ended.returncode:
            raise ServiceProblem(f"{program}: {ended.stderr.strip()}")
        return ended.stdout


def _program(name: str) -> str:
    return str(newest(f"/usr/lib/postgresql/*/bin/{name}"))


def _postgres_user() -> str | None:
    """Return whom PostgreSQL runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError as error:
        raise ServiceProblem("PostgreSQL refuses to run as root, and there is no user postgres") from error


@dataclass
class RabbitMq:
    """A broker of its own, with its own name, cookie, folders and port mapper."""

    folder: Path
    port: int = field(default_factory=free_port)
    mapper_port: int = field(default_factory=free_port)
    distribution_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    mapper: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What the hub connects to."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def create(self) -> None:
        """Make its folder and its configuration, and start its port mapper."""
        self.folder.mkdir(parents=True)
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "disk_free_limit.absolute = 50MB\n"
            "raft.wal_max_size_bytes = 4000000\n"  # allocated at every start: 512 MB otherwise
        )
        (self.folder / "plugins").write_text("[].\n")
        (self.folder / "env.conf").write_text("")
        program = shutil.which("epmd") or str(newest("/usr/lib/erlang/erts-*/bin/epmd"))
        self.mapper = subprocess.Popen(
            [program, "-port", str(self.mapper_port), "-address", "127.0.0.1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start(self) -> None:
        """Start it; do not wait."""
        with (self.folder / "output").open("ab") as log:
            self.process = subprocess.Popen(
                [str(newest("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
            )

    async def answers(self) -> bool:
        """Tell whether it speaks AMQP: it greets with a method frame."""
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(3):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    writer.write(b"AMQP\x00\x00\x09\x01")
                    return await reader.readexactly(1) == b"\x01"
                finally:
                    writer.close()
        return False

    async def ready(self) -> None:
        """Wait until it speaks AMQP."""
        await until(self.answers, "RabbitMQ")

    async def kill(self, *, disk_too: bool = False) -> None:
        """Kill it and wait until it is gone; with `disk_too`, so is everything that it kept."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await asyncio.to_thread(self.process.wait)

        async def gone() -> bool:
            return not _group_alive(self.process.pid if self.process else 0)

        await until(gone, "the end of RabbitMQ", 30.0)
        if disk_too:
            await asyncio.to_thread(shutil.rmtree, self.folder / "mnesia", ignore_errors=True)

    def bury(self) -> None:
        """End the port mapper."""
        if self.mapper is not None:
            self.mapper.kill()
            self.mapper.wait()

    def version(self) -> str:
        """Return what the folder of its programs says."""
        program = newest("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server")
        return f"RabbitMQ {program.parent.parent.name.rpartition('-')[2]}"

    def _environment(self) -> Mapping[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"chaos{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "env.conf"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self.mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }


def _group_alive(group: int) -> bool:
    """Tell whether a process of a group still runs."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                if int(fields[2]) == group and fields[0] not in {"Z", "X"}:
                    return True
    return False
