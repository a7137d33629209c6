"""The agencies' own systems, where the story itself does not show what they do."""

import asyncio
import json
from pathlib import Path

import pytest

from hub.demo.cast import HAI_SON, connected
from hub.demo.receiver import Push
from hub.demo.systems import Arrival, InFolder, System, pushes_into
from hub.testing import package

PATIENCE_SECONDS = 60


async def nobody(system: System, arrival: Arrival) -> None:
    pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("inbox", "outbox", "accepted", "refused"):
        (tmp_path / name).mkdir()
    return tmp_path


async def test_a_system_on_a_folder_drops_its_file_whole_and_reads_the_hubs_answer(folder: Path) -> None:
    system = InFolder(connected(HAI_SON), nobody, folder)
    asked = asyncio.create_task(system.hand_in("01-new", b"<a/>"))
    await asyncio.sleep(0)  # all this is its first step
    assert [(file.name, file.read_bytes()) for file in (folder / "inbox").iterdir()] == [
        ("01-new.edxml", b"<a/>")
    ]
    (folder / "accepted" / "M0.json").write_text(json.dumps({"file": "00-older.edxml"}))
    (folder / "accepted" / "M1.json").write_text(json.dumps({"file": "01-new.edxml", "id": "M1"}))
    reply = await asyncio.wait_for(asked, PATIENCE_SECONDS)
    assert (reply.status, reply.body["id"]) == (201, "M1")


async def test_a_system_on_a_folder_reads_that_it_was_refused(folder: Path) -> None:
    (folder / "refused" / "01-new.edxml.json").write_text(json.dumps({"file": "01-new.edxml", "id": "R1"}))
    reply = await InFolder(connected(HAI_SON), nobody, folder).hand_in("01-new", b"<a/>")
    assert (reply.status, reply.body["id"]) == (422, "R1")


async def test_a_system_on_a_folder_takes_each_file_once_and_deletes_it(folder: Path) -> None:
    content = package(sender="H49", to=[HAI_SON], subject="V/v thử")
    (folder / "outbox" / "D1.edxml").write_bytes(content)
    system = InFolder(connected(HAI_SON), nobody, folder)
    running = asyncio.create_task(system.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not system.arrivals:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    running.cancel()
    (arrival,) = system.arrivals
    assert (arrival.delivery, arrival.content, arrival.to) == ("D1", content, HAI_SON)
    assert arrival.envelope.subject == "V/v thử"
    assert list((folder / "outbox").iterdir()) == []


async def test_a_push_taken_in_another_thread_reaches_the_loop() -> None:
    queue: asyncio.Queue[Push] = asyncio.Queue()
    receiver = pushes_into(queue, asyncio.get_running_loop())
    try:
        await asyncio.to_thread(receiver.took, Push("D1", "M1", "H49", b"<a/>"))
        assert (await asyncio.wait_for(queue.get(), PATIENCE_SECONDS)).delivery == "D1"
    finally:
        receiver.close()
