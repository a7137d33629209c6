"""`edochub keys connect` and `roll`: keys that are elsewhere, and keys that follow one another."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hub.commands._keys_parts import beginning
from signing.keys import KeyFolder, generate
from tests.unit.hub.commands.door import Command
from tests.unit.signing.packages import signer
from tests.unit.signing.test_keys_command import program


@pytest.fixture
def keys(edochub: Command, tmp_path: Path) -> KeyFolder:
    assert edochub("init", tmp_path / "hub").code == 0
    return KeyFolder(tmp_path / "hub" / "keys")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    file = tmp_path / "certificate.pem"
    file.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in signer("ecdsa-p256").chain))
    return file


def test_a_command_is_tried_kept_and_signs(
    edochub: Command, keys: KeyFolder, certificate: Path, letter: Path, tmp_path: Path
) -> None:
    line = shlex.join(program(tmp_path, "ecdsa-p256", "digest", "raw"))
    ran = edochub(
        "keys",
        "connect",
        "dau",
        "--certificate",
        certificate,
        "--command",
        line,
        "--input",
        "digest",
        "--output",
        "raw",
    )
    assert ran.code == 0, ran.err
    assert edochub("sign", letter, "--key", "dau").code == 0
    listed = {key["name"]: key["backend"] for key in edochub("keys", "list", "--json").json["keys"]}
    assert listed == {"hub": "file", "dau": "command"}
    assert "lệnh" in edochub("keys", "list", language="vi").out


def test_what_does_not_sign_is_not_kept(edochub: Command, keys: KeyFolder, certificate: Path) -> None:
    assert edochub("keys", "connect", "dau", "--certificate", certificate, "--command", "false").code == 1
    nothing = "pkcs11:token=a;object=b?module-path=none.so"
    assert edochub("keys", "connect", "dau", "--certificate", certificate, "--pkcs11", nothing).code == 1
    assert [key.name for key in keys.list()] == ["hub"]


@pytest.mark.parametrize(
    "more", [(), ("--command", "x", "--pkcs11", "pkcs11:x"), ("--command", "'"), ("--command", " ")]
)
def test_one_place_has_to_be_named(
    edochub: Command, keys: KeyFolder, certificate: Path, more: tuple[str, ...]
) -> None:
    assert edochub("keys", "connect", "dau", "--certificate", certificate, *more).code == 2


def test_a_file_without_a_certificate_is_refused(edochub: Command, keys: KeyFolder, letter: Path) -> None:
    assert edochub("keys", "connect", "dau", "--certificate", letter, "--command", "x").code == 2


def test_a_name_in_use_is_not_taken(
    edochub: Command, keys: KeyFolder, certificate: Path, tmp_path: Path
) -> None:
    line = shlex.join(program(tmp_path, "ecdsa-p256"))
    before = (keys.path / "hub.pem").read_bytes()
    assert edochub("keys", "connect", "hub", "--certificate", certificate, "--command", line).code == 1
    assert (keys.path / "hub.pem").read_bytes() == before
    assert keys.entry("hub").backend == "file"


def test_a_key_is_followed_by_a_new_one_of_its_kind_in_a_week(edochub: Command, keys: KeyFolder) -> None:
    before = datetime.now(UTC)
    assert edochub("keys", "roll", "hub").code == 0
    (later,) = keys.entry("hub").next
    assert later.key == "hub.2"
    assert timedelta(days=6) < later.since - before < timedelta(days=8)
    assert keys.signing_at("hub", before).name == "hub"
    assert keys.signing_at("hub", before + timedelta(days=30)).name == "hub.2"
    old, new = keys.certificates("hub")
    assert old.subject == new.subject
    assert "hub.2" in edochub("keys", "list").out


def test_a_key_that_is_there_may_follow_from_a_day_on(edochub: Command, keys: KeyFolder) -> None:
    assert edochub("keys", "new", "moi").code == 0
    assert edochub("keys", "roll", "hub", "--with", "moi", "--from", "2099-01-01").code == 0
    listed = {key["name"]: key["next"] for key in edochub("keys", "list", "--json").json["keys"]}
    assert listed == {"hub": [{"key": "moi", "from": "2098-12-31T17:00:00+00:00"}], "moi": []}


@pytest.mark.parametrize(("said", "code"), [("2001-01-01", 2), ("mai", 2)])
def test_a_time_that_cannot_be_meant_is_refused(
    edochub: Command, keys: KeyFolder, said: str, code: int
) -> None:
    assert edochub("keys", "roll", "hub", "--from", said).code == code
    assert [key.name for key in keys.list()] == ["hub"]


def test_a_key_that_is_not_there_cannot_follow_or_be_followed(edochub: Command, keys: KeyFolder) -> None:
    assert edochub("keys", "roll", "hub", "--with", "none").code == 1
    assert edochub("keys", "roll", "none").code == 1
    assert [key.name for key in keys.list()] == ["hub"]


def test_a_day_begins_in_vietnam() -> None:
    assert beginning("2027-01-01") == datetime(2026, 12, 31, 17, tzinfo=UTC)
    assert beginning("2027-01-01T00:00:00Z") == datetime(2027, 1, 1, tzinfo=UTC)


def test_the_doctor_looks_at_the_key_that_signs_today(
    edochub: Command, keys: KeyFolder, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    keys.save(generate("old", "Trục", now - timedelta(days=3 * 365 - 1)), None)
    keys.save(generate("new", "Trục", now), None)
    file = tmp_path / "hub" / "edochub.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace('#signing = "hub"', 'signing = "old"'), encoding="utf-8"
    )
    assert "“old” ends on" in edochub("doctor").out
    keys.roll("old", "new", now)
    assert "ends on" not in edochub("doctor").out


def test_a_second_roll_over_is_not_prepared_by_mistake(edochub: Command, keys: KeyFolder) -> None:
    assert edochub("keys", "roll", "hub").code == 0
    again = edochub("keys", "roll", "hub", language="en")
    assert again.code == 1
    assert "hub.2" in again.err
    assert [each.key for each in keys.entry("hub").next] == ["hub.2"]
    later = (datetime.now(UTC) + timedelta(days=400)).date()
    assert edochub("keys", "roll", "hub", "--from", later).code == 0
    assert [each.key for each in keys.entry("hub").next] == ["hub.2", "hub.3"]


def test_the_passphrase_of_the_settings_opens_the_key_and_protects_the_next(
    edochub: Command, keys: KeyFolder, letter: Path, tmp_path: Path
) -> None:
    hub = tmp_path / "hub"
    (hub / "words").write_text("tu khoa\n")
    assert edochub("keys", "new", "kin", "--passphrase-file", hub / "words").code == 0
    refused = edochub("sign", letter, "--key", "kin", "-o", tmp_path / "x", language="en")
    assert refused.code == 1
    assert "protected by a passphrase" in refused.err
    settings = hub / "edochub.toml"
    text = settings.read_text(encoding="utf-8")
    assert "#passphrase_file" in text
    lines = [
        'passphrase_file = "words"' if line.startswith("#passphrase_file") else line
        for line in text.splitlines()
    ]
    settings.write_text("\n".join(lines), encoding="utf-8")
    assert edochub("sign", letter, "--key", "kin", "-o", tmp_path / "x").code == 0
    assert edochub("sign", letter, "--key", "hub", "-o", tmp_path / "y").code == 0
    assert edochub("keys", "roll", "kin").code == 0
    assert {key.name: key.encrypted for key in keys.list()} == {"hub": False, "kin": True, "kin.2": True}
