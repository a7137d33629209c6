"""Send a document again: to one addressee, or to all where it failed. A new attempt at the old delivery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from hub.commands import _act_page, _completing
from hub.commands._act_options import Filters, Meant, acting, check_usage, meant, order_of
from hub.commands._click import command, option, wrong_usage
from hub.commands._exits import Exit
from hub.commands._parts import CODE
from hub.commands._session import Session
from hub.errors import NotFound, Sought
from schemas.text import Sentence, Text

if TYPE_CHECKING:
    from hub.acting import Acted
    from hub.app import Hub

ONE_WAY = Text(vi="chỉ nêu một trong --to, --all-failed", en="give one of --to and --all-failed")
ONLY_FAILED = Text(
    vi="bộ lọc chỉ dùng cùng --all-failed; nếu không thì nêu đích danh",
    en="filters need --all-failed; else name them",
)
WHICH = Sentence(
    vi="{reference} có {count} nơi nhận; thêm --to MÃ hoặc --all-failed: {codes}",
    en="{reference} has {count} addressees; add --to CODE or --all-failed: {codes}",
)


@command(
    "resend",
    about=Text(vi="Gửi lại văn bản đến một nơi, hoặc mọi nơi chưa được.", en="Send a document again."),
    more=Text(
        vi="Nơi nhận được đúng những byte ấy, cùng mã lượt chuyển; các lần gửi trước và lỗi đầu tiên vẫn xem được bằng "
        "“edochub trace”. Nơi đã nhận rồi chỉ được gửi lại khi có --again, và được báo là gửi lại.",
        en="The addressee gets the same bytes under the same delivery id; “edochub trace” still shows what went before "
        "and its first error. Who has it already gets it again only with --again, and is told that it is a repeat.",
    ),
    examples=(
        (
            "edochub resend 01K9X2M7QD3N8R5T6V0W1Y4Z2B --to H49.61.12",
            Text(vi="Gửi lại văn bản tới một nơi nhận.", en="Send the document to one addressee again."),
        ),
        (
            "edochub resend --endpoint ha-long --all-failed --dry-run",
            Text(
                vi="Xem trước mọi lượt hỏng sẽ được gửi lại.",
                en="See first which failed deliveries would be sent again.",
            ),
        ),
    ),
)
@acting(why=False)
@option(
    "--to",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(vi="Chỉ gửi lại đến nơi nhận này của văn bản.", en="Only to this addressee of the document."),
)
@option(
    "--all-failed",
    is_flag=True,
    about=Text(
        vi="Mọi lượt đang tạm dừng hoặc chờ gửi lại.", en="Everything suspended, or waiting for its next try."
    ),
)
@option(
    "--again",
    is_flag=True,
    about=Text(vi="Gửi lại cả khi nơi nhận đã có.", en="Send it although the addressee has it."),
)
@click.pass_obj
def resend(
    session: Session,
    references: Sequence[str],
    endpoint: str | None,
    agency: str | None,
    state: Sequence[str],
    older_than: float | None,
    by: str | None,
    why: str,
    dry_run: bool,
    limit: int,
    to: str | None,
    all_failed: bool,
    again: bool,
    as_json: bool,
) -> Exit:
    """Send again, and show what came of each."""
    filters = Filters(endpoint=endpoint, agency=agency, state=state, older_than=older_than)
    check_usage(references, filters)
    if to is not None and all_failed:
        raise wrong_usage(ONE_WAY, "to")
    if filters and not all_failed:
        raise wrong_usage(ONLY_FAILED)
    order = order_of(by, why, dry_run=dry_run)

    async def act(hub: Hub) -> tuple[list[Acted], Meant]:
        from hub import resending

        if references:
            which = Meant(ids=await _named(hub, references, to, all_failed=all_failed))
        else:
            which = await meant(hub, references, filters, resending.FAILED, limit, stopped=False)
        return await resending.resend(hub, which.ids, order, again=again), which

    acted, which = session.ask(act)
    return _act_page.tell(acted, order, which, as_json=as_json)


async def _named(hub: Hub, references: Sequence[str], to: str | None, *, all_failed: bool) -> list[str]:
    """Return the deliveries to send again. Raises `NotFound` when it is not said which of several."""
    from hub.references import deliveries_meant
    from hub.resending import FAILED

    ids: list[str] = []
    for reference in references:
        found = await deliveries_meant(hub, reference, to)
        if all_failed:
            found = tuple(each for each in found if each.state in FAILED)
        elif len(found) > 1:
            codes = ", ".join(each.addressee for each in found)
            raise NotFound(WHICH.say(reference=reference, count=len(found), codes=codes), Sought.DELIVERY)
        ids += [each.id for each in found]
    return list(dict.fromkeys(ids))
