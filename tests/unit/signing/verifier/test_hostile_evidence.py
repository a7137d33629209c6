"""Evidence by somebody whose certificate the auditor trusts but who is not the hub, and by who has nothing to lose."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing import asice, certificates, evidence, merkle, receipts
from signing.ca import CertificateAuthority
from signing.evidence import Index, Proof
from signing.keys import SigningKey
from signing.notes import Checkpoint, NoteKey
from signing.trust import TrustStore
from signing.verdict import Outcome
from signing.verifier import Report, Trusted, examine
from signing.xades import DataFile

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
ROOT = CertificateAuthority.create("CA gốc thử", NOW)
HUB = ROOT.issue("Trục thử", NOW, organisation="Trục thử")
OFFICIAL = ROOT.issue("Cán bộ thử", NOW, organisation="Xã thử")
LOG, FORGED_LOG = (
    NoteKey("hub.test/log", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2)
)
STORE = TrustStore([certificates.of(ROOT.certificate)])
PACKAGE = b"<edXML/>"
ACCEPTED = {
    "seq": 1,
    "at": NOW.isoformat(),
    "kind": "document.accepted",
    "message": "m1",
    "details": {
        "sha256": hashlib.sha256(PACKAGE).hexdigest(),
        "document_id": "d1",
        "from": "Z99.13",
        "code": "1/TB",
        "signatures": ["valid"],
    },
}


def cited(body: str, **said: Any) -> dict[str, Any]:
    """Return an event as a receipt cites it."""
    return {"body": body, "leaf": merkle.leaf_hash(body.encode()).hex(), **said}


def receipt(bodies: Sequence[str], log: NoteKey, head: str) -> dict[str, Any]:
    leaves = [merkle.leaf_hash(body.encode()) for body in bodies]
    nodes = merkle.of_leaves(leaves)
    paths = [receipts.proof(merkle.inclusion(index, len(leaves), nodes)) for index in range(len(leaves))]
    events = [cited(body, seq=1 + n, proof=paths[n]) for n, body in enumerate(bodies)]
    known = {"origin": log.name, "key": str(log.verifier), "checkpoint": head}
    return {"kind": "accepted", "events": events, "ledger": known}


async def files(key: SigningKey = HUB, log: NoteKey = LOG, **also: Any) -> dict[str, bytes]:
    """Return the parts of good evidence, receipts and checkpoint by these keys, of a ledger with one more event."""
    bodies = [json.dumps(event) for event in (ACCEPTED, {**ACCEPTED, "seq": 2, "kind": "x", **also})]
    leaves = [merkle.leaf_hash(body.encode()) for body in bodies]
    nodes = merkle.of_leaves(leaves)
    head = str(log.sign(str(Checkpoint(log.name, len(leaves), merkle.root_of(leaves)))))
    index = Index(
        made_at=NOW,
        hub="Z99",
        hub_name="Trục thử",
        id="m1",
        document_id="d1",
        code="1/TB",
        subject="V/v thử",
        sender="Z99.13",
        sender_name="Sở thử",
    )
    proofs = [
        Proof(seq=1 + n, path=tuple(h.hex() for h in merkle.inclusion(n, len(leaves), nodes)))
        for n in range(len(leaves))
    ]
    return {
        evidence.INDEX: index.write(),
        evidence.PACKAGE: PACKAGE,
        evidence.receipt(1): await receipts.sign(receipt(bodies[:1] + bodies[1:], log, head), key, at=NOW),
        evidence.VERDICTS: evidence.write_verdicts([{"outcome": "valid"}]),
        evidence.EVENTS: evidence.write_events(bodies),
        evidence.PROOFS: evidence.write_proofs(proofs),
        evidence.CHECKPOINT: head.encode(),
    }


async def report(parts: Mapping[str, bytes], key: SigningKey = HUB, trusted: Trusted | None = None) -> Report:
    data = {name: DataFile(content, evidence.media_type(name)) for name, content in parts.items()}
    content = await asice.write(data, key, at=NOW)
    return examine(content, "e.asice", trusted or Trusted(STORE), NOW)


def told(found: Report) -> set[str]:
    return {reason.code for part in found.parts for reason in part.reasons}


async def test_good_evidence_is_valid_with_and_without_the_ledgers_key() -> None:
    for ledgers in ((), (LOG.verifier,)):
        assert (await report(await files(), trusted=Trusted(STORE, ledgers))).outcome is Outcome.VALID


async def test_no_receipt_outweighs_the_ledgers_key_that_the_auditor_named() -> None:
    forged = await files(OFFICIAL, FORGED_LOG)
    found = await report(forged, OFFICIAL, Trusted(STORE, (LOG.verifier,)))
    assert found.outcome is Outcome.INVALID
    assert "checkpoint.not-signed" in told(found)


async def test_a_receipt_of_the_hub_lends_nothing_to_who_is_not_the_hub() -> None:
    forged = await files(OFFICIAL, FORGED_LOG)
    forged[evidence.receipt(2)] = (await files())[evidence.receipt(1)]
    found = await report(forged, OFFICIAL)
    assert found.outcome is Outcome.UNDETERMINED
    assert "evidence.receipt-of-another" in told(found)


async def test_a_receipt_of_another_binds_no_key() -> None:
    found = await report(await files(OFFICIAL))
    assert found.outcome is Outcome.UNDETERMINED
    assert "checkpoint.key-unknown" in told(found)


async def test_a_ledger_that_shows_two_faces_is_found() -> None:
    """The receipt and the evidence cite the same event, in two trees of the same size."""
    mine, other = await files(), await files(actor="ai khác")
    bodies = evidence.read_events(mine[evidence.EVENTS])
    there = evidence.read_events(other[evidence.EVENTS])
    content = receipt(there, LOG, other[evidence.CHECKPOINT].decode())
    content["events"] = content["events"][:1]
    mine[evidence.receipt(1)] = await receipts.sign(content, HUB, at=NOW)
    assert bodies[0] == there[0]
    found = await report(mine)
    assert found.outcome is Outcome.INVALID
    assert told(found) >= {"checkpoint.two-ledgers", "evidence.events-proven"}


@pytest.mark.parametrize(
    "event",
    [
        cited("{}"),
        cited('{"seq":[1]}', seq=[1]),
        cited('{"seq":true}', seq=True),
        cited('{"seq":1.0}', seq=1.0),
        cited("[" * 100_000, seq=1),
    ],
    ids=["no-number", "list", "truth", "fraction", "deep"],
)
async def test_a_receipt_with_odd_events_is_malformed(event: dict[str, Any]) -> None:
    content = {
        "kind": "accepted",
        "events": [event],
        "ledger": {"origin": "x", "key": "x", "checkpoint": None},
    }
    signed = await receipts.sign(content, HUB, at=NOW)
    assert examine(signed, "r.p7m", Trusted(STORE), NOW).outcome is Outcome.INVALID
    assert (await report({**await files(), evidence.receipt(1): signed})).outcome is Outcome.INVALID


async def test_a_receipt_of_an_odd_kind_is_malformed() -> None:
    content = {"kind": ["accepted"], "events": [cited('{"seq":1}', seq=1)], "ledger": {"checkpoint": None}}
    signed = await receipts.sign(content, HUB, at=NOW)
    assert examine(signed, "r.p7m", Trusted(STORE), NOW).outcome is Outcome.INVALID


@pytest.mark.parametrize("seq", ["1e999", "true", "1.0", '"1"'])
async def test_a_proof_of_what_is_no_number_is_unreadable(seq: str) -> None:
    odd = f'[{{"seq":{seq},"path":[]}}]'.encode()
    found = await report({**await files(), evidence.PROOFS: odd})
    assert found.outcome is Outcome.INVALID
    assert "evidence.part-unreadable" in told(found)


async def test_verdicts_of_odd_shapes_are_compared_all_the_same() -> None:
    parts = await files(kind="signatures.judged", details={"signatures": [{"outcome": "valid"}]})
    found = await report({**parts, evidence.VERDICTS: b'[{"reasons": 5, "outcome": "valid"}]'})
    assert found.outcome is Outcome.INVALID
