"""Keeps the real world out of a story: what is not the seed's raises, what is chance is drawn from the seed.

What nobody can intercept, such as `datetime.now`, shows in another way: two runs of a seed then differ in the hash of
their ledgers, and `python -m tests.faults.simulation --twice` says so.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import secrets
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest import mock

import prometheus_client.metrics

import hub.testing
from tests.faults.simulation.loop import OWNER

FORBIDDEN: tuple[tuple[Any, str], ...] = (
    (socket.socket, "connect"),
    (socket.socket, "bind"),
    (threading.Thread, "start"),
    (subprocess, "Popen"),
    (time, "sleep"),
    (time, "time"),
    (time, "monotonic"),
    (uuid, "uuid1"),
    (uuid, "uuid4"),
    (os, "urandom"),
)


NO_TIME = SimpleNamespace(time=lambda: 0.0)  # for counters


class Real(BaseException):
    """Something of the real world was used: the story could not be told twice. Passes every `except Exception`."""


@contextlib.contextmanager
def kept_out(seed: int) -> Iterator[None]:
    """Let nothing real in for the length of a block."""
    chance = Random(f"chance {seed}")
    before = random.getstate()
    random.seed(f"unnamed {seed}")
    with contextlib.ExitStack() as stack:
        for owner, name in FORBIDDEN:
            stack.enter_context(mock.patch.object(owner, name, _refused(f"{owner.__name__}.{name}")))
        for name, drawn in (
            ("randbits", chance.getrandbits),
            ("token_bytes", lambda count=32: chance.randbytes(count)),
            ("token_hex", lambda count=32: chance.randbytes(count).hex()),
        ):
            stack.enter_context(mock.patch.object(secrets, name, drawn))
        # A counter notes when it was made; nobody asks it here.
        stack.enter_context(mock.patch.object(prometheus_client.metrics, "time", NO_TIME))
        stack.enter_context(mock.patch.object(os, "getpid", _process))
        stack.enter_context(mock.patch.object(socket, "gethostname", return_value="simulated"))
        stack.enter_context(mock.patch.object(hub.testing, "_numbers", itertools.count(1)))
        try:
            yield
        finally:
            random.setstate(before)


def _refused(name: str) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise Real(f"{name} was used in a simulation")

    return refuse


def _process() -> int:
    """Return the process id of the life that asks."""
    return int(getattr(OWNER.get(), "process", 1))
