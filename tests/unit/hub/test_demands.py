"""Whose rule about signatures counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.config import PolicySettings
from hub.demands import demands, sha1_until
from hub.model import Endpoint, Level, SignatureRule
from signing.policy import Policy


def endpoint(**rules: Any) -> Endpoint:
    return Endpoint(id="x", adapter="http", address=None, agencies=frozenset(), **rules)


def test_the_general_rule_counts_where_nobody_says_otherwise() -> None:
    found = demands(endpoint(), Level.COMMUNE, PolicySettings(signatures="require"))
    assert (found.package, found.attachments) == (Policy.REQUIRE, Policy.REPORT)
    assert not found.attachments_at_once


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (Level.CENTRAL, Policy.REQUIRE),
        (Level.PROVINCE, Policy.REFUSE_INVALID),
        (Level.COMMUNE, Policy.IGNORE),
        (Level.DISTRICT, Policy.REPORT),
        (Level.OTHER, Policy.REPORT),
    ],
)
def test_the_rule_of_the_senders_level_comes_before_the_general_one(level: Level, expected: Policy) -> None:
    settings = PolicySettings(
        attachments_central="require", attachments_province="refuse-invalid", attachments_commune="ignore"
    )
    found = demands(endpoint(), level, settings)
    assert (found.attachments, found.package) == (expected, Policy.REPORT)
    assert found.attachments_at_once is (level in (Level.CENTRAL, Level.PROVINCE))


def test_the_endpoints_own_rule_comes_first_even_if_it_is_milder() -> None:
    settings = PolicySettings(signatures="require", signatures_commune="refuse-invalid")
    mild = endpoint(signatures=SignatureRule.REPORT)
    assert demands(mild, Level.COMMUNE, settings).package is Policy.REPORT
    assert demands(endpoint(), Level.COMMUNE, settings).package is Policy.REFUSE_INVALID


def test_the_end_of_sha1_can_be_set() -> None:
    assert sha1_until(PolicySettings()) == date(2020, 1, 1)
    assert sha1_until(PolicySettings(sha1_until="2018-06-30")) == date(2018, 6, 30)
