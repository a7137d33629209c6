"""Does a certificate belong to who sent the document?

Certificates of the official-duty authority bear no agency code, only names. So an operator can register a certificate
for an agency, and that decides. Without that, names are compared: of the certificate's organisation, unit and holder
with those of the agency, of those that it took over from, and of those that took over from it, without diacritics, with
abbreviations written out. What does not fit is a warning and never makes a signature invalid: names differ for many
honest reasons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from threading import Lock
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.x509.oid import NameOID

from hub.directory import Directory
from hub.model import Agency
from hub.search import folded
from signing import reasons_attachment as reasons
from signing.verdict import Aspect, CertificateSummary, Outcome, Question, Verdict

NAMED_BY = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME)

# As written in names of agencies, without diacritics.
ABBREVIATIONS = {
    "ubnd": "uy ban nhan dan",
    "hdnd": "hoi dong nhan dan",
    "vp": "van phong",
    "tp": "thanh pho",
    "tx": "thi xa",
    "tt": "thi tran",
    "bql": "ban quan ly",
    "kh&dt": "ke hoach va dau tu",
    "gd&dt": "giao duc va dao tao",
    "tn&mt": "tai nguyen va moi truong",
}
# A unit's kind changes with every reorganisation; its name stays.
KINDS = re.compile(r"\b(?:tinh|thanh pho|quan|huyen|thi xa|thi tran|phuong|xa|dac khu)\b")
MOST_KEPT = 4_096  # names: those who send come back
REMARK = re.compile(r"\([^()]*\)")


def judged(verdicts: Iterable[Verdict], sender: Agency, directory: Directory) -> tuple[Verdict, ...]:
    """Return the verdicts, each with the answer to whether its certificate fits the sender."""
    return tuple(
        replace(
            verdict,
            aspects={**verdict.aspects, Question.HOLDER: holder(verdict.certificate, sender, directory)},
        )
        if verdict.certificate is not None
        else verdict
        for verdict in verdicts
    )


def holder(certificate: CertificateSummary, sender: Agency, directory: Directory) -> Aspect:
    """Return whether a certificate fits an agency: VALID, with how that is known, or UNDETERMINED."""
    evidence = {"agency": sender.code, "certificate_sha256": certificate.sha256}
    registered = directory.certificates.get(certificate.sha256, frozenset())
    if sender.id in registered:
        told = reasons.HOLDER_REGISTERED.because(agency=sender.name)
        return Aspect(outcome=Outcome.VALID, reasons=(told,), evidence=evidence)
    if registered:
        others = ", ".join(sorted(each.name for each in directory.agencies if each.id in registered)) or "-"
        other = reasons.HOLDER_OF_ANOTHER.because(other=others, agency=sender.name)
        return Aspect(outcome=Outcome.UNDETERMINED, reasons=(other,), evidence=evidence)
    named = names_of(certificate)
    fitting = next((name for name in named if _fits(name, kin(sender, directory))), None)
    if fitting is not None:
        told = reasons.HOLDER_NAMED.because(named=fitting, agency=sender.name)
        return Aspect(outcome=Outcome.VALID, reasons=(told,), evidence=evidence | {"name": fitting})
    misfit = reasons.HOLDER_MISFIT.because(named=" / ".join(named), agency=sender.name)
    return Aspect(outcome=Outcome.UNDETERMINED, reasons=(misfit,), evidence=evidence)


def names_of(certificate: CertificateSummary) -> tuple[str, ...]:
    """Return the names in a certificate that may be an agency's: of the holder, the unit, the organisation."""
    return _names_in(certificate.subject)


@lru_cache(maxsize=MOST_KEPT)
def _names_in(written: str) -> tuple[str, ...]:
    try:
        subject = x509.Name.from_rfc4514_string(written)
    except ValueError:  # an attribute that has no place in the textual form
        return (written,)
    found = [str(each.value) for kind in NAMED_BY for each in subject.get_attributes_for_oid(kind)]
    return tuple(dict.fromkeys(found)) or (written,)


def kin(sender: Agency, directory: Directory) -> Iterator[Agency]:
    """Yield an agency, those whose codes it took over, and those that took over its own."""
    yield sender
    before = _predecessors(directory)
    for code in sender.codes:
        yield from before.get(code.value, ())
    for code in sender.codes:
        for successor in code.successors:
            heir = directory.resolve(successor).agency
            if heir is not None:
                yield heir


_before: WeakKeyDictionary[Directory, Mapping[str, list[Agency]]] = WeakKeyDictionary()
_lock = Lock()


def _predecessors(directory: Directory) -> Mapping[str, list[Agency]]:
    """Return who passed a code on, by that code; worked out once for each snapshot of the directory."""
    with _lock:
        known = _before.get(directory)
        if known is None:
            found: dict[str, list[Agency]] = {}
            for agency in directory.agencies:
                for successor in {each for code in agency.codes for each in code.successors}:
                    found.setdefault(successor, []).append(agency)
            known = _before[directory] = found
        return known


def _fits(name: str, agencies: Iterable[Agency]) -> bool:
    plain = comparable(name)
    return bool(plain) and any(plain == comparable(agency.name) for agency in agencies)


@lru_cache(maxsize=MOST_KEPT)
def comparable(name: str) -> str:
    """Return a name as it is compared: no diacritics, no remarks, abbreviations written out, no kinds of units."""
    words = [ABBREVIATIONS.get(word, word) for word in folded(REMARK.sub(" ", name).replace(".", " "))]
    return " ".join(KINDS.sub(" ", " ".join(words)).split())
