"""Keys that we sign with, and the folder they are kept in.

A `SigningKey` is loaded once: loading an RSA key checks its primes and costs 35 ms. In the folder a key is a PEM file
`<name>.pem` of mode 0600: the private key (PKCS#8, encrypted if there is a passphrase) and its certificates, the key's
own first. A key that is elsewhere has only its certificates there, and `<name>.toml` says where it is (`keys_entry`).
A file is whole or not there: it is written beside, flushed, and renamed.

A key may be followed by others, each from a time on: `signing_at` opens the one that signs at a time. What was sealed
before stays verifiable, because no key takes the place of another in the folder.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from schemas.text import Sentence
from signing import certificates, keys_entry
from signing.keys_command import CommandSigner
from signing.keys_entry import Backend, Entry, Generation
from signing.keys_pkcs11 import Pkcs11Signer
from signing.signing_key import Algorithm, PrivateKey, Signer, SigningKey, UnusableKey
from signing.verdict import CertificateSummary

__all__ = ["Algorithm", "KeyFolder", "KeySummary", "PrivateKey", "Signer", "SigningKey", "UnusableKey"]

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")  # it becomes a file name
SELF_SIGNED_LIFE = timedelta(days=3 * 365)

BAD_NAME = Sentence(
    vi="Tên khóa {name} không hợp lệ: chỉ dùng chữ thường, chữ số, dấu chấm, gạch ngang và gạch dưới.",
    en="The key name {name} is not allowed: use lower-case letters, digits, dots, hyphens and underscores.",
)
TAKEN = Sentence(
    vi="Đã có khóa tên {name}; hãy chọn tên khác.",
    en="There is a key named {name} already; choose another name.",
)
TOO_EARLY = Sentence(
    vi="Khóa {name} đã được hẹn thay từ {date}; khóa kế tiếp phải bắt đầu sau đó.",
    en="The key {name} takes over on {date} already; the next one must begin after that.",
)
NO_KEY = Sentence(
    vi="Không có khóa tên {name} trong thư mục khóa.", en="There is no key named {name} in the key folder."
)
LOCKED = Sentence(
    vi="Khóa {name} được bảo vệ bằng mật khẩu; hãy nêu tệp chứa mật khẩu.",
    en="The key {name} is protected by a passphrase; name the file that holds it.",
)
UNREADABLE = Sentence(
    vi="Không mở được khóa {name}: sai mật khẩu hoặc tệp khóa bị hỏng.",
    en="The key {name} cannot be opened: the passphrase is wrong or the file is damaged.",
)
WRONG_KIND = Sentence(
    vi="Khóa {name} không dùng để ký được: cần RSA hoặc ECDSA, nhận được {got}.",
    en="The key {name} cannot sign documents: expected RSA or ECDSA, got {got}.",
)


@dataclass(frozen=True, slots=True)
class KeySummary:
    """What can be said of a stored key without opening it."""

    name: str
    algorithm: str
    encrypted: bool
    certificate: CertificateSummary
    backend: Backend = "file"
    next: tuple[Generation, ...] = ()


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
        write_durably(file, private + b"".join(c.public_bytes(Encoding.PEM) for c in key.chain))
        return file

    def connect(self, key: SigningKey, entry: Entry) -> Path:
        """Keep a key that is elsewhere: its certificates, and where it is. It must have signed something before.

        Raises `UnusableKey` if there is a key of that name.
        """
        file = self._file(key.name)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.exists():
            raise UnusableKey(TAKEN.say(name=key.name))
        # The entry first: certificates without it would look like a broken key file.
        write_durably(self._entry_file(key.name), entry.as_toml().encode())
        write_durably(file, b"".join(c.public_bytes(Encoding.PEM) for c in key.chain))
        return file

    def load(self, name: str, passphrase: bytes | None) -> SigningKey:
        """Return the key of that name, wherever it is, ready to sign, or raise `UnusableKey`."""
        octets = self._read(name)
        entry = self.entry(name)
        try:
            chain = tuple(x509.load_pem_x509_certificates(octets))
            if entry.backend != "file":
                return SigningKey(name, self.signer(entry, chain), chain)
            key = load_pem_private_key(octets, passphrase)
        except TypeError as error:
            if passphrase is not None:  # given without need: the key is not encrypted
                return self.load(name, None)
            raise UnusableKey(LOCKED.say(name=name)) from error
        except ValueError as error:
            raise UnusableKey(UNREADABLE.say(name=name)) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise UnusableKey(WRONG_KIND.say(name=name, got=type(key).__name__))
        return SigningKey(name, key, chain)

    def signer(self, entry: Entry, chain: Sequence[x509.Certificate]) -> Signer:
        """Return what signs for a key that is elsewhere. Raises `UnusableKey`."""
        if entry.backend == "pkcs11":
            return Pkcs11Signer(entry.uri, self.path)
        elliptic = bool(chain) and isinstance(chain[0].public_key(), ec.EllipticCurvePublicKey)
        return CommandSigner(entry.argv, entry.input, entry.output, entry.timeout_seconds, elliptic)

    def entry(self, name: str) -> Entry:
        """Return what the key's TOML file says; without one, that the key is in its PEM file."""
        try:
            content = self._entry_file(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return Entry()
        except UnicodeDecodeError as error:
            raise UnusableKey(keys_entry.BAD_ENTRY.say(name=name, detail="UTF-8")) from error
        return keys_entry.parse(name, content)

    # --- one key after another ------------------------------------------------------------------------------------

    def roll(self, name: str, successor: str, since: datetime) -> None:
        """Let the key `successor` sign in place of `name` from a time on. Raises `UnusableKey`."""
        entry = self.entry(name)
        for each in (name, successor):
            self._read(each)
        if successor == name or any(successor == generation.key for generation in entry.next):
            raise UnusableKey(TAKEN.say(name=successor))
        if entry.next and since <= entry.next[-1].since:
            raise UnusableKey(TOO_EARLY.say(name=entry.next[-1].key, date=f"{entry.next[-1].since:%Y-%m-%d}"))
        write_durably(self._entry_file(name), entry.followed_by(successor, since).as_toml().encode())

    def name_at(self, name: str, at: datetime) -> str:
        """Return the name of the key that signs for `name` at that time."""
        return ([name] + [each.key for each in self.entry(name).next if each.since <= at])[-1]

    def signing_at(self, name: str, at: datetime, passphrase: bytes | None = None) -> SigningKey:
        """Return the key that signs for `name` at that time, ready to sign, or raise `UnusableKey`."""
        return self.load(self.name_at(name, at), passphrase)

    def certificates(self, name: str) -> tuple[x509.Certificate, ...]:
        """Return the certificates of all generations of a key, the oldest first: what its seals are verified with."""
        names = (name, *(each.key for each in self.entry(name).next))
        return tuple(self._chain(each)[0] for each in names)

    def free_name(self, name: str) -> str:
        """Return the name for the next generation: `hub.2`, `hub.3`."""
        return next(new for number in count(2) if not self._file(new := f"{name}.{number}").exists())

    def list(self) -> Sequence[KeySummary]:
        """Return what is in the folder, by name. Needs no passphrase. A bad file raises `UnusableKey`."""
        if not self.path.is_dir():
            return ()
        names = (file.stem for file in sorted(self.path.glob("*.pem")))
        return tuple(self._summary(name) for name in names)

    def _summary(self, name: str) -> KeySummary:
        octets = self._read(name)
        certificate = certificates.of(self._chain(name)[0])
        encrypted = b"BEGIN ENCRYPTED PRIVATE KEY" in octets
        entry = self.entry(name)
        return KeySummary(
            name,
            certificates.key_name(certificate.public_key),
            encrypted,
            certificate.summary,
            entry.backend,
            entry.next,
        )

    def _chain(self, name: str) -> Sequence[x509.Certificate]:
        try:
            chain = x509.load_pem_x509_certificates(self._read(name))
            certificates.of(chain[0])
        except (ValueError, certificates.UnreadableCertificate) as error:
            raise UnusableKey(UNREADABLE.say(name=name)) from error
        return chain

    def _read(self, name: str) -> bytes:
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError as error:
            raise UnusableKey(NO_KEY.say(name=name)) from error

    def _file(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise UnusableKey(BAD_NAME.say(name=repr(name[:64])))
        return self.path / f"{name}.pem"

    def _entry_file(self, name: str) -> Path:
        return self._file(name).with_name(f"{name}.toml")


def write_durably(file: Path, octets: bytes, mode: int = 0o600) -> None:
    """Write a file, for its owner's eyes unless told otherwise: beside, flushed, renamed into place, folder flushed."""
    beside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
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
