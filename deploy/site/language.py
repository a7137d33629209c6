"""Keep of a bilingual page what a reader of one language needs.

Our pages are written in both languages, so that they read well as plain files: a heading is `Tiếng Việt · English` (or
with a slash), a table has a column for each, a paragraph is followed by its twin in italics. For the site of one
language the other half is left out. Where a page says something in one language only, it stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LANGUAGES = ("vi", "en")
# Letters that Vietnamese has and English has not.
_VIETNAMESE = re.compile(
    r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE
)
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)")
_ITALIC = re.compile(r"\*(?![*\s]).*[^*\s]\*|\*(?!\s)(?:[^*]|\*\*[^*]+\*\*)+\*", re.DOTALL)
_TAIL = re.compile(r"([^*`]+[.:]) \*([^*]+)\*", re.DOTALL)
_SEPARATOR = re.compile(r" [·/] ")
_NO_PARAGRAPH = ("#", "|", "```", "~~~", ":", "    ")
A_PARAGRAPH = 60  # letters
SHARE = 0.08  # of its letters that have marks; of a Vietnamese text, about a fifth have


def is_vietnamese(text: str) -> bool:
    """Tell whether a paragraph is Vietnamese, by its letters; code and addresses do not count."""
    words = _CODE.sub("", text)
    letters = sum(map(str.isalpha, words))
    return letters > 0 and len(_VIETNAMESE.findall(words)) / letters > SHARE


def kept(page: str, language: str) -> str:
    """Return a page of Markdown without what is said in the other language beside it."""
    return "\n\n".join(_paired(_half(list(_blocks(page)), language), language)) + "\n"


def only_in_another(page: str, language: str) -> bool:
    """Tell whether most of what a page says in whole paragraphs is in the other language."""
    said = [
        block for block in _blocks(page) if len(block) >= A_PARAGRAPH and not block.startswith(_NO_PARAGRAPH)
    ]
    other = sum(is_vietnamese(block) != (language == "vi") for block in said)
    return 2 * other > len(said)


def _half(blocks: list[str], language: str) -> list[str]:
    """Return the part in this language of a page that has two, each under a title of its own."""
    titles = [at for at, block in enumerate(blocks) if block.startswith("# ")]
    parts = [blocks[at:to] for at, to in zip(titles, [*titles[1:], len(blocks)], strict=True)]
    spoken = [is_vietnamese(part[0]) for part in parts]
    if sorted(spoken) != [False, True]:
        return blocks
    own = parts[spoken.index(language == "vi")]
    return own[:-1] if own[-1] == "---" else own


def _blocks(page: str) -> Iterator[str]:
    """Yield paragraphs, headings, tables, lists; a fenced block is one, whatever is in it."""
    block: list[str] = []
    fence = ""
    for line in page.split("\n"):
        mark = line.lstrip()[:3]
        if fence:
            fence = "" if mark == fence else fence
        elif mark in ("```", "~~~"):
            fence = mark
        elif not line.strip():
            if block:
                yield "\n".join(block)
            block = []
            continue
        block.append(line)
    if block:
        yield "\n".join(block)


def _paired(blocks: list[str], language: str) -> Iterator[str]:
    skip = False
    for at, block in enumerate(blocks):
        if skip:
            skip = False
            continue
        if block.startswith("#"):
            yield _heading(block, language)
        elif block.startswith("```{toctree}"):
            yield "\n".join(_caption(line, language) for line in block.split("\n"))
        elif block.startswith("|"):
            yield _table(block, language)
        elif at + 1 < len(blocks) and _twins(block, blocks[at + 1]):
            skip = True
            yield next(
                _upright(each)
                for each in (block, blocks[at + 1])
                if is_vietnamese(each) == (language == "vi")
            )
        else:
            yield _own_part(block, language)


def _own_part(block: str, language: str) -> str:
    """Return the half in this language of a paragraph that goes on in italics in the other one."""
    found = _TAIL.fullmatch(block)
    if found is None or block.startswith(("- ", "* ", "    ", "```")):
        return block
    halves = found.groups()
    if is_vietnamese(halves[0]) == is_vietnamese(halves[1]):
        return block
    return next(each for each in halves if is_vietnamese(each) == (language == "vi"))


def _twins(first: str, second: str) -> bool:
    """Tell whether two paragraphs say the same: one of them is in italics, and in the other language."""
    if any(each.startswith(("#", "|", "```", "~~~", "- ", "* ", "1. ", "    ")) for each in (first, second)):
        return False
    return bool(_ITALIC.fullmatch(first)) != bool(_ITALIC.fullmatch(second)) and is_vietnamese(
        first
    ) != is_vietnamese(second)


def _upright(paragraph: str) -> str:
    return paragraph[1:-1] if _ITALIC.fullmatch(paragraph) else paragraph


def _caption(line: str, language: str) -> str:
    return _heading(line, language) if line.startswith(":caption:") else line


def _heading(line: str, language: str) -> str:
    """Return a line of which the first word is a mark, with the half in this language."""
    marks, _, title = line.partition(" ")
    return f"{marks} {_own_half(title, language)}"


def _own_half(words: str, language: str) -> str:
    """Return what is said in this language, of a few words in both."""
    halves = _SEPARATOR.split(words)
    if len(halves) != 2 or is_vietnamese(halves[0]) == is_vietnamese(halves[1]):
        return words
    return next(each for each in halves if is_vietnamese(each) == (language == "vi"))


def _table(block: str, language: str) -> str:
    rows = [_cells(line) for line in block.split("\n")]
    head = rows[0]
    other = "en" if language == "vi" else "vi"
    left_out = head.index(other) if {"vi", "en"} <= set(head) else None
    return "\n".join(
        "| " + " | ".join(_own_half(each, language) for at, each in enumerate(row) if at != left_out) + " |"
        for row in rows
    )


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [each.strip() for each in re.split(r"(?<!\\)\|", inner)]
