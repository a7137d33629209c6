"""What `edochub doctor` looks at for years to come: broker, TLS, ports, the clock, time stamps, backups, alerts."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import aio_pika

from hub.commands._checkup import EXPIRES_SOON, Health, Line, same
from hub.config import Config
from hub.errors import HubError, Misconfigured, Unavailable
from hub.model import utc_now
from hub.running import backup_note, clock, postgresql_tools, vitals
from hub.store import alerts
from hub.web_sockets import bound, has_tls, tls
from schemas.text import Text
from signing.timestamp_client import NoTimeStamp

if TYPE_CHECKING:
    from hub.app import Hub

BROKER_SECONDS = 5.0
KNOCK_SECONDS = 2.0
OLD_BACKUP = timedelta(hours=48)
ANY = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound


async def machine(config: Config) -> list[Line]:
    """Look at what is outside of the hub: broker, TLS, ports, clock."""
    return [await broker(config), *certificate(config), *ports(config), await clock_kept(config)]


async def hub_kept(hub: Hub) -> list[Line]:
    """Look at what an open hub knows: time stamps, backups, alerts."""
    return [*await timestamps(hub), *await backup_tools(hub), await backups(hub), await alerted(hub)]


async def broker(config: Config) -> Line:
    """Connect to the broker."""
    url = config.broker.url
    if url == "memory:":
        return Line(
            "broker", Health.OK, Text(vi="trong tiến trình (memory:)", en="within the process (memory:)")
        )
    shown = url.rpartition("@")[2]
    try:
        connection = await aio_pika.connect(url, timeout=BROKER_SECONDS)
        await connection.close()
    except Exception as error:  # whatever the library raises, the broker is not to be used
        found = Text(
            vi=f"{shown} không trả lời: {type(error).__name__}",
            en=f"{shown} does not answer: {type(error).__name__}",
        )
        remedy = Text(
            vi="Hãy kiểm tra RabbitMQ và broker.url; trục vẫn chạy, chỉ chậm hơn tới worker.sweep_seconds.",
            en="Check RabbitMQ and broker.url; the hub works all the same, later by up to worker.sweep_seconds.",
        )
        return Line("broker", Health.WARNING, found, remedy)
    return Line("broker", Health.OK, same(shown))


def certificate(config: Config) -> Iterator[Line]:
    """Look whether TLS can be spoken, and until when."""
    if not has_tls(config):
        return
    remedy = Text(
        vi="Hãy lấy chứng thư mới, ghi vào server.tls_certificate và server.tls_key, rồi khởi động lại trục.",
        en="Get a new certificate, name it in server.tls_certificate and server.tls_key, and restart the hub.",
    )
    try:
        tls(config)
    except HubError as error:
        yield Line("tls", Health.PROBLEM, error.message, remedy)
        return
    now = utc_now()
    for each in vitals.own_certificates(config, now):
        if each.kind != "tls":
            continue
        found = Text(
            vi=f"{each.name} có hiệu lực đến {each.ends:%Y-%m-%d}",
            en=f"{each.name} holds until {each.ends:%Y-%m-%d}",
        )
        left = each.ends - now
        health = Health.PROBLEM if left <= timedelta() else Health.WARNING
        yield Line("tls", Health.OK, found) if left > EXPIRES_SOON else Line("tls", health, found, remedy)


def ports(config: Config) -> Iterator[Line]:
    """Look whether the hub answers at its ports, or could."""
    yield port("port", config.server.host, config.server.port, "server.port")
    host, _, number = config.metrics.listen.rpartition(":")
    if number.isdigit():
        yield port("metrics port", host.strip("[]"), int(number), "metrics.listen")


def port(name: str, host: str, number: int, setting: str) -> Line:
    """Look whether somebody listens at an address; if nobody does, whether we could."""
    shown = f"{host}:{number}"
    try:
        socket.create_connection(("127.0.0.1" if host in ANY else host, number), KNOCK_SECONDS).close()
    except OSError:
        pass
    else:
        return Line(
            name,
            Health.OK,
            Text(vi=f"{shown} đang có tiến trình lắng nghe", en=f"{shown} is being listened on"),
        )
    try:
        for each in bound(host, number):
            each.close()
    except Unavailable as error:
        remedy = Text(
            vi=f"Hãy sửa {setting}, hoặc cấp quyền dùng cổng dưới 1024 (CAP_NET_BIND_SERVICE).",
            en=f"Mend {setting}, or allow ports below 1024 (CAP_NET_BIND_SERVICE).",
        )
        return Line(name, Health.PROBLEM, error.message, remedy)
    return Line(
        name, Health.OK, Text(vi=f"{shown} còn trống (trục chưa chạy)", en=f"{shown} is free (no hub runs)")
    )


async def clock_kept(config: Config) -> Line:
    """Look how far the clock is off."""
    name, settings = "clock offset", config.alerts
    remedy = Text(
        vi="Hãy đồng bộ giờ bằng NTP (chrony hoặc systemd-timesyncd), hoặc đặt alerts.clock_url để so giờ.",
        en="Keep the clock by NTP (chrony or systemd-timesyncd), or set alerts.clock_url to compare it.",
    )
    told = await clock.offset(settings.clock_url, utc_now)
    if told is None:
        unknown = Text(
            vi="không biết: hệ thống không báo đồng bộ NTP", en="unknown: the system does not tell of NTP"
        )
        return Line(name, Health.WARNING, unknown, remedy)
    found = Text(
        vi=f"lệch {told.seconds:+.3f} giây theo {told.source}",
        en=f"{told.seconds:+.3f} seconds against {told.source}",
    )
    if abs(told.seconds) <= settings.clock_seconds + told.within:
        return Line(name, Health.OK, found)
    return Line(name, Health.PROBLEM, found, remedy)


async def timestamps(hub: Hub) -> list[Line]:
    """Ask for a time stamp."""
    if hub.notary.stamper is None:
        return []
    try:
        await hub.notary.stamper.stamp(hashlib.sha256(b"edochub doctor").digest())
    except NoTimeStamp as error:
        remedy = Text(
            vi="Sổ vẫn được niêm phong, dấu thời gian được lấy sau; hãy kiểm tra timestamps.urls và đường ra mạng.",
            en="The ledger is sealed all the same and stamped later; check timestamps.urls and the way out.",
        )
        return [Line("time stamps", Health.WARNING, error.text, remedy)]
    return [Line("time stamps", Health.OK, same(", ".join(hub.config.timestamps.urls)))]


async def backup_tools(hub: Hub) -> list[Line]:
    """Look whether what pg_dump writes here can be brought back."""
    if hub.config.embedded:
        return []
    server = await hub.store.read(postgresql_tools.of_server)
    here = await asyncio.to_thread(postgresql_tools.installed)
    wrong = postgresql_tools.misfit(here, server)
    if wrong is None:
        return [Line("backup tools", Health.OK, same(f"pg_dump {here}, PostgreSQL {server}"))]
    return [Line("backup tools", Health.WARNING, wrong, postgresql_tools.remedy(server))]


async def backups(hub: Hub) -> Line:
    """Look when the newest backup was made."""
    at = await hub.store.read(backup_note.last)
    remedy = Text(
        vi="Hãy sao lưu mỗi ngày bằng “edochub backup THƯ_MỤC”, và thử khôi phục: docs/running.md.",
        en="Back up each day with “edochub backup DIR”, and try to restore: docs/running.md.",
    )
    if at is None:
        return Line("backup", Health.WARNING, Text(vi="chưa có bản nào", en="there is none yet"), remedy)
    return backup_line(at, hub.clock(), timedelta(hours=hub.config.alerts.backup_hours) or OLD_BACKUP, remedy)


def backup_line(at: datetime, now: datetime, oldest: timedelta, remedy: Text) -> Line:
    """Judge the age of the newest backup."""
    found = Text(
        vi=f"bản mới nhất lúc {at:%Y-%m-%d %H:%M} UTC", en=f"the newest is of {at:%Y-%m-%d %H:%M} UTC"
    )
    if now - at <= oldest:
        return Line("backup", Health.OK, found)
    return Line("backup", Health.WARNING, found, remedy)


async def alerted(hub: Hub) -> Line:
    """Count the alerts that are open, and say whether anybody is told."""
    count = len(await hub.store.read(alerts.open_keys))
    channels = [each for each in hub.alerts.teller.channels if each != "log"]
    told = ", ".join(channels) or "-"
    found = Text(vi=f"{count} cảnh báo đang diễn ra; báo qua: {told}", en=f"{count} open; told by: {told}")
    if count:
        return Line(
            "alerts", Health.WARNING, found, Text(vi="Xem “edochub alerts”.", en="See “edochub alerts”.")
        )
    if channels:
        return Line("alerts", Health.OK, found)
    remedy = Text(
        vi="Chưa ai được báo: đặt alerts.smtp, alerts.mail_to hoặc alerts.webhook, rồi “edochub alerts test”.",
        en="Nobody is told: set alerts.smtp, alerts.mail_to or alerts.webhook, then “edochub alerts test”.",
    )
    return Line("alerts", Health.WARNING, found, remedy)


def looked_at(config: Config) -> list[Line]:
    """Look at the machine, from a command that has no event loop. What fails unforeseen is one line."""
    try:
        return asyncio.run(machine(config))
    except Misconfigured as error:
        return [Line("machine", Health.PROBLEM, error.message)]
