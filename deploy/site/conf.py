"""The documentation site: `make site` builds it twice, in Vietnamese and in English, from the pages in docs/.

Sphinx reads the Markdown as it is (MyST). A page is in both languages, and what the other one says is left out
(`language.py`); or it is in one, and its translation is the page of the same name under docs/vi or docs/en; or it says
at its top that it has none. Nothing is loaded from elsewhere: a hub's network may have no way out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # Sphinx runs this file from anywhere

from deploy.site.language import LANGUAGES, kept, only_in_another  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = ROOT / "docs"
ONLY_IN_ANOTHER = {
    "vi": ":::{note}\nTrang này hiện chỉ có bản tiếng Anh.\n:::",
    "en": ":::{note}\nThis page is in Vietnamese only.\n:::",
}
NAMES = {"vi": "edochub, trục liên thông văn bản", "en": "edochub, a document exchange hub"}

project = "edochub"
author = "edochub"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
language = "vi"  # make site says which
html_theme = "furo"
html_show_sphinx = False
html_copy_source = False
html_show_copyright = False
html_static_path: list[str] = []
exclude_patterns = [f"{each}/**" for each in LANGUAGES]
templates_path = ["templates"]
html_sidebars = {
    "**": [
        "sidebar/scroll-start.html",
        "sidebar/brand.html",
        "language.html",
        "sidebar/search.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
# Code blocks hold what programs print, not only what lexers know.
suppress_warnings = ["misc.highlighting_failure", "myst.header"]

# A heading in both languages becomes one in this language: where a link leads to is then the page.
_TWOFOLD = re.compile(r"(\]\([^)#\s]+\.md)#[^)\s]*--[^)\s]*\)")
_PLACE = re.compile(r"\]\(([^)#:\s]+\.md)#[^)\s]+\)")
_OTHER = re.compile(r"^\[(?:Tiếng Việt|English)\]\([^)]*\)\n\n", re.MULTILINE)  # the sidebar leads there
_UP = re.compile(r"\]\(\.\./")  # a translation lies one folder deeper than its page
_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!adr/|adapters/)[^)\s]*\)")


def one_language(app: Sphinx, docname: str, source: list[str]) -> None:
    """Take the page in this language, without links to files that the site does not have."""
    language = app.config.language or "vi"
    translation = DOCS / language / f"{docname}.md"
    if translation.exists():
        page = _UP.sub("](", kept(translation.read_text(encoding="utf-8"), language))
    else:
        page = kept(source[0], language)
        if only_in_another(page, language):
            title, _, rest = page.partition("\n\n")
            page = f"{title}\n\n{ONLY_IN_ANOTHER[language]}\n\n{rest}"
    page = _OTHER.sub("", page, count=1)
    page = _TWOFOLD.sub(r"\1)", page)
    page = _PLACE.sub(lambda link: _page_alone(link, docname, language), page)
    source[0] = _OUTSIDE.sub(lambda link: _inside(link, docname), page)


def _page_alone(link: re.Match[str], docname: str, language: str) -> str:
    """Lead to a page, not to a heading in it, when that has other words in the translation."""
    target = (Path(docname).parent / link[1]).as_posix()
    return f"]({link[1]})" if (DOCS / language / target).exists() else link[0]


def _inside(link: re.Match[str], docname: str) -> str:
    target = link[0].rpartition("(")[2].rstrip(")").partition("#")[0]
    known = (DOCS / docname).parent / target
    return link[0] if known.resolve().is_relative_to(DOCS) and known.exists() else f"`{link[1].strip('`')}`"


def setup(app: Sphinx) -> None:
    """Let every page pass by."""
    app.connect(
        "config-inited", lambda _, config: setattr(config, "html_title", NAMES[config.language or "vi"])
    )
    app.connect("source-read", one_language)
