"""Taking in from a folder, cut at every file operation: nothing is lost, and the hub is asked again.

The process ends before each operation of a round, or each operation fails; afterwards a new process goes on. The
package must then lie where the hub's answer puts it, whole, with that answer beside it, and nowhere else.
"""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from adapters.folder.intake import Intake
from adapters.folder.layout import FolderSettings, Layout
from hub.errors import Refusal, Unavailable
from hub.hops import Hops
from hub.model import Accepted
from hub.rig import NOW, message
from schemas.text import Text

CONTENT = b"<edXML/>" * 1000
OPERATIONS = ("open", "scandir", "fstat", "fdopen", "rename", "replace", "fsync", "unlink")
ENOUGH = 40  # more operations than one round has
SETTINGS = FolderSettings(quiet_seconds=0.0, first_pause_seconds=0.0)


class Cut(BaseException):
    """The process would have ended here."""


class Hub:
    """Knows a package again, as the hub does."""

    def __init__(self, *, refusing: bool) -> None:
        self.refusing, self.taken = refusing, 0

    async def receive(self, content: bytes, hops: Hops = ()) -> Accepted:
        assert content == CONTENT
        if self.refusing:
            raise Refusal(Text(vi="Gói tin thử bị từ chối", en="The test refuses it"))
        self.taken += 1
        return Accepted(message=message(content), deliveries=(), duplicate=self.taken > 1)


async def at_once(function: Callable[..., Any], *arguments: object) -> Any:
    return function(*arguments)


@contextmanager
def failing(at: int, error: BaseException, *, ever_after: bool) -> Iterator[None]:
    """Let the n-th file operation fail, and if so asked every one after it."""
    numbers = itertools.count(1)

    def guarded(operation: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            number = next(numbers)
            if number == at or (ever_after and number > at):
                raise error
            return operation(*arguments, **named)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for name in OPERATIONS:
            patch.setattr(os, name, guarded(getattr(os, name)))
        yield


def files(layout: Layout) -> dict[str, bytes]:
    found = (layout.inbox, layout.accepted, layout.refused, layout.working)
    return {f"{folder.name}/{path.name}": path.read_bytes() for folder in found for path in folder.iterdir()}


@pytest.mark.parametrize("cut", [True, False], ids=["the process ends", "the operation fails"])
@pytest.mark.parametrize("refusing", [False, True], ids=["accepted", "refused"])
async def test_any_operation_of_a_round_is_the_last(tmp_path: Path, refusing: bool, cut: bool) -> None:
    for at in range(1, ENOUGH):
        layout, hub = Layout(tmp_path / str(at)), Hub(refusing=refusing)
        layout.make()
        (layout.inbox / "a.xml").write_bytes(CONTENT)
        error = Cut() if cut else OSError(errno.EIO, os.strerror(errno.EIO))
        with suppress(Cut, OSError, Unavailable), failing(at, error, ever_after=cut):
            await Intake(layout, SETTINGS, lambda: NOW, at_once).round(hub.receive)
        assert CONTENT in files(layout).values(), f"lost by operation {at}"
        for _ in range(2):
            await Intake(layout, SETTINGS, lambda: NOW, at_once).round(hub.receive)
        left = files(layout)
        where = [name for name, content in left.items() if content == CONTENT]
        assert len(where) == 1, f"operation {at} left {sorted(left)}"
        assert where[0].startswith("refused/" if refusing else "accepted/")
        assert where[0].replace(".edxml", "") + ".json" in left
        assert not any(name.startswith(("inbox/", "working/")) for name in left)
