"""The documentation site: `make site` builds it twice, in Vietnamese and in English, from the pages in docs/.

Sphinx reads the Markdown as it is (MyST); what another language says beside it is left out (`language.py`). Nothing is
loaded from elsewhere: a hub's network may have no way out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # Sphinx runs this file from anywhere

from deploy.site.language import kept  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAMES = {"vi": "edochub, trục liên thông văn bản", "en": "edochub, a document exchange hub"}

project = "edochub"
author = "edochub"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
language = "vi"  # make site says which
html_theme = "furo"
html_show_sphinx = False
html_copy_source = False
html_static_path: list[str] = []
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
# Code blocks hold what programs print, not only what lexers know.
suppress_warnings = ["misc.highlighting_failure", "myst.header"]

# A heading in both languages becomes one in this language: where a link leads to is then the page.
_TWOFOLD = re.compile(r"(\]\([^)#\s]+\.md)#[^)\s]*--[^)\s]*\)")
_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!adr/|adapters/)[^)\s]*\)")


def one_language(app: Sphinx, docname: str, source: list[str]) -> None:
    """Leave out the other language, and the links to files that the site does not have."""
    page = kept(source[0], app.config.language or "vi")
    page = _TWOFOLD.sub(r"\1)", page)
    source[0] = _OUTSIDE.sub(lambda link: _inside(link, docname), page)


def _inside(link: re.Match[str], docname: str) -> str:
    target = link[0].rpartition("(")[2].rstrip(")").partition("#")[0]
    known = (ROOT / "docs" / docname).parent / target
    return (
        link[0]
        if known.resolve().is_relative_to(ROOT / "docs") and known.exists()
        else f"`{link[1].strip('`')}`"
    )


def setup(app: Sphinx) -> None:
    """Let every page pass by."""
    app.connect(
        "config-inited", lambda _, config: setattr(config, "html_title", NAMES[config.language or "vi"])
    )
    app.connect("source-read", one_language)
