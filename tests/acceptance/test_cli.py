"""The installed command, as its users call it: a process, its exit code, what it prints in both languages.

One story from an empty folder to a traced document, in one hub for the module, and what goes wrong beside it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
import termios
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hub.testing import package
from signing.keys import KeyFolder

COMMAND = Path(sys.executable).with_name("edochub")
PATIENCE = 180.0  # seconds for one command on a busy machine

AGENCIES = """\
code,name,level,parent
Z98,UBND tỉnh Nghiệm Thu,province,
Z98.05,Sở Tài chính Nghiệm Thu,province,Z98
Z98.71,UBND phường Đông Nghiệm,commune,Z98
Z98.72,UBND phường Tây Nghiệm,commune,Z98
"""


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Place:
    """A folder to call the command in."""

    folder: Path

    def environment(self, language: str) -> dict[str, str]:
        """Return an environment that says nothing but the language."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "EDOCHUB_LANG": language, "LANG": "C"}

    def run(self, *arguments: str | Path, language: str = "en", stdin: bytes = b"") -> Ended:
        """Call the command and wait for its end."""
        ended = subprocess.run(
            [COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(language),
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    @contextmanager
    def serving(self) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """Run the server on a free port for the length of a block; give the process and its first line."""
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", "0"],
            cwd=self.folder,
            env=self.environment("vi"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A hub with three agencies, two of them connected, and the packages of the story."""
    folder = tmp_path_factory.mktemp("hub")
    place = Place(folder)
    assert place.run("init", ".").code == 0
    (folder / "agencies.csv").write_text(AGENCIES, encoding="utf-8")
    assert place.run("agencies", "import", "agencies.csv").code == 0
    for endpoint, code in (("so-tai-chinh", "Z98.05"), ("dong-nghiem", "Z98.71")):
        assert place.run("endpoints", "add", endpoint, "--adapter", "http", "--agency", code).code == 0
    (folder / "good.edxml").write_bytes(package(sender="Z98.05", to=["Z98.71"], subject="V/v nghiệm thu"))
    (folder / "bad.edxml").write_bytes(package(sender="Z98.05", to=["Z98.99"]))
    (folder / "broken.edxml").write_bytes(b"1212<edXML")
    trust = folder / "friends"
    trust.mkdir()
    certificate = KeyFolder(folder / "keys").load("hub", None).certificate
    (trust / "hub.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return place


@pytest.fixture(scope="module")
def sent(place: Place) -> dict[str, Any]:
    """The hub's answer to the good package."""
    ended = place.run("send", "good.edxml", "--as", "so-tai-chinh", "--json")
    assert ended.code == 0
    document: dict[str, Any] = ended.json["documents"][0]
    return document


def test_a_second_init_is_refused(place: Place) -> None:
    before = (place.folder / "edochub.toml").read_bytes()

    assert place.run("init", ".").code == 1
    assert (place.folder / "edochub.toml").read_bytes() == before


def test_the_configuration_may_be_named_by_option_or_environment(place: Place, tmp_path: Path) -> None:
    elsewhere = Place(tmp_path)

    assert elsewhere.run("endpoints", "list").code == 2
    assert elsewhere.run("--config", place.folder / "edochub.toml", "endpoints", "list").code == 0


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        ("vi", ["Mã", "Tên", "Cấp", "Trực thuộc", "Điểm kết nối", "Đã hết từ"]),
        ("en", ["Code", "Name", "Level", "Parent", "Endpoint", "Ended on"]),
    ],
)
def test_a_table_in_a_pipe_has_tabs_and_no_colours(place: Place, language: str, headings: list[str]) -> None:
    lines = place.run("agencies", "list", language=language).out.splitlines()

    assert [cell.strip() for cell in lines[0].split("\t")] == headings
    assert len(lines) == 5
    assert not any("\x1b" in line or "…" in line for line in lines)


@pytest.mark.parametrize(("language", "said"), [("vi", "bị từ chối"), ("en", "refused")])
def test_a_bad_package_is_refused_with_reasons_on_stderr(place: Place, language: str, said: str) -> None:
    ended = place.run("send", "bad.edxml", "--as", "so-tai-chinh", language=language)

    assert ended.code == 1
    assert said in ended.err
    assert "Z98.99" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    ("language", "said"), [("vi", "broken.edxml: không hợp lệ"), ("en", "broken.edxml: invalid")]
)
def test_checking_names_what_is_wrong(place: Place, language: str, said: str) -> None:
    assert place.run("check", "good.edxml", language=language).code == 0
    ended = place.run("check", "broken.edxml", language=language)

    assert ended.code == 1
    assert said in ended.out


def test_a_document_is_sent_listed_fetched_answered_and_traced(place: Place, sent: dict[str, Any]) -> None:
    waiting = place.run("inbox", "dong-nghiem", "--json").json["deliveries"]
    assert [each["message"] for each in waiting] == [sent["id"]]
    assert waiting[0]["subject"] == "V/v nghiệm thu"
    delivery = waiting[0]["id"]

    assert place.run("fetch", delivery, "-o", "got.edxml", "--take").code == 0
    assert (place.folder / "got.edxml").read_bytes() == (place.folder / "good.edxml").read_bytes()

    assert place.run("status", sent["id"], "03", "--as", "dong-nghiem", "-m", "Đã vào sổ").code == 0
    assert [each["status"] for each in place.run("inbox", "so-tai-chinh", "--json").json["deliveries"]] == [
        "03"
    ]

    trace = place.run("trace", sent["id"], "--json").json
    assert [event["kind"] for event in trace["events"]] == [
        "document.accepted",
        "delivery.delivered",
        "answer.recorded",
    ]
    assert [each["state"] for each in trace["deliveries"]] == ["delivered"]
    assert [each["code"] for each in trace["statuses"]] == ["03"]

    page = place.run("trace", sent["id"], language="vi").out
    assert "UBND phường Đông Nghiệm" in page
    assert "Ghi nhận thông báo trạng thái (03 – Đã tiếp nhận)" in page

    assert delivery in place.run("deliveries", "--state", "delivered").out
    assert place.run("ledger", "verify").code == 0


def test_what_is_piped_out_is_byte_for_byte(place: Place, sent: dict[str, Any]) -> None:
    delivery = sent["deliveries"][0]["id"]
    fetched = subprocess.run(
        [COMMAND, "fetch", delivery, "-o", "-"],
        cwd=place.folder,
        env=place.environment("vi"),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )

    assert fetched.stdout == (place.folder / "good.edxml").read_bytes()


def test_signing_and_verifying_need_no_server(place: Place) -> None:
    assert place.run("sign", "good.edxml", "-o", "signed.edxml").code == 0
    changed = (place.folder / "signed.edxml").read_bytes().replace("nghiệm thu".encode(), b"x")
    (place.folder / "changed.edxml").write_bytes(changed)

    assert place.run("verify", "signed.edxml", "--trust", "friends").code == 0
    assert place.run("verify", "changed.edxml", "--trust", "friends").code == 1
    assert place.run("verify", "signed.edxml").code == 3
    assert place.run("verify", "good.edxml").code == 3
    assert "hợp lệ" in place.run("verify", "signed.edxml", "--trust", "friends", language="vi").out


def test_keys_are_made_and_listed(place: Place) -> None:
    assert place.run("keys", "new", "van-thu").code == 0
    assert place.run("keys", "new", "van-thu").code == 1
    assert {key["name"] for key in place.run("keys", "list", "--json").json["keys"]} >= {"hub", "van-thu"}


@pytest.mark.parametrize(("language", "word"), [("vi", "tốt"), ("en", "ok")])
def test_the_doctor_finds_the_hub_well(place: Place, language: str, word: str) -> None:
    ended = place.run("doctor", language=language)

    assert ended.code == 0, ended.out
    assert f"{word}  " in ended.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nosuch"], 2),
        (["send", "good.edxml"], 2),
        (["send", "nosuch.edxml", "--as", "so-tai-chinh"], 2),
        (["trace", "nosuch"], 1),
        (["inbox", "nosuch"], 1),
        (["status", "nosuch", "03", "--as", "so-tai-chinh"], 1),
        (["--config", "nosuch.toml", "inbox", "x"], 2),
        (["serve", "--host", "203.0.113.1"], 4),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_what_goes_wrong_has_its_code_and_its_sentence(place: Place, arguments: list[str], code: int) -> None:
    vietnamese, english = (place.run(*arguments, language=language) for language in ("vi", "en"))

    assert (vietnamese.code, english.code) == (code, code)
    assert vietnamese.err != english.err
    assert vietnamese.err
    assert english.err
    assert english.err.isascii() or "“" in english.err


def test_the_option_is_heard_before_the_environment(place: Place) -> None:
    ended = place.run("--lang", "en", "--help", language="vi")

    assert ended.code == 0
    assert ended.out.startswith("Usage: edochub [OPTIONS] COMMAND")


def test_a_reader_who_leaves_early_is_no_error(place: Place) -> None:
    pipe_out, pipe_in = os.pipe()
    os.close(pipe_out)
    process = subprocess.Popen(
        [COMMAND, "agencies", "list", "--json"],
        cwd=place.folder,
        env=place.environment("en"),
        stdout=pipe_in,
        stderr=subprocess.PIPE,
    )
    os.close(pipe_in)
    _, complaints = process.communicate(timeout=PATIENCE)

    assert complaints == b""
    assert process.returncode == 141


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_says_where_it_is_and_stops_when_told(place: Place, number: signal.Signals) -> None:
    with place.serving() as (process, line):
        assert "đang chạy tại http://127.0.0.1:" in line
        address = line.split()[-1]
        with urllib.request.urlopen(f"{address}/healthz", timeout=PATIENCE) as answer:
            assert answer.status == 200
        assert place.run("serve", "--port", "0").code == 4  # one server works on an embedded database

        process.send_signal(number)
        out, log = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert out == ""
    assert all(json.loads(entry)["event"] for entry in log.splitlines())


def test_commands_work_beside_a_running_server(place: Place) -> None:
    (place.folder / "beside.edxml").write_bytes(package(sender="Z98.05", to=["Z98.71"]))
    with place.serving() as (process, line):
        assert line
        ended = place.run("send", "beside.edxml", "--as", "so-tai-chinh", "--json")
        assert ended.code == 0
        waiting = place.run("inbox", "dong-nghiem", "--json").json["deliveries"]
        assert ended.json["documents"][0]["id"] in {each["message"] for each in waiting}
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


@pytest.mark.parametrize("words", ["rules --json", "show --help"])
def test_a_reader_who_went_away_ends_a_command_quietly(place: Place, words: str) -> None:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{shlex.quote(str(COMMAND))} {words} | true"],
        cwd=place.folder,
        env=place.environment("en"),
        capture_output=True,
        timeout=PATIENCE,
    )

    assert (done.returncode, done.stdout, done.stderr) == (141, b"", b"")


def unread(pipe: IO[bytes]) -> int:
    """Return how many bytes of a pipe nobody has read yet."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0\0\0\0"), sys.byteorder)


def test_ctrl_c_ends_a_command_quietly(place: Place) -> None:
    process = subprocess.Popen(
        [COMMAND, "check", "-"],
        cwd=place.folder,
        env={**place.environment("en"), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b"<")
    process.stdin.flush()
    deadline = time.monotonic() + PATIENCE
    while unread(process.stdin):  # it reads to the end of a pipe that stays open
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, complaints = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130
    assert (out, complaints.strip()) == (b"", b"")
