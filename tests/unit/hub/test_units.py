"""The published data, read as files: what became of which unit."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from hub.errors import Misconfigured
from hub.units import PACKAGE, Units, installed, read
from tests.unit.hub.country import Country, small


def country(folder: Path) -> Units:
    return read(small().write(folder / "data"))


def test_units_of_today_and_of_before_are_read(tmp_path: Path) -> None:
    units = country(tmp_path)
    assert [commune.gso for commune in units.communes] == ["10001", "10007", "10010", "10013", "10016"]
    assert units.commune("10010").name == "Phường Bắc"
    assert units.provinces == {"22": "Tỉnh Thử 22"}
    assert {(old.district, old.gso) for old in units.old} == {
        ("193", "10001"),
        ("193", "10004"),
        ("193", "10007"),
        ("194", "10010"),
        ("207", None),
    }


def test_what_a_unit_went_into_is_known_the_likeliest_first(tmp_path: Path) -> None:
    became = {old.gso: old.successors for old in country(tmp_path).old}
    assert became == {
        "10001": ("10001",),
        "10004": ("10001",),
        "10007": ("10007",),
        "10010": ("10013", "10010"),
        None: ("10016",),
    }


def test_data_of_another_shape_are_refused_by_name(tmp_path: Path) -> None:
    folder = small().write(tmp_path / "data")
    (folder / "converter_2025.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Misconfigured, match="vietnamadminunits"):
        read(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        read(tmp_path / "nowhere")


def test_a_successor_that_is_not_in_the_data_is_refused(tmp_path: Path) -> None:
    odd = Country()
    key = odd.old_commune("22", "193", "10001", "Xã Một")
    odd.commune("22", "10001", "Xã Một")
    odd.divide("22", key, "99999")
    with pytest.raises(Misconfigured):
        read(odd.write(tmp_path / "data"))


def test_without_the_package_the_operator_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(Misconfigured) as caught:
        installed()
    assert "pip install --no-deps vietnamadminunits==1.0.4" in caught.value.message.vi


def test_the_data_are_found_without_importing_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small().write(tmp_path / PACKAGE / "data")
    (tmp_path / PACKAGE / "__init__.py").write_text("raise AssertionError('imported')", encoding="utf-8")
    about = tmp_path / f"{PACKAGE}-1.0.4.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0.4\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    assert len(installed().communes) == 5
    assert PACKAGE not in sys.modules
