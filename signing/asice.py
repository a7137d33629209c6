"""ASiC-E containers with XAdES signatures: ETSI EN 319 162-1, 4.4.

`write` makes a container in the one form of `docs/evidence-format.md`: `mimetype`, the data files, the manifest, one
signature file, all stored. `read` takes it apart, and those of others; `verify` judges every signature.

A container of ours, which is one with a signature that says so (`xades_form.MARK`, which is signed), is held to its
form: from what was read, the file is made again and compared, and every certificate, CRL and OCSP answer enclosed must
hold by itself. So an octet that was changed is found even where no signature looks, and its part is named. Containers
of others are judged by their signatures alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from lxml import etree

from schemas.findings import InvalidDocument
from signing import asice_values, xades, xades_verify, zip_file
from signing import reasons_container as reasons
from signing.keys import SigningKey
from signing.reasons import Refused
from signing.timestamp import TimeStampAuthority
from signing.trust import TrustStore
from signing.verdict import ALWAYS_NEEDED, Aspect, Form, Outcome, Question, Reason, Verdict, conclude
from signing.xades import DataFile
from signing.xades_form import NAME, SignedFile, Unsupported, compose
from signing.xades_read import Reference, Signature
from signing.xades_read import read as read_signature
from signing.zip_problems import WHOLE, Problem, names_of

MEDIA_TYPE = b"application/vnd.etsi.asic-e+zip"
MIMETYPE = "mimetype"
MANIFEST = "META-INF/manifest.xml"
SIGNATURES = "META-INF/signatures{number}.xml"

_SIGNATURE_FILE = re.compile(r"META-INF/[^/]*signatures[^/]*\.(xml|p7s)", re.IGNORECASE | re.ASCII)
_MANIFEST_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


@dataclass(frozen=True, slots=True)
class Found:
    """A signature of a container: its parts, or why it could not be read."""

    part: str
    signature: Signature | None
    outcome: Outcome = Outcome.VALID  # of the reading
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Container:
    """What a container holds. `files` are the data files, `parts` all there is, by name, in order.

    `ours`: made by `write`, or claims so. `canonical`: every octet is as `write` would have written it. `problems`:
    what is wrong with which part; none of the signatures is then valid.
    """

    files: Mapping[str, bytes]
    parts: Mapping[str, bytes]
    signatures: tuple[Found, ...]
    ours: bool
    canonical: bool
    problems: tuple[Problem, ...]


async def write(
    files: Mapping[str, DataFile],
    key: SigningKey,
    *,
    at: datetime,
    timestamper: TimeStampAuthority | None = None,
    trust: TrustStore | None = None,
    archive: bool = False,
) -> bytes:
    """Return a container with these files, in their order, and one signature over all of them.

    Its level depends on what is given: see `xades`. Raises `xades.NotSealed`, `timestamp_client.NoTimeStamp` or
    `keys.UnusableKey`.
    """
    signature = await xades.seal(files, key, at=at, timestamper=timestamper, trust=trust, archive=archive)
    return _packed(files, signature)


async def renew(content: bytes, timestamper: TimeStampAuthority) -> bytes:
    """Return a container of ours with one more archive time stamp on each signature, to outlive the ones it has.

    Verify it before: an archive time stamp heals nothing. Raises `xades.NotSealed` for one that is not in our form.
    """
    container = read(content)
    if not container.ours or not container.canonical:
        raise xades.NotSealed(reasons.CONTAINER_NOT_CANONICAL.because(part=WHOLE).message)
    parts = dict(container.parts)
    for number, found in enumerate(container.signatures):
        if found.signature is not None and (old := xades.parts_of(found.signature, number)) is not None:
            parts[found.part] = compose(await xades.archived(old, container.files, timestamper))
    return zip_file.pack(parts)


def _packed(files: Mapping[str, DataFile], signature: bytes) -> bytes:
    contents = {name: file.content for name, file in files.items()}
    manifest = _manifest({name: file.media_type for name, file in files.items()})
    return zip_file.pack(
        {MIMETYPE: MEDIA_TYPE, **contents, MANIFEST: manifest, SIGNATURES.format(number=0): signature}
    )


def _manifest(media_types: Mapping[str, str]) -> bytes:
    """Return META-INF/manifest.xml (OpenDocument 1.2, part 3, 3), which Estonian tools compare with the signature."""
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media_type}"/>'
        for path, media_type in {"/": MEDIA_TYPE.decode(), **media_types}.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest:manifest xmlns:manifest="{_MANIFEST_NAMESPACE}" manifest:version="1.2">{entries}'
        "</manifest:manifest>\n"
    ).encode()


# Reading


def read(content: bytes) -> Container:
    """Take a container apart. Never raises: what is wrong is in `problems`, by part."""
    unpacked = zip_file.unpack(content)
    parts, problems = unpacked.parts, list(unpacked.problems)
    if not problems and parts.get(MIMETYPE) != MEDIA_TYPE:
        problems.append(_broken(MIMETYPE, MEDIA_TYPE.decode()))
    signatures: list[Found] = []
    for name in parts:
        if _SIGNATURE_FILE.fullmatch(name):
            signatures += _read_signatures(name, parts[name])
    ours = any(found.signature is not None and found.signature.ours for found in signatures)
    files = {name: data for name, data in parts.items() if name != MIMETYPE and not _is_about(name)}
    odd = list(dict.fromkeys(_odd(parts, files, signatures, unpacked.differs)))
    if ours:
        known = set(names_of(problems))
        problems += [
            Problem(part, reasons.CONTAINER_NOT_CANONICAL.because(part=part))
            for part in odd
            if part not in known
        ]
    return Container(files, parts, tuple(signatures), ours, not odd, tuple(problems))


def _is_about(name: str) -> bool:
    return name.lower().startswith("meta-inf/")  # in upper case, a dotless i would be one with a dot


def _read_signatures(name: str, content: bytes) -> Iterator[Found]:
    if not name.endswith(".xml"):
        yield _unreadable(name, Unsupported(what="CAdES"))
        return
    try:
        elements = xades.signatures_of(content)
    except InvalidDocument as error:
        told = reasons.XADES_MALFORMED.because(element=name, expected="XML", got=error.findings[0].message)
        yield Found(name, None, Outcome.INVALID, (told,))
        return
    except Refused as refused:
        yield _unreadable(name, refused)
        return
    if not elements:
        yield _unreadable(name, Unsupported(what="XAdESSignatures"))
    for element in elements:
        yield _read_one(name, element)


def _read_one(name: str, element: etree._Element) -> Found:
    try:
        return Found(name, read_signature(element))
    except (Refused, Unsupported) as error:
        return _unreadable(name, error)


def _unreadable(name: str, error: Refused | Unsupported) -> Found:
    if isinstance(error, Refused):
        return Found(name, None, Outcome.INVALID, error.reasons)
    return Found(name, None, Outcome.UNDETERMINED, (error.reason,))


def _odd(
    parts: Mapping[str, bytes],
    files: Mapping[str, bytes],
    signatures: list[Found],
    differs: str | None,
) -> Iterator[str]:
    """Yield the names of the parts that are not as `write` writes them."""
    if differs is not None:
        yield differs
    names = [found.part for found in signatures]
    expected = [MIMETYPE, *files, MANIFEST, *(SIGNATURES.format(number=n) for n in range(len(signatures)))]
    yield from (name for name in [*parts, *expected] if [*parts].count(name) != expected.count(name))
    yield from _uncovered(files, signatures)
    if [*parts] != expected:
        yield WHOLE
    for number, found in enumerate(signatures):
        again = None if found.signature is None else xades.parts_of(found.signature, number)
        if again is None or names.count(found.part) != 1 or compose(again) != parts[found.part]:
            yield found.part
        elif _manifest(_media_types(again.files)) != parts.get(MANIFEST):
            yield MANIFEST
    yield from (name for name in files if not NAME.fullmatch(name))


def _uncovered(files: Mapping[str, bytes], signatures: Iterable[Found]) -> Iterator[str]:
    covered = {reference.name for reference in _references(signatures)}
    yield from (name for name in files if name not in covered)


def _references(signatures: Iterable[Found]) -> Iterator[Reference]:
    for found in signatures:
        if found.signature is not None:
            yield from found.signature.references


def damaged(container: Container) -> tuple[str, ...]:
    """Return the names of the parts that are not as they were sealed, whatever the verdicts are: what to point at.

    Those with a problem, files that no signature covers, and files that are gone or have another digest than signed.
    """
    names = dict.fromkeys(names_of(container.problems))
    names |= dict.fromkeys(_uncovered(container.files, container.signatures))
    for reference in _references(container.signatures):
        if reference.name is not None:
            data = container.parts.get(reference.name)
            if data is None or hashlib.new(reference.digest, data).digest() != reference.digest_value:
                names[reference.name] = None
    return tuple(names)


def _media_types(files: tuple[SignedFile, ...]) -> dict[str, str]:
    return {file.name: file.media_type for file in files}


def _broken(part: str, detail: str) -> Problem:
    return Problem(part, reasons.CONTAINER_BROKEN.because(part=part, detail=detail))


# Verifying


def verify(container: Container, trust: TrustStore, at: datetime) -> tuple[Verdict, ...]:
    """Return one verdict for each signature, or, if there is none, a single one that says so. `part` names its file."""
    if not container.signatures:
        told = tuple(problem.reason for problem in container.problems)
        outcome = Outcome.INVALID if told else Outcome.ABSENT
        why = told or (reasons.NO_SIGNATURE.because(),)
        return (Verdict(outcome=outcome, reasons=why, checked_at=at, form=Form.XADES),)
    return tuple(_judge(container, found, trust, at) for found in container.signatures)


def _judge(container: Container, found: Found, trust: TrustStore, at: datetime) -> Verdict:
    problems = tuple(problem.reason for problem in container.problems)
    if found.signature is None:
        outcome = Outcome.INVALID if problems else found.outcome
        aspects = {Question.INTEGRITY: Aspect(outcome=outcome, reasons=(*problems, *found.reasons))}
        return Verdict(
            outcome=outcome,
            reasons=(*problems, *found.reasons),
            checked_at=at,
            form=Form.XADES,
            part=found.part,
            aspects=aspects,
        )
    others = (other for other in container.signatures if other is not found)
    elsewhere = {reference.name for reference in _references(others) if reference.name is not None}
    verdict = xades_verify.verify(
        found.signature,
        container.parts,
        tuple(container.files),
        trust,
        at,
        covered_elsewhere=frozenset(elsewhere),
    )
    if container.ours:
        problems += tuple(asice_values.unproven(found.part, found.signature, trust))
    return replace(_with(verdict, problems, trust), part=found.part)


def _with(verdict: Verdict, problems: tuple[Reason, ...], trust: TrustStore) -> Verdict:
    """Return the verdict as it is in a container with these problems."""
    if not problems:
        return verdict
    integrity = verdict.aspects[Question.INTEGRITY]
    told = (*(integrity.reasons if integrity.outcome is Outcome.INVALID else ()), *problems)
    broken = Aspect(outcome=Outcome.INVALID, reasons=told, evidence=integrity.evidence)
    aspects = {**verdict.aspects, Question.INTEGRITY: broken}
    needed = ALWAYS_NEEDED | ({Question.REVOCATION} if trust.require_revocation else frozenset())
    outcome, why = conclude(aspects, needed)
    return replace(verdict, outcome=outcome, reasons=why, aspects=aspects)
