"""Hops say where and when."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.hops import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample

PLACE = "<edXML:TraceHeader>\n          <edXML:OrganId>000.00.13.H49</edXML:OrganId>"


@pytest.mark.parametrize("place", ["", "<edXML:OrganId/>", "<edXML:OrganId>null</edXML:OrganId>"])
def test_a_hop_without_a_place_is_a_warning(place: str) -> None:
    content = changed("good/document-new", PLACE, f"<edXML:TraceHeader>{place}")
    (finding,) = found(RULE, content)
    assert finding.code == "hop-incomplete"
    assert "has no “OrganId”" in finding.message.en


def test_a_hop_without_a_time_is_a_warning() -> None:
    content = changed("good/document-new", "<edXML:Timestamp>2026/11/20 08:15:00</edXML:Timestamp>", "")
    assert codes(found(RULE, content)) == ["hop-incomplete"]


def test_a_time_that_does_not_exist_is_a_warning() -> None:
    (finding,) = found(RULE, sample("odd/hop-time-wrong"))
    assert "“20/11/2026 08:15”" in finding.message.en


def test_packages_without_hops_are_left_alone() -> None:
    assert found(RULE, sample("good/status-accepted-03")) == []
    assert found(RULE, sample("good/document-new")) == []
