"""The official SDK's sample packages through a running server, as curl would bring them, and out again.

The samples lie beside the repository and are not part of it; without them the same is done with packages of our own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.testing import package, status
from schemas.edxml.envelope import PackageKind

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "samples" / "edxml"
ORDER = (
    "edoc_new",
    "edoc_update",
    "edoc_replacement",
    "edoc_revocation",
    "status_inbox_01",
    "status_acceptance_03",
    "status_assignment_04",
    "status_processing_05",
    "status_finish_06",
    "status_rejection_02",
    "status_cancellation_13",
    "status_change-acceptance_15",
    "status_change-rejection_16",
)
OWN = "000.00.00.G22,2026/11/18,7816/VPCP-TTĐT"
AGENCIES = {
    "a80": ["000.00.00.A80"],
    "g22": ["000.00.00.G22"],
    "h17": ["28.22.H17"],
    "h41": ["000.00.00.H41"],
    "others": ["000.00.00.H14", "000.00.00.G17"],
}


def exchange() -> list[tuple[str, bytes]]:
    """Return (name, package) in the order of a sensible exchange: the official ones, or such of our own."""
    if SAMPLES.is_dir():
        return [(name, (SAMPLES / f"{name}.edxml").read_bytes()) for name in ORDER]
    to = ["000.00.00.H41", "000.00.00.H14", "000.00.00.G17"]
    kinds = (
        ("update", PackageKind.UPDATE),
        ("replacement", PackageKind.REPLACE),
        ("revocation", PackageKind.REVOKE),
    )
    made = [("edoc_new", package(sender="000.00.00.A80", to=["28.22.H17"], document_id=OWN))]
    made += [
        (f"edoc_{name}", package(sender="000.00.00.G22", to=to, kind=kind, document_id=OWN))
        for name, kind in kinds
    ]
    for name in ORDER[4:]:
        code = name[-2:]
        asked = code == "13"
        sender, named = ("000.00.00.G22", "000.00.00.H41") if asked else ("000.00.00.H41", "000.00.00.G22")
        made.append((name, status(sender=sender, to=named, document_id=OWN, code=code)))
    return made


def sender_of(name: str) -> str:
    """Return the endpoint that hands a sample in."""
    if name == "edoc_new":
        return "a80"
    return "g22" if name.startswith("edoc") or name.endswith("13") else "h41"


@dataclass(frozen=True)
class Server:
    """A running server and its endpoints' secrets."""

    client: httpx.Client
    secrets: dict[str, str]
    config: Path

    def ask(self, endpoint: str, method: str, path: str, content: bytes | None = None) -> httpx.Response:
        """Send one request as an endpoint."""
        headers = {"Authorization": f"Bearer {self.secrets[endpoint]}"}
        return self.client.request(method, f"/api/v1{path}", content=content, headers=headers)


def run(config: Path, *words: str) -> str:
    """Run a command; return what it printed."""
    command = [sys.executable, "-m", "cli", "--config", str(config), "--lang", "en", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hub")
    config = folder / "edochub.toml"
    subprocess.run([sys.executable, "-m", "cli", "init", str(folder)], check=True, capture_output=True)
    rows = [f"{code},Cơ quan {code},other," for codes in AGENCIES.values() for code in codes]
    (folder / "agencies.csv").write_text("\n".join(["code,name,level,parent", *rows]), encoding="utf-8")
    run(config, "agencies", "import", str(folder / "agencies.csv"))
    secrets = {}
    for endpoint, codes in AGENCIES.items():
        agencies = [word for code in codes for word in ("--agency", code)]
        added = run(config, "endpoints", "add", endpoint, "--adapter", "http", *agencies, "--json")
        secrets[endpoint] = json.loads(added)["secret"]
    serve = [sys.executable, "-m", "cli", "--config", str(config), "--lang", "en", "serve", "--port", "0"]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            serve, stdout=subprocess.PIPE, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        ) as process,
    ):
        assert process.stdout is not None
        ready = process.stdout.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", ready)
        assert found, (ready, (folder / "log").read_text())
        with httpx.Client(base_url=found[0], timeout=120) as client:
            yield Server(client, secrets, config)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
        with contextlib.suppress(ValueError):
            process.stdout.close()


def test_every_package_is_accepted_comes_out_byte_for_byte_and_leaves_a_whole_trace(server: Server) -> None:
    digests: dict[str, str] = {}
    taken: set[str] = set()
    for name, content in exchange():
        answer = server.ask(sender_of(name), "POST", "/documents", content)
        assert answer.status_code == 201, (name, answer.text)
        message = answer.json()["id"]
        again = server.ask(sender_of(name), "POST", "/documents", content)
        assert (again.status_code, again.json()["id"], again.json()["duplicate"]) == (200, message, True)
        digests[message] = hashlib.sha256(content).hexdigest()
        taken |= take_everything(server, digests)
    assert taken == set(digests)

    for message in digests:
        whole(json.loads(run(server.config, "trace", message, "--json")))
    assert "whole" in run(server.config, "ledger", "verify")


def take_everything(server: Server, digests: dict[str, str]) -> set[str]:
    """Fetch, compare and take what waits for any endpoint; return the messages that came."""
    came = set()
    for endpoint in AGENCIES:
        for entry in server.ask(endpoint, "GET", "/inbox?limit=100").json()["deliveries"]:
            document = server.ask(endpoint, "GET", f"/inbox/{entry['id']}/document")
            assert hashlib.sha256(document.content).hexdigest() == digests[entry["message"]]
            assert document.headers["ETag"] == f'"{digests[entry["message"]]}"'
            assert server.ask(endpoint, "POST", f"/inbox/{entry['id']}/ack").status_code == 200
            came.add(entry["message"])
    return came


def whole(trace: dict[str, Any]) -> None:
    """Check that a trace tells of the acceptance and of every delivery to its end."""
    assert trace["events"][0]["kind"] == "document.accepted"
    assert trace["deliveries"], "every sample has an addressee"
    for delivery in trace["deliveries"]:
        told = [event["kind"] for event in trace["events"] if event["delivery"] == delivery["id"]]
        assert (delivery["state"], told) == ("delivered", ["delivery.delivered"])
