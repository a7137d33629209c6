"""The list of rules is whole and says of each what it is, since when, and by what right."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.edxml import rules
from schemas.edxml.package import Package, parts_of
from schemas.edxml.reader import read_parts
from schemas.edxml.rules import ATTACHMENT_RULES, PACKAGE_RULES
from schemas.edxml.rules.rule import Rule
from schemas.findings import KINDS, Severity
from schemas.xml import parse
from tests.unit.schemas.edxml.rules.checks import codes
from tests.unit.schemas.samples import sample

ALL: tuple[Rule[Any], ...] = (*PACKAGE_RULES, *ATTACHMENT_RULES)


def checked(content: bytes, today: date) -> list[str]:
    parts = parts_of(parse(content))
    return codes(rules.check(Package(parts=parts, envelope=read_parts(parts), today=today)))


def test_every_file_in_the_folder_is_a_rule_in_the_list() -> None:
    folder = Path(rules.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "rule"}
    assert {rule.id.replace("-", "_") for rule in ALL} == files


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: str(rule.id))
def test_a_rule_can_be_cited(rule: Rule[Any]) -> None:
    assert rule.kinds
    assert all(KINDS[kind.code] is kind for kind in rule.kinds)
    assert rule.citation.vi != rule.citation.en
    assert date(2016, 1, 1) < rule.effective <= date(2026, 11, 21)
    worst = {kind.severity for kind in rule.kinds}
    assert rule.severity is (Severity.ERROR if Severity.ERROR in worst else Severity.WARNING)


def test_a_rule_holds_from_its_first_day_only() -> None:
    secret = sample("bad/secret")
    assert "secrecy-mark" not in checked(secret, date(2018, 9, 5))
    assert "secrecy-mark" in checked(secret, date(2018, 9, 6))


def test_after_an_error_an_attachment_is_left_alone() -> None:
    assert checked(sample("bad/base64-broken"), date(2026, 11, 21)) == ["attachment-base64-broken"]
