"""Judge a XAdES signature over the files of a container: one verdict, each question answered apart.

1. Integrity: the certificate is the one that was signed along, every file and the signed properties have the digest
   that SignedInfo says, and the signature value holds over SignedInfo.
2. Time: the time stamps, the outermost archive time stamp first, since each proves that what it covers was there
   before the certificates that vouch for it expired (EN 319 102-1, 5.6.3). The earliest proven time is the one at
   which the signer's certificate is then judged; without any, that is the time of the check.
3. Trust and revocation, at that time. Certificates, CRLs and OCSP answers that are enclosed are used as data: they
   are signed by their issuers, and prove nothing by being there.
4. Coverage: every data file of the container is signed.

What cannot be checked leaves the signature UNDETERMINED, never VALID.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.paths import path_of
from signing import certificates, schemes, timestamp
from signing import reasons as general
from signing import reasons_container as reasons
from signing.certificates import Certificate, UnreadableCertificate
from signing.reasons import Refused
from signing.revocation import RevocationData
from signing.timestamp import CLOCKS_MAY_DIFFER, TimeStampVerdict
from signing.trust import Chain, TrustStore
from signing.verdict import ALWAYS_NEEDED, Aspect, Form, Outcome, Question, Reason, Verdict, conclude
from signing.xades_form import Unsupported, canonical_form
from signing.xades_read import Signature, Stamp


def verify(
    signature: Signature,
    files: Mapping[str, bytes],
    to_cover: Sequence[str],
    trust: TrustStore,
    at: datetime,
    *,
    covered_elsewhere: frozenset[str] = frozenset(),
) -> Verdict:
    """Judge a signature. Never raises.

    `files`: all parts of the container by name; `to_cover`: the names of its data files; `covered_elsewhere`: those
    that another signature of the container covers.
    """
    leaf = None
    aspects: dict[Question, Aspect] = {
        Question.COVERAGE: _coverage(signature, to_cover, covered_elsewhere),
    }
    times: _Times | None = None
    try:
        leaf = _signer(signature)
        aspects[Question.INTEGRITY] = _integrity(signature, leaf, files)
        extra = _extra(signature, leaf)
        revocation = trust.revocation.joined(RevocationData.of(signature.crls, signature.ocsp_responses))
        times = _times(signature, files, trust, revocation, extra, at)
        aspects[Question.TIME] = times.aspect
        judged_at = times.proven or at
        chain = trust.chain(leaf, extra, judged_at)
        aspects[Question.TRUST] = _trust(chain)
        if isinstance(chain, Chain):
            aspects[Question.REVOCATION] = revocation.status(chain.certificates, judged_at)
    except Refused as refused:
        aspects[Question.INTEGRITY] = Aspect(outcome=Outcome.INVALID, reasons=refused.reasons)
    except Unsupported as unsupported:
        if aspects.get(Question.INTEGRITY, _UNKNOWN).outcome is not Outcome.INVALID:
            aspects[Question.INTEGRITY] = undetermined(unsupported)
    needed = ALWAYS_NEEDED | ({Question.REVOCATION} if trust.require_revocation else frozenset())
    outcome, why = conclude(aspects, needed)
    return Verdict(
        outcome=outcome,
        reasons=why,
        checked_at=at,
        form=Form.XADES,
        level=signature.level,
        signer=leaf.name if leaf else None,
        certificate=leaf.summary if leaf else None,
        algorithm=signature.scheme.name,
        path=path_of(signature.element),
        covers="document" if aspects[Question.COVERAGE].outcome is Outcome.VALID else None,
        claimed_at=signature.claimed_at,
        proven_at=times.proven if times else None,
        aspects=aspects,
    )


_UNKNOWN = Aspect(outcome=Outcome.UNDETERMINED)


def undetermined(unsupported: Unsupported) -> Aspect:
    """Return what is said where something could not be checked."""
    return Aspect(outcome=Outcome.UNDETERMINED, reasons=(unsupported.reason,))


# 1. Integrity


def _signer(signature: Signature) -> Certificate:
    """Return the certificate that the signer signed along, or raise `Refused`."""
    if not signature.key_certificates:
        raise Unsupported(what="KeyInfo - X509Certificate")
    algorithm, digest = signature.signing_certificate
    for number, der in enumerate(signature.key_certificates, start=1):
        if hashlib.new(algorithm, der).digest() == digest:
            try:
                return certificates.load(der)
            except UnreadableCertificate as error:
                raise Refused(general.CERTIFICATE_UNREADABLE.because(number=number)) from error
    raise Refused(reasons.OTHER_CERTIFICATE.because())


def _integrity(signature: Signature, leaf: Certificate, files: Mapping[str, bytes]) -> Aspect:
    broken: list[Reason] = []
    evidence: dict[str, str] = {}
    for reference in signature.references:
        name = reference.name
        if name is None:
            octets = canonical_form(signature.properties, reference.canonicalisation)
        elif name in files:
            octets = files[name]
        else:
            broken.append(reasons.FILE_MISSING.because(file=name))
            continue
        digest = hashlib.new(reference.digest, octets).digest()
        if digest != reference.digest_value:
            broken.append(
                reasons.PROPERTIES_ALTERED.because()
                if name is None
                else reasons.FILE_ALTERED.because(file=name)
            )
        elif name is not None:
            evidence[name] = f"{reference.digest}:{digest.hex()}"
    key = schemes.fitting(signature.scheme, leaf.public_key)
    signed = canonical_form(signature.signed_info, signature.canonicalisation)
    wrong = schemes.check_value(signature.scheme, key, signature.value, signed)
    if wrong is not None:
        broken.append(wrong)
    if broken:
        return Aspect(outcome=Outcome.INVALID, reasons=tuple(broken), evidence=evidence)
    held = reasons.SEALED.because(count=len(evidence))
    return Aspect(outcome=Outcome.VALID, reasons=(held,), evidence=evidence)


# 2. Time


@dataclass(frozen=True, slots=True)
class _Times:
    aspect: Aspect
    proven: datetime | None


def _times(
    signature: Signature,
    files: Mapping[str, bytes],
    trust: TrustStore,
    revocation: RevocationData,
    extra: Sequence[Certificate],
    at: datetime,
) -> _Times:
    proven: datetime | None = None
    seen: list[TimeStampVerdict] = []

    def judge(stamp: Stamp, chunks: list[bytes]) -> None:
        nonlocal proven
        before = proven
        for token in stamp.tokens:
            verdict = timestamp.verify_imprint(
                token,
                lambda algorithm: digest_of(chunks, algorithm),
                trust,
                at,
                proven_at=before,
                revocation=revocation,
                extra=extra,
            )
            seen.append(verdict)
            if verdict.outcome is Outcome.VALID and verdict.time is not None:
                proven = verdict.time if proven is None else min(proven, verdict.time)

    for stamp in reversed(signature.archives):
        judge(stamp, list(archive_octets(signature, files, stamp)))
    for stamp in signature.stamps:
        judge(stamp, [canonical_form(signature.value_element, stamp.canonicalisation)])
    return _Times(_time_aspect(signature, seen, proven, at), proven)


def digest_of(chunks: Sequence[bytes], algorithm: str) -> bytes:
    """Return the digest of the chunks put together."""
    worked_out = hashlib.new(algorithm)
    for chunk in chunks:
        worked_out.update(chunk)
    return worked_out.digest()


def archive_octets(
    signature: Signature, files: Mapping[str, bytes], stamp: Stamp | None, canonicalisation: str = ""
) -> Iterator[bytes]:
    """Yield what an archive time stamp covers (EN 319 132-1, 5.5.2.2), or, without one, what the next would cover.

    What the references lead to, in order; SignedInfo, SignatureValue and KeyInfo; the unsigned properties that stand
    before it, in order. There are no further ds:Object: `xades_read` refuses them.
    """
    algorithm = stamp.canonicalisation if stamp is not None else canonicalisation
    for reference in signature.references:
        if reference.name is None:
            yield canonical_form(signature.properties, reference.canonicalisation)
        else:
            yield files.get(reference.name, b"")
    yield canonical_form(signature.signed_info, algorithm)
    yield canonical_form(signature.value_element, algorithm)
    if signature.key_info is not None:
        yield canonical_form(signature.key_info, algorithm)
    for element in signature.unsigned:
        if stamp is not None and element is stamp.element:
            return
        yield canonical_form(element, algorithm)


def _time_aspect(
    signature: Signature, seen: Sequence[TimeStampVerdict], proven: datetime | None, at: datetime
) -> Aspect:
    claimed = signature.claimed_at
    evidence = {
        f"timestamp-{number}": f"{stamp.time.isoformat()} {stamp.authority.sha256}"
        for number, stamp in enumerate(seen, start=1)
        if stamp.time is not None and stamp.authority is not None
    }
    told = tuple(reason for stamp in seen for reason in stamp.reasons)
    if any(stamp.outcome is Outcome.INVALID for stamp in seen):
        first = tuple(
            reason for stamp in seen if stamp.outcome is Outcome.INVALID for reason in stamp.reasons
        )
        return Aspect(outcome=Outcome.INVALID, reasons=first, evidence=evidence)
    if claimed is None:
        return Aspect(outcome=Outcome.UNDETERMINED, reasons=(reasons.TIME_MISSING.because(), *told))
    shown = f"{claimed:%Y-%m-%d %H:%M:%S} UTC"
    latest = at if proven is None else proven
    if claimed > latest + CLOCKS_MAY_DIFFER:
        why = reasons.TIME_CONTRADICTED.because(claimed=shown, proven=f"{latest:%Y-%m-%d %H:%M:%S} UTC")
        return Aspect(outcome=Outcome.UNDETERMINED, reasons=(why, *told), evidence=evidence)
    if seen and proven is None:
        return Aspect(outcome=Outcome.UNDETERMINED, reasons=told, evidence=evidence)
    if not seen:
        told = (reasons.TIME_CLAIMED.because(time=shown),)
    return Aspect(outcome=Outcome.VALID, reasons=told, evidence=evidence)


# 3. Trust


def _extra(signature: Signature, leaf: Certificate) -> tuple[Certificate, ...]:
    """Return the readable certificates that are enclosed, each once, but the signer's."""
    found: dict[str, Certificate] = {}
    for der in (*signature.key_certificates, *signature.certificates):
        try:
            certificate = certificates.load(der)
        except UnreadableCertificate:
            continue  # it cannot be part of a path; `asice` tells of it in a container of ours
        found[certificate.summary.sha256] = certificate
    found.pop(leaf.summary.sha256, None)
    return tuple(found.values())


def _trust(chain: Chain | tuple[Reason, ...]) -> Aspect:
    if not isinstance(chain, Chain):
        return Aspect(outcome=Outcome.UNDETERMINED, reasons=chain)
    anchor = chain.anchor.subject.rfc4514_string()
    return Aspect(outcome=Outcome.VALID, evidence={"anchor": anchor})


# 4. Coverage


def _coverage(signature: Signature, to_cover: Sequence[str], elsewhere: frozenset[str]) -> Aspect:
    covered = {reference.name for reference in signature.references}
    missing = [name for name in to_cover if name not in covered]
    if not missing:
        return Aspect(outcome=Outcome.VALID, reasons=(reasons.ALL_FILES_SIGNED.because(),))
    told = tuple(reasons.FILE_NOT_SIGNED.because(file=name) for name in missing)
    outcome = Outcome.UNDETERMINED if elsewhere.issuperset(missing) else Outcome.INVALID
    return Aspect(outcome=outcome, reasons=told)
