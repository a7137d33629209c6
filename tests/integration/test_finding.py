"""Documents are found by what people remember of them, on each database, newest first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub import finding, indexing
from hub.config import StorageSettings
from hub.errors import NotFound
from hub.finding import Criteria, Page
from hub.model import Accepted, DeliveryState
from hub.store import search as store
from hub.store import search_filling
from hub.store.tables import search_documents, search_words
from hub.testing import Box, ManualClock, eventually, hub_in_a_box, package, settings, status
from schemas.edxml.envelope import PackageKind

SENDER, OTHER, TO, ALSO = "H49.13", "H49.21", "H49.61", "H49.62"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()  # Friday 2026-11-20, nine in the morning in Vietnam


@pytest.fixture
async def box(tmp_path: Path, database: str, clock: ManualClock) -> AsyncIterator[Box]:
    config = replace(settings(tmp_path), storage=StorageSettings(database=database))
    async with hub_in_a_box(tmp_path, config=config, clock=clock) as made:
        for code in (SENDER, OTHER, TO, ALSO):
            await made.connect(f"system-{code}", code)
        yield made


async def hand_in(box: Box, subject: str, *, sender: str = SENDER, **options: Any) -> Accepted:
    content = package(sender=sender, subject=subject, **options)
    return await box.hub.accept(await box.hub.endpoint(f"system-{sender}"), content)


async def search(box: Box, after: int | None = None, limit: int = 50, **known: Any) -> Page:
    await box.hub.indexing.catch_up(100_000)
    return await box.hub.search(Criteria(**known), after=after, limit=limit)


async def subjects(box: Box, **known: Any) -> list[str]:
    return [each.subject for each in (await search(box, **known)).found]


async def test_words_are_found_by_their_beginnings_with_or_without_diacritics(box: Box) -> None:
    await hand_in(box, "Triển khai xây dựng cầu Bãi Cháy")
    await hand_in(box, "Xây lắp trường học năm 2026")
    for words in ("xay dung", "XÂY DỰNG", "dựng triể", "chay cau"):
        assert await subjects(box, words=words) == ["Triển khai xây dựng cầu Bãi Cháy"], words
    assert len(await subjects(box, words="xây")) == 2
    assert await subjects(box, words="xa") == [], "two letters are meant whole"
    assert await subjects(box, words="202") == [], "a number is meant whole"
    assert await subjects(box, words="2026") == ["Xây lắp trường học năm 2026"]
    assert await subjects(box, words="xây thủy") == []


async def test_all_beginnings_of_a_question_together_mean_no_more_words_than_one_may(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hand_in(box, "Thanh thanhb thanhc thanhd cầu cầub cầuc")
    asked, limits = store.beginning, []

    def counted(connection: sa.Connection, term: str, limit: int) -> list[str]:
        limits.append(limit)
        return asked(connection, term, limit)

    monkeypatch.setattr(finding, "MOST_WORDS", 5)
    monkeypatch.setattr(store, "beginning", counted)
    assert len(await subjects(box, words="thanh cau thanhd")) == 1
    assert limits == [5, 1, 1]


async def test_the_newest_come_first_and_a_page_says_where_to_go_on(box: Box) -> None:
    for number in range(7):
        await hand_in(box, f"Kế hoạch số {number}")
    page = await search(box, words="ke hoach", limit=3)
    assert [each.subject[-1] for each in page.found] == ["6", "5", "4"]
    assert page.whole
    rest = await search(box, words="ke hoach", limit=3, after=page.after)
    assert [each.subject[-1] for each in rest.found] == ["3", "2", "1"]
    last = await search(box, words="ke hoach", limit=3, after=rest.after)
    assert ([each.subject[-1] for each in last.found], last.after) == (["0"], None)
    assert (last.read, last.head) == (page.head, page.head)


async def test_number_notation_agencies_kind_and_day_can_be_combined(box: Box) -> None:
    first = await hand_in(box, "Một", document_id="A,1")
    second = await hand_in(box, "Hai", sender=OTHER, to=(TO, ALSO), document_id="B,2")
    await hand_in(
        box, "Hai sửa", sender=OTHER, to=(TO,), kind=PackageKind.UPDATE, about="B,2", document_id="B,2"
    )
    number, _, notation = first.message.code.partition("/")
    assert await subjects(box, number=first.message.code.lower()) == ["Một"]
    assert await subjects(box, number=f"0{number}/") == ["Một"]
    assert await subjects(box, number=number) == ["Một"]
    assert await subjects(box, words=f"một {first.message.code}") == ["Một"]
    assert await subjects(box, number=notation[:5], sender=SENDER) == ["Một"]
    assert await subjects(box, sender=OTHER) == ["Hai sửa", "Hai"]
    assert await subjects(box, sender=OTHER, kind=PackageKind.NEW) == ["Hai"]
    assert await subjects(box, addressee=ALSO) == ["Hai"]
    assert await subjects(box, sender=f"co quan {OTHER}", addressee=ALSO) == ["Hai"]
    assert await subjects(box, sender=SENDER, addressee=ALSO) == []
    assert await subjects(box, document_id="B,2") == ["Hai sửa", "Hai"]
    assert await subjects(box, document_id="B,2", kind=PackageKind.UPDATE) == ["Hai sửa"]
    assert await subjects(box, dated=date(2026, 11, 18)) == ["Hai sửa", "Hai", "Một"]
    assert await subjects(box, dated=date(2026, 11, 19)) == []
    (found,) = (await search(box, document_id="B,2", kind=PackageKind.NEW)).found
    assert (found.id, found.to, found.states) == (second.message.id, TO, {DeliveryState.AVAILABLE: 2})
    with pytest.raises(NotFound):
        await search(box, sender="không có ai")


async def test_days_are_those_of_vietnam(box: Box, clock: ManualClock) -> None:
    clock.now = clock.now.replace(hour=16, minute=59)  # 23:59 in Vietnam
    await hand_in(box, "Hôm trước")
    clock.advance(minutes=2)
    await hand_in(box, "Hôm sau")
    day = date(2026, 11, 20)
    assert await subjects(box, until=day) == ["Hôm trước"]
    assert await subjects(box, since=day + timedelta(days=1)) == ["Hôm sau"]
    assert await subjects(box, since=day, until=day + timedelta(days=1)) == ["Hôm sau", "Hôm trước"]
    assert await subjects(box, since=day + timedelta(days=5)) == []


async def test_a_state_is_that_of_today(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    await hand_in(box, "Lấy về")
    await hand_in(box, "Từ chối", to=(TO, ALSO))
    await hand_in(box, "Để đó")
    holder = await box.hub.endpoint(f"system-{TO}")
    by_subject = {each.message.subject: each.delivery.id for each in await box.hub.waiting(holder)}
    assert await subjects(box, state=DeliveryState.REFUSED) == []
    await box.hub.take(holder, by_subject["Lấy về"])
    await box.hub.decline(holder, by_subject["Từ chối"], "Nhầm nơi nhận")
    for most in (0, finding.MOST_OPEN):  # from the newest document, and from the deliveries
        monkeypatch.setattr(finding, "MOST_OPEN", most)
        assert await subjects(box, state=DeliveryState.AVAILABLE) == ["Để đó", "Từ chối"]
        assert await subjects(box, state=DeliveryState.AVAILABLE, addressee=TO) == ["Để đó"]
        assert await subjects(box, state=DeliveryState.AVAILABLE, words="từ") == ["Từ chối"]
    assert await subjects(box, state=DeliveryState.DELIVERED) == ["Lấy về"]
    assert await subjects(box, state=DeliveryState.REFUSED) == ["Từ chối"]
    assert await subjects(box, state=DeliveryState.REFUSED, words="lấy") == []


async def test_answers_are_not_found_beside_their_documents(box: Box) -> None:
    accepted = await hand_in(box, "Văn bản")
    said = status(sender=TO, to=SENDER, document_id=accepted.message.document_id, code="01")
    await box.hub.accept(await box.hub.endpoint(f"system-{TO}"), said)
    assert await subjects(box) == ["Văn bản"]


async def test_who_gets_a_held_document_is_found_by_it(box: Box) -> None:
    await box.add_agencies("H49.70")
    await hand_in(box, "Tạm giữ", to=("H49.70",))
    assert await subjects(box, state=DeliveryState.HELD) == ["Tạm giữ"]
    await box.connect("system-H49.70", "H49.70")
    await box.hub.resume_held(None, "operator:test")
    assert await subjects(box, addressee="H49.70") == ["Tạm giữ"]
    assert await subjects(box, state=DeliveryState.HELD) == []
    assert (
        await box.hub.store.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(search_documents)))
        == 1
    )


async def test_two_who_read_at_once_write_once(box: Box) -> None:
    await hand_in(box, "Một lần")
    batch = await box.hub.store.read(indexing.look)
    moved = (batch.before, batch.after)
    wrote = [
        await box.hub.store.write(
            lambda tx: search_filling.write(tx, batch.read, (), (), {"wmot"}, moved), "index"
        )
        for _ in range(2)
    ]
    assert wrote == [True, False]
    assert await subjects(box, words="mot") == ["Một lần"]
    assert (
        await box.hub.store.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(search_words)))
        == 1
    )


async def test_a_running_hub_reads_on_by_itself(box: Box) -> None:
    async with box.hub.running():
        await hand_in(box, "Tự đọc")

        async def found() -> bool:
            return bool((await box.hub.search(Criteria(words="tự"))).found)

        await eventually(found)


async def test_a_full_block_is_asked_in_its_parts(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.finding_terms.BLOCK_BITS", (1, 2, 4, 6))
    monkeypatch.setattr(store, "BLOCK_BITS", (1, 2, 4, 6))
    monkeypatch.setattr(store, "TOO_MANY", 3)
    for number in range(30):
        await hand_in(box, f"Việc {number}" + (" hiếm" if number == 3 else ""))
    assert [each.split()[1] for each in await subjects(box, words="việc")] == [
        str(n) for n in range(29, -1, -1)
    ]
    assert await subjects(box, words="hiem") == ["Việc 3 hiếm"]
    page = await search(box, words="viec", limit=10)
    assert [each.subject for each in (await search(box, words="viec", after=page.after, limit=2)).found] == [
        "Việc 19",
        "Việc 18",
    ]


async def test_a_search_that_takes_too_long_says_where_to_go_on(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr(finding, "STEP", 1)
    for number in range(4):
        await hand_in(box, f"Việc {number}")
    page = await search(box, state=DeliveryState.DELIVERED)
    assert (page.found, page.whole) == ((), False)
    assert page.after is not None
    rest = await search(box, state=DeliveryState.DELIVERED, after=page.after)
    assert rest.after != page.after
