"""The documentation has everything in it, and reads well in each of its languages. (`make site` builds it.)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.site.language import LANGUAGES, is_vietnamese, kept, only_in_another
from hub.commands import build
from hub.commands._findings_reference import groups
from hub.commands._reference import commands
from hub.commands._settings import SECTIONS, SETTINGS
from hub.errors import HubError
from schemas.text import Text

DOCS = Path(__file__).resolve().parents[2] / "docs"
every_language = pytest.mark.parametrize("language", LANGUAGES)


def page(name: str, language: str) -> str:
    """Return a page as the site of one language has it."""
    return kept((DOCS / name).read_text(encoding="utf-8"), language)


def spoken(text: Text, language: str) -> str:
    """Return a text in one language."""
    return text.vi if language == "vi" else text.en


def cell(text: Text, language: str) -> str:
    """Return a text as a table has it."""
    return spoken(text, language).replace("|", "\\|")


def classes(of: type[HubError]) -> Iterator[type[HubError]]:
    """Yield a class of errors and all below it."""
    yield of
    for each in of.__subclasses__():
        yield from classes(each)


@every_language
def test_every_setting_is_described(language: str) -> None:
    settings = page("settings.md", language)
    for section, about in SECTIONS.items():
        assert f"## [{section}]\n\n{spoken(about, language)}" in settings
    for key, about in SETTINGS.items():
        assert re.search(
            rf"^\| `{key.partition('.')[2]}` \|.*{re.escape(cell(about, language))}", settings, re.MULTILINE
        ), key


@every_language
def test_every_command_is_described(language: str) -> None:
    described = re.findall(r"^## (edochub.*)$", page("commands.md", language), re.MULTILINE)
    assert described == [context.command_path for _, context in commands(build(), "edochub")]


@every_language
def test_every_finding_and_rule_is_described(language: str) -> None:
    findings = page("findings.md", language)
    for _, kinds in groups():
        for kind in kinds:
            assert f"| `{kind.code}` |" in findings


@every_language
def test_every_error_is_described(language: str) -> None:
    errors = page("adapters/http.md", language) + page("findings.md", language)
    for each in classes(HubError):
        if each.__module__ == "hub.errors" and each.code not in (
            "refused",
            "misconfigured",
            "document.declined",
        ):
            assert f"`{each.code}`" in errors, each.code


def test_every_page_is_reached_from_the_first() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    for each in DOCS.rglob("*.md"):
        if each.relative_to(DOCS).parts[0] in LANGUAGES:
            continue  # a translation: the page itself is in the list
        name = each.relative_to(DOCS).with_suffix("").as_posix()
        assert name in index or name == "index" or re.match(r"adr/0\d{3}-", name), f"{name} is in no list"


def translations() -> list[Path]:
    """Return the pages that are translations of others."""
    return [each for language in LANGUAGES for each in sorted((DOCS / language).rglob("*.md"))]


def bones(path: Path) -> list[str]:
    """Return what a page and its translation have alike: levels of headings, cells of tables, what programs print."""
    found, fenced = [], False
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
            found.append(line)
        elif fenced:
            found.append(line)
        elif line.startswith("#"):
            found.append(line.partition(" ")[0])
        elif line.startswith("|"):
            found.append(f"{line.count('|')} |")
    return found


@pytest.mark.parametrize("path", translations(), ids=lambda path: path.relative_to(DOCS).as_posix())
def test_a_translation_is_of_the_page_as_it_is_now(path: Path) -> None:
    language, *name = path.relative_to(DOCS).parts
    page = path.read_text(encoding="utf-8")
    assert is_vietnamese(page) == (language == "vi")
    assert not only_in_another(kept(page, language), language)
    original = DOCS.joinpath(*name)
    other = DOCS.joinpath("en" if language == "vi" else "vi", *name)
    assert bones(path) in [bones(each) for each in (original, other) if each.exists()], (
        "the page has changed since"
    )


TWINS = """# Sổ nhật ký · The ledger

Mọi việc là một sự kiện.

*Whatever happens is an event.*

Trục này là ai. *Who this hub is.*

| mã | vi | en |
|---|---|---|
| `a` | một | one |

```console
$ edochub trace   # Mọi việc / all of it
```

Only here.
"""


def test_a_page_becomes_one_in_each_language() -> None:
    assert kept(TWINS, "vi").split("\n") == [
        "# Sổ nhật ký",
        "",
        "Mọi việc là một sự kiện.",
        "",
        "Trục này là ai.",
        "",
        "| mã | vi |",
        "| --- | --- |",
        "| `a` | một |",
        "",
        "```console",
        "$ edochub trace   # Mọi việc / all of it",
        "```",
        "",
        "Only here.",
        "",
    ]
    english = kept(TWINS, "en")
    assert "# The ledger\n\nWhatever happens is an event.\n\nWho this hub is.\n\n| mã | en |" in english
    assert "| `a` | one |" in english
    assert english.endswith("Only here.\n")


def test_of_a_page_with_two_titles_one_is_kept() -> None:
    both = "# Qua thư mục\n\nĐặt tệp vào đây.\n\n---\n\n# Through a folder\n\nPut files here.\n"
    assert kept(both, "vi") == "# Qua thư mục\n\nĐặt tệp vào đây.\n"
    assert kept(both, "en") == "# Through a folder\n\nPut files here.\n"


@pytest.mark.parametrize(
    ("text", "vietnamese"),
    [
        (Text(vi="Điểm kết nối đã khóa", en="The endpoint is closed").vi, True),
        ("The endpoint is closed", False),
        ("See [Ủy ban nhân dân](directory.md): `Điểm kết nối`, and the rest of this page is English", False),
    ],
)
def test_a_language_is_known_by_its_letters(text: str, vietnamese: bool) -> None:
    assert is_vietnamese(text) == vietnamese
