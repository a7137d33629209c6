"""Examine the evidence of an exchange: does each part hold by itself, and do all of them fit each other.

The seal covers every file, so it alone would do if the hub were to be believed. It need not be: the package and the
answers must be, octet for octet, what the events say; every event must be in the tree of the signed checkpoint; and
receipts that the hub gave away earlier must say the same. `signing.evidence` has the names of the parts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from schemas.text import Text
from signing import asice, certificates, evidence, merkle, notes, reasons_container, receipts, timestamp
from signing import reasons_evidence as reasons
from signing.asice import Container
from signing.certificates import UnreadableCertificate
from signing.evidence import Index, NotEvidence
from signing.notes import BadNote, Checkpoint, VerifierKey
from signing.verdict import Outcome, Reason
from signing.verifier import packages
from signing.verifier.anchors import Trusted
from signing.verifier.report import Part

T = TypeVar("T")

SEAL = Text(vi="Con dấu trên bằng chứng", en="The seal on the evidence")
CONTAINER = Text(vi="Gói chứa", en="The container")
ABOUT = Text(vi="Bằng chứng nói về gì", en="What it is about")
PACKAGE = Text(vi="Gói tin đúng như đã nhận", en="The package as it was received")
EVENTS = Text(vi="Những gì đã xảy ra", en="What happened")
CHECKPOINT = Text(vi="Mốc niêm phong của sổ nhật ký", en="The ledger's checkpoint")
RECEIPT = Text(vi="Biên nhận của trục", en="A receipt of the hub")
ANSWER = Text(vi="Văn bản trả lời đúng như đã nhận", en="An answer as it was received")
VERDICTS = Text(vi="Kết quả kiểm tra chữ ký do trục ghi", en="The verdicts that the hub recorded")


def is_evidence(container: Container) -> bool:
    """Tell whether a container claims to be evidence of an exchange."""
    return evidence.INDEX in container.files


def examine(container: Container, trusted: Trusted, at: datetime) -> tuple[Part, ...]:
    """Return what is known of every part."""
    exchange = Exchange(container.files)
    wider = _with_enclosed(container.files, trusted)
    parts = [
        _container(container),
        *seals(container, trusted, at),
        *_about(exchange),
        *_files(exchange),
        *_receipts(exchange, wider, at),
        *_checkpoint(exchange, wider, at),
        *_events(exchange),
        *_verdicts(exchange),
    ]
    return (*parts, *_document_signatures(exchange, wider))


def seals(container: Container, trusted: Trusted, at: datetime) -> Iterator[Part]:
    """Yield each signature of a container."""
    for verdict in asice.verify(container, trusted.store, at):
        name = verdict.part or "META-INF"
        yield Part(name=name, about=SEAL, outcome=verdict.outcome, verdicts=(verdict,))


def broken_parts(container: Container) -> Iterator[Part]:
    """Yield the parts of a container that are not as they were made."""
    for problem in container.problems:
        yield Part(name=problem.part, about=CONTAINER, outcome=Outcome.INVALID, reasons=(problem.reason,))


def _container(container: Container) -> Part:
    told = [problem.reason for problem in container.problems]
    if told:
        names = ", ".join(dict.fromkeys(problem.part for problem in container.problems))
        return Part(name=names, about=CONTAINER, outcome=Outcome.INVALID, reasons=tuple(told))
    if not container.ours or not container.canonical:
        # Whoever took the mark off the seal would be let off the form: evidence has it, or is none.
        why = reasons_container.CONTAINER_NOT_CANONICAL.because(part="ZIP")
        return Part(name="ZIP", about=CONTAINER, outcome=Outcome.INVALID, reasons=(why,))
    return Part(
        name="ZIP", about=CONTAINER, outcome=Outcome.VALID, reasons=(reasons.CONTAINER_WHOLE.because(),)
    )


@dataclass(slots=True)
class Exchange:
    """The files of the evidence, read. What cannot be read stays None and is in `unreadable`, by name."""

    files: Mapping[str, bytes]
    index: Index | None = None
    bodies: tuple[str, ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    proofs: Mapping[int, evidence.Proof] = field(default_factory=dict)
    head: Checkpoint | None = None
    note: notes.Note | None = None
    unreadable: dict[str, Reason] = field(default_factory=dict)
    # of the ledger -> the receipts that name it
    keys: dict[VerifierKey, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = self._read(evidence.INDEX, Index.read)
        told = self._read(evidence.EVENTS, _events_of) or ()
        self.bodies = tuple(body for body, _ in told)
        self.events = tuple(event for _, event in told)
        self.proofs = self._read(evidence.PROOFS, evidence.read_proofs) or {}
        self.note = self._read(evidence.CHECKPOINT, notes.parse)
        if self.note is not None:
            text = self.note.text
            self.head = self._read(evidence.CHECKPOINT, lambda _: Checkpoint.parse(text))

    def _read(self, name: str, how: Callable[[bytes], T]) -> T | None:
        content = self.files.get(name)
        if content is None:
            self.unreadable[name] = reasons.PART_MISSING.because(part=name)
            return None
        try:
            return how(content)
        except (NotEvidence, BadNote) as error:
            self.unreadable[name] = reasons.PART_UNREADABLE.because(part=name, detail=error)
            return None

    def told(self, kind: str, message: str) -> Mapping[str, Any] | None:
        """Return the event of this kind about a message."""
        return next((e for e in self.events if e.get("kind") == kind and e.get("message") == message), None)

    def accepted_with(self, sha256: str) -> Mapping[str, Any] | None:
        """Return the event by which a package with this digest was accepted."""
        return next(
            (
                event
                for event in self.events
                if event.get("kind") == "document.accepted" and _details(event).get("sha256") == sha256
            ),
            None,
        )

    def beginning(self) -> Mapping[str, Any] | None:
        """Return the event by which the exchange began: accepted, or refused."""
        if self.index is None:
            return None
        kind = "document.refused" if self.index.refused else "document.accepted"
        return self.told(kind, self.index.id)


def _events_of(content: bytes) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Return each event's body and what it says, or raise `NotEvidence` if one of them is no event."""
    return tuple((body, _event(body)) for body in evidence.read_events(content))


def _event(body: str) -> Mapping[str, Any]:
    """Read an event, or raise `NotEvidence` if it is none: what comes after relies on its shape."""
    try:
        said: dict[str, Any] = json.loads(body)
        whole = (
            isinstance(said["seq"], int)
            and isinstance(said["details"], dict)
            and isinstance(said["kind"], str)
        )
        at = datetime.fromisoformat(said["at"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotEvidence(f"an event: {type(error).__name__}") from error
    if not whole or at.tzinfo is None:
        raise NotEvidence("an event without number, kind, time or details")
    return said


def _details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    details: Mapping[str, Any] = event.get("details", {})
    return details


def _with_enclosed(files: Mapping[str, bytes], trusted: Trusted) -> Trusted:
    enclosed = []
    for name in evidence.matching(files, "certificate"):
        try:
            enclosed.append(certificates.load(files[name]))
        except UnreadableCertificate:
            continue  # it helps nobody; that it is as it was made is the seal's business
    crls = [files[name] for name in evidence.matching(files, "crl")]
    ocsp = [files[name] for name in evidence.matching(files, "ocsp")]
    return trusted.with_material(enclosed, crls, ocsp)


# What it is about, and the files


def _part(name: str, about: Text, *told: Reason, bad: tuple[Reason, ...] = ()) -> Part:
    """Return a part that is VALID for what is told, or INVALID for what is bad about it."""
    return Part(
        name=name, about=about, outcome=Outcome.INVALID if bad else Outcome.VALID, reasons=bad or told
    )


def _about(exchange: Exchange) -> Iterator[Part]:
    index = exchange.index
    if index is None:
        yield _part(evidence.INDEX, ABOUT, bad=(exchange.unreadable[evidence.INDEX],))
        return
    began = exchange.beginning()
    if began is None:
        yield _part(evidence.INDEX, ABOUT, bad=(reasons.NOT_IN_LEDGER.because(),))
        return
    details = _details(began)
    claims = [("DocumentId", index.document_id, "document_id"), ("From", index.sender, "from")]
    if not index.refused:  # the code of a refusal is why, not which
        claims.append(("Code", index.code, "code"))
    wrong = tuple(
        reasons.DIFFERS_FROM_LEDGER.because(what=what, expected=details[key], got=got)
        for what, got, key in claims
        if key in details and (details[key] or "") != got
    )
    good = reasons.ABOUT_THIS.because(code=index.code, sender=index.sender_name or index.sender, id=index.id)
    yield _part(evidence.INDEX, ABOUT, good, bad=wrong)


def _files(exchange: Exchange) -> Iterator[Part]:
    """Hold the packages against the events: each must be, octet for octet, what was accepted."""
    began = exchange.beginning()
    package = exchange.files.get(evidence.PACKAGE)
    refused = exchange.index is not None and exchange.index.refused
    if package is not None:
        yield _as_recorded(evidence.PACKAGE, PACKAGE, package, began)
    elif not refused:
        yield _part(evidence.PACKAGE, PACKAGE, bad=(reasons.PART_MISSING.because(part=evidence.PACKAGE),))
    for name in evidence.matching(exchange.files, "answer"):
        content = exchange.files[name]
        event = exchange.accepted_with(hashlib.sha256(content).hexdigest())
        yield _as_recorded(name, ANSWER, content, event)


def _as_recorded(name: str, about: Text, content: bytes, event: Mapping[str, Any] | None) -> Part:
    got = hashlib.sha256(content).hexdigest()
    if event is None:
        return _part(name, about, bad=(reasons.NOT_IN_LEDGER.because(),))
    expected = _details(event).get("sha256")
    if expected != got:
        wrong = reasons.DIFFERS_FROM_LEDGER.because(what="SHA-256", expected=expected, got=got)
        return _part(name, about, bad=(wrong,))
    return _part(name, about, reasons.AS_RECORDED.because(sha256=got))


# The ledger


def _events(exchange: Exchange) -> Iterator[Part]:
    bad = [
        exchange.unreadable[name]
        for name in (evidence.EVENTS, evidence.PROOFS)
        if name in exchange.unreadable
    ]
    if bad or exchange.head is None:
        missing = exchange.unreadable.get(evidence.CHECKPOINT)
        yield _part(evidence.EVENTS, EVENTS, bad=tuple(bad) or ((missing,) if missing else ()))
        return
    head = exchange.head
    unproven = [
        reasons.EVENT_UNPROVEN.because(seq=event["seq"], size=head.size)
        for body, event in zip(exchange.bodies, exchange.events, strict=True)
        if not _in_tree(body, event["seq"], exchange.proofs, head)
    ]
    good = reasons.EVENTS_PROVEN.because(count=len(exchange.events), origin=head.origin, size=head.size)
    yield _part(evidence.EVENTS, EVENTS, good, bad=tuple(unproven[:8]))


def _in_tree(body: str, seq: int, proofs: Mapping[int, evidence.Proof], head: Checkpoint) -> bool:
    proof = proofs.get(seq)
    if proof is None:
        return False
    try:
        path = [bytes.fromhex(digest) for digest in proof.path]
        merkle.check_inclusion(seq - 1, head.size, merkle.leaf_hash(body.encode()), path, head.root)
    except (ValueError, merkle.BadProof):
        return False
    return True


def _checkpoint(exchange: Exchange, trusted: Trusted, at: datetime) -> Iterator[Part]:
    if exchange.note is None or exchange.head is None:
        yield _part(evidence.CHECKPOINT, CHECKPOINT, bad=(exchange.unreadable[evidence.CHECKPOINT],))
        return
    keys = (*trusted.ledgers, *exchange.keys)
    told = judge_checkpoint(evidence.CHECKPOINT, exchange.note, exchange.head, keys)
    if told.outcome is Outcome.VALID and exchange.keys:
        named = sorted({name for names in exchange.keys.values() for name in names})
        told = _more(told, reasons.KEY_BOUND.because(parts=", ".join(named)))
    yield told
    stamp = exchange.files.get(evidence.CHECKPOINT_STAMP)
    if stamp is not None:
        yield judge_stamp(evidence.CHECKPOINT_STAMP, stamp, str(exchange.note).encode(), trusted, at)


def judge_checkpoint(name: str, note: notes.Note, head: Checkpoint, keys: tuple[VerifierKey, ...]) -> Part:
    """Return whether a checkpoint is signed by its ledger. Not knowing the ledger's key proves nothing either way."""
    of_ledger = tuple(key for key in keys if key.name == head.origin)
    if not of_ledger:
        why = reasons.KEY_UNKNOWN.because(origin=head.origin)
        return Part(name=name, about=CHECKPOINT, outcome=Outcome.UNDETERMINED, reasons=(why,))
    try:
        found = notes.verify(note, keys)
    except BadNote as error:
        return _part(name, CHECKPOINT, bad=(reasons.CHECKPOINT_NOT_SIGNED.because(detail=error.text),))
    told = [
        reasons.CHECKPOINT_WITNESSED.because(name=signed.key.name, time=signed.at)
        if signed.at
        else reasons.CHECKPOINT_SIGNED.because(size=head.size, origin=head.origin, key=signed.key)
        for signed in found
    ]
    if not any(signed.key in of_ledger for signed in found):
        missing = reasons.CHECKPOINT_NOT_SIGNED.because(detail=head.origin)
        return _part(name, CHECKPOINT, bad=(missing,))
    return _part(name, CHECKPOINT, *told)


def judge_stamp(name: str, token: bytes, of: bytes, trusted: Trusted, at: datetime) -> Part:
    """Return what a time stamp proves."""
    judged = timestamp.verify(token, of, trusted.store, at)
    facts = ((Text(vi="Thời điểm", en="Time"), judged.time.isoformat()),) if judged.time else ()
    return Part(name=name, about=CHECKPOINT, outcome=judged.outcome, reasons=judged.reasons, facts=facts)


def _more(part: Part, reason: Reason) -> Part:
    return Part(
        name=part.name,
        about=part.about,
        outcome=part.outcome,
        reasons=(*part.reasons, reason),
        facts=part.facts,
    )


# What the hub said of it


def _receipts(exchange: Exchange, trusted: Trusted, at: datetime) -> Iterator[Part]:
    for name in evidence.matching(exchange.files, "receipt"):
        yield _receipt(name, exchange, trusted, at)


def _receipt(name: str, exchange: Exchange, trusted: Trusted, at: datetime) -> Part:
    judged = receipts.verify(exchange.files[name], trusted.store, at)
    told: list[Reason] = []
    outcome = judged.verdict.outcome
    if judged.content is not None:
        _note_key(name, exchange, judged.content, trusted=outcome is Outcome.VALID)
        differing = list(_differing(judged.content, exchange))
        told += differing or [reasons.RECEIPT_FITS.because()]
        outcome = Outcome.INVALID if differing else outcome
    return Part(name=name, about=RECEIPT, outcome=outcome, reasons=tuple(told), verdicts=(judged.verdict,))


def _note_key(name: str, exchange: Exchange, content: Mapping[str, Any], *, trusted: bool) -> None:
    """Keep the ledger's key that a receipt names. A receipt that is not trusted binds none."""
    if not trusted:
        return
    with contextlib.suppress(BadNote):
        key = VerifierKey.parse(str(content["ledger"].get("key")))
        exchange.keys.setdefault(key, []).append(name)


def _differing(content: Mapping[str, Any], exchange: Exchange) -> Iterator[Reason]:
    """Yield what a receipt says otherwise than the events do. It may cite only what the evidence holds."""
    bodies = {
        event["seq"]: body for body, event in zip(exchange.bodies, exchange.events, strict=True) if event
    }
    for cited in content["events"]:
        if bodies.get(cited["seq"]) != cited["body"]:
            what = f"event {cited['seq']}"
            expected = bodies.get(cited["seq"], "-")
            yield reasons.DIFFERS_FROM_LEDGER.because(what=what, expected=expected, got=cited["body"])


def _verdicts(exchange: Exchange) -> Iterator[Part]:
    """Hold the recorded verdicts against the newest event that lists them."""
    content = exchange.files.get(evidence.VERDICTS)
    if content is None or exchange.index is None:
        if exchange.index is None or not exchange.index.refused:
            yield _part(
                evidence.VERDICTS, VERDICTS, bad=(reasons.PART_MISSING.because(part=evidence.VERDICTS),)
            )
        return
    try:
        verdicts = evidence.read_verdicts(content)
    except NotEvidence as error:
        unreadable = reasons.PART_UNREADABLE.because(part=evidence.VERDICTS, detail=error)
        yield _part(evidence.VERDICTS, VERDICTS, bad=(unreadable,))
        return
    listed = [
        _details(event)["signatures"]
        for event in exchange.events
        if event.get("message") == exchange.index.id and isinstance(_details(event).get("signatures"), list)
    ]
    expected = listed[-1] if listed else []
    got = evidence.as_recorded(verdicts, expected)
    wrong = reasons.DIFFERS_FROM_LEDGER.because(what="signatures", expected=expected, got=got)
    bad = () if got == expected else (wrong,)
    yield _part(evidence.VERDICTS, VERDICTS, reasons.VERDICTS_AS_RECORDED.because(), bad=bad)


def _document_signatures(exchange: Exchange, trusted: Trusted) -> Iterator[Part]:
    """Judge the document's own signatures anew, as of when the hub had it. They decide nothing about the evidence."""
    package = exchange.files.get(evidence.PACKAGE)
    began = exchange.beginning()
    if package is None or began is None:
        return
    received = datetime.fromisoformat(str(began.get("at")))
    yield from packages.examine(evidence.PACKAGE, package, trusted, received, decides=False)
