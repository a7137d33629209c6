"""Lang Son's front (reference, 11.2).

    user            the account (needed)
    application     its applicationCode (needed)
    systemid        what goes into X-SystemId (needed)
    days            how far back the list of what was received is asked for

The secret: the account's password, a blank, what goes into X-SecretKey. That header is the secret itself, so the way
there has to be TLS. Dates are Vietnam's; the list is asked for until tomorrow, as its end may not count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from adapters.lgsp.front import KEY_HEADER, LISTS, NO_TOKEN, Ask, Front, Reply, decoded
from adapters.lgsp.settings import NUMBER, WORD, Setting
from adapters.vxp.axis import LONG_SECONDS, NOT_A_PACKAGE, PACKAGE_BYTES
from adapters.vxp.words import day_of, text
from schemas.text import Text

TOKEN_SECONDS = 1_500.0  # it holds for about thirty minutes and does not say so
DATE_FORM = "%Y/%m/%d"


class LangSon(Front):
    """The front of section 11.2."""

    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "user": Setting(WORD),
        "application": Setting(WORD),
        "systemid": Setting(WORD),
        "days": Setting(NUMBER, "30"),
    }
    SECRET_PARTS = Text(vi="mật khẩu tài khoản và X-SecretKey", en="the account's password and X-SecretKey")

    async def login(self) -> tuple[str, float]:
        """POST /v1/auth/login."""
        password, _ = await self.secrets()
        ask = Ask(
            operation="login",
            method="POST",
            path="/v1/auth/login",
            query={"allow_anonymous": "true"},
            json={
                "username": self.settings["user"],
                "password": password,
                "applicationCode": self.settings["application"],
                "otp": None,
                "twoFactorProvider": None,
                "typeObjs": [0, 1],
            },
        )
        answer = await self.call(ask, {})
        if answer.status >= 300 or answer.reply is None:
            raise self.by_status(ask.operation, answer)
        data = answer.reply.get("data")
        token = data.get("token") if isinstance(data, dict) else None
        if not isinstance(token, str):
            raise self.rubbish(NO_TOKEN, operation="login")
        return token, TOKEN_SECONDS

    def says_no(self, reply: Reply) -> tuple[str, str] | None:
        """Read `success`; a failure has its code in `data`, or words alone."""
        success, data = reply.get("success"), reply.get("data")
        if not isinstance(success, bool):
            raise ValueError("no success")  # noqa: TRY004  (a value of somebody else's JSON)
        if success:
            return None
        more = data if isinstance(data, dict) else {}
        words = text(more.get("errorDesc")) or text(reply.get("message"))
        return text(more.get("errorCode")).strip() or "FAIL", words

    async def known_headers(self) -> Mapping[str, str]:
        """Say who we are, and the secret."""
        _, secret_key = await self.secrets()
        return {"X-SystemId": self.settings["systemid"], "X-SecretKey": secret_key}

    async def hand_in(self, content: bytes, kind: str, key: str) -> str:
        """POST /v1/sendEdoc. Our key is the file's name, and in a header too."""
        ask = Ask(
            operation="sendEdoc",
            method="POST",
            path="/v1/sendEdoc",
            headers={KEY_HEADER: key},
            form={"messageType": kind},
            file=(f"edocFile:{key}.edxml", content),
            seconds=LONG_SECONDS,
        )
        return self.doc_id(await self.ask(ask), ask.operation)

    async def received(self, kind: str) -> list[Mapping[str, Any]]:
        """GET /v1/syncReceivedEdocList of one kind, `days` back."""
        today = day_of(self.line.clock())
        since = today - timedelta(days=int(self.settings["days"]))
        return await self.ask_list(
            Ask(
                operation="syncReceivedEdocList",
                method="GET",
                path="/v1/syncReceivedEdocList",
                query={
                    "messageType": kind,
                    "fromDate": since.strftime(DATE_FORM),
                    "toDate": (today + timedelta(days=1)).strftime(DATE_FORM),
                },
                **LISTS,
            )
        )

    async def fetch(self, doc_id: str) -> bytes:
        """GET /v1/getEdoc: `edxml` is the package, in base64 or as it stands; the attachments are in it."""
        operation = "getEdoc"
        reply = await self.ask(
            Ask(
                operation=operation,
                method="GET",
                path="/v1/getEdoc",
                query={"docId": doc_id},
                most_bytes=PACKAGE_BYTES,
                seconds=LONG_SECONDS,
            )
        )
        data = reply.get("data")
        edxml = data.get("edxml") if isinstance(data, dict) else None
        if not isinstance(edxml, str) or not edxml.strip():
            raise self.rubbish(NOT_A_PACKAGE, operation=operation)
        return await asyncio.to_thread(_package, edxml)

    async def update(self, doc_id: str, status: str, description: str = "") -> None:  # noqa: ARG002
        """POST /v1/updateStatus with done or fail. There is no place for a reason."""
        body = {"docId": doc_id, "status": status}
        await self.ask(Ask(operation="updateStatus", method="POST", path="/v1/updateStatus", json=body))

    async def agencies(self) -> list[Mapping[str, Any]]:
        """GET /v1/getAgenciesList."""
        ask = Ask(operation="getAgenciesList", method="GET", path="/v1/getAgenciesList", **LISTS)
        return await self.ask_list(ask)


def _package(edxml: str) -> bytes:
    """Return the package. XML has a `<`, base64 has none: they cannot be taken for each other."""
    try:
        return decoded(edxml)
    except ValueError:
        return edxml.encode("utf-8", "surrogatepass")
