"""Serve: take documents in and deliver them, until told to stop.

SIGTERM and SIGINT stop cleanly: no new work is begun, what is under way ends, what is left is in the database. A
second signal stops at once; then, too, nothing is lost, and what was under way is sent again under the same id.

With several workers this process only looks after them (`hub.supervisor`); SIGHUP replaces them one by one.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import threading
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING

import click
import structlog

from hub import show
from hub.commands._click import command, option
from hub.commands._exits import Exit
from hub.commands._parts import NUMBER
from hub.commands._session import Session
from hub.config import Config, complaint, load
from hub.errors import Fault, HubError, Misconfigured, Unavailable
from hub.metrics_shared import shared_by_workers
from hub.show import Toned
from schemas.catalog import Catalog
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.supervisor import Post

MOST_WORKERS = 64
MOST_PORT = 65_535


@command(
    "serve",
    about=Text(
        vi="Chạy trục: nhận và chuyển văn bản.", en="Run the hub: take documents in and deliver them."
    ),
    more=Text(
        vi="Dừng bằng Ctrl-C hoặc SIGTERM, lần thứ hai dừng ngay. Nhật ký ở đầu ra lỗi, JSON nếu không phải màn hình.",
        en="Ctrl-C or SIGTERM stops it, a second one at once. The log is on standard error, JSON unless a terminal.",
    ),
    examples=(
        (
            "edochub --config /srv/edochub/edochub.toml serve",
            Text(vi="Chạy trục với cấu hình này.", en="Run the hub with this configuration."),
        ),
        (
            "edochub serve --host 0.0.0.0 --port 8443 --workers 0",
            Text(
                vi="Nhận kết nối từ mọi máy, mỗi nhân CPU một tiến trình.",
                en="Listen to every machine, one process for each core.",
            ),
        ),
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
@option(
    "--workers",
    type=click.IntRange(0, MOST_WORKERS),
    value=NUMBER,
    about=Text(
        vi="Số tiến trình phục vụ; mặc định theo cấu hình, 0 là mỗi lõi một tiến trình. Cần PostgreSQL nếu hơn một.",
        en="How many processes serve; as configured by default, 0 is one for each core. Above one needs PostgreSQL.",
    ),
)
@option("--verbose", is_flag=True, about=Text(vi="Ghi nhật ký chi tiết.", en="Log in detail."))
@click.pass_obj
def serve(session: Session, host: str | None, port: int | None, workers: int | None, verbose: bool) -> int:
    """Run until stopped."""
    # The server and its libraries are only for this command.
    from hub import log
    from hub.web_sockets import bound

    config = session.config
    log.configure(verbose=verbose)
    settings = config.server
    count = (settings.workers if workers is None else workers) or os.cpu_count() or 1
    if count > 1 and config.embedded:
        raise only_one_worker(count)
    sockets = bound(host or settings.host, settings.port if port is None else port)
    aside = _bound_for_metrics(config.metrics.listen)
    if count > 1:
        with shared_by_workers():
            _supervise(session, sockets, aside, count)
    else:
        _run(config, sockets, aside)
    return Exit.YES


def _bound_for_metrics(listen: str) -> list[socket.socket]:
    """Bind the address for metrics. One that is taken keeps nobody from exchanging documents: it is said in the log."""
    from hub.web_sockets import bound

    if not listen:
        return []
    host, _, port = listen.rpartition(":")
    if not port.isdigit() or int(port) > MOST_PORT:
        raise complaint("metrics.listen", Text(vi="địa chỉ:cổng", en="HOST:PORT"), listen)
    try:
        return bound(host.strip("[]"), int(port))
    except Unavailable as error:
        structlog.get_logger().warning("metrics.not-listening", error=str(error))
        return []


def _run(
    config: Config, sockets: Sequence[socket.socket], aside: Sequence[socket.socket], post: Post | None = None
) -> None:
    from hub.web import new_event_loop

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(config, sockets, aside, post))


def _supervise(
    session: Session, sockets: Sequence[socket.socket], aside: Sequence[socket.socket], count: int
) -> None:
    """Serve with several processes. What would keep each of them from starting is raised here, before there is any."""
    from hub import web  # noqa: F401  for the workers, as the adapters: whoever replaces one need not load them
    from hub.adapter import adapter_class, adapter_names
    from hub.app import Hub
    from hub.supervisor import Supervisor
    from hub.web_sockets import address, has_tls, tls

    config = session.config
    for name in adapter_names():
        with contextlib.suppress(Misconfigured):  # it is said when an endpoint needs it
            adapter_class(name)

    async def prepare() -> None:
        async with Hub.open(config):  # what it opens is closed again: nothing open may be shared by a fork
            pass

    def work(post: Post) -> int:
        try:
            _run(
                load(session.config_path), sockets, aside, post
            )  # as it is by then: SIGHUP brings new settings
        except HubError as error:
            structlog.get_logger().error("worker.failed", error=str(error))
            return Exit.FAULT
        return Exit.YES

    if has_tls(config):
        tls(config)
    asyncio.run(prepare())
    addresses = [address(each, secure=has_tls(config)) for each in sockets]
    Supervisor(sockets, count, work, lambda: _ready(config, addresses, count)).run()


async def _serve(
    config: Config, sockets: Sequence[socket.socket], aside: Sequence[socket.socket], post: Post | None
) -> None:
    from hub import web
    from hub.app import Hub
    from hub.running.metrics_page import application

    stop = asyncio.Event()
    _stop_on_signals(stop)
    if post is not None:
        post.stop_when_orphaned(stop)
    async with (
        Hub.open(config) as hub,
        _traced(hub),
        hub.running() as worker,
        web.beside(application(hub), aside) if aside else contextlib.nullcontext(),
    ):
        worker.add_done_callback(lambda _: stop.set())

        def ready(addresses: Sequence[str]) -> None:
            if post is not None:
                post.ready()
            else:
                _ready(config, addresses)
            prepare_aside(hub.catalog)

        await web.serve(hub, sockets=sockets, stop=stop, on_ready=ready)
        if worker.done() and not worker.cancelled() and (broke := worker.exception()):
            raise Fault(
                Text(
                    vi="Tiến trình gửi của trục đã dừng vì lỗi",
                    en="The hub's worker stopped because of a fault",
                )
            ) from broke


@contextlib.asynccontextmanager
async def _traced(hub: Hub) -> AsyncGenerator[None, None]:
    """Send spans to the collector of the settings, if they name one, inside the block. Raises `Misconfigured`."""
    from hub import tracing

    settings = hub.config.tracing
    if settings.url:
        tracing.start(settings.url, settings.share, hub.node, hub=hub.config.hub.code)
    try:
        yield
    finally:
        await asyncio.to_thread(tracing.stop)


def prepare_aside(catalog: Catalog) -> threading.Thread:
    """Load what explains refusals while the server already works: the first refused sender need not wait for it.

    On a thread of its own, which nobody waits for when the server is stopped meanwhile. What is loaded then stays, so
    it is not searched for garbage any more: that takes a quarter of a second, in which every request waits.
    """

    def prepare() -> None:
        catalog.prepare()
        gc.freeze()

    thread = threading.Thread(target=prepare, name="prepare-catalogue", daemon=True)
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


def only_one_worker(count: int) -> Misconfigured:
    """Return the error for several workers on an embedded database."""
    return Misconfigured(
        Text(
            vi=f"{count} tiến trình cần PostgreSQL (storage.database); SQLite chỉ cho một tiến trình phục vụ",
            en=f"{count} workers need PostgreSQL (storage.database); one process alone can serve from SQLite",
        )
    )


def _ready(config: Config, addresses: Sequence[str], workers: int = 1) -> None:
    listening = ", ".join(addresses)
    name = config.hub.name
    if workers > 1:
        name = f"{name} ×{workers}"
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
