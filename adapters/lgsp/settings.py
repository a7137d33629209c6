"""What is a setting of a front: parameters of the address that have a form, and a default unless they are needed."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(
    r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"
)  # a token of RFC 9110: fit for a header and for a query
WORD = re.compile(r"[!-~]{1,200}")  # visible ASCII
PATH = re.compile(r"(?!\.)[A-Za-z0-9._~-]+(/(?!\.)[A-Za-z0-9._~-]+)*")
NUMBER = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter. `default` None: it has to be given."""

    form: re.Pattern[str]
    default: str | None = None


def one_of(*choices: str) -> Setting:
    """Return a setting that is one of these words, the first unless it says otherwise."""
    return Setting(re.compile("|".join(map(re.escape, choices))), choices[0])
