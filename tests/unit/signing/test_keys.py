"""Keys are kept safely, and come back as they went."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signing.keys import Algorithm, KeyFolder, UnusableKey, generate
from signing.keys_entry import Entry
from tests.unit.signing.packages import NOW, signer, unusable


@pytest.mark.parametrize("algorithm", get_args(Algorithm))
@pytest.mark.parametrize("passphrase", [None, b"mat khau"])
def test_a_key_comes_back_as_it_was_saved(
    tmp_path: Path, algorithm: Algorithm, passphrase: bytes | None
) -> None:
    key, folder = signer(algorithm), KeyFolder(tmp_path / "keys")
    folder.save(key, passphrase)
    loaded = folder.load("signer", passphrase)
    assert loaded.chain == key.chain
    assert loaded.private_key.private_numbers() == key.private_key.private_numbers()


def test_only_the_owner_reads_a_key(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        file = KeyFolder(tmp_path / "keys").save(signer(), None)
    finally:
        os.umask(old)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_but_the_key_is_left_in_the_folder(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    folder.save(signer(), None)
    folder.save(signer(), b"moi")
    assert [file.name for file in tmp_path.iterdir()] == ["signer.pem"]


def test_a_failed_write_leaves_the_old_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = KeyFolder(tmp_path)
    folder.save(signer(), None)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.save(generate("signer", "Khác", NOW), None)
    assert [file.name for file in tmp_path.iterdir()] == ["signer.pem"]
    assert folder.load("signer", None).chain == signer().chain


def test_a_private_key_is_encrypted_when_there_is_a_passphrase(tmp_path: Path) -> None:
    octets = KeyFolder(tmp_path).save(signer(), b"bi mat").read_bytes()
    assert octets.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")


@pytest.mark.parametrize("passphrase", [None, b"sai"])
def test_a_wrong_passphrase_is_said_plainly(tmp_path: Path, passphrase: bytes | None) -> None:
    folder = KeyFolder(tmp_path)
    folder.save(signer(), b"dung")
    with pytest.raises(UnusableKey) as refused:
        folder.load("signer", passphrase)
    assert "passphrase" in refused.value.text.en
    assert "mật khẩu" in refused.value.text.vi


@pytest.mark.parametrize("name", ["", "../hub", "a/b", "UPPER", ".hidden", "a" * 65, "khoá"])
def test_a_name_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnusableKey):
        KeyFolder(tmp_path).load(name, None)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with unusable("none"):
        KeyFolder(tmp_path).load("none", None)


def test_a_file_of_another_key_and_certificate_is_refused(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    file = folder.save(signer(), None)
    foreign = generate("foreign", "Khác", NOW).private_key
    pem = foreign.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(pem + signer().certificate.public_bytes(Encoding.PEM))
    with pytest.raises(UnusableKey) as refused:
        folder.load("signer", None)
    assert "does not belong" in refused.value.text.en


def test_a_key_that_cannot_sign_documents_is_refused(tmp_path: Path) -> None:
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (tmp_path / "ed.pem").write_bytes(pem + signer().certificate.public_bytes(Encoding.PEM))
    with pytest.raises(UnusableKey) as refused:
        KeyFolder(tmp_path).load("ed", None)
    assert "expected RSA or ECDSA" in refused.value.text.en


def test_the_list_needs_no_passphrase(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    assert folder.list() == ()
    folder.save(signer(), b"bi mat")
    folder.save(generate("hub", "Trục thử nghiệm", NOW, "rsa-2048"), None)
    found = [(key.name, key.algorithm, key.encrypted) for key in folder.list()]
    assert found == [("hub", "RSA 2048", False), ("signer", "EC secp256r1", True)]
    assert folder.list()[1].certificate.subject.startswith("CN=Người Ký Thử")


def test_a_damaged_file_is_named_in_the_list(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_bytes(b"rubbish")
    with unusable("bad"):
        KeyFolder(tmp_path).list()


def test_a_generated_key_is_its_own_issuer_for_three_years() -> None:
    key = generate("hub", "Trục thử nghiệm", NOW)
    assert key.certificate.issuer == key.certificate.subject
    assert key.certificate.not_valid_after_utc - NOW.replace(microsecond=0) == timedelta(days=1095)


def test_a_key_does_not_show_itself() -> None:
    assert "private" not in repr(signer()).lower()
    assert repr(signer()).startswith("SigningKey('signer'")


# One key after another


def rolled(folder: KeyFolder) -> None:
    for name in ("hub", "hub.2", "hub.3"):
        folder.save(generate(name, name, NOW), None)
    folder.roll("hub", "hub.2", NOW + timedelta(days=10))
    folder.roll("hub", "hub.3", NOW + timedelta(days=20))


@pytest.mark.parametrize(
    ("days", "name"), [(0, "hub"), (9, "hub"), (10, "hub.2"), (19, "hub.2"), (20, "hub.3"), (999, "hub.3")]
)
def test_each_key_signs_in_its_time(tmp_path: Path, days: int, name: str) -> None:
    folder = KeyFolder(tmp_path)
    rolled(folder)
    assert folder.signing_at("hub", NOW + timedelta(days=days)).name == name


def test_the_certificates_of_all_generations_stay(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    rolled(folder)
    names = [certificate.subject.rfc4514_string() for certificate in folder.certificates("hub")]
    assert names == ["CN=hub", "CN=hub.2", "CN=hub.3"]
    assert [generation.key for key in folder.list() if key.name == "hub" for generation in key.next] == [
        "hub.2",
        "hub.3",
    ]
    assert folder.free_name("hub") == "hub.4"


def test_a_key_without_a_follower_signs_at_any_time(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    folder.save(signer(), b"mat khau")
    assert folder.signing_at("signer", NOW, b"mat khau").chain == signer().chain


@pytest.mark.parametrize(
    ("successor", "days", "said"),
    [("hub", 30, "already"), ("hub.2", 30, "already"), ("none", 30, "none"), ("hub.4", 20, "takes over")],
)
def test_a_roll_over_that_makes_no_sense_is_refused(
    tmp_path: Path, successor: str, days: int, said: str
) -> None:
    folder = KeyFolder(tmp_path)
    rolled(folder)
    folder.save(generate("hub.4", "4", NOW), None)
    with unusable(said):
        folder.roll("hub", successor, NOW + timedelta(days=days))
    assert folder.signing_at("hub", NOW + timedelta(days=99)).name == "hub.3"


def test_a_key_that_is_elsewhere_takes_no_name_that_is_in_use(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    folder.save(signer(), None)
    entry = Entry(backend="command", argv=("sign",))
    with unusable("already"):
        folder.connect(signer(), entry)
    assert folder.entry("signer") == Entry()
