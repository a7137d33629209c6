"""The administrative units of the country, old and new, from a published package, as agencies with provisional codes.

The data are those of the PyPI package `vietnamadminunits` (MIT): 34 provinces and 3,321 communes since 2025-07-01;
63, 696 and 10,035 before; and which became which. It is read as files; the package itself, and what it depends on, is
never imported. Install it beside the hub with `pip install --no-deps vietnamadminunits==1.0.4`.

What is made of them for the directory is in `units_rows.py`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import metadata
from pathlib import Path

from hub.errors import Misconfigured
from schemas.text import Text

PACKAGE, VERSION = "vietnamadminunits", "1.0.4"
MERGED_ON = date(2025, 7, 1)  # two-tier local government: QĐ 19/2025/QĐ-TTg, NQ 1654 to 1687/NQ-UBTVQH15
MOST_BYTES = 200_000_000  # of a data file; the real ones have 7 MB and 1 MB

NewKey = tuple[str, str]  # province, commune: the package's own keys
OldKey = tuple[str, str, str]  # province, district, commune ("" for an island district, which had none)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, ward or special zone of today."""

    gso: str
    name: str
    province: str  # statistical code


@dataclass(frozen=True, slots=True)
class OldCommune:
    """A commune, ward or township of before; of an island district without communes, the district itself."""

    gso: str | None
    name: str | None
    district: str  # statistical code
    district_name: str
    province: str
    province_name: str
    successors: tuple[str, ...]  # statistical codes of communes of today, the likeliest first


@dataclass(frozen=True, slots=True)
class Units:
    """Everything that the package says. Names of provinces are by their statistical code of today."""

    provinces: Mapping[str, str]
    communes: tuple[Commune, ...]
    old: tuple[OldCommune, ...]
    version: str = VERSION
    _by_gso: dict[str, Commune] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_gso.update((commune.gso, commune) for commune in self.communes)

    def commune(self, gso: str) -> Commune:
        """Return a commune of today by its statistical code."""
        return self._by_gso[gso]


def installed() -> Units:
    """Read the package's data. Raises `Misconfigured` if it is not installed, or not what we know how to read."""
    try:
        package = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError as error:
        raise Misconfigured(
            Text(
                vi=f"Chưa cài gói dữ liệu {PACKAGE}; cài bằng “pip install --no-deps {PACKAGE}=={VERSION}”",
                en=f"The data package {PACKAGE} is not installed; “pip install --no-deps {PACKAGE}=={VERSION}”",
            )
        ) from error
    return read(Path(str(package.locate_file(f"{PACKAGE}/data"))), package.version)


def read(folder: Path, version: str = VERSION) -> Units:
    """Read the data from a folder. Raises `Misconfigured` if they are not what we know how to read."""
    try:
        with sqlite3.connect(f"{_file(folder / 'dataset.db').as_uri()}?mode=ro", uri=True) as database:
            new, old = _new(database), _old(database)
        database.close()
        became = _became(json.loads(_file(folder / "converter_2025.json").read_text(encoding="utf-8")))
        return _joined(new, old, became, version)
    except (OSError, sqlite3.Error, ValueError, LookupError, TypeError) as error:
        raise Misconfigured(
            Text(
                vi=f"Không đọc được dữ liệu của {PACKAGE} {version} (cần bản {VERSION}): {error!r}",
                en=f"The data of {PACKAGE} {version} cannot be read (expected version {VERSION}): {error!r}",
            )
        ) from error


def _file(path: Path) -> Path:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} has more than {MOST_BYTES} bytes")
    return path.absolute()


def _new(database: sqlite3.Connection) -> dict[NewKey, tuple[Commune, str]]:
    rows = database.execute(
        "SELECT provinceKey, wardKey, wardCode, ward, provinceCode, province FROM admin_units ORDER BY wardCode"
    )
    return {
        (province_key, key): (Commune(gso, name, province), province_name)
        for province_key, key, gso, name, province, province_name in rows
    }


def _old(database: sqlite3.Connection) -> dict[OldKey, tuple[str, ...]]:
    rows = database.execute(
        "SELECT provinceKey, districtKey, wardKey, wardCode, ward, districtCode, district, provinceCode, province"
        " FROM admin_units_legacy ORDER BY provinceCode, districtCode, wardCode"
    )
    return {(province, district, commune or ""): tuple(rest) for province, district, commune, *rest in rows}


def _became(converter: Mapping[str, Mapping[str, Mapping[str, list[object]]]]) -> dict[OldKey, list[NewKey]]:
    """Return the communes of today that each one of before went into."""
    found: dict[OldKey, list[NewKey]] = {}
    for province, communes in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, whole in communes.items():
            for old in whole:
                found.setdefault(_old_key(old), []).append((province, commune))
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in divided.items():
            for commune in _likeliest_first(parts):
                found.setdefault(_old_key(old), []).append((province, commune))
    return found


def _old_key(joined: object) -> OldKey:
    province, district, commune = str(joined).split("_")
    return province, district, commune


def _likeliest_first(parts: list[object]) -> Iterator[str]:
    for likely in (True, False):
        for part in parts:
            if isinstance(part, dict) and bool(part["isDefaultNewWard"]) is likely:
                yield str(part["newWardKey"])


def _joined(
    new: Mapping[NewKey, tuple[Commune, str]],
    old: Mapping[OldKey, tuple[str, ...]],
    became: Mapping[OldKey, list[NewKey]],
    version: str,
) -> Units:
    communes = tuple(commune for commune, _ in new.values())
    return Units(
        provinces={commune.province: name for commune, name in new.values()},
        communes=communes,
        old=tuple(
            OldCommune(
                gso=gso or None,
                name=name or None,
                district=district,
                district_name=district_name,
                province=province,
                province_name=province_name,
                successors=tuple(dict.fromkeys(new[key][0].gso for key in became.get(old_key, ()))),
            )
            for old_key, (gso, name, district, district_name, province, province_name) in old.items()
        ),
        version=version,
    )
