"""A program that is `edochub client` with the power going at its n-th step, for n = 1, 2, 3... until it gets through.

    killed_client.py send URL TOKEN_FILE FOLDER      sends FOLDER/n.edxml by FOLDER/outbox, dies, resumes, repeats
    killed_client.py poll URL TOKEN_FILE FOLDER      polls one document into FOLDER/in, is killed, polls on

A step is anything that another process or the hub can see: a name in a folder, a request. Each life is a forked child;
between lives a reader moves what it finds in FOLDER/in to FOLDER/read, and complains when it is given one twice. Prints
how many lives were cut short.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

import adapters.client.command  # noqa: F401
import hub.commands._tables  # noqa: F401  (what each life needs is loaded once, before the first)
from hub.commands import run

STEPS = [(os, "replace"), (Path, "unlink"), (os, "fsync"), (httpx.Client, "send")]


def dying_at(step: int) -> None:
    """Have this process killed before or after the step: each of them is two."""
    left = [step]

    def noticed() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            noticed()
            result = original(*arguments, **more)
            noticed()
            return result

        return call

    for owner, name in STEPS:
        setattr(owner, name, watched(getattr(owner, name)))


def life(arguments: list[str], step: int | None) -> bool:
    """Run the command in a process of its own; tell whether it came to its end. It must end well if it does."""
    child = os.fork()
    if child == 0:
        if step is not None:
            dying_at(step)
        os._exit(run(arguments))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.WEXITSTATUS(status) == 0, f"exit code {os.WEXITSTATUS(status)}"
    return True


def read(folder: Path) -> None:
    """Take away what is in the folder, as the agency's own system does."""
    for each in sorted((folder / "in").glob("*.edxml")):
        taken = folder / "read" / each.name
        assert not taken.exists(), f"given twice: {each.name}"
        assert each.with_suffix(".json").exists(), f"without its description: {each.name}"
        each.rename(taken)


def main(kind: str, url: str, token_file: str, folder: Path) -> None:
    """Live, die, go on; then print how often."""
    connection = ["--url", url, "--token-file", token_file]
    sending = ["--outbox", str(folder / "outbox"), *connection]
    polling = ["client", "poll", "--into", str(folder / "in"), *connection]
    (folder / "read").mkdir(exist_ok=True)
    step = 0
    through = False
    while not through:
        step += 1
        if kind == "send":
            through = life(["client", "send", str(folder / f"{step}.edxml"), *sending], step)
            life(["client", "resume", *sending], None)
            # Killed before the package was in the outbox, it never said that it has it: the caller says it again.
            life(["client", "send", str(folder / f"{step}.edxml"), *sending], None)
        else:
            through = life(polling, step)
            read(folder)
    if kind == "poll":
        life(polling, None)
        read(folder)
    print(step - 1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
