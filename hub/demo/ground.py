"""The folder that the demo makes: a hub like any other, which stays afterwards and can be used.

    edochub.toml  edochub.db  keys/  trust/     the hub, made as `edochub init` makes it
    documents/                                  every package that was sent, as it was sent
    folders/                                    what the system that is connected by a folder reads and writes
    secrets.json                                the systems' secrets, so that the reader can play one of them
    hub.log                                     the hub's log while the demo ran

A folder is only ever replaced if the demo made it: the file `.edochub-demo` in it says so. The certification
authority is made anew each time; its root lies in trust/, its key is kept nowhere.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from hub.app import Hub, only_server
from hub.commands import _endpoint_changes as endpoint_changes
from hub.commands import init
from hub.config import FILE_NAME, Config, HubSettings, load
from hub.demo.cast import CONNECTED, Cast, Connected, Way
from hub.durable import write_durably
from hub.store import directory as directory_store
from schemas.text import Text
from signing.ca import CertificateAuthority
from signing.keys import KeyFolder, SigningKey
from signing.trust_folder import CRLS

MARK = ".edochub-demo"
MARK_TEXT = """\
Thư mục này do “edochub demo” tạo ra; lần chạy sau sẽ xóa và tạo lại.
This folder was made by “edochub demo”, which replaces it each time.
"""
ACTOR = "operator:demo"

HUB = HubSettings(name="Trục liên thông văn bản (demo)", code="demo")
ROOT_NAME = "CA gốc thử nghiệm (không có giá trị)"  # a name has 64 octets at most
ISSUER_NAME = "CA thử nghiệm (không có giá trị)"
STAMPING_NAME = "TSA thử nghiệm (không có giá trị)"
BEFORE = timedelta(minutes=10)  # certificates hold from a little before now: clocks differ

# Short waits, so that a person sees a system tried again and again within the demo.
SETTINGS: Mapping[str, str] = {
    "hub.name": f'"{HUB.name}"',
    "hub.code": f'"{HUB.code}"',
    "retry.first_seconds": "0.5",
    "retry.factor": "1.5",
    "retry.longest_seconds": "2.0",
    "worker.sweep_seconds": "0.5",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands before the first act."""

    config: Config
    cast: Cast
    keys: Mapping[str, SigningKey]  # agency code -> its key
    stamping: SigningKey  # the time-stamping authority's

    @property
    def folder(self) -> Path:
        """The folder of it all."""
        return self.config.folder

    @property
    def documents(self) -> Path:
        """Where the packages are kept that were sent."""
        return self.folder / "documents"

    @property
    def root(self) -> Path:
        """The root certificate: all that an auditor has to trust."""
        return self.config.path(self.config.trust.anchors) / "demo-root.pem"

    @property
    def hub_certificate(self) -> Path:
        """The hub's certificate: whose evidence the auditor expects."""
        return self.folder / "hub.pem"

    @property
    def evidence(self) -> Path:
        """Where the evidence of the first document is kept."""
        return self.folder / "evidence.asice"

    def exchange_folder(self, connected: Connected) -> Path:
        """Return the folder through which a system is connected."""
        return self.folder / "folders" / connected.id


def obstacle(folder: Path) -> Text | None:
    """Say why the demo may not take this folder; None if it may."""
    if not folder.exists() and not folder.is_symlink():
        return None
    if folder.is_symlink() or not folder.is_dir():
        return Text(
            vi=f"{folder} đã có và không phải là thư mục", en=f"{folder} is there and is not a folder"
        )
    if any(folder.iterdir()) and not _made_by_demo(folder):
        return Text(
            vi=f"Thư mục {folder} không trống và không do “edochub demo” tạo ra, nên không bị thay thế",
            en=f"The folder {folder} is not empty and was not made by “edochub demo”: it is not replaced",
        )
    return None


def make(folder: Path, port: int, cast: Cast, now: datetime) -> Ground:
    """Make the folder anew. Raises `Unavailable` when a server runs on the old one."""
    _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / MARK, MARK_TEXT.encode())
    write_durably(folder / ".gitignore", b"*\n")
    init.make(Config(folder=folder.absolute(), hub=HUB))
    file = folder / FILE_NAME
    settings = {**SETTINGS, "server.port": str(port)}
    write_durably(file, with_settings(file.read_text(encoding="utf-8"), settings).encode())
    config = load(file)
    (folder / "documents").mkdir()
    began = now - BEFORE
    root = CertificateAuthority.create(ROOT_NAME, began)
    authority = root.authority(ISSUER_NAME, began)
    trust = config.path(config.trust.anchors)
    write_durably(trust / "demo-root.pem", root.pem)
    write_durably(trust / "intermediates" / "demo-ca.pem", authority.pem)
    (trust / CRLS).mkdir(exist_ok=True)
    # As the refresh of a real hub would have fetched them: nobody was revoked.
    for name, issuer in (("root", root), ("ca", authority)):
        write_durably(trust / CRLS / f"demo-{name}.crl", issuer.crl(began))
    seal = authority.issue(HUB.name, began, organisation=HUB.name, name=config.keys.signing)
    KeyFolder(config.path(config.keys.folder)).save(seal, None)
    write_durably(folder / "hub.pem", seal.certificate.public_bytes(Encoding.PEM))
    stamping = authority.time_stamp_authority(STAMPING_NAME, began)
    return Ground(config, cast, _keys(authority, cast, began), stamping)


async def populate(hub: Hub, ground: Ground, pushed_to: str) -> dict[str, str]:
    """Put the agencies and their systems into the hub, as an operator does; return the systems' secrets."""
    rows = ground.cast.agencies.rows
    await hub.store.write(lambda tx: directory_store.import_agencies(tx, rows, ACTOR), "import_agencies")
    secrets = {}
    for connected in CONNECTED:
        wanted = endpoint_changes.Wanted(
            id=connected.id,
            adapter="folder" if connected.way is Way.FOLDER else "http",
            agencies=frozenset(connected.codes),
            address=_address(ground, connected, pushed_to),
            secret=None,
            signatures=connected.signatures,
        )
        secrets[connected.id] = (await endpoint_changes.add(hub, wanted, ACTOR)).secret
    write_durably(ground.folder / "secrets.json", json.dumps(secrets, indent=2).encode(), mode=0o600)
    return secrets


def with_settings(content: str, settings: Mapping[str, str]) -> str:
    """Return a commented edochub.toml with some of its defaults changed. Raises `LookupError` for one not there."""
    lines, section, left = [], "", dict(settings)
    for line in content.splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = heading[1]
        setting = re.match(r"#(\w+) = ", line)
        value = left.pop(f"{section}.{setting[1]}", None) if setting else None
        lines.append(line if setting is None or value is None else f"{setting[1]} = {value}")
    if left:
        raise LookupError(f"edochub.toml has no {', '.join(left)}")
    return "\n".join(lines) + "\n"


def _clear(folder: Path) -> None:
    if not _made_by_demo(folder):
        return
    with only_server(Config(folder=folder.absolute())):
        pass  # nobody serves it: a running server must not lose its database
    shutil.rmtree(folder)


def _made_by_demo(folder: Path) -> bool:
    mark = folder / MARK
    return mark.is_file() and mark.read_text(encoding="utf-8", errors="replace") == MARK_TEXT


def _keys(authority: CertificateAuthority, cast: Cast, now: datetime) -> dict[str, SigningKey]:
    return {
        player.code: authority.issue(
            player.name,
            now,
            organisation=player.organization.in_charge,
            province="Quảng Ninh" if player.organization.in_charge != player.name else "",
            name=f"demo-{number}",
        )
        for number, player in enumerate(cast.players, 1)
    }


def _address(ground: Ground, connected: Connected, pushed_to: str) -> str | None:
    if connected.way is Way.FOLDER:
        return str(ground.exchange_folder(connected))
    return pushed_to if connected.way is Way.PUSHED else None
