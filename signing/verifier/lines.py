"""A report as lines of text, for a terminal. Whoever prints them knows about colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.text import Text, language
from signing.verdict import OUTCOMES, QUESTIONS, Aspect, Outcome, Question, Verdict
from signing.verifier.kinds import NAMES
from signing.verifier.page import VIETNAM
from signing.verifier.page import shown as shown_in_both
from signing.verifier.report import Part, Report


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `outcome` says in what colour, where there are colours."""

    text: str
    outcome: Outcome | None = None


def of_report(report: Report, *, details: bool = False) -> Iterator[Line]:
    """Yield what a person wants to read, in the reader's language: a table of the parts, what is wrong with which, and
    the conclusion last, where the eye is. With `details`, everything there is to know of every part.
    """
    yield Line(f"{shown(report.file)}: {NAMES[report.kind]}")
    for name, value in report.about:
        yield Line(f"  {name}: {shown(value)}")
    yield Line("")
    yield from _table(report)
    for part in report.parts:
        if details or part.outcome is not Outcome.VALID:
            yield Line("")
            yield from _part(part)
    yield Line("")
    said = Text(vi="Kết luận", en="Outcome")
    yield Line(f"{said}: {OUTCOMES[report.outcome]}", report.outcome)


def shown(value: object) -> str:
    """Return a value in the reader's language: a time in Vietnam's zone, a name with no character that acts."""
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, datetime) and language.get() == "en":
        return value.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S (UTC+7)")
    return shown_in_both(value)


def _table(report: Report) -> Iterator[Line]:
    rows = [
        (str(OUTCOMES[part.outcome]), shown(part.name), _gist(part), part.outcome) for part in report.parts
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for outcome, name, gist, tone in rows:
        yield Line(f"  {outcome.ljust(widths[0])}  {name.ljust(widths[1])}  {gist}", tone)


def _gist(part: Part) -> str:
    """Return a part in one line: what it is, and who signed it."""
    signers = dict.fromkeys(shown(verdict.signer) for verdict in part.verdicts if verdict.signer)
    told = f": {', '.join(signers)}" if signers else ""
    aside = "" if part.decides else f" ({Text(vi='không quyết định', en='decides nothing')})"
    return f"{part.about}{told}{aside}"


def _part(part: Part) -> Iterator[Line]:
    yield Line(f"  {part.about} [{shown(part.name)}]: {OUTCOMES[part.outcome]}", part.outcome)
    for reason in part.reasons:
        yield Line(f"     {shown(str(reason.message))} ({reason.code})")
    for name, value in part.facts:
        yield Line(f"     {name}: {shown(value)}")
    for verdict in part.verdicts:
        yield from of_verdict(verdict)


def of_verdict(verdict: Verdict) -> Iterator[Line]:
    """Yield what is known of one signature."""
    where = f" [{shown(verdict.part)}]" if verdict.part else ""
    signer = f": {shown(verdict.signer)}" if verdict.signer else ""
    yield Line(f"     {OUTCOMES[verdict.outcome]}{signer}{where}", verdict.outcome)
    if not verdict.aspects:
        yield from (Line(f"        {reason.message} ({reason.code})") for reason in verdict.reasons)
    for question in Question:
        if question in verdict.aspects:
            yield from _aspect(question, verdict.aspects[question])
    for name, value in _facts(verdict):
        yield Line(f"        {name}: {shown(value)}")


def _aspect(question: Question, aspect: Aspect) -> Iterator[Line]:
    if aspect.outcome is Outcome.ABSENT and not aspect.reasons:
        return
    yield Line(f"        {QUESTIONS[question]}: {OUTCOMES[aspect.outcome]}", aspect.outcome)
    for reason in aspect.reasons:
        yield Line(f"           {shown(str(reason.message))} ({reason.code})")


def _facts(verdict: Verdict) -> Iterator[tuple[Text, object]]:
    if verdict.certificate:
        yield Text(vi="Chứng thư của", en="Certificate of"), verdict.certificate.subject
        yield Text(vi="Cấp bởi", en="Issued by"), verdict.certificate.issuer
    if verdict.level:
        yield Text(vi="Mức", en="Level"), verdict.level
    if verdict.claimed_at:
        yield Text(vi="Ký lúc (theo người ký)", en="Signed at, says the signer"), verdict.claimed_at
    if verdict.proven_at:
        yield Text(vi="Ký trước lúc (đã chứng minh)", en="Signed before, proven"), verdict.proven_at
