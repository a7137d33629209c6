"""`edochub demo --federation`: two provinces and a ministry below a national axis, and one hub that dies on the way.

Four hubs, each its own process, folder and database, linked by the axis's protocol. A commune of one province writes to
a commune of the other and to the ministry; both answer; then documents go in all directions, one hub is killed as a
power cut would and started again, and nothing may be lost, doubled or altered. Everything is asserted from outside, at
the agencies' systems, and then against each hub's own ledger.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from hub.app import Hub
from hub.demo.checks import Checks, Differs
from hub.demo.display import Display, Mark
from hub.demo.federation_ground import (
    AXIS,
    COMMUNE,
    DEPARTMENT,
    HUBS,
    OFFICES,
    WARD,
    Ground,
    Office,
    make,
    player,
)
from hub.demo.federation_hubs import Processes
from hub.demo.federation_systems import Arrival, Exchange, Sent
from hub.demo.federation_way import check_whole_way
from hub.model import DeliveryState, utc_now
from schemas.edxml.codes import status_name
from schemas.text import Text
from signing.verdict import Outcome

PATIENCE_SECONDS = 300.0  # on a machine that is busy with other things too
LOOK_SECONDS = 0.1
EACH_WAY = 4  # documents of each office while a hub is away
EARLIEST, LATEST = 0.05, 1.2  # seconds after the first of them, when the hub is killed
DOWN_SECONDS = 0.8
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Killing:
    """Which hub dies, and when: so many seconds after the first document of the crowd."""

    hub: str = AXIS
    after_seconds: float | None = None  # None: a moment of chance


@dataclass
class Federation:
    """One run."""

    ground: Ground
    display: Display
    checks: Checks
    processes: Processes
    exchange: Exchange
    client: httpx.AsyncClient
    running: list[asyncio.Task[None]] = field(default_factory=list)

    def tell(self, mark: Mark, vi: str, en: str) -> None:
        """Say what happened."""
        self.display.line(mark, Text(vi=vi, en=en))

    async def until(self, what: Text, holds: Callable[[], bool]) -> None:
        """Wait until something holds. Raises `Differs` when it does not in time, or a system gave up."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            for task in self.running:
                if task.done():
                    task.result()
            if time.monotonic() > deadline:
                raise Differs(
                    Text(vi=f"Không xảy ra trong thời hạn: {what.vi}", en=f"Not in time: {what.en}")
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def all_there(self) -> None:
        """Wait until every document has arrived and every answer is back; note what is missing."""
        what = Text(vi="mọi văn bản và trả lời tới nơi", en="every document and answer is where it belongs")
        try:
            await self.until(what, lambda: not self.exchange.missing())
        except Differs as late:
            self.checks.differs(late.text)
            for each in self.exchange.missing():
                self.checks.differs(each)


def play(folder: Path, display: Display, killing: Killing, chance: random.Random) -> Checks:
    """Play it in an empty folder, which is gone afterwards unless something differs."""
    checks = Checks()
    display.chapter(
        1,
        4,
        Text(vi="Bốn trục", en="Four hubs"),
        Text(
            vi="Trục quốc gia, trục của hai tỉnh và trục của một bộ: mỗi trục một tiến trình, một cơ sở dữ liệu, nối "
            "với nhau bằng giao thức vxp. Mọi mã cơ quan (DEMO-…) đều là mã tự đặt.",
            en="A national axis, the hubs of two provinces and of a ministry: a process and a database each, linked "
            "by vxp. All codes of agencies (DEMO-…) are invented.",
        ),
    )
    ground = make(folder, utc_now())
    processes = Processes.of(ground)
    try:
        with processes.ending():
            asyncio.run(_run(ground, display, checks, processes, killing, chance))
    except Differs as differs:
        checks.differs(differs.text)
    stopped = Text(vi="Mã kết thúc của bốn trục", en="How the four hubs ended")
    checks.same(stopped, {each.id: 0 for each in HUBS}, processes.codes)
    asyncio.run(prove(ground, checks, display))
    if not checks.differences:
        shutil.rmtree(folder)
    return checks


async def _run(
    ground: Ground,
    display: Display,
    checks: Checks,
    processes: Processes,
    killing: Killing,
    chance: random.Random,
) -> None:
    exchange = Exchange.of(ground, lambda office, arrival: _came(display, office, arrival))
    async with httpx.AsyncClient(trust_env=False) as client:
        federation = Federation(ground, display, checks, processes, exchange, client)
        try:
            await processes.start(client)
            for each in HUBS:
                url = ground.url(each.id)
                federation.tell(Mark.TAKEN, f"{each.name.vi} chạy tại {url}", f"{each.name.en} runs at {url}")
            federation.running += [asyncio.create_task(each.run()) for each in exchange.systems.values()]
            await three_hops(federation)
            await killed_on_the_way(federation, killing, chance)
            await whole_way(federation)
        finally:
            for task in federation.running:
                task.cancel()
            await asyncio.gather(*federation.running, return_exceptions=True)
            await exchange.close()
    check_exchange(exchange, checks)


async def three_hops(federation: Federation) -> None:
    """A commune writes to a commune of the other province and to the ministry, and both answer."""
    federation.display.chapter(
        2,
        4,
        Text(vi="Qua ba trục, và trả lời quay về", en="Over three hubs, and the answers back"),
        Text(
            vi="Xã Bắc Sơn ký số một công văn, gửi phường Nam Hải ở tỉnh khác và Vụ Thử nghiệm của bộ.",
            en="Xã Bắc Sơn signs a letter to phường Nam Hải in the other province, and to the ministry.",
        ),
    )
    await send(
        federation, COMMUNE, (WARD, DEPARTMENT), "V/v phối hợp giải quyết thủ tục hành chính liên tỉnh"
    )
    await federation.all_there()


async def killed_on_the_way(federation: Federation, killing: Killing, chance: random.Random) -> None:
    """Documents go in all directions; one hub dies and comes back."""
    who = player(killing.hub)
    federation.display.chapter(
        3,
        4,
        Text(vi="Mất điện giữa chừng", en="A power cut on the way"),
        Text(
            vi=f"Văn bản đi theo mọi hướng; {who.name.vi} bị SIGKILL giữa chừng rồi khởi động lại.",
            en=f"Documents go in all directions; {who.name.en} is ended by SIGKILL on the way, and started again.",
        ),
    )
    moment = killing.after_seconds if killing.after_seconds is not None else chance.uniform(EARLIEST, LATEST)
    crowd = asyncio.create_task(all_directions(federation, EACH_WAY))
    await asyncio.sleep(moment)
    federation.processes.hubs[who.id].kill()
    federation.tell(
        Mark.REFUSED,
        f"{who.name.vi} bị tắt đột ngột sau {moment:.2f} giây",
        f"{who.name.en} is killed after {moment:.2f} seconds",
    )
    await asyncio.sleep(DOWN_SECONDS)
    await federation.processes.restart(who.id, federation.client)
    federation.tell(Mark.TAKEN, f"{who.name.vi} chạy lại", f"{who.name.en} is up again")
    await crowd
    await federation.all_there()


async def all_directions(federation: Federation, count: int) -> None:
    """Let each office write to both others, so many times."""

    async def writes(sender: Office) -> None:
        others = tuple(office for office in OFFICES if office is not sender)
        for number in range(1, count + 1):
            await send(federation, sender, others, f"V/v báo cáo số {number}")

    await asyncio.gather(*(writes(office) for office in OFFICES))


async def send(federation: Federation, sender: Office, to: tuple[Office, ...], subject: str) -> Sent:
    """Hand a document in, and tell of it."""
    sent = await federation.exchange.send(sender, to, subject, utc_now())
    names = ", ".join(office.short for office in to)
    code = sent.paper.envelope.code
    federation.tell(
        Mark.SENT, f"{sender.short} gửi {code} tới {names}", f"{sender.short} sends {code} to {names}"
    )
    return sent


async def whole_way(federation: Federation) -> None:
    """Ask the commune's hub for the whole way of the first document."""
    federation.display.chapter(
        4,
        4,
        Text(vi="Toàn bộ đường đi, trên một dòng thời gian", en="The whole way, on one timeline"),
        Text(
            vi="Trục tỉnh Bắc hỏi trục kế bên, trục đó hỏi tiếp: “edochub trace --whole” thấy văn bản ở mọi trục.",
            en="The north province's hub asks its neighbour, which asks on: “edochub trace --whole” sees every hub.",
        ),
    )
    first = federation.exchange.sent[0]
    config = federation.ground.configs[COMMUNE.hub]
    await check_whole_way(config, first.id, federation.checks, federation.display)


def check_exchange(exchange: Exchange, checks: Checks) -> None:
    """Hold what was sent against what came."""
    expected = sum(len(each.to) for each in exchange.sent)
    came = sum(sum(exchange.documents(office).values()) for office in OFFICES)
    back = sum(sum(exchange.answers(office).values()) for office in OFFICES)
    checks.same(Text(vi="Văn bản tới nơi", en="Documents that arrived"), expected, came)
    checks.same(Text(vi="Trả lời về tới nơi", en="Answers that came back"), expected, back)
    for what, found in (
        (Text(vi="Mất", en="Lost"), exchange.missing()),
        (Text(vi="Nhận hai lần", en="Twice"), exchange.twice()),
        (Text(vi="Bị thay đổi", en="Altered"), exchange.altered()),
    ):
        checks.same(what, [], [str(each) for each in found])


async def prove(ground: Ground, checks: Checks, display: Display) -> None:
    """Hold each hub's ledger against its tables; nothing may be left on the way."""
    for each in HUBS:
        async with Hub.open(ground.configs[each.id]) as hub:
            report = await hub.verify_ledger()
            documents = await hub.deliveries(None, MOST)
            left = [found.id for found in documents if found.state is not DeliveryState.DELIVERED]
            verdicts = {
                verdict["outcome"]
                for message in {found.message for found in documents}
                for verdict in await _verdicts(hub, message)
            }
        name = each.name
        checks.same(
            Text(vi=f"Sổ của {name.vi}", en=f"The ledger of {name.en}"), [], [str(t) for t in report.broken]
        )
        checks.same(Text(vi=f"Dở dang tại {name.vi}", en=f"Left on the way at {name.en}"), [], left)
        checks.same(
            Text(vi=f"Chữ ký số tại {name.vi}", en=f"Signatures at {name.en}"), {str(Outcome.VALID)}, verdicts
        )
        said = Text(
            vi=f"{name.vi}: {len(documents)} lượt chuyển, sổ {report.events} sự kiện khớp",
            en=f"{name.en}: {len(documents)} deliveries, a ledger of {report.events} events that agrees",
        )
        display.line(Mark.NOTE, said)


async def _verdicts(hub: Hub, message: str) -> tuple[dict[str, str], ...]:
    """Return what is known of the signatures of a document; of an answer, which nobody signs, nothing."""
    found = (await hub.accepted(message)).message
    return tuple(found.verdicts) if found.status_code is None else ()


def _came(display: Display, office: Office, arrival: Arrival) -> None:
    if arrival.status is None:
        said = Text(
            vi=f"{office.short} đã nhận {arrival.document_id}", en=f"{office.short} has {arrival.document_id}"
        )
        display.line(Mark.ARRIVED, said)
        return
    meant = status_name(arrival.status)
    said = Text(
        vi=f"{office.short} nhận trả lời {arrival.status} – {meant.vi} của {arrival.speaker}",
        en=f"{office.short} has the answer {arrival.status} – {meant.en} of {arrival.speaker}",
    )
    display.line(Mark.ANSWER, said)
