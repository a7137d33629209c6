"""Keys in a token. The tests marked `programs` make one with SoftHSM."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signing.keys import Algorithm, KeyFolder, SigningKey, UnusableKey
from signing.keys_entry import Entry
from signing.keys_pkcs11 import Location, Pkcs11Signer
from signing.xml import sign
from tests.unit.signing.packages import judge, package, signer, trusted, unusable

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
)
SHA256 = hashes.SHA256()


def test_a_uri_is_read_with_its_escapes() -> None:
    uri = "pkcs11:token=Tr%E1%BB%A5c;object=D%E1%BA%A5u;id=%01%FF;type=private?module-path=/x.so&pin-source=file:/p"
    location = Location.parse(uri)
    assert (location.token, location.label, location.id) == ("Trục", "Dấu", b"\x01\xff")
    assert (location.module, location.pin_file) == (Path("/x.so"), Path("/p"))
    assert location.called == "Dấu"
    assert Location.parse("pkcs11:token=t;id=%0a?module-path=m&pin-source=file:///p").pin_file == Path("/p")


@pytest.mark.parametrize(
    ("uri", "named"),
    [
        ("http://x", "pkcs11:"),
        ("pkcs11:object=a?module-path=m", "token"),
        ("pkcs11:token=a?module-path=m", "object"),
        ("pkcs11:token=a;object=b", "module-path"),
        ("pkcs11:token=a;token=c;object=b?module-path=m", "token"),
        ("pkcs11:token=a;object=b?module-path=m&pin-value=1234", "pin-value"),
        ("pkcs11:token=a;object=b;type=public?module-path=m", "type"),
        ("pkcs11:token=a;object=?module-path=m", "object"),
    ],
)
def test_a_uri_that_cannot_be_used_is_refused_without_showing_a_pin(uri: str, named: str) -> None:
    with pytest.raises(UnusableKey) as refused:
        Location.parse(uri)
    assert f"({named}" in refused.value.text.en
    assert "1234" not in str(refused.value.text)


def test_a_module_that_is_not_there_is_said(tmp_path: Path) -> None:

    far = Pkcs11Signer(f"pkcs11:token=a;object=b?module-path={tmp_path}/none.so", tmp_path)
    with unusable("cannot sign with the key b"):
        far.sign(b"abc", SHA256)


@dataclass(frozen=True)
class Token:
    """A token of SoftHSM with the keys of `signer`, and the folder that its PIN is in."""

    folder: Path
    module: str

    def uri(self, name: str, pin: str = "pin") -> str:
        return f"pkcs11:token=hub;object={name}?module-path={self.module}&pin-source=file:{self.folder / pin}"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    module = next((module for module in MODULES if Path(module).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.fail(
            "softhsm2 is not installed: the tests marked `programs` need it (Debian: apt install softhsm2)"
        )
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n", encoding="utf-8")
    (folder / "pin").write_text("4711\n", encoding="utf-8")
    (folder / "wrong").write_text("0815\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        run("--init-token", "--free", "--label", "hub", "--so-pin", "1234", "--pin", "4711")
        for number, algorithm in enumerate(("ecdsa-p256", "rsa-2048"), start=1):
            file = folder / f"{algorithm}.pem"
            key = signer(algorithm).private_key
            file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            run(
                "--import",
                str(file),
                "--token",
                "hub",
                "--label",
                algorithm,
                "--id",
                f"0{number}",
                "--pin",
                "4711",
            )
        yield Token(folder, module)


@pytest.fixture
def opened(token: Token) -> Iterator[Callable[..., Pkcs11Signer]]:
    """Open keys of the token, and give their sessions back: the token forgets who was logged in with the last."""
    signers: list[Pkcs11Signer] = []

    def opening(name: str, pin: str = "pin") -> Pkcs11Signer:
        signers.append(Pkcs11Signer(token.uri(name, pin), token.folder))
        return signers[-1]

    yield opening
    for each in signers:
        each.close()


def run(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


@pytest.mark.programs
@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
def test_a_token_signs_a_package(token: Token, tmp_path: Path, algorithm: Algorithm) -> None:
    folder = KeyFolder(tmp_path)
    entry = Entry(backend="pkcs11", uri=token.uri(algorithm))
    chain = signer(algorithm).chain
    folder.connect(SigningKey("seal", folder.signer(entry, chain), chain), entry)
    key = folder.load("seal", None)
    for _ in range(2):
        assert judge(sign(package(), key), trusted()).outcome == "valid"
    assert isinstance(key.secret, Pkcs11Signer)
    key.secret.close()
    assert folder.list()[0].backend == "pkcs11"
    assert "4711" not in repr(key) + folder.entry("seal").as_toml()


@pytest.mark.programs
def test_both_keys_of_a_token_sign_at_the_same_time(opened: Callable[..., Pkcs11Signer]) -> None:
    keys = [
        SigningKey(algorithm, opened(algorithm), signer(algorithm).chain)
        for algorithm in ("ecdsa-p256", "rsa-2048")
    ]
    for key in keys * 2:
        assert key.sign(b"abc", hashes.SHA384())


class Lost:
    """A session that the token no longer knows."""

    def get_key(self, **_: object) -> None:
        raise pkcs11.SessionHandleInvalid

    def close(self) -> None:
        raise pkcs11.SessionHandleInvalid


@pytest.mark.programs
def test_a_token_that_lost_its_session_is_asked_again(opened: Callable[..., Pkcs11Signer]) -> None:
    far = opened("ecdsa-p256")
    key = SigningKey("seal", far, signer("ecdsa-p256").chain)
    assert key.sign(b"abc", SHA256)
    far.close()
    far._session = Lost()
    assert key.sign(b"abc", SHA256)


@pytest.mark.programs
def test_the_certificate_of_another_key_is_noticed(
    opened: Callable[..., Pkcs11Signer],
) -> None:
    far = opened("rsa-2048")
    with unusable("does not fit its certificate"):
        SigningKey("seal", far, signer("ecdsa-p256").chain).sign(b"abc", SHA256)


@pytest.mark.programs
@pytest.mark.parametrize(
    ("label", "pin", "said"),
    [
        ("nothing", "pin", "NoSuchKey"),
        ("ecdsa-p256", "wrong", "PinIncorrect"),
        ("ecdsa-p256", "missing", "missing"),
    ],
)
def test_what_fails_is_said(opened: Callable[..., Pkcs11Signer], label: str, pin: str, said: str) -> None:
    with unusable(said):
        opened(label, pin).sign(b"abc", SHA256)
