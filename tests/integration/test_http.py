"""The REST API on a real hub: the journey, the contract held to the truth, and what only a real server shows."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jsonschema import Draft202012Validator
from starlette.applications import Starlette

from adapters.http.openapi import contract
from adapters.http.routes import mounted
from hub import web
from hub.config import Config, ServerSettings
from hub.inbox import Waiting
from hub.model import DeliveryState, utc_now
from hub.testing import Box, eventually, hub_in_a_box, package, settings
from signing import receipts
from signing.keys import KeyFolder, generate
from signing.trust import TrustStore
from tests.unit.adapters.http.farside import FarSide

MIB = 1_048_576
LONG_SECONDS, PATIENCE_SECONDS = 3_600, 60
CONTRACT = contract()


@pytest.fixture(autouse=True)
def only_the_http_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "adapter_names", lambda: ("http",))


@dataclass
class Desk:
    """A hub with a sender and an addressee, and a client of its API for each."""

    box: Box
    url: str
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def sender(self) -> httpx.AsyncClient:
        return self.clients["so-noi-vu"]

    @property
    def addressee(self) -> httpx.AsyncClient:
        return self.clients["xa-hai-son"]

    @property
    def stranger(self) -> httpx.AsyncClient:
        return self.clients["xa-khac"]

    async def sent(self, **words: Any) -> dict[str, Any]:
        answer = await self.sender.post("/api/v1/documents", content=package(**words))
        assert answer.status_code == 201, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    async def waiting(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = (await self.addressee.get("/api/v1/inbox")).json()["deliveries"]
        return listed


@asynccontextmanager
async def desk(
    folder: Path, *, served: bool = False, running: bool = False, **server: Any
) -> AsyncIterator[Desk]:
    """Open a hub; in this process alone, or served on a port of this machine."""
    config = replace(settings(folder), server=ServerSettings(**server))
    async with contextlib.AsyncExitStack() as stack:
        box = await stack.enter_async_context(hub_in_a_box(folder, config=config, running=running or served))
        await box.connect("so-noi-vu", "H49.13")
        await box.connect("xa-hai-son", "H49.61")
        await box.connect("xa-khac", "H49.62")
        url = await stack.enter_async_context(serving(box)) if served else "http://hub"
        transport = None if served else httpx.ASGITransport(web.application(box.hub))
        opened = Desk(box, url)
        for name, secret in box.secrets.items():
            headers = {"Authorization": f"Bearer {secret}"}
            client = httpx.AsyncClient(transport=transport, base_url=url, headers=headers, timeout=120)
            opened.clients[name] = await stack.enter_async_context(client)
        yield opened


@asynccontextmanager
async def serving(box: Box) -> AsyncIterator[str]:
    """Serve a hub on any free port for the length of a block."""
    ready: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(web.serve(box.hub, port=0, on_ready=ready.set_result))
    try:
        yield (await ready)[0]
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


# --- the journey ------------------------------------------------------------------------------------------------------


async def test_a_document_goes_from_sender_to_addressee_byte_for_byte(tmp_path: Path) -> None:
    content = package()
    async with desk(tmp_path) as at:
        accepted = (await at.sender.post("/api/v1/documents", content=content)).json()
        [waiting] = await at.waiting()
        assert waiting["message"] == accepted["id"]
        assert waiting["sha256"] == hashlib.sha256(content).hexdigest()
        fetched = await at.addressee.get(f"/api/v1/inbox/{waiting['id']}/document")
        assert fetched.content == content
        taken = await at.addressee.post(f"/api/v1/inbox/{waiting['id']}/ack")
        assert taken.json()["state"] == "delivered"
        assert await at.waiting() == []
        again = await at.addressee.post(f"/api/v1/inbox/{waiting['id']}/ack")
        assert (again.status_code, again.json()) == (200, taken.json())
        shown = (await at.sender.get(f"/api/v1/documents/{accepted['id']}")).json()
        assert shown["state"] == "completed"


async def test_the_same_document_again_is_the_first_one_and_is_delivered_once(tmp_path: Path) -> None:
    content = package()
    async with desk(tmp_path) as at:
        answers = await asyncio.gather(
            *(at.sender.post("/api/v1/documents", content=content) for _ in range(5))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len(await at.waiting()) == 1


async def test_a_refused_document_is_refused_with_findings_and_can_be_traced(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        refused = await at.sender.post("/api/v1/documents", content=b"<edXML/>")
        assert refused.status_code == 422
        assert refused.json()["findings"]
        traced = (await at.sender.get(f"/api/v1/documents/{refused.json()['refusal']}/trace")).json()
        assert traced["message"] == {}
        assert traced["refusal"]["error"]["code"] == refused.json()["error"]["code"]
        assert (
            await at.addressee.get(f"/api/v1/documents/{refused.json()['refusal']}/trace")
        ).status_code == 404


async def test_nobody_speaks_for_an_agency_that_is_not_theirs(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        answer = await at.addressee.post("/api/v1/documents", content=package(sender="H49.13"))
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "sender.not-allowed"
        assert await at.waiting() == []


async def test_an_endpoint_sees_only_its_own(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        accepted = await at.sent()
        [waiting] = await at.waiting()
        document, delivery = f"/api/v1/documents/{accepted['id']}", f"/api/v1/inbox/{waiting['id']}"
        named = f"/api/v1/documents/{quote(waiting['document_id'], safe='')}"
        for path in (document, f"{document}/trace", named, f"{delivery}/document"):
            assert (await at.stranger.get(path)).status_code == 404
        for path in (f"{delivery}/ack", f"{delivery}/refuse", f"{document}/statuses"):
            body = {"reason": "x"} if path.endswith("refuse") else {"code": "03"}
            assert (await at.stranger.post(path, json=body)).status_code == 404
        assert (await at.stranger.get("/api/v1/inbox")).json() == {"deliveries": []}
        assert len(await at.waiting()) == 1


async def test_a_wrong_digest_is_refused_and_the_right_one_taken(tmp_path: Path) -> None:
    content = package()
    right, wrong = (base64.b64encode(hashlib.sha256(each).digest()).decode() for each in (content, b"other"))
    async with desk(tmp_path) as at:
        headers = {"Content-Digest": f"sha-256=:{wrong}:"}
        refused = await at.sender.post("/api/v1/documents", content=content, headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "document.digest-mismatch")
        headers = {"Content-Digest": f"sha-256=:{right}:"}
        assert (
            await at.sender.post("/api/v1/documents", content=content, headers=headers)
        ).status_code == 201


async def test_an_answer_travels_back_to_the_sender(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        accepted = await at.sent()
        body = {"code": "03", "description": "Đã vào sổ văn bản đến"}
        answer = await at.addressee.post(f"/api/v1/documents/{accepted['id']}/statuses", json=body)
        assert answer.status_code == 201
        [status] = (await at.sender.get("/api/v1/inbox")).json()["deliveries"]
        assert (status["kind"], status["status"]) == ("status", "03")
        traced = (await at.sender.get(f"/api/v1/documents/{accepted['id']}/trace")).json()
        assert [each["description"] for each in traced["statuses"]] == ["Đã vào sổ văn bản đến"]


async def test_a_refused_delivery_is_told_to_the_sender(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.sent()
        [waiting] = await at.waiting()
        refused = await at.addressee.post(
            f"/api/v1/inbox/{waiting['id']}/refuse", json={"reason": "Gửi nhầm"}
        )
        assert refused.json()["state"] == "refused"
        [status] = (await at.sender.get("/api/v1/inbox")).json()["deliveries"]
        assert status["status"] == "02"
        assert (await at.addressee.post(f"/api/v1/inbox/{waiting['id']}/ack")).status_code == 422


async def test_a_long_poll_is_answered_as_soon_as_something_comes(tmp_path: Path) -> None:
    async with desk(tmp_path, served=True, longest_wait_seconds=LONG_SECONDS) as at:
        polling = asyncio.create_task(at.addressee.get(f"/api/v1/inbox?wait={LONG_SECONDS}"))
        await asyncio.sleep(0.1)
        assert not polling.done()
        accepted = await at.sent()
        answer = await asyncio.wait_for(polling, PATIENCE_SECONDS)
        assert [each["message"] for each in answer.json()["deliveries"]] == [accepted["id"]]


async def test_a_push_is_signed_and_delivered_once(tmp_path: Path) -> None:
    async with desk(tmp_path, running=True) as at:
        far = FarSide("", datetime.now(UTC).timestamp())
        await far.start()
        try:
            await at.box.connect("bo-day", "H49.70", address=far.url, polls=False)
            far.secret = at.box.secrets["bo-day"]
            content = package(to=["H49.70"])
            accepted = (await at.sender.post("/api/v1/documents", content=content)).json()

            async def delivered() -> bool:
                shown = (await at.sender.get(f"/api/v1/documents/{accepted['id']}")).json()
                [delivery] = shown["deliveries"]
                return bool(delivery["state"] == DeliveryState.DELIVERED and delivery["remote_id"])

            await eventually(delivered)
            assert list(far.kept.values()) == [content]
        finally:
            await far.stop()


# --- the contract -----------------------------------------------------------------------------------------------------


def strict(node: Any) -> Any:
    """Return a schema that allows no field that it does not name."""
    if isinstance(node, list):
        return [strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: strict(value) for key, value in node.items()}
    if "properties" in made:
        made["unevaluatedProperties"] = False
    if "allOf" in made:  # its parts name a part each
        made["unevaluatedProperties"] = False
        made["allOf"] = [
            {k: v for k, v in part.items() if k != "unevaluatedProperties"} for part in made["allOf"]
        ]
    return made


def pointed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with everything that it refers to, all strict."""
    components = {"schemas": strict(CONTRACT["components"]["schemas"])}
    # What is a part of a whole is closed by the whole.
    loose = CONTRACT["components"]["schemas"]["Delivery"]
    components["schemas"]["DeliveryPart"] = {**strict(loose)}
    components["schemas"]["DeliveryPart"].pop("unevaluatedProperties")
    traced = components["schemas"]["TracedDelivery"]
    traced["allOf"][0] = {"$ref": "#/components/schemas/DeliveryPart"}
    return {**schema, "components": components}


def operation_of(method: str, path: str) -> dict[str, Any]:
    for template, methods in CONTRACT["paths"].items():
        if re.fullmatch(template.replace("{id}", "[^/]+"), path) and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    raise AssertionError(f"the contract does not know {method} {path}")


def hold_to_the_contract(answer: httpx.Response) -> str:
    """Fail unless the answer is one that the contract publishes; return the operation and the status."""
    operation = operation_of(answer.request.method, answer.request.url.raw_path.decode().partition("?")[0])
    status = str(answer.status_code)
    assert status in operation["responses"], f"{operation['operationId']} does not publish {status}"
    published = operation["responses"][status]
    if "$ref" in published:
        published = CONTRACT["components"]["responses"][published["$ref"].rsplit("/", 1)[1]]
    for name in published.get("headers", {}):
        assert name in answer.headers, f"{operation['operationId']} {status} publishes {name}"
    content = published.get("content", {})
    if "application/json" in content:
        schema = content["application/json"]["schema"]
        Draft202012Validator(pointed(schema), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
            answer.json()
        )
    return f"{operation['operationId']} {status}"


async def test_every_operation_answers_as_the_contract_says(tmp_path: Path) -> None:
    seen: set[str] = set()
    async with desk(tmp_path, package_bytes=100_000) as at:

        async def ask(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
            answer = await client.request(method, path, **more)
            seen.add(hold_to_the_contract(answer))
            return answer

        content = package(to=["H49.61", "H49.62"])
        accepted = (await ask(at.sender, "POST", "/api/v1/documents", content=content)).json()
        await ask(at.sender, "POST", "/api/v1/documents", content=content)
        refusal = (await ask(at.sender, "POST", "/api/v1/documents", content=b"<a/>")).json()["refusal"]
        await ask(at.addressee, "POST", "/api/v1/documents", content=package())
        await ask(at.sender, "POST", "/api/v1/documents", content=b"x" * 100_001)
        await ask(at.sender, "POST", "/api/v1/documents", json={})
        await ask(at.sender, "POST", "/api/v1/documents?x=1", content=content)
        await ask(
            at.sender, "POST", "/api/v1/documents", content=content, headers={"Authorization": "Bearer x"}
        )

        [waiting] = (await ask(at.addressee, "GET", "/api/v1/inbox")).json()["deliveries"]
        await ask(at.addressee, "GET", "/api/v1/inbox?limit=0")
        delivery = f"/api/v1/inbox/{waiting['id']}"
        fetched = await ask(at.addressee, "GET", f"{delivery}/document")
        known = {"If-None-Match": fetched.headers["etag"]}
        await ask(at.addressee, "GET", f"{delivery}/document", headers=known)
        await ask(at.stranger, "GET", f"{delivery}/document")
        await ask(at.addressee, "POST", f"{delivery}/ack")
        await ask(at.stranger, "POST", f"{delivery}/ack")
        await ask(at.addressee, "POST", f"{delivery}/refuse", json={"reason": "muộn"})
        await ask(at.addressee, "POST", f"{delivery}/refuse", json={})
        [other] = (await at.stranger.get("/api/v1/inbox")).json()["deliveries"]
        await ask(at.stranger, "POST", f"/api/v1/inbox/{other['id']}/refuse", json={"reason": "Gửi nhầm"})

        document = f"/api/v1/documents/{accepted['id']}"
        await ask(
            at.addressee, "POST", f"{document}/statuses", json={"code": "03", "description": "Đã vào sổ"}
        )
        await ask(at.addressee, "POST", f"{document}/statuses", json={"code": "99"})
        await ask(at.addressee, "POST", f"{document}/statuses", json={"cod": "03"})
        await ask(at.sender, "GET", document)
        await ask(at.sender, "GET", "/api/v1/documents/none")
        await ask(at.sender, "GET", f"{document}/trace")
        await ask(at.sender, "GET", f"/api/v1/documents/{refusal}/trace")
        await ask(at.sender, "GET", "/api/v1/documents/none/trace")
        keys = at.box.hub.config.path(at.box.hub.config.keys.folder)
        KeyFolder(keys).save(generate("hub", "Trục", utc_now()), None)
        for path in (document, f"/api/v1/documents/{refusal}", f"/api/v1/deliveries/{waiting['id']}"):
            receipt = await ask(at.sender, "GET", f"{path}/receipt")
            assert receipts.verify(receipt.content, TrustStore.empty(), utc_now()).content
            await ask(at.sender, "GET", f"{path}/receipt?x=1")
        await ask(at.stranger, "GET", f"/api/v1/documents/{refusal}/receipt")
        await ask(at.sender, "GET", "/api/v1/deliveries/none/receipt")
        await ask(at.sender, "GET", "/api/v1/agencies?q=H49.61")
        await ask(at.sender, "GET", "/api/v1/openapi.json")
        await ask(at.sender, "GET", "/healthz")
        await ask(at.sender, "GET", "/readyz")
    named = {
        operation["operationId"] for methods in CONTRACT["paths"].values() for operation in methods.values()
    }
    assert {each.split()[0] for each in seen} == named
    assert {each.split()[1] for each in seen} >= {
        "200",
        "201",
        "304",
        "400",
        "401",
        "403",
        "404",
        "413",
        "415",
        "422",
    }


async def test_the_contract_that_is_served_is_the_one_that_is_tested(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        served = await httpx.AsyncClient(
            transport=httpx.ASGITransport(web.application(at.box.hub)), base_url="http://hub"
        ).get("/api/v1/openapi.json")
    assert served.json() == json.loads(json.dumps(CONTRACT))


def test_the_hubs_web_server_serves_what_the_adapter_mounts(tmp_path: Path) -> None:
    async def routes() -> set[str]:
        async with hub_in_a_box(tmp_path) as box:
            assert isinstance(web.application(box.hub), Starlette)
            return {route.path for route in mounted(box.hub).application.router.routes}

    published = {path.removeprefix("/api/v1") for path in CONTRACT["paths"] if path.startswith("/api")}
    assert {path.replace(":path", "") for path in asyncio.run(routes())} == published


# --- what only a real server shows ------------------------------------------------------------------------------------


async def raw(url: str, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send bytes to a server, and return everything that it answers until it closes."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    finally:
        writer.close()


def head(at: Desk, *fields: str) -> bytes:
    secret = at.box.secrets["so-noi-vu"]
    lines = [
        "POST /api/v1/documents HTTP/1.1",
        "Host: hub",
        f"Authorization: Bearer {secret}",
        *fields,
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("size", [0, 70_000, 2 * MIB, 5 * MIB])
async def test_small_and_large_documents_come_through_a_real_server(tmp_path: Path, size: int) -> None:
    content = package(attachment=b"%PDF-1.7\n" + bytes(range(256)) * (size // 256))
    async with desk(tmp_path, served=True) as at:
        accepted = await at.sender.post("/api/v1/documents", content=content)
        assert accepted.status_code == 201, accepted.text
        [waiting] = await at.waiting()
        assert (await at.addressee.get(f"/api/v1/inbox/{waiting['id']}/document")).content == content


async def test_a_body_without_a_length_is_taken(tmp_path: Path) -> None:
    content = package()

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 100):
            yield content[start : start + 100]

    async with desk(tmp_path, served=True) as at:
        assert (await at.sender.post("/api/v1/documents", content=parts())).status_code == 201


async def test_an_announced_size_over_the_limit_is_refused_before_the_body_is_asked_for(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, served=True, package_bytes=1_000) as at:
        answer = await raw(at.url, head(at, "Content-Length: 1001", "Expect: 100-continue"))
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"100 Continue" not in answer
    assert b"connection: close" in answer.lower()


async def test_a_client_that_asks_first_is_told_to_go_on(tmp_path: Path) -> None:
    content = package()
    async with desk(tmp_path, served=True) as at:
        fields = (f"Content-Length: {len(content)}", "Expect: 100-continue", "Connection: close")
        answer = await raw(at.url, head(at, *fields), content, pause=0.2)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201")


async def test_a_client_that_sends_far_too_much_still_reads_why(tmp_path: Path) -> None:
    async with desk(tmp_path, served=True, package_bytes=100_000) as at:
        for _ in range(3):
            answer = await at.sender.post("/api/v1/documents", content=b"x" * 8 * MIB)
            assert answer.status_code == 413
            assert answer.json()["refusal"]

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(200):
                yield b"x" * 65_536

        assert (await at.sender.post("/api/v1/documents", content=endless())).status_code == 413


async def test_a_wrong_secret_is_refused_before_the_body_is_read(tmp_path: Path) -> None:
    async with desk(tmp_path, served=True) as at:
        wrong = {"Authorization": "Bearer wrong"}
        answer = await at.sender.post("/api/v1/documents", content=b"x" * 8 * MIB, headers=wrong)
    assert answer.status_code == 401
    assert answer.headers["connection"] == "close"


async def test_a_short_refusal_keeps_the_connection(tmp_path: Path) -> None:
    async with desk(tmp_path, served=True) as at:
        wrong = {"Authorization": "Bearer wrong"}
        answer = await at.sender.post("/api/v1/documents", content=package(), headers=wrong)
    assert answer.status_code == 401
    assert "connection" not in answer.headers


async def test_a_body_that_stands_still_is_ended_in_the_same_shape(tmp_path: Path) -> None:
    async with desk(tmp_path, served=True, body_seconds=0.2) as at:
        answer = await raw(at.url, head(at, "Content-Length: 100"), b"<edXML>")
    assert answer.startswith(b"HTTP/1.1 408")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "body.too-slow"


async def test_a_client_that_leaves_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, served=True) as at:
        host, port = at.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head(at, "Content-Length: 100000") + b"<edXML>")
        await writer.drain()
        writer.close()
        await at.sent()
        assert len(await at.waiting()) == 1


async def test_a_long_poll_ends_when_its_client_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, ended = asyncio.Event(), asyncio.Event()
    async with desk(tmp_path, served=True, longest_wait_seconds=LONG_SECONDS) as at:
        waiting = at.box.hub.waiting

        async def watched(*arguments: Any, **named: Any) -> list[Waiting]:
            began.set()
            try:
                return await waiting(*arguments, **named)
            finally:
                ended.set()

        monkeypatch.setattr(at.box.hub, "waiting", watched)
        host, port = at.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        secret = at.box.secrets["xa-hai-son"]
        question = (
            f"GET /api/v1/inbox?wait={LONG_SECONDS} HTTP/1.1\r\nHost: hub\r\n"
            f"Authorization: Bearer {secret}\r\n\r\n"
        )
        writer.write(question.encode())
        await asyncio.wait_for(began.wait(), PATIENCE_SECONDS)
        assert not ended.is_set()
        writer.close()
        await asyncio.wait_for(ended.wait(), PATIENCE_SECONDS)


async def test_many_at_once_on_kept_connections(tmp_path: Path) -> None:
    async with desk(tmp_path, served=True) as at:
        packages = [package() for _ in range(40)]
        answers = await asyncio.gather(
            *(at.sender.post("/api/v1/documents", content=each) for each in packages)
        )
        assert {answer.status_code for answer in answers} == {201}
        waiting = (await at.addressee.get("/api/v1/inbox?limit=500")).json()["deliveries"]
        fetched = await asyncio.gather(
            *(at.addressee.get(f"/api/v1/inbox/{each['id']}/document") for each in waiting)
        )
        assert sorted(each.content for each in fetched) == sorted(packages)


# --- TLS --------------------------------------------------------------------------------------------------------------


def certificate(folder: Path) -> Path:
    """Write a certificate for localhost that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    (folder / "hub.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "hub.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return folder / "hub.crt"


def with_tls(folder: Path) -> Config:
    server = ServerSettings(tls_certificate=Path("hub.crt"), tls_key=Path("hub.key"))
    return replace(settings(folder), server=server)


async def test_tls_is_spoken_and_old_versions_are_not(tmp_path: Path) -> None:
    trust = ssl.create_default_context(cafile=str(certificate(tmp_path)))
    async with hub_in_a_box(tmp_path, config=with_tls(tmp_path)) as box, serving(box) as url:
        assert url.startswith("https://")
        here = url.replace("127.0.0.1", "localhost")
        async with httpx.AsyncClient(verify=trust, timeout=PATIENCE_SECONDS) as client:
            answer = await client.get(f"{here}/healthz")
        assert answer.status_code == 200
        assert "strict-transport-security" in answer.headers
        old = ssl.create_default_context(cafile=str(tmp_path / "hub.crt"))
        old.set_ciphers("ALL:@SECLEVEL=0")  # so that it is the server who says no
        with pytest.warns(DeprecationWarning, match="deprecated"):
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        async with httpx.AsyncClient(verify=old, timeout=PATIENCE_SECONDS) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(f"{here}/healthz")
