"""Quang Nam's front: "truclienthong/v1.0.0" behind a WSO2 API manager (reference, 11.1).

The jar of its generated client was never seen, so how arguments travel is known by their names only. What is not known
is a setting; the defaults are the most common way of the generator's.

    consumer        the consumer key of the application (needed)
    api             the path of the API below the base
    unit_in         where the unit's secret goes: `header` or `query`
    unit_name       what it is called there
    arguments       where the others go: `json` body, or `query` with the base64 as the body
    content_name    what the base64 of the package is called in JSON
    kind_name       what edoc/status is called
    agencies        the path of the list of agencies: donvilienthongs, or donvilienthongs/qn for the province's own

The secret: the consumer secret, a blank, the unit's secret.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any, ClassVar

from adapters.lgsp.front import KEY_HEADER, LISTS, NO_TOKEN, Ask, Front, Reply, decoded, vxp_shaped
from adapters.lgsp.settings import NAME, PATH, WORD, Setting, one_of
from adapters.vxp.axis import LONG_SECONDS, NOT_A_PACKAGE, PACKAGE_BYTES, Refused
from adapters.vxp.words import text
from schemas.text import Text

DOCUMENTS = "vanbans"
WHOLE_TOKEN_SECONDS = 3_600.0  # of a token that does not say
NO_FILE = "-1"


class QuangNam(Front):
    """The front of section 11.1."""

    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "consumer": Setting(WORD),
        "api": Setting(PATH, "truclienthong/v1.0.0"),
        "unit_in": one_of("header", "query"),
        "unit_name": Setting(NAME, "secretDonVi"),
        "arguments": one_of("json", "query"),
        "content_name": Setting(NAME, "data"),
        "kind_name": Setting(NAME, "messageType"),
        "agencies": Setting(PATH, "donvilienthongs"),
    }
    SECRET_PARTS = Text(vi="consumer secret và secretDonVi", en="the consumer secret and secretDonVi")

    async def login(self) -> tuple[str, float]:
        """POST {base}/token."""
        consumer_secret, _ = await self.secrets()
        known = base64.b64encode(f"{self.settings['consumer']}:{consumer_secret}".encode()).decode()
        ask = Ask(operation="token", method="POST", path="/token", form={"grant_type": "client_credentials"})
        answer = await self.call(ask, {"Authorization": f"Basic {known}"})
        if answer.status >= 300 or answer.reply is None:
            raise self.by_status(ask.operation, answer)
        token = answer.reply.get("access_token")
        if not isinstance(token, str):
            raise self.rubbish(NO_TOKEN, operation="token")
        seconds = answer.reply.get("expires_in")
        return token, float(seconds) if isinstance(seconds, int) else WHOLE_TOKEN_SECONDS

    def says_no(self, reply: Reply) -> tuple[str, str] | None:
        """Read `status`, `errorCode`, `errorDesc`."""
        return vxp_shaped(reply)

    async def known_headers(self) -> Mapping[str, str]:
        """Say the unit's secret, if it goes into a header."""
        _, unit = await self.secrets()
        return {self.settings["unit_name"]: unit} if self.settings["unit_in"] == "header" else {}

    async def hand_in(self, content: bytes, kind: str, key: str) -> str:
        """POST /vanbans. Sender and addressees are those of the package."""
        written = await asyncio.to_thread(base64.b64encode, content)
        kind_name = self.settings["kind_name"]
        query = await self._known_query()
        if self.settings["arguments"] == "json":
            before = f'{{"{kind_name}":"{kind}","{self.settings["content_name"]}":"'.encode()
            body, content_type = [before, written, b'"}'], "application/json"
        else:
            body, content_type = [written], "text/plain"
            query = {**query, kind_name: kind}
        ask = Ask(
            operation="POST vanbans",
            method="POST",
            path=self._path(DOCUMENTS),
            query=query,
            headers={KEY_HEADER: key},
            body=body,
            content_type=content_type,
            seconds=LONG_SECONDS,
        )
        return self.doc_id(await self.ask(ask), ask.operation)

    async def received(self, kind: str) -> list[Mapping[str, Any]]:
        """GET /vanbans, and of that what is of this kind; an item that does not say is a document."""
        items = await self.ask_list(await self._get("GET vanbans", DOCUMENTS))
        return [each for each in items if (text(each.get("messageType")).strip().lower() or "edoc") == kind]

    async def fetch(self, doc_id: str) -> bytes:
        """GET /vanbans/{docId}: `data` is the package in base64."""
        operation = "GET vanbans/docId"
        ask = await self._get(operation, f"{DOCUMENTS}/{_in_path(doc_id)}", most_bytes=PACKAGE_BYTES)
        data = (await self.ask(ask)).get("data")
        try:
            return await asyncio.to_thread(decoded, data if isinstance(data, str) else "")
        except ValueError as error:
            raise self.rubbish(NOT_A_PACKAGE, operation=operation) from error

    async def update(self, doc_id: str, status: str, description: str = "") -> None:  # noqa: ARG002
        """PUT /vanbans/{docId} with DONE or FAIL. There is no place for a reason."""
        said, query = {"status": status.upper()}, await self._known_query()
        in_json = self.settings["arguments"] == "json"
        await self.ask(
            Ask(
                operation="PUT vanbans",
                method="PUT",
                path=self._path(f"{DOCUMENTS}/{_in_path(doc_id)}"),
                query=query if in_json else query | said,
                json=said if in_json else None,
            )
        )

    async def agencies(self) -> list[Mapping[str, Any]]:
        """GET /donvilienthongs."""
        return await self.ask_list(await self._get("GET donvilienthongs", self.settings["agencies"]))

    async def _get(self, operation: str, path: str, **more: Any) -> Ask:
        query = await self._known_query()
        return Ask(
            operation=operation, method="GET", path=self._path(path), query=query, **(dict(LISTS) | more)
        )

    async def _known_query(self) -> dict[str, str]:
        _, unit = await self.secrets()
        return {self.settings["unit_name"]: unit} if self.settings["unit_in"] == "query" else {}

    def _path(self, path: str) -> str:
        return f"/{self.settings['api']}/{path}"


def _in_path(doc_id: str) -> str:
    """Return an id as a part of a path: it is of safe letters, but dots alone would be another path."""
    if not doc_id.strip("."):
        raise Refused(NO_FILE, doc_id)
    return doc_id
