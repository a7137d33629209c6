"""What tests of every kind share: the databases and the broker that they run against.

`database` runs a test on SQLite in `make test` and, the same code, on PostgreSQL in `make test-services`. Each test
gets a database of its own, which is dropped afterwards. A service that does not answer fails the test: it never skips.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aio_pika
import hypothesis
import pytest
import sqlalchemy as sa

from hub.store.database import engine, migrate

POSTGRESQL = os.environ.get(
    "EDOCHUB_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
RABBITMQ = os.environ.get("EDOCHUB_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672/")

# How fast this machine is at the moment is no property of the program; and what one run finds, every run finds.
hypothesis.settings.register_profile(
    "edochub",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("edochub")

# Tests interrupt programs. A shell that runs us in the background has SIGINT ignored, and what we start inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.services))


@dataclass(frozen=True)
class Queue:
    """A queue of RabbitMQ that belongs to one test."""

    url: str
    name: str


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database at its newest shape, for this test alone."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "edochub.db")
        return f"sqlite:///{tmp_path / 'edochub.db'}"
    return str(request.getfixturevalue("postgresql"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that was brought to the newest shape once, to be copied."""
    path = tmp_path_factory.mktemp("template") / "edochub.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgresql(postgresql_template: str) -> Iterator[str]:
    """The URL of a PostgreSQL database at its newest shape, for this test alone."""
    with new_postgresql(template=postgresql_template) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str]:
    """The name of a database that was brought to the newest shape once, to be copied."""
    with new_postgresql() as url:
        migrated(url)
        yield str(sa.make_url(url).database)


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'edochub.db'}"
    else:
        with new_postgresql() as url:
            yield url


@pytest.fixture
def queue() -> Iterator[Queue]:
    """A queue of RabbitMQ for this test alone."""
    name = f"edochub.test.{secrets.token_hex(6)}"
    yield Queue(RABBITMQ, name)
    asyncio.run(_delete(name))


@contextmanager
def new_postgresql(*, template: str = "template1") -> Iterator[str]:
    """Make a PostgreSQL database for the length of a block; yield its URL."""
    name = f"edochub_test_{secrets.token_hex(6)}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield sa.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


def migrated(url: str) -> None:
    """Bring a database to its newest shape."""
    made = engine(sa.make_url(url), writes=True)
    migrate(made)
    made.dispose()


def _administer(statement: str) -> None:
    made = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with made.connect() as connection:
        connection.execute(sa.text(statement))


async def _delete(name: str) -> None:
    async with await aio_pika.connect(RABBITMQ) as connection, connection.channel() as channel:
        # The defaults of both would have a quorum queue close the channel.
        for each in (name, f"{name}.dead"):
            await channel.queue_delete(each, if_unused=False, if_empty=False)
