"""click in two languages: commands, options and arguments whose help is a `Text`, and click's own words.

click takes its help texts as strings when a command is defined, which is before anybody knows the reader's language.
The classes here keep the `Text` and speak it when help is asked for. click's own words ("Usage", "No such option")
come through gettext; `install` puts our own table in its place, which looks at the reader's language each time.
"""

from __future__ import annotations

import gettext
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from hub.commands._click_words import PLURALS, WORDS
from schemas.text import Text, language

Decorated = Callable[..., Any]
Examples = Sequence[tuple[str, Text]]  # what is typed, and what comes of it


class Command(click.Command):
    """A command whose help is a `Text`: the first line for lists, `more` and examples for who asks about it."""

    def __init__(
        self, *args: Any, about: Text, more: Text | None = None, examples: Examples = (), **attributes: Any
    ) -> None:
        super().__init__(*args, **attributes)
        self.about = about
        self.more = more
        self.examples = examples

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help`. click makes it once and keeps its words; this one keeps the `Text`."""
        names = self.get_help_option_names(ctx)
        if not names or not self.add_help_option:
            return None
        if self._help_option is None:
            self._help_option = Option(
                names, is_flag=True, is_eager=True, expose_value=False, callback=_show_help, about=HELP
            )
        return self._help_option

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002
        """Return the line for lists of commands, whole: the formatter wraps it."""
        return str(self.about)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does."""
        self.help = "\n\n".join(str(text) for text in (self.about, self.more) if text)
        super().format_help_text(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each line as it is typed, last of all."""
        if self.examples:
            with formatter.section(str(EXAMPLES)):
                for line, what in self.examples:
                    formatter.write(f"{' ' * formatter.current_indent}{line}\n")
                    with formatter.indentation():
                        formatter.write_text(str(what))
        super().format_epilog(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return what may stand here, with help in the reader's language."""
        for parameter in self.get_params(ctx):
            if isinstance(parameter, Option):
                parameter.help = str(parameter.about)
        return super().shell_complete(ctx, incomplete)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the parts of the usage line, "[OPTIONS]" in the reader's language."""
        self.options_metavar = str(OPTIONS)
        return super().collect_usage_pieces(ctx)


class Group(Command, click.Group):
    """A command with commands of its own, listed in the order of their making."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in our order: the way a newcomer meets them."""
        return list(self.commands)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the parts of the usage line in the reader's language."""
        self.subcommand_metavar = str(COMMAND)
        return super().collect_usage_pieces(ctx)


class Option(click.Option):
    """An option whose help, and the name of whose value, are `Text`s."""

    def __init__(self, *args: Any, about: Text, value: Text | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.about = about
        self.value = value

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and what it does."""
        self.help = str(self.about)
        return super().get_help_record(ctx)

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the name of the value."""
        return str(self.value) if self.value else super().make_metavar(ctx)


class Argument(click.Argument):
    """An argument whose help and name are `Text`s."""

    def __init__(self, *args: Any, about: Text, value: Text, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.about = about
        self.value = value
        self.help = str(about)  # click shows the section only where there is help

    def get_help_record(self, ctx: click.Context) -> tuple[str, str]:
        """Return the argument and what it is."""
        return self.make_metavar(ctx), str(self.about)

    def make_metavar(self, ctx: click.Context) -> str:  # noqa: ARG002
        """Return the name of the argument, with dots if it may be repeated."""
        name = str(self.value) if self.required else f"[{self.value}]"
        return name if self.nargs == 1 else f"{name}..."


EXAMPLES = Text(vi="Ví dụ", en="Examples")
HELP = Text(vi="Hiện hướng dẫn này rồi thoát.", en="Show this message and exit.")
OPTIONS = Text(vi="[TÙY CHỌN]", en="[OPTIONS]")
COMMAND = Text(vi="LỆNH [THAM SỐ]...", en="COMMAND [ARGS]...")


def _show_help(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        click.echo(context.get_help(), color=context.color)
        context.exit()


def command(
    name: str, *, about: Text, more: Text | None = None, examples: Examples = ()
) -> Callable[[Decorated], Command]:
    """Make a function a command. Each example is a line as it is typed, and what comes of it."""
    return click.command(name, cls=Command, about=about, more=more, examples=examples)


def group(name: str, *, about: Text) -> Callable[[Decorated], Group]:
    """Make a function a group of commands."""
    return click.group(name, cls=Group, about=about)


def option(*declarations: str, about: Text, **attributes: Any) -> Callable[[Decorated], Decorated]:
    """Add an option to a command."""
    return click.option(*declarations, cls=Option, about=about, **attributes)


def argument(*declarations: str, about: Text, **attributes: Any) -> Callable[[Decorated], Decorated]:
    """Add an argument to a command."""
    return click.argument(*declarations, cls=Argument, about=about, **attributes)


def wrong_usage(message: Text, parameter: str | None = None) -> click.UsageError:
    """Return the complaint about an argument that cannot be what was meant; `parameter` is its name in the code."""
    context = click.get_current_context()
    for known in context.command.params:
        if parameter is not None and known.name == parameter:
            return click.BadParameter(str(message), ctx=context, param=known)
    return click.UsageError(str(message), ctx=context)


def install() -> None:
    """Let click say its own words in the language of the reader. click imports gettext's functions by name."""
    for name, module in list(sys.modules.items()):
        if name == "click" or name.startswith("click."):
            for attribute, value in list(vars(module).items()):
                if value is gettext.gettext:
                    setattr(module, attribute, _word)
                elif value is gettext.ngettext:
                    setattr(module, attribute, _plural)


def _word(english: str) -> str:
    return WORDS.get(english, english) if language.get() == "vi" else english


def _plural(one: str, many: str, count: int) -> str:
    if language.get() == "vi":
        return PLURALS.get(many, many)
    return one if count == 1 else many
