"""The first page: today's flow between the levels, what is stuck and why, what is late."""

from __future__ import annotations

from starlette.responses import Response

from adapters.console.overview import LATE_SHOWN
from adapters.console.visit import Visit
from hub.accounts import Right

LATE_LISTED = 8  # on the first page; on the page of its own, a hundred
LATE_LISTED_ALONE = 100


async def page(visit: Visit) -> Response:
    """Show how the hub stands; an agency goes on to its documents."""
    if not visit.account.may(Right.EVERYTHING):
        return visit.go("/documents")
    return visit.page("home.html", today=await visit.console.overview.today.value())


async def late(visit: Visit) -> Response:
    """Show what is late: a part of the first page, fetched after it, for it looks far back."""
    found = await visit.console.overview.late.value()
    mendable = [each for each in found if each.rule.id != "sent"]
    shown = mendable[: LATE_LISTED if visit.refreshes else LATE_LISTED_ALONE]
    return visit.page("late.html", late=shown, count=len(mendable), all_shown=len(found) < LATE_SHOWN)
