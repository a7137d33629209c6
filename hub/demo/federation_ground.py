"""The four hubs of the federation demo: a folder, a database, keys and a port each, linked by vxp, below one axis.

The two provinces and the ministry know their own agencies and one route: everything else goes up. The axis knows no
agency at all, only which hub each code lies behind. Every code is invented, and says so: DEMO.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hub.agencies_rows import AgencyRow
from hub.app import Hub
from hub.commands import _endpoint_changes as endpoint_changes
from hub.commands import init
from hub.config import FILE_NAME, Config, HubSettings, load
from hub.demo.ground import ISSUER_NAME, ROOT_NAME, with_settings
from hub.durable import write_durably
from hub.model import AgencyCode, Level, SignatureRule
from hub.routes import EVERYTHING, Route
from hub.store import directory as directory_store
from hub.store import routes as route_store
from hub.vault import new_secret
from schemas.edxml.codes import scheme_of
from schemas.edxml.envelope import Organization
from schemas.text import Text
from signing.ca import CertificateAuthority
from signing.keys import SigningKey
from signing.trust_folder import CRLS

ACTOR = "operator:demo"
AXIS, NORTH, SOUTH, MINISTRY = "axis", "north", "south", "ministry"
BEFORE = timedelta(minutes=10)  # certificates hold from a little before now: clocks differ

# Short waits, so that what was cut off goes on while somebody looks.
SETTINGS: Mapping[str, str] = {
    "retry.first_seconds": "0.1",
    "retry.factor": "1.5",
    "retry.longest_seconds": "1.0",
    "retry.attempts": "100000",
    "worker.sweep_seconds": "0.5",
}
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Player:
    """One hub of the federation, and the part of all codes that lies behind it."""

    id: str
    name: Text
    code: str  # of the hub, as traces show it
    codes: str  # pattern of the agencies' codes; none at the axis


HUBS = (
    Player(AXIS, Text(vi="trục quốc gia", en="the national axis"), "demo-truc-quoc-gia", ""),
    Player(NORTH, Text(vi="trục tỉnh Bắc", en="the north province's hub"), "demo-tinh-bac", "DEMO-B.*"),
    Player(SOUTH, Text(vi="trục tỉnh Nam", en="the south province's hub"), "demo-tinh-nam", "DEMO-N.*"),
    Player(MINISTRY, Text(vi="trục bộ", en="the ministry's hub"), "demo-bo", "DEMO-BO.*"),
)
BELOW = tuple(each for each in HUBS if each.codes)


@dataclass(frozen=True, slots=True)
class Office:
    """An agency, its system's name at its hub, and that hub."""

    id: str
    hub: str
    code: str
    name: str
    short: str
    level: Level

    @property
    def organization(self) -> Organization:
        """The agency as its packages name it."""
        return Organization(code=self.code, name=self.name, in_charge=self.name)


COMMUNE = Office("xa", NORTH, "DEMO-B.01", "UBND xã Bắc Sơn (minh họa)", "xã Bắc Sơn", Level.COMMUNE)
WARD = Office("phuong", SOUTH, "DEMO-N.01", "UBND phường Nam Hải (minh họa)", "phường Nam Hải", Level.COMMUNE)
DEPARTMENT = Office("vu", MINISTRY, "DEMO-BO.01", "Vụ Thử nghiệm (minh họa)", "Vụ Thử nghiệm", Level.CENTRAL)
OFFICES = (COMMUNE, WARD, DEPARTMENT)


def player(hub: str) -> Player:
    """Return a hub by its id."""
    return next(each for each in HUBS if each.id == hub)


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands before the first document."""

    folder: Path
    configs: Mapping[str, Config]  # hub -> its configuration
    secrets: Mapping[str, str]  # office -> its system's secret
    keys: Mapping[str, SigningKey]  # office -> what it signs with

    def url(self, hub: str) -> str:
        """Return where a hub answers."""
        return f"http://127.0.0.1:{self.configs[hub].server.port}"


def make(folder: Path, now: datetime) -> Ground:
    """Make the four hubs in an empty folder. Runs event loops of its own."""
    began = now - BEFORE
    root = CertificateAuthority.create(ROOT_NAME, began)
    authority = root.authority(ISSUER_NAME, began)
    ports = {each.id: port for each, port in zip(HUBS, free_ports(len(HUBS)), strict=True)}
    links = {each.id: new_secret() for each in BELOW}
    configs: dict[str, Config] = {}
    secrets: dict[str, str] = {}
    for each in HUBS:
        configs[each.id] = config = _init(folder / each.id, each, ports[each.id])
        trust = config.path(config.trust.anchors)
        (trust / CRLS).mkdir(exist_ok=True)
        write_durably(trust / "demo-root.pem", root.pem)
        write_durably(trust / "intermediates" / "demo-ca.pem", authority.pem)
        for name, issuer in (("root", root), ("ca", authority)):
            write_durably(trust / CRLS / f"demo-{name}.crl", issuer.crl(began))
        secrets |= asyncio.run(_populate(config, each, ports, links))
    keys = {
        office.id: authority.issue(office.name, began, organisation=office.name, name=office.id)
        for office in OFFICES
    }
    return Ground(folder, configs, secrets, keys)


def free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _init(folder: Path, who: Player, port: int) -> Config:
    folder.mkdir(parents=True)
    init.make(Config(folder=folder.absolute(), hub=HubSettings(name=who.name.vi, code=who.code)))
    file = folder / FILE_NAME
    settings = {
        **SETTINGS,
        "hub.name": f'"{who.name.vi}"',
        "hub.code": f'"{who.code}"',
        "server.port": str(port),
    }
    write_durably(file, with_settings(file.read_text(encoding="utf-8"), settings).encode())
    return load(file)


async def _populate(
    config: Config, who: Player, ports: Mapping[str, int], links: Mapping[str, str]
) -> dict[str, str]:
    """Put in the agencies, their systems, the links and the routes, as an operator does; return the secrets."""
    async with Hub.open(config) as hub:
        if who.id == AXIS:
            for below in BELOW:
                asked_at = f"http://127.0.0.1:{ports[below.id]}/vxp"
                await _connect(hub, below.id, "vxp", f"?trace={asked_at}", links[below.id])
                await _route(hub, Route(below.codes, below.id))
            return {}
        offices = [office for office in OFFICES if office.hub == who.id]
        rows = [_row(number, office) for number, office in enumerate(offices, 2)]
        await hub.store.write(lambda tx: directory_store.import_agencies(tx, rows, ACTOR))
        await hub.refresh_directory()
        secrets = {
            office.id: await _connect(hub, office.id, "http", None, None, office.code) for office in offices
        }
        up = f"http://127.0.0.1:{ports[AXIS]}/vxp?systemid={who.id}&poll={POLL_SECONDS:g}"
        await _connect(hub, AXIS, "vxp", up, links[who.id])
        await _route(hub, Route(EVERYTHING, AXIS))
        await _route(hub, Route(who.codes, None))
        return secrets


def _row(line: int, office: Office) -> AgencyRow:
    code = AgencyCode(value=office.code, scheme=scheme_of(office.code))
    return AgencyRow(line=line, name=office.name, level=office.level, codes=(code,))


async def _connect(
    hub: Hub, endpoint: str, adapter: str, address: str | None, secret: str | None, *codes: str
) -> str:
    wanted = endpoint_changes.Wanted(
        id=endpoint,
        adapter=adapter,
        agencies=frozenset(codes),
        address=address,
        secret=secret,
        signatures=SignatureRule.REQUIRE if codes else SignatureRule.DEFAULT,
    )
    return (await endpoint_changes.add(hub, wanted, ACTOR)).secret


async def _route(hub: Hub, route: Route) -> None:
    await hub.store.write(lambda tx: route_store.add(tx, route, ACTOR))
