"""Folders and files that only their owner reads, from before the first octet is in them."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone."""
    for each in reversed([folder, *folder.parents]):
        each.mkdir(mode=FOLDER, exist_ok=True)


def touch_private(file: Path) -> Path:
    """Make an empty file, or empty the one that is there, for its owner alone; return it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(file, flags, FILE)
    try:
        os.fchmod(descriptor, FILE)  # one that was there may be wider
    finally:
        os.close(descriptor)
    return file


def begin_private(file: Path) -> None:
    """Make an empty file for its owner alone, unless there is one: what somebody has written meanwhile stays."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE))


def copy_private(source: Path, target: Path) -> None:
    """Copy a file for its owner alone."""
    shutil.copyfile(source, touch_private(target))
