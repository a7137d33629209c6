"""Find documents by what is remembered of them: words, number, agencies, days, kind, state. Newest first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing
from hub.commands._click import argument, command, option
from hub.commands._parts import CODE, DAY, NUMBER, Day, json_option
from hub.commands._session import Session
from hub.model import DeliveryState
from hub.show import Toned, clean, when
from hub.words import STATES
from schemas.edxml.codes import kind_name
from schemas.edxml.envelope import PackageKind
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.finding import Found, Page
    from hub.model import Agency

WORDS = Text(vi="TỪ", en="WORD")
AGENCY = Text(vi="CƠ_QUAN", en="AGENCY")
READ_HERE = 20_000  # events that this command reads itself, should no server have done it yet
KINDS = [str(kind) for kind in PackageKind if kind is not PackageKind.STATUS]


@command(
    "search",
    about=Text(
        vi="Tìm văn bản theo trích yếu, số ký hiệu, cơ quan, ngày, trạng thái.",
        en="Find documents by subject, number, agency, day or state.",
    ),
    more=Text(
        vi="Mọi điều kiện đều phải đúng; văn bản mới nhất đứng trước. Từ trong trích yếu tìm theo phần đầu của từ, có "
        "dấu hay không dấu đều được. "
        "Gói tin bị trục từ chối tìm được theo số và ký hiệu hoặc DocumentId viết đủ. "
        "Văn bản trả lời trạng thái xem bằng edochub trace. Mã kết thúc 1 nếu không tìm thấy văn bản nào.",
        en="Everything asked for must fit; the newest documents come first. Words of the subject are found by their "
        "beginnings, with or without diacritics. "
        "What the hub refused is found by its whole number and notation or DocumentId. "
        "Answers to documents are shown by edochub trace. Exit code 1 if nothing is found.",
    ),
    examples=(
        (
            'edochub search xay dung cau --from "so noi vu" --since 01/11/2026',
            Text(
                vi="Theo trích yếu, bên gửi và ngày; dấu có hay không đều được.",
                en="By subject, sender and day; diacritics do not matter.",
            ),
        ),
        (
            "edochub search --number 12/UBND-VX --state suspended",
            Text(
                vi="Theo số và ký hiệu, chỉ những văn bản đang dừng.", en="By number, only what is stopped."
            ),
        ),
    ),
)
@argument(
    "words",
    nargs=-1,
    required=False,
    value=WORDS,
    about=Text(
        vi="Từ trong trích yếu, hoặc số ký hiệu như 12/QĐ-UBND.",
        en="Words of the subject, or a number such as 12/QĐ-UBND.",
    ),
)
@option(
    "--number",
    default="",
    value=NUMBER,
    about=Text(
        vi="Số, ký hiệu, hoặc phần đầu của cả hai: 12, 12/QĐ, QĐ-UBND.",
        en="Number, notation, or the beginning of both: 12, 12/QĐ, QĐ-UBND.",
    ),
)
@option(
    "--from",
    "sender",
    default="",
    value=AGENCY,
    shell_complete=_completing.agencies,
    about=Text(vi="Bên gửi: mã, hoặc từ trong tên.", en="The sender: a code, or words of its name."),
)
@option(
    "--to",
    "addressee",
    default="",
    value=AGENCY,
    shell_complete=_completing.agencies,
    about=Text(vi="Nơi nhận: mã, hoặc từ trong tên.", en="An addressee: a code, or words of its name."),
)
@option(
    "--since",
    type=Day(),
    value=DAY,
    about=Text(
        vi="Trục tiếp nhận từ ngày này (giờ Việt Nam).",
        en="Accepted by the hub on this day (in Vietnam) or later.",
    ),
)
@option(
    "--until",
    type=Day(),
    value=DAY,
    about=Text(vi="Đến hết ngày này.", en="Up to the end of this day."),
)
@option(
    "--dated",
    type=Day(),
    value=DAY,
    about=Text(vi="Ngày ban hành ghi trên văn bản.", en="The day that the document bears."),
)
@option(
    "--document-id", default="", value=CODE, about=Text(vi="DocumentId của gói tin.", en="The DocumentId.")
)
@option(
    "--kind",
    type=click.Choice(KINDS),
    about=Text(
        vi="Loại: new mới, update cập nhật, replace thay thế, revoke thu hồi.",
        en="The kind of package: new, update, replace, revoke.",
    ),
)
@option(
    "--state",
    type=click.Choice([str(state) for state in DeliveryState]),
    about=Text(
        vi="Có lượt chuyển ở trạng thái này (đến nơi nhận --to, nếu có).",
        en="With a delivery in this state (to the addressee of --to, if given).",
    ),
)
@option(
    "--after",
    type=click.IntRange(min=1),
    value=NUMBER,
    about=Text(
        vi="Xem tiếp từ số mà lần trước đã báo.", en="Go on from the number that the last answer gave."
    ),
)
@option(
    "--limit",
    type=click.IntRange(min=1, max=500),
    default=50,
    show_default=True,
    value=NUMBER,
    about=Text(vi="Liệt kê nhiều nhất bấy nhiêu.", en="List at most so many."),
)
@json_option
@click.pass_context
def search(
    context: click.Context,
    words: tuple[str, ...],
    number: str,
    sender: str,
    addressee: str,
    since: date | None,
    until: date | None,
    dated: date | None,
    document_id: str,
    kind: str | None,
    state: str | None,
    after: int | None,
    limit: int,
    as_json: bool,
) -> None:
    """Look, and list."""
    session: Session = context.obj

    async def look(hub: Hub) -> Page:
        from hub.finding import Criteria

        await hub.refresh_directory()
        await hub.indexing.catch_up(READ_HERE)
        criteria = Criteria(
            words=" ".join(words),
            number=number,
            sender=sender,
            addressee=addressee,
            since=since,
            until=until,
            dated=dated,
            document_id=document_id,
            kind=PackageKind(kind) if kind else None,
            state=DeliveryState(state) if state else None,
        )
        return await hub.search(criteria, after=after, limit=limit)

    page = session.ask(look)
    if as_json:
        show.as_json(page.as_json())
    else:
        _list(page)
    context.exit(0 if page.found or page.refused else 1)


def _list(page: Page) -> None:
    for whose, meant in (
        (Text(vi="Bên gửi", en="From"), page.senders),
        (Text(vi="Nơi nhận", en="To"), page.addressees),
    ):
        if len(meant) > 1:
            show.line(Toned(f"{whose}: {_named(meant)}", "quiet"))
    columns = [
        Text(vi="Tiếp nhận", en="Accepted"),
        Text(vi="Số, ký hiệu", en="Number"),
        Text(vi="Ngày ban hành", en="Dated"),
        Text(vi="Loại", en="Kind"),
        Text(vi="Bên gửi", en="From"),
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Trích yếu", en="Subject"),
        Text(vi="Trạng thái", en="State"),
        Text(vi="Văn bản", en="Message"),
    ]
    rows = [
        [
            each.accepted_at,
            each.code,
            each.promulgated_on,
            kind_name(each.kind),
            each.sender,
            _to(each),
            each.subject,
            _states(each),
            each.id,
        ]
        for each in page.found
    ]
    if rows or not page.refused:
        show.table(columns, rows, empty=Text(vi="Không tìm thấy văn bản nào.", en="No document is found."))
    _refused(page)
    if page.after is not None and page.whole:
        show.line(
            Toned(
                Text(vi=f"Còn nữa: --after {page.after}", en=f"There are more: --after {page.after}"), "quiet"
            )
        )
    elif page.after is not None:
        unfinished = Text(
            vi=f"Chưa tìm hết, vì quá nhiều văn bản khớp các điều kiện khác: tìm tiếp bằng --after {page.after}",
            en=f"Not searched to the end, since too many documents fit the rest: go on with --after {page.after}",
        )
        show.line(Toned(unfinished, "warning"))
    if page.read < page.head:
        behind = Text(
            vi=f"Mới đọc đến sự kiện {page.read:,} trong {page.head:,} của sổ nhật ký: văn bản mới hơn chưa tìm được.",
            en=f"The ledger is read up to event {page.read:,} of {page.head:,}: newer documents are not found yet.",
        )
        show.line(Toned(behind, "warning"))


def _refused(page: Page) -> None:
    """Tell what the hub refused under the number that was asked for."""
    for each in page.refused:
        by, at = clean(each.sender or each.endpoint), when(each.at)
        reason = each.findings[0].message if each.findings else each.message
        refused = Text(
            vi=f"Trục đã từ chối {clean(each.document_code or each.document_id)} của {by} lúc {at}: {reason.vi}",
            en=f"The hub refused {clean(each.document_code or each.document_id)} of {by} at {at}: {reason.en}",
        )
        show.line(Toned(refused, "bad"))
        show.line(f"  edochub why {each.id}")


def _named(meant: tuple[Agency, ...]) -> str:
    names = "; ".join(f"{each.name} ({each.code})" for each in meant[:5])
    return names if len(meant) <= 5 else f"{names}; … ({len(meant)})"


def _to(found: Found) -> str:
    others = sum(found.states.values()) - 1
    return f"{found.to} (+{others})" if others > 0 else found.to


def _states(found: Found) -> str:
    if len(found.states) == 1:
        return str(STATES[next(iter(found.states))])
    return ", ".join(f"{count} {STATES[state]}" for state, count in found.states.items())
