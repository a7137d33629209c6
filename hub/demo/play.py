"""The whole of it: the hub opens, its web server listens, the systems start, the acts follow each other."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx

from hub import web
from hub.app import Hub
from hub.demo import acts, mergers, troubles
from hub.demo.cast import CONNECTED, HA_LONG, Connected, Way
from hub.demo.checks import Checks, Differs
from hub.demo.display import Display
from hub.demo.ground import Ground, populate
from hub.demo.proof import Sum, prove
from hub.demo.receiver import Push
from hub.demo.stage import Stage, no_answer
from hub.demo.systems import Absent, InFolder, OnApi, Polling, Pushed, System, pushes_into
from schemas.text import Text
from signing.tsa import LocalTimeStampAuthority

Act = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Chapter:
    """An act and what is said before it."""

    title: Text
    story: Text
    act: Act


CHAPTERS = (
    Chapter(
        Text(vi="Từ cấp xã lên cấp tỉnh", en="From commune to province"),
        Text(
            vi="Xã Bình Liêu ký số một công văn, gửi UBND thành phố và Sở Nội vụ. Xã Hải Sơn chỉ có một thư mục chung "
            "với trục: thả tệp vào đó là gửi. Nơi nhận tự báo lại 01 – Đã đến.",
            en="Xã Bình Liêu signs a letter and sends it to the city and a department. Xã Hải Sơn only shares a folder "
            "with the hub: dropping a file there is sending. The addressees answer 01, arrived, by themselves.",
        ),
        acts.upwards,
    ),
    Chapter(
        Text(vi="Từ cấp tỉnh lên bộ và xuống cấp xã", en="From province to ministry, and down to communes"),
        Text(
            vi="Một công văn khẩn tới bốn nơi. Hệ thống của đặc khu Cô Tô đang ngừng: văn bản của Cô Tô được giữ lại, "
            "các nơi khác không phải chờ. Phường Hạ Long chưa mở hệ thống, văn bản nằm trong hộp thư đến.",
            en="An urgent letter to four addressees. The system of đặc khu Cô Tô is down: its copy is kept, and nobody "
            "else has to wait. Phường Hạ Long has not switched on yet: its copy lies in the inbox.",
        ),
        acts.fan_out,
    ),
    Chapter(
        Text(vi="Trạng thái xử lý quay về", en="The answers come back"),
        Text(
            vi="Tiếp nhận (03), phân công (04), đang xử lý (05), hoàn thành (06), từ chối (02): bên gửi biết từng "
            "bước. Bộ Nội vụ trả lời bằng văn bản, và xã Bình Liêu biết việc của mình đã xong.",
            en="Accepted (03), assigned (04), in progress (05), done (06), refused (02): the sender sees every step. "
            "The ministry writes back, and xã Bình Liêu learns that its matter is settled.",
        ),
        acts.answers,
    ),
    Chapter(
        Text(vi="Hệ thống ngừng nay hoạt động trở lại", en="The system that was down comes back"),
        Text(
            vi="Trong lúc đó trục vẫn đều đặn thử lại với Cô Tô. Khi hệ thống trả lời, mọi văn bản đến nơi, mỗi "
            "văn bản đúng một lần.",
            en="All this time the hub has kept trying Cô Tô. Once its system answers, every document arrives, each "
            "exactly once.",
        ),
        troubles.comes_back,
    ),
    Chapter(
        Text(vi="Cập nhật và thay thế", en="An update and a replacement"),
        Text(
            vi="UBND thành phố sửa số liệu (gói tin cập nhật), rồi ban hành văn bản khác thay thế (gói tin thay thế).",
            en="The city corrects its figures (an update), then issues another letter in its place (a replacement).",
        ),
        acts.changes,
    ),
    Chapter(
        Text(vi="Lấy lại văn bản", en="A document is taken back"),
        Text(
            vi="Xã Hải Sơn gửi nhầm và yêu cầu lấy lại (13). Sở Khoa học và Công nghệ đồng ý (15) và nhận gói tin "
            "thu hồi; UBND thành phố đã dùng báo cáo nên từ chối (16).",
            en="Xã Hải Sơn sent a draft by mistake and asks for it back (13). The department agrees (15) and gets the "
            "revocation; the city has used the report already and refuses (16).",
        ),
        acts.taken_back,
    ),
    Chapter(
        Text(vi="Mã cũ của xã đã sáp nhập", en="Codes of communes that were merged away"),
        Text(
            vi="Sổ địa chỉ của Sở Nội vụ còn mã của hai xã đã hết từ 01/07/2025. Xã Húc Động nay thuộc xã Bình Liêu: "
            "văn bản đến xã Bình Liêu, bên gửi được báo cả hai mã. Xã Vô Ngại chia cho hai xã: phải có người chọn.",
            en="The address book of Sở Nội vụ still has two communes that ended on 2025-07-01. Xã Húc Động is part of "
            "xã Bình Liêu now, which gets its letter; the sender is told both codes. Xã Vô Ngại was divided between "
            "two: a person must choose.",
        ),
        mergers.old_codes,
    ),
    Chapter(
        Text(vi="Gói tin bị sửa trên đường", en="A package is altered on the way"),
        Text(
            vi="Điểm kết nối của Sở Tài chính bắt buộc chữ ký số hợp lệ. Chỉ một byte khác đi là gói tin bị từ chối, "
            "kèm lý do và cách khắc phục.",
            en="The endpoint of Sở Tài chính demands valid signatures. A single byte that differs, and the package is "
            "refused, with the reason and the remedy.",
        ),
        troubles.altered,
    ),
    Chapter(
        Text(vi="Gửi lặp lại", en="The same package twice"),
        Text(
            vi="Nếu mất kết nối trước khi có trả lời, bên gửi chỉ cần gửi lại: cùng một gói tin chỉ được "
            "chuyển một lần.",
            en="When the line breaks before the answer comes, just send again: the same package is delivered once.",
        ),
        troubles.repeated,
    ),
)
PROOF = Text(vi="Chứng minh", en="The proof")
PROOF_STORY = Text(
    vi="Mọi điều vừa diễn ra được ghi vào sổ nhật ký. Tra cứu một văn bản, kiểm tra chữ ký số, tính lại chuỗi băm, "
    "đối chiếu từng lượt chuyển với những gì các hệ thống đang giữ, và lập bằng chứng kiểm chứng được ngoại tuyến.",
    en="Everything that happened is in the ledger. One document is traced, signatures are judged, the hash chain is "
    "recomputed, every delivery is held against what the systems have, and one exchange is proven offline.",
)


@dataclass(frozen=True, slots=True)
class Played:
    """How it went. `sum` is None when the story broke off."""

    checks: Checks
    named: dict[str, str]  # a document's part in the story -> the hub's id
    deliveries: dict[str, str]  # the same -> the delivery that is left to the reader, or its first one
    refusals: tuple[str, ...]
    sum: Sum | None


async def play(ground: Ground, display: Display, sockets: Sequence[socket.socket]) -> Played:
    """Play it all on a fresh ground. Never raises for something that only went otherwise than expected."""
    pushes: asyncio.Queue[Push] = asyncio.Queue()
    receiver = pushes_into(pushes, asyncio.get_running_loop())
    try:
        async with Hub.open(ground.config) as hub:
            # The hub asks time-stamping services over HTTP; that of the demo is in the house.
            hub.notary.stamper = LocalTimeStampAuthority(ground.stamping, hub.clock)
            secrets = await populate(hub, ground, receiver.address)
            receiver.secret = secrets[next(each.id for each in CONNECTED if each.way is Way.PUSHED)]
            async with hub.running(), serving(hub, sockets) as address, asyncio.TaskGroup() as tasks:
                stage = Stage(ground, display, receiver, tasks, hub.clock)
                systems = [_system(each, stage, address, secrets[each.id], pushes) for each in CONNECTED]
                try:
                    return await _perform(stage, systems, hub)
                finally:
                    stage.stop()
                    for system in systems:
                        await system.close()
    except BaseExceptionGroup as group:
        raise single(group) from group
    finally:
        await asyncio.to_thread(receiver.close)


def single(error: BaseException) -> BaseException:
    """Return the one error in a group of one, so that it is told as what it is."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


async def _perform(stage: Stage, systems: Sequence[System], hub: Hub) -> Played:
    for system in systems:
        stage.systems.update(dict.fromkeys(system.connected.codes, system))
        if HA_LONG not in system.connected.codes:  # switched on later
            stage.start(system.run, system.connected.id)
    summed = None
    try:
        for number, chapter in enumerate(CHAPTERS, 1):
            stage.display.chapter(number, len(CHAPTERS) + 1, chapter.title, chapter.story)
            await stage.display.breathe(1.5)
            await chapter.act(stage)
            await stage.display.breathe(0.6)
        stage.display.chapter(len(CHAPTERS) + 1, len(CHAPTERS) + 1, PROOF, PROOF_STORY)
        summed = await prove(stage, hub)
    except Differs as difference:
        stage.checks.differs(difference.text)
    except httpx.HTTPError as error:
        stage.checks.differs(no_answer(error))
    named = {name: handed.id for name, handed in stage.named.items()}
    left = {name: handed.open or next(iter(handed.deliveries)) for name, handed in stage.named.items()}
    return Played(stage.checks, named, left, tuple(stage.refusals), summed)


def _system(connected: Connected, stage: Stage, hub: str, secret: str, pushes: asyncio.Queue[Push]) -> System:
    if connected.way is Way.FOLDER:
        return InFolder(connected, stage.notice, stage.ground.exchange_folder(connected))
    if connected.way is Way.PUSHED:
        return Pushed(connected, stage.notice, hub, secret, pushes)
    polls: type[OnApi] = Absent if connected.way is Way.ABSENT else Polling
    return polls(connected, stage.notice, hub, secret)


@contextlib.asynccontextmanager
async def serving(hub: Hub, sockets: Sequence[socket.socket]) -> AsyncIterator[str]:
    """Run the hub's web server inside the block; yield its address."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[str] = loop.create_future()
    stop = asyncio.Event()
    server = asyncio.create_task(
        web.serve(hub, sockets=sockets, on_ready=lambda found: ready.set_result(found[0]), stop=stop)
    )
    try:
        server.add_done_callback(lambda _: ready.cancel())  # it ended before it was ready: say why
        with contextlib.suppress(asyncio.CancelledError):
            await ready
        if server.done():
            await server
        yield ready.result()
    finally:
        stop.set()
        await server
