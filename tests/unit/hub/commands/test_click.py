"""click speaks the reader's language: help of every command, and every complaint about arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from hub.commands import build, run
from hub.commands._click_words import PLURALS, WORDS
from hub.commands._reference import commands
from schemas.text import speaking

# What click says to programmers, in modules that we do not use, or about types that no command has.
NOT_FOR_OUR_READERS = frozenset(
    {
        "(Did you mean one of: {possibilities}?)",
        "Argument {name!r} takes {nargs} values.",
        "Arguments take exactly one parameter declaration, got {length}: {decls}.",
        "Boolean option {decl!r} cannot use the same flag for true/false.",
        "Choice({choices})",
        "Confirm the action without prompting.",
        "Could not determine name for option with declarations {decls!r}",
        "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
        "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
        "Do you want to continue?",
        "Invalid start character for option ({option})",
        "Name '{name}' defined twice",
        "No options defined but a name was passed ({name}). Did you mean to declare an argument instead? Did you mean "
        "to pass '--{name}'?",
        "Unknown standard stream '{name}'",
        "{value!r} is not {choice}.",
        "directory",  # the words for a path are left out of our sentences
        "file",
        "path",
    }
)
SILENT_MODULES = frozenset({"_termui_impl.py", "_winconsole.py", "shell_completion.py", "termui.py"})
# What stays in a Vietnamese help: names of commands, options, formats and codes.
ENGLISH = re.compile(
    r"\b(usage|options|commands|arguments|show|this|message|and|exit|error|missing|such|option|required|default|"
    r"the|of|with|try|for|help|invalid|value|is|not|one|does|take|requires|got|unexpected|extra|text|integer|path)\b",
    re.IGNORECASE,
)


def message_ids() -> Iterator[str]:
    """Yield every message that click asks gettext for, the plural where there are two."""
    for file in sorted(Path(click.__file__).parent.glob("*.py")):
        if file.name in SILENT_MODULES:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"_", "ngettext"}
            ):
                literals = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if literals:
                    yield str(literals[-1])


def prose(help_text: str) -> str:
    """Return a help text without what has one name in every language: commands, options, file names, codes."""
    without_commands = re.sub(r"^  [a-z]+(?=  )", "", help_text, flags=re.MULTILINE)
    without_calls = re.sub(
        r"“[^”]*”|edochub( [a-z]+)*|(?<!\w)--?[a-z][a-z-]*|\[[^\]]*\|[^\]]*\]", "", without_commands
    )
    return re.sub(r"[a-z_]+(,[a-z_]+)+|\b(default|mặc định): [^\]]*", "", without_calls)


def test_every_word_of_click_that_we_may_say_is_translated() -> None:
    missing = [each for each in message_ids() if each not in {*WORDS, *PLURALS, *NOT_FOR_OUR_READERS}]

    assert missing == []


def test_translations_have_the_blanks_of_the_original() -> None:
    for english, vietnamese in {**WORDS, **PLURALS}.items():
        assert set(re.findall(r"\{(\w+)", vietnamese)) <= set(re.findall(r"\{(\w+)", english))


def test_help_of_every_command_is_vietnamese_to_the_last_word() -> None:
    with speaking("vi"):
        for command, context in commands(build(), "edochub"):
            left = ENGLISH.findall(prose(command.get_help(context)))

            assert left == [], f"{context.command_path}: {left}"


def test_help_of_every_command_is_english_when_asked() -> None:
    with speaking("en"):
        for command, context in commands(build(), "edochub"):
            said = command.get_help(context)

            assert said.startswith("Usage: edochub")
            assert "Show this message and exit." in said
            assert not re.search(r"[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđ]", said), (
                context.command_path
            )


def test_every_option_that_takes_a_value_names_it_in_both_languages() -> None:
    for command, context in commands(build(), "edochub"):
        for parameter in command.params:
            if (
                isinstance(parameter, click.Option)
                and not parameter.is_flag
                and not isinstance(parameter.type, click.Choice)
            ):
                assert getattr(parameter, "value", None) is not None, (
                    f"{context.command_path} {parameter.name}"
                )


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["trace"],
        ["trace", "--nosuch", "x"],
        ["trace", "--jso", "x"],
        ["trace", "--from", "yesterday", "x"],
        ["why"],
        ["hold", "x"],
        ["release"],
        ["release", "x", "--endpoint", "y"],
        ["resend", "x", "--to", "H49", "--all-failed"],
        ["expire", "--older-than", "long", "--why", "x"],
        ["send", "/no/such/file.edxml", "--as", "x"],
        ["check", "/"],
        ["check", __file__, "--json=1"],
        ["inbox", "x", "--limit", "many"],
        ["inbox", "x", "--limit", "0"],
        ["inbox", "x", "--limit"],
        ["deliveries", "--state", "lost"],
        ["endpoints", "add", "Bad Id", "--adapter", "http", "--agency", "H49"],
        ["endpoints", "add", "good", "--adapter", "nosuch", "--agency", "H49"],
        ["endpoints", "add", "good", "--adapter", "http"],
        ["status", "x", "03"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_explained_in_vietnamese_with_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with speaking("vi"):
        code = run(arguments)

    said = capsys.readouterr().err
    assert code == 2
    assert "Lỗi: " in said
    quoted = re.sub(r"'[^']*'|/\S+", "", said)
    assert ENGLISH.findall(prose(quoted)) == []


def test_a_command_alone_shows_its_help_in_the_readers_language(capsys: pytest.CaptureFixture[str]) -> None:
    with speaking("vi"):
        run(["endpoints"])

    out = capsys.readouterr()
    assert "Cách dùng: edochub endpoints" in out.out + out.err
