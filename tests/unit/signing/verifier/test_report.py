"""One outcome of many parts, and how it is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from lxml import html

from schemas.text import Text, speaking
from signing import reasons_evidence as reasons
from signing.verdict import Aspect, Outcome, Question, Verdict
from signing.verifier import Ending, Part, Report, lines, page

AT = datetime(2026, 11, 20, tzinfo=UTC)
WHAT = Text(vi="Phần thử", en="A part")
GOOD, BAD, OPEN, NONE = Outcome.VALID, Outcome.INVALID, Outcome.UNDETERMINED, Outcome.ABSENT


def report(*outcomes: Outcome, aside: Outcome | None = None, name: str = "x") -> Report:
    parts = [Part(name=name, about=WHAT, outcome=outcome) for outcome in outcomes]
    if aside:
        parts.append(Part(name="aside", about=WHAT, outcome=aside, decides=False))
    return Report(file="f", kind="evidence", sha256="00", at=AT, parts=tuple(parts))


@pytest.mark.parametrize(
    ("found", "outcome", "ending"),
    [
        (report(GOOD, GOOD), GOOD, Ending.VALID),
        (report(GOOD, BAD, OPEN), BAD, Ending.INVALID),
        (report(GOOD, OPEN), OPEN, Ending.UNDETERMINED),
        (report(NONE), OPEN, Ending.UNDETERMINED),
        (report(), OPEN, Ending.UNDETERMINED),
        (report(GOOD, aside=BAD), GOOD, Ending.VALID),
        (report(aside=GOOD), OPEN, Ending.UNDETERMINED),
    ],
)
def test_the_worst_part_that_decides_counts(found: Report, outcome: Outcome, ending: Ending) -> None:
    assert (found.outcome, found.ending) == (outcome, ending)


def judged() -> Verdict:
    aspect = Aspect(outcome=BAD, reasons=(reasons.PART_MISSING.because(part="z"),), evidence={"digest": "ab"})
    return Verdict(
        outcome=BAD,
        reasons=aspect.reasons,
        checked_at=AT,
        signer="<b>Người ký</b>",
        aspects={Question.INTEGRITY: aspect},
    )


def test_a_page_is_html_with_nothing_from_outside_and_strangers_words_stay_words() -> None:
    part = Part(name="<script>alert(1)</script>", about=WHAT, outcome=BAD, verdicts=(judged(),))
    found = Report(file="<i>f", kind="evidence", sha256="00", at=AT, parts=(part,))
    tree = html.fromstring(page.of_report(found))
    assert not tree.xpath("//script | //img | //link | //i | //b")
    assert "<script>alert(1)</script>" in str(tree.xpath("string()"))
    assert "không hợp lệ · invalid" in str(tree.xpath("string()"))


@pytest.mark.parametrize(("language", "word"), [("vi", "Kết luận: không hợp lệ"), ("en", "Outcome: invalid")])
def test_lines_say_what_is_wrong_and_conclude_in_the_readers_language(language: str, word: str) -> None:
    part = Part(name="bad\x1b[2J", about=WHAT, outcome=BAD, reasons=(reasons.NOT_IN_LEDGER.because(),))
    found = Report(file="f", kind="package", sha256="00", at=AT, parts=(part, *report(GOOD).parts))
    with speaking("vi" if language == "vi" else "en"):
        told = [line.text for line in lines.of_report(found)]
    assert told[-1] == word
    assert any("evidence.not-in-ledger" in line for line in told)
    assert not any("\x1b" in line for line in told)


def test_details_tell_of_what_is_valid_too() -> None:
    found = report(GOOD)
    assert len(list(lines.of_report(found, details=True))) > len(list(lines.of_report(found)))


def test_json_has_every_part_and_every_verdict() -> None:
    part = Part(name="p", about=WHAT, outcome=BAD, verdicts=(judged(),), facts=((WHAT, "1"),))
    found = Report(file="f", kind="package", sha256="00", at=AT, parts=(part,))
    said = json.loads(json.dumps(found.as_json()))
    assert said["outcome"] == "invalid"
    assert said["parts"][0]["signatures"] == said["signatures"]
    assert said["signatures"][0]["aspects"]["integrity"]["evidence"] == {"digest": "ab"}


@pytest.mark.parametrize(("language", "time"), [("vi", "20/11/2026 07:00:00"), ("en", "2026-11-20 07:00:00")])
def test_what_the_file_is_about_comes_first(language: str, time: str) -> None:
    about = ((Text(vi="Văn bản", en="Document"), "12/UBND-VP"), (Text(vi="Lúc", en="At"), AT))
    found = Report(file="f", kind="receipt", sha256="00", at=AT, parts=report(GOOD).parts, about=about)
    with speaking("vi" if language == "vi" else "en"):
        told = [line.text for line in lines.of_report(found)]
    assert "12/UBND-VP" in told[1]
    assert time in told[2]
    assert "12/UBND-VP" in str(html.fromstring(page.of_report(found)).xpath("string()"))
    assert [each["value"] for each in found.as_json()["about"]] == ["12/UBND-VP", AT.isoformat()]
