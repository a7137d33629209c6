"""`docs/format.md` and `docs/en/format.md` tell the truth."""

from __future__ import annotations

import pytest

from schemas.catalog import Catalog
from schemas.edxml.element_tables import BLOCKS, NAMES
from schemas.reference import PAGES, reference
from schemas.text import LANGUAGES, Language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_documents_are_what_the_tables_say_today(language: Language) -> None:
    # Not equal? python -m schemas.reference
    assert PAGES[language].read_text(encoding="utf-8") == reference(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_element_block_and_rule_is_in_them(language: Language) -> None:
    made = reference(language)
    assert {name for name in NAMES if f"| `{name}`" not in made} == set()
    assert all(block.about.speak(language) in made for block in BLOCKS.values())
    assert all(f"| `{rule.id}` |" in made for rule in Catalog.standard().rules)


def test_each_document_speaks_one_language() -> None:
    assert "Trích yếu" in reference("vi")
    assert "Trích yếu" not in reference("en")
