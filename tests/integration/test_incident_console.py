"""Four incidents, each found and mended from the console alone: what is pressed is read off the pages.

The operator has a browser and nothing else: opens the first page, follows links, fills in forms, presses buttons.
Around it are the hub, the systems of two communes, and a department that signs what it sends.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import pytest
from lxml.html import HtmlElement

from adapters.console.actions import ACTIONS
from adapters.console.overview import Kept
from hub import agencies_file
from hub.board import HEALTH, Health
from hub.config import RetrySettings
from hub.errors import Refusal
from hub.model import Accepted, DeliveryState, Endpoint, SignatureRule, utc_now
from hub.store import directory as directory_store
from hub.testing import ManualClock, package, settings
from hub.words import STATES
from schemas.text import Language, Text, speaking
from signing.ca import CertificateAuthority
from signing.xml import sign
from tests.integration.console_desk import Desk, desk
from tests.integration.console_window import Window, text_of
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

NO_ANSWER = Text(vi="Không kết nối được", en="does not answer")
EXPIRED = Text(vi="hết hạn", en="expired")
CHANGED = Text(vi="bị thay đổi", en="changed")
AN_HOUR = Text(vi="1 giờ trước", en="1 hour ago")
RELEASE = ACTIONS["release"].button
HAI_SON = "UBND xã Hải Sơn"  # as lists write the agency that is pushed to
LATER = RetrySettings(first_seconds=3_600, longest_seconds=3_600)


@dataclass
class Scene:
    """The hub, and who is around it."""

    at: Desk
    clock: ManualClock
    root: CertificateAuthority
    sender: Endpoint

    async def hand_in(self, content: bytes) -> Accepted:
        """Hand a package in as the department's system does. Raises `Refusal`."""
        return await self.at.box.hub.accept(self.sender, content)

    async def inbox(self) -> list[str]:
        """Return the documents that the commune's system finds in its inbox."""
        hub = self.at.box.hub
        found = await hub.inbox.waiting(await hub.endpoint("xa-binh-thu"), 100, 0)
        return [each.message.id for each in found]


@pytest.fixture(params=["vi", "en"])
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


@pytest.fixture(autouse=True)
def counts_that_are_not_kept() -> Iterator[None]:
    """Let every page count anew: nobody waits here for what was counted some seconds ago."""

    async def value(kept: Kept[object]) -> object:
        return await kept._count()

    with mock.patch.object(Kept, "value", value):
        yield


@contextlib.asynccontextmanager
async def scene(
    folder: Path, template: Path, *, signatures: SignatureRule = SignatureRule.DEFAULT, running: bool = False
) -> AsyncIterator[Scene]:
    """Open a hub that knows some agencies, trusts an authority, and tries again after an hour only."""
    shutil.copy(template, folder / "edochub.db")
    config = replace(settings(folder), retry=LATER)
    root = root_authority()
    anchors = config.path(config.trust.anchors) / "official-duty"
    anchors.mkdir()
    (anchors / "root.pem").write_bytes(root.pem)
    clock = ManualClock(utc_now())
    async with desk(folder, config=config, clock=clock, running=running) as at:
        hub = at.box.hub
        rows = agencies_file.read(AGENCIES.encode(), hub.directory).rows
        await hub.store.write(lambda tx: directory_store.import_agencies(tx, rows, "operator:test"))
        await hub.refresh_directory()
        sender = await at.box.connect("so-thu", SENDER, signatures=signatures)
        await at.box.connect("xa-binh-thu", POLLS)
        yield Scene(at, clock, root, sender)


@contextlib.asynccontextmanager
async def window(at: Desk, language: Language, name: str = "van.hanh") -> AsyncIterator[Window]:
    """Open a browser on the first page, signed in."""
    async with at.browser() as browser:
        made = Window(browser, language)
        await made.sign_in(name)
        await made.tab("today")
        yield made


async def see_in_the_ledger(at: Desk, language: Language, reason: str) -> None:
    """Look as the auditor whether the ledger has who did it, and why."""
    async with window(at, language, "kiem.toan") as seen:
        await seen.tab("audit")
        assert any("van.hanh" in text_of(row) for row in seen.rows(reason)), seen.says


def told_by(seen: Window, reason: str) -> list[str]:
    """Return what the timeline of the document's page says of an order with this reason."""
    lines = [text_of(each) for each in seen.within("timeline").iter("li")]
    return [line for line in lines if reason in line and "van.hanh" in line]


# --- an endpoint is down for an hour ------------------------------------------------------------------------------


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as made:
        yield made


async def test_an_endpoint_that_is_down_is_found_and_all_that_it_stopped_goes_on(
    tmp_path: Path, sqlite_template: Path, far: FarSide, language: Language
) -> None:
    async with scene(tmp_path, sqlite_template, running=True) as at:
        await at.at.box.connect("xa-hai-son-thu", PUSHED, address=far.address, polls=False)
        sent = [await at.hand_in(package(sender=SENDER, to=[PUSHED])) for _ in range(4)]
        async with window(at.at, language) as seen:
            retry = seen.words(STATES[DeliveryState.WAITING_FOR_RETRY])
            await seen.until(lambda: HAI_SON in text_of(seen.within("where_waits")))
            await seen.until(lambda: seen.rows(HAI_SON, retry))
        at.clock.advance(minutes=61)  # nobody was at the desk; the session has ended
        async with window(at.at, language) as seen:
            await seen.tab("board")
            (row,) = seen.rows(PUSHED)
            assert seen.words(HEALTH[Health.FAILING]) in seen.cell(row, "connection")
            assert seen.words(NO_ANSWER) in seen.cell(row, "connection")
            assert (seen.cell(row, "untaken"), seen.cell(row, "oldest")) == ("4", seen.words(AN_HOUR))

            await seen.tab("today")
            (row,) = seen.rows(HAI_SON, retry)
            await seen.follow(row.xpath(".//a")[0])
            stuck = seen.rows(PUSHED)
            assert stuck
            assert all(seen.words(NO_ANSWER) in seen.cell(each, "state_why") for each in stuck)
            waited = stuck[0].xpath(".//a[contains(@href, '/documents/')]")[0]
            for each in stuck:
                each.xpath(".//input[@name='delivery']")[0].checked = True
            with far.up():
                await seen.press(seen.page, RELEASE)
                assert seen.words("reason_hint") in seen.says
                await seen.press(seen.page.xpath("//main")[0], RELEASE, reason="đường truyền đã thông")
                assert len(seen.page.xpath("//main//li//*[@class='come done']")) == len(stuck)

                await seen.tab("today")
                await seen.until(lambda: not seen.rows(HAI_SON))
        async with window(at.at, language) as seen:
            await seen.tab("board")
            assert seen.rows(PUSHED) == [] or seen.cell(seen.rows(PUSHED)[0], "untaken") == "0"
            await seen.follow(waited)
            assert seen.words(STATES[DeliveryState.DELIVERED]) in text_of(seen.within("addressees"))
            assert told_by(seen, "đường truyền đã thông")
            assert seen.words(NO_ANSWER) in text_of(seen.within("timeline")), "the first error is still seen"
        await see_in_the_ledger(at.at, language, "đường truyền đã thông")

    assert sorted(far.taken) == sorted(each.deliveries[0].id for each in sent), "each of them, once"


# --- a code that is no more -----------------------------------------------------------------------------------------


def choices(seen: Window) -> dict[str, str]:
    """Return what the drop-down of the page offers: code and words."""
    options: list[HtmlElement] = seen.page.xpath("//select[@name='to']/option")
    return {each.get("value"): text_of(each) for each in options}


async def test_a_code_that_is_no_more_is_held_found_and_put_right(
    tmp_path: Path, sqlite_template: Path, language: Language
) -> None:
    async with scene(tmp_path, sqlite_template) as at:
        sent = await at.hand_in(package(sender=SENDER, to=[SPLIT]))
        async with window(at.at, language) as seen:
            (item,) = [each for each in seen.within("stuck_why").iter("li") if SPLIT in text_of(each)]
            await seen.follow(item.xpath(".//a")[0])
            addressees = seen.within("addressees")
            assert seen.words(STATES[DeliveryState.HELD]) in text_of(addressees)
            assert all(code in text_of(addressees) for code in (SPLIT, POLLS, UNCONNECTED))

            await seen.press(addressees, RELEASE)
            (chosen,) = [code for code, words in choices(seen).items() if "UBND xã Bình Thử" in words]
            await seen.press(seen.page.xpath("//main")[0], RELEASE, to=chosen, reason="xã tiếp nhận hồ sơ")
            await seen.follow(seen.page.xpath("//main//li//a")[0])
            assert seen.words(STATES[DeliveryState.HELD]) not in text_of(seen.within("addressees"))
            (line,) = told_by(seen, "xã tiếp nhận hồ sơ")
            assert POLLS in line
        await see_in_the_ledger(at.at, language, "xã tiếp nhận hồ sơ")

        assert await at.inbox() == [sent.message.id]


async def test_the_successors_of_a_split_code_are_a_drop_down_and_only_a_connected_one_can_take_it(
    tmp_path: Path, sqlite_template: Path, language: Language
) -> None:
    async with scene(tmp_path, sqlite_template) as at:
        await at.hand_in(package(sender=SENDER, to=[SPLIT]))
        await at.hand_in(package(sender=SENDER, to=[SPLIT]))
        async with window(at.at, language) as seen:
            await seen.tab("stuck")
            held = seen.rows(SPLIT)
            assert len(held) == 2
            address = held[0].xpath(".//a")[0]
            for each in held:
                each.xpath(".//input[@name='delivery']")[0].checked = True
            await seen.press(seen.page, RELEASE)
            assert choices(seen) == {}, "of several at once nobody is chosen from a list"

            await seen.follow(address)
            await seen.press(seen.within("addressees"), RELEASE)
            offered = choices(seen)
            assert seen.words("choose_below") in seen.says
            assert "--to" not in seen.says, "nobody at this page has a command line"
            assert list(offered) == ["", POLLS, UNCONNECTED]
            assert "UBND xã Bình Thử" in offered[POLLS]
            assert "UBND xã An Thử" in offered[UNCONNECTED]

            await seen.press(
                seen.page.xpath("//main")[0], RELEASE, to=UNCONNECTED, reason="thử xã chưa kết nối"
            )
            assert seen.words("result_impossible") in seen.says
            await seen.follow(address)
            assert seen.words(STATES[DeliveryState.HELD]) in text_of(seen.within("addressees"))
        assert await at.inbox() == []


# --- certificates and changed packages ------------------------------------------------------------------------------


async def test_a_certificate_that_has_expired_is_named_as_the_reason(
    tmp_path: Path, sqlite_template: Path, language: Language
) -> None:
    content = package(sender=SENDER, to=[POLLS])
    async with scene(tmp_path, sqlite_template, signatures=SignatureRule.REQUIRE) as at:
        with pytest.raises(Refusal):
            await at.hand_in(sign(content, renewed(at.root, expired=True)))
        async with window(at.at, language) as seen:
            (item,) = seen.within("last_refusals").iter("li")
            await seen.follow(item.xpath(".//a")[0])
            explained = text_of(seen.within("refused"))
            assert SENDER in explained
            assert "so-thu" in explained
            assert seen.words(EXPIRED) in explained
            assert "→" in explained, "what to do next"

        sent = await at.hand_in(sign(content, renewed(at.root, expired=False)))
        assert await at.inbox() == [sent.message.id]


async def test_a_certificate_that_has_expired_is_told_of_a_package_that_went_out(
    tmp_path: Path, sqlite_template: Path, language: Language
) -> None:
    async with scene(tmp_path, sqlite_template, signatures=SignatureRule.REPORT) as at:
        sent = await at.hand_in(
            sign(package(sender=SENDER, to=[POLLS], subject="V/v chứng thư"), renewed(at.root, expired=True))
        )
        async with window(at.at, language) as seen:
            await seen.tab("documents")
            (row,) = seen.rows("V/v chứng thư")
            await seen.follow(row.xpath(".//a")[0])
            signatures = text_of(seen.within("signatures"))
            assert seen.words("outcome_undetermined") in signatures
            assert seen.words(EXPIRED) in signatures
        assert await at.inbox() == [sent.message.id]


async def test_a_package_that_was_tampered_with_is_told_from_a_bad_certificate(
    tmp_path: Path, sqlite_template: Path, language: Language
) -> None:
    number = f"{SENDER},2026/11/18,77/CV-Z99"
    content = package(sender=SENDER, to=[POLLS], subject="V/v chi 100 đồng", document_id=number)
    async with scene(tmp_path, sqlite_template, signatures=SignatureRule.REQUIRE) as at:
        signed = sign(content, renewed(at.root, expired=False))
        with pytest.raises(Refusal) as refused, speaking(language):
            await at.hand_in(signed.replace(b"chi 100", b"chi 900"))
        async with window(at.at, language) as seen:
            for asked in (number, refused.value.id):  # what the department asks after, by either name
                assert asked is not None
                (form,) = seen.page.xpath("//form[@role='search']")
                await seen.fill(form, q=asked)
                explained = text_of(seen.within("refused"))
                assert number in explained
                assert seen.words(CHANGED) in explained
                assert seen.words(EXPIRED) not in explained
            await seen.tab("documents")
            assert "V/v chi" not in seen.says, "nobody was given it"
        assert await at.inbox() == []
