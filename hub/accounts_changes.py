"""What changes accounts: each change is one transaction with its event, and who loses rights loses the sessions.

An account is read in the transaction that changes it: of two changes at once neither is lost.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub.accounts import Account, Role, hashed, proper_name
from hub.errors import Misconfigured, NotFound, Sought
from hub.obstacle import Step, obstacle
from hub.store import accounts as store
from hub.store.writer import Transaction
from schemas.text import Sentence, Text

if TYPE_CHECKING:
    from hub.app import Hub

IS_THERE = Sentence(vi="Đã có tài khoản “{name}”", en="There is an account “{name}” already")
NOT_THERE = Sentence(vi="Không có tài khoản “{name}”", en="There is no account “{name}”")
NEEDS_AGENCY = Text(
    vi="Vai trò cơ quan (agency) cần mã của một cơ quan", en="The role agency needs an agency's code"
)
NO_AGENCY = Text(
    vi="Chỉ vai trò cơ quan (agency) mới gắn với một cơ quan", en="Only the role agency belongs to an agency"
)
LAST_ONE = Text(
    vi="Đây là tài khoản quản trị cuối cùng; hãy thêm một tài khoản quản trị khác trước",
    en="This is the last administrator; add another one first",
)


def agency_of(hub: Hub, role: Role, code: str | None) -> str | None:
    """Return the id of the agency that an account is of. Raises `Misconfigured`, and `NotFound` for unknown codes."""
    if role is not Role.AGENCY:
        if code:
            raise Misconfigured(obstacle(NO_AGENCY, Step.NO_AGENCY))
        return None
    if not code:
        raise Misconfigured(obstacle(NEEDS_AGENCY, Step.NAME_AGENCY))
    found = hub.directory.resolve(code)
    if found.agency is None:
        raise NotFound(found.explanation, Sought.AGENCY)
    return found.agency.id


async def add(
    hub: Hub, name: str, person: str, role: Role, password: str | None, actor: str, agency: str | None = None
) -> Account:
    """Add an account. Raises `Misconfigured` if its name is taken, or its password too weak."""
    made = Account(
        name=proper_name(name),
        person=person.strip() or name,
        role=role,
        agency=agency_of(hub, role, agency),
    )
    if password is not None:
        made = replace(made, password=await asyncio.to_thread(hashed, password, name))

    def write(tx: Transaction) -> None:
        if store.get(tx.connection, name) is not None:
            raise Misconfigured(IS_THERE.say(name=name))
        store.put(tx, made)
        tx.trace("account.added", actor=actor, account=name, role=str(role), person=made.person)

    await hub.store.write(write, "add_account")
    return made


async def change(
    hub: Hub,
    name: str,
    actor: str,
    *,
    person: str | None = None,
    role: Role | None = None,
    agency: str | None = None,
    disabled: bool | None = None,
) -> Account:
    """Change what is given, and end the account's sessions. Raises `NotFound` and `Misconfigured`."""

    def write(tx: Transaction) -> Account:
        before = known(tx.connection, name)
        new_role = role or before.role
        keeps = new_role is before.role and agency is None
        after = replace(
            before,
            person=person if person is not None else before.person,
            role=new_role,
            agency=before.agency if keeps else agency_of(hub, new_role, agency),
            disabled=before.disabled if disabled is None else disabled,
        )
        if after.disabled or after.role is not Role.ADMINISTRATOR:
            _not_the_last(tx, name)
        store.put(tx, after)
        store.end_all(tx, name)
        tx.trace("account.changed", actor=actor, account=name, role=str(after.role), disabled=after.disabled)
        return after

    return await hub.store.write(write, "change_account")


async def remove(hub: Hub, name: str, actor: str) -> None:
    """Take an account out. What it did stays in the ledger. Raises `NotFound` and `Misconfigured`."""

    def write(tx: Transaction) -> None:
        known(tx.connection, name)
        _not_the_last(tx, name)
        store.remove(tx, name)
        tx.trace("account.removed", actor=actor, account=name)

    await hub.store.write(write, "remove_account")


async def set_password(hub: Hub, name: str, password: str, actor: str) -> None:
    """Give an account another password, and end its sessions. Raises `NotFound` and `Misconfigured`."""
    kept = await asyncio.to_thread(hashed, password, name)

    def write(tx: Transaction) -> None:
        store.put(tx, replace(known(tx.connection, name), password=kept))
        store.end_all(tx, name)
        tx.trace("account.password-set", actor=actor, account=name)

    await hub.store.write(write, "set_password")


def known(connection: sa.Connection, name: str) -> Account:
    """Return an account. Raises `NotFound`."""
    found = store.get(connection, name)
    if found is None:
        raise NotFound(obstacle(NOT_THERE, Step.SEE_ACCOUNTS, name, name=name))
    return found


def _not_the_last(tx: Transaction, name: str) -> None:
    there = store.every(tx.connection)
    if not any(each.name == name and _rules(each) for each in there):
        return
    if not any(each.name != name and _rules(each) for each in there):
        raise Misconfigured(LAST_ONE)


def _rules(account: Account) -> bool:
    return account.role is Role.ADMINISTRATOR and not account.disabled
