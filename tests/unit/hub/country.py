"""A country of invented units in the shape of the published data: as many, merged and split as often."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.builtin import provinces

NEW = "provinceKey TEXT, wardKey TEXT, wardCode TEXT, ward TEXT, provinceCode TEXT, province TEXT"
OLD = (
    "provinceKey TEXT, districtKey TEXT, wardKey TEXT, wardCode TEXT, ward TEXT, districtCode TEXT, district TEXT,"
    " provinceCode TEXT, province TEXT"
)


@dataclass
class Country:
    """What goes into the two files."""

    new: list[tuple[str, ...]] = field(default_factory=list)
    old: list[tuple[str | None, ...]] = field(default_factory=list)
    whole: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    divided: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write `dataset.db` and `converter_2025.json`; return the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(folder / "dataset.db") as database:
            database.execute(f"CREATE TABLE admin_units ({NEW})")
            database.execute(f"CREATE TABLE admin_units_legacy ({OLD})")
            database.executemany("INSERT INTO admin_units VALUES (?,?,?,?,?,?)", self.new)
            database.executemany("INSERT INTO admin_units_legacy VALUES (?,?,?,?,?,?,?,?,?)", self.old)
        database.close()
        converter = {
            "DICT_PROVINCE_WARD_NO_DIVIDED": self.whole,
            "DICT_PROVINCE_WARD_DIVIDED": self.divided,
        }
        (folder / "converter_2025.json").write_text(json.dumps(converter), encoding="utf-8")
        return folder

    def commune(self, province: str, gso: str, name: str, *before: str) -> None:
        """Add a commune of today, and the communes of before that went into it as a whole."""
        self.new.append((f"tinh{province}", f"xa{gso}", gso, name, province, f"Tỉnh Thử {province}"))
        self.whole.setdefault(f"tinh{province}", {})[f"xa{gso}"] = list(before)

    def old_commune(self, province: str, district: str, gso: str | None, name: str | None) -> str:
        """Add a commune of before (of an island district: none); return its key."""
        ward = f"xa{gso}" if gso else None
        self.old.append(
            (
                f"cu{province}",
                f"huyen{district}",
                ward,
                gso,
                name,
                district,
                f"Huyện Thử {district}",
                province,
                f"Tỉnh Cũ {province}",
            )
        )
        return f"cu{province}_huyen{district}_{ward or ''}"

    def divide(self, province: str, key: str, *parts: str) -> None:
        """Let a commune of before go into several; the last one named is the likeliest."""
        self.divided.setdefault(f"tinh{province}", {})[key] = [
            {"newWardKey": f"xa{gso}", "isDefaultNewWard": gso == parts[-1]} for gso in parts
        ]


def small() -> Country:
    """Return a province (22) with a merged commune, one that went on, a split and an island district."""
    country = Country()
    east = [
        country.old_commune("22", "193", gso, name)
        for gso, name in (("10001", "Xã Một"), ("10004", "Xã Hai"))
    ]
    same = country.old_commune("22", "193", "10007", "Xã Y Nguyên")
    split = country.old_commune("22", "194", "10010", "Xã Chia")
    island = country.old_commune("22", "207", None, None)
    country.commune("22", "10001", "Xã Một", *east)
    country.commune("22", "10007", "Xã Y Nguyên", same)
    country.commune("22", "10010", "Phường Bắc")
    country.commune("22", "10013", "Phường Nam")
    country.commune("22", "10016", "Đặc khu Đảo", island)
    country.divide("22", split, "10010", "10013")
    return country


def large() -> Country:
    """Return a country of 34 provinces, 3,300 communes, and 63, 630 and 10,000 before."""
    country = Country()
    heirs = [each for each in provinces() if each.since]
    number = 0
    for at, old in enumerate(provinces()):
        heir = old.since or heirs[at % len(heirs)].since
        assert heir is not None
        keys = []
        for district in range(10):
            for _ in range(16):
                number += 1
                name = f"Xã Thử {number}"
                keys.append(country.old_commune(old.before, f"{at:02d}{district}", f"{number:05d}", name))
        for first in range(0, len(keys), 3):
            group = keys[first : first + 3]
            gso = group[0].rsplit("_xa", 1)[1]
            if first % 30 == 0 and first:
                country.divide(heir, group.pop(), *(f"{int(gso) - 3:05d}", gso))
            country.commune(heir, gso, f"Xã Mới {gso}", *group)
    return country
