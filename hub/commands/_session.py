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
from hub.errors import Misconfigured
from schemas.text import Sentence, Text

if TYPE_CHECKING:
    from hub.app import Hub

T = TypeVar("T")


class WrongSettings(Misconfigured):
    """The configuration cannot be used, or is `missing`: what is to be mended is the file, not what was typed."""

    def __init__(self, message: Text, *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


A_FOLDER = Sentence(
    vi="{path} là một thư mục; --config cần tệp cấu hình, như {path}/edochub.toml",
    en="{path} is a folder; --config needs the configuration file, such as {path}/edochub.toml",
)
NO_DATABASE = Sentence(
    vi="Không có cơ sở dữ liệu {file}. Nếu storage.database nêu nhầm chỗ thì hãy sửa; mất tệp thì khôi phục bằng "
    "“edochub restore”; trục mới thì “edochub init” ở thư mục khác",
    en="There is no database {file}. If storage.database names a wrong place, mend it; a lost file comes back with "
    "“edochub restore”; a new hub is made with “edochub init” in another folder",
)


@dataclass(frozen=True)
class Session:
    """One run of the command. Commands that need no configuration never ask for it."""

    config_path: Path

    @cached_property
    def config(self) -> Config:
        """The configuration. Raises `Misconfigured` if it is not there or wrong."""
        try:
            return load(self.config_path)
        except IsADirectoryError as error:
            raise WrongSettings(A_FOLDER.say(path=self.config_path), missing=True) from error
        except Misconfigured as error:
            missing = isinstance(error.__cause__, FileNotFoundError)
            raise WrongSettings(error.message, missing=missing) from error

    def ask(self, unit: Callable[[Hub], Awaitable[T]]) -> T:
        """Open the hub, do one thing with it, close it. Nothing is delivered meanwhile: that is the server's work."""
        return asyncio.run(self._ask(unit))

    async def _ask(self, unit: Callable[[Hub], Awaitable[T]]) -> T:
        # The hub brings the database library with it: commands that do not need it start without.
        from hub import log
        from hub.app import Hub

        log.silence()

        config, opened = self.config, False
        _database_is_there(config)
        try:
            async with Hub.open(config) as hub:
                opened = True
                return await unit(hub)
        except Misconfigured as error:
            if opened:
                raise
            raise WrongSettings(error.message) from error


def _database_is_there(config: Config) -> None:
    """Raise `WrongSettings` when the file of an embedded database is not: an empty one would say that all is well."""
    file = Path(config.database_url.removeprefix("sqlite:///"))
    if config.embedded and not file.exists():
        raise WrongSettings(NO_DATABASE.say(file=file))


def operator() -> str:
    """Return the actor that the ledger names for what a person does here: `operator:NAME`."""
    try:
        return f"operator:{getpass.getuser()}"[:80]
    except (OSError, KeyError):  # a container whose user id has no name
        return "operator:?"
