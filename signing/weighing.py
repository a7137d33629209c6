"""From what was found of an XML signature to its verdict: one answer for each question, then the outcome of all.

Integrity: INVALID if anything signed is not as it was signed; UNDETERMINED if it is, but only as we read the signature
(`habits`). Trust: UNDETERMINED without a path to an anchor (EN 319 102-1, 5.1.3: NO_CERTIFICATE_CHAIN_FOUND and
OUT_OF_BOUNDS_NO_POE are indications of indetermination). Time: an XML signature claims none and proves none; what the
hub knows is that it was made before the package was received. Coverage: VALID if it is the whole package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lxml import etree

from schemas.findings import shortened
from schemas.paths import local_name, path_of
from signing import certificates, reasons
from signing.certificates import Certificate
from signing.recent import Recent
from signing.references import Digested
from signing.trust import Chain, TrustStore
from signing.verdict import ALWAYS_NEEDED, Aspect, Outcome, Question, Reason, Verdict, conclude

PATH = "/edXML/edXMLEnvelope/edXMLHeader/Signature"  # the only place, which `place.check` has seen to
DOCUMENT = "document"
ATTACHMENTS = "attachments"
STRICTLY_NEEDED = ALWAYS_NEEDED | {Question.REVOCATION}


@dataclass(frozen=True, slots=True)
class Integrity:
    """Is what was signed as it was signed: why not, how it had to be read, and every digest that was taken."""

    algorithm: str
    broken: tuple[Reason, ...] = ()
    habits: tuple[Reason, ...] = ()
    digested: tuple[Digested, ...] = ()

    def aspect(self) -> Aspect:
        """Return the answer, with the digests that were signed and those that were found, in hex."""
        evidence = {"signature_algorithm": self.algorithm}
        for one in self.digested:
            of = f" {shortened(one.reference.uri)}" if one.reference.uri else ""
            evidence[f"digest_algorithm{of}"] = one.reference.digest
            evidence[f"digest_expected{of}"] = one.reference.value.hex()
            evidence[f"digest_got{of}"] = one.got.hex()
        if self.broken:
            return Aspect(outcome=Outcome.INVALID, reasons=self.broken + self.habits, evidence=evidence)
        outcome = Outcome.UNDETERMINED if self.habits else Outcome.VALID
        return Aspect(outcome=outcome, reasons=self.habits, evidence=evidence)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was signed: the whole package, or the attachments `signed` and not the others, nor the header."""

    whole: bool
    signed: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()

    @classmethod
    def of(cls, digested: Sequence[Digested], names: Iterable[str]) -> Coverage:
        """Return what these references cover, of a package with attachments of these names."""
        if any(not one.reference.uri for one in digested):
            return cls(whole=True)
        signed = tuple(one.name for one in digested)
        left = list(names)
        for name in signed:
            left.remove(name)
        return cls(whole=False, signed=signed, unsigned=tuple(left))

    @property
    def name(self) -> str:
        """What the verdict calls it."""
        return DOCUMENT if self.whole else ATTACHMENTS

    def aspect(self) -> Aspect:
        """Return the answer. A signature over files alone never covers the document that they belong to."""
        if self.whole:
            return Aspect(outcome=Outcome.VALID, evidence={"covered": DOCUMENT})
        covered = str(shortened(", ".join(self.signed)))
        return Aspect(
            outcome=Outcome.UNDETERMINED,
            reasons=(reasons.PARTIAL.because(covered=covered),),
            evidence={
                "covered": covered,
                "not_covered": str(shortened(", ".join(("header", "body", *self.unsigned)))),
            },
        )


def judged(
    leaf: Certificate,
    chain: Chain | tuple[Reason, ...],
    integrity: Integrity,
    coverage: Coverage | None,
    trust: TrustStore,
    at: datetime,
) -> Verdict:
    """Return the verdict on a signature of the right form. `coverage` is None if it covers nothing, being broken."""
    aspects = {
        Question.INTEGRITY: integrity.aspect(),
        Question.TRUST: _trust(leaf, chain, intact=not integrity.broken),
        Question.TIME: Aspect(outcome=Outcome.VALID, evidence={"received_at": at.isoformat()}),
    }
    if coverage is not None:
        aspects[Question.COVERAGE] = coverage.aspect()
        if isinstance(chain, Chain):
            aspects[Question.REVOCATION] = trust.revocation.status(chain.certificates, at)
    outcome, why = conclude(aspects, STRICTLY_NEEDED if trust.require_revocation else ALWAYS_NEEDED)
    return Verdict(
        outcome=outcome,
        reasons=why,
        checked_at=at,
        signer=leaf.name,
        certificate=leaf.summary,
        algorithm=integrity.algorithm,
        path=PATH,
        covers=coverage.name if coverage else None,
        aspects=aspects,
    )


def _trust(leaf: Certificate, chain: Chain | tuple[Reason, ...], *, intact: bool) -> Aspect:
    if not isinstance(chain, Chain):
        evidence = {"certificate_sha256": leaf.summary.sha256}
        return Aspect(outcome=Outcome.UNDETERMINED, reasons=chain, evidence=evidence)
    # A path is kept by the store as one object: what is said of it needs saying once.
    known = _said.get(leaf.summary.sha256)
    if known is None or known[0] is not chain:
        known = chain, _trusted(leaf, chain)
        _said.put(leaf.summary.sha256, known)
    return known[1] if intact else replace(known[1], reasons=())


_said: Recent[str, tuple[Chain, Aspect]] = Recent(most=1024)


def _trusted(leaf: Certificate, chain: Chain) -> Aspect:
    anchor = certificates.of(chain.anchor).summary
    return Aspect(
        outcome=Outcome.VALID,
        reasons=(reasons.INTACT.because(anchor=anchor.subject),),
        evidence={
            "certificate_sha256": leaf.summary.sha256,
            "anchor": anchor.subject,
            "anchor_sha256": anchor.sha256,
            "path_valid_until": chain.valid_until.isoformat(),
        },
    )


def refused(
    signature: etree._Element, at: datetime, why: tuple[Reason, ...], algorithm: str | None = None
) -> Verdict:
    """Return the verdict on a signature that does not keep to the profile: nothing else is asked of it."""
    aspects: Mapping[Question, Aspect] = {
        Question.INTEGRITY: Aspect(outcome=Outcome.INVALID, reasons=why),
    }
    return Verdict(
        outcome=Outcome.INVALID,
        reasons=why,
        checked_at=at,
        algorithm=algorithm,
        path=path_of(signature),
        aspects=aspects,
    )


def absent(empty: etree._Element | None, at: datetime) -> Verdict:
    """Return the verdict on a package without a signature, or with an empty element for one."""
    if empty is None:
        return Verdict(outcome=Outcome.ABSENT, reasons=(reasons.ABSENT.because(),), checked_at=at)
    why = (reasons.ABSENT.because(), reasons.EMPTY.because(element=local_name(empty)))
    return Verdict(outcome=Outcome.ABSENT, reasons=why, checked_at=at, path=path_of(empty))
