"""What the commands that act on deliveries have in common: which ones, who says so, why, and trying it dry."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from hub.commands import _completing
from hub.commands._click import Decorated, argument, option, wrong_usage
from hub.commands._parts import CODE, ENDPOINT, NAME, NUMBER, json_option
from hub.commands._session import operator
from hub.model import DeliveryState
from schemas.text import Text

if TYPE_CHECKING:
    from hub.acting import Order
    from hub.app import Hub

MOST_AT_ONCE = 1_000

AGE = Text(vi="TUỔI", en="AGE")
REFERENCE = Text(vi="LƯỢT_CHUYỂN", en="DELIVERY")
WRONG_AGE = Text(
    vi="cần một số kèm đơn vị s, m, h hoặc d, ví dụ 90m, 36h, 30d",
    en="expected a number with a unit, s, m, h or d: such as 90m, 36h, 30d",
)
WHICH_ONES = Text(
    vi="cần nêu mã lượt chuyển, hoặc bộ lọc như --endpoint, --agency, --state, --older-than",
    en="name deliveries, or filter by --endpoint, --agency, --state or --older-than",
)
NOT_BOTH = Text(
    vi="nêu mã lượt chuyển hoặc bộ lọc, không nêu cả hai", en="name deliveries or filter them, not both"
)
NO_NAME = Text(vi="cần tên của người ra lệnh", en="expected the name of who gives the order")
NO_REASON = Text(vi="cần nêu lý do: --why “…”", en="say why: --why “…”")
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Age(click.ParamType[float]):
    """The type of an option that is a length of time, as 90m, 36h or 30d; in seconds."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds; refuse what is no length of time."""
        if isinstance(value, float | int):
            return float(value)
        given = re.fullmatch(r"(\d{1,6})([smhd])", value.strip())
        if given is None:
            raise click.BadParameter(str(WRONG_AGE), ctx=ctx, param=param)
        return float(int(given[1]) * UNITS[given[2]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which deliveries are meant, if they are not named."""

    endpoint: str | None
    agency: str | None
    state: Sequence[str]
    older_than: float | None

    def __bool__(self) -> bool:
        return any((self.endpoint, self.agency, self.state, self.older_than is not None))


def filter_options(function: Decorated) -> Decorated:
    """Add the options that filter deliveries."""
    for each in (
        option(
            "--older-than",
            type=Age(),
            value=AGE,
            about=Text(
                vi="Chỉ những lượt trục đã giữ lâu hơn thế, ví dụ 90m, 36h, 30d.",
                en="Only what the hub has had for longer, such as 90m, 36h, 30d.",
            ),
        ),
        option(
            "--state",
            "state",
            multiple=True,
            type=click.Choice([str(state) for state in DeliveryState]),
            about=Text(vi="Chỉ trạng thái này; ghi nhiều lần được.", en="Only this state; may be repeated."),
        ),
        option(
            "--agency",
            value=CODE,
            shell_complete=_completing.agencies,
            about=Text(vi="Chỉ lượt chuyển đến cơ quan có mã này.", en="Only to the agency with this code."),
        ),
        option(
            "--endpoint",
            value=ENDPOINT,
            shell_complete=_completing.endpoints,
            about=Text(vi="Chỉ lượt chuyển qua điểm kết nối này.", en="Only through this endpoint."),
        ),
    ):
        function = each(function)
    return function


def acting(*, why: bool) -> Callable[[Decorated], Decorated]:
    """Add what every action has: deliveries or filters, who, why (`why`: it must be said), dry run, JSON."""

    def decorate(function: Decorated) -> Decorated:
        function = json_option(function)
        function = option(
            "--limit",
            type=click.IntRange(min=1),
            default=MOST_AT_ONCE,
            show_default=True,
            value=NUMBER,
            about=Text(vi="Nhiều nhất bấy nhiêu lượt.", en="At most so many deliveries."),
        )(function)
        function = option(
            "--dry-run",
            is_flag=True,
            about=Text(vi="Chỉ cho xem sẽ làm gì, không đổi gì.", en="Only show what would be done."),
        )(function)
        function = option(
            "--why",
            required=why,
            default=None if why else "",
            value=Text(vi="LÝ_DO", en="REASON"),
            about=Text(vi="Lý do, ghi vào sổ nhật ký.", en="The reason; the ledger keeps it."),
        )(function)
        function = option(
            "--by",
            value=NAME,
            about=Text(
                vi="Ai ra lệnh, ghi vào sổ nhật ký; mặc định là người dùng của hệ điều hành.",
                en="Who gives the order; the ledger keeps it. By default the operating system's user.",
            ),
        )(function)
        function = filter_options(function)
        return argument(
            "references",
            nargs=-1,
            value=REFERENCE,
            shell_complete=_completing.deliveries,
            about=Text(
                vi="Mã lượt chuyển, hoặc mã văn bản: khi đó là mọi lượt của văn bản chưa kết thúc.",
                en="Ids of deliveries, or of a document: then all its deliveries that have not ended.",
            ),
        )(function)

    return decorate


def order_of(by: str | None, why: str | None, *, dry_run: bool, needs_reason: bool = False) -> Order:
    """Return the order that the options give. Raises click's complaint."""
    from hub.acting import Order

    if by is not None and not (by.strip() and by.isprintable()):
        raise wrong_usage(NO_NAME, "by")
    if needs_reason and not (why or "").strip():
        raise wrong_usage(NO_REASON, "why")
    actor = f"operator:{by.strip()}"[:80] if by is not None else operator()
    return Order(by=actor, why=why or "", dry_run=dry_run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The deliveries that are meant, how many more the filters would fit, and how many a person stopped."""

    ids: list[str]
    more: int = 0
    stopped: int = 0


async def meant(
    hub: Hub,
    references: Sequence[str],
    filters: Filters,
    states: tuple[DeliveryState, ...],
    limit: int,
    *,
    stopped: bool = True,
) -> Meant:
    """Return the deliveries that are named, or that filters fit, the oldest first. Raises `NotFound`."""
    from hub.references import chosen
    from hub.store import actions

    if references:
        return Meant(ids=await _named(hub, references, states))
    asked = tuple(DeliveryState(state) for state in filters.state) or states
    which = await chosen(
        hub,
        endpoint=filters.endpoint,
        agency=filters.agency,
        states=asked,
        older_than_seconds=filters.older_than,
        limit=limit,
    )
    which = replace(which, oldest_first=True, stopped=stopped)
    found = await hub.store.read(lambda connection: actions.listed(connection, which))
    count = await hub.store.read(lambda connection: actions.counted(connection, which))
    every = replace(which, stopped=True)
    in_all = count if stopped else await hub.store.read(lambda connection: actions.counted(connection, every))
    return Meant(ids=[each.id for each in found], more=count - len(found), stopped=in_all - count)


async def _named(hub: Hub, references: Sequence[str], states: tuple[DeliveryState, ...]) -> list[str]:
    """Return the deliveries that are named; of a document, those in the states that the order is about."""
    from hub.references import deliveries_meant

    ids: list[str] = []
    for reference in references:
        found = await deliveries_meant(hub, reference)
        open_ones = [each.id for each in found if each.id == reference or each.state in states]
        ids += open_ones or [each.id for each in found]
    return list(dict.fromkeys(ids))


def check_usage(references: Sequence[str], filters: Filters) -> None:
    """Raise click's complaint when nothing is named, or too much."""
    if references and filters:
        raise wrong_usage(NOT_BOTH)
    if not references and not filters:
        raise wrong_usage(WHICH_ONES)
