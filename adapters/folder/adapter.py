"""The folder adapter itself: what the hub calls, with all blocking work on threads of its own."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

import structlog
from watchfiles import Change, awatch

from adapters.folder.arrivals import renamed_names
from adapters.folder.handover import Handover
from adapters.folder.intake import Intake
from adapters.folder.layout import FolderSettings, Layout, not_a_folder
from hub.adapter import Adapter, Receive, Surroundings
from hub.durable import write_durably
from hub.errors import HubError, Misconfigured, Unavailable
from hub.model import Endpoint, Parcel, Receipt
from schemas.spooled import Package
from schemas.text import Text

T = TypeVar("T")

log = structlog.get_logger()

DAY_SECONDS = 86_400


class FolderAdapter(Adapter):
    """An agency whose system exchanges documents through a folder."""

    name = "folder"
    settings: ClassVar[FolderSettings] = FolderSettings()

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        super().__init__(endpoint, surroundings)
        self._layout = layout = Layout(_absolute(endpoint.address))
        self._handover = Handover(layout.ready, layout.journal, layout.outbox)
        self._threads = ThreadPoolExecutor(self.settings.threads, f"folder-{endpoint.id}")
        self._intake = Intake(layout, self.settings, surroundings.clock, self._to_the_end)
        self._pruned_at: float | None = None

    @classmethod
    def settle(cls, address: str | None) -> str:
        """Make the folders below the address. Raises `Misconfigured` if it is no place for them."""
        root = _absolute(address)
        try:
            if root.is_symlink() or (root.exists() and not root.is_dir()):
                raise not_a_folder(root)
            Layout(root).make()
            Layout(root).stand()
        except OSError as error:
            raise _cannot_make(root, error) from error
        return str(root)

    async def check(self) -> None:
        """Return if the folders are there, on one drive, ours to write to, and the drive has room."""
        await self._in_thread(self._check)

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Hand the package over into `outbox/`, under the delivery's id."""
        name = f"{parcel.id}.edxml"  # our id: a sender's words never become a path
        try:
            await self._in_thread(self._hand_over, name, parcel.package)
        except OSError as error:
            raise _cannot_write(self._layout.outbox, error) from error
        return Receipt(remote_id=name)

    async def listen(self, receive: Receive) -> None:
        """Take in what the agency drops, noticed by the system or by looking now and then."""
        nudge = Nudge()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch(nudge))
            tasks.create_task(self._take_in(receive, nudge))

    async def close(self) -> None:
        """Let go of the threads; one that hangs on a drive is not waited for."""
        self._threads.shutdown(wait=False)

    async def _take_in(self, receive: Receive, nudge: Nudge) -> None:
        failures = 0
        while True:
            try:
                await self._in_thread(self._layout.stand)
                pause = await self._intake.round(receive, nudge.take_renamed())
                await self._prune_daily()
                failures = 0
            except (HubError, OSError) as error:
                failures += 1
                await self._rest(error, failures)
            else:
                await nudge.wait(pause)

    async def _rest(self, error: HubError | OSError, failures: int) -> None:
        asked = error.retry_after if isinstance(error, Unavailable) else None
        pause = self.settings.pause_seconds(failures, asked)
        log.warning("folder.waiting", endpoint=self.endpoint.id, seconds=pause, error=str(error))
        await asyncio.sleep(pause)

    async def _watch(self, nudge: Nudge) -> None:
        """Pass on what the system tells. Where it tells nothing, looking now and then must do."""
        while True:
            try:
                async for changes in awatch(self._layout.inbox, watch_filter=None, recursive=False):
                    nudge.notice(changes)
            except Exception as error:  # too many watches, no such folder yet, no watching on this drive
                log.info("folder.unwatched", endpoint=self.endpoint.id, error=str(error))
            await asyncio.sleep(self.settings.longest_pause_seconds)

    async def _prune_daily(self) -> None:
        now = self.surroundings.clock().timestamp()
        if self._pruned_at is None or now - self._pruned_at >= DAY_SECONDS:
            self._pruned_at = now
            await self._in_thread(self._handover.prune, now - self.settings.journal_days * DAY_SECONDS)

    def _hand_over(self, name: str, content: Package) -> None:
        self._layout.stand()
        self._handover.hand_over(name, content)

    def _check(self) -> None:
        self._layout.stand()
        self._check_one_drive()
        self._check_rights()
        free = shutil.disk_usage(self._layout.root).free
        if free < self.settings.free_bytes:
            raise _no_room(self._layout.root, free, self.settings.free_bytes)

    def _check_one_drive(self) -> None:
        drives = {folder.stat().st_dev for folder in self._layout.folders}
        if len(drives) > 1:  # renaming is only whole within one
            raise Misconfigured(
                Text(
                    vi=f"{self._layout.root}: các thư mục con phải nằm trên cùng một ổ đĩa",
                    en=f"{self._layout.root}: its folders must be on one drive, got {len(drives)}",
                )
            )

    def _check_rights(self) -> None:
        for folder in self._layout.folders[1:]:
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise _cannot_write(folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
        try:
            write_durably(self._layout.own / "check", b"")
            (self._layout.own / "check").unlink()
        except OSError as error:
            raise _cannot_write(self._layout.own, error) from error

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        # Not asyncio's own threads: a network drive that hangs would take them from everybody.
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *arguments))

    async def _to_the_end(self, function: Callable[..., T], *arguments: object) -> T:
        """Do it on a thread. A stop waits until it is done, but not for ever: the drive may hang."""
        done = asyncio.ensure_future(self._in_thread(function, *arguments))
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait([done], timeout=self.settings.stop_seconds)
            raise


@dataclass(slots=True)
class Nudge:
    """Ends a pause early, and remembers which names are known to have come by renaming."""

    event: asyncio.Event = field(default_factory=asyncio.Event)
    renamed: set[str] = field(default_factory=set)

    def notice(self, changes: set[tuple[Change, str]]) -> None:
        """Take note of what changed in the inbox."""
        gone = {Path(path).name for change, path in changes if change is Change.deleted}
        come = {Path(path).name for change, path in changes if change is Change.added}
        self.renamed |= renamed_names(gone, come)
        self.event.set()

    def take_renamed(self) -> set[str]:
        """Return the renamed names and forget them."""
        renamed, self.renamed = self.renamed, set()
        return renamed

    async def wait(self, seconds: float) -> None:
        """Return after the pause, or as soon as something changed."""
        # Not `wait_for`: before Python 3.12 it swallows a stop that comes together with the event (gh-86296).
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.event.wait()
        self.event.clear()


def _absolute(address: str | None) -> Path:
    path = Path(address or "")
    if not address or not path.is_absolute() or ".." in path.parts or "\0" in address:
        raise Misconfigured(
            Text(
                vi=f"Địa chỉ “folder” phải là đường dẫn tuyệt đối của một thư mục, nhưng gặp {address!r}",
                en=f"A “folder” address must be the absolute path of a folder, got {address!r}",
            )
        )
    return path


def _cannot_make(root: Path, error: OSError) -> Misconfigured:
    return Misconfigured(
        Text(
            vi=f"Không tạo được các thư mục trong {root}: {error.strerror or error}",
            en=f"Cannot make the folders in {root}: {error.strerror or error}",
        )
    )


def _cannot_write(folder: Path, error: OSError) -> Unavailable:
    return Unavailable(
        Text(
            vi=f"Không ghi được vào {folder}: {error.strerror or error}",
            en=f"Cannot write to {folder}: {error.strerror or error}",
        )
    )


def _no_room(root: Path, free: int, wanted: int) -> Unavailable:
    return Unavailable(
        Text(
            vi=f"{root}: ổ đĩa chỉ còn {free:,} byte trống, cần ít nhất {wanted:,}",
            en=f"{root}: the drive has only {free:,} bytes left, expected at least {wanted:,}",
        )
    )
