"""The page for integrators tells the truth: every operation, code and difference is there, and its curl is tried."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from adapters.vxp import codes, signature
from adapters.vxp.address import read
from adapters.vxp.operations import Operations
from hub.comparing import Kind
from hub.testing import hub_in_a_box
from hub.web_limits import HEAD_BYTES

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "adapters" / "vxp.md").read_text(encoding="utf-8")
CODES = [
    value for name, value in vars(codes).items() if name.isupper() and re.fullmatch(r"\d{1,2}", str(value))
]


async def test_every_operation_is_there(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        for operation in Operations.of(box.hub).run:
            assert f"`{operation}`" in PAGE


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_there(code: str) -> None:
    assert f"| {code} |" in PAGE


@pytest.mark.parametrize("kind", Kind)
def test_every_difference_is_there(kind: Kind) -> None:
    assert f"`{kind}`" in PAGE


def test_its_addresses_can_be_used() -> None:
    addresses = re.findall(r"--address '([^']+)'", PAGE)
    assert len(addresses) == 2
    for address in addresses:
        assert read(address).system_id


def test_the_limit_is_the_servers() -> None:
    assert f"{HEAD_BYTES // 1024} KiB" in PAGE


def test_its_shell_signs_as_we_do() -> None:
    [script] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    signing = script.partition("curl")[0] + 'printf "%s\\n%s" "$TEXT" "$HASH"'
    shell = shutil.which("bash")
    assert shell is not None
    ran = subprocess.run([shell, "-c", f"SECRET='a secret'\n{signing}"], capture_output=True, check=True)
    text, _, proof = ran.stdout.partition(b"\n")
    assert signature.authentic(text, proof.decode(), ["a secret"])
    assert signature.parameters(text)["messagetype"] == "edoc"
