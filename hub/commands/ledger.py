"""Prove that the ledger is whole: every event there, unaltered, in order, and in agreement with the hub's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands._click import command, group
from hub.commands._exits import Exit
from hub.commands._parts import json_option
from hub.commands._session import Session
from hub.ledger import LedgerReport
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


@group(
    "ledger",
    about=Text(vi="Sổ nhật ký không thể sửa đổi.", en="The ledger, which nobody can alter unnoticed."),
)
def ledger() -> None:
    """The append-only trace of everything that happened."""


@command(
    "verify",
    about=Text(
        vi="Tính lại toàn bộ chuỗi băm của sổ nhật ký.", en="Recompute the whole hash chain of the ledger."
    ),
    more=Text(
        vi="Mã kết thúc 1 nếu có sự kiện bị sửa, xóa, thêm hoặc đổi chỗ.",
        en="Exit code 1 if an event was altered, removed, added or moved.",
    ),
)
@json_option
@click.pass_obj
def verify(session: Session, as_json: bool) -> int:
    """Recompute, and name what is broken."""

    async def recompute(hub: Hub) -> LedgerReport:
        return await hub.verify_ledger()

    report = session.ask(recompute)
    code = Exit.NO if report.broken else Exit.YES
    if as_json:
        show.as_json(
            {
                "events": report.events,
                "head": report.head,
                "broken": [text.as_json() for text in report.broken],
            }
        )
        return code
    if report.broken:
        show.line(Toned(Text(vi="Sổ nhật ký KHÔNG còn nguyên vẹn.", en="The ledger is NOT whole."), "bad"))
    else:
        show.line(Toned(Text(vi="Sổ nhật ký nguyên vẹn.", en="The ledger is whole."), "good"))
    for text in report.broken:
        show.line(f"  - {text}")
    show.facts(
        [
            (Text(vi="Số sự kiện", en="Events"), report.events),
            (Text(vi="Mã băm cuối", en="Last hash"), report.head),
        ]
    )
    return code


ledger.add_command(verify)
