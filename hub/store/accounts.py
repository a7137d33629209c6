"""Accounts of the console, and the sessions of their browsers: how they are written and found.

A session is found by the SHA-256 of its token, so a stolen database opens none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.accounts import Account, Role
from hub.store.prepared import Prepared
from hub.store.tables import accounts, console_sessions
from hub.store.writer import Transaction


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who signed in, and until when that holds."""

    account: Account
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


def every(connection: sa.Connection) -> list[Account]:
    """Return all accounts, by name."""
    return [_account(row) for row in connection.execute(sa.select(accounts).order_by(accounts.c.name))]


def get(connection: sa.Connection, name: str) -> Account | None:
    """Return an account by its name."""
    row = connection.execute(sa.select(accounts).where(accounts.c.name == name)).first()
    return _account(row) if row else None


def of_subject(connection: sa.Connection, subject: str) -> Account | None:
    """Return the account of somebody whom an identity provider knows."""
    row = connection.execute(sa.select(accounts).where(accounts.c.subject == subject)).first()
    return _account(row) if row else None


def any_there(connection: sa.Connection) -> bool:
    """Tell whether there is an account at all."""
    return connection.execute(sa.select(accounts.c.name).limit(1)).first() is not None


def put(tx: Transaction, account: Account) -> None:
    """Write an account down, new or changed."""
    values = {
        "person": account.person,
        "role": str(account.role),
        "agency": account.agency,
        "password": account.password,
        "subject": account.subject,
        "disabled": account.disabled,
    }
    changed = tx.execute(sa.update(accounts).where(accounts.c.name == account.name).values(values))
    if changed.rowcount == 0:
        tx.execute(sa.insert(accounts).values(name=account.name, created_at=tx.now, **values))


def remove(tx: Transaction, name: str) -> None:
    """Take an account out, and end its sessions."""
    end_all(tx, name)
    tx.execute(sa.delete(accounts).where(accounts.c.name == name))


# --- sessions -----------------------------------------------------------------------------------------------------


def begin(tx: Transaction, token: str, account: str, ends_at: datetime) -> None:
    """Write a new session down, by the digest of its token; forget those that have ended."""
    tx.execute(sa.delete(console_sessions).where(console_sessions.c.ends_at < tx.now))
    tx.execute(
        sa.insert(console_sessions).values(
            token=token, account=account, began_at=tx.now, seen_at=tx.now, ends_at=ends_at
        )
    )


def session(connection: sa.Connection, token: str) -> Session | None:
    """Return the session with this digest, whether it still holds or not."""
    row = _SESSION.first(connection, {"token": token})
    return Session(_account(row), row.began_at, row.seen_at, row.ends_at) if row else None


_SESSION = Prepared(
    sa.select(
        *accounts.c, console_sessions.c.began_at, console_sessions.c.seen_at, console_sessions.c.ends_at
    )
    .join(console_sessions, console_sessions.c.account == accounts.c.name)
    .where(console_sessions.c.token == sa.bindparam("token"))
)


def seen(tx: Transaction, token: str) -> None:
    """Note that a session was used now."""
    tx.execute(sa.update(console_sessions).where(console_sessions.c.token == token).values(seen_at=tx.now))


def end(tx: Transaction, token: str) -> None:
    """End one session."""
    tx.execute(sa.delete(console_sessions).where(console_sessions.c.token == token))


def end_all(tx: Transaction, account: str) -> None:
    """End every session of an account."""
    tx.execute(sa.delete(console_sessions).where(console_sessions.c.account == account))


def _account(row: Any) -> Account:
    return Account(
        name=row.name,
        person=row.person,
        role=Role(row.role),
        agency=row.agency,
        password=row.password,
        subject=row.subject,
        disabled=row.disabled,
    )
