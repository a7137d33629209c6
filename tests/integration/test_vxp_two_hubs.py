"""A province's hub below the national one, over the protocol: documents and answers, with the upper hub going away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.vxp import VxpAdapter
from adapters.vxp.axis import Axis, Lost
from adapters.vxp.downward import Pauses
from hub import web
from hub.axis import Comparable, ListsAgencies, able
from hub.comparing import Kind, compare
from hub.directory import VIETNAM
from hub.errors import Misconfigured
from hub.model import DeliveryState, Endpoint
from hub.testing import Box, eventually, hub_in_a_box, package, settings, status
from hub.web_sockets import bound
from schemas.text import Text
from tests.integration.noon import from_noon
from tests.unit.adapters.vxp.ground import connect

SECRET = "Y2h1bmctbW90LWJpLW1hdA=="
LOCAL, REMOTE, OTHER = "H49.13", "G17", "G22"


@dataclass
class TwoHubs:
    """The national hub with two ministries, the province's with a department, and the line between them."""

    upper: Box
    lower: Box
    port: int
    department: Endpoint
    ministry: Endpoint
    other: Endpoint
    task: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        ready: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()
        sockets = bound("127.0.0.1", self.port)
        self.port = sockets[0].getsockname()[1]
        self.task = asyncio.create_task(web.serve(self.upper.hub, sockets=sockets, on_ready=ready.set_result))
        await ready

    async def stop(self) -> None:
        assert self.task is not None
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    async def restart_listening(self) -> None:
        """Forget everything that the lower hub's adapters know, as a restart does."""
        connections = self.lower.hub.connections
        await connections.stop_listening()
        await connections.close()
        connections._adapters.clear()
        connections._stopped = False
        connections.listen_as_needed()

    async def waiting(self, box: Box, endpoint: Endpoint, count: int = 1) -> list[bytes]:
        """Wait until so many packages wait for an endpoint, take them and return their bytes."""

        async def there() -> bool:
            return len(await box.hub.waiting(endpoint)) >= count

        await eventually(there)
        found = []
        for each in await box.hub.waiting(endpoint):
            found.append((await box.hub.fetch(endpoint, each.delivery.id)).content)
            await box.hub.take(endpoint, each.delivery.id)
        return found


def patient(folder: Path) -> AbstractAsyncContextManager[Box]:
    """Open a hub that goes on trying however long the other one is away."""
    config = settings(folder)
    endless = replace(config, retry=replace(config.retry, attempts=10_000))
    return hub_in_a_box(folder, config=endless, running=True, clock=from_noon)


@asynccontextmanager
async def two_hubs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, poll_seconds: float = 0.02
) -> AsyncIterator[TwoHubs]:
    """Open both hubs and serve the upper one."""
    monkeypatch.setattr(VxpAdapter, "pauses", Pauses(first_seconds=0.02, longest_seconds=0.2))
    async with AsyncExitStack() as stack:
        for name in ("upper", "lower"):
            (folder / name).mkdir()
        upper = await stack.enter_async_context(patient(folder / "upper"))
        lower = await stack.enter_async_context(patient(folder / "lower"))
        ministry = await upper.connect("bo-y-te", REMOTE)
        other = await upper.connect("bo-giao-duc", OTHER)
        await connect(upper, "H49", LOCAL, secret=SECRET)
        department = await lower.connect("so-noi-vu", LOCAL)
        made = TwoHubs(upper, lower, 0, department, ministry, other)
        await made.serve()
        asked = f"systemid=H49&poll={poll_seconds:g}"
        address = VxpAdapter.settle(f"http://127.0.0.1:{made.port}/vxp?{asked}")
        await connect(lower, "axis", REMOTE, OTHER, secret=SECRET, address=address, polls=False)
        try:
            yield made
        finally:
            await made.stop()


async def test_a_document_goes_up_and_its_answer_comes_down_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = package(sender=LOCAL, to=[REMOTE], document_id="1/SNV", subject="Về việc kết nối các trục")
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        accepted = await hubs.lower.hub.accept(hubs.department, content)
        assert await hubs.waiting(hubs.upper, hubs.ministry) == [content]

        async def delivered() -> bool:
            now = await hubs.lower.hub.accepted(accepted.message.id)
            return now.deliveries[0].state is DeliveryState.DELIVERED

        await eventually(delivered)
        [delivery] = (await hubs.lower.hub.accepted(accepted.message.id)).deliveries
        above = await hubs.upper.hub.accepted(str(delivery.remote_id))
        assert above.message.sha256 == accepted.message.sha256

        answer = status(sender=REMOTE, to=LOCAL, document_id="1/SNV", code="03")
        await hubs.upper.hub.accept(hubs.ministry, answer)
        assert await hubs.waiting(hubs.lower, hubs.department) == [answer]
        for box in (hubs.upper, hubs.lower):
            assert not (await box.hub.verify_ledger()).broken


async def test_a_document_to_several_beyond_the_axis_arrives_once_at_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = package(sender=LOCAL, to=[REMOTE, OTHER])
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        accepted = await hubs.lower.hub.accept(hubs.department, content)

        async def delivered() -> bool:
            now = await hubs.lower.hub.accepted(accepted.message.id)
            return all(each.state is DeliveryState.DELIVERED for each in now.deliveries)

        await eventually(delivered)
        assert await hubs.waiting(hubs.upper, hubs.ministry) == [content]
        assert await hubs.waiting(hubs.upper, hubs.other) == [content]
        now = await hubs.lower.hub.accepted(accepted.message.id)
        assert len({each.remote_id for each in now.deliveries}) == 1


async def test_a_document_comes_down_and_is_done_up_there_when_it_is_safe_down_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = package(sender=REMOTE, to=[LOCAL])
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        accepted = await hubs.upper.hub.accept(hubs.ministry, content)
        assert await hubs.waiting(hubs.lower, hubs.department) == [content]

        async def done() -> bool:
            return (await hubs.upper.hub.accepted(accepted.message.id)).state == "completed"

        await eventually(done)


async def test_between_two_edochubs_nothing_waits_for_the_next_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_hubs(tmp_path, monkeypatch, poll_seconds=3_600) as hubs:
        for _ in range(3):  # the first may have been found by the first look
            content = package(sender=REMOTE, to=[LOCAL])
            await hubs.upper.hub.accept(hubs.ministry, content)
            assert await hubs.waiting(hubs.lower, hubs.department) == [content]


async def test_what_is_refused_below_is_told_to_the_sender_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        stranger = await hubs.upper.connect("bo-la", "G33")  # nobody told the province's hub
        await hubs.upper.hub.accept(stranger, package(sender="G33", to=[LOCAL], document_id="7/BL"))
        [told] = await hubs.waiting(hubs.upper, stranger)
        assert b"G33" in told
        assert b"khong co trong danh ba" in told
        assert await hubs.lower.hub.waiting(hubs.department) == []


async def test_an_axis_that_goes_away_and_comes_back_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        up = [package(sender=LOCAL, to=[REMOTE]) for _ in range(12)]
        down = [package(sender=REMOTE, to=[LOCAL]) for _ in range(12)]
        for number, (one, two) in enumerate(zip(up, down, strict=True)):
            if number % 4 == 1:
                await hubs.stop()
            await hubs.lower.hub.accept(hubs.department, one)
            await hubs.upper.hub.accept(hubs.ministry, two)
            if number % 4 == 3:
                await hubs.serve()
        assert sorted(await hubs.waiting(hubs.upper, hubs.ministry, 12)) == sorted(up)
        assert sorted(await hubs.waiting(hubs.lower, hubs.department, 12)) == sorted(down)
        for box in (hubs.upper, hubs.lower):
            assert not (await box.hub.verify_ledger()).broken


async def test_a_day_on_which_nothing_was_lost_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        for _ in range(3):
            await hubs.lower.hub.accept(hubs.department, package(sender=LOCAL, to=[REMOTE, OTHER]))
        await hubs.waiting(hubs.upper, hubs.other, 3)

        async def delivered() -> bool:
            return not await hubs.lower.hub.deliveries(DeliveryState.QUEUED, 10) and not (
                await hubs.lower.hub.deliveries(DeliveryState.SENDING, 10)
            )

        await eventually(delivered)
        far = await able(hubs.lower.hub, "axis", Comparable)  # type: ignore[type-abstract]
        today = from_noon().astimezone(VIETNAM).date()
        compared = await compare(hubs.lower.hub, "axis", far, today)
        assert (compared.sent, compared.differences) == (6, [])
        other_day = await compare(hubs.lower.hub, "axis", far, today - timedelta(days=1))
        assert (other_day.sent, other_day.differences) == (0, [])


async def test_what_another_sends_in_our_name_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        ours_above = await hubs.upper.hub.endpoint("H49")
        foreign = await hubs.upper.hub.accept(ours_above, package(sender=LOCAL, to=[REMOTE]))
        far = await able(hubs.lower.hub, "axis", Comparable)  # type: ignore[type-abstract]
        compared = await compare(hubs.lower.hub, "axis", far, from_noon().astimezone(VIETNAM).date())
        [difference] = compared.differences
        assert (difference.kind, difference.remote_id) == (Kind.SENT_NOT_HERE, foreign.message.id)


async def test_the_axis_lists_its_agencies_for_our_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        await hubs.upper.add_agencies("G44", "H53")
        far = await able(hubs.lower.hub, "axis", ListsAgencies)  # type: ignore[type-abstract]
        listed = await far.agencies(hubs.lower.hub.directory)
        assert {row.codes[0].value for row in listed.rows} == {"G44", "H53"}
        with pytest.raises(Misconfigured):
            await able(hubs.lower.hub, "so-noi-vu", Comparable)  # type: ignore[type-abstract]


async def test_checking_says_whether_the_axis_knows_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        await hubs.lower.hub.connections.adapter_for("axis").check()
        wrong = f"http://127.0.0.1:{hubs.port}/vxp?systemid=nobody"
        await connect(hubs.lower, "wrong", "G55", secret="other", address=wrong, polls=False)
        with pytest.raises(Misconfigured):
            await hubs.lower.hub.connections.adapter_for("wrong").check()


# --- what dies between doing and saying -------------------------------------------------------------------------------


async def test_a_hub_that_died_before_it_said_done_takes_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = package(sender=REMOTE, to=[LOCAL])
    async with two_hubs(tmp_path, monkeypatch) as hubs:
        with monkeypatch.context() as mute:
            mute.setattr(Axis, "update", lost)
            accepted = await hubs.upper.hub.accept(hubs.ministry, content)
            await eventually(lambda: hubs.lower.hub.waiting(hubs.department))
            await hubs.restart_listening()

        async def done() -> bool:
            return (await hubs.upper.hub.accepted(accepted.message.id)).state == "completed"

        await eventually(done)
        assert await hubs.waiting(hubs.lower, hubs.department) == [content]


async def test_a_hub_that_died_before_it_noted_the_answer_sends_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = package(sender=LOCAL, to=[REMOTE, OTHER])
    sent: list[str] = []
    whole = Axis.send

    async def deaf(axis: Axis, content: bytes, **more: Any) -> str:
        sent.append(await whole(axis, content, **more))
        if len(sent) == 1:
            await lost(axis)
        return sent[-1]

    async with two_hubs(tmp_path, monkeypatch) as hubs:
        monkeypatch.setattr(Axis, "send", deaf)
        accepted = await hubs.lower.hub.accept(hubs.department, content)
        await eventually(lambda: sent)
        await hubs.restart_listening()

        async def delivered() -> bool:
            now = await hubs.lower.hub.accepted(accepted.message.id)
            return all(each.state is DeliveryState.DELIVERED for each in now.deliveries)

        await eventually(delivered)
        assert len(sent) == 1
        assert await hubs.waiting(hubs.upper, hubs.ministry) == [content]
        assert await hubs.waiting(hubs.upper, hubs.other) == [content]


async def lost(*arguments: object, **more: object) -> None:
    """Stand in for a call whose answer never comes."""
    raise Lost(Text(vi="Mất trả lời", en="The answer is lost"))
