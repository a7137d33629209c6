"""Finding agencies by name or code: with or without diacritics, by the beginning of a word, a slip forgiven.

All words must fit. A word itself counts more than the beginning of one, and that more than one that is a slip away: a
letter wrong, too many or too few, or two that changed places. Of equals, the name that has the words as they were typed
(diacritics too) comes first, then the one that has them side by side, then agencies that are still there, then the
shorter name.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import lru_cache

from hub.model import Agency
from hub.nearest import slips_between

MOST_WORDS = 12  # of a search; the rest is not looked at


class Index:
    """The words of all agencies. `mirrors` are further codes by which an agency (its id) is known."""

    def __init__(self, agencies: tuple[Agency, ...], mirrors: Mapping[str, Iterable[str]]) -> None:
        self._agencies = agencies
        self._words: dict[str, list[int]] = {}
        self._names: list[str] = []
        for at, agency in enumerate(agencies):
            codes = " ".join((*(code.value for code in agency.codes), *mirrors.get(agency.id, ())))
            name = folded(agency.name)
            self._names.append(f" {' '.join(name)} ")
            for word in {*name, *folded(codes), *codes.lower().split()}:
                self._words.setdefault(word, []).append(at)
        self._vocabulary = sorted(self._words)

    def search(self, words: str, limit: int) -> list[Agency]:
        """Return the agencies that all words fit, the best first."""
        asked = folded(words)[:MOST_WORDS]
        if not asked:
            return []
        scores: dict[int, int] | None = None
        for word in dict.fromkeys(asked):
            hits = self._hits(word)
            scores = hits if scores is None else {a: scores[a] + hits[a] for a in scores.keys() & hits.keys()}
        assert scores is not None
        exact, phrase = plain(words), f" {' '.join(asked)} "
        ranked = sorted((-score, *self._unlike(at, exact, phrase), at) for at, score in scores.items())
        return [self._agencies[at] for *_, at in ranked[:limit]]

    def _unlike(self, at: int, exact: str, phrase: str) -> tuple[bool, bool, bool, int]:
        """Return how little an agency is what was probably meant, among those that all words fit as well."""
        agency = self._agencies[at]
        closed = all(code.valid_to is not None for code in agency.codes)
        return exact not in plain(agency.name), phrase not in self._names[at], closed, len(agency.name)

    def _hits(self, word: str) -> dict[int, int]:
        """Return where a word is found: 4 for the word itself, 2 for the beginning of one, 1 for a slip."""
        vocabulary = self._vocabulary
        hits: dict[int, int] = {}
        start = bisect_left(vocabulary, word)
        for token in vocabulary[start:]:
            if not token.startswith(word):
                break
            for at in self._words[token]:
                hits[at] = max(hits.get(at, 0), 4 if token == word else 2)
        if hits or len(word) < 3:
            return hits
        for token in vocabulary:
            if abs(len(token) - len(word)) <= 1 and (slips_between(word, token) <= 1 or swapped(word, token)):
                hits.update(dict.fromkeys(self._words[token], 1))
        return hits


def swapped(one: str, other: str) -> bool:
    """Tell whether two neighbouring letters changed places: the commonest slip of fast fingers."""
    if len(one) != len(other):
        return False
    at = [place for place, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    if len(at) != 2 or at[1] != at[0] + 1:
        return False
    first, second = at
    return (one[first], one[second]) == (other[second], other[first])


def plain(words: str) -> str:
    """Return words for comparison: one way of composing letters, no capitals, single blanks."""
    return " ".join(unicodedata.normalize("NFC", words).casefold().split())


def folded(words: str) -> list[str]:
    """Return the words without capitals, diacritics and punctuation: of `Hòa Bình (cũ)`, hoa binh cu."""
    dotted = re.findall(r"[\w.]+", unicodedata.normalize("NFC", words).casefold())
    undotted = (word.strip(".") for word in dotted)
    return [word if word.isascii() else bare(word) for word in undotted if word]


@lru_cache(maxsize=10_000)  # more than Vietnamese has syllables
def bare(word: str) -> str:
    """Return a word without diacritics; đ, which has none in Unicode's eyes, becomes d."""
    parts = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(char for char in parts if not unicodedata.combining(char))
