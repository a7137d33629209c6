"""Find out in a minute where a document is, and what happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _trace_page
from hub.commands._click import argument, command
from hub.commands._exits import Exit
from hub.commands._parts import json_option
from hub.commands._session import Session
from hub.directory import Directory
from hub.errors import NotFound
from hub.trace import Trace
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


@command(
    "trace",
    about=Text(
        vi="Tra cứu hành trình của một văn bản.", en="Show where a document is and what happened to it."
    ),
    more=Text(
        vi="Tìm theo mã của trục, mã lượt chuyển, DocumentId, số và ký hiệu, hoặc mã của lần bị từ chối.",
        en="Finds it by the hub's id, a delivery's id, DocumentId, number/notation, or the id of a refusal.",
    ),
)
@argument(
    "reference",
    value=Text(vi="VĂN_BẢN", en="REF"),
    about=Text(
        vi="Mã, DocumentId hoặc số và ký hiệu, ví dụ 12/UBND-VP.",
        en="An id, DocumentId or number/notation, such as 12/UBND-VP.",
    ),
)
@json_option
@click.pass_obj
def trace(session: Session, reference: str, as_json: bool) -> int:
    """Show everything that is known of what a reference means."""

    async def look(hub: Hub) -> tuple[list[Trace], Directory]:
        return await hub.trace(reference), hub.directory

    found, directory = session.ask(look)
    if not found:
        raise NotFound(
            Text(
                vi=f"Trục không biết văn bản nào có mã, DocumentId hay số ký hiệu “{reference}”",
                en=f"The hub knows no document with the id, DocumentId or number “{reference}”",
            )
        )
    if as_json:
        shown = [each.as_json() for each in found]
        show.as_json(shown[0] if len(shown) == 1 else {**shown[0], "others": shown[1:]})
        return Exit.YES
    for number, each in enumerate(found):
        if number:
            show.line("")
            show.line("─" * 60)
        _trace_page.tell(each, directory)
    return Exit.YES
