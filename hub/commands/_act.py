"""What `hold`, `withdraw` and `expire` do alike: choose the deliveries, give the order, show what came of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from hub.commands import _act_page
from hub.commands._act_options import Filters, Meant, check_usage, meant, order_of
from hub.commands._exits import Exit
from hub.commands._session import Session
from hub.model import DeliveryState

if TYPE_CHECKING:
    from hub.acting import Acted, Order
    from hub.app import Hub

    Give = Callable[[Hub, list[str], Order], Awaitable[list[Acted]]]


def carry_out(
    session: Session,
    give: Give,
    states: tuple[DeliveryState, ...],
    *,
    references: Sequence[str],
    endpoint: str | None,
    agency: str | None,
    state: Sequence[str],
    older_than: float | None,
    by: str | None,
    why: str,
    dry_run: bool,
    limit: int,
    as_json: bool,
) -> Exit:
    """Give an order that has to have a reason, for deliveries in these states; the rest is what `acting` adds."""
    filters = Filters(endpoint=endpoint, agency=agency, state=state, older_than=older_than)
    check_usage(references, filters)
    order = order_of(by, why, dry_run=dry_run, needs_reason=True)

    async def act(hub: Hub) -> tuple[list[Acted], Meant]:
        which = await meant(hub, references, filters, states, limit)
        return await give(hub, which.ids, order), which

    acted, which = session.ask(act)
    return _act_page.tell(acted, order, which, as_json=as_json)
