"""The manual pages, made from the commands themselves: `python -m hub.commands._man DIRECTORY`.

English pages go into `man1`, Vietnamese ones into `vi/man1`, as `man` looks for them: `edochub.1`, and a page for each
command below it, `edochub-endpoints-add.1`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click

from hub.commands import build
from hub.commands._click import Argument, Command, Option
from hub.commands._reference import CODES, commands
from hub.commands._reference import path as words_of
from schemas.text import LANGUAGES, Text, speaking

SECTION = 1
FOLDERS = {"en": Path("man1"), "vi": Path("vi") / "man1"}
NAME = Text(vi="TÊN", en="NAME")
SYNOPSIS = Text(vi="CÁCH DÙNG", en="SYNOPSIS")
DESCRIPTION = Text(vi="MÔ TẢ", en="DESCRIPTION")
COMMANDS = Text(vi="LỆNH", en="COMMANDS")
OPTIONS = Text(vi="TÙY CHỌN", en="OPTIONS")
EXAMPLES = Text(vi="VÍ DỤ", en="EXAMPLES")
EXIT_STATUS = Text(vi="MÃ KẾT THÚC", en="EXIT STATUS")
SEE_ALSO = Text(vi="XEM THÊM", en="SEE ALSO")
MANUAL = Text(vi="Các lệnh của edochub", en="Commands of edochub")

# What troff would read as its own, or print as another character than the one to be typed.
SPECIAL = str.maketrans(
    {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq"}
)


def write(folder: Path) -> int:
    """Write the pages in both languages and return how many. Raises `OSError`."""
    written = 0
    for language in LANGUAGES:
        pages = folder / FOLDERS[language]
        pages.mkdir(parents=True, exist_ok=True)
        with speaking(language):
            for name, page in manual():
                (pages / f"{name}.{SECTION}").write_text(page, encoding="utf-8")
                written += 1
    return written


def manual() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page in the reader's language."""
    for command, context in commands(build(), "edochub"):
        assert isinstance(command, Command)
        yield page_name(context), "".join(f"{line}\n" for line in _page(command, context))


def page_name(context: click.Context) -> str:
    """Return what the page of a command is called: its words, joined by hyphens."""
    return words_of(context).replace(" ", "-")


def escaped(text: str) -> str:
    """Return text so that troff prints it as it is, wherever in a line it stands."""
    one_line = " ".join(text.split()).translate(SPECIAL)
    return f"\\&{one_line}" if one_line.startswith(".") else one_line


def _page(command: Command, context: click.Context) -> Iterator[str]:
    name = page_name(context)
    title = (name.upper(), str(SECTION), "", f"edochub {version('edochub')}", str(MANUAL))
    yield ".TH " + " ".join(f'"{escaped(each)}"' for each in title)
    yield _heading(NAME)
    yield f"{escaped(name)} \\- {escaped(str(command.about).rstrip('.'))}"
    yield _heading(SYNOPSIS)
    yield f".B {escaped(words_of(context))}"
    yield escaped(" ".join(command.collect_usage_pieces(context)))
    yield _heading(DESCRIPTION)
    yield escaped(str(command.about))
    if command.more:
        yield ".PP"
        yield escaped(str(command.more))
    yield from _below(command, context)
    yield from _parameters(command, context)
    if command.examples:
        yield _heading(EXAMPLES)
        for line, what in command.examples:
            yield from (".TP", f".B {escaped(line)}", escaped(str(what)))
    yield _heading(EXIT_STATUS)
    for code, meaning in CODES.items():
        yield from (".TP", f".B {code}", escaped(str(meaning)))
    yield _heading(SEE_ALSO)
    *others, last = _others(command, context)
    for other in others:
        yield f'.BR {escaped(other)} "({SECTION}),"'
    yield f'.BR {escaped(last)} "({SECTION})"'


def _heading(text: Text) -> str:
    return f'.SH "{escaped(str(text))}"'


def _below(command: Command, context: click.Context) -> Iterator[str]:
    """Yield the commands of a group, each with its line."""
    if isinstance(command, click.Group):
        yield _heading(COMMANDS)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from (".TP", f".B {escaped(name)}", escaped(found.get_short_help_str()))


def _parameters(command: Command, context: click.Context) -> Iterator[str]:
    """Yield arguments, then options, as `--help` tells them."""
    parameters = command.get_params(context)
    records = [
        each.get_help_record(context)
        for kind in (Argument, Option)
        for each in parameters
        if isinstance(each, kind)
    ]
    yield _heading(OPTIONS)
    for record in records:
        if record is not None:
            yield from (".TP", f".B {escaped(record[0])}", escaped(record[1]))


def _others(command: Command, context: click.Context) -> list[str]:
    """Return the pages that a reader may want next: the one above, those below, and those beside it in a group."""
    group = context if isinstance(command, click.Group) or context.parent is None else context.parent
    near: list[str] = [page_name(context.parent)] if context.parent is not None else []
    if (
        group is context or group.parent is not None
    ):  # whoever reads of one command does not look for all others
        assert isinstance(group.command, click.Group)
        near += [f"{page_name(group)}-{name}" for name in group.command.list_commands(group)]
    return [each for each in near if each != page_name(context)]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m hub.commands._man DIRECTORY")
    write(Path(sys.argv[1]))
