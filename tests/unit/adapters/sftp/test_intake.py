"""Picking up from an SFTP server: whole files only, recorded first, nothing lost and nobody held up."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.sftp.address import read
from adapters.sftp.intake import Intake, Pauses
from adapters.sftp.line import Limits, Line
from hub.adapter import Receive
from hub.errors import Refusal, Unavailable
from hub.hops import Hops
from hub.model import Accepted
from hub.rig import NOW, StandInHub
from schemas.text import Text
from tests.unit.adapters.sftp.server import PASSWORD, DropServer, serving

QUIET = Pauses(quiet_seconds=0.0, first_seconds=0.0, longest_seconds=0.0)
PATIENT = Pauses(quiet_seconds=3_600.0)
NO = Refusal(Text(vi="Gói tin thử bị từ chối", en="The test refuses it"))
DOWN = Unavailable(Text(vi="Cơ sở dữ liệu không trả lời", en="The database does not answer"))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[DropServer]:
    async with serving(tmp_path / "drop") as made:
        yield made


@pytest.fixture
async def intake_of(server: DropServer) -> AsyncIterator[Callable[..., Intake]]:
    lines: list[Line] = []

    async def secret() -> str:
        return PASSWORD

    def make(pauses: Pauses = QUIET, limits: Limits | None = None, **asked: str) -> Intake:
        address = read(server.address(**asked))
        lines.append(Line(address, secret, limits or Limits()))
        return Intake(address, lines[-1], pauses, lambda: NOW)

    yield make
    for line in lines:
        await line.close()


def inbox(server: DropServer) -> Path:
    return server.root / "inbox"


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_names_that_say_unfinished_are_left_alone(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    hub, intake = StandInHub(), intake_of()
    for name in ("a.edxml.tmp", "b.PART", ".c.edxml"):
        (inbox(server) / name).write_bytes(b"<half")
    for _ in range(3):
        await intake.round(hub.receive)
    assert hub.asked == 0
    assert len(listed(inbox(server))) == 3


async def test_a_file_is_taken_at_once_when_its_unfinished_name_was_seen_before(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    hub, intake = StandInHub(), intake_of(PATIENT)
    (inbox(server) / "a.edxml.tmp").write_bytes(b"<a/>")
    (inbox(server) / "b.edxml").write_bytes(b"<b/>")  # nobody knows whether this one is whole
    await intake.round(hub.receive)
    (inbox(server) / "a.edxml.tmp").rename(inbox(server) / "a.edxml")
    await intake.round(hub.receive)
    assert hub.taken == [b"<a/>"]
    assert listed(inbox(server)) == ["b.edxml"]


async def test_a_file_that_grows_between_two_looks_is_not_taken(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    hub, intake = StandInHub(), intake_of(Pauses(quiet_seconds=0.0001))
    (inbox(server) / "a.edxml").write_bytes(b"<a")
    pause = await intake.round(hub.receive)
    assert pause == intake.pauses.quiet_seconds
    (inbox(server) / "a.edxml").write_bytes(b"<a/>")
    await intake.round(hub.receive)
    assert hub.asked == 0
    await intake.round(hub.receive)
    assert hub.taken == [b"<a/>"]


async def test_the_oldest_is_taken_first(server: DropServer, intake_of: Callable[..., Intake]) -> None:
    hub = StandInHub()
    for name, at in (("a.edxml", 300), ("b.edxml", 100), ("c.edxml", 200)):
        server.drop(name, name.encode())
        os.utime(inbox(server) / name, (at, at))
    await intake_of().round(hub.receive)
    assert hub.taken == [b"b.edxml", b"c.edxml", b"a.edxml"]


async def test_another_package_dropped_under_the_same_name_meanwhile_is_not_lost(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    hub, intake = StandInHub(), intake_of()

    async def receive(content: bytes, hops: Hops = ()) -> Accepted:
        if not hub.taken:
            server.drop("a.edxml", b"<second/>")
        return await hub.receive(content)

    server.drop("a.edxml", b"<first/>")
    await intake.round(receive)
    await intake.round(receive)
    assert hub.taken == [b"<first/>", b"<second/>"]
    assert server.contents("done", ".edxml") == [b"<first/>", b"<second/>"]


async def test_what_is_done_has_the_answer_beside_it(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    server.drop("công văn 12.edxml", b"<a/>")
    await intake_of().round(StandInHub().receive)
    (answer,) = (json.loads(content) for content in server.contents("done", ".json"))
    assert answer["file"] == "công văn 12.edxml"
    assert (server.root / "done" / f"{answer['id']}.edxml").read_bytes() == b"<a/>"
    assert listed(server.root / ".edochub") == []


async def test_a_package_that_lies_in_done_already_leaves_the_working_folder(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    intake = intake_of()
    for _ in range(2):
        server.drop("a.edxml", b"<a/>")
        await intake.round(StandInHub().receive)  # the same id each time
    assert server.contents("done", ".edxml") == [b"<a/>"]
    assert listed(server.root / ".edochub") == []


async def test_an_empty_done_deletes(server: DropServer, intake_of: Callable[..., Intake]) -> None:
    hub = StandInHub()
    server.drop("a.edxml", b"<a/>")
    await intake_of(done="").round(hub.receive)
    assert hub.taken == [b"<a/>"]
    assert listed(server.root) == [".edochub", "inbox", "outbox", "refused"]
    assert listed(server.root / ".edochub") == listed(inbox(server)) == []


async def test_two_refused_files_of_one_name_have_a_letter_each(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    intake = intake_of()
    for _ in range(2):
        server.drop("a.edxml", b"<a/>")
        await intake.round(StandInHub(errors=[NO]).receive)
    assert len(server.contents("refused", ".edxml")) == len(server.contents("refused", ".json")) == 2
    for letter in server.contents("refused", ".txt"):
        assert NO.message.vi in letter.decode("utf-8-sig")
        assert NO.message.en in letter.decode("utf-8-sig")


async def test_an_unavailable_hub_ends_the_round_and_keeps_the_order(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    hub, intake = StandInHub(errors=[DOWN]), intake_of()
    for number in range(3):
        server.drop(f"{number}.edxml", str(number).encode())
        os.utime(inbox(server) / f"{number}.edxml", (number, number))
    with pytest.raises(Unavailable):
        await intake.round(hub.receive)
    assert hub.asked == 1
    await intake.round(hub.receive)
    assert hub.taken == [b"0", b"1", b"2"]


async def test_what_was_claimed_by_a_hub_that_died_is_offered(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    server.drop("a.edxml", b"<a/>")
    with pytest.raises(Unavailable):
        await intake_of().round(StandInHub(errors=[DOWN]).receive)
    hub = StandInHub()
    await intake_of().round(hub.receive)
    assert hub.taken == [b"<a/>"]


async def test_a_file_that_is_too_large_is_refused_unread(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    hub = StandInHub()
    server.drop("big.edxml", b"x" * 1_001)
    server.drop("fits.edxml", b"x" * 1_000)
    await intake_of(limits=Limits(largest_bytes=1_000)).round(hub.receive)
    assert hub.taken == [b"x" * 1_000]
    assert server.contents("refused", ".edxml") == [b"x" * 1_001]
    assert not [path for path in server.opened if path.endswith("big.edxml")]


async def test_a_file_that_we_may_not_read_is_refused_and_holds_nobody_up(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    hub, server.forbidden = StandInHub(), b"-secret.edxml"
    server.drop("secret.edxml", b"<no/>")
    server.drop("open.edxml", b"<a/>")
    await intake_of().round(hub.receive)
    assert hub.taken == [b"<a/>"]
    (answer,) = server.contents("refused", ".json")
    assert json.loads(answer)["error"]["code"] == "file.unreadable"


async def test_folders_links_and_pipes_are_left_where_they_are(
    server: DropServer, intake_of: Callable[..., Intake], tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_bytes(b"not for the hub")
    (inbox(server) / "folder.edxml").mkdir()
    (inbox(server) / "link.edxml").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(inbox(server) / "pipe.edxml")
    hub = StandInHub()
    await intake_of().round(hub.receive)
    assert hub.asked == 0
    assert len(listed(inbox(server))) == 3


@pytest.mark.parametrize(
    "name", [b"\xff\xfe.edxml", b"a\nb.edxml", b"$(touch x).edxml", b"..edxml..x", b"x" * 250]
)
async def test_whatever_the_name_is_the_package_comes_in_and_the_letter_is_written(
    server: DropServer, intake_of: Callable[..., Intake], name: bytes
) -> None:
    (inbox(server) / os.fsdecode(name)).write_bytes(b"<a/>")
    hub = StandInHub(errors=[NO] if not name.startswith(b".") else [])
    await intake_of().round(hub.receive)
    expected = 0 if name.startswith(b".") else 1
    assert hub.asked == expected
    assert len(server.contents("refused", ".txt")) == expected


async def test_without_take_nothing_is_made(server: DropServer, intake_of: Callable[..., Intake]) -> None:
    inbox(server).rmdir()
    with pytest.raises(Unavailable, match="inbox"):
        await intake_of().round(StandInHub().receive)
    assert listed(server.root) == ["outbox"]


async def test_two_hubs_at_one_folder_lose_nothing(
    server: DropServer, intake_of: Callable[..., Intake]
) -> None:
    for number in range(10):
        server.drop(f"{number}.edxml", str(number).encode())
    taken: set[bytes] = set()

    def receiving(hub: StandInHub) -> Receive:
        async def receive(content: bytes, hops: Hops = ()) -> Accepted:
            hub.taken = [b""] * int(content)  # the id is the content's own
            taken.add(content)
            return await hub.receive(content)

        return receive

    first, second = intake_of(), intake_of()
    for _ in range(2):
        await asyncio.gather(first.round(receiving(StandInHub())), second.round(receiving(StandInHub())))
    assert taken == {str(number).encode() for number in range(10)}
    assert sorted(server.contents("done", ".edxml")) == sorted(taken)
    assert listed(inbox(server)) == listed(server.root / ".edochub") == []


def test_pauses_double_up_to_the_longest_and_are_as_long_as_asked() -> None:
    pauses = Pauses(first_seconds=1.0, longest_seconds=300.0)
    assert [pauses.after(n) for n in (1, 2, 3, 100)] == [1.0, 2.0, 4.0, 300.0]
    assert pauses.after(1, 60.0) == 60.0
