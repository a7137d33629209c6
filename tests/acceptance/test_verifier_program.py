"""The verifier in one file, as an auditor has it: no hub, no packages, nothing but Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub import evidence
from tests.integration.test_evidence import exchanged

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.programs


async def test_it_verifies_evidence_on_a_machine_with_nothing_but_python(tmp_path: Path) -> None:
    program = tmp_path / "edochub-verify.pyz"
    build = [sys.executable, str(ROOT / "deploy" / "verifier" / "build.py"), str(program)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    async with exchanged(tmp_path) as scene:
        content = (await evidence.make(scene.box.hub, scene.message)).content
        (tmp_path / "root-only.pem").write_bytes(scene.root.pem)
    (tmp_path / "good.asice").write_bytes(content)
    (tmp_path / "bad.asice").write_bytes(content.replace(b"</edXML", b"</edXMM", 1))

    def run(name: str) -> subprocess.CompletedProcess[str]:
        # -I: neither this project nor what is installed here can be imported.
        command = [
            sys.base_prefix + "/bin/python3",
            "-I",
            str(program),
            name,
            "--trust",
            "root-only.pem",
            "--lang",
            "en",
        ]
        environment = {
            "PATH": os.environ["PATH"],
            "SHIV_ROOT": str(tmp_path / "unpacked"),
            "HOME": str(tmp_path),
        }
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    good, bad = run("good.asice"), run("bad.asice")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.endswith("Outcome: valid\n")
    assert bad.returncode == 1
    assert any(line.split()[:2] == ["invalid", "package.edxml"] for line in bad.stdout.splitlines())
