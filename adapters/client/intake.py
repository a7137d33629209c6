"""A folder into which what has come is put: each document once, whoever reads it and whenever the power goes.

    FOLDER/ID.json       what the inbox says of it: from, to, kind, number, the document's id to answer
    FOLDER/ID.edxml      the package, byte for byte; ID is the delivery's
    FOLDER/.begun/       what was fetched and is not finished

A package is fetched into `.begun`, durably; then the hub is told that it is here; then it is moved into the folder, its
description before it. After a power cut the next run finishes what stands in `.begun`, and what was moved already is no
longer in the inbox: so a reader may take files away as soon as it sees them, and never sees one twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from adapters.client.client import Client
from adapters.client.files import alone
from adapters.client.patience import ONCE
from adapters.client.said import Incoming
from hub.durable import move_durably, sync_folder, write_durably
from hub.errors import NotAnswerable, Refusal, Unavailable

BEGUN = ".begun"


class Intake:
    """The folder of one endpoint's incoming documents."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if it is not there. Raises `OSError`."""
        self.folder = folder
        self.begun = folder / BEGUN
        self.begun.mkdir(parents=True, exist_ok=True)

    def poll(self, client: Client, *, wait_seconds: float = 0.0, limit: int = 50) -> Iterator[Path]:
        """Finish what was begun, then bring what waits; yield each package once it is in the folder.

        Raises as the client does, but one document's trouble only after the others were tried: the next call finishes
        what is left.
        """
        trouble: Unavailable | None = None
        with alone(self.begun):
            begun = sorted(self.begun.glob("*.edxml"))
            waiting = () if begun else client.poll(wait_seconds=wait_seconds, limit=limit)
            steps: list[Path | Incoming] = [*begun, *waiting]
            for each in steps:
                try:
                    arrived = self._bring(client, each, hasty=trouble is not None)
                except Unavailable as error:
                    trouble = trouble or error
                    continue
                if arrived is not None:
                    yield arrived
        if trouble is not None:
            raise trouble

    def _bring(self, client: Client, each: Path | Incoming, *, hasty: bool) -> Path | None:
        """Return the package in the folder; None if its sender has taken it back, and it is destroyed.

        `hasty`: another could not be brought, so this one is tried only once.
        """
        patience = ONCE if hasty else client.patience
        package = each if isinstance(each, Path) else self.begun / f"{each.id}.edxml"
        try:
            if isinstance(each, Incoming):
                said = json.dumps(dict(each.json), ensure_ascii=False, indent=2).encode() + b"\n"
                write_durably(package.with_suffix(".json"), said)
                client.fetch(each, package, patience=patience)
            client.take(package.stem, patience=patience)
        except Refusal as refusal:
            if refusal.code != NotAnswerable.code:
                raise
            self._destroy(package)
            return None
        return self._hand_over(package)

    def _hand_over(self, package: Path) -> Path:
        description = package.with_suffix(".json")
        if description.exists():  # it goes first, so it may have gone when the power did
            move_durably(description, self.folder / description.name)
        move_durably(package, self.folder / package.name)
        return self.folder / package.name

    def _destroy(self, package: Path) -> None:
        """Remove a copy that was taken back, as its addressee has to (QĐ 28/2018, art. 9)."""
        for each in (package, package.with_suffix(".json")):
            each.unlink(missing_ok=True)
        sync_folder(self.begun)
