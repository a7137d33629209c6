"""The vault: secrets are found by a keyed digest and kept sealed, and nothing opens without the master key."""

from __future__ import annotations

import base64
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Fault, Misconfigured
from hub.vault import NONCE_BYTES, Vault, new_secret

MASTER = bytes(range(32))
OTHER = bytes(range(1, 33))


def test_a_secret_has_a_prefix_and_32_bytes_of_chance() -> None:
    secret = new_secret(lambda size: b"\xff" * size)
    assert secret == "edh_" + "_" * 42 + "8"
    assert len(base64.urlsafe_b64decode(secret.removeprefix("edh_") + "=")) == 32


def test_two_secrets_differ() -> None:
    assert new_secret() != new_secret()


def test_lookup_is_the_same_for_the_same_secret_and_key() -> None:
    found = Vault(MASTER).lookup("edh_one")
    assert found == Vault(MASTER).lookup("edh_one")
    assert len(found) == 64
    assert found == found.lower()


def test_lookup_differs_for_another_secret_or_key() -> None:
    assert Vault(MASTER).lookup("edh_one") != Vault(MASTER).lookup("edh_two")
    assert Vault(MASTER).lookup("edh_one") != Vault(OTHER).lookup("edh_one")


def test_lookup_takes_whatever_a_stranger_sends() -> None:
    assert len(Vault(MASTER).lookup("\udcff đ \x00")) == 64


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_can_be_opened(secret: str) -> None:
    vault = Vault(MASTER)
    assert vault.open(vault.seal(secret)) == secret


def test_sealing_twice_gives_different_bytes() -> None:
    vault = Vault(MASTER)
    assert vault.seal("edh_one") != vault.seal("edh_one")


def test_the_nonce_stands_before_the_ciphertext() -> None:
    numbers = count(1)
    sealed = Vault(MASTER, lambda size: next(numbers).to_bytes(size, "big")).seal("edh_one")
    assert sealed[:NONCE_BYTES] == (1).to_bytes(NONCE_BYTES, "big")
    assert b"edh_one" not in sealed


def test_another_master_key_opens_nothing() -> None:
    sealed = Vault(MASTER).seal("edh_one")
    with pytest.raises(Fault) as caught:
        Vault(OTHER).open(sealed)
    assert "khóa chủ" in caught.value.message.vi
    assert "master key" in caught.value.message.en
    assert "edh_one" not in str(caught.value)


@pytest.mark.parametrize("at", [0, NONCE_BYTES, -1])
def test_one_altered_bit_is_noticed(at: int) -> None:
    sealed = bytearray(Vault(MASTER).seal("edh_one"))
    sealed[at] ^= 1
    with pytest.raises(Fault):
        Vault(MASTER).open(bytes(sealed))


@pytest.mark.parametrize("length", [0, 5, NONCE_BYTES, NONCE_BYTES + 3])
def test_what_was_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(Fault):
        Vault(MASTER).open(Vault(MASTER).seal("edh_one")[:length])


def test_the_key_that_finds_is_not_the_key_that_seals() -> None:
    vault = Vault(MASTER)
    assert vault.seal("edh_one")[NONCE_BYTES:].hex() not in vault.lookup("edh_one")
    assert repr(vault) == "Vault(…)"


def test_a_master_key_of_another_length_is_a_bug() -> None:
    with pytest.raises(ValueError, match="32"):
        Vault(b"short")


# --- the file ---


def test_a_new_master_key_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    made = Vault.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(path.read_bytes())) == 32
    assert Vault.load(path).open(made.seal("edh_one")) == "edh_one"
    assert [each.name for each in path.parent.iterdir()] == ["master.key"]


def test_an_existing_master_key_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    Vault.create(path)
    before = path.read_bytes()
    with pytest.raises(Misconfigured) as caught:
        Vault.create(path)
    assert path.read_bytes() == before
    assert str(path) in caught.value.message.en


def test_a_missing_master_key_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        Vault.load(tmp_path / "master.key")
    assert str(tmp_path / "master.key") in caught.value.message.vi


@pytest.mark.parametrize("content", [b"", b"not base64!", base64.b64encode(b"short"), b"\xff\xfe"])
def test_a_damaged_master_key_is_told_and_never_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Misconfigured) as caught:
        Vault.load(path)
    assert "expected 32 bytes in base64" in caught.value.message.en
    assert "not base64" not in caught.value.message.en


def test_a_master_key_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    Vault.create(path)
    path.chmod(0o644)
    with pytest.raises(Misconfigured) as caught:
        Vault.load(path)
    assert "chmod 600" in caught.value.message.vi
    path.chmod(0o640)  # a group of its own is how secrets are mounted in containers
    assert isinstance(Vault.load(path), Vault)
