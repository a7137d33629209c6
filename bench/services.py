"""A database of our own on a PostgreSQL that is there, and a RabbitMQ: for the runs with services."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

DATABASE = f"edochub_bench_{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Services:
    """Where they are."""

    database: str  # URL of the bench's own database
    broker: str

    @property
    def settings(self) -> str:
        """What stands in edochub.toml."""
        return f'[storage]\ndatabase = "{self.database}"\n\n[broker]\nurl = "{self.broker}"\n'


@contextlib.contextmanager
def fresh(server: str, broker: str) -> Iterator[Services]:
    """Make an empty database for the time of the block. Raises `OperationalError` when there is no PostgreSQL."""
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
            connection.execute(sa.text(f"CREATE DATABASE {DATABASE}"))
        url = sa.make_url(server).set(database=DATABASE)
        yield Services(url.render_as_string(hide_password=False), broker)
    finally:
        with contextlib.suppress(sa.exc.OperationalError), admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
        admin.dispose()
