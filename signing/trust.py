"""Whom we trust: certificates that an operator laid into a folder, and nothing else.

    trust/                    every certificate here is an anchor: what it issued is trusted
    trust/intermediates/      authorities in between, for senders that leave them out; not anchors

Nothing is trusted by default, neither the system's store nor a sender's word. Files end in .pem, .crt, .cer
or .der; one that cannot be read is kept in `problems`, by name, and the others still count.

Paths are built and checked by cryptography's RFC 5280 verifier at a given time, with policies of our own,
because the certificates of Vietnamese officials have no subjectAltName, no or another ExtendedKeyUsage, and
often only the key usage nonRepudiation. It checks signatures (no SHA-1, no RSA under 2048 bits), dates,
names, path lengths and unknown critical extensions; we check what each certificate may be used for.
Revocation is not checked here: see `require_revocation`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from schemas.text import Sentence, Text
from signing import certificates, reasons
from signing.certificates import Certificate, UnreadableCertificate
from signing.recent import Recent
from signing.verdict import CertificateSummary, Reason

SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})
INTERMEDIATES = "intermediates"
LARGEST_FILE = 1024 * 1024

NO_FOLDER = Sentence(
    vi="Không tìm thấy thư mục chứng thư tin cậy {file}.",
    en="There is no folder of trusted certificates {file}.",
)
BAD_FILE = Sentence(
    vi="Tệp {file} không phải chứng thư đọc được (chi tiết: {detail}).",
    en="The file {file} is not a readable certificate (detail: {detail}).",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A file in the trust folder that could not be used."""

    file: str
    message: Text


@dataclass(frozen=True, slots=True)
class Chain:
    """A path from the signer's certificate up to an anchor, and the time in which all of it is valid."""

    certificates: tuple[x509.Certificate, ...]
    valid_from: datetime
    valid_until: datetime

    @property
    def anchor(self) -> x509.Certificate:
        """The trusted certificate that the path ends in."""
        return self.certificates[-1]


class TrustStore:
    """The anchors of one hub. Immutable: after a change in the folder, make a new one."""

    def __init__(
        self,
        anchors: Iterable[Certificate] = (),
        intermediates: Iterable[Certificate] = (),
        *,
        require_revocation: bool = False,
        problems: Iterable[Problem] = (),
    ) -> None:
        self.anchors = tuple(anchors)
        self.intermediates = tuple(intermediates)
        self.require_revocation = require_revocation
        self.problems = tuple(problems)
        self._store = Store([anchor.x509 for anchor in self.anchors]) if self.anchors else None
        self._recent: Recent[tuple[str, ...], Chain] = Recent(most=1024)

    @classmethod
    def empty(cls) -> TrustStore:
        """Return a store that trusts nobody."""
        return cls()

    @classmethod
    def from_folder(cls, path: Path, *, require_revocation: bool = False) -> TrustStore:
        """Read the folder. Never raises for what lies in it: bad files are in `problems`."""
        problems: list[Problem] = []
        if not path.is_dir():
            problems.append(Problem(path.name, NO_FOLDER.say(file=path.name)))
            return cls(require_revocation=require_revocation, problems=problems)
        return cls(
            list(_read_folder(path, "", problems)),
            list(_read_folder(path / INTERMEDIATES, f"{INTERMEDIATES}/", problems)),
            require_revocation=require_revocation,
            problems=problems,
        )

    @property
    def summaries(self) -> tuple[CertificateSummary, ...]:
        """The anchors, for people."""
        return tuple(anchor.summary for anchor in self.anchors)

    def chain(
        self, leaf: Certificate, extra: Sequence[Certificate], at: datetime
    ) -> Chain | tuple[Reason, ...]:
        """Return the path from the leaf to an anchor at that time, or every reason why there is none."""
        if at.tzinfo is None:
            raise ValueError(f"expected a time with its zone, got {at.isoformat()}")
        problems = (*_unfit(leaf), *_out_of_date(leaf, at))
        if problems:
            # The path at a time when the leaf was valid tells an expired friend from a stranger.
            found = self._path(leaf, extra, _nearest_valid(leaf, at))
            return problems if isinstance(found, Chain) else (*problems, found)
        found = self._path(leaf, extra, at)
        return found if isinstance(found, Chain) else (found,)

    def _path(self, leaf: Certificate, extra: Sequence[Certificate], at: datetime) -> Chain | Reason:
        key = (leaf.summary.sha256, *(certificate.summary.sha256 for certificate in extra))
        known = self._recent.get(key)
        # A path holds as long as every certificate in it is valid; at any other time it is looked for anew.
        if known is not None and known.valid_from <= at <= known.valid_until:
            return known
        found = self._build(leaf, extra, at)
        if found is not None:
            self._recent.put(key, found)
            return found
        if self._build(leaf, extra, leaf.summary.not_before) is not None:
            return reasons.ISSUER_EXPIRED.because(issuer=leaf.summary.issuer)
        return reasons.CERTIFICATE_UNTRUSTED.because(subject=leaf.summary.subject, issuer=leaf.summary.issuer)

    def _build(self, leaf: Certificate, extra: Sequence[Certificate], at: datetime) -> Chain | None:
        if self._store is None:
            return None
        builder = PolicyBuilder().store(self._store).time(at)
        verifier = builder.extension_policies(
            ca_policy=_AUTHORITIES, ee_policy=_SIGNERS
        ).build_client_verifier()
        between = [certificate.x509 for certificate in (*extra, *self.intermediates)]
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
        )


# What the signer's own certificate must be


def _unfit(leaf: Certificate) -> Iterator[Reason]:
    if leaf.is_authority:
        yield reasons.CERTIFICATE_OF_AUTHORITY.because(subject=leaf.summary.subject)
    elif not leaf.may_sign:
        yield reasons.CERTIFICATE_WRONG_USAGE.because(subject=leaf.summary.subject, got=leaf.usage)


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


# The folder


def _read_folder(folder: Path, prefix: str, problems: list[Problem]) -> Iterator[Certificate]:
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in SUFFIXES:
            try:
                yield from _read_file(file)
            except (OSError, ValueError, UnreadableCertificate) as error:
                name = prefix + file.name
                problems.append(Problem(name, BAD_FILE.say(file=name, detail=str(error)[:80])))


def _read_file(file: Path) -> list[Certificate]:
    """Return the certificates of a file: one in DER, or any number in PEM."""
    with file.open("rb") as stream:
        octets = stream.read(LARGEST_FILE + 1)
    if len(octets) > LARGEST_FILE:
        raise UnreadableCertificate(f"expected at most {LARGEST_FILE} octets")
    if b"-----BEGIN" in octets:
        return [certificates.of(certificate) for certificate in x509.load_pem_x509_certificates(octets)]
    return [certificates.load(octets)]
