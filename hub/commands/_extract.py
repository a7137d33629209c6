"""Write the attachments of a package into a folder, so that nothing that a stranger named can do harm there.

Names come from `safe_name`. Nothing is overwritten, and no link is followed: a file is made new or not at all. A file
that is listed is whole and on the disk; one that failed half-way is gone again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from hub.durable import sync_folder
from schemas.edxml.attachments import Attachment, attachments
from schemas.edxml.file_names import safe_name
from schemas.findings import Finding, InvalidDocument

TRIES = 1000


@dataclass(frozen=True, slots=True)
class Extracted:
    """What became of one attachment: where it is, or why it is nowhere."""

    called: str
    path: Path | None
    size: int = 0
    findings: tuple[Finding, ...] = ()


def extract(tree: etree._ElementTree, folder: Path) -> list[Extracted]:
    """Write every attachment into the folder, which is made if it is not there; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = {path.name for path in folder.iterdir()}
    done = [_extract(each, number, folder, taken) for number, each in enumerate(attachments(tree), start=1)]
    sync_folder(folder)
    return done


def _extract(attachment: Attachment, number: int, folder: Path, taken: set[str]) -> Extracted:
    wanted = attachment.info.name
    for _ in range(TRIES):
        name = safe_name(wanted, f"attachment-{number}", taken)
        taken.add(name)
        try:
            size = write_new(folder / name, attachment.pieces())
        except FileExistsError:
            continue  # somebody else was faster
        except InvalidDocument as error:
            return Extracted(attachment.called, None, findings=error.findings)
        return Extracted(attachment.called, folder / name, size)
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))


def write_new(path: Path, pieces: Iterable[bytes]) -> int:
    """Write a file that is not there yet; return its size. Whatever goes wrong, half a file is not left behind."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            size = sum(file.write(piece) for piece in pieces)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size
