"""What is seen in a signed file, before anything is judged: the words between the reading process and who judges.

`reading` runs in a process of its own and writes these as JSON; here they are read back, shape checked. Octets travel
as base64. A fact that is not known is None.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


class BadFacts(Exception):
    """The reading process answered with something else than facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFacts:
    """One signature as it stands in a file. With a `problem` (a code of `reading`), the rest is what was still read."""

    name: str = ""  # of the signature field
    sub_filter: str = ""  # how the PDF says that it is encoded
    problem: str = ""
    detail: str = ""
    digest_right: bool = False  # the octets have the digest that was signed
    value_right: bool = False  # the value was made by the certificate's key
    digest: str = ""  # name of the digest algorithm
    mechanism: str = ""  # name of the signature algorithm
    digest_value: str = ""  # of the octets that are covered, in hex
    value: bytes = b""
    claimed_at: datetime | None = None
    names_certificate: bool = False  # the signed attributes bind the certificate: signingCertificate(V2)
    certificate: bytes = b""  # DER
    others: tuple[bytes, ...] = ()  # DER, in the order in which they came
    time_stamps: tuple[bytes, ...] = ()  # tokens over the value: DER of a ContentInfo
    stamped_at: datetime | None = None  # what the first token says, unproven
    crls: tuple[bytes, ...] = ()  # DER
    ocsp_responses: tuple[bytes, ...] = ()  # DER
    coverage: str = ""  # file, revision, other
    revision: int = 0
    revisions: int = 0
    byte_range: tuple[int, ...] = ()
    changes: str = ""  # since it was signed: none, archive, signatures, fields, other
    allowed: bool = True  # what was changed is what the author of the document allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What was seen in one file. A `problem` (a code of `reading`) says why there are no signatures, or not all."""

    signatures: tuple[SignatureFacts, ...] = ()
    document_stamps: tuple[SignatureFacts, ...] = ()  # time stamps over whole revisions
    problem: str = ""
    detail: str = ""
    certificates: tuple[bytes, ...] = ()  # of the document security store, DER
    crls: tuple[bytes, ...] = ()
    ocsp_responses: tuple[bytes, ...] = ()
    content: bytes | None = None  # of an enveloping signature: what is in the envelope


def write(facts: FileFacts) -> bytes:
    """Return facts as JSON."""
    return json.dumps(asdict(facts), default=_plain).encode()


def read(octets: bytes) -> FileFacts:
    """Return the facts that JSON stands for. Raises `BadFacts`."""
    try:
        raw = json.loads(octets, object_hook=_rich)
        signatures = tuple(_signature(each) for each in raw.pop("signatures"))
        stamps = tuple(_signature(each) for each in raw.pop("document_stamps"))
        return FileFacts(signatures=signatures, document_stamps=stamps, **_tuples(raw))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadFacts(type(error).__name__) from error


def _signature(raw: dict[str, Any]) -> SignatureFacts:
    return SignatureFacts(**_tuples(raw))


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}


def _plain(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    raise TypeError(f"expected octets or a time, got {type(value).__name__}")


def _rich(value: dict[str, Any]) -> Any:
    if value.keys() == {"base64"}:
        return b64decode(value["base64"], validate=True)
    return datetime.fromisoformat(value["time"]) if value.keys() == {"time"} else value
