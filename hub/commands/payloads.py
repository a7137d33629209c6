"""Look after the stored packages: are all still what was received, and does every file belong to one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands._click import command, group, option
from hub.commands._exits import Exit
from hub.commands._parts import json_option
from hub.commands._session import Session
from hub.errors import Misconfigured
from hub.show import Toned
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.store.payloads.care import Damage
    from hub.store.payloads.large import Held

HOURS = Text(vi="GIỜ", en="HOURS")
PERCENT = Text(vi="PHẦN_TRĂM", en="PERCENT")
LEAST_HOURS = 1.0  # a package that is being recorded may be as old as a database was down


@group(
    "payloads",
    about=Text(
        vi="Kho gói tin: kiểm tra nội dung, dọn tệp thừa.", en="The stored packages: check them, clear away."
    ),
)
def payloads() -> None:
    """The bytes of packages exactly as received."""


@command(
    "scrub",
    about=Text(
        vi="Đọc lại các gói tin đã lưu và so mã băm; nêu văn bản và nơi nhận bị ảnh hưởng.",
        en="Read the stored packages again and compare digests; name the documents and agencies touched by damage.",
    ),
    more=Text(
        vi="Chạy được khi trục đang hoạt động. Mã kết thúc 1 nếu có gói tin mất hoặc hỏng.",
        en="May run while the hub works. Exit code 1 if a package is gone or damaged.",
    ),
    examples=(
        (
            "edochub payloads scrub --percent 5",
            Text(vi="Đọc lại 5% số gói tin đã lưu.", en="Read five per cent of the stored packages again."),
        ),
    ),
)
@option(
    "--percent",
    type=click.FloatRange(0, 100, min_open=True),
    default=100.0,
    value=PERCENT,
    about=Text(
        vi="Chỉ kiểm tra chừng này phần trăm, chọn ngẫu nhiên.",
        en="Only this part of them, chosen by chance.",
    ),
)
@json_option
@click.pass_obj
def scrub(session: Session, percent: float, as_json: bool) -> int:
    """Read packages to their ends, and say which are damaged."""

    async def look(hub: Hub) -> tuple[int, list[Damage]]:
        from hub.store.payloads import care

        checked = 0
        damage: list[Damage] = []
        for start, until in care.part(secrets.randbelow(care.SPACE), percent):
            after = start
            while some := await hub.store.read(partial(care.stored, after=after, until=until)):
                damage += await hub.store.read(partial(care.check, store=hub.payloads, packages=some))
                checked, after = checked + len(some), some[-1].sha256
        return checked, damage

    checked, damage = session.ask(look)
    code = Exit.NO if damage else Exit.YES
    if as_json:
        show.as_json({"checked": checked, "damaged": [each.as_json() for each in damage]})
        return code
    for each in damage:
        show.line(Toned(each.why, "bad"))
        for line in _touched(each):
            show.line(line)
    show.line(
        Text(
            vi=f"Đã kiểm tra {checked} gói tin, {len(damage)} gói tin hỏng.",
            en=f"Checked {so_many(checked, 'package', 'packages')}, {so_many(len(damage), 'is', 'are')} damaged.",
        )
    )
    return code


@command(
    "sweep",
    about=Text(
        vi="Tìm tệp trong kho mà không gói tin nào dùng; chỉ xóa khi có --delete.",
        en="Find files of the store that belong to no package; removes them only with --delete.",
    ),
    more=Text(
        vi="Chạy được khi trục đang hoạt động: tệp vừa ghi không bị coi là thừa.",
        en="May run while the hub works: what was just written is not taken for an orphan.",
    ),
    examples=(
        (
            "edochub payloads sweep --older-than 48",
            Text(
                vi="Tìm tệp thừa cũ hơn 48 giờ; chưa xóa gì.",
                en="Find stray files older than 48 hours; nothing is deleted yet.",
            ),
        ),
    ),
)
@option(
    "--older-than",
    "hours",
    type=click.FloatRange(0),
    default=24.0,
    value=HOURS,
    about=Text(
        vi=f"Chỉ xét tệp cũ hơn chừng này giờ; khi xóa ít nhất là {LEAST_HOURS:g}.",
        en=f"Only files older than this many hours; at least {LEAST_HOURS:g} when removing.",
    ),
)
@option("--delete", is_flag=True, about=Text(vi="Xóa các tệp tìm thấy.", en="Remove what is found."))
@json_option
@click.pass_obj
def sweep(session: Session, hours: float, delete: bool, as_json: bool) -> int:
    """List the orphans, and perhaps remove them."""
    if delete and hours < LEAST_HOURS:
        raise Misconfigured(
            Text(
                vi=f"--delete cần --older-than từ {LEAST_HOURS:g} giờ: trục có thể đang ghi tệp mới hơn",
                en=f"--delete needs --older-than of {LEAST_HOURS:g} hour or more: the hub may be writing newer files",
            )
        )
    before = datetime.now(UTC) - timedelta(hours=hours)  # the files' own clock

    async def clear(hub: Hub) -> tuple[list[Held], list[Held]]:
        from hub.store.payloads import care

        large = hub.payloads.large
        found = await hub.store.read(lambda connection: list(care.orphans(connection, large.held(), before)))
        gone = [each for each in found if delete and large.remove(each, before)]
        return found, gone

    found, gone = session.ask(clear)
    octets = sum(each.size for each in found)
    if as_json:
        show.as_json(
            {
                "orphans": sum(each.sha256 is not None for each in found),
                "unfinished": sum(each.sha256 is None for each in found),
                "bytes": octets,
                "removed": len(gone),
                "files": [each.name for each in found],
            }
        )
        return Exit.YES
    for each in found:
        show.line(f"  {each.name}  {each.size}")
    show.line(
        Text(
            vi=f"{len(found)} tệp thừa, {octets} byte; đã xóa {len(gone)}.",
            en=f"{so_many(len(found), 'file belongs', 'files belong')} to no package, {octets} bytes; "
            f"{len(gone)} removed.",
        )
    )
    return Exit.YES


def _touched(damage: Damage) -> Iterator[Text]:
    for each in damage.messages:
        to, waiting = ", ".join(each.addressees), ", ".join(each.open) or "-"
        yield Text(
            vi=f"  {each.id}  {each.code}  từ {each.sender} đến {to}; chưa nhận: {waiting}",
            en=f"  {each.id}  {each.code}  from {each.sender} to {to}; not delivered yet: {waiting}",
        )


payloads.add_command(scrub)
payloads.add_command(sweep)
