"""A download that is there, whole and right, once the call returned; before, only under a name that nobody reads."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.durable import move_durably
from hub.errors import Unavailable
from schemas.text import Sentence

PIECE_BYTES = 262_144

DAMAGED = Sentence(
    vi="{name}: nội dung tải về không khớp mã băm của trục; cần {expected}, nhận được {got}",
    en="{name}: what was downloaded does not match the hub's digest: expected {expected}, got {got}",
)


def pieces(path: Path) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(path: Path, content: Iterable[bytes], sha256: str) -> None:
    """Write pieces under `path`, durably, if they have this digest. Raises `Unavailable` if they do not."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    digest = hashlib.sha256()
    try:
        with temporary.open("xb") as file:
            for piece in content:
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != sha256:
            raise Unavailable(DAMAGED.say(name=path.name, expected=sha256, got=digest.hexdigest()))
        move_durably(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process works in a folder; the lock ends with the process, however it ends."""
    with (folder / ".lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
