"""Serve: take documents in and deliver them, until told to stop.

SIGTERM and SIGINT stop cleanly: no new work is begun, what is under way ends, what is left is in the database. A
second signal stops at once; then, too, nothing is lost, and what was under way is sent again under the same id.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Sequence

import click

from hub import show
from hub.commands._click import command, option
from hub.commands._exits import Exit
from hub.commands._parts import NUMBER
from hub.commands._session import Session
from hub.config import Config
from hub.errors import Fault
from hub.show import Toned
from schemas.catalog import Catalog
from schemas.text import Text


@command(
    "serve",
    about=Text(
        vi="Chạy trục: nhận và chuyển văn bản.", en="Run the hub: take documents in and deliver them."
    ),
    more=Text(
        vi="Dừng bằng Ctrl-C hoặc SIGTERM, lần thứ hai dừng ngay. Nhật ký ở đầu ra lỗi, JSON nếu không phải màn hình.",
        en="Ctrl-C or SIGTERM stops it, a second one at once. The log is on standard error, JSON unless a terminal.",
    ),
)
@option(
    "--host",
    value=Text(vi="ĐỊA_CHỈ", en="ADDRESS"),
    about=Text(
        vi="Địa chỉ lắng nghe; mặc định theo cấu hình.",
        en="The address to listen on; the configured one by default.",
    ),
)
@option(
    "--port",
    type=click.IntRange(0, 65535),
    value=NUMBER,
    about=Text(
        vi="Cổng lắng nghe; mặc định theo cấu hình, 0 là cổng trống bất kỳ.",
        en="The port to listen on; the configured one by default, 0 for any that is free.",
    ),
)
@option("--verbose", is_flag=True, about=Text(vi="Ghi nhật ký chi tiết.", en="Log in detail."))
@click.pass_obj
def serve(session: Session, host: str | None, port: int | None, verbose: bool) -> int:
    """Run until stopped."""
    # The server and its libraries are only for this command.
    from hub import log
    from hub.web import new_event_loop

    config = session.config
    log.configure(verbose=verbose)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(config, host, port))
    return Exit.YES


async def _serve(config: Config, host: str | None, port: int | None) -> None:
    from hub import web
    from hub.app import Hub

    stop = asyncio.Event()
    _stop_on_signals(stop)
    async with Hub.open(config) as hub, hub.running() as worker:
        worker.add_done_callback(lambda _: stop.set())

        def ready(addresses: Sequence[str]) -> None:
            _ready(config, addresses)
            prepare_aside(hub.catalog)

        await web.serve(hub, host=host, port=port, stop=stop, on_ready=ready)
        if worker.done() and not worker.cancelled() and (broke := worker.exception()):
            raise Fault(
                Text(
                    vi="Tiến trình gửi của trục đã dừng vì lỗi",
                    en="The hub's worker stopped because of a fault",
                )
            ) from broke


def prepare_aside(catalog: Catalog) -> threading.Thread:
    """Load what explains refusals while the server already works: the first refused sender need not wait for it.

    On a thread of its own, which nobody waits for when the server is stopped meanwhile.
    """
    thread = threading.Thread(target=catalog.prepare, name="prepare-catalogue", daemon=True)
    thread.start()
    return thread


def _stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` at the first signal; leave at once at the second."""

    def asked(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)  # the database is made for this
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked, int(number))


def _ready(config: Config, addresses: Sequence[str]) -> None:
    listening = ", ".join(addresses)
    name = config.hub.name
    show.line(
        Toned(
            Text(
                vi=f"Trục “{name}” đang chạy tại {listening}",
                en=f"The hub “{name}” is running at {listening}",
            ),
            "good",
        )
    )
    show.flush()
