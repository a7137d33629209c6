"""Show the hub at work: a small Quảng Ninh exchanges documents over a real hub, and everything is checked.

Exit codes: 0 everything happened as expected, 1 something differs, which is then said.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands._click import command, option, wrong_usage
from hub.commands._exits import Exit
from hub.commands._parts import FOLDER
from hub.show import Toned
from schemas.text import Text, so_many

if TYPE_CHECKING:
    import socket

    from hub.demo.display import Display
    from hub.demo.ground import Ground
    from hub.demo.play import Played

DEFAULT_FOLDER = Path("edochub-demo")


@command(
    "demo",
    about=Text(
        vi="Trình diễn: văn bản đi từ xã lên tỉnh, lên bộ, và trạng thái quay về; mất chưa tới một phút.",
        en="Watch documents go from commune to province to ministry, and the answers come back; under a minute.",
    ),
    more=Text(
        vi="Không cần dịch vụ nào khác. Để lại một thư mục có trục thật để thử tiếp; lần chạy sau thay thư mục đó.",
        en="Needs no services. Leaves a folder with a real hub in it, to try things on; the next run replaces it.",
    ),
    examples=(
        (
            "edochub demo --fast",
            Text(
                vi="Xem văn bản đi và phản hồi về, không dừng giữa các bước.",
                en="Watch documents go and answers come back, without pauses.",
            ),
        ),
    ),
)
@option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    value=FOLDER,
    about=Text(vi="Thư mục được tạo ra.", en="The folder that is made."),
)
@option(
    "--fast",
    is_flag=True,
    about=Text(vi="Không dừng lại cho người xem kịp đọc.", en="No pauses for a reader."),
)
@option(
    "--federation",
    is_flag=True,
    about=Text(
        vi="Bốn trục: trục quốc gia, hai tỉnh và một bộ; một trục bị tắt đột ngột giữa chừng. Không để lại gì.",
        en="Four hubs: a national axis, two provinces, a ministry; one is killed on the way. Leaves nothing behind.",
    ),
)
@option(
    "--kill",
    "killed",
    type=click.Choice(["axis", "north", "south", "ministry"]),
    default="axis",
    show_default=True,
    about=Text(vi="Với --federation: trục bị tắt.", en="With --federation: the hub that is killed."),
)
@option(
    "--kill-after",
    "kill_after",
    type=click.FloatRange(min=0, max=60),
    value=Text(vi="GIÂY", en="SECONDS"),
    about=Text(
        vi="Với --federation: tắt sau bao nhiêu giây kể từ văn bản đầu tiên; mặc định là ngẫu nhiên.",
        en="With --federation: how many seconds after the first document; a moment of chance by default.",
    ),
)
def demo(folder: Path, fast: bool, federation: bool, killed: str, kill_after: float | None) -> int:
    """Play it, and say how it went."""
    began = time.monotonic()
    if federation:
        return _federation(killed, kill_after, began)
    show.line(Text(vi=f"Đang chuẩn bị một trục trong {folder} …", en=f"A hub is being set up in {folder} …"))
    show.flush()
    # The hub, its web server and the rest are only for this command, and take a moment to load.
    from hub.demo import cast, ending, ground
    from hub.demo.board import Board
    from hub.demo.display import display_for
    from hub.model import utc_now
    from hub.web_sockets import bound

    problem = ground.obstacle(folder)
    if problem is not None:
        raise wrong_usage(problem, "folder")
    players = cast.load()
    sockets = bound("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    made = ground.make(folder, port, players, utc_now())
    display = display_for(Board(players), fast=fast)
    display.paragraph(
        Text(
            vi=f"Trục đang chạy tại http://127.0.0.1:{port}. {ending.INVENTED.vi}",
            en=f"The hub runs at http://127.0.0.1:{port}. {ending.INVENTED.en}",
        )
    )
    try:
        played = _play(made, display, sockets)
    except KeyboardInterrupt:
        show.complain(Text(vi="Đã dừng theo yêu cầu.", en="Stopped as asked."))
        return Exit.INTERRUPTED
    ending.tell(played, made, display.board, time.monotonic() - began)
    return Exit.NO if played.checks.differences else Exit.YES


def _play(ground: Ground, display: Display, sockets: list[socket.socket]) -> Played:
    """Play it with the hub's log in a file."""
    import asyncio

    from hub import log, web
    from hub.demo.play import play

    with (ground.folder / "hub.log").open("w", encoding="utf-8") as stream:
        log.configure(stream=stream)
        try:
            with display.shown(), asyncio.Runner(loop_factory=web.new_event_loop) as runner:
                return runner.run(play(ground, display, sockets))
        finally:
            log.silence()  # the file is about to be closed


def _federation(killed: str, kill_after: float | None, began: float) -> int:
    """Play the four hubs in a folder of their own, which stays only if something differs."""
    import random
    import tempfile

    show.line(Text(vi="Đang chuẩn bị bốn trục …", en="Four hubs are being set up …"))
    show.flush()
    from hub import log
    from hub.demo.board import Board
    from hub.demo.cast import load
    from hub.demo.display import Display
    from hub.demo.federation import Killing, play

    folder = Path(tempfile.mkdtemp(prefix="edochub-federation-"))
    display = Display(Board(load()))
    log.silence()
    try:
        checks = play(folder, display, Killing(killed, kill_after), random.Random())  # noqa: S311 a moment, no secret
    except KeyboardInterrupt:
        show.complain(Text(vi="Đã dừng theo yêu cầu.", en="Stopped as asked."))
        return Exit.INTERRUPTED
    for difference in checks.differences:
        show.complain(Toned(f"✗ {difference}", "bad"))
    if checks.differences:
        count = len(checks.differences)
        failed = Text(
            vi=f"Có {count} điều khác với dự kiến, nêu ở trên. Bốn trục được giữ lại ở {folder}",
            en=f"{so_many(count, 'thing differs', 'things differ')} from what was expected; see above. "
            f"The four hubs are kept in {folder}",
        )
        show.complain(Toned(failed, "bad"))
        return Exit.NO
    seconds = time.monotonic() - began
    held = Text(
        vi=f"✓ {checks.held} điều kiểm tra, tất cả đúng như dự kiến: không mất, lặp, sai gì ({seconds:.0f} giây).",
        en=f"✓ {checks.held} checks, all as expected: nothing lost, nothing twice, nothing altered ({seconds:.0f} s).",
    )
    show.line(Toned(held, "good"))
    return Exit.YES
