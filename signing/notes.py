"""Signed notes and checkpoints of logs, as other people's tools and witnesses read them.

A signed note (C2SP signed-note) is text, an empty line, and lines `— NAME BASE64(key id || signature)`. A checkpoint
(C2SP tlog-checkpoint) is a note whose text is the log's origin, the size of its tree and the root hash, a line each.

Two kinds of signature are known: Ed25519 over the text (0x01), which a log makes, and the cosignature/v1 of a witness
(0x04, C2SP tlog-cosignature), which has a time in it. Signatures of keys that nobody asked for are passed over; one of
a known key that does not hold condemns the note. Reading is strict: one note has one form.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schemas.findings import shortened
from schemas.text import Sentence, Text
from signing.merkle import HASH_BYTES

ED25519 = 0x01
COSIGNATURE = 0x04
LARGEST = 65_536  # octets of a note
MOST_SIGNATURES = 64

NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,255}")
SIGNATURE_LINE = re.compile(r"— (?P<name>[^\s+]+) (?P<value>[A-Za-z0-9+/]+={0,2})")
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
LAST_TIME = 2**63 - 1

MALFORMED = Sentence(
    vi="Không phải ghi chú có ký theo C2SP: {detail}.", en="This is not a signed note of C2SP: {detail}."
)
BAD_KEY = Sentence(
    vi="Không phải khóa kiểm tra hợp lệ (tên+mã+khóa): {key}.",
    en="This is not a verifier key (name+hash+key): {key}.",
)
WRONG_SIGNATURE = Sentence(
    vi="Chữ ký của {name} trên ghi chú không đúng.", en="The signature of {name} on the note does not hold."
)
NOBODY_KNOWN = Sentence(
    vi="Ghi chú không có chữ ký nào của {names}.", en="The note carries no signature of {names}."
)


class BadNote(Exception):
    """A note, or a key for notes, is not what it must be. `text` says why, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public key of a log or a witness. As text: `NAME+HASH+BASE64(kind || key)`."""

    name: str
    public: bytes  # 32 octets, RFC 8032
    kind: int = ED25519

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(bytes([self.kind]) + self.public)}"

    @property
    def id(self) -> bytes:
        """The four octets that name it in a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @classmethod
    def parse(cls, written: str) -> VerifierKey:
        """Read a verifier key. Raises `BadNote`."""
        wrong = BadNote(BAD_KEY.say(key=shortened(written)))
        name, _, rest = written.partition("+")
        hash_, _, encoded = rest.partition("+")
        octets = _octets(encoded)
        if not NAME.fullmatch(name) or octets is None or len(octets) != 33:
            raise wrong
        key = cls(name, octets[1:], octets[0])
        if key.kind not in {ED25519, COSIGNATURE} or key.id.hex() != hash_:
            raise wrong
        return key

    def check(self, value: bytes, text: str) -> datetime | None:
        """Raise `BadNote` unless the value is this key's over the text; return when a witness says it signed."""
        wrong = BadNote(WRONG_SIGNATURE.say(name=shortened(self.name)))
        signed, at = text.encode(), None
        if self.kind == COSIGNATURE:
            seconds, value = int.from_bytes(value[:8], "big"), value[8:]
            if seconds > LAST_TIME:
                raise wrong
            signed = f"cosignature/v1\ntime {seconds}\n".encode() + signed
            at = _time(seconds)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, signed)
        except (InvalidSignature, ValueError) as error:
            raise wrong from error
        return at


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"— {self.name} {_base64(self.key_id + self.value)}"


@dataclass(frozen=True, slots=True)
class Note:
    """Text, ending in a line feed, and the signatures under it. Nothing is believed of it before `verify`."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that holds: whose, and for a witness when."""

    key: VerifierKey
    at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class NoteKey:
    """A key that signs notes under a name."""

    name: str
    private: Ed25519PrivateKey

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise BadNote(BAD_KEY.say(key=shortened(self.name)))

    @property
    def verifier(self) -> VerifierKey:
        """What others need to check its notes."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Note:
        """Return the note with this key's signature under it. Raises `BadNote` for text that no note can hold."""
        signature = Signature(self.name, self.verifier.id, self.private.sign(text.encode()))
        return parse(str(Note(text, (signature,))).encode())


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: how many entries, and the root of the tree over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (self.origin, self.size, _base64(self.root), *self.extensions))

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text. Raises `BadNote`."""
        *lines, end = text.split("\n")
        if len(lines) < 3 or end:
            raise BadNote(MALFORMED.say(detail="origin, size, root"))
        origin, size, root, *extensions = lines
        octets = _octets(root)
        if not origin or not NUMBER.fullmatch(size) or octets is None or len(octets) != HASH_BYTES:
            raise BadNote(MALFORMED.say(detail="origin, size, root"))
        if "" in extensions:
            raise BadNote(MALFORMED.say(detail="extension lines"))
        return cls(origin, int(size), octets, tuple(extensions))


def parse(octets: bytes) -> Note:
    """Read a signed note. Raises `BadNote` for anything that is not exactly one."""
    if len(octets) > LARGEST:
        raise BadNote(MALFORMED.say(detail=f"> {LARGEST} byte"))
    try:
        written = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadNote(MALFORMED.say(detail="UTF-8")) from error
    if any(char < " " and char != "\n" for char in written):
        raise BadNote(MALFORMED.say(detail="control characters"))
    text, parted, lines = written.rpartition("\n\n")
    if not parted or not text or not lines.endswith("\n"):
        raise BadNote(MALFORMED.say(detail="text, empty line, signatures"))
    signatures = tuple(_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MOST_SIGNATURES:
        raise BadNote(MALFORMED.say(detail=f"> {MOST_SIGNATURES} signatures"))
    return Note(text + "\n", signatures)


def verify(note: Note, keys: Collection[VerifierKey]) -> tuple[Signed, ...]:
    """Return the signatures of known keys, at least one. Raises `BadNote` for none, and for one that does not hold."""
    known = {(key.name, key.id): key for key in keys}
    found = [
        Signed(key, key.check(signature.value, note.text))
        for signature in note.signatures
        if (key := known.get((signature.name, signature.key_id)))
    ]
    if not found:
        names = ", ".join(sorted({key.name for key in keys})) or "-"
        raise BadNote(NOBODY_KNOWN.say(names=shortened(names)))
    return tuple(found)


def _signature(line: str) -> Signature:
    found = SIGNATURE_LINE.fullmatch(line)
    octets = _octets(found["value"]) if found else None
    if found is None or octets is None or len(octets) < 5 or not NAME.fullmatch(found["name"]):
        raise BadNote(MALFORMED.say(detail=shortened(line)))
    return Signature(found["name"], octets[:4], octets[4:])


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _octets(written: str) -> bytes | None:
    """Return what base64 stands for, None unless it is in its one canonical form (RFC 4648, 3.5)."""
    try:
        octets = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        return None
    return octets if octets and _base64(octets) == written else None


def _time(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # after the year 9999
        return datetime.max.replace(tzinfo=UTC)
