"""The command `edochub`: one operator's verb a file, and this list of them.

Each module of the list has a command of its own name. It is imported when it is called for, so that `edochub check`
does not wait for the database library. Commands that live on a floor above are found by name through the entry-point
group `edochub.commands`, as adapters are. `_click.py` makes click speak both languages, `_exits.py` says which exit
code an error means, `_session.py` reads the configuration and opens the hub; printing is `hub.show`.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

import click

from hub import show
from hub.commands import _click
from hub.commands._click import Group, option
from hub.commands._exits import Exit, ending
from hub.commands._session import Session
from hub.config import FILE_NAME
from schemas.text import LANGUAGES, Text

# In the order in which a newcomer meets them. A module of the same name holds each.
COMMANDS = (
    "demo",
    "init",
    "serve",
    "doctor",
    "agencies",
    "endpoints",
    "routes",
    "route",
    "axis",
    "send",
    "inbox",
    "fetch",
    "take",
    "status",
    "search",
    "trace",
    "receipt",
    "evidence",
    "deliveries",
    "overdue",
    "report",
    "board",
    "why",
    "release",
    "resume",
    "hold",
    "resend",
    "withdraw",
    "expire",
    "compose",
    "show",
    "check",
    "rules",
    "sign",
    "verify",
    "keys",
    "trust",
    "ledger",
    "payloads",
    "alerts",
    "retention",
    "backup",
    "restore",
    "accounts",
    "completion",
)
GROUP = "edochub.commands"
ASKING = (
    "_EDOCHUB_COMPLETE"  # the variable by which a shell asks what may stand next; click derives the same name
)

ABOUT = Text(
    vi="Trục liên thông văn bản điện tử: nhận, kiểm tra, lưu và chuyển gói tin edXML giữa các cơ quan.",
    en="A document-exchange hub: takes, checks, records and delivers edXML packages between agencies.",
)
EXITS = Text(
    vi=(
        "Mã kết thúc: 0 có, 1 không (bị từ chối, không hợp lệ, không tìm thấy), 2 dùng sai lệnh hoặc cấu hình sai, "
        "3 chưa xác định, 4 không liên lạc được với thành phần cần thiết, 70 lỗi của chương trình."
    ),
    en=(
        "Exit codes: 0 yes, 1 no (refused, invalid, not found), 2 wrong usage or configuration, 3 undetermined, "
        "4 cannot reach what is needed, 70 a fault of the program."
    ),
)


class ReaderGone(Exception):
    """Whoever read the answer went away. Not an OSError: click would make that one exit code 1, which is a “no”."""


class Edochub(Group):
    """The group of all commands, each imported when it is called for."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Read the arguments; what `--help` prints is printed here."""
        with _noticing_that_the_reader_went():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _noticing_that_the_reader_went():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named. click looks for near names among those that are loaded; that is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands."""
        return [*COMMANDS, *sorted(entry.name for entry in entry_points(group=GROUP))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, or None if there is none of that name."""
        found: click.Command
        if cmd_name in COMMANDS:
            found = getattr(import_module(f"hub.commands.{cmd_name}"), cmd_name)
            return found
        for entry in entry_points(group=GROUP, name=cmd_name):
            found = entry.load()
            return found
        return None


def build() -> Edochub:
    """Return the whole command tree."""
    _click.install()
    return _edochub


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Whatever goes wrong is said on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                encoding="utf-8", errors="replace"
            )  # whatever the locale: Vietnamese has to come out
    try:
        code = build().main(list(arguments), prog_name="edochub", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, ReaderGone):
        _let_go_of_the_pipe()
        return Exit.READER_GONE
    except Exception as error:
        if ASKING in os.environ:  # a complaint would land in the line that is being typed
            return Exit.FAULT
        return ending(error, debug=_debugging(arguments), as_json="--json" in arguments)
    return int(code or 0)


@contextlib.contextmanager
def _noticing_that_the_reader_went() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error


def _let_go_of_the_pipe() -> None:
    """Point what we print nowhere: the reader has gone, and the interpreter would complain when it flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def _debugging(arguments: Sequence[str]) -> bool:
    return "--debug" in arguments or os.environ.get("EDOCHUB_DEBUG", "") not in {"", "0"}


def _show_version(context: click.Context) -> None:
    show.line(f"edochub {version('edochub')}")
    context.exit()


@click.group("edochub", cls=Edochub, about=ABOUT, more=EXITS)
@option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="EDOCHUB_CONFIG",
    default=Path(FILE_NAME),
    show_default=True,
    value=Text(vi="TỆP", en="PATH"),
    about=Text(
        vi="Tệp cấu hình; hoặc biến EDOCHUB_CONFIG.",
        en="The configuration file; or the variable EDOCHUB_CONFIG.",
    ),
)
@option(
    "--lang",
    type=click.Choice(LANGUAGES),
    about=Text(vi="Ngôn ngữ; hoặc biến EDOCHUB_LANG.", en="The language; or the variable EDOCHUB_LANG."),
)
@option(
    "--debug",
    is_flag=True,
    about=Text(
        vi="Khi có lỗi của chương trình thì hiện đầy đủ vết lỗi; hoặc EDOCHUB_DEBUG=1.",
        en="Show the whole traceback of a fault; or EDOCHUB_DEBUG=1.",
    ),
)
@option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, asked: _show_version(context) if asked else None,
    about=Text(vi="Hiện phiên bản rồi thoát.", en="Show the version and exit."),
)
@click.pass_context
def _edochub(context: click.Context, config: Path, lang: str | None, debug: bool) -> None:  # noqa: ARG001
    """Keep what every command needs. The language was set before click read anything."""
    context.obj = Session(config)
