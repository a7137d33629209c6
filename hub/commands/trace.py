"""Find out in a minute where documents are, and what happened to them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import IO, TYPE_CHECKING, Any

import click

from hub import show
from hub.commands import _completing, _trace_list, _trace_page, _whole_page
from hub.commands._click import argument, command, option, wrong_usage
from hub.commands._exits import Exit
from hub.commands._parts import CODE, DAY, FILE, NUMBER, Day, json_option
from hub.commands._session import Session
from hub.deadlines import midnight
from hub.directory import Directory
from hub.errors import NotFound
from hub.references import MOST_LISTED, NOTHING, Named, agency_id, traced
from hub.store.references import Remembered
from hub.trace import Trace
from hub.way import Answer
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

WHICH_ONE = Text(
    vi="cần một mã, DocumentId hay số và ký hiệu; hoặc --file, --agency, --subject, --from, --to",
    en="expected an id, a DocumentId or a number; or --file, --agency, --subject, --from, --to",
)
PICK = Text(
    vi="Xem đầy đủ một văn bản: “edochub trace MÃ”; tất cả: thêm --all.",
    en="One of them in full: “edochub trace ID”; all of them: --all.",
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of the questions."""

    named: list[Named]
    directory: Directory
    ways: dict[str, Answer]

    @property
    def unknown(self) -> list[str]:
        """The references that mean nothing."""
        return [each.reference for each in self.named if not each.found]

    @property
    def found(self) -> list[Trace]:
        """All that was found, each once."""
        by_id = {_id(each): each for named in self.named for each in named.found}
        return list(by_id.values())


@command(
    "trace",
    about=Text(
        vi="Tra cứu hành trình của văn bản.", en="Show where documents are and what happened to them."
    ),
    more=Text(
        vi="Tìm theo mã của trục, mã lượt chuyển, DocumentId, số và ký hiệu, hoặc mã của lần bị từ chối; nhiều mã một "
        "lúc được, từ tệp cũng được. Không có mã thì tìm theo cơ quan, trích yếu, ngày. Khi có nhiều văn bản khớp thì "
        "liệt kê ngắn, mới nhất trước. Mã kết thúc 1: có mã không tìm thấy.",
        en="Finds them by the hub's id, a delivery's id, DocumentId, number/notation, or the id of a refusal; several "
        "at once, from a file too. Without any, by agency, subject and dates. When several documents fit, they are "
        "listed shortly, the newest first. Exit code 1: something was not found.",
    ),
    examples=(
        (
            "edochub trace 12/UBND-VX",
            Text(
                vi="Hành trình của văn bản mang số và ký hiệu này.",
                en="Show the way of the document with this number.",
            ),
        ),
        (
            "edochub trace 01K9X2M7QD3N8R5T6V0W1Y4Z2B --whole",
            Text(vi="Hỏi cả các trục mà văn bản đã qua.", en="Ask the other hubs that it passed, too."),
        ),
        (
            "edochub trace --agency H49.13 --from 2026-11-01 --limit 50",
            Text(vi="Văn bản của một cơ quan từ ngày ấy.", en="List an agency's documents since that day."),
        ),
    ),
)
@argument(
    "references",
    nargs=-1,
    value=Text(vi="VĂN_BẢN", en="REF"),
    about=Text(
        vi="Mã, DocumentId hoặc số và ký hiệu, ví dụ 12/QĐ-UBND; “-” đọc từ đầu vào chuẩn.",
        en="An id, DocumentId or number/notation, such as 12/QĐ-UBND; “-” reads standard input.",
    ),
)
@option(
    "--file",
    "file",
    type=click.File("r", encoding="utf-8"),
    value=FILE,
    about=Text(vi="Đọc mã từ tệp, mỗi dòng một mã.", en="Read references from a file, one a line."),
)
@option(
    "--agency",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(vi="Chỉ văn bản do cơ quan này gửi hoặc nhận.", en="Only what this agency sent or gets."),
)
@option(
    "--subject",
    default="",
    value=Text(vi="TỪ", en="WORDS"),
    about=Text(
        vi="Chỉ văn bản có những từ này trong trích yếu; không cần dấu.",
        en="Only with these words in its subject; diacritics do not matter.",
    ),
)
@option(
    "--from",
    "since",
    type=Day(),
    value=DAY,
    about=Text(
        vi="Chỉ văn bản trục tiếp nhận từ ngày này.", en="Only what was accepted on this day or later."
    ),
)
@option(
    "--to",
    "until",
    type=Day(),
    value=DAY,
    about=Text(
        vi="Chỉ văn bản trục tiếp nhận đến hết ngày này.", en="Only what was accepted until this day."
    ),
)
@option(
    "--all",
    "every",
    is_flag=True,
    about=Text(vi="Hiện đầy đủ mọi văn bản khớp.", en="Show everything that fits in full."),
)
@option(
    "--limit",
    type=click.IntRange(min=1, max=1_000),
    default=MOST_LISTED,
    show_default=True,
    value=NUMBER,
    about=Text(vi="Không có mã: nhiều nhất bấy nhiêu văn bản.", en="Without references: at most so many."),
)
@option(
    "--whole",
    is_flag=True,
    about=Text(
        vi="Hỏi cả các trục mà văn bản đã qua: nó đang ở trục nào, và diễn biến tại mọi trục.",
        en="Ask the hubs that it passed, too: at which one it stands, and what happened at all of them.",
    ),
)
@option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=0.1, max=600),
    default=5.0,
    show_default=True,
    value=Text(vi="GIÂY", en="SECONDS"),
    about=Text(
        vi="Với --whole: chờ các trục khác lâu nhất bao nhiêu giây.",
        en="With --whole: how long the other hubs are waited for.",
    ),
)
@json_option
@click.pass_obj
def trace(
    session: Session,
    references: Sequence[str],
    file: IO[str] | None,
    agency: str | None,
    subject: str,
    since: date | None,
    until: date | None,
    every: bool,
    limit: int,
    whole: bool,
    seconds: float,
    as_json: bool,
) -> Exit:
    """Show what is known of what the references mean."""
    given = _given(references, file)
    if not (given or agency or subject.strip() or since or until):
        raise wrong_usage(WHICH_ONE, "references")

    async def look(hub: Hub) -> Looked:
        remembered = Remembered(
            agency=agency_id(hub, agency),
            subject=subject,
            since=midnight(since) if since else None,
            until=midnight(until + timedelta(days=1)) if until else None,
        )
        named = await traced(hub, given, remembered, limit)
        ways: dict[str, Answer] = {}
        if whole:
            from hub import whole_way

            asked = {m.id: m for each in named for found in each.found if (m := found.message) is not None}
            told = await asyncio.gather(
                *(whole_way.of_message(hub, each, seconds) for each in asked.values())
            )
            ways = dict(zip(asked, told, strict=True))
        return Looked(named, hub.directory, ways)

    looked = session.ask(look)
    if len(given) == 1 and looked.unknown:
        raise NotFound(NOTHING.say(reference=given[0]))
    if as_json:
        _json(given, looked)
    else:
        _tell(given, looked, every=every)
    return Exit.NO if looked.unknown or not looked.found else Exit.YES


def _given(references: Sequence[str], file: IO[str] | None) -> list[str]:
    """Return all references that were given, each once: named, in the file, and on standard input for “-”."""
    given: list[str] = []
    for each in references:
        given += _lines(sys.stdin) if each == "-" else [each]
    if file is not None:
        given += _lines(file)
    return list(dict.fromkeys(given))


def _lines(stream: IO[str]) -> list[str]:
    return [line.strip() for line in stream if line.strip()]


def _tell(given: Sequence[str], looked: Looked, *, every: bool) -> None:
    if not every and (len(given) > 1 or len(looked.found) != 1):
        _trace_list.tell(looked.named)
        if looked.found:
            show.line(PICK)
        return
    for number, each in enumerate(looked.found):
        if number:
            show.line("")
            show.line("─" * 60)
        if each.message is not None and each.message.id in looked.ways:
            _trace_page.head(each.message)
            _whole_page.tell(looked.ways[each.message.id])
        else:
            _trace_page.tell(each, looked.directory)
    for reference in looked.unknown:
        show.complain(show.Toned(NOTHING.say(reference=reference), "bad"))


def _json(given: Sequence[str], looked: Looked) -> None:
    """Print one document as it is, with whatever else one reference may mean; several under their references."""
    if len(given) == 1:
        first, *others = [_shape(each, looked) for each in looked.named[0].found]
        show.as_json({**first, "others": others} if others else first)
        return
    show.as_json(
        {
            "references": [
                {
                    "reference": each.reference or None,
                    "found": [_shape(found, looked) for found in each.found],
                }
                for each in looked.named
            ],
            "unknown": looked.unknown,
        }
    )


def _shape(each: Trace, looked: Looked) -> dict[str, Any]:
    way = looked.ways.get(each.message.id) if each.message else None
    return each.as_json() | ({"way": way.as_json()} if way else {})


def _id(each: Trace) -> str:
    return each.message.id if each.message else each.refusal.id if each.refusal else ""
