"""How this machine is doing: its disks, and until when its own certificates hold."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from hub.config import Config
from signing.keys import KeyFolder, UnusableKey


@dataclass(frozen=True, slots=True)
class Disk:
    """A place where the hub writes. Octets."""

    place: str  # "database" or "payloads"
    path: Path
    total: int
    free: int

    @property
    def free_percent(self) -> float:
        """The part that is free."""
        return 100.0 * self.free / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Expiry:
    """Until when a certificate holds."""

    kind: str  # "signing", "tls" or "agency"
    name: str
    ends: datetime


def disks(config: Config) -> Iterator[Disk]:
    """Yield the places where the hub writes on this machine, each file system once."""
    places = {"payloads": config.path(config.storage.payloads)}
    if config.embedded:
        places = {"database": Path(config.database_url.removeprefix("sqlite:///")).parent, **places}
    seen: set[int] = set()
    for place, path in places.items():
        there = next((each for each in (path, *path.parents) if each.is_dir()), None)
        if there is None or there.stat().st_dev in seen:
            continue
        seen.add(there.stat().st_dev)
        usage = shutil.disk_usage(there)
        yield Disk(place, there, usage.total, usage.free)


def own_certificates(config: Config, now: datetime) -> Iterator[Expiry]:
    """Yield the certificates of the key that signs and of the web server, as far as they can be read."""
    folder = KeyFolder(config.path(config.keys.folder))
    try:
        signs = folder.name_at(config.keys.signing, now)
        known = {key.name: key for key in folder.list()}
    except UnusableKey:
        known, signs = {}, ""
    if signs in known:
        yield Expiry("signing", signs, known[signs].certificate.not_after)
    if config.server.tls_certificate is not None:
        file = config.path(config.server.tls_certificate)
        try:
            leaf = x509.load_pem_x509_certificates(file.read_bytes())[0]
        except (OSError, ValueError):
            return  # `edochub doctor` and the server itself say what is wrong with it
        yield Expiry("tls", file.name, leaf.not_valid_after_utc)
