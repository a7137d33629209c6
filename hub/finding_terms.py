"""The terms that documents are found by: short ASCII words whose first letter says what they are of.

    wxay        a word of the subject: without capitals and diacritics
    f, t        the sender's agency, an addressee's
    knew        the kind of package
    c12/qd-ubnd number and notation: without capitals, diacritics, leading zeros
    nqd-ubnd    the notation alone
    p20261118   the day that the document bears
    b0.17       the block of the ledger in which it was accepted: for databases whose index has no order

What is not in `[a-z0-9._/~-]` is written as its number, so that a term means the same to every database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from hub.search import bare, folded
from schemas.edxml.envelope import PackageKind

LONGEST = 60  # characters of a term
MOST_WORDS = 250  # different ones, of one subject
MOST_ASKED = 20  # words of one question; the rest is not looked at
SHORTEST_BEGINNING = 3  # letters; fewer begin too many words

BLOCK_BITS = (14, 16, 18, 20, 22, 24)  # events in a block of each level: four make one of the next


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a question; `begins`: whatever begins so."""

    text: str
    begins: bool = False


Clause = tuple[Term, ...]  # any of them
Clauses = tuple[Clause, ...]  # all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What a document is found by."""

    subject: str
    sender: str  # Agency.id
    addressees: frozenset[str]  # Agency.id
    kind: PackageKind
    code: str  # number/notation
    promulgated_on: date | None


def terms_of(document: Features) -> list[str]:
    """Return the terms of a document, each once."""
    notation = notation_of(document.code)
    return list(
        dict.fromkeys(
            (
                *[word(each) for each in dict.fromkeys(folded(document.subject))][:MOST_WORDS],
                sender(document.sender),
                *(addressee(each) for each in sorted(document.addressees)),
                kind(document.kind),
                number(document.code),
                *((notation,) if notation else ()),
                *((dated(document.promulgated_on),) if document.promulgated_on else ()),
            )
        )
    )


def vocabulary(terms: Iterable[str]) -> Iterator[str]:
    """Yield those of a document's terms of which people give only the beginning."""
    for term in terms:
        if term[0] == "n" or (term[0] == "w" and len(term) > 2 and not any(map(str.isdigit, term))):
            yield term


def word(folded_word: str) -> str:
    """Return the term of a folded word."""
    return ("w" + safe(folded_word))[:LONGEST]


def sender(agency: str) -> str:
    """Return the term of a sender's `Agency.id`."""
    return "f" + safe(agency.lower())


def addressee(agency: str) -> str:
    """Return the term of an addressee's `Agency.id`."""
    return "t" + safe(agency.lower())


def kind(of: PackageKind) -> str:
    """Return the term of a kind of package."""
    return f"k{of}"


def dated(day: date) -> str:
    """Return the term of the day that a document bears."""
    return f"p{day:%Y%m%d}"


def number(code: str) -> str:
    """Return the term of a number and notation."""
    return ("c" + _plain(code))[:LONGEST]


def notation_of(code: str) -> str:
    """Return the term of the notation in a code; empty if it has none."""
    notation = _plain(code).partition("/")[2]
    return ("n" + notation)[:LONGEST] if notation else ""


def asked_number(asked: str) -> Term:
    """Return what a person means by a number alone, by number and notation, or by a notation alone."""
    plain = _plain(asked)
    if not plain[:1].isdigit():
        return Term(("n" + plain)[:LONGEST], begins=True)
    return Term(("c" + plain + ("" if "/" in plain else "/"))[:LONGEST], begins=True)


def asked_words(asked: str) -> Clauses:
    """Return what a person means by words: all of them, in any order, each by its beginning or as a number.

    A word such as `12/QĐ-UBND` is a number and notation. One or two letters, or what has digits in it, are meant whole.
    """
    clauses: list[Clause] = []
    for written in asked.split():
        if "/" in written and written[0].isdigit():
            clauses.append((asked_number(written),))
            continue
        for each in folded(written):
            term = word(each)
            if each.isdigit():
                clauses.append((Term(term), asked_number(each)))
            else:
                begins = len(each) >= SHORTEST_BEGINNING and next(vocabulary((term,)), None) is not None
                clauses.append((Term(term, begins=begins),))
    return tuple(dict.fromkeys(clauses))[:MOST_ASKED]


def blocks(seq: int) -> list[str]:
    """Return the blocks, of every level, that an event lies in."""
    return [block(level, seq >> bits) for level, bits in enumerate(BLOCK_BITS)]


def block(level: int, at: int) -> str:
    """Return the term of a block."""
    return f"b{level}.{at}"


def safe(text: str) -> str:
    """Return a text in the letters that a term may have."""
    return _ODD.sub(lambda odd: f"~{ord(odd[0]):x}", text)


_ODD = re.compile(r"[^a-z0-9._/~-]")
_ZEROS = re.compile(r"^0+(?=\d)")


def _plain(code: str) -> str:
    folded_code = "".join(code.casefold().split())
    return _ZEROS.sub("", safe(folded_code if folded_code.isascii() else bare(folded_code)))
