"""What `edochub doctor` looks at in a hub: its database, its endpoints, its ledger's end, its clock, what is stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub import ledger
from hub.adapter import Adapter
from hub.commands._checkup import Health, Line, same
from hub.config import Config
from hub.errors import HubError, Unavailable
from hub.model import DeliveryState, Endpoint
from hub.reconciling import every
from hub.store import database
from hub.store.tables import events
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub

CHECK_SECONDS = 10.0  # how long an endpoint may take to say that it is there
SPOT_EVENTS = 1_000  # from the end of the ledger
CLOCK_SLIP = timedelta(seconds=5)  # between nodes of one hub
LONG_AGO = datetime.fromisoformat(
    "2025-07-01T00:00:00+07:00"
)  # no clock of a hub of today stands before this


def shape(config: Config) -> Line:
    """Look whether the database answers and has the shape that this version needs. Migrates nothing."""
    url = sa.make_url(config.database_url)
    shown = url.render_as_string(hide_password=True)
    if config.embedded and not Path(config.database_url.removeprefix("sqlite:///")).exists():
        missing = Text(vi=f"Không có tệp cơ sở dữ liệu {shown}", en=f"There is no database file {shown}")
        return Line("database", Health.PROBLEM, missing, RESTORE)
    engine = database.engine(url, writes=False)
    try:
        found, wanted = database.revision(engine), database.newest()
    except sa.exc.SQLAlchemyError:
        return Line("database", Health.PROBLEM, database.cannot_reach(url).message, RESTORE)
    finally:
        engine.dispose()
    if [found] == wanted:
        return Line("database", Health.OK, same(f"{shown} ({found})"))
    old = Text(
        vi=f"{shown} ở phiên bản {found or '-'}, cần {', '.join(wanted)}",
        en=f"{shown} is at revision {found or '-'}, needs {', '.join(wanted)}",
    )
    remedy = Text(
        vi="Hãy sao lưu; lần chạy “edochub serve” tới sẽ tự nâng cấp.",
        en="Back it up; the next “edochub serve” brings it up to date.",
    )
    return Line("database", Health.PROBLEM, old, remedy)


RESTORE = Text(
    vi="Hãy kiểm tra storage.database và máy chủ cơ sở dữ liệu, hoặc khôi phục từ bản sao lưu.",
    en="Check storage.database and the database server, or restore a backup.",
)


async def opened(hub: Hub) -> list[Line]:
    """Look at an open hub."""
    return [
        *await spot_check(hub),
        *await stuck(hub),
        *await asyncio.gather(*(reachable(hub, endpoint) for endpoint in hub.directory.endpoints)),
        *directory(hub),
        *await compared(hub),
    ]


async def compared(hub: Hub) -> list[Line]:
    """Show what the last daily comparison with each axis found."""
    return [
        Line(
            f"comparison {each.endpoint}",
            Health.WARNING,
            Text(
                vi=f"đối chiếu ngày {each.day}: {len(each.differences) + each.more} chênh lệch",
                en=f"comparison of {each.day}: "
                f"{so_many(len(each.differences) + each.more, 'difference', 'differences')}",
            ),
            Text(
                vi="Xem từng gói tin bằng “edochub axis compared”.",
                en="See each package with “edochub axis compared”.",
            ),
        )
        if each.differences
        else Line(
            f"comparison {each.endpoint}",
            Health.OK,
            Text(vi=f"đối chiếu ngày {each.day}: khớp nhau", en=f"comparison of {each.day}: the books agree"),
        )
        for each in await hub.store.read(every)
    ]


def directory(hub: Hub) -> Iterator[Line]:
    """Look whether anybody can exchange documents at all."""
    agencies, endpoints = len(hub.directory.agencies), len(hub.directory.endpoints)
    found = Text(
        vi=f"{agencies} cơ quan, {endpoints} điểm kết nối",
        en=f"{so_many(agencies, 'agency', 'agencies')}, {so_many(endpoints, 'endpoint', 'endpoints')}",
    )
    if agencies and endpoints:
        yield Line("directory", Health.OK, found)
        return
    remedy = Text(
        vi="Nhập danh bạ bằng “edochub agencies import”, thêm kết nối bằng “edochub endpoints add”.",
        en="Import agencies with “edochub agencies import”, add systems with “edochub endpoints add”.",
    )
    yield Line("directory", Health.WARNING, found, remedy)


async def reachable(hub: Hub, endpoint: Endpoint) -> Line:
    """Ask an endpoint's adapter whether a delivery can succeed."""
    name = f"endpoint {endpoint.id}"
    if endpoint.disabled:
        return Line(name, Health.WARNING, Text(vi="đã khóa", en="disabled"), _enable(endpoint))
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await _adapter(hub, endpoint).check()
    except TimeoutError:
        late = Text(
            vi=f"không trả lời trong {CHECK_SECONDS:g} giây", en=f"no answer within {CHECK_SECONDS:g} seconds"
        )
        return Line(name, Health.WARNING, late, LOOK_THERE)
    except Unavailable as error:  # the world's: the hub tries again by itself
        return Line(name, Health.WARNING, error.message, LOOK_THERE)
    except HubError as error:
        return Line(name, Health.PROBLEM, error.message, _mend(endpoint))
    except Exception as error:  # an adapter's bug must not end the visit
        bug = Text(
            vi=f"lỗi trong bộ kết nối {endpoint.adapter}: {type(error).__name__}",
            en=f"a fault in adapter {endpoint.adapter}: {type(error).__name__}",
        )
        return Line(name, Health.PROBLEM, bug, _mend(endpoint))
    return Line(name, Health.OK, same(f"{endpoint.adapter} {endpoint.address or ''}".strip()))


def _adapter(hub: Hub, endpoint: Endpoint) -> Adapter:
    return hub.connections.adapter_for(endpoint.id)


LOOK_THERE = Text(
    vi="Trục sẽ tự gửi lại; nếu kéo dài, hãy báo cho người quản trị hệ thống nhận.",
    en="The hub tries again by itself; if it lasts, tell those who run the receiving system.",
)


def _enable(endpoint: Endpoint) -> Text:
    words = f"edochub endpoints enable {endpoint.id}"
    return Text(vi=f"Mở lại bằng “{words}”.", en=f"Switch it on with “{words}”.")


def _mend(endpoint: Endpoint) -> Text:
    words = f"edochub endpoints show {endpoint.id}"
    return Text(
        vi=f"Hãy sửa điều nêu trên; xem cấu hình bằng “{words}”.", en=f"Mend what is named; see “{words}”."
    )


async def stuck(hub: Hub) -> list[Line]:
    """Count what waits for a person."""
    lines = []
    for state in (DeliveryState.SUSPENDED, DeliveryState.HELD):
        count = len(await hub.deliveries(state, SPOT_EVENTS))
        if count:
            found = Text(
                vi=f"{count} lượt chuyển cần người xử lý ({state})",
                en=f"{so_many(count, 'delivery waits', 'deliveries wait')} for a person ({state})",
            )
            words = f"edochub deliveries --state {state}"
            lines.append(
                Line(
                    "deliveries", Health.WARNING, found, Text(vi=f"Xem bằng “{words}”.", en=f"See “{words}”.")
                )
            )
    return lines or [
        Line("deliveries", Health.OK, Text(vi="không có lượt chuyển nào bị dừng", en="nothing is stuck"))
    ]


async def spot_check(hub: Hub) -> list[Line]:
    """Recompute the end of the ledger, and hold its last time against the clock."""
    query = sa.select(events.c.seq, events.c.at, events.c.body, events.c.hash).order_by(events.c.seq.desc())
    last = await hub.store.read(lambda connection: connection.execute(query.limit(SPOT_EVENTS + 1)).all())
    links = [(row.seq, row.body, row.hash) for row in reversed(last)]
    if len(links) <= SPOT_EVENTS:  # the whole ledger
        links.insert(0, (0, "", ledger.GENESIS))
    broken = [
        seq
        for (seq_before, _, hash_before), (seq, body, hash_) in pairwise(links)
        if seq != seq_before + 1 or ledger.chained(hash_before, body) != hash_
    ]
    return [_ledger_line(len(links) - 1, broken), clock_line(hub.clock(), last[0].at if last else None)]


def _ledger_line(count: int, broken: list[int]) -> Line:
    if not broken:
        found = Text(
            vi=f"{count} sự kiện cuối khớp chuỗi băm",
            en=f"the last {so_many(count, 'event fits', 'events fit')} the hash chain",
        )
        return Line("ledger", Health.OK, found)
    return Line(
        "ledger",
        Health.PROBLEM,
        Text(
            vi=f"Sổ nhật ký bị đứt tại sự kiện {broken[0]}", en=f"The ledger is broken at event {broken[0]}"
        ),
        Text(
            vi="Hãy chạy “edochub ledger verify”, giữ nguyên hiện trạng và báo người phụ trách an toàn thông tin.",
            en="Run “edochub ledger verify”, leave everything as it is, and tell those in charge of security.",
        ),
    )


def clock_line(now: datetime, last_event: datetime | None) -> Line:
    """Look whether the clock can be right."""
    earliest = max(LONG_AGO, (last_event or LONG_AGO) - CLOCK_SLIP)
    if now >= earliest:
        return Line("clock", Health.OK, same(now.isoformat(timespec="seconds")))
    return Line(
        "clock",
        Health.PROBLEM,
        Text(
            vi=f"Đồng hồ máy ({now:%Y-%m-%d %H:%M} UTC) chậm hơn sự kiện cuối cùng đã ghi",
            en=f"The clock ({now:%Y-%m-%d %H:%M} UTC) is behind what was recorded last",
        ),
        Text(vi="Hãy đồng bộ giờ máy chủ (NTP).", en="Synchronise the server's clock (NTP)."),
    )
