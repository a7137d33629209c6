"""What an operator releases in another process is tried at once, however long the endpoint was to be left alone."""

from __future__ import annotations

from pathlib import Path

from hub import acting, resending
from hub.acting import Order
from hub.forgiving import Forgiving
from hub.testing import hub_in_a_box, package

LAN = Order(by="operator:lan", why="đã sửa")


async def test_each_release_is_told_to_the_worker_once(tmp_path: Path) -> None:
    told: list[str] = []
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("so", "H49.13")
        await box.connect("xa", "H49.61")
        heard = Forgiving(box.hub.store, told.append, lambda endpoint: told.append(f"wake {endpoint}"))
        accepted = await box.hub.accept(sender, package(sender="H49.13", to=["H49.61"]))
        (delivery,) = accepted.deliveries
        await acting.hold(box.hub, [delivery.id], LAN)
        await acting.release(box.hub, [delivery.id], LAN)

        await heard.sweep()
        assert told == [], "what was said before it began is over"

        await acting.hold(box.hub, [delivery.id], LAN)
        await heard.sweep()
        assert told == []
        await resending.resend(box.hub, [delivery.id], LAN)
        await heard.sweep()
        await heard.sweep()
        assert told == ["xa", "wake xa"]
