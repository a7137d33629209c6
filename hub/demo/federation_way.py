"""At the end of the federation demo: one hub asks the others, and sees the whole way of a document."""

from __future__ import annotations

from hub import whole_way
from hub.app import Hub
from hub.config import Config
from hub.demo.checks import Checks
from hub.demo.display import Display, Mark
from hub.demo.federation_ground import AXIS, MINISTRY, NORTH, SOUTH, player
from hub.events import sentence
from hub.model import DeliveryState
from hub.show import when
from schemas.text import Text

# Of each hub's part, what makes the way: the rest is for `edochub trace`.
SHOWN = frozenset({"document.accepted", "delivery.delivered", "answer.recorded"})


async def check_whole_way(config: Config, message: str, checks: Checks, display: Display) -> None:
    """Ask as an operator of this hub; expect a part of every hub, the same bytes, and where it stands."""
    async with Hub.open(config) as hub:
        accepted = await hub.accepted(message)
        told = await whole_way.of_message(hub, accepted.message, seconds=30.0)
    hubs = [part.hub for part in told.parts]
    expected = {player(each).code for each in (NORTH, AXIS, SOUTH, MINISTRY)}
    checks.same(Text(vi="Các trục đã trả lời", en="The hubs that told"), expected, set(hubs))
    checks.same(Text(vi="Trục im lặng", en="Silent hubs"), (), told.silent)
    checks.same(
        Text(vi="Mã băm tại mọi trục", en="The digest at all hubs"),
        {accepted.message.sha256},
        {part.sha256 for part in told.parts},
    )
    standing = {stand.to: (part.hub, stand.state) for part, stand in told.standing()}
    ends = {"DEMO-N.01": player(SOUTH).code, "DEMO-BO.01": player(MINISTRY).code}
    checks.same(
        Text(vi="Văn bản đang ở đâu", en="Where it stands"),
        {to: (code, DeliveryState.DELIVERED) for to, code in ends.items()},
        standing,
    )
    moments = sorted(
        ((each, part) for part in told.parts for each in part.moments if each.kind in SHOWN),
        key=lambda each: each[0].at,
    )
    for moment, part in moments:
        to = f" → {moment.to}" if moment.to else ""
        said = f"{when(moment.at)}  {part.name}{to}: {sentence(moment.event, when)}"
        display.line(Mark.NOTE, said)
