"""Every command that does something shows how it is called, and what it shows can be typed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from hub.commands import build
from hub.commands._click import EXAMPLES, Command
from hub.commands._reference import commands, path
from schemas.text import LANGUAGES, Text, speaking

# What reads or makes files, which are not here.
OF_FILES = (click.Path, click.File)


def leaves() -> Iterator[tuple[Command, click.Context]]:
    """Yield the commands that do something themselves."""
    for command, context in commands(build(), "edochub"):
        if not isinstance(command, click.Group):
            assert isinstance(command, Command)
            yield command, context


def examples() -> Iterator[tuple[str, str, Text]]:
    """Yield the words of a command, a line and its explanation, for every example there is."""
    for command, context in leaves():
        for line, what in command.examples:
            yield path(context), line, what


def typed(line: str) -> list[str]:
    """Return the words after `edochub`, as the shell would give them."""
    inner = line.removeprefix('eval "$(').removesuffix(')"') if line.startswith("eval ") else line
    words = shlex.split(inner.partition(" > ")[0])
    assert words[0] == "edochub"
    return words[1:]


def parsed(words: list[str]) -> click.Context:
    """Follow the words down to their command, convert every value, run nothing. Raises click's complaints."""
    command: click.Command = build()
    context = click.Context(command, info_name="edochub")
    while True:
        values, words, _ = command.make_parser(context).parse_args(args=words)
        for parameter in command.params:
            value = values.get(parameter.name or "")
            if parameter.required and not value:
                raise click.MissingParameter(ctx=context, param=parameter)
            # click's own mark for “not given” is no value
            if isinstance(value, str | tuple | list) and value and not isinstance(parameter.type, OF_FILES):
                parameter.type_cast_value(context, value)
        if not isinstance(command, click.Group):
            assert words == []
            return context
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)


def test_every_command_that_does_something_has_an_example() -> None:
    assert [path(context) for command, context in leaves() if not command.examples] == []


def test_an_example_calls_the_command_in_whose_help_it_stands() -> None:
    for words, line, _ in examples():
        assert path(parsed(typed(line))) == words, line


@pytest.mark.parametrize(
    "words", ["trace --no-such x", "status x", "inbox x --limit many", "deliveries --state lost", "route a b"]
)
def test_what_could_not_be_typed_would_be_found(words: str) -> None:
    with pytest.raises((click.UsageError, AssertionError)):
        parsed(words.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_shows_them_under_a_heading_each_with_its_explanation(language: str) -> None:
    with speaking("vi" if language == "vi" else "en"):
        for command, context in leaves():
            shown = command.get_help(context)
            _, _, below = shown.partition(f"\n{EXAMPLES}:\n")
            for line, what in command.examples:
                assert f"  {line}\n" in below, path(context)
                assert " ".join(str(what).split()) in " ".join(below.split())


def test_examples_stand_nowhere_else() -> None:
    for command, context in leaves():
        if command.more is not None:
            assert "Ví dụ: edochub" not in command.more.vi, path(context)
            assert "xample: edochub" not in command.more.en, path(context)


DOCS = Path(__file__).resolve().parents[4] / "docs"
PAGES = (
    "asked-for.md",
    "operating.md",
    "reports.md",
    "running.md",
    "searching.md",
    "shell.md",
    "verifying.md",
)
SPAN = re.compile(r"`(?:\$ )?(edochub [^`\n]+)`|^(?:    |\$ |  )(edochub [^\n]+)", re.MULTILINE)


def told(page: str) -> Iterator[str]:
    """Yield every call of `edochub` that a page shows, without what is said beside it."""
    for match in SPAN.finditer((DOCS / page).read_text(encoding="utf-8")):
        line = (match[1] or match[2]).split("  #")[0].split(" | ")[0]
        yield line.partition(" > ")[0].partition(" && ")[0].strip()


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_to_type_is_there(page: str) -> None:
    calls = list(told(page))
    assert calls
    for line in calls:
        command: click.Command = build()
        context = click.Context(command, info_name="edochub")
        for word in line.replace("…", " ").split()[1:]:
            known = {
                name for each in command.get_params(context) for name in (*each.opts, *each.secondary_opts)
            }
            if word.startswith("-") and len(word) > 1:
                assert word.partition("=")[0] in known, (line, word)
            elif isinstance(command, click.Group) and not word.startswith("-"):
                below = command.get_command(context, word)
                if below is None:  # the value of an option such as --config or --lang
                    assert context.parent is None, (line, word)
                    continue
                command, context = below, click.Context(below, info_name=word, parent=context)
