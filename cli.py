"""The door: choose the reader's language, run one command, give its exit code to the shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from hub.commands import run
from schemas.text import LANGUAGES, Language, language


def main() -> None:
    """Run `edochub` with the arguments of the process."""
    arguments = sys.argv[1:]
    # Before anything else: help texts and complaints about the arguments are sentences too. While a shell completes
    # a line, what was typed so far is in COMP_WORDS.
    typed = arguments or os.environ.get("COMP_WORDS", "").split()[1:]
    language.set(language_of(typed, os.environ))
    sys.exit(run(arguments))


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return what `--lang` names, else EDOCHUB_LANG, else English for an English locale, else Vietnamese."""
    for wanted in (_asked(arguments), environment.get("EDOCHUB_LANG", "").lower()):
        if wanted in LANGUAGES:
            return "en" if wanted == "en" else "vi"
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "en" if locale.lower().startswith("en") else "vi"


def _asked(arguments: Sequence[str]) -> str:
    """Return what follows `--lang` among the options before the command."""
    rest = iter(arguments)
    for argument in rest:
        name, _, value = argument.partition("=")
        if name == "--lang":
            return value or next(rest, "")
        if name == "--config":
            value or next(rest, "")
        elif not argument.startswith("-"):
            break
    return ""


if __name__ == "__main__":
    main()
