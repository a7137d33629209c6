"""The documents of the run: mostly small, some too large for the database itself, signed or not, and some wrong.

Who is addressed, how large it is and what is wrong with it depend on the seed and the document's number alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from random import Random

from bench.chaos.ground import POLL, PUSHED, SENDERS, UNKNOWN
from hub.testing import package
from signing import xml
from signing.keys import SigningKey

SIZES = ((60, 4_000, 16_000), (25, 16_000, 64_000), (15, 64_000, 100_000))  # percent, from, to octets
OVERHEAD_BYTES = 3_000
SIGNED, WRONG, TWICE, LATER = 0.4, 0.03, 0.2, 0.05


@dataclass(frozen=True, slots=True)
class Paper:
    """One document, and how its client behaves."""

    number: int
    sender: str
    addressees: tuple[str, ...]
    content: bytes
    wrong: str | None  # what the hub must refuse it for
    twice: bool  # two clients hand it in at the same time, each to another node
    later: bool  # it is handed in once more after it was accepted

    @property
    def sha256(self) -> str:
        """The digest of the package."""
        return hashlib.sha256(self.content).hexdigest()


class Office:
    """Writes documents. Its signing key is one that the hub trusts."""

    def __init__(self, seed: int, key: SigningKey) -> None:
        self.seed = seed
        self.key = key

    def paper(self, number: int) -> Paper:
        """Return the document of a number."""
        chance = Random(f"{self.seed}/{number}")
        sender = chance.choice(SENDERS)
        addressees = tuple(chance.sample((*POLL, *PUSHED), chance.choice((1, 1, 2, 3, 5))))
        wrong = chance.choice(("addressee", "cut", "signature")) if chance.random() < WRONG else None
        named = (*addressees, UNKNOWN) if wrong == "addressee" else addressees
        content = package(
            sender=sender,
            to=named,
            document_id=f"{sender},2026/11/20,{number}/CV-{self.seed}",
            attachment=b"%PDF-1.7\n" + chance.randbytes(_size(chance)) + b"\n%%EOF\n",
        )
        if wrong == "signature" or chance.random() < SIGNED:
            content = xml.sign(content, self.key)
        if wrong == "signature":
            content = content.replace("kiểm thử".encode(), "kiểm thứ".encode(), 1)
        if wrong == "cut":
            content = content[: len(content) * 2 // 3]
        return Paper(
            number=number,
            sender=sender,
            addressees=addressees,
            content=content,
            wrong=wrong,
            twice=chance.random() < TWICE,
            later=chance.random() < LATER,
        )


def _size(chance: Random) -> int:
    """Return how many octets the attachment has; base64 makes four of three."""
    _, lowest, highest = chance.choices(SIZES, weights=[share for share, _, _ in SIZES])[0]
    return max(1, (chance.randint(lowest, highest) - OVERHEAD_BYTES) * 3 // 4)
