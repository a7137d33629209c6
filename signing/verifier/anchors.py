"""Whom the auditor believes: certificates, and ledgers' verifier keys, in files and folders that he names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from schemas.text import Sentence, Text
from signing.certificates import Certificate, UnreadableCertificate
from signing.notes import BadNote, VerifierKey
from signing.revocation import RevocationData
from signing.trust import TrustStore
from signing.trust_folder import read_certificates

LARGEST_KEYS = 65_536  # octets of a file of verifier keys
UNUSABLE = Sentence(
    vi="Tệp {file} không phải chứng thư, cũng không phải khóa kiểm của sổ nhật ký.",
    en="The file {file} is neither a certificate nor a verifier key of a ledger.",
)


@dataclass(frozen=True, slots=True)
class Trusted:
    """What verdicts rest on. `problems` tells what could not be used."""

    store: TrustStore
    ledgers: tuple[VerifierKey, ...] = ()
    problems: tuple[Text, ...] = ()
    hubs: frozenset[str] = (
        frozenset()
    )  # SHA-256 of the certificates that seal evidence; empty: any trusted one may

    def with_material(
        self, certificates: Iterable[Certificate], crls: Iterable[bytes], ocsp_responses: Iterable[bytes]
    ) -> Trusted:
        """Return the same trust with what a file brought along: it helps to find paths, and is trusted for nothing."""
        store = self.store
        wider = TrustStore(
            store.anchors,
            store.intermediates,
            require_revocation=store.require_revocation,
            revocation=store.revocation.joined(RevocationData.of(crls, ocsp_responses)),
            kinds=store.kinds,
            timestamp_anchors=store.timestamp_anchors,
            fetched=(*store.fetched, *certificates),
        )
        return replace(self, store=wider)


def trust_from(paths: Iterable[Path], hubs: Iterable[Path] = ()) -> Trusted:
    """Read folders as a hub's trust folder is read; files as roots, or as verifier keys of ledgers, a line each.

    `hubs` are files with the certificates of the hub whose evidence is expected.
    """
    stores: list[TrustStore] = []
    roots: list[Certificate] = []
    ledgers: list[VerifierKey] = []
    problems: list[Text] = []
    for path in paths:
        if path.is_dir():
            stores.append(TrustStore.from_folder(path))
            continue
        try:
            roots += read_certificates(path)
        except (OSError, ValueError, UnreadableCertificate):
            found = _verifier_keys(path)
            ledgers += found
            if not found:
                problems.append(UNUSABLE.say(file=path.name))
    revocation = RevocationData.empty()
    for store in stores:
        revocation = revocation.joined(store.revocation)
        problems += (problem.message for problem in store.problems)
    together = TrustStore(
        [*roots, *(anchor for store in stores for anchor in store.anchors)],
        [certificate for store in stores for certificate in store.intermediates],
        revocation=revocation,
        kinds={sha256: kind for store in stores for sha256, kind in store.kinds.items()},
        timestamp_anchors=[anchor for store in stores for anchor in store.timestamp_anchors],
        fetched=[certificate for store in stores for certificate in store.fetched],
    )
    sealing = frozenset(_sealing(hubs, problems))
    return Trusted(together, tuple(ledgers), tuple(problems), sealing)


def _sealing(paths: Iterable[Path], problems: list[Text]) -> Iterator[str]:
    for path in paths:
        try:
            yield from (certificate.summary.sha256 for certificate in read_certificates(path))
        except (OSError, ValueError, UnreadableCertificate):
            problems.append(UNUSABLE.say(file=path.name))
            yield path.name  # no certificate has it: a hub that was named and not found must not become any hub


def _verifier_keys(path: Path) -> list[VerifierKey]:
    try:
        with path.open("rb") as stream:
            lines = stream.read(LARGEST_KEYS).decode().split()
        return [VerifierKey.parse(line) for line in lines]
    except (OSError, UnicodeDecodeError, BadNote):
        return []
