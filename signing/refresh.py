"""Bring the cache of the trust folder up to date: lists, OCSP answers, issuers that are missing. Never in the path of
an acceptance.

`refresh_sources` says what may be fetched, `fetching` how. What came is believed by its signature only, and checked
before it takes the place of what is there: a list by its issuer, that it is not from the future and not older than
ours; an answer that it is about our question and by who may give it; an issuer that it signed the certificate that
named it. A file is whole or not there. The store itself does not change: read the folder again afterwards.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from schemas.text import Sentence, Text
from signing import certificates, refresh_sources, revocation_crl, revocation_ocsp, trust_folder
from signing.certificates import Certificate, UnreadableCertificate
from signing.fetching import Fetcher, Fetching, NotFetched
from signing.keys import write_durably
from signing.refresh_sources import CrlSource, IssuerSource, OcspSource, Sources
from signing.revocation import RevocationData
from signing.revocation_crl import UnusableRevocation
from signing.trust import Chain, Purpose, TrustStore

SKEW = timedelta(minutes=5)  # clocks differ
PUBLIC = 0o644  # an operator may look at the cache as another user
MOST_SEEN = 2000  # signers that are asked about
MOST_ISSUERS = 200
MOST_SILENCE = 2  # sources of one host that did not answer; the others of that host wait for the next refresh
ROUNDS = 3  # a missing issuer may name the next one

NOT_THEIRS = Sentence(
    vi="Dữ liệu thu hồi từ {url} không do nơi cấp chứng thư ký, hoặc không nói về chứng thư được hỏi.",
    en="What {url} sent is not signed by who issued the certificates, or does not speak of what was asked.",
)
FROM_THE_FUTURE = Sentence(
    vi="Dữ liệu thu hồi từ {url} ghi ngày trong tương lai ({date}).",
    en="The revocation data of {url} is dated in the future ({date}).",
)
OLDER = Sentence(
    vi="Dữ liệu thu hồi từ {url} ({date}) cũ hơn dữ liệu đang có.",
    en="The revocation data of {url} ({date}) is older than what is here.",
)


SILENT = Sentence(
    vi="Bỏ qua {url}: máy chủ này đang không trả lời.",
    en="Left out {url}: that host does not answer.",
)


class _NotTaken(Exception):
    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class Failure:
    """An address that gave nothing usable, and why."""

    url: str
    message: Text


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: the addresses that gave something new, those that gave the same, and those that failed."""

    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()

    def __add__(self, other: Refreshed) -> Refreshed:
        return Refreshed(
            self.updated + other.updated, self.unchanged + other.unchanged, self.failures + other.failures
        )


async def refresh(folder: Path, seen: Iterable[Chain], now: datetime, how: Fetching) -> Refreshed:
    """Fetch what the certificates of the folder, and the signers seen, name. Failures are told, not raised.

    `seen`: the paths that were found lately, `TrustStore.paths_found`. Raises `OSError` if nothing can be written.
    """
    await asyncio.to_thread(remember, folder, tuple(seen))
    done = Refreshed()
    for _ in range(ROUNDS):
        sources = await asyncio.to_thread(_sources, folder, now, how)
        found = await _fetch(folder, sources, sources.issuers, now, how)
        done += found
        if not found.updated:
            break
    sources = await asyncio.to_thread(_sources, folder, now, how)
    return done + await _fetch(folder, sources, (*sources.crls, *sources.ocsp), now, how)


def remember(folder: Path, paths: Iterable[Chain]) -> None:
    """Keep the signers of these paths to ask about them, and the authorities between, which others may leave out."""
    for chain in paths:
        for certificate in chain.certificates[1:-1]:
            _keep_issuer(folder, certificate)
        if len(chain.certificates) > 1:
            _keep(folder / trust_folder.SEEN, chain.certificates[0], MOST_SEEN)


def _sources(folder: Path, now: datetime, how: Fetching) -> Sources:
    store = TrustStore.from_folder(folder)
    laid = [each.x509 for each in (*store.anchors, *store.timestamp_anchors, *store.intermediates)]
    # What was fetched counts as laid where a path leads from it to an anchor; `_keep_issuer` lets nothing else in.
    laid += [each.x509 for each in store.fetched]
    chains = [chain.certificates for leaf in trust_folder.seen(folder) for chain in _chains(store, leaf, now)]
    return refresh_sources.of(laid, chains, how.hosts)


def _chains(store: TrustStore, leaf: Certificate, now: datetime) -> Iterable[Chain]:
    found = (store.chain(leaf, (), now, purpose) for purpose in Purpose)
    return [chain for chain in found if isinstance(chain, Chain)]


async def _fetch(
    folder: Path,
    sources: Sources,
    steps: Sequence[CrlSource | OcspSource | IssuerSource],
    now: datetime,
    how: Fetching,
) -> Refreshed:
    updated: list[str] = []
    unchanged: list[str] = []
    failures: list[Failure] = []
    silent: Counter[str] = Counter()
    if not steps:
        return Refreshed()
    async with Fetcher(how, sources.hosts) as fetcher:
        for source in steps:
            host = urlsplit(source.url).netloc
            if silent[host] >= MOST_SILENCE:
                failures.append(Failure(source.url, SILENT.say(url=source.url)))
                continue
            try:
                new = await _one(folder, source, now, fetcher)
            except (NotFetched, UnusableRevocation, _NotTaken) as error:
                failures.append(Failure(source.url, error.text))
                silent[host] += isinstance(error, NotFetched) and error.again
            else:
                (updated if new else unchanged).append(source.url)
    return Refreshed(tuple(updated), tuple(unchanged), tuple(failures))


async def _one(
    folder: Path, source: CrlSource | OcspSource | IssuerSource, now: datetime, fetcher: Fetcher
) -> bool:
    """Fetch one thing and keep it if it is good and new; tell whether it was."""
    # Checking a large list and waiting for the disk take their time: not on the loop that documents come in on.
    if isinstance(source, CrlSource):
        got = await fetcher.get(source.url, revocation_crl.LARGEST)
        return await asyncio.to_thread(_take_crl, folder, source, now, got)
    if isinstance(source, IssuerSource):
        got = await fetcher.get(source.url, certificates.LARGEST)
        return await asyncio.to_thread(_take_issuer, folder, source, got)
    file = folder / trust_folder.OCSP / f"{_short(source.issuer)}-{source.certificate.serial_number:x}.ocsp"
    if await asyncio.to_thread(_still_fresh, file, now):
        return False
    got = await fetcher.post(
        source.url, _question(source), "application/ocsp-request", revocation_ocsp.LARGEST
    )
    return await asyncio.to_thread(_take_answer, file, source, now, got)


def _question(source: OcspSource) -> bytes:
    asked = ocsp.OCSPRequestBuilder().add_certificate(
        source.certificate,
        source.issuer,
        hashes.SHA1(),  # noqa: S303  the national responder's CertID; it names, it protects nothing
    )
    return asked.build().public_bytes(Encoding.DER)


def _take_crl(folder: Path, source: CrlSource, now: datetime, octets: bytes) -> bool:
    crl = revocation_crl.load(octets)
    if not any(crl.issued_by(issuer) for issuer in source.issuers):
        raise _NotTaken(NOT_THEIRS.say(url=source.url))
    if crl.this_update > now + SKEW:
        raise _NotTaken(FROM_THE_FUTURE.say(url=source.url, date=f"{crl.this_update:%Y-%m-%d %H:%M}"))
    name = f"{hashlib.sha256(source.url.encode()).hexdigest()[:40]}.crl"
    return _replace(folder / trust_folder.FETCHED_CRLS / name, crl.der, crl.this_update, source.url)


def _take_answer(file: Path, source: OcspSource, now: datetime, octets: bytes) -> bool:
    response = revocation_ocsp.load(octets)
    said = RevocationData.of([], [octets]).statements(source.certificate, source.issuer)
    if not said:
        raise _NotTaken(NOT_THEIRS.say(url=source.url))
    if response.as_of > now + SKEW:
        raise _NotTaken(FROM_THE_FUTURE.say(url=source.url, date=f"{response.as_of:%Y-%m-%d %H:%M}"))
    return _replace(file, octets, response.as_of, source.url)


def _take_issuer(folder: Path, source: IssuerSource, octets: bytes) -> bool:
    try:
        found = certificates.load(octets)
        source.certificate.verify_directly_issued_by(found.x509)
    except (UnreadableCertificate, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise _NotTaken(NOT_THEIRS.say(url=source.url)) from error
    return _keep_issuer(folder, found.x509)


def _keep_issuer(folder: Path, certificate: x509.Certificate) -> bool:
    return _keep(folder / trust_folder.ISSUERS, certificate, MOST_ISSUERS)


def _keep(folder: Path, certificate: x509.Certificate, most: int) -> bool:
    """Put a certificate into a folder under its fingerprint, and take the oldest out if there are too many."""
    file = folder / f"{certificate.fingerprint(hashes.SHA256()).hex()}.der"
    if file.exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(file, certificate.public_bytes(Encoding.DER), PUBLIC)
    known = sorted(folder.glob("*.der"), key=lambda each: (each.stat().st_mtime_ns, each.name))
    for old in known[:-most]:
        old.unlink(missing_ok=True)
    return True


def _replace(file: Path, octets: bytes, as_of: datetime, url: str) -> bool:
    """Write what is newer than what is there; raise `_NotTaken` for what is older."""
    try:
        there = file.read_bytes()
        known = (
            revocation_crl.load(there).this_update
            if file.suffix == ".crl"
            else revocation_ocsp.load(there).as_of
        )
    except (FileNotFoundError, UnusableRevocation):
        known = None
    if known is not None and as_of < known:
        raise _NotTaken(OLDER.say(url=url, date=f"{as_of:%Y-%m-%d %H:%M}"))
    if known is not None and as_of == known:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    write_durably(file, octets, PUBLIC)
    return True


def _still_fresh(file: Path, now: datetime) -> bool:
    """Tell whether an answer has more than half of its time left: then the responder is left in peace."""
    try:
        answers = revocation_ocsp.load(file.read_bytes()).answers
    except (FileNotFoundError, UnusableRevocation):
        return False
    return all(
        answer.next_update is not None
        and now < answer.this_update + (answer.next_update - answer.this_update) / 2
        for answer in answers
    )


def _short(issuer: x509.Certificate) -> str:
    return hashlib.sha256(revocation_ocsp.key_bits(issuer)).hexdigest()[:16]
