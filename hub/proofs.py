"""Proof that one event is in the ledger, for who has nothing but the ledger's verifier key (C2SP tlog-proof)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.errors import NotFound, Sought
from hub.store import checkpoints, ledger
from schemas.text import Text
from signing import merkle


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An event, the way from its hash to the root, and the first checkpoint over it, signed."""

    seq: int
    body: str
    path: tuple[bytes, ...]
    checkpoint: str

    def __str__(self) -> str:
        hashes = "".join(f"{base64.b64encode(hash_).decode()}\n" for hash_ in self.path)
        return f"c2sp.org/tlog-proof@v1\nindex {self.seq - 1}\n{hashes}\n{self.checkpoint}"

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "event": self.seq,
            "body": self.body,
            "leaf": merkle.leaf_hash(self.body.encode()).hex(),
            "proof": [base64.b64encode(hash_).decode() for hash_ in self.path],
            "checkpoint": self.checkpoint,
        }


def prove(connection: sa.Connection, seq: int) -> Proof:
    """Return the proof for an event. Raises `NotFound` if there is none, or no checkpoint over it yet."""
    row, sealed = ledger.at(connection, seq), checkpoints.first_over(connection, seq)
    if row is None:
        raise NotFound(
            Text(vi=f"Sổ không có sự kiện {seq}", en=f"The ledger has no event {seq}"), Sought.EVENT
        )
    if sealed is None:
        raise NotFound(
            Text(
                vi=f"Sự kiện {seq} chưa được niêm phong; hãy chạy “edochub ledger checkpoint” trước",
                en=f"Event {seq} is not sealed yet; run “edochub ledger checkpoint” first",
            ),
            Sought.EVENT,
        )
    path = merkle.inclusion(seq - 1, sealed.size, checkpoints.tiles(connection))
    return Proof(seq=seq, body=row.body, path=path, checkpoint=sealed.note)
