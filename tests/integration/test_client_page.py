"""The page for integrators tells the truth: its Python, its curl, its Java and its C# are run against a hub."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.testing import hub_in_a_box, package, settings
from tests.unit.adapters.vxp.ground import serving

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "client.md").read_text(encoding="utf-8")
OWN = "H49.13"


def example(language: str) -> str:
    """Return the one example in a language: the last block of it."""
    return str(re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[-1])


async def exchanges(folder: Path, *programs: Sequence[str]) -> None:
    """Run programs in a folder with a package for the system itself; it is there, taken and answered after that."""
    content = package(sender=OWN, to=[OWN])
    (folder / "work").mkdir()
    (folder / "work" / "congvan.edxml").write_bytes(content)
    async with hub_in_a_box(folder, config=settings(folder), running=True) as box:
        endpoint = await box.connect("so", OWN)
        async with serving(box) as url:
            known = {"EDOCHUB_URL": url, "EDOCHUB_TOKEN": box.secrets["so"], "PYTHONPATH": str(ROOT)}
            for program in programs:
                ended = await asyncio.to_thread(
                    subprocess.run,
                    program,
                    cwd=folder / "work",
                    env={**os.environ, **known},
                    capture_output=True,
                    check=False,
                )
                assert ended.returncode == 0, ended.stderr.decode()[-2000:] + ended.stdout.decode()[-2000:]
        [fetched] = (folder / "work").glob("01*.edxml")
        assert fetched.read_bytes() == content
        [answer] = await box.hub.waiting(endpoint)
        assert answer.message.status_code == "03"


async def test_the_python_example_works(tmp_path: Path) -> None:
    await exchanges(tmp_path, [sys.executable, "-c", example("python")])


async def test_the_curl_example_works(tmp_path: Path) -> None:
    await exchanges(tmp_path, ["bash", "-c", example("bash")])


@pytest.mark.programs
async def test_the_java_example_works(tmp_path: Path) -> None:
    source = tmp_path / "Edochub.java"
    source.write_text(example("java"), encoding="utf-8")
    compiler = ["javac", "-encoding", "UTF-8", "-d", str(tmp_path), str(source)]
    await exchanges(tmp_path, compiler, ["java", "-cp", str(tmp_path), "Edochub"])


@pytest.mark.programs
async def test_the_csharp_example_works(tmp_path: Path) -> None:
    source, made = tmp_path / "Edochub.cs", tmp_path / "Edochub.exe"
    source.write_text(example("csharp"), encoding="utf-8")
    used = ("System.Net.Http", "System.Runtime.Serialization")
    compiler = [
        "mcs",
        "-langversion:latest",
        *(f"-r:{each}.dll" for each in used),
        f"-out:{made}",
        str(source),
    ]
    await exchanges(tmp_path, compiler, ["mono", str(made)])
