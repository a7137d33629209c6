"""The hub as a province's platform: raw requests as clients of each front make them, and our own client against it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.lgsp import LgspAdapter
from adapters.lgsp.front import Front
from adapters.vxp.axis import Refused
from hub.adapter import Surroundings
from hub.model import utc_now
from hub.testing import Box, hub_in_a_box, package, settings, status
from tests.unit.adapters.vxp.ground import serving

A, B = "H49.13", "H49.61"
FLAVOURS = {
    "quang-nam": "?flavour=quang-nam&consumer={name}",
    "lang-son": "?flavour=lang-son&user={name}&application=edoc&systemid={name}",
}
each_flavour = pytest.mark.parametrize("flavour", list(FLAVOURS))


@dataclass
class Ground:
    box: Box
    url: str
    flavour: str
    http: httpx.AsyncClient

    @property
    def base(self) -> str:
        return f"{self.url}/lgsp/{self.flavour}"

    def front(self, name: str, secret: str | None = None) -> Front:
        """Return our own client for a system; its address is the hub's, and nothing else differs."""
        endpoint = self.box.hub.directory.endpoint(name)
        assert endpoint is not None
        known = secret or self.box.secrets[name]

        async def tell() -> str:
            return f"{known} {known}"

        address = f"lgsp+{self.base}{FLAVOURS[self.flavour].format(name=name)}"
        adapter = LgspAdapter(replace(endpoint, address=address), Surroundings(clock=utc_now, secret=tell))
        return adapter.front


@asynccontextmanager
async def ground(folder: Path, flavour: str) -> AsyncIterator[Ground]:
    async with hub_in_a_box(folder, config=settings(folder), running=True) as box:
        for name, code in (("so", A), ("xa", B)):
            address = FLAVOURS[flavour].format(name=name)
            await box.connect(name, code, adapter="lgsp", address=address)
        async with serving(box) as url, httpx.AsyncClient(timeout=120) as http:
            yield Ground(box, url, flavour, http)


async def all_done(front: Front, kind: str) -> list[bytes]:
    """Fetch everything that waits and say that it is done, as a client does."""
    fetched = []
    for item in await front.received(kind):
        fetched.append(await front.fetch(item["docId"]))
        await front.update(item["docId"], "done")
    return fetched


@each_flavour
async def test_documents_and_statuses_go_both_ways_byte_for_byte(tmp_path: Path, flavour: str) -> None:
    async with ground(tmp_path, flavour) as at:
        so, xa = at.front("so"), at.front("xa")
        for sender, front, other, far in ((A, so, B, xa), (B, xa, A, so)):
            identity = f"{sender},2026/11/18,1/CV"
            document = package(sender=sender, to=[other], document_id=identity)
            first = await front.hand_in(document, "edoc", "k1")
            assert await front.hand_in(document, "edoc", "k1") == first
            assert await all_done(far, "edoc") == [document]
            answer = status(sender=other, to=sender, document_id=identity, code="03")
            await far.hand_in(answer, "status", "k2")
            assert await front.received("edoc") == []
            assert await all_done(front, "status") == [answer]
            assert await front.received("status") == []
        agencies = {each["code"] for each in await so.agencies()}
        assert {A, B} <= agencies
        await so.close()
        await xa.close()


@each_flavour
async def test_what_is_refused_is_refused_with_the_axiss_code(tmp_path: Path, flavour: str) -> None:
    async with ground(tmp_path, flavour) as at:
        so = at.front("so")
        for content, code in (
            (b"<broken", "22"),
            (package(sender=A, to=["H49.99"]), "18"),
            (package(sender=B, to=[A]), "19"),
        ):
            with pytest.raises(Refused) as refused:
                await so.hand_in(content, "edoc", "k")
            assert (refused.value.code, bool(refused.value.words)) == (code, True)
        with pytest.raises(Refused):
            await so.fetch("00000000-0000-0000-0000-000000000000")
        await so.close()


@each_flavour
async def test_nobody_gets_in_with_a_wrong_secret_or_anothers_token(tmp_path: Path, flavour: str) -> None:
    async with ground(tmp_path, flavour) as at:
        stranger = at.front("so", "wrong")
        with pytest.raises(Refused) as refused:
            await stranger.received("edoc")
        assert refused.value.code == "15"
        await stranger.close()
        known = at.front("so")
        other = at.front("xa", "not-the-unit-secret")
        token, _ = await known.login()
        headers = {"Authorization": f"Bearer {token}", **await other.known_headers()}
        path = "/truclienthong/v1.0.0/vanbans" if flavour == "quang-nam" else "/v1/syncReceivedEdocList"
        said = (await at.http.get(at.base + path, headers=headers)).json()
        assert (said.get("errorCode") or said["data"]["errorCode"]) == "15"
        for forged in ("so~9999999999~00", "~~", "so", token + "0", "só~1~ü"):
            known_by = {
                name.encode(): value.encode() for name, value in (await known.known_headers()).items()
            }
            raw = {b"Authorization": f"Bearer {forged}".encode(), **known_by}
            answer = await at.http.get(at.base + path, headers=raw)
            assert answer.status_code == 401, forged
        await known.close()
        await other.close()


async def raw_quang_nam(at: Ground) -> dict[str, str]:
    secret = at.box.secrets["so"]
    basic = base64.b64encode(f"so:{secret}".encode()).decode()
    form = {"grant_type": "client_credentials"}
    token = (
        await at.http.post(f"{at.base}/token", data=form, headers={"Authorization": f"Basic {basic}"})
    ).json()
    assert set(token) == {"access_token", "scope", "token_type", "expires_in"}
    return {"Authorization": f"Bearer {token['access_token']}", "secretDonVi": secret}


async def test_quang_nams_requests_as_they_are(tmp_path: Path) -> None:
    async with ground(tmp_path, "quang-nam") as at:
        headers = await raw_quang_nam(at)
        api = f"{at.base}/truclienthong/v1.0.0"

        async def ask(method: str, path: str, **more: Any) -> dict[str, Any]:
            said: dict[str, Any] = (await at.http.request(method, api + path, **more)).json()
            return said

        content = package(sender=A, to=[A])
        written = base64.encodebytes(content).decode()
        unit = headers.pop("secretDonVi")
        query = {"secretDonVi": unit, "messageType": "edoc"}
        sent = await ask("POST", "/vanbans", params=query, content=written, headers=headers)
        assert (sent["status"], sent["errorCode"], len(sent["docId"])) == ("OK", "0", 26)
        headers["secretDonVi"] = unit
        listed = await ask("GET", "/vanbans", headers=headers)
        [item] = listed["data"]
        expected = {
            "serviceType",
            "messageType",
            "docId",
            "from",
            "to",
            "status",
            "statusDesc",
            "createdTime",
        }
        assert expected <= set(item)
        one = await ask("GET", f"/vanbans/{item['docId']}", headers=headers)
        assert base64.b64decode(one["data"]) == content
        path = f"/vanbans/{item['docId']}"
        assert (await ask("PUT", path, json={"status": "PROCESSING"}, headers=headers))["status"] == "OK"
        assert (await ask("GET", "/vanbans", headers=headers))["data"][0]["status"] == "processing"
        assert (await ask("PUT", path, params={"status": "DONE"}, headers=headers))["errorCode"] == "0"
        assert (await ask("GET", "/vanbans", headers=headers))["data"] == []
        unit_of_ours = {"code": f"{A}.1", "pcode": A, "name": "Phòng A", "email": "", "mobile": "", "fax": ""}
        assert (await ask("POST", "/donvilienthongs", json=unit_of_ours, headers=headers))["errorCode"] == "0"
        for where in ("/donvilienthongs", "/donvilienthongs/qn", "/donvilienthongs-qn"):
            found = await ask("GET", where, headers=headers)
            assert {"id", "code", "name", "pid"} <= set(found["data"][0])
        assert (await ask("PUT", "/donvilienthongs", json={"code": f"{A}.1"}, headers=headers))[
            "errorCode"
        ] == "0"
        missing = await at.http.get(f"{api}/nothing", headers=headers)
        assert (missing.status_code, missing.json()["status"]) == (404, "FAIL")


async def test_lang_sons_requests_as_they_are(tmp_path: Path) -> None:
    async with ground(tmp_path, "lang-son") as at:
        secret = at.box.secrets["so"]
        body = {
            "username": "so",
            "password": secret,
            "applicationCode": "edoc",
            "otp": None,
            "twoFactorProvider": None,
            "typeObjs": [0, 1],
        }
        login = await at.http.post(f"{at.base}/v1/auth/login?allow_anonymous=true", json=body)
        headers = {
            "Authorization": f"Bearer {login.json()['data']['token']}",
            "X-SystemId": "so",
            "X-SecretKey": secret,
        }
        content = package(sender=A, to=[A])
        files = {"edocFile": ("a.edxml", content, "application/xml")}
        form = {"messageType": "edoc"}
        sent = (await at.http.post(f"{at.base}/v1/sendEdoc", files=files, data=form, headers=headers)).json()
        assert (sent["success"], len(sent["docId"])) == (True, 26)
        query = {"messageType": "edoc", "fromDate": "2020/01/01", "toDate": "2020/01/02"}
        listed = (
            await at.http.get(f"{at.base}/v1/syncReceivedEdocList", params=query, headers=headers)
        ).json()
        assert (listed["success"], listed["count"]) == (True, 1)
        [item] = listed["data"]
        got = (
            await at.http.get(f"{at.base}/v1/getEdoc", params={"docId": item["docId"]}, headers=headers)
        ).json()
        data = got["data"]
        assert base64.b64decode(data["edxml"]) == content
        assert [each["fileName"] for each in data["attachments"]] == ["van-ban.pdf"]
        assert base64.b64decode(data["attachments"][0]["fileContent"]).startswith(b"%PDF")
        done = {"docId": item["docId"], "status": "done"}
        assert (await at.http.post(f"{at.base}/v1/updateStatus", json=done, headers=headers)).json()[
            "success"
        ]
        no = await at.http.post(f"{at.base}/v1/sendEdoc", content=b"x", headers=headers)
        assert (no.json()["success"], no.json()["data"]["errorCode"]) == (False, "21")
