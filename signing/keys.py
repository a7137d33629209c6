"""Keys that we sign with, and the folder they are kept in.

A `SigningKey` holds the loaded private key: loading an RSA key checks its primes and costs 35 ms, so it is
done once. In the folder a key is one PEM file, `<name>.pem`, of mode 0600: the private key (PKCS#8,
encrypted if there is a passphrase) and its certificates, the key's own first. A file is whole or not there:
it is written beside, flushed, and renamed.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from schemas.text import Sentence, Text
from signing import certificates
from signing.verdict import CertificateSummary

Algorithm = Literal["ecdsa-p256", "rsa-2048"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")  # it becomes a file name
SELF_SIGNED_LIFE = timedelta(days=3 * 365)

BAD_NAME = Sentence(
    vi="Tên khóa {name} không hợp lệ: chỉ dùng chữ thường, chữ số, dấu chấm, gạch ngang và gạch dưới.",
    en="The key name {name} is not allowed: use lower-case letters, digits, dots, hyphens and underscores.",
)
NO_KEY = Sentence(
    vi="Không có khóa tên {name} trong thư mục khóa.", en="There is no key named {name} in the key folder."
)
UNREADABLE = Sentence(
    vi="Không mở được khóa {name}: sai mật khẩu hoặc tệp khóa bị hỏng.",
    en="The key {name} cannot be opened: the passphrase is wrong or the file is damaged.",
)
WRONG_PAIR = Sentence(
    vi="Chứng thư trong tệp khóa {name} không thuộc về khóa này.",
    en="The certificate in the key file {name} does not belong to the key.",
)
WRONG_KIND = Sentence(
    vi="Khóa {name} không dùng để ký được: cần RSA hoặc ECDSA, nhận được {got}.",
    en="The key {name} cannot sign documents: expected RSA or ECDSA, got {got}.",
)


class UnusableKey(Exception):
    """A key cannot be saved or loaded. `text` says why, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, loaded, and its certificates, its own first. Its repr says nothing of the key."""

    name: str
    private_key: PrivateKey
    chain: tuple[x509.Certificate, ...]

    def __post_init__(self) -> None:
        if not self.chain or _public(self.chain[0].public_key()) != _public(self.private_key.public_key()):
            raise UnusableKey(WRONG_PAIR.say(name=self.name))

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r}, {self.certificate.subject.rfc4514_string()!r})"

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key itself."""
        return self.chain[0]


@dataclass(frozen=True, slots=True)
class KeySummary:
    """What can be said of a stored key without opening it."""

    name: str
    algorithm: str
    encrypted: bool
    certificate: CertificateSummary


def generate(name: str, subject: str, now: datetime, algorithm: Algorithm = "ecdsa-p256") -> SigningKey:
    """Return a new key with a certificate that it signed itself, valid for three years from now."""
    key = new_private_key(algorithm)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = certificate_for(who, who, key.public_key(), now, now + SELF_SIGNED_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    certificate = builder.add_extension(usage_for_documents(), critical=True).sign(key, hashes.SHA256())
    return SigningKey(name, key, (certificate,))


def new_private_key(algorithm: Algorithm) -> PrivateKey:
    """Return a fresh private key."""
    if algorithm == "rsa-2048":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def certificate_for(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    """Return a certificate to be completed and signed: names, key, dates and a random serial number."""
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(not_before).not_valid_after(not_after)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def usage_for_documents() -> x509.KeyUsage:
    """Return the key usage of who signs documents: digitalSignature, nonRepudiation (RFC 5280, 4.2.1.3)."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


class KeyFolder:
    """The folder that keys are kept in. Made, readable by its owner only, when the first key is saved."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(self, key: SigningKey, passphrase: bytes | None) -> Path:
        """Write the key so that it survives a power cut, over one of the same name. Return its file."""
        file = self._file(key.name)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        scheme: KeySerializationEncryption = (
            BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        )
        private = key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, scheme)
        _write_durably(file, private + b"".join(c.public_bytes(Encoding.PEM) for c in key.chain))
        return file

    def load(self, name: str, passphrase: bytes | None) -> SigningKey:
        """Return the key, ready to sign, or raise `UnusableKey`."""
        octets = self._read(name)
        try:
            key = load_pem_private_key(octets, passphrase)
            chain = x509.load_pem_x509_certificates(octets)
        except (ValueError, TypeError) as error:  # TypeError: a passphrase missing, or given without need
            raise UnusableKey(UNREADABLE.say(name=name)) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise UnusableKey(WRONG_KIND.say(name=name, got=type(key).__name__))
        return SigningKey(name, key, tuple(chain))

    def list(self) -> Sequence[KeySummary]:
        """Return what is in the folder, by name. Needs no passphrase. A bad file raises `UnusableKey`."""
        if not self.path.is_dir():
            return ()
        names = (file.stem for file in sorted(self.path.glob("*.pem")))
        return tuple(self._summary(name) for name in names)

    def _summary(self, name: str) -> KeySummary:
        octets = self._read(name)
        try:
            certificate = certificates.of(x509.load_pem_x509_certificates(octets)[0])
        except (ValueError, certificates.UnreadableCertificate) as error:
            raise UnusableKey(UNREADABLE.say(name=name)) from error
        encrypted = b"BEGIN ENCRYPTED PRIVATE KEY" in octets
        return KeySummary(name, certificates.key_name(certificate.public_key), encrypted, certificate.summary)

    def _read(self, name: str) -> bytes:
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError as error:
            raise UnusableKey(NO_KEY.say(name=name)) from error

    def _file(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise UnusableKey(BAD_NAME.say(name=repr(name[:64])))
        return self.path / f"{name}.pem"


def _write_durably(file: Path, octets: bytes) -> None:
    """Write a file that only its owner reads: beside, flushed, renamed into place, the folder flushed."""
    beside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _public(key: object) -> bytes:
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return b""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
