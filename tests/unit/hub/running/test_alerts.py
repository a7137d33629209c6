"""Alerts: told once when something starts, once when it is over, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import SMTP
from structlog.testing import capture_logs

from hub.app import Hub
from hub.config import Config
from hub.config_running import AlertSettings
from hub.errors import Misconfigured, Unavailable
from hub.reconciling import Kept
from hub.running import alerts as duty
from hub.running import conditions as wrong
from hub.running import telling
from hub.running.alerts import Alerts
from hub.running.clock import Offset, by_date
from hub.running.telling import Teller
from hub.running.vitals import Disk, Expiry
from hub.signature import verified
from hub.store import alerts as store
from hub.store.alerts import Bundle, Condition
from hub.store.vitals import LedgerState, Queue
from hub.store.writer import Transaction
from hub.testing import ManualClock, hub_in_a_box, settings
from schemas.text import Text

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
SECRET = "nobody-knows"
DOWN = Condition(
    "endpoint:xa", "endpoint", Text(vi="Điểm kết nối xa không trả lời", en="Endpoint xa is down")
)
URGENT = Condition("disk:database", "disk", Text(vi="Đĩa gần đầy", en="The disk is nearly full"), urgent=True)


class Webhook(httpx.AsyncBaseTransport):
    """Whoever takes the webhook; `down` it does not answer."""

    def __init__(self) -> None:
        self.taken: list[httpx.Request] = []
        self.down = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("down")
        self.taken.append(request)
        return httpx.Response(204)

    def told(self) -> list[tuple[str, str]]:
        """Return (key, phase) of everything that was told, in order."""
        return [
            (each["key"], each["phase"])
            for request in self.taken
            for each in json.loads(request.content)["alerts"]
        ]


class World:
    """A hub whose conditions are what a test says."""

    def __init__(self, hub: Hub, clock: ManualClock, webhook: Webhook, teller: Teller | None = None) -> None:
        self.hub, self.clock, self.webhook = hub, clock, webhook
        self.teller = teller or Teller(hub.config, clock, lambda: webhook)
        self.alerts = Alerts(hub, self.teller)
        self.wrong: list[Condition] = []
        self.unknown: set[str] = set()

    async def look(self, *found: Condition, after_minutes: float = 0) -> None:
        """Go on, and look once."""
        self.clock.advance(minutes=after_minutes)
        self.wrong = list(found)
        await self.alerts.round()


@asynccontextmanager
async def a_world(folder: Path, monkeypatch: pytest.MonkeyPatch, **chosen: Any) -> AsyncIterator[World]:
    (folder / "secret").write_text(SECRET + "\n", encoding="utf-8")
    given: dict[str, Any] = {
        "webhook": "https://hook.example/alerts",
        "webhook_secret_file": Path("secret"),
    } | chosen
    made = settings(folder)
    object.__setattr__(made, "alerts", AlertSettings(**given))
    clock = ManualClock(NOW)
    async with hub_in_a_box(folder, config=made, clock=clock) as box:
        world = World(box.hub, clock, Webhook())

        async def found(hub: Hub, already: object) -> tuple[list[Condition], set[str]]:
            return world.wrong, world.unknown

        monkeypatch.setattr(duty, "conditions", found)
        yield world


async def test_start_and_end_are_told_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_world(tmp_path, monkeypatch) as world:
        await world.look(DOWN)
        assert world.webhook.told() == []  # it may be over in a moment
        for _ in range(3):
            await world.look(DOWN, after_minutes=6)
        assert world.webhook.told() == [(DOWN.key, "start")]
        for _ in range(3):
            await world.look(after_minutes=1)
        assert world.webhook.told() == [(DOWN.key, "start"), (DOWN.key, "end")]
        await world.look(DOWN, after_minutes=1)
        await world.look(DOWN, after_minutes=6)
        assert world.webhook.told()[2:] == [(DOWN.key, "start")]  # the next time it is news again


async def test_what_is_over_soon_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_world(tmp_path, monkeypatch) as world:
        await world.look(DOWN)
        await world.look(after_minutes=2)
        await world.look(after_minutes=60)
        assert world.webhook.told() == []
        kept = await world.hub.store.read(lambda connection: store.recent(connection, 10))
    assert [(each.key, each.until) for each in kept] == [(DOWN.key, NOW + timedelta(minutes=2))]


async def test_in_quiet_hours_only_what_cannot_wait_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path, monkeypatch, quiet="21:00-06:00", patience_seconds=0.0) as world:
        await world.look(DOWN, URGENT, after_minutes=13 * 60)  # 22:00
        assert world.webhook.told() == [(URGENT.key, "start")]
        await world.look(DOWN, after_minutes=60)
        assert world.webhook.told()[1:] == [(URGENT.key, "end")]
        await world.look(DOWN, after_minutes=7 * 60)  # 06:00
        assert world.webhook.told()[2:] == [(DOWN.key, "start")]


async def test_what_came_and_went_in_quiet_hours_is_only_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path, monkeypatch, quiet="21:00-06:00", patience_seconds=0.0) as world:
        await world.look(DOWN, after_minutes=13 * 60)
        await world.look(after_minutes=60)
        await world.look(after_minutes=12 * 60)
        assert world.webhook.told() == []


async def test_a_node_that_dies_before_it_noted_is_followed_by_the_same_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path, monkeypatch, patience_seconds=0.0) as world:
        told = store.told

        def dies(tx: Transaction, bundle: Bundle) -> None:
            if bundle.channel == "webhook":
                raise RuntimeError("killed")
            told(tx, bundle)

        monkeypatch.setattr(store, "told", dies)
        with pytest.raises(RuntimeError, match="killed"):
            await world.look(DOWN)
        monkeypatch.setattr(store, "told", told)
        follower = World(world.hub, world.clock, world.webhook)
        monkeypatch.setattr(duty, "conditions", follower_finds(URGENT))
        await follower.alerts.round()
        first, again, other = world.webhook.taken
        assert again.headers["Idempotency-Key"] == first.headers["Idempotency-Key"]
        assert [each["key"] for each in json.loads(again.content)["alerts"]] == [DOWN.key]
        assert other.headers["Idempotency-Key"] != first.headers["Idempotency-Key"]
        await follower.alerts.round()
        assert len(world.webhook.taken) == 3


def follower_finds(*found: Condition) -> Any:
    async def finds(hub: Hub, already: object) -> tuple[list[Condition], set[str]]:
        return [DOWN, *found], set()

    return finds


async def test_a_channel_that_is_down_is_told_later_and_the_others_are_not_told_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path, monkeypatch, patience_seconds=0.0) as world:
        world.webhook.down = True
        await world.look(DOWN)
        await world.look(DOWN, after_minutes=1)
        world.webhook.down = False
        await world.look(after_minutes=1)
        assert world.webhook.told() == [(DOWN.key, "start"), (DOWN.key, "end")]


async def test_a_strangers_line_break_goes_into_no_header_and_keeps_nothing_else_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Condition(
        "certificate:x", "certificate", Text(vi="CN=a\nBcc: b@c", en="CN=a\nBcc: b@c"), urgent=True
    )
    async with a_world(tmp_path, monkeypatch, patience_seconds=0.0) as world:
        tell, bundles = world.teller.tell, []

        async def trips(bundle: Bundle) -> None:
            bundles.append(bundle)
            if len(bundles) == 1:
                raise ValueError("whatever it is")
            await tell(bundle)

        monkeypatch.setattr(world.teller, "tell", trips)
        with capture_logs() as logs:
            await world.look(odd)
        mail = world.teller.mail(bundles[0])

    assert [each["event"] for each in logs if each["log_level"] == "error"] == ["alerts.not-told"]
    assert world.webhook.told() == [(odd.key, "start")]
    assert "\n" not in str(mail["Subject"])
    assert mail["Bcc"] is None
    assert "CN=a Bcc: b@c" in mail.get_content()


async def test_no_proxy_of_the_surroundings_hears_of_alerts_and_no_error_tells_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    client = httpx.AsyncClient

    def watched(**options: Any) -> httpx.AsyncClient:
        asked.append(options)
        return client(**options)

    monkeypatch.setattr(httpx, "AsyncClient", watched)
    async with a_world(tmp_path, monkeypatch, patience_seconds=0.0) as world:
        await world.look(DOWN)
    await by_date("https://web.example/", ManualClock(NOW), Webhook())
    assert [each["trust_env"] for each in asked] == [False, False]

    (tmp_path / "b").mkdir()
    wrong_url = "http://hook.example/secret-path"
    async with a_world(tmp_path / "b", monkeypatch, patience_seconds=0.0, webhook=wrong_url) as world:
        with capture_logs() as logs:
            await world.look(DOWN)
    assert "hook.example" in str(logs)
    assert "secret-path" not in str(logs)


async def test_what_cannot_be_looked_at_neither_starts_nor_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = Condition("clock:here", "clock", Text(vi="Đồng hồ lệch", en="The clock is off"))
    async with a_world(tmp_path, monkeypatch, patience_seconds=0.0) as world:
        await world.look(off)
        world.unknown = {"clock"}
        await world.look(after_minutes=5)
        assert world.webhook.told() == [("clock:here", "start")]
        world.unknown = set()
        await world.look(after_minutes=5)
        assert world.webhook.told()[1:] == [("clock:here", "end")]


async def test_a_certificate_is_told_at_each_stage_and_when_it_was_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = NOW + timedelta(days=90)
    async with a_world(tmp_path, monkeypatch, patience_seconds=0.0) as world:
        for day in range(90):
            found = wrong.certificates([Expiry("signing", "hub", ends)], world.clock())
            await world.look(*found)
            world.clock.advance(days=1)
            assert len(world.webhook.taken) <= 4, day
        await world.look()
    phases = [phase for _, phase in world.webhook.told()]
    assert phases == ["start:60", "start:30", "start:7", "start:1", "end"]


async def test_the_webhook_is_signed_as_every_push(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_world(tmp_path, monkeypatch, patience_seconds=0.0) as world:
        await world.look(DOWN)
    [request] = world.webhook.taken
    key = request.headers["Idempotency-Key"]
    signed = request.headers["Edochub-Signature"]
    now = NOW.timestamp()
    assert verified(signed, SECRET, key, request.content, now=now)
    assert not verified(signed, "another", key, request.content, now=now)
    assert json.loads(request.content)["alerts"][0]["words"]["vi"] == DOWN.words.vi


class Mailbox(Message):
    """An SMTP server that keeps what it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


@pytest.fixture
async def mailbox() -> AsyncIterator[tuple[Mailbox, int]]:
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    yield box, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_a_mail_says_it_in_vietnamese_and_a_repeat_has_the_same_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    chosen = {
        "smtp": f"smtp://127.0.0.1:{port}",
        "mail_to": ("van-hanh@example.vn",),
        "mail_from": "truc@example.vn",
        "webhook": "",
        "patience_seconds": 0.0,
    }
    async with a_world(tmp_path, monkeypatch, **chosen) as world:
        assert world.teller.channels == ("log", "mail")
        await world.look(DOWN, URGENT)
        await world.look(URGENT, after_minutes=5)
        first, second = box.mails
        again = world.teller.mail(
            Bundle(first["Message-ID"][1:27], "mail", NOW, ())  # the id alone makes the Message-ID
        )
    assert "2 cảnh báo mới" in decoded(first["Subject"])
    assert "BẮT ĐẦU: Điểm kết nối xa không trả lời" in body(first)
    assert "ĐÃ HẾT: Điểm kết nối xa không trả lời" in decoded(second["Subject"])
    assert "từ 09:00 20/11/2026 đến 09:05 20/11/2026" in body(second)
    assert again["Message-ID"] == first["Message-ID"]
    assert first["Auto-Submitted"] == "auto-generated"


def decoded(header: str) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(header)))


def body(mail: EmailMessage) -> str:
    content = mail.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


@pytest.mark.parametrize(
    "chosen",
    [
        {"webhook": "http://far.example/x"},
        {"webhook_secret_file": Path("missing")},
        {"webhook_secret_file": None},
        {"smtp": "ftp://mail.example", "mail_to": ("a@b",), "mail_from": "c@d", "webhook": ""},
        {"smtp": "smtps://mail.example", "mail_to": ("a@b",), "webhook": ""},
    ],
)
async def test_what_cannot_work_is_said_with_its_key(
    chosen: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path, monkeypatch, **chosen) as world:
        channel = world.teller.channels[-1]
        with pytest.raises(Misconfigured, match=r"alerts\."):
            await world.teller.tell(Bundle("01J", channel, NOW, ()))


async def test_nobody_at_the_mail_server_is_unavailable(tmp_path: Path) -> None:
    config = Config(
        alerts=AlertSettings(smtp="smtp://127.0.0.1:1", mail_to=("a@b.vn",), mail_from="c@d.vn"),
        folder=tmp_path,
    )
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
        await Teller(config, ManualClock(NOW)).tell(Bundle("01J", "mail", NOW, ()))


def test_a_queue_that_began_ends_at_half_its_limit() -> None:
    chosen = AlertSettings(queue_count=100)

    def found(count: int, *already: str) -> list[str]:
        waiting = [Queue("xa", "available", count, NOW), Queue("xa", "held", 500, NOW)]
        return [each.key for each in wrong.queues(waiting, chosen, NOW, already)]

    assert found(99) == []
    assert found(100) == ["queue:xa"]
    assert found(60, "queue:xa") == ["queue:xa"]
    assert found(49, "queue:xa") == []


def test_what_waits_for_hours_counts_however_little_it_is() -> None:
    waiting = [Queue("xa", "available", 1, NOW - timedelta(minutes=241))]
    [found] = wrong.queues(waiting, AlertSettings(), NOW, ())
    assert "04:59 20/11/2026" in found.words.vi


def test_a_late_checkpoint_a_full_disk_and_a_wrong_clock_are_wrong() -> None:
    chosen = AlertSettings()
    late = LedgerState(10, 4, NOW - timedelta(hours=1), NOW - timedelta(minutes=17))
    assert [each.key for each in wrong.checkpoint(late, chosen, 60, NOW)] == ["ledger:checkpoint"]
    assert list(wrong.checkpoint(late, chosen, 180, NOW)) == []
    full = Disk("database", Path("/x"), 100, 4)
    [found] = wrong.disks([full], chosen, ())
    assert found.urgent
    assert list(wrong.disks([Disk("database", Path("/x"), 100, 11)], chosen, ())) == []
    assert list(wrong.disks([Disk("database", Path("/x"), 100, 11)], chosen, ("disk:database",)))
    assert list(wrong.clock_off(Offset(-5.6, 0.5, "ntp"), chosen))
    assert not list(wrong.clock_off(Offset(-5.4, 0.5, "ntp"), chosen))
    assert not list(wrong.clock_off(None, chosen))


def test_a_comparison_with_differences_is_wrong_until_one_has_none() -> None:
    gaps = Kept("truc-quoc-gia", NOW.date(), ({"n": 1}, {"n": 2}), 40)
    [found] = wrong.reconciliation([gaps, Kept("truc-khac", NOW.date(), (), 0)])
    assert (found.key, found.kind) == ("reconciliation:truc-quoc-gia", "reconciliation")
    assert "42 chênh lệch" in found.words.vi
    assert "42 differences" in found.words.en


def test_a_node_whose_clock_is_off_is_named_and_one_that_is_silent_is_not() -> None:
    seen = {"ahead": NOW + timedelta(seconds=20), "silent": NOW - timedelta(seconds=30), "well": NOW}
    found = wrong.clocks_apart(seen, AlertSettings(), 15.0, NOW)
    assert [each.key for each in found] == ["clock:ahead"]


async def test_a_date_header_tells_the_offset() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Date": "Fri, 20 Nov 2026 02:00:30 GMT"})

    told = await by_date("https://peer.example/", ManualClock(NOW), httpx.MockTransport(answer))
    assert told == Offset(-30.5, 0.5, "peer.example")
    silent = httpx.MockTransport(lambda request: httpx.Response(200))
    assert await by_date("https://peer.example/", ManualClock(NOW), silent) is None


async def test_the_real_conditions_of_a_quiet_hub_are_none(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path, clock=ManualClock(NOW)) as box:
        found, _ = await wrong.conditions(box.hub, ())
    assert [each.key for each in found if each.kind not in ("disk", "clock")] == []


@pytest.mark.parametrize(("hour", "quiet"), [(20, False), (21, True), (3, True), (6, False)])
async def test_quiet_hours_go_over_midnight(hour: int, quiet: bool, tmp_path: Path) -> None:
    made = settings(tmp_path)
    object.__setattr__(made, "alerts", AlertSettings(quiet="21:00-06:00"))
    clock = ManualClock(datetime(2026, 11, 20, (hour - 7) % 24, 0, tzinfo=UTC))
    async with hub_in_a_box(tmp_path, config=made, clock=clock) as box:
        assert box.hub.alerts.is_quiet() is quiet


async def test_who_answers_drop_by_drop_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(telling, "WHOLE_SECONDS", 0.05)
    (tmp_path / "secret").write_text(SECRET)
    chosen = AlertSettings(webhook="https://hook.example/", webhook_secret_file=Path("secret"))
    teller = Teller(
        Config(alerts=chosen, folder=tmp_path), ManualClock(NOW), lambda: httpx.MockTransport(never)
    )
    with pytest.raises(Unavailable, match="webhook"):
        await teller.tell(Bundle("01J", "webhook", NOW, ()))


async def test_a_channel_that_is_down_is_asked_once_a_round_however_much_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path, monkeypatch, patience_seconds=0.0) as world:
        world.webhook.down = True
        with capture_logs() as logs:
            await world.look(DOWN)
            await world.look(DOWN, URGENT, after_minutes=1)
            await world.look(DOWN, URGENT, after_minutes=1)
        assert [each["event"] for each in logs].count("alerts.not-told") == 3
        world.webhook.down = False
        await world.look(DOWN, URGENT, after_minutes=1)
        assert world.webhook.told() == [(DOWN.key, "start"), (URGENT.key, "start")]


async def test_a_mail_server_that_says_nothing_keeps_no_webhook_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await told.wait()  # says nothing for as long as nobody has heard of it by webhook
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mail = {"smtp": f"smtp://127.0.0.1:{port}", "mail_to": ("a@b.vn",), "mail_from": "c@d.vn"}
    async with a_world(tmp_path, monkeypatch, patience_seconds=0.0, **mail) as world:
        take = world.webhook.handle_async_request

        async def taken(request: httpx.Request) -> httpx.Response:
            told.set()
            return await take(request)

        monkeypatch.setattr(world.webhook, "handle_async_request", taken)
        with capture_logs() as logs:
            await world.look(DOWN)
    server.close()
    assert world.webhook.told() == [(DOWN.key, "start")]
    assert {each["channel"] for each in logs if each["event"] == "alerts.not-told"} == {"mail"}


@pytest.mark.parametrize("longer", range(0, 60, 3))
def test_no_space_of_a_long_subject_is_lost_on_the_way(longer: int) -> None:
    words = "[Trục] BẮT ĐẦU: " + "x" * longer + " không nhận văn bản: 1 lượt chuyển chờ gửi lại, từ hôm qua"
    mail = EmailMessage()
    mail["Subject"] = words
    mail["From"] = "truc@example.vn"
    mail.set_content("Điểm kết nối xa không nhận văn bản\n")
    octets = telling.written(mail)
    read = message_from_bytes(octets)
    assert decoded(read["Subject"]) == words
    assert body(read).splitlines() == ["Điểm kết nối xa không nhận văn bản"]  # type: ignore[arg-type]
    assert read["From"] == "truc@example.vn"
    assert max(len(line) for line in octets.splitlines()) <= 78
    assert octets.isascii()
