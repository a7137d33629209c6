"""Files that are still there after the power went.

A file is written under a name of our own in the same folder, synced, renamed, and the folder is synced:
whoever looks sees the old content or the new one, whole, and once the call returned it stays. A call that
raises `OSError` may have left either, never a mixture. The temporary names begin with "." and end with
".tmp"; one is left behind only when the process is killed, and nothing ever reads it.

Blocking: a coroutine calls these through `asyncio.to_thread`.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

# What a share answers that cannot sync a folder: there is nothing more to ask of it.
CANNOT_SYNC_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP})


def write_durably(
    path: Path,
    content: bytes | Iterable[bytes],
    *,
    mode: int = 0o666,
    while_renaming: AbstractContextManager[None] | None = None,
) -> None:
    """Put `content`, whole or in pieces, under `path`, replacing what was there. `mode` loses what the umask takes."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        _write_synced(temporary, content, mode)
        with while_renaming or nullcontext():
            os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def move_durably(source: Path, target: Path) -> None:
    """Rename a file within one file system, replacing what was there."""
    os.replace(source, target)  # noqa: PTH105
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: those added, renamed and removed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in CANNOT_SYNC_FOLDERS:
            raise
    finally:
        os.close(descriptor)


def _write_synced(path: Path, content: bytes | Iterable[bytes], mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)
        file.flush()
        os.fsync(file.fileno())
