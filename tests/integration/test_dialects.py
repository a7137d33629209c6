"""Status packages that the hub writes itself are written as whoever gets them reads: the samples' way, or .NET's."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.model import Accepted, Endpoint
from hub.routes import Route
from hub.store import directory as directory_store
from hub.store import routes as route_store
from hub.testing import Box, hub_in_a_box, package
from schemas.edxml import reader, writer
from schemas.edxml.elements import DIALECTS, Dialect
from schemas.edxml.strict import strictly
from schemas.xml import parse

OPERATOR = "operator:test"

# The first elements to the letter: the .NET serializer declares on the root what it never uses, and everything inside
# the envelope has the prefix.
ENVELOPE = (
    b'  <edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">\n'
    b"    <edXML:edXMLHeader>\n      <edXML:MessageHeader>\n        <edXML:From>\n"
)
BEGINNINGS: dict[Dialect, bytes] = {
    "vnpt": b'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">\n'
    + ENVELOPE,
    "dotnet": b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<edXML xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    b' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">\n'
    + ENVELOPE,
}


async def connected(box: Box, name: str, *codes: str, dialect: Dialect) -> Endpoint:
    await box.connect(name, *codes)
    return await rewritten(box, name, dialect)


async def rewritten(box: Box, name: str, dialect: Dialect) -> Endpoint:
    await box.hub.store.write(lambda tx: directory_store.set_dialect(tx, name, dialect, OPERATOR))
    return await box.hub.endpoint(name)


async def taken(box: Box, endpoint: Endpoint) -> list[bytes]:
    """Return what an endpoint has in its inbox, and take it."""
    found = []
    for each in await box.hub.waiting(endpoint):
        parcel = await box.hub.fetch(endpoint, each.delivery.id)
        found.append(parcel.content)
        await box.hub.take(endpoint, each.delivery.id)
    return found


async def sent(box: Box, sender: Endpoint, *to: str) -> Accepted:
    return await box.hub.accept(sender, package(to=to))


def check(content: bytes, code: str, dialect: Dialect) -> None:
    """Check that a status package is, byte for byte, what the writer makes in that dialect."""
    envelope = reader.read(parse(content))
    assert envelope.status is not None
    assert envelope.status.code == code
    assert content.startswith(BEGINNINGS[dialect])
    assert content == writer.write(envelope, dialect=dialect)
    assert strictly(parse(content)) == []


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_answer_is_written_as_the_senders_endpoint_reads(tmp_path: Path, dialect: Dialect) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await connected(box, "sender", "H49.13", dialect=dialect)
        other: Dialect = "vnpt" if dialect == "dotnet" else "dotnet"
        commune = await connected(box, "commune", "H49.61", dialect=other)
        document = await sent(box, sender, "H49.61")
        await taken(box, commune)

        await box.hub.answer(commune, document.message.id, "03", "Đã vào sổ")

        (content,) = await taken(box, sender)
        check(content, "03", dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_refusal_is_told_as_the_senders_endpoint_reads(tmp_path: Path, dialect: Dialect) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await connected(box, "sender", "H49.13", dialect=dialect)
        commune = await box.connect("commune", "H49.61")
        document = await sent(box, sender, "H49.61")

        await box.hub.decline(commune, document.deliveries[0].id, "Gửi nhầm nơi nhận")

        (content,) = await taken(box, sender)
        check(content, "02", dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_recall_is_written_as_the_addressees_endpoint_reads(tmp_path: Path, dialect: Dialect) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        commune = await connected(box, "commune", "H49.61", dialect=dialect)
        document = await sent(box, sender, "H49.61")
        await taken(box, commune)

        await box.hub.answer(sender, document.message.id, "13", "Gửi nhầm bản dự thảo")

        (content,) = await taken(box, commune)
        check(content, "13", dialect)


async def test_what_goes_to_the_next_hub_is_written_as_that_hub_reads(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        commune = await box.connect("commune", "H49.61")
        axis = await connected(box, "axis", "G09", dialect="dotnet")
        await box.hub.store.write(lambda tx: route_store.add(tx, Route("G22.*", "axis"), OPERATOR))
        await box.hub.refresh_directory()
        away = await box.hub.accept(commune, package(sender="H49.61", to=["G22.4"]))
        await taken(box, axis)

        await box.hub.answer(commune, away.message.id, "13", "Gửi nhầm")

        (content,) = await taken(box, axis)
        check(content, "13", "dotnet")


async def test_a_change_counts_from_the_next_answer_on(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        commune = await box.connect("commune", "H49.61")
        document = await sent(box, sender, "H49.61")
        await taken(box, commune)
        steps: list[tuple[str, Dialect]] = [("03", "vnpt"), ("05", "dotnet"), ("06", "vnpt")]
        for code, dialect in steps:
            await rewritten(box, "sender", dialect)
            await box.hub.answer(commune, document.message.id, code, "Kiểm thử")
            (content,) = await taken(box, sender)
            check(content, code, dialect)
        assert (await box.hub.verify_ledger()).broken == []


async def test_agencies_own_packages_are_never_rewritten(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        commune = await connected(box, "commune", "H49.61", dialect="dotnet")
        letter = package(to=["H49.61"])
        await box.hub.accept(sender, letter)

        assert await taken(box, commune) == [letter]
