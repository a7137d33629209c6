"""Examine the evidence of an exchange: does each part hold by itself, and do all of them fit each other.

The seal covers every file, so it alone would do if the hub were to be believed. It need not be: the package and the
answers must be, octet for octet, what the events say; every event must be in the tree of the signed checkpoint; and
receipts that the hub gave away earlier must say the same. `signing.evidence` has the names of the parts.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.text import Text
from signing import asice, certificates, evidence, merkle, notes, reasons_container, receipts, timestamp
from signing import reasons_evidence as reasons
from signing.asice import Container
from signing.certificates import UnreadableCertificate
from signing.evidence import NotEvidence
from signing.notes import BadNote, Checkpoint, VerifierKey
from signing.verdict import CertificateSummary, Outcome, Reason
from signing.verifier import packages
from signing.verifier.anchors import Trusted
from signing.verifier.exchange import Exchange, details
from signing.verifier.report import Part

SEAL = Text(vi="Con dấu trên bằng chứng", en="The seal on the evidence")
CONTAINER = Text(vi="Gói chứa", en="The container")
ABOUT = Text(vi="Bằng chứng nói về gì", en="What it is about")
PACKAGE = Text(vi="Gói tin đúng như đã nhận", en="The package as it was received")
EVENTS = Text(vi="Những gì đã xảy ra", en="What happened")
CHECKPOINT = Text(vi="Mốc niêm phong của sổ nhật ký", en="The ledger's checkpoint")
STAMP = Text(vi="Dấu thời gian của mốc niêm phong", en="The checkpoint's time stamp")
RECEIPT = Text(vi="Biên nhận của trục", en="A receipt of the hub")
ANSWER = Text(vi="Văn bản trả lời đúng như đã nhận", en="An answer as it was received")
VERDICTS = Text(vi="Kết quả kiểm tra chữ ký do trục ghi", en="The verdicts that the hub recorded")


def is_evidence(container: Container) -> bool:
    """Tell whether a container claims to be evidence of an exchange."""
    return evidence.INDEX in container.files


def examine(container: Container, trusted: Trusted, at: datetime) -> tuple[Part, ...]:
    """Return what is known of every part."""
    sealed = tuple(_of_a_hub(seal, trusted) for seal in seals(container, trusted, at))
    exchange = Exchange(container.files, sealers=frozenset(_holders(sealed)))
    wider = _with_enclosed(container.files, trusted)
    parts = [
        _container(container),
        *sealed,
        *_about(exchange),
        *_files(exchange),
        *_receipts(exchange, asice.damaged(container), wider, at),
        *_checkpoint(exchange, wider, at),
        *_events(exchange),
        *_verdicts(exchange),
    ]
    return (*parts, *_document_signatures(exchange, wider))


def _of_a_hub(seal: Part, trusted: Trusted) -> Part:
    """Return the seal as it is worth for evidence: who is trusted to sign documents is not for that a hub."""
    certificates_ = [verdict.certificate for verdict in seal.verdicts if verdict.certificate is not None]
    if not certificates_:
        return seal
    subject = certificates_[0].subject
    if not trusted.hubs:
        return replace(seal, reasons=(*seal.reasons, reasons.IS_IT_THE_HUB.because(subject=subject)))
    if all(certificate.sha256 in trusted.hubs for certificate in certificates_):
        return seal
    why = reasons.SEALED_BY_ANOTHER.because(subject=subject)
    return replace(seal, outcome=Outcome.INVALID, reasons=(*seal.reasons, why))


def seals(container: Container, trusted: Trusted, at: datetime) -> Iterator[Part]:
    """Yield each signature of a container."""
    for verdict in asice.verify(container, trusted.store, at):
        name = verdict.part or "META-INF"
        yield Part(name=name, about=SEAL, outcome=verdict.outcome, verdicts=(verdict,))


def _holders(parts: tuple[Part, ...]) -> Iterator[str]:
    for verdict in (verdict for part in parts for verdict in part.verdicts):
        if verdict.certificate is not None:
            yield verdict.certificate.subject


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
    said = details(began)
    claims = [("DocumentId", index.document_id, "document_id"), ("From", index.sender, "from")]
    if not index.refused:  # the code of a refusal is why, not which
        claims.append(("Code", index.code, "code"))
    wrong = tuple(
        reasons.DIFFERS_FROM_LEDGER.because(what=what, expected=said[key], got=got)
        for what, got, key in claims
        if key in said and (said[key] or "") != got
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
    elif (removed := exchange.removed()) is not None:
        told = details(removed)
        why = reasons.REMOVED_BY_POLICY.because(
            at=removed["at"], policy=told.get("policy"), sha256=told.get("sha256")
        )
        yield Part(
            name=evidence.PACKAGE,
            about=PACKAGE,
            outcome=Outcome.UNDETERMINED,
            reasons=(why,),
            decides=False,
        )
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
    expected = details(event).get("sha256")
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
    origin = exchange.head.origin
    # Whoever knows the ledger's key need not be told it: any signer that is trusted could name another one.
    known = any(key.name == origin for key in trusted.ledgers)
    keys = trusted.ledgers if known else (*trusted.ledgers, *exchange.keys)
    told = judge_checkpoint(evidence.CHECKPOINT, exchange.note, exchange.head, keys)
    if told.outcome is Outcome.VALID and not known:
        named = sorted({name for names in exchange.keys.values() for name in names})
        told = _more(told, reasons.KEY_BOUND.because(parts=", ".join(named)))
    stamp = exchange.files.get(evidence.CHECKPOINT_STAMP)
    if stamp is None:
        told = _more(told, reasons.NO_STAMP.because())
    yield told
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
    return Part(name=name, about=STAMP, outcome=judged.outcome, reasons=judged.reasons, facts=facts)


def _more(part: Part, reason: Reason) -> Part:
    return replace(part, reasons=(*part.reasons, reason))


# What the hub said of it


def _receipts(exchange: Exchange, damaged: tuple[str, ...], trusted: Trusted, at: datetime) -> Iterator[Part]:
    for name in evidence.matching(exchange.files, "receipt"):
        if name in damaged:  # not to be read at all: what is broken may take long to be seen through
            yield _part(name, RECEIPT, bad=(reasons.PART_DAMAGED.because(part=name),))
        else:
            yield _receipt(name, exchange, trusted, at)


def _receipt(name: str, exchange: Exchange, trusted: Trusted, at: datetime) -> Part:
    judged = receipts.verify(exchange.files[name], trusted.store, at)
    told: list[Reason] = []
    outcome = judged.verdict.outcome
    holder = judged.verdict.certificate
    if outcome is Outcome.VALID and holder is not None and not _is_the_sealer(holder, exchange, trusted):
        # Both may be trusted, and one of them is not the hub.
        told.append(reasons.RECEIPT_OF_ANOTHER.because(subject=holder.subject))
        outcome = Outcome.UNDETERMINED
    if judged.content is not None:
        _note_key(name, exchange, judged.content, trusted=outcome is Outcome.VALID)
        differing = [*_differing(judged.content, exchange), *_forked(judged.content, exchange)]
        told += differing or [reasons.RECEIPT_FITS.because()]
        outcome = Outcome.INVALID if differing else outcome
    return Part(name=name, about=RECEIPT, outcome=outcome, reasons=tuple(told), verdicts=(judged.verdict,))


def _is_the_sealer(holder: CertificateSummary, exchange: Exchange, trusted: Trusted) -> bool:
    """Tell whether a receipt is the hub's: by its certificates, if they are named, else by the name in the seal's."""
    return holder.sha256 in trusted.hubs if trusted.hubs else holder.subject in exchange.sealers


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


def _forked(content: Mapping[str, Any], exchange: Exchange) -> Iterator[Reason]:
    """Yield a reason if the receipt has another tree than the evidence, of the same ledger and size."""
    head = exchange.head
    try:
        told = Checkpoint.parse(notes.parse(content["ledger"]["checkpoint"].encode()).text)
    except (BadNote, KeyError, AttributeError, UnicodeEncodeError):
        return  # there is none yet, or it is no checkpoint, which `receipts.verify` says
    if head is not None and (told.origin, told.size) == (head.origin, head.size) and told.root != head.root:
        yield reasons.TWO_LEDGERS.because(origin=head.origin, size=head.size)


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
        details(event)["signatures"]
        for event in exchange.events
        if event.get("message") == exchange.index.id and isinstance(details(event).get("signatures"), list)
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
