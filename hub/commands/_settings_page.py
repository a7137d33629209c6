"""`docs/settings.md`, made from the settings themselves: `python -m hub.commands._settings_page > docs/settings.md`.

A test compares the file with what this makes, so the document cannot fall behind.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

from hub.commands._settings import SECTIONS, SETTINGS
from hub.config import WANTED, Config, one_of
from schemas.text import Text

INTRODUCTION = """\
# Cấu hình · Settings

Trang này được tạo ra từ chính các thiết lập; đừng sửa tay.
This page is made from the settings themselves; do not edit it.

    python -m hub.commands._settings_page > docs/settings.md

`edochub.toml` được tìm ở `--config`, `$EDOCHUB_CONFIG`, rồi thư mục hiện tại; `edochub init` tạo tệp này với mọi
giá trị mặc định. The file is looked for in `--config`, `$EDOCHUB_CONFIG`, then the present folder. A relative path
is taken from the folder of the file. An unknown key, or a value of the wrong kind, is refused with the key's name.
"""


def page() -> str:
    """Return the whole document."""
    return INTRODUCTION + "".join(_chapters())


def _chapters() -> Iterator[str]:
    default = Config()
    for section, about in SECTIONS.items():
        yield f"\n## [{section}]\n\n{about.vi}. *{about.en}.*\n\n"
        yield "| key | mặc định · default | cần · expected | vi | en |\n|---|---|---|---|---|\n"
        values = getattr(default, section)
        hints = get_type_hints(type(values))
        for each in fields(values):
            explained = SETTINGS[f"{section}.{each.name}"]
            value, expected = _shown(getattr(values, each.name)), _expected(hints[each.name])
            row = (f"`{each.name}`", value, f"{expected.vi} · {expected.en}", explained.vi, explained.en)
            yield "| " + " | ".join(row) + " |\n"


def _expected(hint: Any) -> Text:
    if get_origin(hint) is not None and not any(kind in WANTED for kind in get_args(hint)):
        return one_of(f"`{value}`" for value in get_args(hint))
    return next(WANTED[kind] for kind in (hint, *get_args(hint)) if kind in WANTED)


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, tuple):
        return f"`{list(value)}`"
    if isinstance(value, dict):
        return ", ".join(f"`{name} = {each}`" for name, each in value.items())
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    sys.stdout.write(page())
