"""Whether pg_dump on this machine is of the server's version, so that what it writes can be brought back.

An older pg_dump refuses a newer server. A newer one writes what pg_restore cannot bring back to an older server, and
what an older pg_restore cannot read: such a backup is made without a word, and fails on the day that it is needed.
"""

from __future__ import annotations

import re
import subprocess

import sqlalchemy as sa

from schemas.text import Text

PROGRAM = "pg_dump"
TAKES_SECONDS = 10.0


def installed() -> int | None:
    """Return the major version of pg_dump on this machine, None if there is none. Blocks."""
    try:
        told = subprocess.run(  # noqa: S603 - a program and an argument of our own
            [PROGRAM, "--version"], capture_output=True, text=True, timeout=TAKES_SECONDS
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    return major(told)


def major(told: str) -> int | None:
    """Return the major version that `pg_dump --version` tells."""
    found = re.search(r"\(PostgreSQL\) (\d+)", told)
    return int(found[1]) if found else None


def of_server(connection: sa.Connection) -> int:
    """Return the major version of the server."""
    return int(connection.scalar(sa.text("SHOW server_version_num")) or 0) // 10_000


def misfit(here: int | None, server: int) -> Text | None:
    """Return what is wrong with pg_dump here, None if nothing is."""
    if here == server:
        return None
    if here is None:
        return Text(vi="không có pg_dump trên máy này", en="there is no pg_dump on this machine")
    if here < server:
        return Text(
            vi=f"pg_dump {here} không sao lưu được máy chủ PostgreSQL {server}",
            en=f"pg_dump {here} cannot back up a server of PostgreSQL {server}",
        )
    return Text(
        vi=f"bản sao lưu do pg_dump {here} tạo không khôi phục lại được vào máy chủ PostgreSQL {server}",
        en=f"what pg_dump {here} writes cannot be brought back to a server of PostgreSQL {server}",
    )


def remedy(server: int) -> Text:
    """Return how to mend it."""
    return Text(
        vi=f"Hãy cài postgresql-client-{server} trên máy chạy “edochub backup” và “edochub restore”.",
        en=f"Install postgresql-client-{server} where “edochub backup” and “edochub restore” run.",
    )
