"""The client library against a real hub, through a network that breaks: nothing is lost, nothing is there twice."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.client import Client, Intake, Misconfigured, NotFound, Outbox, Patience, Refusal, Unavailable
from hub.testing import package
from tests.faults.client_ground import ADDRESSEE, SENDER, Fault, ground, network, written

ROOT = Path(__file__).resolve().parents[2]
apart = asyncio.to_thread
TO_SEND, TO_POLL = 40, 6  # one for each life of the sender, which are fewer; a few that are polled together


@pytest.mark.parametrize("fault", ["answer lost", "answer halved", "body halved", "503", "page"])
async def test_a_document_is_sent_once_whatever_breaks(tmp_path: Path, fault: Fault) -> None:
    async with ground(tmp_path) as at:
        at.between.faults.extend([fault, fault])
        sent = await apart(at.sender.send, written(tmp_path / "out", 1))
        assert len(at.slept) == 2
        assert sent.duplicate is (fault in {"answer lost", "answer halved"})
        assert await at.messages() == [f"{SENDER},2026/11/18,1/CV"]
        assert [each.to for each in sent.deliveries] == [ADDRESSEE]


async def test_retry_after_is_waited_for(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        at.between.faults.extend(["503", "page"])
        await apart(at.sender.send, package(sender=SENDER))
        assert at.slept == [7.0, 1.0]


async def test_when_the_hub_stays_away_that_is_said(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        at.between.faults.extend(["503"] * 9)
        with pytest.raises(Unavailable) as raised:
            await apart(at.sender.send, package(sender=SENDER))
        assert raised.value.retry_after == 7.0
        assert len(at.slept) == at.sender.patience.tries - 1


async def test_nobody_is_there() -> None:
    with network("http://127.0.0.1:9") as gone:
        url = gone.url
    with (
        Client(url, "x", patience=Patience(tries=1)) as hub,
        pytest.raises(Unavailable, match=r"Cannot|Không"),
    ):
        await apart(hub.state, "1")


@pytest.mark.parametrize("fault", ["answer lost", "answer halved", "503", "page"])
async def test_polling_fetching_taking_and_answering_go_on(tmp_path: Path, fault: Fault) -> None:
    async with ground(tmp_path) as at:
        content = package(sender=SENDER, to=[ADDRESSEE])
        sent = await apart(at.sender.send, content)
        faulty: list[Fault] = [fault]
        at.between.faults.extend(faulty)
        [waiting] = await apart(lambda: at.addressee.poll(wait_seconds=1))
        assert (waiting.message, waiting.sender) == (sent.id, SENDER)
        at.between.faults.extend(faulty)
        fetched = await apart(at.addressee.fetch, waiting, tmp_path / "a.edxml")
        assert fetched.read_bytes() == content
        at.between.faults.extend(faulty)
        assert (await apart(at.addressee.take, waiting.id)).state == "delivered"
        at.between.faults.extend(faulty)
        await apart(at.addressee.answer, waiting.message, "03", "Đã vào sổ")
        [answer] = await apart(lambda: at.sender.poll(wait_seconds=5))
        assert (answer.kind, answer.status) == ("status", "03")
        assert not [each for each in tmp_path.iterdir() if each.name.endswith(".tmp")]


async def test_a_document_can_be_declined_twice_and_is_told_of_once(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        sent = await apart(at.sender.send, package(sender=SENDER, to=[ADDRESSEE]))
        [waiting] = await apart(lambda: at.addressee.poll(wait_seconds=1))
        at.between.faults.append("answer lost")
        assert (await apart(at.addressee.decline, waiting.id, "Gửi nhầm")).state == "refused"
        [told] = await apart(lambda: at.sender.poll(wait_seconds=5))
        assert told.status == "02"
        [delivery] = (await apart(at.sender.state, sent.id)).deliveries
        assert (delivery.state, delivery.reason is not None) == ("refused", True)


async def test_what_the_hub_refuses_says_why_in_both_languages(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        with pytest.raises(Refusal) as refused:
            await apart(at.sender.send, package(sender=SENDER, to=["H49.99"]))
        error = refused.value
        assert error.code == "addressee.unknown"
        assert error.message.vi != error.message.en
        assert [finding.code for finding in error.findings] == ["addressee.unknown"]
        assert error.id is not None
        assert at.slept == []
        with pytest.raises(NotFound):
            await apart(at.sender.state, "01M80BQTS41DXHPVNQMZSZM0DX")
        traced = await apart(at.sender.trace, error.id)
        assert traced["refusal"]["id"] == error.id


async def test_a_wrong_token_is_a_setting_to_mend(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        with Client(at.between.url, "wrong") as stranger, pytest.raises(Misconfigured) as refused:
            await apart(stranger.poll)
        assert refused.value.code == "unauthenticated"


@pytest.mark.parametrize("url", ["http://truc.example.vn", "ftp://x", "", "https://user:x@truc.example.vn"])
def test_a_token_goes_nowhere_in_the_clear(url: str) -> None:
    with pytest.raises(Misconfigured):
        Client(url, "x")


async def test_a_gateways_no_is_not_the_hubs(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        outbox = Outbox(tmp_path / "outbox")
        kept = outbox.put(written(tmp_path / "out", 1))
        at.between.faults.append("409 page")
        with pytest.raises(Misconfigured):
            await apart(lambda: list(outbox.work_off(at.sender)))
        assert outbox.waiting() == [kept]


async def test_an_outbox_remembers_what_was_not_answered(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        outbox = Outbox(tmp_path / "outbox")
        good, bad = outbox.put(written(tmp_path / "out", 1)), tmp_path / "bad.edxml"
        bad.write_bytes(b"<no/>")
        refused = outbox.put(bad)
        assert outbox.put(tmp_path / "out" / "1.edxml") == good
        at.between.faults.extend(["503"] * 5)
        first = await apart(lambda: list(outbox.work_off(at.sender)))
        assert [type(each.result) for each in first] == [Unavailable, Unavailable]
        assert outbox.waiting() == [good, refused]
        at.between.faults.append("answer lost")
        second = await apart(lambda: list(Outbox(tmp_path / "outbox").work_off(at.sender)))
        assert [getattr(each.result, "code", "sent") for each in second] == ["sent", "document.invalid"]
        assert outbox.waiting() == []
        assert (outbox.folder / "refused" / refused.name).read_bytes() == b"<no/>"
        [answer] = (outbox.folder / "sent").iterdir()
        assert json.loads(answer.read_text())["duplicate"] is True
        assert await at.messages() == [f"{SENDER},2026/11/18,1/CV"]


async def test_what_is_taken_back_while_it_is_fetched_is_destroyed(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        sent = await apart(at.sender.send, package(sender=SENDER, to=[ADDRESSEE]))
        intake = Intake(tmp_path / "in")
        at.between.faults.extend(["body halved"])  # of the poll: nothing happens
        [waiting] = await apart(lambda: at.addressee.poll())
        await apart(at.addressee.fetch, waiting, intake.begun / f"{waiting.id}.edxml")
        await apart(at.sender.answer, sent.id, "13", "Gửi nhầm")
        assert await apart(lambda: list(intake.poll(at.addressee))) == []
        assert [each.name for each in intake.begun.iterdir()] == [".lock"]


@pytest.mark.parametrize("kind", ["send", "poll"])
async def test_a_client_killed_at_any_step_loses_nothing_and_repeats_nothing(
    tmp_path: Path, kind: str
) -> None:
    async with ground(tmp_path) as at:
        documents = {
            n: written(tmp_path / "work", n).read_bytes()
            for n in range(1, TO_SEND if kind == "send" else TO_POLL)
        }
        token = tmp_path / "token"
        token.write_text(at.box.secrets["so" if kind == "send" else "xa"])
        if kind == "poll":
            for content in documents.values():
                await at.box.hub.accept(await at.box.hub.endpoint("so"), content)
        program = [sys.executable, "-m", "tests.faults.killed_client", kind, at.between.url, str(token)]
        ended = await apart(
            lambda: subprocess.run(
                [*program, str(tmp_path / "work")], cwd=ROOT, capture_output=True, text=True, check=False
            )
        )
        assert ended.returncode == 0, ended.stderr[-2000:]
        lives = int(ended.stdout.splitlines()[-1])
        print(f"killed {lives} times")
        assert lives >= 8
        if kind == "send":
            used = [f"{SENDER},2026/11/18,{n}/CV" for n in range(1, lives + 2)]
            assert sorted(await at.messages()) == sorted(used)
            assert Outbox(tmp_path / "work" / "outbox").waiting() == []
        else:
            read = [each.read_bytes() for each in (tmp_path / "work" / "read").iterdir()]
            assert sorted(read) == sorted(documents.values())
            assert await at.messages() == []
