"""`docs/commands.md`, made from the commands themselves: `python -m hub.commands._reference > docs/commands.md`.

A test compares the file with what this makes, so the document cannot fall behind.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from hub.commands import build
from schemas.text import LANGUAGES, Text, speaking

WIDTH = 100
INTRODUCTION = """\
# Các lệnh · Commands

Trang này được tạo ra từ chính các lệnh; đừng sửa tay. This page is made from the commands themselves; do not edit it.

    python -m hub.commands._reference > docs/commands.md

| | vi | en |
|---|---|---|
"""
CODES: dict[int, Text] = {
    0: Text(vi="có: làm xong, hợp lệ, tìm thấy", en="yes: done, valid, found"),
    1: Text(vi="không: bị từ chối, không hợp lệ, không tìm thấy", en="no: refused, invalid, not found"),
    2: Text(vi="dùng sai lệnh, hoặc cấu hình sai", en="wrong usage, or a wrong setting"),
    3: Text(vi="chưa xác định", en="undetermined"),
    4: Text(vi="không liên lạc được với thành phần cần thiết", en="cannot reach what is needed"),
    70: Text(vi="lỗi của chương trình", en="a fault of the program"),
    130: Text(vi="bị ngắt bằng Ctrl-C", en="interrupted by Ctrl-C"),
    141: Text(
        vi="chương trình đọc kết quả đã đóng ống dẫn (ví dụ head)",
        en="whoever read the answer closed the pipe, such as head",
    ),
}


def reference() -> str:
    """Return the whole document."""
    codes = "".join(f"| {code} | {text.vi} | {text.en} |\n" for code, text in CODES.items())
    return INTRODUCTION + codes + "".join(_chapters())


def commands(
    group: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield a command and all those below it, each with the context in which its help is made."""
    context = click.Context(
        group, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield group, context
    if isinstance(group, click.Group):
        for each in group.list_commands(context):
            found = group.get_command(context, each)
            if found is not None:
                yield from commands(found, each, context)


def _chapters() -> Iterator[str]:
    for command, context in commands(build(), "edochub"):
        yield f"\n## {path(context)}\n"
        for language in LANGUAGES:
            with speaking(language):
                yield f"\n```text\n{command.get_help(context)}\n```\n"


def path(context: click.Context) -> str:
    """Return the words that call a command, without the arguments that click puts between them."""
    names = [context.info_name or ""]
    while context.parent is not None:
        context = context.parent
        names.append(context.info_name or "")
    return " ".join(reversed(names))


if __name__ == "__main__":
    sys.stdout.write(reference())
