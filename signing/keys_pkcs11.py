"""A key in a PKCS#11 token: a hardware module, or SoftHSM. Needs the extra `pkcs11` (python-pkcs11).

The key is named by a URI of RFC 7512: `token`, `serial`, `object` and `id` choose it; `module-path` names the library,
and `pin-source` the file (`file:/path` or a path) whose first line is the PIN. A PIN in the URI itself (`pin-value`) is
refused: URIs end up in lists and logs. The private key must sign; it never leaves the token.

One session stays open for each key, and is opened anew once when the token lost it. Blocking, one value at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from schemas.text import Sentence
from signing.signing_key import UnusableKey

PATH_ATTRIBUTES = frozenset({"token", "serial", "object", "id", "type", "manufacturer", "model"})
QUERY_ATTRIBUTES = frozenset({"module-path", "pin-source"})

BAD_URI = Sentence(
    vi="Địa chỉ khóa PKCS#11 không dùng được ({detail}); cần "
    "pkcs11:token=…;object=…?module-path=…&pin-source=file:… theo RFC 7512, không kèm pin-value.",
    en="The PKCS#11 URI cannot be used ({detail}); expected pkcs11:token=…;object=…?module-path=…&pin-source=file:… "
    "as in RFC 7512, without pin-value.",
)
NO_LIBRARY = Sentence(
    vi="Chưa cài phần PKCS#11; hãy cài edochub[pkcs11].",
    en="PKCS#11 is not installed; install edochub[pkcs11].",
)
NO_PIN = Sentence(
    vi="Không đọc được tệp PIN {file}.",
    en="The PIN file {file} cannot be read.",
)
FAILED = Sentence(
    vi="Thiết bị PKCS#11 không ký được bằng khóa {label} (chi tiết: {detail}).",
    en="The PKCS#11 token cannot sign with the key {label} (detail: {detail}).",
)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a key is, as its URI says."""

    module: Path
    token: str | None
    serial: bytes | None
    label: str | None
    id: bytes | None
    pin_file: Path | None

    @property
    def called(self) -> str:
        """What people call the key."""
        return self.label or (self.id.hex() if self.id else "?")

    @classmethod
    def parse(cls, uri: str) -> Location:
        """Read a URI. Raises `UnusableKey` naming what is wrong; never shows a PIN."""
        scheme, _, rest = uri.partition(":")
        if scheme != "pkcs11":
            raise UnusableKey(BAD_URI.say(detail="pkcs11:"))
        path, _, query = rest.partition("?")
        chosen = _attributes(path, ";", PATH_ATTRIBUTES)
        asked = _attributes(query, "&", QUERY_ATTRIBUTES)
        for missing, there in (
            ("module-path", asked.get("module-path")),
            ("object, id", chosen.get("object") or chosen.get("id")),
            ("token, serial", chosen.get("token") or chosen.get("serial")),
        ):
            if not there:
                raise UnusableKey(BAD_URI.say(detail=missing))
        if chosen.get("type", "private") != "private":
            raise UnusableKey(BAD_URI.say(detail="type"))
        pin = _file(unquote(asked["pin-source"])) if "pin-source" in asked else None
        return cls(
            module=Path(unquote(asked["module-path"])),
            token=unquote(chosen["token"]) if "token" in chosen else None,
            serial=unquote_to_bytes(chosen["serial"]) if "serial" in chosen else None,
            label=unquote(chosen["object"]) if "object" in chosen else None,
            id=unquote_to_bytes(chosen["id"]) if "id" in chosen else None,
            pin_file=Path(pin) if pin else None,
        )


def _attributes(text: str, separator: str, known: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(separator)):
        name, _, value = part.partition("=")
        if name not in known or name in found or not value:
            raise UnusableKey(BAD_URI.say(detail=name[:32]))
        found[name] = value
    return found


class Pkcs11Signer:
    """Signs in the token that a URI names. Relative paths of the PIN file are taken from `folder`."""

    def __init__(self, uri: str, folder: Path) -> None:
        self.location = Location.parse(uri)
        self._folder = folder
        self._lock = Lock()
        self._session: Any = None

    def __repr__(self) -> str:
        return f"Pkcs11Signer({self.location.called!r})"

    def sign(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        """Return the signature. Raises `UnusableKey`."""
        pkcs11 = _library()
        with self._lock:
            for last in (False, True):
                try:
                    return self._sign(pkcs11, octets, algorithm)
                except (pkcs11.PKCS11Error, RuntimeError) as error:
                    # RuntimeError: the module itself could not be loaded.
                    self.close()
                    if last:
                        detail = type(error).__name__
                        raise UnusableKey(FAILED.say(label=self.location.called, detail=detail)) from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Give the session back."""
        session, self._session = self._session, None
        if session is not None:
            pkcs11 = _library()
            try:
                session.close()
            except pkcs11.PKCS11Error:  # the token has gone, and the session with it
                return

    def _sign(self, pkcs11: Any, octets: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        if self._session is None:
            self._session = self._open(pkcs11)
        key = self._session.get_key(
            object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self.location.label, id=self.location.id
        )
        if key.key_type is pkcs11.KeyType.EC:
            running = hashes.Hash(algorithm)
            running.update(octets)
            value: bytes = key.sign(running.finalize(), mechanism=pkcs11.Mechanism.ECDSA)
            half = len(value) // 2
            return encode_dss_signature(
                int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            )
        mechanism = getattr(pkcs11.Mechanism, f"{algorithm.name.upper()}_RSA_PKCS")
        signed: bytes = key.sign(octets, mechanism=mechanism)
        return signed

    def _open(self, pkcs11: Any) -> Any:
        token = pkcs11.lib(str(self.location.module)).get_token(
            token_label=self.location.token, token_serial=self.location.serial
        )
        try:
            return token.open(user_pin=self._pin())
        except pkcs11.UserAlreadyLoggedIn:  # for another key of the same token
            return token.open()

    def _pin(self) -> str | None:
        if self.location.pin_file is None:
            return None
        file = self._folder / self.location.pin_file
        try:
            return file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise UnusableKey(NO_PIN.say(file=file.name)) from error


def _library() -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise UnusableKey(NO_LIBRARY.say()) from error
    return pkcs11


def _file(source: str) -> str:
    """Return the path in `file:/path`, `file:///path` or a bare path (RFC 7512, 2.4)."""
    return source.removeprefix("file:").removeprefix("//") if source.startswith("file:") else source
