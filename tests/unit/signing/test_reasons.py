"""Reasons are declared once, explained, and never lose their code."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

import signing
from schemas.text import blanks
from signing import reasons
from signing.reasons import Refused
from signing.verdict import REASONS, ReasonKind

DOCS = Path(__file__).resolve().parents[3] / "docs"
MODULES = [
    importlib.import_module(f"signing.{module.name}")
    for module in pkgutil.iter_modules(signing.__path__)
    if module.name.startswith("reasons")
]


@pytest.fixture(scope="module")
def documents() -> str:
    return "".join(page.read_text(encoding="utf-8") for page in sorted(DOCS.glob("*.md")))


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_is_explained_in_the_documents(code: str, documents: str) -> None:
    assert f"`{code}`" in documents


def test_reasons_are_declared_in_modules_of_that_name() -> None:
    declared = {
        value.code for module in MODULES for value in vars(module).values() if isinstance(value, ReasonKind)
    }
    assert declared == set(REASONS)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_remedy_has_no_blanks_for_nobody_fills_them(code: str) -> None:
    remedy = REASONS[code].remedy
    assert remedy is None or blanks(remedy.en) == blanks(remedy.vi) == blanks("")


def test_a_refusal_says_all_its_reasons() -> None:
    refused = Refused(reasons.ALTERED.because(), reasons.ABSENT.because())
    assert [reason.code for reason in refused.reasons] == ["signature.altered", "signature.absent"]
    assert str(refused) == "Nội dung gói tin đã bị thay đổi sau khi ký. Gói tin không có chữ ký số."
