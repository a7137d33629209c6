"""`edochub demo` as a newcomer runs it, and then the commands that it prints."""

from __future__ import annotations

import json
import os
import resource
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

EDOCHUB = str(Path(sys.executable).parent / "edochub")
TRY_NEXT = {"vi": "Ông/bà có thể thử tiếp", "en": "What to try next"}

PATIENCE = 180.0  # seconds, on a busy machine

# What each printed command has to end with, by its first word; `trace` stands there twice.
ENDINGS = {
    "trace": 0,
    "inbox": 0,
    "take": 0,
    "status": 0,
    "route": 0,
    "resume": 0,
    "verify": 1,
    "ledger": 0,
    "doctor": 0,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One run of the demo: where, in which language, and what it said."""

    folder: Path
    language: str
    code: int
    out: str
    err: str
    cpu_seconds: float  # of the processor: what else this machine does is not counted

    @property
    def commands(self) -> list[list[str]]:
        """The commands that it tells the reader to try."""
        last = self.out.partition(f"\n{TRY_NEXT[self.language]}\n")[2]
        return [shlex.split(line) for line in last.splitlines() if line and not line.startswith("  #")]

    def command(self, name: str) -> list[str]:
        """The first printed command of a name."""
        return next(words for words in self.commands if name in words)


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EDOCHUB_")}
    return kept | {"LANG": "C.UTF-8"}


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=folder, env=environment(), capture_output=True, text=True, encoding="utf-8", timeout=400
    )


def shown(folder: Path, language: str) -> Shown:
    before = cpu_seconds_of_children()
    done = run([EDOCHUB, "--lang", language, "demo", "--fast"], folder)
    return Shown(
        folder, language, done.returncode, done.stdout, done.stderr, cpu_seconds_of_children() - before
    )


def cpu_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def vietnamese(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return shown(tmp_path_factory.mktemp("vi"), "vi")


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return shown(tmp_path_factory.mktemp("en"), "en")


@pytest.fixture(params=["vi", "en"])
def either(request: pytest.FixtureRequest) -> Shown:
    found: Shown = request.getfixturevalue("vietnamese" if request.param == "vi" else "english")
    return found


def test_it_ends_well_within_a_minute(either: Shown) -> None:
    assert (either.code, either.err) == (0, "")
    assert either.cpu_seconds < 60


def test_in_a_pipe_it_writes_plain_lines(either: Shown) -> None:
    assert all(char == "\n" or char.isprintable() for char in either.out)


def test_it_speaks_the_language_that_was_asked_for(vietnamese: Shown, english: Shown) -> None:
    assert "điều kiểm tra, tất cả đúng như dự kiến." in vietnamese.out
    assert "checks, all as expected." in english.out


def test_all_kinds_of_packages_and_all_statuses_are_seen(english: Shown) -> None:
    for kind in ("New document", "Update", "Replacement", "Revocation"):
        assert f"[{kind}" in english.out
    for status in ("01", "02", "03", "04", "05", "06", "13", "15", "16"):
        assert f": {status} – " in english.out


@pytest.mark.parametrize("code", ["H49.DEMO.81", "H49.DEMO.21"])
def test_a_document_to_a_commune_that_was_merged_away_reaches_its_successor(
    vietnamese: Shown, english: Shown, code: str
) -> None:
    chapter = english.out.partition("merged away ==\n")[2].partition("\n== ")[0]
    told = next(line for line in chapter.splitlines() if "The hub tells the sender" in line and ".81" in line)
    assert code in told
    assert "xã Bình Liêu has 318/SNV-CCVC (new document), sent to the old code H49.DEMO.81" in chapter
    assert "xã Bình Liêu tells Sở Nội vụ: 03" in chapter
    assert "(addressee.forwarded)" in chapter
    assert any("Trục báo bên gửi" in line and code in line for line in vietnamese.out.splitlines())


def test_the_reader_lets_the_letter_to_a_divided_commune_go(english: Shown) -> None:
    resume = english.command("resume")
    done = run([*resume, "--json"], english.folder)
    assert (done.returncode, done.stderr) == (0, "")
    resumed = json.loads(done.stdout)
    assert (resumed["to"], resumed["state"]) == ("H49.DEMO.82", "available")
    inbox = [word if word != "phuong-bai-chay" else "xa-tien-yen" for word in english.command("inbox")]
    assert resumed["id"] in run(inbox, english.folder).stdout


def test_the_commands_that_it_prints_work(vietnamese: Shown) -> None:
    names = [
        next(word for word in words if word in ENDINGS or word == "serve") for words in vietnamese.commands
    ]
    assert set(names) == ENDINGS.keys() | {"serve"}
    for name, words in zip(names, vietnamese.commands, strict=True):
        if name != "serve":
            done = run(words, vietnamese.folder)
            ends_with = (
                0 if words[-2] == "--hub" else ENDINGS[name]
            )  # of two files to verify, the evidence is valid
            assert done.returncode == ends_with, (words, done.stdout, done.stderr)
            assert done.stdout.strip()


def test_in_english_the_commands_answer_in_english(english: Shown) -> None:
    done = run(english.command("trace"), english.folder)
    assert done.returncode == 0
    assert "What happened" in done.stdout
    assert "1250/UBND-TH" in done.stdout


def test_the_hub_that_it_leaves_can_be_served(english: Shown) -> None:
    with served(english) as server:
        assert server.stdout is not None
        assert "is running at http://127.0.0.1:" in server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=PATIENCE) == 0


def served(of: Shown) -> subprocess.Popen[str]:
    return subprocess.Popen(
        of.command("serve"),
        cwd=of.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


def test_a_folder_that_is_not_its_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "edochub-demo").mkdir()
    (tmp_path / "edochub-demo" / "thesis.txt").write_text("years of work")
    done = run([EDOCHUB, "--lang", "en", "demo", "--fast"], tmp_path)
    assert done.returncode == 2
    assert "was not made by “edochub demo”" in done.stderr
    assert [path.name for path in (tmp_path / "edochub-demo").iterdir()] == ["thesis.txt"]


def test_a_reader_who_has_seen_enough_may_go(tmp_path: Path) -> None:
    words = shlex.join([EDOCHUB, "--lang", "en", "demo", "--fast"])
    done = run(["bash", "-o", "pipefail", "-c", f"{words} | head -3"], tmp_path)
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (141, 3, "")


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    words = [EDOCHUB, "--lang", "en", "demo", "--dir", str(tmp_path / "here")]
    process = subprocess.Popen(
        words,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    yield process
    process.kill()
    process.wait()


def test_an_interrupt_ends_it_at_once_and_without_a_traceback(interrupted: subprocess.Popen[str]) -> None:
    assert interrupted.stdout is not None
    for line in interrupted.stdout:
        if line.startswith("== 2/"):
            break
    interrupted.send_signal(signal.SIGINT)
    _, err = interrupted.communicate(timeout=PATIENCE)
    assert (interrupted.returncode, err) == (130, "Stopped as asked.\n")
