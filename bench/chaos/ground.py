"""A hub's folder for the chaos run: its keys and configuration, three senders, four systems that poll, four pushed to.

Waits are short, so that thousands of kills fit: a lease of four seconds is to a kill each second what five minutes are
to a kill each few minutes.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub.app import Hub
from hub.config import load
from hub.testing import Box
from signing.ca import CertificateAuthority
from signing.keys import KeyFolder

SENDERS = ("H49.10", "H49.11", "H49.12")
POLL = ("H49.21", "H49.22", "H49.23", "H49.24")
PUSHED = ("H49.31", "H49.32", "H49.33", "H49.34")
UNKNOWN = "H49.99"
OFFICE_KEY = "office"

TOML = """\
[hub]
name = "chaos"
[storage]
database = "{database}"
[broker]
url = "{broker}"
[policy]
signatures = "refuse-invalid"
[retry]
attempts = 100000
first_seconds = 0.05
longest_seconds = 0.5
timeout_seconds = 5
[worker]
sweep_seconds = 0.25
lease_seconds = 4
silent_seconds = 3
[trust]
refresh_seconds = 0
[ledger]
checkpoint_seconds = 5
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the processes outside the hub have to know."""

    folder: str
    seed: int
    clients: int
    per_second: float
    ports: list[int]  # of the nodes
    secrets: dict[str, str]  # agency code -> secret of its endpoint

    def write(self) -> Path:
        """Keep it as a file; return where."""
        path = Path(self.folder) / "plan.json"
        path.write_text(json.dumps(asdict(self)))
        return path

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read one back."""
        return cls(**json.loads(path.read_text()))


def make_hub(folder: Path, settings: str) -> Path:
    """Make a hub, and beside it the key of an office that it believes in; return its configuration file."""
    command = [sys.executable, "-m", "cli", "--lang", "en", "init", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    now = datetime.now(UTC)
    authority = CertificateAuthority.create("edochub chaos CA", now)
    (folder / "trust" / "chaos-ca.pem").write_bytes(authority.pem)
    key = authority.issue("Văn thư", now, organisation="Sở Thử nghiệm (mã minh họa)", name=OFFICE_KEY)
    office = folder.parent / OFFICE_KEY
    office.mkdir()
    KeyFolder(office).save(key, None)
    config = folder / "edochub.toml"
    config.write_text(settings)
    return config


async def connect(config: Path, receiver_port: int) -> dict[str, str]:
    """Add agencies and endpoints; return the secret of each agency's endpoint."""
    async with Hub.open(await asyncio.to_thread(load, config)) as hub:
        box = Box(hub)
        for code in (*SENDERS, *POLL):
            await box.connect(code, code)
        for code in PUSHED:
            await box.connect(code, code, address=f"http://127.0.0.1:{receiver_port}/{code}", polls=False)
        return box.secrets
