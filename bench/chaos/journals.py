"""What everybody outside the hub writes down: a line of JSON for each thing that happened, in one write.

A line that is written stays when its process is killed. Times are of the machine's monotonic clock, which all share.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CLIENTS, RECEIVER, KILLS = "clients.jsonl", "receiver.jsonl", "kills.jsonl"


class Journal:
    """A file that is only added to."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def note(self, what: str, **details: Any) -> None:
        """Write one line."""
        line = json.dumps({"what": what, "at": time.monotonic(), **details}, ensure_ascii=False)
        os.write(self._file, line.encode() + b"\n")


class Tail:
    """What was added to a journal since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def new(self) -> Iterator[dict[str, Any]]:
        """Yield the lines that are whole; one without its end waits for the next look."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                added = file.read()
        except FileNotFoundError:
            return
        whole = added[: added.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            yield json.loads(line)
