"""Several workers on one machine: whichever is asked for metrics tells of all, also of one that is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.commands import _settings
from hub.config import load
from hub.testing import Box, eventually, hub_in_a_box, package, settings
from tests.faults.server import free_port

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = 8

pytestmark = pytest.mark.services


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def serving(file: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "cli", "--config", str(file), "serve", "--workers", "2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline()  # it says so when both workers take requests
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def accepted_there(port: int) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        page = answer.read().decode()
    return sum(
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "edochub_documents_total" and sample.labels["outcome"] == "accepted"
    )


def hand_in(port: int, secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/xml", "Connection": "close"}
    content = package(sender="H49.13", to=["H49.61"])
    url = f"http://127.0.0.1:{port}/api/v1/documents"
    with urllib.request.urlopen(urllib.request.Request(url, content, headers)) as answer:
        assert answer.status == 201


async def prepared(folder: Path, database: str, port: int, metrics: int) -> tuple[Path, str]:
    """Write the settings of a hub and fill it; return their file and the sender's secret."""
    settings(folder)
    file = folder / "edochub.toml"
    wanted = {
        '#database = "sqlite:///edochub.db"': f'database = "{database}"',
        "#port = 8080": f"port = {port}",
        '#listen = "127.0.0.1:9464"': f'listen = "127.0.0.1:{metrics}"',
    }
    text = _settings.commented()
    for before, after in wanted.items():
        assert before in text
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    async with hub_in_a_box(folder, config=load(file)) as box:
        return file, await connected(box)


async def connected(box: Box) -> str:
    await box.connect("sender", "H49.13")
    await box.connect("taker", "H49.61")
    return box.secrets["sender"]


async def test_the_counts_of_all_workers_are_told_by_each(tmp_path: Path, postgresql: str) -> None:
    port, metrics = free_port(), free_port()
    file, secret = await prepared(tmp_path, postgresql, port, metrics)
    with serving(file) as process:
        for _ in range(DOCUMENTS):
            hand_in(port, secret)
        assert {accepted_there(metrics) for _ in range(6)} == {DOCUMENTS}
        told = children(process.pid)[0]
        os.kill(told, signal.SIGTERM)  # told to go, it is replaced
        await eventually(lambda: told not in (there := children(process.pid)) and len(there) == 2)
        assert {accepted_there(metrics) for _ in range(6)} == {DOCUMENTS}
