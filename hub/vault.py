"""The endpoints' secrets: how they are looked up and how they are kept.

A secret is 32 random bytes that we make ourselves, unless a far side dictates it. The database holds two things of it,
both made with the master key, which is a file of its own and never in the database:

- `lookup`, an HMAC-SHA256, by which the bearer of a secret is found. A slow password hash would be wrong
  here: it is salted, so that finding one secret among thousands would mean trying them all at every request;
  and slowness only helps where people choose the words. This is one probe of an index, and a stolen database
  alone gives nothing to guess against, for each guess needs the master key.
  A secret that a far side dictates (a mailbox's password, say) is not one of ours: its look-up is bound to
  its endpoint, so that bearing it opens nothing.
- `seal`, AES-256-GCM, for what the hub itself must say again: secrets that it shares with a far side. The
  random nonce of 12 bytes stands before the ciphertext.

Each use has a key of its own, derived from the master key with HKDF-SHA256 (RFC 5869) under a label.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.durable import write_durably
from hub.errors import Fault, Misconfigured
from schemas.text import Text

KEY_BYTES = 32
NONCE_BYTES = 12
PREFIX = "edh_"  # lets people and leak scanners see what a string is
LOOKUP_LABEL = b"edochub credential lookup v1"
SEAL_LABEL = b"edochub secret sealing v1"

Chance = Callable[[int], bytes]


def new_secret(chance: Chance = secrets.token_bytes) -> str:
    """Return a new secret for an endpoint: to be shown once, and never written down in the clear."""
    return PREFIX + base64.urlsafe_b64encode(chance(KEY_BYTES)).rstrip(b"=").decode()


class Vault:
    """What the master key can do. Whoever holds one can read every sealed secret."""

    def __init__(self, master: bytes, chance: Chance = secrets.token_bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, got {len(master)}")
        self._lookup = hmac.new(derived(master, LOOKUP_LABEL), digestmod=sha256)
        self._cipher = AESGCM(derived(master, SEAL_LABEL))
        self._chance = chance

    def __repr__(self) -> str:
        return "Vault(…)"

    @classmethod
    def create(cls, path: Path, chance: Chance = secrets.token_bytes) -> Vault:
        """Make a master key in a new file that only its owner may read. An existing one is never replaced."""
        master = chance(KEY_BYTES)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError as error:
            raise Misconfigured(
                Text(
                    vi=f"Đã có khóa chủ {path}; thay khóa khác thì không đọc lại được các mã bí mật đã lưu",
                    en=f"There is a master key {path} already; with another, no stored secret can be read",
                )
            ) from error
        write_durably(path, base64.b64encode(master) + b"\n", mode=0o600)
        return cls(master, chance)

    @classmethod
    def load(cls, path: Path, chance: Chance = secrets.token_bytes) -> Vault:
        """Read the master key. Raises `Misconfigured` when it is missing, damaged or open to everybody."""
        try:
            content = path.read_bytes()
            open_to_all = path.stat().st_mode & 0o007
        except OSError as error:
            raise Misconfigured(
                Text(
                    vi=f"Không đọc được tệp khóa chủ {path}: {error.strerror}",
                    en=f"The master key {path} cannot be read: {error.strerror}",
                )
            ) from error
        if open_to_all:
            raise Misconfigured(
                Text(
                    vi=f"Mọi người dùng trên máy đều đọc được khóa chủ {path}; hãy chạy: chmod 600 {path}",
                    en=f"Everybody on this machine can read the master key {path}; run: chmod 600 {path}",
                )
            )
        return cls(decoded(content, path), chance)

    def lookup(self, secret: str) -> str:
        """Return what the database finds the bearer of a secret by, in hex."""
        mac = self._lookup.copy()  # unlike `hmac.digest`, it lets no other thread in between
        mac.update(secret.encode("utf-8", "surrogatepass"))
        return mac.hexdigest()

    def private_lookup(self, endpoint: str, secret: str) -> str:
        """Return the look-up of a secret that somebody else chose. Bearing it finds nobody: it may be weak, or another
        endpoint's too, and only counts where the endpoint is known already.
        """
        return self.lookup(f"{endpoint}\0{secret}")

    def seal(self, secret: str) -> bytes:
        """Encrypt a secret for the database. Twice the same secret gives different bytes."""
        nonce = self._chance(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), SEAL_LABEL)

    def open(self, sealed: bytes) -> str:
        """Decrypt what `seal` made. Raises `Fault` when it was made with another master key, or altered."""
        try:
            opened = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], SEAL_LABEL)
            return opened.decode()
        except (InvalidTag, ValueError) as error:  # ValueError: cut too short to hold a nonce
            raise Fault(
                Text(
                    vi="Không giải mã được mã bí mật đã lưu: khóa chủ không phải khóa đã dùng khi lưu, "
                    "hoặc dữ liệu đã bị hỏng; hãy khôi phục đúng khóa chủ hoặc cấp mã bí mật mới",
                    en="A stored secret cannot be opened: the master key is not the one it was sealed with, "
                    "or the stored bytes are damaged; bring back the right master key or issue a new secret",
                )
            ) from error


def derived(master: bytes, label: bytes) -> bytes:
    """Return the key for one use."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(master)


def decoded(content: bytes, path: Path) -> bytes:
    """Return the master key that a file holds, or raise `Misconfigured`. The content is never shown."""
    try:
        master = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        master = b""
    if len(master) != KEY_BYTES:
        raise Misconfigured(
            Text(
                vi=f"Tệp khóa chủ {path} bị hỏng: cần {KEY_BYTES} byte viết bằng base64",
                en=f"The master key {path} is damaged: expected {KEY_BYTES} bytes in base64",
            )
        )
    return master
