"""Sentences that people read, always in Vietnamese and in English.

A `Text` is one sentence in both languages; mypy refuses one without the other. A `Sentence` is a `Text` with blanks.
`str(text)` gives the language of the reader: a context variable that the command line (`--lang`, `EDOCHUB_LANG`) or
the web server (`Accept-Language`) sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from string import Formatter
from typing import Any, Literal

Language = Literal["vi", "en"]

LANGUAGES: tuple[Language, ...] = ("vi", "en")

language: ContextVar[Language] = ContextVar("language", default="vi")


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Let every `str(text)` inside the block be in the chosen language."""
    token = language.set(chosen)
    try:
        yield
    finally:
        language.reset(token)


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in Vietnamese and in English."""

    vi: str
    en: str

    def __post_init__(self) -> None:
        if not self.vi or not self.en:
            raise ValueError(f"a text needs both languages, got vi={self.vi!r} en={self.en!r}")

    def __str__(self) -> str:
        return self.speak(language.get())

    def speak(self, chosen: Language) -> str:
        """Return the sentence in one language."""
        return self.vi if chosen == "vi" else self.en

    def as_json(self) -> dict[str, str]:
        """Return `{"vi": ..., "en": ...}`, the shape of every sentence in the API."""
        return {"vi": self.vi, "en": self.en}

    @classmethod
    def from_json(cls, value: dict[str, str]) -> Text:
        """Read back what `as_json` wrote."""
        return cls(vi=value["vi"], en=value["en"])


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with blanks, `{name}`, that both languages fill with the same values."""

    vi: str
    en: str

    def __post_init__(self) -> None:
        if blanks(self.vi) != blanks(self.en):
            raise ValueError(f"the languages have different blanks: {self.vi!r} and {self.en!r}")

    def say(self, **values: Any) -> Text:
        """Fill the blanks. A value that is itself a `Text` is put in each language in its own words."""
        return Text(vi=self._fill("vi", values), en=self._fill("en", values))

    def _fill(self, chosen: Language, values: dict[str, Any]) -> str:
        spoken = {
            name: value.speak(chosen) if isinstance(value, Text) else value for name, value in values.items()
        }
        return (self.vi if chosen == "vi" else self.en).format(**spoken)


def so_many(count: int, one: str, many: str, form: str = "") -> str:
    """Return a number and what English says of so many: `1 delivery waits`, `2 deliveries wait`."""
    return f"{count:{form}} {one if count == 1 else many}"


def blanks(template: str) -> frozenset[str]:
    """Return the names of the blanks in a template."""
    return frozenset(name.split(".")[0] for _, name, _, _ in Formatter().parse(template) if name)
