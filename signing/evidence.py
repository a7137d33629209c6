"""What lies in the evidence of one exchange, under which names: docs/evidence-format.md.

Evidence is an ASiC-E container (`asice`) whose files are named here. The hub fills it (`hub.evidence`), the verifier
examines it (`verifier.evidence`); both go by this module. Names stand at the root of the container, in unreserved
characters, because some readers of ASiC-E take nothing else.

    evidence.json            what it is about: hub, document, when it was made (`Index`)
    package.edxml            the package exactly as received; absent if it was refused
    answer-01.edxml ...      the answers' packages exactly as received, in order of arrival
    receipt-01.p7m ...       the hub's signed receipts
    signatures.json          the verdicts on the package's signatures as the hub recorded them
    ledger-events.jsonl      every event of the exchange, a line each, exactly as it was hashed
    ledger-proofs.json       for each event its place in the Merkle tree (`Proof`)
    ledger-checkpoint.txt    the signed checkpoint that the proofs lead to
    ledger-checkpoint.tsr    its time stamp, if there is one
    certificate-….cer        certificates that help to build paths
    crl-01.crl, ocsp-01.ors  revocation data
    summary.html             all of it for a reader
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FORMAT = "edochub-evidence/1"

INDEX = "evidence.json"
PACKAGE = "package.edxml"
VERDICTS = "signatures.json"
EVENTS = "ledger-events.jsonl"
PROOFS = "ledger-proofs.json"
CHECKPOINT = "ledger-checkpoint.txt"
CHECKPOINT_STAMP = "ledger-checkpoint.tsr"
SUMMARY = "summary.html"

MEDIA_TYPES: Mapping[str, str] = {
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".edxml": "application/xml",
    ".p7m": "application/pkcs7-mime",
    ".txt": "text/plain",
    ".tsr": "application/timestamp-reply",
    ".cer": "application/pkix-cert",
    ".crl": "application/pkix-crl",
    ".ors": "application/ocsp-response",
    ".html": "text/html",
}


def answer(number: int) -> str:
    """Return the name of an answer's package; numbers begin with 1."""
    return f"answer-{number:02}.edxml"


def receipt(number: int) -> str:
    """Return the name of a receipt."""
    return f"receipt-{number:02}.p7m"


def certificate(sha256: str) -> str:
    """Return the name of a certificate with this fingerprint."""
    return f"certificate-{sha256[:16]}.cer"


def crl(number: int) -> str:
    """Return the name of a revocation list."""
    return f"crl-{number:02}.crl"


def ocsp(number: int) -> str:
    """Return the name of an OCSP answer."""
    return f"ocsp-{number:02}.ors"


def media_type(name: str) -> str:
    """Return what the manifest calls a file."""
    return MEDIA_TYPES.get(name[name.rfind(".") :], "application/octet-stream")


def matching(files: Iterable[str], prefix: str) -> list[str]:
    """Return the numbered files of a kind (`answer`, `receipt`, ...), in order."""
    pattern = re.compile(rf"{prefix}-[0-9a-f]+\.[a-z0-9]+")
    return sorted(name for name in files if pattern.fullmatch(name))


class NotEvidence(ValueError):
    """A file of the container is not what the layout says. Its message is for developers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """`evidence.json`: what the container is about."""

    made_at: datetime
    hub: str  # its code
    hub_name: str
    id: str  # the message, or the refused document, under the hub's own id
    document_id: str
    code: str
    subject: str
    sender: str
    sender_name: str
    refused: bool = False

    def write(self) -> bytes:
        """Return the file."""
        return _json(
            {
                "format": FORMAT,
                "made_at": self.made_at.isoformat(),
                "hub": {"code": self.hub, "name": self.hub_name},
                "id": self.id,
                "document_id": self.document_id,
                "code": self.code,
                "subject": self.subject,
                "from": {"code": self.sender, "name": self.sender_name},
                "refused": self.refused,
            }
        )

    @classmethod
    def read(cls, content: bytes) -> Index:
        """Read the file, or raise `NotEvidence`."""
        said = _read(content)
        try:
            if said["format"] != FORMAT:
                raise NotEvidence(f"expected the format {FORMAT}, got {said['format']!r}")
            return cls(
                made_at=datetime.fromisoformat(said["made_at"]),
                hub=_text(said["hub"]["code"]),
                hub_name=_text(said["hub"]["name"]),
                id=_text(said["id"]),
                document_id=_text(said["document_id"]),
                code=_text(said["code"]),
                subject=_text(said["subject"]),
                sender=_text(said["from"]["code"]),
                sender_name=_text(said["from"]["name"]),
                refused=said["refused"] is True,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NotEvidence(f"{INDEX}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where one event stands in the tree of the checkpoint, and the hashes (hex) from its leaf up to the root."""

    seq: int  # of the event; its leaf has the index seq - 1
    path: tuple[str, ...]


def write_events(bodies: Iterable[str]) -> bytes:
    """Return the events' file: each body as it was hashed, a line each."""
    return "".join(f"{body}\n" for body in bodies).encode()


def read_events(content: bytes) -> tuple[str, ...]:
    """Return the bodies of the events' file, or raise `NotEvidence`."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise NotEvidence(f"{EVENTS}: {error}") from error
    if not text.endswith("\n"):
        raise NotEvidence(f"{EVENTS}: expected a line break at the end")
    return tuple(text[:-1].split("\n"))


def write_proofs(proofs: Iterable[Proof]) -> bytes:
    """Return the proofs' file."""
    return _json([{"seq": proof.seq, "path": list(proof.path)} for proof in proofs])


def read_proofs(content: bytes) -> dict[int, Proof]:
    """Return the proofs by the event's number, or raise `NotEvidence`."""
    try:
        proofs = [
            Proof(seq=_number(said["seq"]), path=tuple(_text(digest) for digest in said["path"]))
            for said in _read(content)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise NotEvidence(f"{PROOFS}: {error}") from error
    return {proof.seq: proof for proof in proofs}


def write_verdicts(verdicts: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the verdicts' file: `Verdict.as_json` of each."""
    return _json(list(verdicts))


def read_verdicts(content: bytes) -> list[Mapping[str, Any]]:
    """Return the verdicts of the verdicts' file, or raise `NotEvidence`."""
    said = _read(content)
    if not isinstance(said, list) or not all(isinstance(verdict, dict) for verdict in said):
        raise NotEvidence(f"{VERDICTS}: expected a list of verdicts")
    return said


def as_recorded(verdicts: Iterable[Mapping[str, Any]], recorded: Sequence[Any]) -> list[Any]:
    """Return verdicts as an event of the ledger tells of them, to be compared with what it tells.

    The event of the acceptance lists outcomes; those of a later judging say of each signature which it is, how it
    stands, why, and by which certificate (`hub.settling`).
    """
    if all(isinstance(each, str) for each in recorded):
        return [verdict.get("outcome") for verdict in verdicts]
    return [
        {
            "part": verdict.get("part"),
            "form": verdict.get("form"),
            "outcome": verdict.get("outcome"),
            "reasons": [_member(reason, "code") for reason in _members(verdict.get("reasons"))],
            "certificate": _member(verdict.get("certificate"), "sha256"),
        }
        for verdict in verdicts
    ]


def _member(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _members(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotEvidence(f"no JSON: {error}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {type(value).__name__}")
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"expected a number, got {type(value).__name__}")
    return value
