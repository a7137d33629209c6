"""Pages that a person can keep: plain HTML with nothing outside of it, in Vietnamese first and English below it.

Built as a tree, so what strangers wrote can never become markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from lxml import etree
from lxml.html import builder as E
from lxml.html import tostring

from schemas.text import Text
from signing.verdict import OUTCOMES, QUESTIONS, Outcome, Question, Reason, Verdict
from signing.verifier.kinds import NAMES
from signing.verifier.report import Part, Report

VIETNAM = timezone(timedelta(hours=7), "UTC+7")

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733 }
h1 { font-size: 1.6rem; margin-bottom: .2rem } h2 { font-size: 1.15rem; margin: 2rem 0 .3rem }
p { margin: .3rem 0 } .en { color: #5a6875; font-size: .9em } code { overflow-wrap: anywhere; font-size: .85em }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 } td, th { text-align: left; vertical-align: top;
padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #dfe5ea } th { font-weight: 600; white-space: nowrap }
.mark { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-weight: 600; white-space: nowrap }
.valid { background: #d9f2e0; color: #14532d } .invalid { background: #fbdcdc; color: #7f1d1d }
.undetermined { background: #fdf0cd; color: #713f12 } .absent { background: #e8ecef; color: #38444f }
h1, h2, td { overflow-wrap: anywhere }
@media (max-width: 44rem) {
body { margin: 1rem auto } th { white-space: normal } .mark { white-space: normal }
table, tbody, tr, th, td { display: block } th, td { border: 0; padding: .1rem 0 } tr.head { display: none }
tr { padding: .4rem 0; border-bottom: 1px solid #dfe5ea } td:empty { display: none } }
@media print { body { margin: 0; max-width: none } }
"""


def page(title: Text, body: Iterable[etree._Element]) -> bytes:
    """Return a whole page, UTF-8, that needs nothing from anywhere."""
    head = E.HEAD(
        E.META(charset="utf-8"),
        E.META(name="viewport", content="width=device-width, initial-scale=1"),
        E.TITLE(_safe(f"{title.vi} · {title.en}")),
        E.STYLE(STYLE),
    )
    html = E.HTML(head, E.BODY(*body), lang="vi")
    written: bytes = tostring(html, doctype="<!DOCTYPE html>", encoding="utf-8", pretty_print=True)
    return written


def both(text: Text, tag: str = "p") -> etree._Element:
    """Return a sentence in both languages, the English one quieter."""
    made = etree.Element(tag)
    made.text = _safe(text.vi)
    if text.en != text.vi:
        made.append(E.BR())
        made.append(E.SPAN(_safe(text.en), E.CLASS("en"), lang="en"))
    return made


def mark(outcome: Outcome) -> etree._Element:
    """Return an outcome as a coloured word."""
    word = OUTCOMES[outcome]
    made: etree._Element = E.SPAN(f"{word.vi} · {word.en}", E.CLASS(f"mark {outcome}"))
    return made


def facts(pairs: Iterable[tuple[Text, object]]) -> etree._Element:
    """Return names and values as a table; pairs without a value are left out."""
    rows = [
        E.TR(both(name, "th"), value if isinstance(value, etree._Element) else E.TD(shown(value)))
        for name, value in pairs
        if value is not None and value != ""
    ]
    made: etree._Element = E.TABLE(*rows)
    return made


def table(columns: Sequence[Text], rows: Iterable[Sequence[object]]) -> etree._Element:
    """Return rows under their headings."""
    head = E.TR(*(both(column, "th") for column in columns), E.CLASS("head"))
    made: etree._Element = E.TABLE(head, *(E.TR(*(_cell(value) for value in row)) for row in rows))
    return made


def shown(value: object) -> str:
    """Return a value as a reader wants it, its control characters made harmless."""
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S (UTC+7)")
    if isinstance(value, Text):
        return _safe(f"{value.vi} · {value.en}" if value.vi != value.en else value.vi)
    return _safe(str(value))


def _cell(value: object) -> etree._Element:
    if isinstance(value, Text):
        return both(value, "td")
    made: etree._Element = E.TD(value if isinstance(value, etree._Element) else shown(value))
    return made


def _safe(text: str) -> str:
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text)


def of_report(report: Report) -> bytes:
    """Return the report of an examination as a page."""
    kind = NAMES[report.kind]
    title = Text(vi=f"Kết quả kiểm tra: {report.file}", en=f"Verification of {report.file}")
    overview = facts(
        [
            (Text(vi="Kết luận", en="Outcome"), E.TD(mark(report.outcome))),
            (Text(vi="Loại tệp", en="Kind of file"), kind),
            *report.about,
            (Text(vi="Kiểm tra lúc", en="Verified at"), report.at),
            (Text(vi="SHA-256", en="SHA-256"), report.sha256),
        ]
    )
    columns = [
        Text(vi="Phần", en="Part"),
        Text(vi="Là gì", en="What it is"),
        Text(vi="Kết quả", en="Outcome"),
    ]
    contents = table(
        columns, [[E.CODE(_safe(part.name)), part.about, mark(part.outcome)] for part in report.parts]
    )
    parts = (piece for part in report.parts for piece in _part(part))
    return page(title, [both(title, "h1"), overview, contents, *parts])


def _part(part: Part) -> Iterable[etree._Element]:
    yield both(part.about, "h2")
    yield E.P(mark(part.outcome), " ", E.CODE(_safe(part.name)))
    yield from (_reason(reason) for reason in part.reasons)
    if part.facts:
        yield facts(part.facts)
    for verdict in part.verdicts:
        yield from of_verdict(verdict)


def of_verdict(verdict: Verdict) -> Iterable[etree._Element]:
    """Yield what is known of one signature, question by question."""
    certificate = verdict.certificate
    yield facts(
        [
            (Text(vi="Chữ ký", en="Signature"), E.TD(mark(verdict.outcome))),
            (Text(vi="Của", en="Of"), verdict.part),
            (Text(vi="Người ký", en="Signer"), verdict.signer),
            (Text(vi="Chứng thư của", en="Certificate of"), certificate.subject if certificate else None),
            (Text(vi="Cấp bởi", en="Issued by"), certificate.issuer if certificate else None),
            (Text(vi="Số sê-ri", en="Serial number"), certificate.serial if certificate else None),
            (Text(vi="Mức", en="Level"), verdict.level),
            (Text(vi="Thuật toán", en="Algorithm"), verdict.algorithm),
            (Text(vi="Ký lúc (theo người ký)", en="Signed at, says the signer"), verdict.claimed_at),
            (Text(vi="Ký trước lúc (đã chứng minh)", en="Signed before, proven"), verdict.proven_at),
        ]
    )
    if verdict.aspects:
        columns = [
            Text(vi="Câu hỏi", en="Question"),
            Text(vi="Kết quả", en="Answer"),
            Text(vi="Vì sao", en="Why"),
            Text(vi="Chứng cứ", en="Evidence"),
        ]
        rows = [
            [
                QUESTIONS[question],
                mark(aspect.outcome) if aspect.outcome is not Outcome.ABSENT else "–",
                E.DIV(*(_reason(reason) for reason in aspect.reasons)),
                E.DIV(*(E.P(E.CODE(_safe(f"{name}: {value}"))) for name, value in aspect.evidence.items())),
            ]
            for question in Question
            if (aspect := verdict.aspects.get(question)) is not None
        ]
        yield table(columns, rows)
    else:
        yield from (_reason(reason) for reason in verdict.reasons)


def _reason(reason: Reason) -> etree._Element:
    return both(reason.message)
