"""A folder of packages that are kept until the hub has answered for them.

    FOLDER/ID-SHA256.edxml     waits; the names sort by when they were put in
    FOLDER/sent/….json         what the hub answered to one that it accepted
    FOLDER/refused/….json      what it answered to one that it refused, with the package beside it

A package is in the folder, durably, before it is sent, and leaves it after the hub's answer is written down. When the
power goes in between it is sent again, and the hub, which knows it by its content, answers with the first one's id. One
folder serves one endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.client.client import Client
from adapters.client.files import alone, keep, pieces, sha256_of
from adapters.client.patience import ONCE
from adapters.client.said import Sent
from hub.durable import move_durably, sync_folder, write_durably
from hub.errors import Refusal, Unavailable
from hub.ids import LENGTH, new_id

SENT, REFUSED = "sent", "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one package. `Unavailable`: it waits in the folder."""

    package: Path
    result: Sent | Refusal | Unavailable


class Outbox:
    """A folder of packages on their way to a hub."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if it is not there. Raises `OSError`."""
        self.folder = folder
        for each in (folder, folder / SENT, folder / REFUSED):
            each.mkdir(parents=True, exist_ok=True)

    def put(self, package: Path) -> Path:
        """Keep a copy of a package, durably, until the hub has answered for it. One that waits already is enough."""
        sha256 = sha256_of(package)
        for known in self.folder.glob(f"*-{sha256}.edxml"):
            return known
        before = max((each.name[:LENGTH] for each in self.waiting()), default="")
        kept = self.folder / f"{new_id(datetime.now(UTC), before)}-{sha256}.edxml"
        keep(kept, pieces(package), sha256)
        return kept

    def waiting(self) -> list[Path]:
        """Return the packages that wait, oldest first."""
        return sorted(self.folder.glob("*.edxml"))

    def work_off(self, client: Client) -> Iterator[Outcome]:
        """Send what waits, oldest first. After the hub was not available once, each is tried only once."""
        patience = client.patience
        with alone(self.folder):
            for package in self.waiting():
                try:
                    result: Sent | Refusal | Unavailable = client.send(package, patience=patience)
                except Refusal as error:
                    result = error
                except Unavailable as error:
                    result, patience = error, ONCE
                self._note(package, result)
                yield Outcome(package, result)

    def _note(self, package: Path, result: Sent | Refusal | Unavailable) -> None:
        """Write down what the hub answered; only then let go of the package."""
        if isinstance(result, Sent):
            _write(self.folder / SENT / f"{package.stem}.json", dict(result.json))
            package.unlink()
            sync_folder(self.folder)
        elif isinstance(result, Refusal):
            said = {
                "refusal": result.id,
                "error": result.as_json(),
                "findings": [finding.as_json() for finding in result.findings],
            }
            _write(self.folder / REFUSED / f"{package.stem}.json", said)
            move_durably(package, self.folder / REFUSED / package.name)


def _write(path: Path, said: dict[str, Any]) -> None:
    write_durably(path, json.dumps(said, ensure_ascii=False, indent=2).encode() + b"\n")
