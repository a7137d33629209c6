"""Make the evidence of one exchange: a single file by which an auditor can prove it offline, years later.

Everything is taken as it was written down: packages octet for octet, events as they were hashed, receipts over those
events. A checkpoint over all of it is made first, so that each event can be proven to be in the ledger. Then the hub's
key seals the whole as an ASiC-E container, with time stamp and revocation data where there are any.
`signing.evidence` names the parts, `signing.verifier` examines them; docs/verifying.md is the auditor's guide.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from hub import evidence_page, receipts
from hub import ledger as ledger_rows
from hub.errors import NotFound
from hub.model import Message, StoredRefusal
from hub.store import checkpoints, messages
from hub.store import ledger as ledger_store
from hub.store.checkpoints import Sealed
from hub.store.retention import Removed
from schemas.findings import InvalidDocument
from schemas.text import Text
from schemas.xml import parse
from signing import asice, attachments, evidence, merkle, xml
from signing.evidence import Index, Proof
from signing.signing_key import SigningKey
from signing.timestamp_client import NoTimeStamp
from signing.trust import Chain
from signing.xades import DataFile

if TYPE_CHECKING:
    from hub.app import Hub

NOTHING = Text(
    vi="Sổ nhật ký còn trống, chưa có gì để chứng minh.",
    en="The ledger is empty: there is nothing to prove yet.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status package about the document, and its octets."""

    message: Message
    content: bytes | None  # None: its time was over, and it was removed


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is on record of one document, accepted or refused."""

    rows: tuple[ledger_rows.Row, ...]  # of the document and of its answers, in the ledger's order
    proofs: tuple[Proof, ...]
    sealed: Sealed
    message: Message | None = None
    refusal: StoredRefusal | None = None
    package: bytes | None = None
    answers: tuple[Answer, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def id(self) -> str:
        """The document's id, under which the ledger knows it."""
        known = self.message or self.refusal
        assert known is not None, "an exchange is about a document"
        return known.id


@dataclass(frozen=True, slots=True)
class Evidence:
    """The file, what to call it, and what a person should know of it."""

    content: bytes
    name: str
    notes: tuple[Text, ...] = ()


async def make(hub: Hub, reference: str) -> Evidence:
    """Return the evidence of what a reference means. Raises `NotFound`, `LedgerAltered`, `Misconfigured`.

    Without an answer from the time-stamping authority it is made all the same, and says so.
    """
    notes: list[Text] = []
    sealed = await hub.notary.seal()
    if sealed is None:
        raise NotFound(NOTHING)
    try:
        await hub.notary.stamp()
    except NoTimeStamp as error:
        notes.append(error.text)
    exchange = await hub.store.read(lambda connection: gather(connection, hub, reference))
    key = await hub.signing_key()
    index = index_of(hub, exchange)
    files = {
        evidence.INDEX: index.write(),
        **_packages(exchange),
        **await _receipts(hub, exchange, key),
        **_ledger(exchange),
        **await asyncio.to_thread(_material, hub, exchange),
    }
    files[evidence.SUMMARY] = evidence_page.of(exchange, index, sorted(files))
    data = {name: DataFile(content, evidence.media_type(name)) for name, content in files.items()}
    stamper = hub.notary.stamper if not notes else None
    now = hub.clock()
    content = await asice.write(
        data, key, at=now, timestamper=stamper, trust=hub.trust, archive=stamper is not None
    )
    return Evidence(content, f"{exchange.id}.asice", (*notes, *exchange.notes))


# Gathering


def gather(connection: sa.Connection, hub: Hub, reference: str) -> Exchange:
    """Read what is on record, in one view of the database. Raises `NotFound`."""
    sealed = checkpoints.newest(connection)
    assert sealed is not None, "a checkpoint was just made"
    for message in messages.find(connection, reference):
        notes: list[Text] = []
        answers = tuple(_answers(connection, hub, message, notes))
        rows = _rows(connection, [message.id, *(answer.message.id for answer in answers)], sealed)
        sealed_ids = {row.message for row in rows if row.kind == "document.accepted"}
        answers = tuple(answer for answer in answers if answer.message.id in sealed_ids)
        package = _package(connection, hub, message.sha256, notes)
        proofs = _proofs(connection, rows, sealed)
        return Exchange(rows, proofs, sealed, message, None, package, answers, tuple(notes))
    for refusal in messages.find_refusals(connection, reference):
        rows = _rows(connection, [refusal.id], sealed)
        return Exchange(rows, _proofs(connection, rows, sealed), sealed, refusal=refusal)
    raise NotFound(Text(vi=f"Không tìm thấy văn bản {reference}", en=f"Document {reference} is not here"))


def _package(connection: sa.Connection, hub: Hub, sha256: str, notes: list[Text]) -> bytes | None:
    """Return a package; None, and a note, when it was removed because its time was over."""
    try:
        return hub.payloads.get(connection, sha256)
    except Removed as error:
        notes.append(error.message)
        return None


def _answers(connection: sa.Connection, hub: Hub, message: Message, notes: list[Text]) -> Iterable[Answer]:
    for status in messages.statuses_of(connection, message.id):
        found = messages.get(connection, status.id)
        if found is not None:
            yield Answer(found, _package(connection, hub, found.sha256, notes))


def _rows(connection: sa.Connection, about: Iterable[str], sealed: Sealed) -> tuple[ledger_rows.Row, ...]:
    """Return the events about these, as far as the checkpoint covers them: what came since is for the next evidence."""
    rows = {row.seq: row for each in about for row in ledger_store.rows_of(connection, each)}
    return tuple(rows[seq] for seq in sorted(rows) if seq <= sealed.size)


def _proofs(connection: sa.Connection, rows: Iterable[ledger_rows.Row], sealed: Sealed) -> tuple[Proof, ...]:
    nodes = checkpoints.tiles(connection)
    return tuple(
        Proof(
            seq=row.seq, path=tuple(each.hex() for each in merkle.inclusion(row.seq - 1, sealed.size, nodes))
        )
        for row in rows
    )


# The parts


def index_of(hub: Hub, exchange: Exchange) -> Index:
    """Say what the evidence is about."""
    message, refusal = exchange.message, exchange.refusal
    return Index(
        made_at=hub.clock(),
        hub=hub.config.hub.code,
        hub_name=hub.config.hub.name,
        id=exchange.id,
        document_id=(message.document_id if message else refusal.document_id if refusal else None) or "",
        code=message.code if message else "",
        subject=message.subject if message else "",
        sender=(message.sender if message else refusal.sender if refusal else None) or "",
        sender_name=message.sender_name if message else "",
        refused=refusal is not None,
    )


def _packages(exchange: Exchange) -> dict[str, bytes]:
    files = {} if exchange.package is None else {evidence.PACKAGE: exchange.package}
    contents = (answer.content for answer in exchange.answers if answer.content is not None)
    for number, content in enumerate(contents, start=1):
        files[evidence.answer(number)] = content
    if exchange.message is not None:
        files[evidence.VERDICTS] = evidence.write_verdicts(exchange.message.verdicts)
    return files


async def _receipts(hub: Hub, exchange: Exchange, key: SigningKey) -> dict[str, bytes]:
    """Return the receipts for all that has ended by now: the acceptance or refusal, deliveries, answers."""
    ended = [row.delivery for row in exchange.rows if row.kind in receipts.ENDS and row.delivery]
    asked = [exchange.id, *dict.fromkeys(ended), *(answer.message.id for answer in exchange.answers)]
    made = [await receipts.issue(hub, reference, key) for reference in asked]
    return {evidence.receipt(number): content for number, content in enumerate(made, start=1)}


def _ledger(exchange: Exchange) -> dict[str, bytes]:
    sealed = exchange.sealed
    stamp = {} if sealed.timestamp is None else {evidence.CHECKPOINT_STAMP: sealed.timestamp}
    return {
        evidence.EVENTS: evidence.write_events(row.body for row in exchange.rows),
        evidence.PROOFS: evidence.write_proofs(exchange.proofs),
        evidence.CHECKPOINT: sealed.note.encode(),
        **stamp,
    }


def _material(hub: Hub, exchange: Exchange) -> dict[str, bytes]:
    """Return the certificates and revocation data by which the document's own signatures can be judged later."""
    chains = _paths(hub, exchange)
    between = {
        evidence.certificate(certificate.fingerprint(SHA256()).hex()): certificate.public_bytes(Encoding.DER)
        for chain in chains
        for certificate in chain.certificates[1:]
    }
    known = [hub.trust.revocation.about(chain.certificates) for chain in chains]
    lists = dict.fromkeys(crl for data in known for crl in data.crls)
    said = dict.fromkeys(answer for data in known for answer in data.ocsp_responses)
    return {
        **between,
        **{evidence.crl(number): crl for number, crl in enumerate(lists, start=1)},
        **{evidence.ocsp(number): answer for number, answer in enumerate(said, start=1)},
    }


def _paths(hub: Hub, exchange: Exchange) -> list[Chain]:
    """Return the paths of everybody who signed the document or something in it."""
    if exchange.package is None or exchange.message is None:
        return []
    try:
        tree = parse(exchange.package)
    except InvalidDocument:
        return []
    at = exchange.message.accepted_at
    judged = (*xml.verify(exchange.package, tree, hub.trust, at), *attachments.verify(tree, hub.trust, at))
    signers = {verdict.certificate.sha256 for verdict in judged if verdict.certificate}
    # Verifying has just looked for these paths.
    return [
        chain
        for chain in hub.trust.paths_found
        if chain.certificates[0].fingerprint(SHA256()).hex() in signers
    ]
