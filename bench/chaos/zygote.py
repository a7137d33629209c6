"""Start hub nodes cheaply: this process imports the hub once and forks `edochub serve` from itself for each.

A node is a process of its own with its own connections, threads and memory; what it shares with the others is only the
code that was read before. Asked by lines of JSON on standard input, answered by a line each:

    {"start": [ARGUMENTS OF edochub], "log": PATH}   {"pid": 4711}
    {"kill": 4711, "signal": 9}                      {"gone": true}      SIGKILL is answered when it is buried
    {"ended": true}                                  {"4711": 74, ...}   exit codes of those that ended by themselves

When standard input ends, so do all nodes.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import cli
from hub.adapter import adapter_class, adapter_names
from schemas.catalog import Catalog

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Import, then serve requests until standard input ends."""
    prepare()
    running: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(answer(asked, running)), flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def prepare() -> None:
    """Load what every node loads, and start no thread: a forked process has only the one that forked."""
    import psycopg  # noqa: F401
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

    for name in adapter_names():
        adapter_class(name)
    Catalog.standard().prepare()
    if threading.active_count() != 1:
        raise RuntimeError(f"expected one thread before forking, got {threading.enumerate()}")
    gc.collect()
    gc.freeze()


def answer(asked: dict[str, Any], running: set[int]) -> dict[str, Any]:
    """Do one thing."""
    if "start" in asked:
        pid = start(asked["start"], Path(asked["log"]))
        running.add(pid)
        return {"pid": pid}
    if "kill" in asked:
        return {"gone": strike(asked["kill"], asked["signal"], running)}
    return {str(pid): code for pid, code in ended(running).items()}


def start(arguments: list[str], log: Path) -> int:
    """Fork a node; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        sys.argv = ["edochub", *arguments]
        cli.main()
    except SystemExit as asked:
        code = asked.code if isinstance(asked.code, int) else int(asked.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def strike(pid: int, number: int, running: set[int]) -> bool:
    """Send a signal to a node; bury it after SIGKILL. Tell whether it was still ours."""
    if pid not in running:
        return False
    os.kill(pid, number)
    if number == signal.SIGKILL:
        os.waitpid(pid, 0)
        running.discard(pid)
    return True


def ended(running: set[int]) -> dict[int, int]:
    """Bury those that ended by themselves; return their exit codes."""
    codes = {}
    for pid in list(running):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            running.discard(pid)
            codes[pid] = os.waitstatus_to_exitcode(status)
    return codes


if __name__ == "__main__":
    main()
