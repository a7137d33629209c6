"""Four incidents, each found and mended from the shell alone: what is typed next is read off what was printed before.

The operator has the commands and nothing else. Around them are a server of the hub, the systems of two communes, and a
department that signs what it sends.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.commands import run
from hub.demo.ground import with_settings
from hub.testing import package
from schemas.text import speaking
from signing.ca import CertificateAuthority
from signing.xml import sign
from tests.integration.incident_ground import (
    AGENCIES,
    POLLS,
    PUSHED,
    SENDER,
    SPLIT,
    UNCONNECTED,
    FarSide,
    far_side,
    renewed,
    root_authority,
)

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Said:
    """What a command printed."""

    code: int
    out: str
    err: str

    def table(self) -> list[dict[str, str]]:
        """Return the rows of its table under their headings."""
        rows = [[cell.strip() for cell in line.split("\t")] for line in self.out.splitlines() if "\t" in line]
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]

    def advice(self) -> list[list[str]]:
        """Return the commands that it says to type, without the program's name."""
        lines = [line.strip() for line in self.out.splitlines() if line.startswith("  edochub ")]
        return [shlex.split(line)[1:] for line in lines]


@dataclass(frozen=True)
class Shell:
    """The operator's shell."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path) -> Said:
        self.capsys.readouterr()
        with speaking("en"):
            code = run(["--config", str(self.folder / "edochub.toml"), *map(str, arguments)])
        said = self.capsys.readouterr()
        return Said(code, said.out, said.err)

    def until(self, arguments: list[str], holds: Callable[[Said], object]) -> Said:
        """Look again, as one who watches, until what is printed is what is waited for."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds(said := self(*arguments)):
            assert time.monotonic() < deadline, said.out + said.err
            time.sleep(0.1)
        return said

    def board(self, code: str) -> dict[str, str]:
        """Return what the board says of one addressee; nothing if it is not on it."""
        return next((row for row in self("board", "--once").table() if row["Code"] == code), {})


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A hub that knows some agencies, and tries again after an hour only."""
    made = Shell(tmp_path / "hub", capsys)
    assert made("init", made.folder).code == 0
    file = made.folder / "edochub.toml"
    settings = {"retry.first_seconds": "3600", "retry.longest_seconds": "3600", "worker.sweep_seconds": "0.2"}
    file.write_text(with_settings(file.read_text(encoding="utf-8"), settings), encoding="utf-8")
    agencies = tmp_path / "agencies.csv"
    agencies.write_text(AGENCIES, encoding="utf-8")
    assert made("agencies", "import", agencies).code == 0
    for endpoint, code in (("so-noi-vu", SENDER), ("xa-binh-thu", POLLS)):
        assert made("endpoints", "add", endpoint, "--adapter", "http", "--agency", code).code == 0
    return made


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as made:
        yield made


@contextmanager
def serving(shell: Shell) -> Iterator[None]:
    """Run the hub's server for the length of a block."""
    command = [str(Path(sys.executable).with_name("edochub")), "serve", "--port", "0"]
    with (shell.folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=shell.folder, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def letters(folder: Path, count: int, *to: str) -> list[Path]:
    """Write packages of the department's."""
    paths = []
    for number in range(count):
        path = folder / f"{'-'.join(to)}-{number}.edxml"
        path.write_bytes(package(sender=SENDER, to=to))
        paths.append(path)
    return paths


def test_an_endpoint_that_is_down_is_found_and_all_that_it_stopped_goes_on(
    shell: Shell, far: FarSide, tmp_path: Path
) -> None:
    shell("endpoints", "add", "xa-hai-son", "--adapter", "http", "--agency", PUSHED, "--address", far.address)
    assert shell("send", *letters(tmp_path, 4, PUSHED), "--as", "so-noi-vu").code == 0
    with serving(shell):
        shell.until(["board", "--once"], lambda said: "failing" in said.out)
        row = shell.board(PUSHED)
        assert (row["Not taken"], row["Connection"]) == ("4", "failing")
        assert "does not answer" in row["Last error"]

        stuck = shell("deliveries", "--endpoint", row["Endpoint"]).table()
        assert len(stuck) == 4
        reasons = [shell("why", each["Delivery"]) for each in stuck]
        assert all("does not answer" in said.out for said in reasons)
        (advice,) = {tuple(command) for said in reasons for command in said.advice()}
        assert advice == ("release", "--endpoint", "xa-hai-son")

        with far.up():
            released = shell(*advice, "--by", "lan", "--why", "the line is mended")
            assert released.code == 0
            done = ["deliveries", "--endpoint", "xa-hai-son", "--state", "delivered"]
            shell.until(done, lambda said: len(said.table()) == 4)

    assert sorted(far.taken) == sorted(each["Delivery"] for each in stuck), "each of them, once"
    assert shell.board(PUSHED) == {} or shell.board(PUSHED)["Not taken"] == "-"
    waited = next(each["Delivery"] for each in stuck if each["Tries"] != "0")
    page = shell("trace", waited).out
    assert "operator lan" in page
    assert "the line is mended" in page
    assert "does not answer" in page, "the first error can still be seen"


def test_a_code_that_is_no_more_is_held_found_and_put_right(shell: Shell, tmp_path: Path) -> None:
    assert shell("send", *letters(tmp_path, 1, SPLIT), "--as", "so-noi-vu").code == 0

    row = shell.board(SPLIT)
    assert (row["Held"], row["Connection"]) == ("1", "not connected")
    (held,) = shell("deliveries", "--state", "held").table()
    said = shell("why", held["Delivery"])
    assert UNCONNECTED in said.out
    (advice,) = said.advice()
    assert advice == ["release", held["Delivery"], "--to", POLLS]
    assert shell(*advice, "--dry-run").table()[0]["Result"] == "would be done"
    assert shell(*advice).table()[0]["Result"] == "done"

    (waiting,) = shell("inbox", "xa-binh-thu").table()
    assert waiting["Delivery"] == held["Delivery"]


def test_an_agency_that_is_not_connected_is_found_and_connected(shell: Shell, tmp_path: Path) -> None:
    assert shell("send", *letters(tmp_path, 2, UNCONNECTED), "--as", "so-noi-vu").code == 0

    number = shell("deliveries", "--state", "held").table()[0]["Message"]
    said = shell("why", number)
    (advice,) = said.advice()
    assert "is not connected" in said.out
    assert shell(*["xa-an-thu" if word == "ID" else word for word in advice]).code == 0

    assert len(shell("inbox", "xa-an-thu").table()) == 2


@pytest.fixture
def authority(shell: Shell, tmp_path: Path) -> CertificateAuthority:
    """The authority whose certificates the hub trusts; the department has to sign."""
    root = root_authority()
    (tmp_path / "root.pem").write_bytes(root.pem)
    assert shell("trust", "add", "--class", "official-duty", "--yes", tmp_path / "root.pem").code == 0
    assert shell("endpoints", "set", "so-noi-vu", "--signatures", "require").code == 0
    return root


def refused(shell: Shell) -> str:
    """Return the id of the newest refusal on the board."""
    page = shell("board", "--once").out
    found = re.search(r"^ +(\S{26})  .*", page[page.index("The hub refused 1 package") :], re.MULTILINE)
    assert found is not None, page
    return found[1]


def test_a_certificate_that_has_expired_is_named_as_the_reason(
    shell: Shell, authority: CertificateAuthority, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.edxml"
    content = package(sender=SENDER, to=[POLLS])
    letter.write_bytes(sign(content, renewed(authority, expired=True)))
    assert shell("send", letter, "--as", "so-noi-vu").code == 1

    refusal = refused(shell)
    said = shell("why", refusal)
    assert "expired" in said.out
    (advice,) = said.advice()
    page = shell(*advice).out
    assert SENDER in page
    assert "expired" in page

    letter.write_bytes(sign(content, renewed(authority, expired=False)))
    assert shell("send", letter, "--as", "so-noi-vu").code == 0
    assert len(shell("inbox", "xa-binh-thu").table()) == 1


def test_a_certificate_that_has_expired_is_told_of_a_package_that_went_out(
    shell: Shell, authority: CertificateAuthority, tmp_path: Path
) -> None:
    assert shell("endpoints", "set", "so-noi-vu", "--signatures", "report").code == 0
    letter = tmp_path / "letter.edxml"
    letter.write_bytes(sign(package(sender=SENDER, to=[POLLS]), renewed(authority, expired=True)))
    assert shell("send", letter, "--as", "so-noi-vu").code == 0

    (waiting,) = shell("inbox", "xa-binh-thu").table()
    said = shell("why", waiting["Delivery"])
    assert "has not taken it" in said.out
    assert "expired" in said.out
    assert shell(*said.advice()[-1]).code == 0
    letter.write_bytes(sign(package(sender=SENDER, to=[POLLS]), renewed(authority, expired=True)))
    assert shell("send", letter, "--as", "so-noi-vu").code == 1, "from now on it is refused"


def test_a_package_that_was_tampered_with_is_told_from_a_bad_certificate(
    shell: Shell, authority: CertificateAuthority, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.edxml"
    signed = sign(
        package(sender=SENDER, to=[POLLS], subject="V/v chi 100 đồng"), renewed(authority, expired=False)
    )
    letter.write_bytes(signed.replace(b"chi 100", b"chi 900"))
    assert shell("send", letter, "--as", "so-noi-vu").code == 1

    refusal = refused(shell)
    said = shell("why", refusal)
    assert "changed" in said.out
    assert "expired" not in said.out
    page = shell("trace", refusal).out
    assert "Refused by the hub" in page
    assert shell("deliveries").table() == [], "nobody was given it"
