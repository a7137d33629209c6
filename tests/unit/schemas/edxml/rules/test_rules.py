"""The list of rules is whole, each says what it is, since when and by what right, and samples show it at work."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.catalog import Catalog
from schemas.ebms.reader import messaging_of
from schemas.ebms.rules.rule import Messaging
from schemas.edxml import rules
from schemas.edxml.package import Package, parts_of
from schemas.edxml.reader import read_parts
from schemas.findings import KINDS, Finding, Severity
from schemas.rule import Rule
from schemas.xml import parse
from tests.unit.schemas.edxml.rules.checks import codes, found, found_in_attachments
from tests.unit.schemas.samples import EXPECTED, SAMPLES, TODAY, sample

ALL = Catalog.standard().rules
SHOWN: dict[str, dict[str, list[str]]] = json.loads((SAMPLES / "rules.json").read_text("utf-8"))
FAULTS: list[dict[str, Any]] = json.loads((SAMPLES / "faults.json").read_text("utf-8"))


def found_in_header(rule: Rule[Messaging], content: bytes) -> list[Finding]:
    tree = parse(content)
    return list(rule.check(Messaging(root=tree.getroot(), blocks=messaging_of(tree), today=TODAY)))


def alone(rule: Rule[Any], name: str) -> list[Finding]:
    """Return what one rule finds in a sample."""
    find: Callable[[Rule[Any], bytes], list[Finding]] = found
    if rule in rules.ATTACHMENT_RULES:
        find = found_in_attachments
    elif rule not in rules.ALL:
        find = found_in_header
    return find(rule, (SAMPLES / name).read_bytes())


def checked(content: bytes, today: date) -> list[str]:
    parts = parts_of(parse(content))
    return codes(rules.check(Package(parts=parts, envelope=read_parts(parts), today=today)))


def test_every_file_in_the_folder_is_a_rule_in_the_list() -> None:
    folder = Path(rules.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "rule"}
    assert {rule.id.replace("-", "_") for rule in rules.ALL} == files


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: str(rule.id))
def test_a_rule_can_be_cited(rule: Rule[Any]) -> None:
    assert rule.kinds
    assert all(KINDS[kind.code] is kind for kind in rule.kinds)
    assert rule.citation.vi != rule.citation.en
    assert date(2007, 1, 1) < rule.effective <= date(2026, 11, 21)
    worst = {kind.severity for kind in rule.kinds}
    assert rule.severity is (Severity.ERROR if Severity.ERROR in worst else Severity.WARNING)


def test_every_rule_is_shown_by_samples() -> None:
    assert set(SHOWN) == {rule.id for rule in ALL}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: str(rule.id))
def test_a_rule_has_good_samples_in_which_it_finds_nothing(rule: Rule[Any]) -> None:
    assert SHOWN[rule.id]["good"]
    assert {name: alone(rule, name) for name in SHOWN[rule.id]["good"] if alone(rule, name)} == {}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: str(rule.id))
def test_a_rule_has_a_bad_sample_for_everything_that_it_can_find(rule: Rule[Any]) -> None:
    found_in = {name: codes(alone(rule, name)) for name in SHOWN[rule.id]["bad"]}
    assert all(found_in.values()), found_in
    assert {code for found_codes in found_in.values() for code in found_codes} == {
        kind.code for kind in rule.kinds
    }


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault["fault"])[:60])
def test_a_fault_of_the_real_world_has_samples_with_what_is_expected_of_them(fault: dict[str, Any]) -> None:
    assert fault["samples"]
    assert set(fault["samples"]) <= set(EXPECTED)


def test_a_rule_holds_from_its_first_day_only() -> None:
    secret = sample("bad/secret")
    assert "secrecy-mark" not in checked(secret, date(2018, 9, 5))
    assert "secrecy-mark" in checked(secret, date(2018, 9, 6))


def test_after_an_error_an_attachment_is_left_alone() -> None:
    assert checked(sample("bad/base64-broken"), date(2026, 11, 21)) == ["attachment-base64-broken"]
