"""Whom we trust: certificates that an operator laid into a folder, and nothing else.

Nothing is trusted by default, neither the system's store nor a sender's word. `trust_folder` says what lies where.
Anchors are of classes (official duty, public, foreign, time stamps, other); a `Chain` says the class of its anchor. An
anchor for time stamps counts for nothing else.

Paths are built and checked by cryptography's RFC 5280 verifier at a given time, with policies of our own,
because the certificates of Vietnamese officials have no subjectAltName, no or another ExtendedKeyUsage, and
often only the key usage nonRepudiation. It checks signatures (no SHA-1, no RSA under 2048 bits), dates,
names, path lengths and unknown critical extensions; we check what each certificate may be used for.
A path is checked once and remembered for as long as all of it is valid.

Whether a certificate of the path was revoked is another question, for `revocation`: it is answered from what was
fetched before (`refresh`), never from the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from signing import certificates, reasons, reasons_trust, trust_folder
from signing.certificates import Certificate
from signing.recent import Recent
from signing.revocation import AGE, RevocationData
from signing.trust_folder import AnchorClass, Problem
from signing.verdict import CertificateSummary, Reason


class Purpose(StrEnum):
    """What a certificate is wanted for."""

    DOCUMENTS = "documents"
    TIME_STAMPS = "time-stamps"


@dataclass(frozen=True, slots=True)
class Chain:
    """A path from the signer's certificate up to an anchor, and the time in which all of it is valid."""

    certificates: tuple[x509.Certificate, ...]
    valid_from: datetime
    valid_until: datetime
    kind: AnchorClass = AnchorClass.OTHER

    @property
    def anchor(self) -> x509.Certificate:
        """The trusted certificate that the path ends in."""
        return self.certificates[-1]


class TrustStore:
    """The anchors of one hub. Immutable: after a change in the folder, make a new one.

    `anchors` are those for documents, `timestamp_anchors` those for time stamps alone; `kinds` has the class of each by
    its SHA-256. `intermediates` are the operator's, `fetched` those that `refresh` found.
    """

    def __init__(
        self,
        anchors: Iterable[Certificate] = (),
        intermediates: Iterable[Certificate] = (),
        *,
        require_revocation: bool = False,
        problems: Iterable[Problem] = (),
        revocation: RevocationData | None = None,
        kinds: Mapping[str, AnchorClass] | None = None,
        timestamp_anchors: Iterable[Certificate] = (),
        fetched: Iterable[Certificate] = (),
    ) -> None:
        self.anchors = tuple(anchors)
        self.timestamp_anchors = tuple(timestamp_anchors)
        self.intermediates = tuple(intermediates)
        self.fetched = tuple(fetched)
        self.require_revocation = require_revocation
        self.problems = tuple(problems)
        self.revocation = revocation if revocation is not None else RevocationData.empty()
        self.kinds = dict(kinds or {})
        self._stores = {
            Purpose.DOCUMENTS: _store(self.anchors),
            # An authority that is trusted for documents may also have certified a time-stamping service.
            Purpose.TIME_STAMPS: _store((*self.timestamp_anchors, *self.anchors)),
        }
        self._recent: Recent[tuple[str, ...], Chain] = Recent(most=1024)

    @classmethod
    def empty(cls) -> TrustStore:
        """Return a store that trusts nobody."""
        return cls()

    @classmethod
    def from_folder(
        cls, path: Path, *, require_revocation: bool = False, revocation_age: timedelta = AGE
    ) -> TrustStore:
        """Read the folder. Never raises for what lies in it: bad files are in `problems`.

        `revocation_age`: how long a revocation list without nextUpdate, or past it, still counts.
        """
        contents = trust_folder.read(path)
        revocation = RevocationData.of(contents.crls, contents.ocsp_responses, age=revocation_age)
        unusable = (Problem("crls, cache", text) for text in revocation.problems)
        kinds: dict[str, AnchorClass] = {}
        for laid in contents.laid:
            if laid.kind is not None:
                _keep_weightier(kinds, laid.certificate.summary.sha256, laid.kind)
        for_documents = [laid for laid in contents.laid if laid.kind not in (None, AnchorClass.TIMESTAMP)]
        return cls(
            [laid.certificate for laid in for_documents],
            [laid.certificate for laid in contents.laid if laid.kind is None],
            require_revocation=require_revocation,
            problems=(*contents.problems, *unusable),
            revocation=revocation,
            kinds=kinds,
            timestamp_anchors=[
                laid.certificate for laid in contents.laid if laid.kind is AnchorClass.TIMESTAMP
            ],
            fetched=contents.fetched,
        )

    @property
    def summaries(self) -> tuple[CertificateSummary, ...]:
        """The anchors, for people."""
        return tuple(anchor.summary for anchor in self.anchors)

    @property
    def paths_found(self) -> tuple[Chain, ...]:
        """The paths that were asked for lately and found: the signers whose revocation is worth knowing."""
        return self._recent.values()

    def kind_of(self, anchor: Certificate) -> AnchorClass:
        """Return the class of an anchor."""
        return self.kinds.get(anchor.summary.sha256, AnchorClass.OTHER)

    def chain(
        self,
        leaf: Certificate,
        extra: Sequence[Certificate],
        at: datetime,
        purpose: Purpose = Purpose.DOCUMENTS,
    ) -> Chain | tuple[Reason, ...]:
        """Return the path from the leaf to an anchor at that time, or every reason why there is none."""
        if at.tzinfo is None:
            raise ValueError(f"expected a time with its zone, got {at.isoformat()}")
        problems = (*_unfit(leaf, purpose), *_out_of_date(leaf, at))
        if problems:
            # The path at a time when the leaf was valid tells an expired friend from a stranger.
            found = self._path(leaf, extra, _nearest_valid(leaf, at), purpose)
            return problems if isinstance(found, Chain) else (*problems, found)
        found = self._path(leaf, extra, at, purpose)
        return found if isinstance(found, Chain) else (found,)

    def _path(
        self, leaf: Certificate, extra: Sequence[Certificate], at: datetime, purpose: Purpose
    ) -> Chain | Reason:
        key = (purpose, leaf.summary.sha256, *(certificate.summary.sha256 for certificate in extra))
        known = self._recent.get(key)
        # A path holds as long as every certificate in it is valid; at any other time it is looked for anew.
        if known is not None and known.valid_from <= at <= known.valid_until:
            return known
        found = self._build(leaf, extra, at, purpose)
        if found is not None:
            self._recent.put(key, found)
            return found
        if self._build(leaf, extra, leaf.summary.not_before, purpose) is not None:
            return reasons.ISSUER_EXPIRED.because(issuer=leaf.summary.issuer)
        return reasons.CERTIFICATE_UNTRUSTED.because(subject=leaf.summary.subject, issuer=leaf.summary.issuer)

    def _build(
        self, leaf: Certificate, extra: Sequence[Certificate], at: datetime, purpose: Purpose
    ) -> Chain | None:
        store = self._stores[purpose]
        if store is None:
            return None
        builder = PolicyBuilder().store(store).time(at)
        verifier = builder.extension_policies(
            ca_policy=_AUTHORITIES, ee_policy=_SIGNERS
        ).build_client_verifier()
        between = [certificate.x509 for certificate in (*extra, *self.intermediates, *self.fetched)]
        try:
            path = verifier.verify(leaf.x509, between).chain
        except (
            VerificationError
        ):  # its message is for developers; what people are told is worked out by the caller
            return None
        return Chain(
            tuple(path),
            valid_from=max(certificate.not_valid_before_utc for certificate in path),
            valid_until=min(certificate.not_valid_after_utc for certificate in path),
            kind=self.kind_of(certificates.of(path[-1])),
        )


# What the signer's own certificate must be


def _unfit(leaf: Certificate, purpose: Purpose) -> Iterator[Reason]:
    if leaf.is_authority:
        yield reasons.CERTIFICATE_OF_AUTHORITY.because(subject=leaf.summary.subject)
    elif purpose is Purpose.TIME_STAMPS:
        if not _stamps(leaf.x509):
            yield reasons_trust.NOT_FOR_TIME_STAMPS.because(subject=leaf.summary.subject, got=leaf.usage)
    elif not leaf.may_sign:
        yield reasons.CERTIFICATE_WRONG_USAGE.because(subject=leaf.summary.subject, got=leaf.usage)


def _stamps(certificate: x509.Certificate) -> bool:
    # RFC 3161, 2.3: one purpose, and critical.
    try:
        extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return extended.critical and list(extended.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _out_of_date(leaf: Certificate, at: datetime) -> Iterator[Reason]:
    summary = leaf.summary
    if at > summary.not_after:
        yield reasons.CERTIFICATE_EXPIRED.because(
            subject=summary.subject, date=f"{summary.not_after:%Y-%m-%d}"
        )
    if at < summary.not_before:
        date = f"{summary.not_before:%Y-%m-%d}"
        yield reasons.CERTIFICATE_NOT_YET_VALID.because(subject=summary.subject, date=date)


def _nearest_valid(leaf: Certificate, at: datetime) -> datetime:
    return min(max(at, leaf.summary.not_before), leaf.summary.not_after)


# What an authority's certificate must be beyond what the verifier checks: that it is one, and the path length. The
# verifier calls these, and treats any exception as a refusal.


def _may_certify(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    # RFC 5280, 6.1.4 (n): the usage is checked if it is there.
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("expected key usage keyCertSign")


def _names_we_can_check(
    _policy: Policy, _certificate: x509.Certificate, limits: x509.NameConstraints | None
) -> None:
    # The verifier compares alternative names only. A constraint on the subject, unless critical, it passes over.
    subtrees = (
        () if limits is None else (*(limits.permitted_subtrees or ()), *(limits.excluded_subtrees or ()))
    )
    if any(isinstance(subtree, x509.DirectoryName) for subtree in subtrees):
        raise ValueError("name constraints on the subject are not supported")


_AUTHORITIES = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_certify)
    .may_be_present(x509.NameConstraints, Criticality.AGNOSTIC, _names_we_can_check)
)
# The signer's own certificate is checked by `_unfit`, before, and with reasons.
_SIGNERS = ExtensionPolicy.permit_all()


def _store(anchors: Sequence[Certificate]) -> Store | None:
    return Store([anchor.x509 for anchor in anchors]) if anchors else None


def _keep_weightier(kinds: dict[str, AnchorClass], sha256: str, kind: AnchorClass) -> None:
    """Of the classes of a certificate that was laid twice, keep the first in the order of `AnchorClass`."""
    order = list(AnchorClass)
    if sha256 not in kinds or order.index(kind) < order.index(kinds[sha256]):
        kinds[sha256] = kind
