"""The manual pages: one for each command, in both languages, with all sections, as troff reads them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hub.commands import COMMANDS, _man
from schemas.text import LANGUAGES, Language, speaking

HEADINGS = (_man.NAME, _man.SYNOPSIS, _man.DESCRIPTION, _man.OPTIONS, _man.EXIT_STATUS, _man.SEE_ALSO)
REQUESTS = {".TH", ".SH", ".B", ".BR", ".TP", ".PP"}
ESCAPES = re.compile(r"\\(?:e|-|&|\((?:aq|ga|ha|ti|dq))")


@pytest.fixture(scope="module")
def manual() -> dict[Language, dict[str, str]]:
    """All pages in all languages."""
    pages = {}
    for language in LANGUAGES:
        with speaking(language):
            pages[language] = dict(_man.manual())
    return pages


def test_there_is_a_page_for_every_command_and_those_below(manual: dict[Language, dict[str, str]]) -> None:
    for pages in manual.values():
        assert {
            "edochub",
            "edochub-agencies-certificate-add",
            *(f"edochub-{each}" for each in COMMANDS),
        } <= set(pages)


def test_every_page_has_its_sections_in_the_language_of_the_reader(
    manual: dict[Language, dict[str, str]],
) -> None:
    for language, pages in manual.items():
        for name, page in pages.items():
            for heading in HEADINGS:
                assert f'.SH "{heading.speak(language)}"\n' in page, name


def test_a_page_shows_options_examples_and_where_to_look_next(manual: dict[Language, dict[str, str]]) -> None:
    page = manual["en"]["edochub-resume"]

    assert ".B \\-\\-to CODE\n" in page
    assert ".B edochub resume 01K9X2M7QD3N8R5T6V0W1Y4Z2B \\-\\-to H49.61.12\n" in page
    assert '.BR edochub "(1)"\n' in page
    assert ".B 70\n" in page


def test_see_also_names_pages_that_are_there(manual: dict[Language, dict[str, str]]) -> None:
    for pages in manual.values():
        for page in pages.values():
            named = re.findall(r"^\.BR (\S+) ", page, flags=re.MULTILINE)
            assert named
            assert {each.replace("\\-", "-") for each in named} <= set(pages)


def test_nothing_in_a_page_is_read_as_something_else(manual: dict[Language, dict[str, str]]) -> None:
    for pages in manual.values():
        for name, page in pages.items():
            for line in page.splitlines():
                assert line, name
                assert not line.startswith("'"), name
                assert not line.startswith(".") or line.split(" ")[0] in REQUESTS, (name, line)
                assert "\\" not in ESCAPES.sub("", line), (name, line)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        (".config", "\\&.config"),
        ("'quoted' `x`", "\\(aqquoted\\(aq \\(gax\\(ga"),
        ("C:\\new", "C:\\enew"),
        ("--to ~/x ^", "\\-\\-to \\(ti/x \\(ha"),
        ("two\n  lines", "two lines"),
    ],
)
def test_what_troff_would_read_as_its_own_is_escaped(text: str, page: str) -> None:
    assert _man.escaped(text) == page


def test_the_pages_are_written_where_man_looks_for_them(tmp_path: Path) -> None:
    written = _man.write(tmp_path)

    assert written == len(list(tmp_path.rglob("*.1")))
    assert (tmp_path / "man1" / "edochub-trace.1").read_text(encoding="utf-8").startswith(".TH ")
    assert "hành trình" in (tmp_path / "vi" / "man1" / "edochub-trace.1").read_text(encoding="utf-8")


@pytest.mark.programs
def test_groff_has_nothing_to_complain_of(manual: dict[Language, dict[str, str]]) -> None:
    for pages in manual.values():
        ran = subprocess.run(
            ["groff", "-man", "-Tutf8", "-k", "-Kutf8", "-ww", "-z"],
            input="".join(pages.values()).encode(),
            capture_output=True,
            check=False,
        )
        assert (ran.returncode, ran.stderr.decode()) == (0, "")
