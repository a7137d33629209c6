"""What is counted while the hub works, and the page that Prometheus gets."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from hub import metrics
from hub.config_running import MetricsSettings
from hub.errors import Busy, Refusal
from hub.running import metrics_page
from hub.running.metrics_page import OTHERS, application
from hub.testing import ManualClock, hub_in_a_box, package
from schemas.text import Text

DASHBOARD = Path(__file__).resolve().parents[3] / "deploy" / "grafana" / "edochub.json"
WHY = Text(vi="Bận", en="Busy")


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


async def page(app: object) -> dict[str, float]:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    lines = (line for line in answer.text.splitlines() if line and not line.startswith("#"))
    return {name: float(number) for name, number in (line.rsplit(" ", 1) for line in lines)}


async def test_a_document_is_counted_by_adapter_kind_and_outcome(tmp_path: Path) -> None:
    labels = {"adapter": "http", "kind": "new"}
    accepted = value("edochub_documents_total", **labels, outcome="accepted")
    duplicates = value("edochub_documents_total", **labels, outcome="duplicate")
    steps = {step: value("edochub_step_seconds_count", step=step) for step in ("validate", "record")}
    octets = value("edochub_payload_bytes_total", direction="in")
    content = package(sender="H49.13", to=["H49.61"])
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        await box.connect("taker", "H49.61")
        await box.hub.accept(sender, content)
        await box.hub.accept(sender, content)
    assert value("edochub_documents_total", **labels, outcome="accepted") == accepted + 1
    assert value("edochub_documents_total", **labels, outcome="duplicate") == duplicates + 1
    assert value("edochub_payload_bytes_total", direction="in") == octets + len(content)
    for step, before in steps.items():
        assert value("edochub_step_seconds_count", step=step) > before, step


async def test_a_refusal_is_counted_by_its_code(tmp_path: Path) -> None:
    before = value("edochub_refusals_total", code="document.invalid")
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        with pytest.raises(Refusal):
            await box.hub.accept(sender, b"<not-a-package/>")
    assert value("edochub_refusals_total", code="document.invalid") == before + 1
    assert value("edochub_documents_total", adapter="http", kind="-", outcome="refused") >= 1


def test_who_is_over_its_limits_is_counted_as_busy() -> None:
    before = value("edochub_documents_total", adapter="x", kind="-", outcome="busy")
    with pytest.raises(Busy), metrics.taking("x", b""):
        raise Busy(WHY)
    assert value("edochub_documents_total", adapter="x", kind="-", outcome="busy") == before + 1


async def test_what_is_taken_from_an_inbox_is_counted_once(tmp_path: Path) -> None:
    before = value("edochub_delivery_attempts_total", adapter="http", kind="-", outcome="delivered")
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        taker = await box.connect("taker", "H49.61")
        accepted = await box.hub.accept(sender, package(sender="H49.13", to=["H49.61"]))
        for _ in range(2):
            await box.hub.take(taker, accepted.deliveries[0].id)
    after = value("edochub_delivery_attempts_total", adapter="http", kind="-", outcome="delivered")
    assert after == before + 1


async def test_the_page_shows_queues_ledger_disks_and_certificates(tmp_path: Path) -> None:
    clock = ManualClock()
    async with hub_in_a_box(tmp_path, clock=clock) as box:
        sender = await box.connect("sender", "H49.13")
        await box.connect("taker", "H49.61")
        await box.hub.accept(sender, package(sender="H49.13", to=["H49.61"]))
        clock.advance(seconds=90)
        shown = await page(application(box.hub))
    assert shown['edochub_queue_deliveries{endpoint="taker",state="available"}'] == 1
    assert shown['edochub_queue_oldest_age_seconds{endpoint="taker",state="available"}'] == 90
    assert shown["edochub_ledger_events"] > 1
    assert shown["edochub_ledger_sealed_events"] == 0
    assert shown["edochub_ledger_unsealed_age_seconds"] >= 90
    assert shown["edochub_database_bytes"] > 10_000
    assert any(name.startswith("edochub_disk_free_bytes") for name in shown)
    ours = {re.split(r"[{ ]", name)[0] for name in shown if name.startswith("edochub_")}
    assert ours <= metrics_page.names()


async def test_endpoints_beyond_the_limit_are_added_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        for number in range(3):
            await box.connect(f"taker-{number}", f"H49.6{number}")
        codes = ["H49.60", "H49.61", "H49.62"]
        await box.hub.accept(sender, package(sender="H49.13", to=codes))
        await box.hub.accept(sender, package(sender="H49.13", to=codes[:1]))
        object.__setattr__(box.hub.config, "metrics", MetricsSettings(endpoints=1))
        shown = await page(application(box.hub))
    assert shown['edochub_queue_deliveries{endpoint="taker-0",state="available"}'] == 2
    assert shown[f'edochub_queue_deliveries{{endpoint="{OTHERS}",state="available"}}'] == 2


async def test_the_database_is_asked_once_for_those_who_come_together(tmp_path: Path) -> None:
    clock = ManualClock()
    async with hub_in_a_box(tmp_path, clock=clock) as box:
        made = metrics_page.Page(box.hub)
        await made.text()
        first = made._seen
        await made.text()
        assert made._seen is first
        clock.advance(seconds=timedelta(minutes=1).total_seconds())
        await made.text()
        assert made._seen is not first


def test_every_metric_of_the_dashboard_exists() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])] + [
        each["query"] for each in dashboard["templating"]["list"] if each["type"] == "query"
    ]
    assert len(asked) > 15
    named = {name for expression in asked for name in re.findall(r"edochub_\w+", expression)}
    assert named <= metrics_page.names()
    assert "edochub_queue_deliveries" in named
