"""What is wrong at this moment, each with a key that stays the same while it lasts.

Where a number decides, what has begun ends at a better number than it began with: a queue that goes up and down at the
limit does not begin and end all day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub import reconciling
from hub.config_running import AlertSettings
from hub.directory import VIETNAM
from hub.running import backup_note, clock, reaching, vitals
from hub.running.clock import Offset
from hub.store import vitals as store
from hub.store.alerts import Condition
from hub.store.tables import STUCK_STATES
from hub.store.vitals import LedgerState, Queue
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub

STAGES = (1, 7, 30, 60)  # days before a certificate ends
LONG_OVER = timedelta(days=30)  # an agency's certificate that ended earlier is nobody's news
WHOSE = {
    "signing": Text(vi="ký số của trục", en="signing"),
    "tls": Text(vi="TLS", en="TLS"),
    "agency": Text(vi="của cơ quan", en="agency"),
}
BETTER_DISK_PERCENT = 2.0


async def conditions(hub: Hub, already: Collection[str]) -> tuple[list[Condition], set[str]]:
    """Return what is wrong, and the kinds of which nothing can be said. Raises `Unavailable`.

    `already` are the keys of what was wrong the last time.
    """
    settings, now = hub.config.alerts, hub.clock()

    def ask(connection: sa.Connection) -> list[Condition]:
        waiting = store.queues(connection)
        ending = store.certificates_ending(connection, now - LONG_OVER, now + timedelta(days=STAGES[-1]))
        expiries = [vitals.Expiry("agency", name, ends) for name, ends in ending.items()]
        return [
            *failing(store.failing(connection)),
            *queues(waiting, settings, now, already),
            *stopped(waiting),
            *certificates(expiries, now),
            *checkpoint(store.ledger_state(connection), settings, hub.config.ledger.checkpoint_seconds, now),
            *reconciliation(reconciling.every(connection)),
            *clocks_apart(store.nodes_seen(connection), settings, hub.config.worker.silent_seconds, now),
            *backup(backup_note.last(connection), settings, now),
        ]

    found = await hub.store.read_alone(ask)
    known = {each.key for each in found}
    found += [each for each in await reaching.away(hub) if each.key not in known]
    found += certificates(list(vitals.own_certificates(hub.config, now)), now)
    found += disks(list(vitals.disks(hub.config)), settings, already)
    offset = await clock.offset(settings.clock_url, hub.clock)
    found += clock_off(offset, settings)
    return found, {"clock"} if offset is None else set()


def failing(found: list[store.Failing]) -> Iterator[Condition]:
    """An endpoint does not answer."""
    for each in found:
        yield Condition(
            f"endpoint:{each.endpoint}",
            "endpoint",
            Text(
                vi=f"Điểm kết nối {each.endpoint} không nhận văn bản: {each.count} lượt chuyển chờ gửi lại",
                en=f"Endpoint {each.endpoint} does not take documents: "
                f"{so_many(each.count, 'delivery waits', 'deliveries wait')} for a retry",
            ),
        )


def queues(
    found: list[Queue], settings: AlertSettings, now: datetime, already: Collection[str]
) -> Iterator[Condition]:
    """Too much waits for an endpoint, or for too long."""
    lengths: dict[str, int] = {}
    oldest: dict[str, datetime] = {}
    for each in found:
        if each.state not in STUCK_STATES:
            lengths[each.endpoint] = lengths.get(each.endpoint, 0) + each.count
            oldest[each.endpoint] = min(oldest.get(each.endpoint, each.oldest), each.oldest)
    for endpoint, count in sorted(lengths.items()):
        key = f"queue:{endpoint}"
        most = settings.queue_count / 2 if key in already else settings.queue_count
        minutes = (now - oldest[endpoint]).total_seconds() / 60
        if count < most and minutes < settings.queue_minutes:
            continue
        since = shown(oldest[endpoint])
        yield Condition(
            key,
            "queue",
            Text(
                vi=f"{count} lượt chuyển đang chờ {endpoint}, cũ nhất từ {since}",
                en=f"{so_many(count, 'delivery waits', 'deliveries wait')} for {endpoint}, the oldest since {since}",
            ),
        )


def stopped(found: list[Queue]) -> Iterator[Condition]:
    """Deliveries wait for a person."""
    for state in STUCK_STATES:
        count = sum(each.count for each in found if each.state == state)
        if count:
            yield Condition(
                f"stopped:{state}",
                "stopped",
                Text(
                    vi=f"{count} lượt chuyển cần người xử lý: “edochub deliveries --state {state}”",
                    en=f"{so_many(count, 'delivery waits', 'deliveries wait')} for a person: "
                    f"“edochub deliveries --state {state}”",
                ),
            )


def certificates(found: list[vitals.Expiry], now: datetime) -> Iterator[Condition]:
    """A certificate ends soon: told at 60, 30, 7 days and at one, and when it has ended."""
    for each in found:
        days = (each.ends - now) / timedelta(days=1)
        stage = 0 if days <= 0 else next((bound for bound in STAGES if days <= bound), None)
        if stage is None:
            continue
        day = f"{each.ends.astimezone(VIETNAM):%d/%m/%Y}"
        whose = WHOSE[each.kind]
        yield Condition(
            f"certificate:{each.kind}:{each.name}",
            "certificate",
            Text(
                vi=f"Chứng thư {whose.vi} {each.name} {'đã hết hạn' if stage == 0 else 'hết hạn'} ngày {day}",
                en=f"The {whose.en} certificate {each.name} {'ended' if stage == 0 else 'ends'} on {day}",
            ),
            urgent=each.kind != "agency" and stage <= 1,
            stage=str(stage),
        )


def checkpoint(
    state: LedgerState, settings: AlertSettings, every_seconds: float, now: datetime
) -> Iterator[Condition]:
    """Events wait for a checkpoint for too long."""
    since = state.unsealed_since
    late = timedelta(seconds=every_seconds, minutes=settings.checkpoint_minutes)
    if since is not None and now - since > late:
        count = state.events - state.sealed
        yield Condition(
            "ledger:checkpoint",
            "ledger",
            Text(
                vi=f"Sổ nhật ký chưa được niêm phong từ {shown(since)}: {count} sự kiện",
                en=f"The ledger has not been sealed since {shown(since)}: {so_many(count, 'event', 'events')}",
            ),
            urgent=True,
        )


def reconciliation(found: list[reconciling.Kept]) -> Iterator[Condition]:
    """The daily comparison with an axis found differences."""
    for each in found:
        count = len(each.differences) + each.more
        if count:
            yield Condition(
                f"reconciliation:{each.endpoint}",
                "reconciliation",
                Text(
                    vi=f"Đối chiếu với {each.endpoint} ngày {each.day}: {count} chênh lệch",
                    en=f"The comparison with {each.endpoint} of {each.day}: "
                    f"{so_many(count, 'difference', 'differences')}",
                ),
            )


def disks(found: list[vitals.Disk], settings: AlertSettings, already: Collection[str]) -> Iterator[Condition]:
    """A disk fills up."""
    for each in found:
        key = f"disk:{each.place}"
        least = settings.disk_free_percent + (BETTER_DISK_PERCENT if key in already else 0.0)
        if each.free_percent < least:
            left = f"{each.free_percent:.0f} % ({each.free / 1024**3:.1f} GB)"
            yield Condition(
                key,
                "disk",
                Text(vi=f"Đĩa {each.path} chỉ còn trống {left}", en=f"Only {left} of {each.path} is free"),
                urgent=each.free_percent < settings.disk_free_percent / 2,
            )


def clock_off(offset: Offset | None, settings: AlertSettings) -> Iterator[Condition]:
    """Our own clock is off."""
    if offset is not None and abs(offset.seconds) > settings.clock_seconds + offset.within:
        yield Condition(
            "clock:here",
            "clock",
            Text(
                vi=f"Đồng hồ máy chủ lệch {offset.seconds:+.1f} giây so với {offset.source}",
                en=f"The server's clock is off by {offset.seconds:+.1f} seconds against {offset.source}",
            ),
        )


def clocks_apart(
    seen: dict[str, datetime], settings: AlertSettings, silent_seconds: float, now: datetime
) -> Iterator[Condition]:
    """The clock of another node and ours differ."""
    for node, at in sorted(seen.items()):
        apart = (at - now).total_seconds()
        # One that is merely silent is behind by what it has not said; its duties go to others anyway.
        if apart > settings.clock_seconds or -apart > settings.clock_seconds + 2 * silent_seconds:
            yield Condition(
                f"clock:{node}",
                "node-clock",
                Text(
                    vi=f"Đồng hồ của nút {node} lệch {apart:+.0f} giây so với nút này",
                    en=f"The clock of node {node} differs from this node's by {apart:+.0f} seconds",
                ),
            )


def backup(at: datetime | None, settings: AlertSettings, now: datetime) -> Iterator[Condition]:
    """The newest backup is too old."""
    if not settings.backup_hours or (at and now - at <= timedelta(hours=settings.backup_hours)):
        return
    yield Condition(
        "backup:old",
        "backup",
        Text(vi=f"Bản sao lưu mới nhất: {shown(at)}", en=f"The newest backup is of {shown(at)}")
        if at
        else Text(vi="Chưa có bản sao lưu nào", en="There is no backup yet"),
    )


def shown(at: datetime) -> str:
    """Return a moment as alerts write it, in Vietnam's time."""
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
