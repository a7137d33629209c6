"""Documents to old codes, and to codes of other hubs, through the whole journey and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hub.agencies_file import read
from hub.config import PolicySettings
from hub.destination import Successions
from hub.errors import Misconfigured, NoRoute, NotFound
from hub.model import Accepted, Delivery, DeliveryState, Endpoint
from hub.obstacle import Obstacle, Step
from hub.routes import Route
from hub.store import directory as directory_store
from hub.store import routes as route_store
from hub.testing import Box, ManualClock, eventually, hub_in_a_box, package, settings, status

OPERATOR = "operator:test"
AGENCIES = """\
code,name,level,parent,valid_from,valid_to,successors
Z99.13,Sở Nội vụ Thử Nghiệm,province,,,,
Z99.61,UBND xã Bình Thử,commune,,2025-07-01,,
Z99.62,UBND xã An Thử,commune,,2025-07-01,,
Z99.40,UBND huyện Thử Cũ,district,,,2025-07-01,Z99.61 Z99.62
Z99.41,UBND xã Thử Cũ,commune,,,2025-07-01,Z99.61
Z99.42,Phòng Thử Cũ,district,,,2025-07-01,
000.00.77.Z99 Z99.77,Sở Đổi Mã,province,,,,
"""


@asynccontextmanager
async def connected(
    folder: Path,
    successions: Successions = "forward",
    *,
    running: bool = False,
    database: str = "sqlite:///edochub.db",
) -> AsyncIterator[tuple[Box, Endpoint, Endpoint]]:
    """A hub with a department that sends and a commune that took over from others."""
    config = replace(settings(folder, database), policy=PolicySettings(successions=successions))
    async with hub_in_a_box(folder, config=config, clock=ManualClock(), running=running) as box:
        await imported(box, AGENCIES)
        sender = await box.connect("so-noi-vu", "Z99.13")
        yield box, sender, await box.connect("xa-binh-thu", "Z99.61")


async def imported(box: Box, lines: str) -> None:
    found = read(lines.encode(), box.hub.directory)
    await box.hub.store.write(lambda tx: directory_store.import_agencies(tx, found.rows, OPERATOR))
    await box.hub.refresh_directory()


async def routed(box: Box, pattern: str, endpoint: str | None) -> None:
    await box.hub.store.write(lambda tx: route_store.add(tx, Route(pattern, endpoint), OPERATOR))
    await box.hub.refresh_directory()


def shape(accepted: Accepted) -> list[tuple[str, str | None, str]]:
    return [(each.addressee, each.endpoint, str(each.state)) for each in accepted.deliveries]


def warned(accepted: Accepted) -> list[str]:
    return [finding.code for finding in accepted.message.findings if finding.code.startswith("addressee.")]


async def sent(box: Box, sender: Endpoint, *to: str) -> Accepted:
    return await box.hub.accept(sender, package(sender="Z99.13", to=to))


async def refused(box: Box, sender: Endpoint, *to: str) -> list[str]:
    with pytest.raises(NoRoute) as caught:
        await box.hub.accept(sender, package(sender="Z99.13", to=to))
    return [finding.code for finding in caught.value.findings]


# --- successions ---


async def test_a_closed_code_is_forwarded_and_the_sender_is_told_both_codes(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, commune):
        accepted = await sent(box, sender, "Z99.41")

        assert shape(accepted) == [("Z99.41", "xa-binh-thu", "available")]
        assert warned(accepted) == ["addressee.forwarded"]
        (finding,) = [each for each in accepted.message.findings if each.code == "addressee.forwarded"]
        assert "Z99.41" in finding.message.vi
        assert "Z99.61" in finding.message.vi
        assert "Z99.61" in finding.remedy.en
        (waiting,) = await box.hub.waiting(commune)
        assert waiting.delivery.addressee == "Z99.41"
        assert waiting.delivery.agency == box.hub.directory.resolve("Z99.61").agency.id  # type: ignore[union-attr]


async def test_the_ledger_keeps_to_whom_it_was_forwarded(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        accepted = await sent(box, sender, "Z99.41")
        (found,) = await box.hub.trace(accepted.message.id)
        assert found.events[0].details["deliveries"][0]["forwarded_to"] == "Z99.61"
        assert (await box.hub.verify_ledger()).broken == []


@pytest.mark.parametrize(
    ("successions", "state", "warning"),
    [("hold", "held", "addressee.successor-held"), ("forward", "available", "addressee.forwarded")],
)
async def test_the_operators_policy_decides(
    tmp_path: Path, successions: Successions, state: str, warning: str
) -> None:
    async with connected(tmp_path, successions) as (box, sender, _):
        accepted = await sent(box, sender, "Z99.41")
        assert (shape(accepted)[0][2], warned(accepted)) == (state, [warning])


async def test_a_policy_that_refuses_names_the_successors(tmp_path: Path) -> None:
    async with connected(tmp_path, "refuse") as (box, sender, _):
        assert await refused(box, sender, "Z99.41", "Z99.40") == ["addressee.closed", "addressee.closed"]


async def test_a_closed_code_without_a_successor_refuses_the_document_for_everybody(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, commune):
        assert await refused(box, sender, "Z99.61", "Z99.42", "Z99.99") == [
            "addressee.closed",
            "addressee.unknown",
        ]
        assert await box.hub.waiting(commune) == []


async def test_two_closed_communes_of_one_successor_and_itself_are_one_delivery(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        accepted = await sent(box, sender, "Z99.41", "Z99.61")
        assert shape(accepted) == [("Z99.61", "xa-binh-thu", "available")]
        assert sorted(warned(accepted)) == ["addressee.forwarded", "addressee.same-agency"]


async def test_an_old_document_to_an_old_code_is_read_as_of_its_day(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        await imported(box, AGENCIES.replace("000.00.77.Z99 Z99.77", "Z99.77"))
        await imported(box, "code,name,level,parent,valid_to\n000.00.77.Z99,Sở Đổi Mã,province,,2025-07-01\n")
        await box.connect("so-doi-ma", "Z99.77")

        old = package(sender="Z99.13", to=["000.00.77.Z99"]).replace(b"2026/11/18", b"2025/05/05")
        assert warned(await box.hub.accept(sender, old)) == []
        assert warned(await sent(box, sender, "000.00.77.Z99")) == ["addressee.code-changed"]


# --- a person decides ---


async def held(box: Box, sender: Endpoint) -> Delivery:
    (delivery,) = (await sent(box, sender, "Z99.40")).deliveries
    return delivery


async def test_a_split_agency_is_held_with_its_candidates(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        accepted = await sent(box, sender, "Z99.40")
        (delivery,) = accepted.deliveries
        assert (delivery.state, delivery.endpoint, warned(accepted)) == ("held", None, ["addressee.split"])
        assert delivery.reason is not None
        for said in (delivery.reason.vi, delivery.reason.en):
            assert "Z99.61 (UBND xã Bình Thử), Z99.62 (UBND xã An Thử)" in said


async def test_a_person_lets_it_go_to_one_of_them_and_the_ledger_knows(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, commune):
        delivery = await held(box, sender)
        with pytest.raises(Misconfigured, match=r"Z99\.61 .*, Z99\.62 ") as asked:
            await box.hub.resume(delivery.id, OPERATOR)
        assert isinstance(asked.value.message, Obstacle)
        assert asked.value.message.step is Step.CHOOSE

        resumed = await box.hub.resume(delivery.id, OPERATOR, to="Z99.61")

        assert (resumed.state, resumed.endpoint, resumed.addressee) == ("available", "xa-binh-thu", "Z99.40")
        assert [each.delivery.id for each in await box.hub.waiting(commune)] == [delivery.id]
        (found,) = await box.hub.trace(delivery.id)
        event = found.events[-1]
        assert (event.kind, event.actor, event.details["to"]) == ("delivery.resumed", OPERATOR, "Z99.61")
        assert (await box.hub.verify_ledger()).broken == []


@pytest.mark.parametrize(
    ("to", "said"),
    [("Z99.13", "not a successor of Z99.40"), ("Z99.62", "no endpoint yet"), ("nobody", "Z99.61")],
)
async def test_only_a_successor_that_is_connected_may_be_named(tmp_path: Path, to: str, said: str) -> None:
    async with connected(tmp_path) as (box, sender, _):
        delivery = await held(box, sender)
        with pytest.raises(Misconfigured) as caught:
            await box.hub.resume(delivery.id, OPERATOR, to=to)
        assert said in caught.value.message.en
        assert (await box.hub.deliveries(DeliveryState.HELD, 9))[0].id == delivery.id


async def test_an_agency_that_has_the_document_does_not_get_it_twice(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        accepted = await sent(box, sender, "Z99.40", "Z99.61")
        (split,) = [each for each in accepted.deliveries if each.addressee == "Z99.40"]
        resumed = await box.hub.resume(split.id, OPERATOR, to="Z99.61")
        assert resumed.state is DeliveryState.WITHDRAWN
        assert resumed.reason is not None
        assert "Z99.61" in resumed.reason.vi


async def test_a_succession_that_is_recorded_later_lets_a_held_delivery_go(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        delivery = await held(box, sender)
        await imported(
            box,
            "code,name,level,parent,valid_to,successors\n"
            "Z99.40,UBND huyện Thử Cũ,district,,2025-07-01,Z99.61\n",
        )
        assert (await box.hub.resume(delivery.id, OPERATOR)).endpoint == "xa-binh-thu"


async def test_connecting_an_agency_lets_go_what_needs_no_choice(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        split, (waiting,) = await held(box, sender), (await sent(box, sender, "Z99.62")).deliveries
        assert waiting.state is DeliveryState.HELD
        endpoint = await box.connect("xa-an-thu", "Z99.62", "Z99.40")
        released = await box.hub.resume_held(endpoint, OPERATOR)
        assert [each.id for each in released] == [waiting.id]
        assert [each.id for each in await box.hub.deliveries(DeliveryState.HELD, 9)] == [split.id]


async def test_every_database_keeps_successions_and_routes_alike(tmp_path: Path, database: str) -> None:
    async with connected(tmp_path, database=database) as (box, sender, commune):
        axis = await upstream(box)
        accepted = await sent(box, sender, "Z99.40", "Z99.41", "Z88.13")
        assert sorted(shape(accepted)) == [
            ("Z88.13", "truc-quoc-gia", "available"),
            ("Z99.40", None, "held"),
            ("Z99.41", "xa-binh-thu", "available"),
        ]
        (split,) = await box.hub.deliveries(DeliveryState.HELD, 9)
        assert (await box.hub.resume(split.id, OPERATOR, to="Z99.61")).state is DeliveryState.WITHDRAWN
        (routed_on,) = await box.hub.waiting(axis)
        await box.hub.take(axis, routed_on.delivery.id)
        asked = await box.hub.answer(sender, accepted.message.id, "13", "Gửi nhầm", to="Z88.13")
        assert shape(asked) == [("Z88.13", "truc-quoc-gia", "available")]
        (forwarded,) = await box.hub.waiting(commune)
        await box.hub.decline(commune, forwarded.delivery.id, "Không thuộc thẩm quyền")
        assert [each.message.status_code for each in await box.hub.waiting(sender)] == ["02"]
        assert (await box.hub.verify_ledger()).broken == []


# --- answers ---


async def test_the_successor_answers_under_its_own_code(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, commune):
        accepted = await sent(box, sender, "Z99.41")
        (waiting,) = await box.hub.waiting(commune)
        await box.hub.take(commune, waiting.delivery.id)

        answer = await box.hub.answer(commune, accepted.message.id, "03", "Đã vào sổ")

        assert (answer.message.sender, answer.message.about) == ("Z99.61", accepted.message.id)
        assert [each.message.status_code for each in await box.hub.waiting(sender)] == ["03"]


async def test_a_successor_that_declines_is_told_to_the_sender(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, commune):
        await sent(box, sender, "Z99.41")
        (waiting,) = await box.hub.waiting(commune)
        await box.hub.decline(commune, waiting.delivery.id, "Không thuộc thẩm quyền")
        assert [each.message.status_code for each in await box.hub.waiting(sender)] == ["02"]


async def test_a_document_that_was_forwarded_is_asked_back_from_who_has_it(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, commune):
        accepted = await sent(box, sender, "Z99.41")
        (waiting,) = await box.hub.waiting(commune)
        await box.hub.take(commune, waiting.delivery.id)

        asked = await box.hub.answer(sender, accepted.message.id, "13", "Gửi nhầm")

        assert [(each.addressee, each.endpoint) for each in asked.deliveries] == [("Z99.41", "xa-binh-thu")]


async def test_an_answer_to_an_old_document_reaches_its_sender_under_a_closed_code(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, commune):
        accepted = await sent(box, sender, "Z99.61")
        await imported(
            box, "code,name,level,parent,valid_to\nZ99.13,Sở Nội vụ Thử Nghiệm,province,,2026-11-01\n"
        )
        answer = status(
            sender="Z99.61",
            to="Z99.13",
            document_id=accepted.message.document_id,
            code="03",
            cited=accepted.message.code,
        )
        assert shape(await box.hub.accept(commune, answer)) == [("Z99.13", "so-noi-vu", "available")]


# --- other hubs ---


async def upstream(box: Box) -> Endpoint:
    endpoint = await box.connect("truc-quoc-gia")
    await routed(box, "*", "truc-quoc-gia")
    await routed(box, "Z99.*", None)
    return endpoint


async def test_a_code_of_another_hub_goes_there_and_typing_slips_stay_here(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        axis = await upstream(box)
        accepted = await sent(box, sender, "Z88.13", "Z99.61", "000.00.13.Z88")
        assert shape(accepted) == [
            ("Z88.13", "truc-quoc-gia", "available"),
            ("Z99.61", "xa-binh-thu", "available"),
            ("000.00.13.Z88", "truc-quoc-gia", "available"),
        ]
        assert len(await box.hub.waiting(axis)) == 2
        assert (await box.hub.accepted(accepted.message.id, axis)).message.id == accepted.message.id
        assert await refused(box, sender, "Z99.16") == ["addressee.unknown"]


async def test_what_the_next_hub_refuses_is_told_to_the_sender(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        axis = await upstream(box)
        accepted = await sent(box, sender, "Z88.13")
        await box.hub.decline(axis, accepted.deliveries[0].id, "Không biết nơi nhận")
        (told,) = await box.hub.waiting(sender)
        assert (told.message.status_code, told.message.sender) == ("02", "Z88.13")
        assert told.message.about == accepted.message.id


async def test_a_document_for_another_hub_is_asked_back_there(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        axis = await upstream(box)
        accepted = await sent(box, sender, "Z88.13")
        await box.hub.take(axis, accepted.deliveries[0].id)
        asked = await box.hub.answer(sender, accepted.message.id, "13", "Gửi nhầm")
        assert shape(asked) == [("Z88.13", "truc-quoc-gia", "available")]


async def test_an_agency_that_joins_later_may_answer_what_went_to_its_code(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        await upstream(box)
        accepted = await sent(box, sender, "Z88.13")
        joined = await box.connect("tinh-88", "Z88.13")
        answer = status(
            sender="Z88.13",
            to="Z99.13",
            document_id=accepted.message.document_id,
            code="03",
            cited=accepted.message.code,
        )
        assert (await box.hub.accept(joined, answer)).message.about == accepted.message.id


async def test_what_came_from_a_hub_is_not_sent_back_to_it(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, _, commune):
        await box.connect("truc-tinh-88", "Z88.13")
        await routed(box, "Z88.*", "truc-tinh-88")
        hub = await box.hub.endpoint("truc-tinh-88")
        accepted = await box.hub.accept(hub, package(sender="Z88.13", to=["Z88.61", "Z99.61"]))
        assert shape(accepted) == [("Z99.61", "xa-binh-thu", "available")]
        assert warned(accepted) == ["addressee.at-sender"]
        assert len(await box.hub.waiting(commune)) == 1
        with pytest.raises(NoRoute) as caught:
            await box.hub.accept(hub, package(sender="Z88.13", to=["Z88.62"]))
        assert [finding.code for finding in caught.value.findings] == ["addressee.returns"]


async def test_a_new_route_lets_go_what_was_held(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, sender, _):
        (waiting,) = (await sent(box, sender, "Z99.62")).deliveries
        assert waiting.state is DeliveryState.HELD
        await box.connect("truc-xa")
        await routed(box, "*.Z99", "truc-xa")
        assert [each.endpoint for each in await box.hub.resume_held(None, OPERATOR)] == ["truc-xa"]


async def test_a_delivery_by_a_route_that_stopped_can_be_resumed(tmp_path: Path) -> None:
    async with connected(tmp_path, running=True) as (box, sender, _):
        await box.connect("truc-hong", adapter="folder", address=str(tmp_path / "nowhere"), polls=False)
        await routed(box, "*", "truc-hong")
        accepted = await sent(box, sender, "Z88.13")

        async def stopped() -> bool:
            return (await now(box, accepted)).state in {
                DeliveryState.SUSPENDED,
                DeliveryState.WAITING_FOR_RETRY,
            }

        await eventually(stopped)
        assert (await box.hub.resume(accepted.deliveries[0].id, OPERATOR)).endpoint == "truc-hong"


async def now(box: Box, accepted: Accepted) -> Delivery:
    (delivery,) = (await box.hub.accepted(accepted.message.id)).deliveries
    return delivery


# --- the table of routes ---


async def test_a_route_is_added_once_and_never_led_elsewhere_by_accident(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, _, _):
        await upstream(box)
        version = box.hub.directory.version
        await routed(box, " * ", "truc-quoc-gia")
        assert box.hub.directory.version == version
        for pattern, to, said in (
            ("*.Z99", "truc-quoc-gia", "remove that one first"),
            ("Z77.*", "nowhere", "no endpoint"),
            ("Z7*", "truc-quoc-gia", "not a pattern"),
        ):
            with pytest.raises(Misconfigured) as caught:
                await routed(box, pattern, to)
            assert said in caught.value.message.en
        assert [each.pattern for each in box.hub.directory.routes] == ["*", "Z99.*"]


async def test_a_route_is_removed_in_either_notation(tmp_path: Path) -> None:
    async with connected(tmp_path) as (box, _, _):
        await upstream(box)
        await box.hub.store.write(lambda tx: route_store.remove(tx, "*.Z99", OPERATOR))
        await box.hub.refresh_directory()
        assert [each.pattern for each in box.hub.directory.routes] == ["*"]
        with pytest.raises(NotFound, match="Z99"):
            await box.hub.store.write(lambda tx: route_store.remove(tx, "Z99.*", OPERATOR))
        assert await kinds(box) == [
            "directory.route-added",
            "directory.route-added",
            "directory.route-removed",
        ]


async def kinds(box: Box) -> Sequence[str]:
    import sqlalchemy as sa

    from hub.store.tables import events

    found = await box.hub.store.read(
        lambda connection: connection.scalars(sa.select(events.c.kind).order_by(events.c.seq)).all()
    )
    return [kind for kind in found if "route" in kind]
