"""The verifier as a program of its own."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing import xml
from signing.ca import CertificateAuthority
from signing.notes import Checkpoint, NoteKey
from signing.verifier.program import main
from tests.unit.signing.packages import package

PACKAGE = package()

NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = CertificateAuthority.create("CA gốc thử", NOW)
    signed = xml.sign(PACKAGE, root.issue("Người Ký Thử", NOW, organisation="UBND xã Mẫu"))
    (tmp_path / "root.pem").write_bytes(root.pem)
    (tmp_path / "good.edxml").write_bytes(signed)
    (tmp_path / "bad.edxml").write_bytes(signed.replace(b"<edXML:Subject>", b"<edXML:Subject>K", 1))
    (tmp_path / "unsigned.edxml").write_bytes(PACKAGE)
    (tmp_path / "junk").write_bytes(b"\x00\x01\x02")
    return tmp_path


@pytest.mark.parametrize(
    ("names", "trusted", "code"),
    [
        (["good.edxml"], True, 0),
        (["bad.edxml"], True, 1),
        (["good.edxml"], False, 3),
        (["unsigned.edxml"], True, 3),
        (["junk"], True, 3),
        (["good.edxml", "unsigned.edxml", "bad.edxml"], True, 1),
        (["none-there"], True, 2),
    ],
)
def test_the_exit_code_is_that_of_the_worst_file(
    folder: Path, names: list[str], trusted: bool, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = ["--trust", str(folder / "root.pem")] if trusted else []
    assert main([*(str(folder / name) for name in names), *trust]) == code
    capsys.readouterr()


def test_programs_get_json_and_people_a_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = folder / "report.html"
    arguments = [
        str(folder / "good.edxml"),
        "--trust",
        str(folder / "root.pem"),
        "--json",
        "--report",
        str(page),
    ]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "valid"
    assert "hợp lệ · valid" in page.read_text(encoding="utf-8")


def test_a_checkpoint_is_judged_by_the_verifier_key_that_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = NoteKey("so.thu", Ed25519PrivateKey.generate())
    note = key.sign(str(Checkpoint("so.thu", 5, b"\x01" * 32)))
    (folder / "checkpoint").write_text(str(note), encoding="utf-8")
    (folder / "log.vkey").write_text(f"{key.verifier}\n", encoding="utf-8")
    checkpoint, named = str(folder / "checkpoint"), str(folder / "log.vkey")
    assert main([checkpoint]) == 3
    assert main([checkpoint, "--trust", named]) == 0
    (folder / "checkpoint").write_text(str(note).replace("\n5\n", "\n6\n"), encoding="utf-8")
    assert main([checkpoint, "--trust", named, "--lang", "en"]) == 1
    assert "Outcome: invalid" in capsys.readouterr().out


def test_what_is_no_certificate_and_no_key_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder / "good.edxml"), "--trust", str(folder / "junk"), "--lang", "en"]) == 3
    assert "neither a certificate nor a verifier key" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a\x1b[2J.edxml", os.fsdecode(b"a\xff.edxml")])
def test_a_file_may_have_any_name(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = (folder / "good.edxml").rename(folder / name)
    page = folder / "report.html"
    arguments = [str(file), "--trust", str(folder / "root.pem"), "--report", str(page)]
    for more in ([], ["--json"]):
        assert main([*arguments, *more]) == 0
        capsys.readouterr().out.encode()
    assert "\x1b" not in page.read_text(encoding="utf-8")
