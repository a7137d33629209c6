"""Verdicts as others read them."""

from __future__ import annotations

import json

from signing import reasons
from tests.unit.signing.attacks import genuine
from tests.unit.signing.packages import NOW, judge


def test_a_verdict_can_be_published() -> None:
    published = json.loads(json.dumps(judge(genuine()).as_json()))
    assert published["outcome"] == "valid"
    assert published["checked_at"] == NOW.isoformat()
    assert published["certificate"]["subject"] == "CN=Người Ký Thử,O=UBND xã Mẫu,C=VN"
    assert published["reasons"][1]["message"]["en"].startswith("Whether the certificate has been revoked")


def test_a_strangers_words_are_cut_and_made_visible() -> None:
    said = reasons.ALGORITHM_FORBIDDEN.because(algorithm="x\n\x1b" + "y" * 5000).message.en
    assert "\n" not in said
    assert "\x1b" not in said
    assert len(said) < 250
