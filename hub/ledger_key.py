"""The key that signs the ledger's checkpoints: Ed25519, in a file of its own beside the hub's other keys.

It says nothing of the hub's certificate; the receipts and the evidence, which the certificate's key signs, name it.
It is made once, and never replaced by itself: whoever holds old checkpoints knows the ledger by this key.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hub.config import Config
from hub.durable import sync_folder, write_durably
from hub.errors import Misconfigured
from schemas.text import Text
from signing import notes
from signing.notes import BadNote, VerifierKey

FILE_NAME = "ledger.key"


def load(path: Path) -> Ed25519PrivateKey | None:
    """Return the key, None if there is none. Raises `Misconfigured` for a file that holds no such key."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unreadable(path)
    return key


def create(path: Path) -> Ed25519PrivateKey:
    """Make the key, unless somebody else just did; return the one that is there. Survives a power cut."""
    made = Ed25519PrivateKey.generate()
    octets = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    write_durably(beside, octets, mode=0o600)
    try:
        with suppress(FileExistsError):
            os.link(beside, path)  # unlike a rename, never over one that is there
    finally:
        beside.unlink()
    sync_folder(path.parent)
    key = load(path)
    assert key is not None, f"{path} vanished"
    return key


def origin_of(config: Config) -> str:
    """Return the log's name. Raises `Misconfigured` for one that no checkpoint can bear."""
    if config.ledger.origin is None:
        return re.sub(r"[\s+]+", "-", config.hub.code) or "edochub"
    if not notes.NAME.fullmatch(config.ledger.origin):
        raise Misconfigured(
            Text(
                vi=f"edochub.toml: ledger.origin: không được có dấu cách hay dấu +: {config.ledger.origin!r}",
                en=f"edochub.toml: ledger.origin: no blanks and no + are allowed: {config.ledger.origin!r}",
            )
        )
    return config.ledger.origin


def verifier(setting: str, written: str) -> VerifierKey:
    """Return a verifier key of the settings. Raises `Misconfigured`."""
    try:
        return VerifierKey.parse(written)
    except BadNote as error:
        raise Misconfigured(
            Text(
                vi=f"edochub.toml: ledger.{setting}: {error.text.vi}",
                en=f"edochub.toml: ledger.{setting}: {error.text.en}",
            )
        ) from error


def _unreadable(path: Path) -> Misconfigured:
    return Misconfigured(
        Text(
            vi=f"{path} không phải khóa Ed25519 (PEM, PKCS#8, không mật khẩu) đọc được",
            en=f"{path} is not a readable Ed25519 key (PEM, PKCS#8, no passphrase)",
        )
    )
