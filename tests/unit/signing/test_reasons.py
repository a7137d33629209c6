"""Reasons are declared once, explained, and never lose their code."""

from __future__ import annotations

from pathlib import Path

import pytest

from signing import reasons
from signing.reasons import Refused
from signing.verdict import REASONS

PROFILE = Path(__file__).resolve().parents[3] / "docs" / "signature-profile.md"


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_is_explained_in_the_profile(code: str) -> None:
    assert f"`{code}`" in PROFILE.read_text(encoding="utf-8")


def test_a_refusal_says_all_its_reasons() -> None:
    refused = Refused(reasons.ALTERED.because(), reasons.ABSENT.because())
    assert [reason.code for reason in refused.reasons] == ["signature.altered", "signature.absent"]
    assert str(refused) == "Nội dung gói tin đã bị thay đổi sau khi ký. Gói tin không có chữ ký số."
