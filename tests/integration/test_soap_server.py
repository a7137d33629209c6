"""The eDoc hub's operations on a real server: two systems, and all that they may do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from adapters.soap import numbers
from hub.model import DeliveryState
from hub.testing import PDF, Box, hub_in_a_box, package, settings, status
from schemas import xml
from schemas.edxml.attachments import attachments
from tests.unit.adapters.soap.client import System, envelope, key, manifest, message_header, related
from tests.unit.adapters.vxp.ground import serving

A, B, C = "H49.13", "H49.61", "H49.62"
FILES = {"tep1@xa": ("công văn.pdf", PDF)}


@dataclass
class Ground:
    box: Box
    http: httpx.AsyncClient
    a: System
    b: System


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    async with hub_in_a_box(folder, config=settings(folder), running=True) as box:
        await box.connect("so", A, adapter="soap")
        await box.connect("xa", B, C, adapter="soap")
        async with serving(box) as url, httpx.AsyncClient(base_url=url, timeout=120) as http:
            systems = System(http, A, box.secrets["so"]), System(http, B, box.secrets["xa"])
            yield Ground(box, http, *systems)


async def arrived(system: System) -> list[str]:
    async with asyncio.timeout(60):
        while not (found := await system.pending()):
            await asyncio.sleep(0.02)
    return found


async def traced(system: System, since: str = "") -> list[str]:
    async with asyncio.timeout(60):
        while not (found := (await system.traces(since)).texts("StatusCode")):
            await asyncio.sleep(0.02)
    return found


async def test_a_document_goes_across_and_its_answers_come_back(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        sent = await at.a.send([B], FILES)
        assert sent.ok, sent.codes
        assert len(sent.texts("DocumentId")) == 1
        (number,) = await arrived(at.b)
        assert 0 < int(number) < 2**63
        got = await at.b.get(number)
        assert got.texts("Subject") == ["V/v thử"]
        assert got.texts("OrganId")[:2] == [A, B]
        assert got.texts("AttachmentName") == ["công văn.pdf"]
        (reference,) = got.body
        assert list(got.files.values()) == [PDF]
        assert reference.get("{http://www.w3.org/1999/xlink}href") == f"cid:{next(iter(got.files))}"
        assert await at.b.pending() == [number], "fetching changes nothing"
        assert (await at.b.confirm(number)).ok
        assert await at.b.pending() == []
        assert await traced(at.a) == ["01"]
        assert (await at.b.confirm(number)).ok, "said again"
        assert (await at.b.update(A, f"{A},2026/11/18,12/CV-SO", "3")).ok
        assert await traced(at.a) == ["03"]


async def test_what_enters_the_hub_is_a_package_of_the_standard(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.a.send([B], FILES)
        (number,) = await arrived(at.b)
        (waiting,) = await at.box.hub.waiting(await at.box.hub.endpoint("xa"))
        assert str(numbers.number_of(waiting.delivery.id)) == number
        parcel = await at.box.hub.fetch(None, waiting.delivery.id)
        assert b"http://www.mic.gov.vn/TBT/QCVN_102_2016" in parcel.content
        assert b"e-doc.vn" not in parcel.content
        assert at.a.token.encode() not in parcel.content
        assert [each.payload() for each in attachments(xml.parse(parcel.content))] == [PDF]


async def test_sending_twice_is_one_document(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        first, second = [await at.a.send([B], FILES) for _ in range(2)]
        assert first.texts("DocumentId") == second.texts("DocumentId")
        await arrived(at.b)
        assert len(await at.b.pending()) == 1


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)),
        b"\r\n--MIMEBoundary\r\n",
        b"\n\n",
        b"--MIMEBoundary_1x\r\n",
        bytes(range(256)) * 12_000,
    ],
)
async def test_files_come_out_as_they_went_in(tmp_path: Path, content: bytes) -> None:
    async with ground(tmp_path) as at:
        sent = await at.a.send([B], {"1": ("a.dat", content), "2": ("b.pdf", PDF)})
        assert sent.ok, sent.codes
        (number,) = await arrived(at.b)
        assert list((await at.b.get(number)).files.values()) == [content, PDF]


async def test_a_package_from_elsewhere_can_be_fetched(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        rest = await at.box.connect("so-khac", "H49.14")
        await at.box.hub.accept(rest, package(sender="H49.14", to=[B], subject="a < b & c"))
        (number,) = await arrived(at.b)
        got = await at.b.get(number, tag="documentid")
        assert got.texts("Subject") == ["a < b & c"]
        assert list(got.files.values()) == [PDF]


async def test_answers_are_given_out_once_and_again_when_asked_with_a_time(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.a.send([B], FILES)
        (number,) = await arrived(at.b)
        await at.b.update(A, number, "03", tag="TimeStamp")
        assert await traced(at.a, "2026/01/01 00:00:00") == ["03"]
        assert await traced(at.a) == ["03"]
        assert (await at.a.traces()).texts("StatusCode") == []
        again = await at.a.traces("2026/01/01 00:00:00")
        assert again.texts("StatusCode") == ["03"]
        assert again.texts("DocumentId") == [f"{A},2026/11/18,12/CV-SO"], (
            "our number became the document's own id"
        )
        assert (await at.a.traces("2999/01/01 00:00:00")).texts("StatusCode") == []
        assert not (await at.a.traces("hôm qua")).ok


async def test_each_agency_of_a_system_sees_its_own(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        other = System(at.http, C, at.b.token)
        assert (await at.a.send([C], FILES)).ok
        (number,) = await arrived(other)
        assert await at.b.pending() == []
        assert (await at.b.get(number)).codes == ["M.DocumentId"]
        assert (await at.b.confirm(number)).codes == ["M.DocumentId"]
        assert (await other.get(number)).files


async def test_who_does_not_prove_it_gets_nothing(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.box.connect("khac", "H49.70")  # not of this adapter
        strangers = [
            System(at.http, A, "wrong"),
            System(at.http, A, ""),
            System(at.http, A, at.b.token),
            System(at.http, "H49.99", at.a.token),
            System(at.http, "", at.a.token),
            System(at.http, "H49.70", at.box.secrets["khac"]),
        ]
        for stranger in strangers:
            for reply in (
                await stranger.send([B], FILES),
                await stranger.ask("GetPendingDocumentIds", wrapper="GetPendingDocumentIdsRequest"),
                await stranger.get("1"),
                await stranger.confirm("1"),
                await stranger.update(A, "1", "03"),
                await stranger.traces(),
                await stranger.ask("GetOrganizations"),
            ):
                assert reply.texts("IsSuccess") == ["false"]
                assert reply.codes == ["Permission"]
        assert await at.box.hub.waiting(await at.box.hub.endpoint("xa")) == []


async def test_permission_and_organizations(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        words = f"<CheckPermission><OrganId>{A}</OrganId><Token>{at.a.token}</Token></CheckPermission>"
        assert (await at.a.call("CheckPermission", envelope(words, ""))).ok
        assert (await at.a.call('"CheckPermission"', envelope(words.replace(A, B), ""))).codes == [
            "Permission"
        ]
        listed = (await at.a.ask("GetOrganizations")).texts("OrganId")
        assert sorted(listed) == [A, B, C]


async def test_the_hubs_refusal_is_a_report_with_its_findings(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        unknown = await at.a.send(["H49.99"], FILES)
        assert "addressee.unknown" in unknown.codes
        assert "refusal" in unknown.codes
        foreign = await at.a.send([B], FILES, header=message_header(B, [C]))
        assert foreign.codes[0] == "Permission"
        empty = await at.a.send([B], FILES, header=message_header(A, [B], subject=" "))
        assert not empty.ok
        assert all(" / " in words for words in empty.texts("Description")[:-1])
        assert await at.b.pending() == []


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("<edXML:Secrecy>Mật</edXML:Secrecy>", "Secrecy"),
        ("<edXML:DueDate>31/12/2026</edXML:DueDate>", "31/12/2026"),
        ("<edXML:OtherInfo><edXML:Priority>9</edXML:Priority></edXML:OtherInfo>", "Priority"),
        ('<x:A xmlns:x="urn:x">1</x:A>', "“1”"),
    ],
)
async def test_what_cannot_be_carried_over_is_refused_by_name(tmp_path: Path, more: str, named: str) -> None:
    async with ground(tmp_path) as at:
        reply = await at.a.send([B], FILES, header=message_header(A, [B], more=more))
        assert reply.codes == ["soap.not-carried", "refusal"]
        assert named in reply.texts("Description")[0]


async def test_files_and_manifest_have_to_agree(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        head = message_header(A, [B]) + key(A, at.a.token)
        body, kind = related(envelope(head, manifest({"1": "a.pdf", "2": "b.pdf"})), {"1": PDF})
        assert (await at.a.call("SendDocument", body, kind)).codes[0] == "soap.incomplete"
        body, kind = related(envelope(head, manifest({"1": "a.pdf"})), {"1": PDF, "2": PDF})
        assert (await at.a.call("SendDocument", body, kind)).codes[0] == "soap.incomplete"
        signed = head.replace(
            "<edXML:KeyInfo>", "<edXML:SignatureValue>x</edXML:SignatureValue><edXML:KeyInfo>"
        )
        body, kind = related(envelope(signed, manifest({"1": "a.pdf"})), {"1": PDF})
        assert (await at.a.call("SendDocument", body, kind)).codes[0] == "soap.not-carried"


async def test_whatever_is_no_call_is_answered_with_a_report(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        good, kind = related(envelope("", ""), {})
        for action, body, content_type in (
            ("Nothing", good, kind),
            ("", good, kind),
            ("GetDocument", b"", "text/xml"),
            ("GetDocument", b"<a/>", "text/xml"),
            ("GetDocument", b"not xml", "text/xml"),
            ("GetDocument", envelope("", "", soap="urn:other"), "text/xml"),
            ("GetDocument", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "text/xml"),
            ("GetDocument", good[:-20], kind),
            ("GetDocument", good, "multipart/related"),
            ("GetDocument", b"x" * 1_100_000, "text/xml"),
            ("SendDocument", good, kind),
        ):
            reply = await at.a.call(action, body, content_type)
            assert reply.texts("IsSuccess") == ["false"], (action, body[:40])
        assert (await at.http.get("/soap/eDoc")).status_code == 200


async def test_soap_12_is_answered_in_kind(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        soap = "http://www.w3.org/2003/05/soap-envelope"
        words = f"<GetOrganizations><OrganId>{A}</OrganId><Token>{at.a.token}</Token></GetOrganizations>"
        reply = await at.a.call(
            "", envelope("", words, soap=soap), 'application/soap+xml; action="GetOrganizations"'
        )
        assert reply.root.tag == f"{{{soap}}}Envelope"
        assert len(reply.texts("Organization")) == 3


async def test_a_confirmed_document_is_delivered(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.a.send([B], FILES)
        (number,) = await arrived(at.b)
        (waiting,) = await at.box.hub.waiting(await at.box.hub.endpoint("xa"))
        await at.b.confirm(number)
        found, _ = await at.box.hub.inbox.delivery(None, waiting.delivery.id)
        assert found.state is DeliveryState.DELIVERED


async def test_a_status_from_elsewhere_is_a_trace(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        rest = await at.box.connect("xa-khac", "H49.63")
        await at.a.send(["H49.63"], FILES)
        said = status(
            sender="H49.63",
            to=A,
            document_id=f"{A},2026/11/18,12/CV-SO",
            code="02",
            cited="12/CV-SO",
            description="Sai",
        )
        await at.box.hub.accept(rest, said)
        assert await traced(at.a) == ["02"]
