"""Receipts: what the hub answers for, as canonical JSON inside a CMS SignedData (RFC 5652), CAdES-B-B or B-T.

    openssl cms -verify -binary -inform DER -in receipt.p7m -CAfile root.pem

checks the signature and prints the JSON. `verify` says more: whether the certificate leads to an anchor, whether it was
revoked, when it was signed, and whether the ledger events that the receipt cites are in the ledger's checkpoint that it
carries. The JSON names the ledger's verifier key: whoever trusts the certificate knows the ledger by it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from signing import merkle, notes, reasons_ledger
from signing.cms import verify as verify_cms
from signing.merkle import BadProof
from signing.notes import BadNote, Checkpoint, VerifierKey
from signing.signing_key import SigningKey
from signing.timestamp import TimeStampAuthority
from signing.trust import TrustStore
from signing.verdict import Aspect, Outcome, Question, Reason, Verdict, conclude

TYPE = "edochub.receipt/1"
PART = "receipt.p7m"
KINDS = frozenset({"accepted", "refused", "delivered", "failed", "answered"})
LARGEST = 1024 * 1024  # octets of a receipt


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """What is known of a receipt. `content` is what it says, None if that cannot be read."""

    verdict: Verdict
    content: Mapping[str, Any] | None


async def sign(
    content: Mapping[str, Any],
    key: SigningKey,
    *,
    at: datetime,
    timestamper: TimeStampAuthority | None = None,
) -> bytes:
    """Return the receipt in DER. `at` is the signing time that it claims.

    Raises `UnusableKey`, and what the time-stamper raises. The key signs on a thread: it may be slow.
    """
    # pyHanko takes its time to load: not before it is needed, and not where others wait.
    cms_sign = await asyncio.to_thread(import_module, "signing.cms_sign")
    octets: bytes = await cms_sign.enveloped(
        canonical({"type": TYPE, **content}), key, at=at, timestamper=timestamper
    )
    return octets


def verify(receipt: bytes, trust: TrustStore, at: datetime) -> ReceiptVerdict:
    """Judge a receipt as of `at`: its signature, and that its events are in the ledger as it says."""
    if len(receipt) > LARGEST:
        receipt = receipt[: LARGEST + 1]  # whatever it was, it is none now
    verdicts, signed = verify_cms(receipt, None, trust, at, part=PART)
    verdict = verdicts[0]
    if signed is None or verdict.outcome is Outcome.ABSENT:
        return ReceiptVerdict(verdict, None)
    try:
        content = read(signed)
    except ValueError as error:
        why = reasons_ledger.RECEIPT_MALFORMED.because(detail=str(error))
        return ReceiptVerdict(_with(verdict, Outcome.INVALID, why), None)
    if len(verdicts) != 1:
        why = reasons_ledger.RECEIPT_MALFORMED.because(detail=f"{len(verdicts)} signers")
        return ReceiptVerdict(_with(verdict, Outcome.INVALID, why), content)
    outcome, why = _in_ledger(content)
    return ReceiptVerdict(_with(verdict, outcome, why), content)


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return JSON in the one form that is signed: sorted keys, no blanks, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read(octets: bytes) -> Mapping[str, Any]:
    """Return what a receipt says. Raises `ValueError` for anything but a receipt in its one form."""
    try:
        return _read(octets)
    except (RecursionError, TypeError) as error:  # TypeError: a list, say, where a word should be
        raise ValueError("JSON") from error


def _read(octets: bytes) -> Mapping[str, Any]:
    content = json.loads(octets)
    if not isinstance(content, dict) or canonical(content) != octets:
        raise ValueError("canonical JSON")
    if content.get("type") != TYPE or content.get("kind") not in KINDS:
        raise ValueError("type, kind")
    known, cited = content.get("ledger"), content.get("events")
    if not isinstance(known, dict) or not isinstance(cited, list) or not cited:
        raise ValueError("ledger, events")
    if not all(_is_whole(event) for event in cited):
        raise ValueError("events")
    return content


def _is_whole(event: Any) -> bool:
    """Tell whether a cited event has the number that it says, and the hash of its body."""
    if not isinstance(event, dict) or not isinstance(event.get("body"), str):
        return False
    said = json.loads(event["body"])
    numbered = type(event.get("seq")) is int and isinstance(said, dict) and said.get("seq") == event["seq"]
    return numbered and event.get("leaf") == merkle.leaf_hash(event["body"].encode()).hex()


def proof(path: tuple[bytes, ...]) -> list[str]:
    """Return an inclusion proof as a receipt writes it."""
    return [base64.b64encode(hash_).decode() for hash_ in path]


def _in_ledger(content: Mapping[str, Any]) -> tuple[Outcome, Reason]:
    """Follow each event's proof to the checkpoint, and the checkpoint's signature to the ledger's key."""
    known = content["ledger"]
    if known.get("checkpoint") is None:
        return Outcome.VALID, reasons_ledger.RECEIPT_NOT_SEALED.because(origin=known.get("origin"))
    seq: Any = content["events"][0].get("seq")
    try:
        note = notes.parse(known["checkpoint"].encode())
        notes.verify(note, [VerifierKey.parse(known["key"])])
        head = Checkpoint.parse(note.text)
        for event in content["events"]:
            seq = event["seq"]
            path = [base64.b64decode(hash_, validate=True) for hash_ in event["proof"]]
            merkle.check_inclusion(seq - 1, head.size, bytes.fromhex(event["leaf"]), path, head.root)
    except (BadNote, BadProof, KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        return Outcome.INVALID, reasons_ledger.RECEIPT_NOT_IN_LEDGER.because(seq=seq)
    return Outcome.VALID, reasons_ledger.RECEIPT_IN_LEDGER.because(size=head.size, origin=head.origin)


def _with(verdict: Verdict, outcome: Outcome, why: Reason) -> Verdict:
    """Add to a verdict what the content itself shows: part of whether what was signed is intact."""
    before = verdict.aspects.get(Question.INTEGRITY, Aspect(outcome=verdict.outcome))
    integrity = Aspect(
        outcome=Outcome.INVALID if outcome is Outcome.INVALID else before.outcome,
        reasons=(why, *before.reasons) if outcome is Outcome.INVALID else (*before.reasons, why),
        evidence=before.evidence,
    )
    aspects = {**verdict.aspects, Question.INTEGRITY: integrity}
    if outcome is Outcome.INVALID:
        concluded, told = conclude(aspects)
        return dataclasses.replace(verdict, outcome=concluded, reasons=told, aspects=aspects)
    return dataclasses.replace(verdict, reasons=(*verdict.reasons, why), aspects=aspects)
