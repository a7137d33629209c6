from __future__ import annotations

import datetime
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.config import Config, ServerSettings
from hub.errors import Misconfigured, Unavailable
from hub.web_sockets import address, bound, has_tls, tls


def key_pair(folder: Path, *, password: bytes | None = None) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub.example.vn")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    (folder / "hub.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "hub.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    )
    return folder / "hub.crt", folder / "hub.key"


def config(folder: Path, certificate: str | None = "hub.crt", key: str | None = "hub.key") -> Config:
    settings = ServerSettings(
        tls_certificate=Path(certificate) if certificate else None, tls_key=Path(key) if key else None
    )
    return replace(Config(), server=settings, folder=folder)


def test_any_free_port_will_do() -> None:
    [listening] = bound("127.0.0.1", 0)
    with listening:
        assert address(listening, secure=False) == f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_name_with_two_addresses_gets_one_port_on_both() -> None:
    made = bound("localhost", 0)
    assert len({each.getsockname()[1] for each in made}) == 1
    for each in made:
        each.close()


def test_an_address_of_version_6_is_written_in_brackets() -> None:
    [listening] = bound("::1", 0)
    with listening:
        assert address(listening, secure=True) == f"https://[::1]:{listening.getsockname()[1]}"


def test_all_addresses_of_version_6_are_those_of_version_4_too() -> None:
    [listening] = bound("::", 0)
    with listening:
        listening.listen()
        socket.create_connection(("127.0.0.1", listening.getsockname()[1])).close()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_is_said_in_a_sentence(host: str) -> None:
    with pytest.raises(Unavailable) as caught:
        bound(host, 0)
    assert host in caught.value.message.en


def test_tls_is_asked_for_by_either_setting(tmp_path: Path) -> None:
    assert not has_tls(config(tmp_path, None, None))
    assert has_tls(config(tmp_path, "hub.crt", None))


def test_tls_is_1_2_or_newer(tmp_path: Path) -> None:
    key_pair(tmp_path)
    assert tls(config(tmp_path)).minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(("certificate", "key"), [("hub.crt", None), (None, "hub.key")])
def test_half_of_a_key_pair_is_not_enough(tmp_path: Path, certificate: str | None, key: str | None) -> None:
    key_pair(tmp_path)
    with pytest.raises(Misconfigured) as caught:
        tls(config(tmp_path, certificate, key))
    assert "server.tls_key" in caught.value.message.vi


@pytest.mark.parametrize(("certificate", "key"), [("none.crt", "hub.key"), ("hub.crt", "hub.crt")])
def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path, certificate: str, key: str) -> None:
    key_pair(tmp_path)
    with pytest.raises(Misconfigured) as caught:
        tls(config(tmp_path, certificate, key))
    assert certificate in caught.value.message.vi


def test_a_key_under_a_password_is_refused_and_not_asked_for_on_a_terminal(tmp_path: Path) -> None:
    key_pair(tmp_path, password=b"mat khau")
    with pytest.raises(Misconfigured):
        tls(config(tmp_path))
