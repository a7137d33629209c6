"""What needs no database: checking, signing, verifying, keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signing.keys import KeyFolder
from tests.unit.hub.commands.door import Command


@pytest.fixture
def hub_keys(edochub: Command, tmp_path: Path) -> KeyFolder:
    """The keys of a new hub."""
    assert edochub("init", tmp_path / "hub").code == 0
    return KeyFolder(tmp_path / "hub" / "keys")


@pytest.fixture
def trust(hub_keys: KeyFolder, tmp_path: Path) -> Path:
    """A trust folder that holds the hub's own certificate."""
    folder = tmp_path / "friends"
    folder.mkdir()
    (folder / "hub.pem").write_bytes(hub_keys.load("hub", None).certificate.public_bytes(Encoding.PEM))
    return folder


def test_a_good_package_is_said_to_be_good(edochub: Command, letter: Path) -> None:
    assert edochub("check", letter).code == 0
    assert edochub("check", letter, "--json").json["files"][0]["valid"] is True


def test_of_several_packages_all_are_checked(edochub: Command, letter: Path) -> None:
    bad = letter.with_name("bad.edxml")
    bad.write_bytes(b"1212" + letter.read_bytes())

    ran = edochub("check", bad, letter, "--json")

    assert ran.code == 1
    assert [each["valid"] for each in ran.json["files"]] == [False, True]
    assert [finding["code"] for finding in ran.json["files"][0]["findings"]] == ["bytes-before-xml"]


def test_a_finding_says_where_and_what_to_do(edochub: Command, letter: Path) -> None:
    letter.write_bytes(b"1212" + letter.read_bytes())

    said = edochub("check", letter, language="vi").out

    assert "không hợp lệ" in said
    assert "[dòng 1]" in said
    assert "→" in said


def test_what_is_signed_verifies(edochub: Command, letter: Path, trust: Path) -> None:
    assert edochub("sign", letter).code == 0

    signed = letter.with_name("letter.signed.edxml")
    assert edochub("verify", signed, "--trust", trust).code == 0
    assert edochub("verify", signed, "--trust", trust, "--json").json["signatures"][0]["outcome"] == "valid"


def test_the_signature_of_a_stranger_is_undetermined(
    edochub: Command, letter: Path, hub_keys: KeyFolder
) -> None:
    edochub("sign", letter, "-o", letter)

    ran = edochub("verify", letter)

    assert ran.code == 3
    assert "no root certificate" in ran.err


def test_a_changed_package_is_invalid(edochub: Command, letter: Path, trust: Path) -> None:
    edochub("sign", letter, "-o", letter)
    letter.write_bytes(letter.read_bytes().replace("kiểm thử".encode(), "kiểm tra".encode()))

    assert edochub("verify", letter, "--trust", trust).code == 1


def test_a_package_without_a_signature_is_neither(edochub: Command, letter: Path, trust: Path) -> None:
    assert edochub("verify", letter, "--trust", trust).code == 3


def test_verifying_needs_no_configuration_but_trust(edochub: Command, letter: Path, tmp_path: Path) -> None:
    (tmp_path / "nobody").mkdir()

    assert edochub("verify", letter, "--trust", tmp_path / "nobody").code == 3
    assert edochub("verify", letter).code == 2


def test_signing_twice_is_refused(edochub: Command, letter: Path, hub_keys: KeyFolder) -> None:
    edochub("sign", letter, "-o", letter)
    before = letter.read_bytes()

    assert edochub("sign", letter, "-o", letter).code == 1
    assert letter.read_bytes() == before


def test_a_key_is_made_listed_and_never_replaced(edochub: Command, hub_keys: KeyFolder) -> None:
    made = edochub(
        "keys", "new", "van-phong", "--subject", "Văn phòng", "--algorithm", "rsa-2048", "--json"
    ).json

    assert made["certificate"]["subject"] == "CN=Văn phòng"
    assert {key["name"] for key in edochub("keys", "list", "--json").json["keys"]} == {"hub", "van-phong"}
    before = (hub_keys.path / "van-phong.pem").read_bytes()
    assert edochub("keys", "new", "van-phong").code == 1
    assert (hub_keys.path / "van-phong.pem").read_bytes() == before


def test_a_key_with_a_passphrase_needs_it(
    edochub: Command, letter: Path, hub_keys: KeyFolder, tmp_path: Path
) -> None:
    words = tmp_path / "words"
    words.write_text("mở ra\n", encoding="utf-8")
    assert edochub("keys", "new", "kin", "--passphrase-file", words).code == 0

    assert edochub("sign", letter, "--key", "kin", "-o", letter).code == 1
    assert edochub("sign", letter, "--key", "kin", "--passphrase-file", words, "-o", letter).code == 0


def test_a_key_that_is_not_there_is_not_found(edochub: Command, letter: Path, hub_keys: KeyFolder) -> None:
    ran = edochub("sign", letter, "--key", "nosuch")

    assert ran.code == 1
    assert "edochub keys list" in ran.err


def test_a_keys_certificate_is_what_others_verify_with(
    edochub: Command, letter: Path, tmp_path: Path
) -> None:
    edochub("init", tmp_path / "hub")
    pem = tmp_path / "hub.pem"
    assert edochub("keys", "certificate", "-o", pem).code == 0
    assert b"PRIVATE" not in pem.read_bytes()

    edochub("sign", letter, "-o", letter)

    assert edochub("verify", letter, "--trust", pem).code == 0
