"""Handing a file over, cut at every file operation: whatever happened, a repeat leaves it handed over once.

Three tables: the process is killed before each operation, each operation fails (without effect, or with it), and the
power goes after each operation, which also loses whatever was not synced by then. In every row the taker either left
the file lying or took it away.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.folder.handover import MARK, Handover

NAME = "01DELIVERY.edxml"
CONTENT = b"<edXML/>" * 1000
OPERATIONS = (
    "open",
    "fdopen",
    "ftruncate",
    "pwrite",
    "fsync",
    "replace",
    "unlink",
)  # closing never fails to close
ENOUGH = 25  # more operations than one handing over has


def folders(root: Path) -> Handover:
    for name in ("ready", "journal", "outbox"):
        (root / name).mkdir(parents=True, exist_ok=True)
    return Handover(root / "ready", root / "journal", root / "outbox")


def taken(handover: Handover) -> int:
    """Be the taker: take away what is there, whole, and count it."""
    found = list(handover.outbox.iterdir())
    assert all(file.name == NAME and file.read_bytes() == CONTENT for file in found)
    for file in found:
        file.unlink()
    return len(found)


@contextmanager
def intercepted(around: Callable[[Callable[[], Any]], Any]) -> Iterator[None]:
    """Let every file operation go through `around`."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (*((os, name) for name in OPERATIONS), (fcntl, "flock")):
            patch.setattr(module, name, through(getattr(module, name), around))
        yield


def through(operation: Callable[..., Any], around: Callable[[Callable[[], Any]], Any]) -> Callable[..., Any]:
    def called(*arguments: Any, **named: Any) -> Any:
        call = partial(operation, *arguments, **named)
        return around(call)

    return called


class Cut(BaseException):
    """The process would have ended here."""


def hand_over_cut(handover: Handover, at: int) -> None:
    """Hand over up to the n-th operation; that one and everything after it does not happen."""
    numbers = itertools.count(1)

    def cut(operation: Callable[[], Any]) -> Any:
        if next(numbers) >= at:
            raise Cut
        return operation()

    with intercepted(cut), suppress(Cut):
        handover.hand_over(NAME, CONTENT)


def hand_over_killed(handover: Handover, at: int) -> bool:
    """Hand over in a process that is killed before its n-th operation; tell whether it lived to the end."""
    child = os.fork()
    if child == 0:
        _hand_over_and_die(handover, at)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in {0, -signal.SIGKILL}
    return status == 0


def _hand_over_and_die(handover: Handover, at: int) -> None:
    numbers = itertools.count(1)

    def kill(operation: Callable[[], Any]) -> Any:
        if next(numbers) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return operation()

    try:
        with intercepted(kill):
            handover.hand_over(NAME, CONTENT)
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.parametrize("consuming", [False, True], ids=["left lying", "taken at once"])
def test_killed_before_any_operation(tmp_path: Path, consuming: bool) -> None:
    for at in range(1, ENOUGH):
        handover = folders(tmp_path / str(at))
        finished = hand_over_killed(handover, at)
        count = taken(handover) if consuming else 0
        handover.hand_over(NAME, CONTENT)
        assert count + taken(handover) == 1, f"killed before operation {at}"
        if finished:
            break
    assert at > 10
    assert finished


@pytest.mark.parametrize("consuming", [False, True], ids=["left lying", "taken at once"])
def test_cut_before_any_operation_and_again_before_any_of_the_repeat(
    tmp_path: Path, consuming: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: None
    )  # what is not synced is not lost without a power cut
    rows = 0
    for first, second in itertools.product(range(1, ENOUGH), repeat=2):
        handover = folders(tmp_path / f"{first}-{second}")
        hand_over_cut(handover, first)
        count = taken(handover) if consuming else 0
        hand_over_cut(handover, second)
        count += taken(handover) if consuming else 0
        handover.hand_over(NAME, CONTENT)
        assert count + taken(handover) == 1, f"cut before operation {first}, then {second}"
        rows += 1
    assert rows == (ENOUGH - 1) ** 2


@pytest.mark.parametrize("consuming", [False, True], ids=["left lying", "taken at once"])
@pytest.mark.parametrize("happened", [False, True], ids=["did not happen", "did happen"])
def test_any_operation_fails(tmp_path: Path, happened: bool, consuming: bool) -> None:
    for failing in range(1, ENOUGH):
        handover = folders(tmp_path / str(failing))
        numbers = itertools.count(1)

        def fail(
            operation: Callable[[], Any], numbers: Iterator[int] = numbers, failing: int = failing
        ) -> Any:
            number = next(numbers)
            result = operation() if number != failing or happened else None
            if number == failing:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return result

        with intercepted(fail), suppress(OSError):
            handover.hand_over(NAME, CONTENT)
        count = taken(handover) if consuming else 0
        handover.hand_over(NAME, CONTENT)
        assert count + taken(handover) == 1, f"operation {failing} failed"


@pytest.mark.parametrize("torn", [b"", b"r", MARK[:-1], b"\0" * len(MARK), MARK + b"x"])
def test_a_torn_mark_is_no_mark(tmp_path: Path, torn: bytes) -> None:
    handover = folders(tmp_path)
    (handover.journal / NAME).write_bytes(torn)
    (handover.ready / NAME).write_bytes(b"half of the cont")
    handover.hand_over(NAME, CONTENT)
    assert taken(handover) == 1


@dataclass
class Disk:
    """Remembers what was asked of the system, so that it can say what a power cut might leave."""

    events: list[tuple[Any, ...]] = field(default_factory=list)
    names: dict[int, Path] = field(default_factory=dict)
    limit: int = 10**9

    @contextmanager
    def recording(self) -> Iterator[None]:
        real_open, real_replace = os.open, os.replace

        def opened(path: Path, flags: int, mode: int = 0o777) -> int:
            if flags & os.O_CREAT and not os.path.lexists(path):
                self.note("make", Path(path))
            descriptor = real_open(path, flags, mode)
            self.names[descriptor] = Path(path)
            return descriptor

        def synced(descriptor: int) -> None:
            path = self.names[descriptor]
            self.note("sync", path, None if path.is_dir() else path.read_bytes())

        def renamed(source: Path, target: Path) -> None:
            self.note("rename", Path(source), Path(target))
            real_replace(source, target)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "open", opened)
            patch.setattr(os, "fsync", synced)
            patch.setattr(os, "replace", renamed)
            yield

    def note(self, *event: Any) -> None:
        if len(self.events) == self.limit:
            raise KeyboardInterrupt  # the process ends here; its files stay as they are
        self.events.append(event)

    def after_power_cut(self, at: int) -> Iterator[dict[Path, bytes]]:
        """Yield each state that a power cut after that many events may leave: files and their contents.

        What changed in a folder and was not synced since may be there or not; content that was not synced is lost.
        """
        events = self.events[:at]
        changes = [(number, event) for number, event in enumerate(events) if event[0] != "sync"]
        loose = [number for number, event in changes if not self._synced(events[number:], event)]
        for count in range(len(loose) + 1):
            for lost in itertools.combinations(loose, count):
                yield self._replay(events, set(lost))

    def _synced(self, later: list[tuple[Any, ...]], change: tuple[Any, ...]) -> bool:
        where = {path.parent for path in change[1:]}
        return where <= {event[1] for event in later if event[0] == "sync"}

    def _replay(self, events: list[tuple[Any, ...]], lost: set[int]) -> dict[Path, bytes]:
        seen: dict[Path, int] = {}  # as the process saw the names: path to file number
        kept: dict[Path, int] = {}  # as the disk has them
        contents: dict[int, bytes] = {}
        for number, event in enumerate(events):
            if event[0] == "make":
                seen[event[1]] = number
                kept |= {} if number in lost else {event[1]: number}
            elif event[0] == "rename":
                seen[event[2]] = seen.pop(event[1])
                if number not in lost and kept.pop(event[1], None) is not None:
                    kept[event[2]] = seen[event[2]]
            elif event[2] is not None:
                contents[seen[event[1]]] = event[2]
        return {path: contents.get(file, b"") for path, file in kept.items()}


@pytest.mark.parametrize("consuming", [False, True], ids=["left lying", "taken when it is back"])
def test_the_power_goes_after_any_operation_of_the_first_call_or_of_a_repeat(
    tmp_path: Path, consuming: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = set()
    for killed in range(ENOUGH):
        handover = folders(tmp_path / f"run-{killed}")
        disk = Disk(limit=killed)
        with disk.recording(), suppress(KeyboardInterrupt):
            handover.hand_over(NAME, CONTENT)
        disk.limit = ENOUGH
        with disk.recording():
            handover.hand_over(NAME, CONTENT)
        for state in disk.after_power_cut(len(disk.events)):
            assert state[handover.outbox / NAME] == CONTENT, "once the call returned, it stays handed over"
        for at in range(len(disk.events) + 1):
            for state in disk.after_power_cut(at):
                relative = {
                    path.relative_to(handover.ready.parent): content for path, content in state.items()
                }
                states.add(tuple(sorted((str(path), content) for path, content in relative.items())))
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # enough of power cuts
    for number, left in enumerate(sorted(states)):
        handover = folders(tmp_path / f"state-{number}")
        for path, content in left:
            (tmp_path / f"state-{number}" / path).write_bytes(content)
        count = taken(handover) if consuming else 0
        handover.hand_over(NAME, CONTENT)
        assert count + taken(handover) == 1, f"left by the power cut: {[path for path, _ in left]}"
    assert len(states) > 10
