"""What a command works with: the configuration, and the hub opened for as long as it takes."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hub.config import Config, load

if TYPE_CHECKING:
    from hub.app import Hub

T = TypeVar("T")


@dataclass(frozen=True)
class Session:
    """One run of the command. Commands that need no configuration never ask for it."""

    config_path: Path

    @cached_property
    def config(self) -> Config:
        """The configuration. Raises `Misconfigured` if it is not there or wrong."""
        return load(self.config_path)

    def ask(self, unit: Callable[[Hub], Awaitable[T]]) -> T:
        """Open the hub, do one thing with it, close it. Nothing is delivered meanwhile: that is the server's work."""
        return asyncio.run(self._ask(unit))

    async def _ask(self, unit: Callable[[Hub], Awaitable[T]]) -> T:
        # The hub brings the database library with it: commands that do not need it start without.
        from hub import log
        from hub.app import Hub

        log.silence()

        async with Hub.open(self.config) as hub:
            return await unit(hub)


def operator() -> str:
    """Return the actor that the ledger names for what a person does here: `operator:NAME`."""
    try:
        return f"operator:{getpass.getuser()}"[:80]
    except (OSError, KeyError):  # a container whose user id has no name
        return "operator:?"
