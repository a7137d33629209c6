"""Was a certificate taken back? Answered from CRLs and OCSP answers that we hold already, never from the network.

For each certificate of the path below the anchor, everything that is said of it by who may say it:

* revoked at or before the time in question: INVALID, and no later or other statement heals it;
* on hold in the newest statement: UNDETERMINED (EN 319 102-1, 5.2.6: TRY_LATER); a hold that was lifted counts for
  nothing, and neither does removeFromCRL, which says just that;
* revoked after that time: VALID, with a note;
* not revoked: VALID if the statement is fresh enough (5.2.5): it was made after the time in question, or that time is
  not past its nextUpdate, or it is at most `age` old; else UNDETERMINED;
* the responder does not know it, or nothing is said at all: UNDETERMINED.

A statement made after a certificate had expired says nothing of it, since issuers drop expired ones, unless it says
that it keeps them. What is said of a certificate is worked out once and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from schemas.text import Text
from signing import reasons, reasons_trust, revocation_crl, revocation_ocsp
from signing.recent import Recent
from signing.revocation_crl import Crl, Entry, UnusableRevocation
from signing.revocation_ocsp import Answer, OcspResponse
from signing.verdict import Aspect, Outcome, Reason

T = TypeVar("T")

AGE = timedelta(days=1)
GOOD_AGAIN = frozenset({x509.ReasonFlags.remove_from_crl})


@dataclass(frozen=True, slots=True)
class Statement:
    """What one CRL or OCSP answer says of one certificate. `source` names it, for evidence."""

    source: str
    this_update: datetime
    next_update: datetime | None
    revoked: Entry | None = None
    unknown: bool = False

    @property
    def on_hold(self) -> bool:
        """Tell whether it is revoked for the time being only."""
        return self.revoked is not None and self.revoked.reason is x509.ReasonFlags.certificate_hold

    def fresh_until(self, age: timedelta) -> datetime:
        """Return until when it counts."""
        return max(self.this_update + age, self.next_update or self.this_update)


@dataclass(frozen=True, slots=True)
class RevocationData:
    """What is known of revocations, as of when it was read. Build it with `of`."""

    lists: tuple[Crl, ...] = ()
    responses: tuple[OcspResponse, ...] = ()
    age: timedelta = AGE
    problems: tuple[Text, ...] = ()
    _by_serial: dict[int, list[tuple[OcspResponse, Answer]]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _said: Recent[tuple[bytes, bytes], tuple[Statement, ...]] = field(
        default_factory=lambda: Recent(most=4096), repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for response in self.responses:
            for answer in response.answers:
                self._by_serial.setdefault(answer.serial, []).append((response, answer))

    @classmethod
    def empty(cls) -> RevocationData:
        """Return data that knows nothing."""
        return cls()

    @classmethod
    def of(
        cls, crls: Iterable[bytes] = (), ocsp_responses: Iterable[bytes] = (), *, age: timedelta = AGE
    ) -> RevocationData:
        """Read CRLs and OCSP answers, DER. Those that cannot be used are in `problems`, and the others count."""
        problems: list[Text] = []
        return cls(
            tuple(_readable(crls, revocation_crl.load, problems)),
            tuple(_readable(ocsp_responses, revocation_ocsp.load, problems)),
            age,
            tuple(problems),
        )

    def joined(self, other: RevocationData) -> RevocationData:
        """Return this data with that of another, as a container or a PDF carries it along. Our `age` counts."""
        return RevocationData(
            (*self.lists, *other.lists),
            (*self.responses, *other.responses),
            self.age,
            (*self.problems, *other.problems),
        )

    @property
    def crls(self) -> tuple[bytes, ...]:
        """The lists in DER."""
        return tuple(crl.der for crl in self.lists)

    @property
    def ocsp_responses(self) -> tuple[bytes, ...]:
        """The OCSP answers in DER."""
        return tuple(response.der for response in self.responses)

    def about(self, chain: Sequence[x509.Certificate]) -> RevocationData:
        """Return only what speaks of this path: what to enclose with a signature that is to last (B-LT)."""
        asked = list(_pairs(chain))
        lists = {crl.sha256: crl for pair in asked for crl in self._lists_about(*pair)}
        responses = {
            response.sha256: response for pair in asked for response, _ in self._answers_about(*pair)
        }
        return RevocationData(tuple(lists.values()), tuple(responses.values()), self.age)

    def status(self, chain: Sequence[x509.Certificate], at: datetime) -> Aspect:
        """Return whether any certificate of the path, leaf first and anchor last, was revoked at that time.

        The anchor itself is not asked about: the operator trusts it. `evidence` names for each serial number, in hex,
        what was believed.
        """
        if at.tzinfo is None:
            raise ValueError(f"expected a time with its zone, got {at.isoformat()}")
        if len(chain) < 2:
            names = [certificate.subject.rfc4514_string() for certificate in chain] or ["-"]
            told = reasons_trust.NOTHING_TO_CHECK.because(subject=names[0])
            return Aspect(outcome=Outcome.VALID, reasons=(told,))
        found = [self._judge(certificate, issuer, at) for certificate, issuer in _pairs(chain)]
        evidence = {f"{each.serial:x}": each.evidence for each in found if each.evidence}
        for outcome in (Outcome.INVALID, Outcome.UNDETERMINED):
            told_of = tuple(each.reason for each in found if each.outcome is outcome and each.reason)
            if told_of:
                return Aspect(outcome=outcome, reasons=_once(told_of), evidence=evidence)
        good = reasons_trust.GOOD.because(date=f"{min(each.as_of for each in found if each.as_of):%Y-%m-%d}")
        notes = tuple(each.reason for each in found if each.reason)
        return Aspect(outcome=Outcome.VALID, reasons=(good, *notes), evidence=evidence)

    def statements(self, certificate: x509.Certificate, issuer: x509.Certificate) -> tuple[Statement, ...]:
        """Return everything that is said of a certificate by who may say it, the newest first."""
        key = (certificate.fingerprint(hashes.SHA256()), issuer.fingerprint(hashes.SHA256()))
        known = self._said.get(key)
        if known is None:
            said = [
                _by_list(crl, crl.entry(certificate.serial_number))
                for crl in self._lists_about(certificate, issuer)
            ]
            said += [_by_answer(*pair) for pair in self._answers_about(certificate, issuer)]
            known = tuple(sorted(said, key=lambda each: each.this_update, reverse=True))
            self._said.put(key, known)
        return known

    def _judge(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> _Finding:
        said = self.statements(certificate, issuer) if self.lists or self.responses else ()
        for_good = [each for each in said if each.revoked is not None and not each.on_hold]
        if for_good:
            return _revoked(certificate, min(for_good, key=_date), at)
        told = next((each for each in said if not each.unknown), None)
        if told is None:
            if said:
                reason = reasons_trust.UNKNOWN.because(subject=_subject(certificate))
            else:
                reason = reasons.NOT_CHECKED.because()
            return _Finding(certificate.serial_number, Outcome.UNDETERMINED, reason)
        if told.revoked is not None and told.revoked.date <= at:
            return _finding(
                certificate,
                told,
                Outcome.UNDETERMINED,
                reasons_trust.ON_HOLD.because(subject=_subject(certificate), date=_day(told.revoked.date)),
            )
        until = told.fresh_until(self.age)
        if at > until:
            stale = reasons_trust.STALE.because(
                subject=_subject(certificate), date=_day(told.this_update), until=_day(until)
            )
            return _finding(certificate, told, Outcome.UNDETERMINED, stale)
        return _finding(certificate, told, Outcome.VALID, None)

    def _lists_about(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Iterator[Crl]:
        for crl in self.lists:
            if (
                crl.issuer == certificate.issuer
                and crl.issued_by(issuer)
                and (crl.covers(certificate) or crl.entry(certificate.serial_number) is not None)
            ):
                yield crl

    def _answers_about(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Iterator[tuple[OcspResponse, Answer]]:
        for response, answer in self._by_serial.get(certificate.serial_number, ()):
            late = answer.this_update > certificate.not_valid_after_utc and not response.keeps_expired
            if not answer.is_about(certificate, issuer) or (late and answer.revoked is None):
                continue
            responder = response.vouched_for_by(issuer)
            if responder is not None and not self._was_revoked(responder, issuer, response.as_of):
                yield response, answer

    def _was_revoked(self, responder: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
        """Tell whether a delegated responder is on a list of its issuer. Its own OCSP answers prove nothing."""
        if responder == issuer:
            return False
        entries = (
            crl.entry(responder.serial_number)
            for crl in self.lists
            if crl.issuer == responder.issuer and crl.issued_by(issuer)
        )
        return any(
            entry is not None and entry.date <= at and entry.reason not in GOOD_AGAIN for entry in entries
        )


@dataclass(frozen=True, slots=True)
class _Finding:
    serial: int
    outcome: Outcome
    reason: Reason | None
    evidence: str = ""
    as_of: datetime | None = None


def _finding(
    certificate: x509.Certificate, told: Statement, outcome: Outcome, reason: Reason | None
) -> _Finding:
    return _Finding(certificate.serial_number, outcome, reason, told.source, told.this_update)


def _revoked(certificate: x509.Certificate, told: Statement, at: datetime) -> _Finding:
    assert told.revoked is not None
    entry = told.revoked
    words = {
        "subject": _subject(certificate),
        "date": f"{entry.date:%Y-%m-%dT%H:%M:%SZ}",
        "reason": entry.reason.value if entry.reason else "unspecified",
    }
    if entry.date <= at:
        return _finding(certificate, told, Outcome.INVALID, reasons_trust.REVOKED.because(**words))
    return _finding(certificate, told, Outcome.VALID, reasons_trust.REVOKED_LATER.because(**words))


def _by_list(crl: Crl, entry: Entry | None) -> Statement:
    number = f" number={crl.number}" if crl.number is not None else ""
    source = f"crl{number} this-update={crl.this_update.isoformat()} sha256={crl.sha256}"
    entry = None if entry is not None and entry.reason in GOOD_AGAIN else entry
    return Statement(source, crl.this_update, crl.next_update, entry)


def _by_answer(response: OcspResponse, answer: Answer) -> Statement:
    source = f"ocsp this-update={answer.this_update.isoformat()} sha256={response.sha256}"
    unknown = answer.status is ocsp.OCSPCertStatus.UNKNOWN
    entry = None if answer.revoked is not None and answer.revoked.reason in GOOD_AGAIN else answer.revoked
    return Statement(source, answer.this_update, answer.next_update, entry, unknown)


def _readable(octets: Iterable[bytes], load: Callable[[bytes], T], problems: list[Text]) -> Iterator[T]:
    for each in octets:
        try:
            yield load(each)
        except UnusableRevocation as error:
            problems.append(error.text)


def _pairs(chain: Sequence[x509.Certificate]) -> Iterator[tuple[x509.Certificate, x509.Certificate]]:
    return pairwise(chain)


def _date(statement: Statement) -> datetime:
    assert statement.revoked is not None
    return statement.revoked.date


def _subject(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _once(told: tuple[Reason, ...]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(told))
