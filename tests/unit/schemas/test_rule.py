"""A rule says what it is about, since when, and how bad its worst finding is."""

from __future__ import annotations

from schemas.catalog import Catalog
from schemas.edxml.rules import business, lengths
from schemas.findings import Severity


def test_a_rule_is_as_severe_as_its_worst_finding() -> None:
    assert business.RULE.severity is Severity.ERROR
    assert lengths.RULE.severity is Severity.WARNING


def test_a_rule_is_json_with_both_languages_and_all_its_findings() -> None:
    shown = business.RULE.as_json()
    assert shown["id"] == "business"
    assert shown["effective"] == "2016-04-01"
    assert shown["about"]["vi"] != shown["about"]["en"]
    assert [finding["code"] for finding in shown["findings"]] == [
        "business-type-unknown",
        "business-without-reason",
    ]
    assert "{got}" in shown["findings"][0]["message"]["vi"]


def test_every_rule_says_what_must_be_so_in_a_sentence() -> None:
    for rule in Catalog.standard().rules:
        assert rule.about.vi.endswith(".")
        assert rule.about.en.endswith(".")
        assert rule.about.vi != rule.about.en
