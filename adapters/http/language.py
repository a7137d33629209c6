"""Which of our two languages a client wants to read (RFC 9110, 12.5.4).

JSON always carries both; this chooses the one that `error.text` repeats for people who look at nothing else.
"""

from __future__ import annotations

from functools import lru_cache

from schemas.text import LANGUAGES, Language

DEFAULT: Language = "vi"
LONGEST_HEADER = 500  # characters; what is longer is no list of languages


@lru_cache(maxsize=256)
def preferred(header: str | None) -> Language:
    """Return the language with the highest weight; Vietnamese if the header says nothing that we speak."""
    weights: dict[Language, float] = {}
    rest = 0.0
    for part in (header or "")[:LONGEST_HEADER].lower().split(","):
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        primary = tag.strip().partition("-")[0]
        if primary == "*":
            rest = max(rest, weight)
        for spoken in LANGUAGES:
            if primary == spoken:
                weights[spoken] = max(weights.get(spoken, 0.0), weight)
    best = max(LANGUAGES, key=lambda spoken: weights.get(spoken, rest))  # a tie goes to the first: Vietnamese
    return best if weights.get(best, rest) > 0 else DEFAULT


def _weight(parameters: str) -> float:
    """Return the q-value: 1 if there is none, 0 if it is not a weight."""
    name, _, value = parameters.strip().partition("=")
    if not name.strip():
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip() == "q" and 0.0 <= weight <= 1.0 else 0.0
