"""The folders below one address, and the settings of the adapter."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from hub.errors import Misconfigured, Unavailable
from schemas.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings:
    """How the adapter watches a folder, and what it leaves room for."""

    quiet_seconds: float = 1.0  # how long a file must stay the same before it counts as complete
    scan_seconds: float = 5.0  # how often the inbox is looked at unasked: network drives tell nothing
    first_pause_seconds: float = 1.0  # the wait after a failure; doubles with each one that follows
    longest_pause_seconds: float = 60.0
    largest_bytes: int = 536_870_912  # a larger file is refused unread; the hub's own limit is mostly below
    free_bytes: int = 268_435_456  # `check` complains when the drive has less left
    journal_days: int = 30  # how long a delivery that is repeated is known to be one
    stop_seconds: float = 5.0  # how long a stop waits for a file that is being moved
    threads: int = 4  # a drive that hangs blocks these and nobody else's

    def pause_seconds(self, failures: int, asked: float | None = None) -> float:
        """Return the wait after the n-th failure in a row (n from 1), as long as asked to at least."""
        doubled: float = self.first_pause_seconds * 2 ** min(failures - 1, 32)
        return min(max(doubled, asked or 0.0), self.longest_pause_seconds)


class Layout:
    """The folders below one address. `docs/adapters/folder.md` says what is in which."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox, self.outbox = root / "inbox", root / "outbox"
        self.accepted, self.refused = root / "accepted", root / "refused"
        self.own = root / ".edochub"
        self.ready, self.journal, self.working = (self.own / name for name in ("ready", "journal", "working"))

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return all of them, outer before inner."""
        agency = (self.inbox, self.outbox, self.accepted, self.refused)
        return (self.root, *agency, self.own, self.ready, self.journal, self.working)

    def make(self) -> None:
        """Make those that are missing. Our own are nobody else's to see."""
        for folder in self.folders:
            private = folder == self.own or self.own in folder.parents
            folder.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)

    def stand(self) -> None:
        """Return if all are there (`Unavailable`) and none is a link elsewhere (`Misconfigured`)."""
        for folder in self.folders:
            try:
                mode = folder.lstat().st_mode
            except OSError as error:
                raise _missing(folder, error) from error
            if not stat.S_ISDIR(mode):
                raise not_a_folder(folder)


def not_a_folder(folder: Path) -> Misconfigured:
    """Return the complaint about a file or a link where a folder must be."""
    return Misconfigured(
        Text(
            vi=f"{folder}: cần một thư mục thật, nhưng gặp tệp hoặc liên kết",
            en=f"{folder}: expected a folder itself, got a file or a link",
        )
    )


def _missing(folder: Path, error: OSError) -> Unavailable:
    return Unavailable(
        Text(
            vi=f"Không thấy thư mục {folder} ({error.strerror}); ổ đĩa có thể chưa được gắn",
            en=f"The folder {folder} is not there ({error.strerror}); its drive may not be mounted",
        )
    )
