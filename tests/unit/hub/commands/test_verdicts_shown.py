"""How verdicts are shown to people: whose, in which attachment, and how each question was answered."""

from __future__ import annotations

import pytest

from hub.commands import _tables
from signing import pdf
from tests.unit.signing import pdfs


def test_a_verdict_says_where_it_belongs_and_answers_each_question(
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = pdfs.sign(pdfs.blank(), pdfs.person(), stamp=pdfs.stamper(pdfs.SIGNED))
    found = pdf.verify(content, pdfs.trust(), pdfs.RECEIVED, part="kho.zip/van_ban.pdf")
    _tables.verdicts(verdict.as_json() for verdict in found)
    told = capsys.readouterr().out
    assert "Nguyễn Văn Mẫu [kho.zip/van_ban.pdf]" in told
    assert "PAdES-B-T" in told
    assert "time.proven" in told
    assert any(words in told for words in ("integrity: valid", "nguyên vẹn: hợp lệ"))


def test_a_name_with_control_characters_does_nothing_to_the_screen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = pdf.verify(pdfs.blank(), pdfs.trust(), pdfs.RECEIVED, part="a\x1b[2J.pdf")
    _tables.verdicts(verdict.as_json() for verdict in found)
    assert "\x1b[2J" not in capsys.readouterr().out


def test_the_questions_stand_in_the_same_order_wherever_the_verdict_was_kept() -> None:
    # The database keeps JSON with its keys sorted.
    answers = {
        name: {"outcome": "valid"} for name in ("coverage", "holder", "integrity", "revocation", "trust")
    }
    told = _tables.aspects(answers)
    assert told == _tables.aspects(dict(reversed(answers.items())))
    assert told.split(":")[0] in {"integrity", "nguyên vẹn", "toàn vẹn"}
