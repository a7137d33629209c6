"""A program signs for us: what it gets, what it may answer, and that it is never believed unchecked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signing.keys import Algorithm, KeyFolder, SigningKey, UnusableKey
from signing.keys_command import CommandSigner
from signing.keys_entry import Entry, Input, Output
from signing.xml import sign
from tests.unit.signing.packages import judge, package, signer, trusted, unusable

PROGRAM = """
import sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
file, given, output, named = sys.argv[1:]
assert named == "sha256"
key = load_pem_private_key(open(file, "rb").read(), None)
how = Prehashed(hashes.SHA256()) if given == "digest" else hashes.SHA256()
octets = sys.stdin.buffer.read()
if isinstance(key, ec.EllipticCurvePrivateKey):
    value = key.sign(octets, ec.ECDSA(how))
    if output == "raw":
        value = b"".join(part.to_bytes(32, "big") for part in decode_dss_signature(value))
else:
    value = key.sign(octets, padding.PKCS1v15(), how)
sys.stdout.buffer.write(value)
"""


def program(
    folder: Path, algorithm: Algorithm, given: Input = "octets", output: Output = "der"
) -> tuple[str, ...]:
    """Write a program that signs with the key of `signer`, and return how it is called."""
    private = signer(algorithm).private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "secret.pem").write_bytes(private)
    (folder / "sign.py").write_text(PROGRAM, encoding="utf-8")
    return (sys.executable, str(folder / "sign.py"), str(folder / "secret.pem"), given, output, "{hash}")


def behind(argv: tuple[str, ...], seconds: float = 30) -> SigningKey:
    return SigningKey("far", CommandSigner(argv, "octets", "der", seconds, elliptic=True), signer().chain)


def says(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
@pytest.mark.parametrize(("given", "output"), [("octets", "der"), ("digest", "raw")])
def test_a_program_signs_a_package(
    tmp_path: Path, algorithm: Algorithm, given: Input, output: Output
) -> None:
    folder = KeyFolder(tmp_path / "keys")
    entry = Entry(
        backend="command", argv=program(tmp_path, algorithm, given, output), input=given, output=output
    )
    chain = signer(algorithm).chain
    folder.connect(SigningKey("far", folder.signer(entry, chain), chain), entry)
    key = folder.load("far", None)
    assert judge(sign(package(), key), trusted()).outcome == "valid"
    assert [(known.name, known.backend, known.encrypted) for known in folder.list()] == [
        ("far", "command", False)
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(3)", "exit 3"),
        ("pass", "0 byte"),
        ("print('x' * 5000)", "byte"),
        ("print('no signature')", "does not fit its certificate"),
    ],
)
def test_what_a_program_answers_is_never_believed_unchecked(code: str, said: str) -> None:
    with unusable(said):
        behind(says(code)).sign(b"abc", hashes.SHA256())


def test_the_value_of_another_key_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).sign(b"abc", ec.ECDSA(hashes.SHA256())).hex()
    code = f"import sys; sys.stdout.buffer.write(bytes.fromhex('{other}'))"
    with unusable("does not fit its certificate"):
        behind(says(code)).sign(b"abc", hashes.SHA256())


def test_a_program_that_hangs_is_given_up() -> None:
    with unusable("0.2 seconds"):
        behind(says("import signal; signal.pause()"), seconds=0.2).sign(b"abc", hashes.SHA256())


def test_a_program_that_is_not_there_is_named() -> None:
    with unusable("no-such-program"):
        behind(("no-such-program",)).sign(b"abc", hashes.SHA256())


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    with pytest.raises(UnusableKey):
        behind((sys.executable, "-c", "pass", f"; touch {marker}", "$(true)")).sign(b"abc", hashes.SHA256())
    assert not marker.exists()


def test_a_key_behind_a_program_cannot_be_taken_out(tmp_path: Path) -> None:
    with unusable("cannot be taken out"):
        _ = behind(("x",)).private_key
    with unusable("cannot be taken out"):
        KeyFolder(tmp_path).save(behind(("x",)), None)
