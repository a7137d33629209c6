"""`edochub accounts`: what a person sees, and a program; no password on the command line."""

from __future__ import annotations

import getpass
import warnings
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from hub import accounts
from tests.unit.hub.commands.door import Command


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("tám con trâu qua sông\nanother line\n", encoding="utf-8")
    return path


def add(edochub: Command, password: Path, name: str, role: str, *more: str) -> None:
    ran = edochub("accounts", "add", name, "--role", role, "--password-file", password, *more)
    assert ran.code == 0, ran.err


def test_an_account_is_added_listed_changed_and_removed(
    edochub: Command, hub_folder: Path, password: Path
) -> None:
    add(edochub, password, "lan", "administrator", "--person", "Nguyễn Thị Lan")
    add(edochub, password, "xa", "agency", "--agency", "Z99.61")
    assert edochub("accounts", "set", "xa", "--disable").code == 0

    listed = edochub("accounts", "list", "--json").json["accounts"]
    assert [(each["name"], each["role"], each["agency"], each["disabled"]) for each in listed] == [
        ("lan", "administrator", None, False),
        ("xa", "agency", "Z99.61", True),
    ]
    page = edochub("accounts", "list", language="vi").out
    assert "Nguyễn Thị Lan" in page
    assert "đã khóa" in page
    assert edochub("accounts", "remove", "xa").code == 0
    assert edochub("accounts", "remove", "xa").code == 1


def test_each_change_is_in_the_ledger_without_the_password(
    edochub: Command, hub_folder: Path, password: Path
) -> None:
    add(edochub, password, "lan", "administrator")
    assert edochub("accounts", "password", "lan", "--password-file", password).code == 0
    database = (hub_folder / "edochub.db").read_bytes() + b"".join(
        path.read_bytes() for path in hub_folder.glob("edochub.db-*")
    )

    assert b"account.added" in database
    assert b"account.password-set" in database
    assert "trâu".encode() not in database
    assert edochub("ledger", "verify").code == 0


def test_the_last_administrator_stays(edochub: Command, hub_folder: Path, password: Path) -> None:
    add(edochub, password, "lan", "administrator")
    for words in (("remove", "lan"), ("set", "lan", "--disable"), ("set", "lan", "--role", "auditor")):
        ran = edochub("accounts", *words, language="vi")
        assert ran.code == 2
        assert "quản trị cuối cùng" in ran.err


@pytest.mark.parametrize(
    "wrong",
    [
        ("add", "Lan", "--role", "operator"),
        ("add", "lan", "--role", "agency"),
        ("add", "lan", "--role", "operator", "--agency", "Z99.61"),
        ("add", "lan", "--role", "king"),
        ("add", "lan", "--role", "operator", "--password", "secret"),
    ],
)
def test_what_cannot_be_meant_is_said(
    edochub: Command, hub_folder: Path, password: Path, wrong: tuple[str, ...]
) -> None:
    ran = edochub("accounts", *wrong, "--password-file", password)
    assert ran.code == 2
    assert ran.err


def test_a_weak_password_is_refused(edochub: Command, hub_folder: Path, tmp_path: Path) -> None:
    weak = tmp_path / "weak"
    weak.write_text("123456\n")
    ran = edochub("accounts", "add", "lan", "--role", "operator", "--password-file", weak, language="vi")

    assert ran.code == 2
    assert "mật khẩu phải dài" in ran.err


def test_where_nobody_can_type_a_password_a_file_is_asked_for(
    edochub: Command, hub_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def echoing(prompt: str = "", stream: object = None) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        raise AssertionError(prompt, stream)  # what is typed would be seen

    monkeypatch.setattr(getpass, "getpass", echoing)

    ran = edochub("accounts", "add", "lan", "--role", "operator")
    assert (ran.code, "--password-file" in ran.err) == (2, True)
    assert "Warning" not in ran.err
