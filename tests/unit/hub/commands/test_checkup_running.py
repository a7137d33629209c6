"""What `edochub doctor` says of broker, ports, TLS, clock, backups and alerts: how it is, and how to mend it."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.commands import _checkup_running as checkup
from hub.commands._checkup import Health
from hub.config import BrokerSettings, Config, ServerSettings
from hub.config_running import AlertSettings
from hub.running import backup_note, clock
from hub.running.clock import Offset
from hub.store import alerts
from hub.store.alerts import Condition
from hub.testing import ManualClock, hub_in_a_box, settings
from schemas.text import Text

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


async def test_a_broker_that_does_not_answer_is_a_warning() -> None:
    away = Config(broker=BrokerSettings(url="amqp://guest:secret@127.0.0.1:1/"))
    line = await checkup.broker(away)
    assert line.health is Health.WARNING
    assert "secret" not in line.found.en
    assert line.remedy is not None
    assert (await checkup.broker(Config())).health is Health.OK


def test_a_port_is_free_taken_by_us_or_cannot_be_had() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number = listening.getsockname()[1]
        assert "listened on" in checkup.port("port", "127.0.0.1", number, "server.port").found.en
    assert "free" in checkup.port("port", "127.0.0.1", number, "server.port").found.en
    nowhere = checkup.port("port", "192.0.2.1", number, "server.port")  # no address of this machine
    assert nowhere.health is Health.PROBLEM
    assert nowhere.remedy is not None
    assert "server.port" in nowhere.remedy.en


def test_tls_that_cannot_be_spoken_is_a_problem(tmp_path: Path) -> None:
    broken = Config(
        server=ServerSettings(tls_certificate=Path("x.pem"), tls_key=Path("x.key")), folder=tmp_path
    )
    [line] = checkup.certificate(broken)
    assert line.health is Health.PROBLEM
    assert list(checkup.certificate(Config())) == []


@pytest.mark.parametrize(
    ("told", "health"),
    [
        (None, Health.WARNING),
        (Offset(0.02, 0.1, "ntp"), Health.OK),
        (Offset(-9.0, 0.5, "peer.example"), Health.PROBLEM),
    ],
)
async def test_the_clock_is_kept_off_or_unknown(
    told: Offset | None, health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def offset(*_: object) -> Offset | None:
        return told

    monkeypatch.setattr(clock, "offset", offset)
    line = await checkup.clock_kept(Config())
    assert line.health is health
    assert (line.remedy is None) is (health is Health.OK)


async def test_backups_and_alerts_are_looked_at(tmp_path: Path) -> None:
    made = replace(settings(tmp_path), alerts=AlertSettings(webhook="https://hook.example/"))
    manual = ManualClock(NOW)
    async with hub_in_a_box(tmp_path, config=made, clock=manual) as box:
        assert [line.health for line in await checkup.hub_kept(box.hub)] == [Health.WARNING, Health.OK]
        await box.hub.store.write(lambda tx: backup_note.keep(tx, "/backups"))
        down = Condition("endpoint:xa", "endpoint", Text(vi="Không trả lời", en="Down"))
        await box.hub.store.write(lambda tx: alerts.note(tx, [down], ()))
        backup, alerted = await checkup.hub_kept(box.hub)
        assert backup.health is Health.OK
        assert alerted.health is Health.WARNING
        assert "webhook" in alerted.found.en
        manual.now = NOW + timedelta(hours=49)
        old, _ = await checkup.hub_kept(box.hub)
        assert old.health is Health.WARNING
