"""The process that reads strangers' PDF and CMS files: bounded in time and memory, and replaced when it breaks.

A file may be made to keep its reader busy for ever (page trees that bite their tail, streams that unpack to gigabytes).
So `reading` runs in a child process, which gets octets and answers with facts. It may take `seconds` for a file and
`memory` octets in all; it is killed when it takes longer, and the next file gets a new one. Starting costs most of a
second, so one child serves many files, one at a time; it ends with its parent, or after `MOST_FILES`.

    parent: length of the head (4 octets), head (JSON), then the files whose lengths the head tells
    child:  length of the answer (4 octets), answer (JSON of `facts`)
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO

from signing import facts
from signing.facts import BadFacts, FileFacts

LARGEST = 64 * 1024 * 1024  # octets of one file
LARGEST_ANSWER = 64 * 1024 * 1024
SECONDS = 20.0  # for one file; an honest one of 20 MB takes a tenth of a second
STARTING_SECONDS = 30.0  # more, for the first file of a new child, on a busy machine
MEMORY = 2 * 1024 * 1024 * 1024  # address space of the child
MOST_FILES = 500

# Problems beyond those of `reading`
TOO_LARGE = "too-large"
TOO_SLOW = "too-slow"
DIED = "died"

_LENGTH = 4
_PIECE = 1024 * 1024


class Closed(Exception):
    """The process was closed while it read, or before: nothing is known of the file."""


class ReadingProcess:
    """One child that reads. Safe to use from several threads; they take turns."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._closed = False

    def pdf(self, content: bytes) -> FileFacts:
        """Return what is signed in a PDF."""
        return self._ask("pdf", [content])

    def cms(self, content: bytes, detached: bytes | None = None) -> FileFacts:
        """Return the signers of a CMS SignedData, over the octets beside it or those inside."""
        return self._ask("cms", [content] if detached is None else [content, detached])

    def close(self) -> None:
        """End the child. Whoever waits for it, or asks later, gets `Closed`."""
        self._closed = True
        while not self._turn.acquire(timeout=0.05):  # whoever reads lets go when the child is gone
            child = self._child
            if child is not None:
                child.kill()
        try:
            self._end()
        finally:
            self._turn.release()

    def _ask(self, kind: str, files: Sequence[bytes]) -> FileFacts:
        size = sum(len(file) for file in files)
        if size > LARGEST:
            return FileFacts(problem=TOO_LARGE, detail=str(size))
        with self._turn:
            if self._closed:
                raise Closed
            try:
                return facts.read(self._answer(kind, files))
            except TimeoutError:
                problem = TOO_SLOW
            except (OSError, EOFError, BadFacts):
                problem = DIED
            self._end()
            if self._closed:
                raise Closed
            return FileFacts(problem=problem)

    def _answer(self, kind: str, files: Sequence[bytes]) -> bytes:
        fresh = self._child is None or self._child.poll() is not None or self._files >= MOST_FILES
        if fresh:
            self._end()
            self._start()
        child = self._child
        assert child is not None
        assert child.stdin is not None
        assert child.stdout is not None
        self._files += 1
        head = json.dumps({"kind": kind, "files": [len(file) for file in files]}).encode()
        # The child reads everything before it thinks, so writing cannot wait for ever.
        for part in (len(head).to_bytes(_LENGTH, "big"), head, *files):
            child.stdin.write(part)
        child.stdin.flush()
        until = time.monotonic() + self._seconds + (STARTING_SECONDS if fresh else 0.0)
        length = int.from_bytes(_read(child.stdout, _LENGTH, until), "big")
        if length > LARGEST_ANSWER:
            raise EOFError
        return _read(child.stdout, length, until)

    def _start(self) -> None:
        search = [path for path in sys.path if path]
        self._files = 0
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "signing.reading_process", str(self._memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(search), "PATH": os.environ.get("PATH", os.defpath)},
            start_new_session=True,  # Ctrl-C is for the parent, which then ends it
        )

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was still to be written has nobody to read it
                    continue


def _read(stream: IO[bytes], length: int, until: float) -> bytes:
    """Return so many octets, or raise `TimeoutError`, or EOFError if the child is gone."""
    got = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while len(got) < length:
            if not selector.select(max(0.0, until - time.monotonic())):
                raise TimeoutError
            piece = os.read(stream.fileno(), min(_PIECE, length - len(got)))
            if not piece:
                raise EOFError
            got += piece
    return bytes(got)


SHARED = ReadingProcess()  # for whoever has none of their own


# The child


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the parent is gone."""
    while len(length := requests.read(_LENGTH)) == _LENGTH:
        head = json.loads(requests.read(int.from_bytes(length, "big")))
        files = [requests.read(size) for size in head["files"]]
        octets = facts.write(answer(head["kind"], files))
        answers.write(len(octets).to_bytes(_LENGTH, "big"))
        answers.write(octets)
        answers.flush()


def answer(kind: str, files: Sequence[bytes]) -> FileFacts:
    """Return the facts of one request, in this very process."""
    from signing import reading

    try:
        if kind == "pdf":
            return reading.read_pdf(files[0])
        return reading.read_cms(files[0], files[1] if len(files) > 1 else None)
    except (MemoryError, RecursionError) as error:
        return FileFacts(problem=reading.UNREADABLE, detail=type(error).__name__)


def main() -> None:
    """Run as the child: limit what may be taken, then serve."""
    import resource

    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
