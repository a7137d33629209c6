"""`docs/format.md` and `docs/en/format.md`: the format as we read and write it, made from what the code itself uses.

    python -m schemas.reference        writes both files

A test compares the files with what this makes, so the documents cannot fall behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from schemas.catalog import RETIRED, Catalog
from schemas.ebms.codes import ERRORS
from schemas.edxml import codes
from schemas.edxml.element_tables import BLOCKS, ROOTS, TOGETHER, below
from schemas.edxml.elements import FORMS, PRESENCES, Block, Element
from schemas.edxml.rules.code_values import TABLES
from schemas.reference_prose import (
    ADDED,
    ADMINISTRATIVE,
    ATTACHMENTS,
    CODES,
    COLUMNS,
    CONVENTIONS,
    DIALECTS,
    DOCUMENTS,
    DOTNET_ORDER,
    EBMS_ERRORS,
    INTRODUCTION,
    LOST,
    RETIRED_ONES,
    RULE_COLUMNS,
    RULES,
    STANDARD_COLUMNS,
    STANDARDS,
    STATUSES,
    TITLE,
    TOGETHER_AT_MOST,
)
from schemas.rule import Rule
from schemas.text import LANGUAGES, Language, Text, speaking

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES: dict[Language, Path] = {"vi": DOCS / "format.md", "en": DOCS / "en" / "format.md"}
LINKS: dict[Language, str] = {"vi": "[English](en/format.md)", "en": "[Tiếng Việt](../format.md)"}

CODE_TABLES: tuple[tuple[str, Mapping[str, Text]], ...] = (
    ("BussinessDocType", {code: codes.KIND_NAMES[kind] for code, kind in codes.KINDS_OF_PACKAGE.items()}),
    ("Priority", {str(int(priority)): name for priority, name in codes.PRIORITY_NAMES.items()}),
    ("StatusCode", codes.STATUSES),
    *((name, table) for (_, name), table in TABLES.items()),
)


def reference(language: Language) -> str:
    """Return the whole document in a language, with a way to the other one."""
    with speaking(language):
        made = "\n".join(_lines(LINKS[language])).rstrip() + "\n"
    return made.replace("](findings.md)", "](../findings.md)") if language == "en" else made


def _lines(link: str) -> Iterator[str]:
    yield from (f"# {TITLE}", "", link, "", str(INTRODUCTION), "")
    yield from _section(STANDARDS, _table(STANDARD_COLUMNS, _standards()))
    yield from (f"{RETIRED_ONES}", "", *(f"- `{uri}`: {name}" for uri, name in RETIRED.items()), "")
    for heading, sentences in (CONVENTIONS, DIALECTS, ATTACHMENTS, LOST):
        yield from (f"## {heading}", "", *(f"- {sentence}" for sentence in sentences), "")
    for title, root in zip((DOCUMENTS, STATUSES), ROOTS, strict=True):
        yield from (f"## {title}", "")
        for name in below(root):
            yield from _block(BLOCKS[name])
    yield from _codes()
    yield from _section(RULES, _table(RULE_COLUMNS, (_rule(rule) for rule in Catalog.standard().rules)))


def _standards() -> Iterator[Sequence[object]]:
    for standard in Catalog.standard().standards:
        carried = standard in Catalog.standard().deliverables
        yield (
            standard.name,
            standard.about,
            f"`{standard.root}`",
            f"`{standard.namespace}`",
            standard.valid_from.isoformat(),
            Text(vi="có", en="yes") if carried else Text(vi="không, chỉ kiểm tra", en="no, checked only"),
        )


def _block(block: Block) -> Iterator[str]:
    yield from (f"### {block.name.rpartition(':')[2]}: {block.about}", "")
    yield from _table(COLUMNS, (_row(element) for element in block.elements))
    if block.dotnet:
        yield from (str(DOTNET_ORDER.say(order=", ".join(block.dotnet))), "")
    if block.name in TOGETHER:
        yield from (str(TOGETHER_AT_MOST.say(longest=TOGETHER[block.name])), "")


def _row(element: Element) -> Sequence[object]:
    occurs = "1 … n" if element.repeats else "1"
    name = f"`{element.name}`" + (f" ({ADDED})" if element.added else "")
    return (
        name, element.about, element.clause, PRESENCES[element.presence], occurs, FORMS[element.form],
        element.longest or "",
    )  # fmt: skip


def _codes() -> Iterator[str]:
    yield from (f"## {CODES}", "")
    columns = (Text(vi="Mã", en="Code"), Text(vi="Ý nghĩa", en="Meaning"))
    for name, table in CODE_TABLES:
        yield from (f"### {name}", "")
        yield from _table(columns, table.items())
    yield from (f"### {ADMINISTRATIVE}", "")
    kinds = (f"{kind}{f' ({short})' if short else ''}" for kind, short in codes.ADMINISTRATIVE_KINDS.items())
    yield from ("; ".join(kinds) + ".", "", f"### {EBMS_ERRORS}", "")
    yield from _table(columns, ERRORS.items())


def _rule(rule: Rule[object]) -> Sequence[object]:
    found = ", ".join(f"`{kind.code}`" for kind in rule.kinds)
    return f"`{rule.id}`", str(rule.severity), rule.effective.isoformat(), rule.citation, rule.about, found


def _section(title: Text, lines: Iterable[str]) -> Iterator[str]:
    yield from (f"## {title}", "", *lines)


def _table(columns: Sequence[Text], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(str(column) for column in columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
    yield ""


def main() -> None:
    """Write the files."""
    for language in LANGUAGES:
        PAGES[language].write_text(reference(language), encoding="utf-8")


if __name__ == "__main__":
    main()
