"""The page for operators tells the truth: every setting with its default, and addresses that can be used."""

from __future__ import annotations

import re
from pathlib import Path

from adapters.lgsp import address

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "adapters" / "lgsp.md").read_text(encoding="utf-8")


def test_its_addresses_can_be_used() -> None:
    addresses = re.findall(r"--address '([^']+)'", PAGE)
    assert {address.read(each).flavour for each in addresses} == set(address.FLAVOURS)


def test_every_setting_is_there_with_its_default() -> None:
    for flavour in address.FLAVOURS.values():
        for name, setting in flavour.SETTINGS.items():
            [line] = [
                line
                for line in PAGE.splitlines()
                if line.startswith("|") and f"`{name}`" in line.split("|")[1]
            ]
            default = line.split("|")[3].strip().strip("`")
            assert default == (setting.default or "bắt buộc / needed")
