"""A portal hears of the answers to the documents of its dossiers, and of nothing else that is not its own."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.onestop import OnestopAdapter, dossiers_of, event, read
from hub.model import DeliveryState, Message
from hub.rig import message, parcel
from hub.testing import Box, eventually, hub_in_a_box, package
from schemas.edxml.envelope import PackageKind
from tests.unit.adapters.portal import Portal

DOSSIER = "H99.13-261120-0001"
SUBJECT = f"V/v lấy ý kiến về hồ sơ {DOSSIER}, lần 2"


@dataclass
class Ground:
    box: Box
    portal: Portal

    async def sent(self, subject: str) -> str:
        """Let the department send a document to the commune; return its id."""
        sender = await self.box.hub.endpoint("so-noi-vu")
        content = package(sender="H99.13", to=["H99.61"], subject=subject)
        return (await self.box.hub.accept(sender, content)).message.id

    async def answered(self, document: str, code: str, description: str) -> str:
        """Let the commune answer; return the answer's id."""
        commune = await self.box.hub.endpoint("xa-hai-son")
        return (await self.box.hub.answer(commune, document, code, description)).message.id


@asynccontextmanager
async def ground(tmp_path: Path, units: str = "?dossiers=H99") -> AsyncIterator[Ground]:
    portal = Portal("")
    await portal.start()
    try:
        async with hub_in_a_box(tmp_path, running=True) as box:
            await box.connect("so-noi-vu", "H99.13")
            await box.connect("xa-hai-son", "H99.61")
            await box.connect("mot-cua", "H99.90", adapter="onestop", address=portal.url + units, polls=False)
            portal.secret = box.secrets["mot-cua"]
            yield Ground(box, portal)
    finally:
        await portal.stop()


# --- the whole way ----------------------------------------------------------------------------------------------------


async def test_an_answer_to_a_document_of_a_dossier_is_told_and_its_sender_hears_it_too(
    tmp_path: Path,
) -> None:
    async with ground(tmp_path) as at:
        document = await at.sent(SUBJECT)
        answer = await at.answered(document, "06", "Đã giải quyết xong")
        await eventually(lambda: at.portal.kept)
        [told] = at.portal.kept.values()
        assert told["event"] == "answer"
        assert told["dossiers"] == [DOSSIER]
        assert told["message"] == answer
        assert told["document"]["id"] == document
        assert told["document"]["subject"] == SUBJECT
        assert told["answer"]["code"] == "06"
        assert told["answer"]["description"] == "Đã giải quyết xong"
        assert told["answer"]["name"]["vi"] != told["answer"]["name"]["en"]
        assert told["answer"]["at"]
        assert base64.b64decode(told["package"]).startswith(b"<?xml")
        sender = await at.box.hub.endpoint("so-noi-vu")
        assert [each.message.id for each in await at.box.hub.waiting(sender)] == [answer]
        accepted = await at.box.hub.accepted(answer)
        assert {each.endpoint for each in accepted.deliveries} == {"so-noi-vu", "mot-cua"}


async def test_each_answer_is_told_once_and_a_portal_that_fails_gets_it_later(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        at.portal.fails = 2
        document = await at.sent(SUBJECT)
        for code in ("01", "03", "06"):
            await at.answered(document, code, "")
            await at.answered(document, code, "")
        await eventually(lambda: len(at.portal.kept) == 3)
        assert sorted(told["answer"]["code"] for told in at.portal.kept.values()) == ["01", "03", "06"]


async def test_a_refusal_that_the_hub_writes_is_told_too(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.sent(SUBJECT)
        commune = await at.box.hub.endpoint("xa-hai-son")
        [waiting] = await at.box.hub.waiting(commune)
        await at.box.hub.decline(commune, waiting.delivery.id, "Không thuộc thẩm quyền")
        await eventually(lambda: at.portal.kept)
        [told] = at.portal.kept.values()
        assert (told["answer"]["code"], told["answer"]["description"]) == ("02", "Không thuộc thẩm quyền")


@pytest.mark.parametrize(
    ("units", "subject"),
    [
        ("?dossiers=H99", "V/v không có hồ sơ nào"),
        ("?dossiers=H98", SUBJECT),
        ("?dossiers=H9", SUBJECT),
        ("?dossiers=H99.1", SUBJECT),
        ("", SUBJECT),
    ],
)
async def test_what_is_not_of_its_dossiers_is_not_told(tmp_path: Path, units: str, subject: str) -> None:
    async with ground(tmp_path, units) as at:
        answer = await at.answered(await at.sent(subject), "06", "")
        accepted = await at.box.hub.accepted(answer)
        assert {each.endpoint for each in accepted.deliveries} == {"so-noi-vu"}


async def test_a_document_itself_goes_to_its_addressees_only(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        accepted = await at.box.hub.accepted(await at.sent(SUBJECT))
        assert {each.endpoint for each in accepted.deliveries} == {"xa-hai-son"}


async def test_what_is_addressed_to_the_portal_is_told_as_a_document(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        sender = await at.box.hub.endpoint("so-noi-vu")
        content = package(sender="H99.13", to=["H99.90"], subject="V/v khác")
        accepted = await at.box.hub.accept(sender, content)
        await eventually(lambda: at.portal.kept)
        [told] = at.portal.kept.values()
        assert (told["event"], told["answer"], told["dossiers"]) == ("document", None, [])
        assert base64.b64decode(told["package"]) == content

        async def noted() -> bool:
            [delivery] = (await at.box.hub.accepted(accepted.message.id)).deliveries
            return (delivery.state, delivery.remote_id) == (DeliveryState.DELIVERED, f"SK-{delivery.id}")

        await eventually(noted)


async def test_a_portal_that_sent_the_document_itself_hears_once(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        portal = await at.box.hub.endpoint("mot-cua")
        content = package(sender="H99.90", to=["H99.61"], subject=SUBJECT)
        document = (await at.box.hub.accept(portal, content)).message.id
        answer = await at.answered(document, "06", "")
        accepted = await at.box.hub.accepted(answer)
        assert [each.endpoint for each in accepted.deliveries] == ["mot-cua"]


async def test_our_parameter_does_not_go_out_and_the_others_do(tmp_path: Path) -> None:
    async with ground(tmp_path, "?a=1&dossiers=H99&b=2") as at:
        await at.answered(await at.sent(SUBJECT), "06", "")
        await eventually(lambda: at.portal.kept)
        assert set(at.portal.queries) == {"a=1&b=2"}


async def test_an_address_of_another_time_holds_up_no_answer(tmp_path: Path) -> None:
    async with ground(tmp_path, "?dossiers=(((") as at:
        answer = await at.answered(await at.sent(SUBJECT), "06", "")
        assert len((await at.box.hub.accepted(answer)).deliveries) == 1


async def test_an_adapter_that_fails_when_asked_holds_up_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def broken(document: Message) -> bool:
        asked.append(document.subject)
        raise RuntimeError("a stranger's fault")

    monkeypatch.setattr(OnestopAdapter, "follows", lambda _: broken)
    async with ground(tmp_path) as at:
        answer = await at.answered(await at.sent(SUBJECT), "06", "")
        assert len((await at.box.hub.accepted(answer)).deliveries) == 1
        assert asked == [SUBJECT]


# --- the parts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (DOSSIER, [DOSSIER]),
        (f"({DOSSIER}); {DOSSIER}.", [DOSSIER]),
        ("000.00.13.H99-210311-0001", ["000.00.13.H99-210311-0001"]),
        ("H99-261120-123 và H99.1.2-261120-12345678", ["H99-261120-123", "H99.1.2-261120-12345678"]),
        ("H99-261120-12", []),
        ("H99-26112-0001", []),
        ("XH99-261120-0001", []),
        ("H99-261120-0001-5", []),
        ("1/CV-H9913", []),
        ("", []),
    ],
)
def test_dossiers_are_found_in_words(words: str, found: list[str]) -> None:
    assert dossiers_of(replace(message(b"", words=""), subject=words)) == found


@pytest.mark.parametrize("unit", ["H99", "000.00.13.H99", "13.H99"])
def test_an_older_code_is_within_what_stands_at_its_end(unit: str) -> None:
    told = replace(message(b"", words=""), subject="000.00.13.H99-210311-0001")
    assert dossiers_of(told, [unit])
    assert not dossiers_of(told, ["H98"])
    assert not dossiers_of(told, ["3.H99"])


def test_no_more_dossiers_are_told_than_anybody_reads() -> None:
    words = " ".join(f"H99-261120-{number:04}" for number in range(1_000))
    assert len(dossiers_of(replace(message(b""), subject=words))) == 20


@given(st.text(alphabet="H9.0-1 \n", max_size=2_000))
def test_nobodys_words_take_long(words: str) -> None:
    assert len(dossiers_of(replace(message(b""), subject=words))) <= 20


@given(st.lists(st.from_regex(r"\A[A-Z][0-9]{2}(\.[0-9]{1,3}){0,3}\Z"), max_size=5), st.booleans())
def test_settling_twice_changes_nothing(units: list[str], query: bool) -> None:
    written = "https://portal.example/hook" + ("?a=1&b=%20x" if query else "")
    if units:
        written += f"{'&' if query else '?'}dossiers={','.join(units)}"
    settled = OnestopAdapter.settle(written)
    assert OnestopAdapter.settle(settled) == settled
    assert read(settled).units == tuple(dict.fromkeys(units))


@given(st.binary(max_size=300))
def test_an_answer_that_cannot_be_read_is_told_all_the_same(content: bytes) -> None:
    told = parcel(content)
    told = replace(told, message=replace(told.message, kind=PackageKind.STATUS, status_code="99"))
    said = json.loads(event(told, None))
    assert base64.b64decode(said["package"]) == content
    assert said["answer"]["description"] == ""
    assert said["document"] is None
