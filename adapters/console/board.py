"""The board: how things stand with each agency as an addressee, the one that hurts most first (`hub.board`)."""

from __future__ import annotations

from starlette.responses import Response

from adapters.console.visit import Visit
from hub.board import HEALTH, LOOK_BACK_DAYS

MOST_ROWS = 300
TONES = {
    "fine": "good",
    "failing": "warn",
    "silent": "warn",
    "stopped": "bad",
    "off": "quiet",
    "none": "quiet",
}


async def page(visit: Visit) -> Response:
    """Show the board."""
    board = await visit.console.overview.board.value()
    return visit.page(
        "board.html",
        board=board,
        rows=board.rows[:MOST_ROWS],
        cut=len(board.rows) > MOST_ROWS,
        health=HEALTH,
        health_tones=TONES,
        days=LOOK_BACK_DAYS,
    )
