"""What the fronts have in common: a request with a token, and a reply that is believed only in its right shape.

A token is asked for when there is none, when its time is nearly over, and once more when a call is answered 401. What
is no JSON object of the front's own shape is judged by its HTTP status: a gateway stands before the front and says
things of its own. `Lost` says that the front may have done what was asked all the same.

A front is an axis that is spoken to in another way, so that what is fetched from it goes the way of `vxp`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import json
from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx

from adapters.http.push import PIECE_BYTES
from adapters.http.replies import retry_after
from adapters.lgsp.settings import Setting
from adapters.vxp.axis import (
    CALL_SECONDS,
    IN_LOOP_BYTES,
    LIST_BYTES,
    LONG_SECONDS,
    NO_DOC_ID,
    NOT_A_LIST,
    NOT_JSON,
    REPLY_BYTES,
    UNREACHABLE,
    Axis,
    Line,
    Lost,
    Refused,
)
from adapters.vxp.codes import INVALID_FILE, LONGEST_ANSWER, SUCCESS, WRONG_SECRET, shown
from adapters.vxp.words import text
from hub.errors import Misconfigured, Unavailable
from hub.hops import Hops
from schemas.text import Sentence, Text

NOT_NOW = frozenset({408, 425, 429})
SHORTEST_TOKEN, LONGEST_TOKEN = 10.0, 86_400.0  # seconds that a token is kept, whatever it says of itself
TOKEN_MARGIN = 0.8  # of its time, after which another is asked for
KEY_HEADER = "Idempotency-Key"

TWO_WORDS = Sentence(
    vi="Mã bí mật của điểm kết nối {endpoint} phải gồm hai phần cách nhau một dấu cách: {parts}",
    en="The secret of endpoint {endpoint} has to be two parts with a blank between them: {parts}",
)
NO_TOKEN = Text(vi="không có token", en="it has no token")
NOT_OF_THE_FRONT = Text(vi="không đúng dạng của cổng này", en="it does not have this front's shape")
STATUS = Sentence(vi="{host} trả lời HTTP {status}", en="{host} answers HTTP {status}")

Reply = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request. At most one of `json`, `form` and `file` is there."""

    operation: str  # for sentences
    method: str
    path: str  # below the base, with its slash
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None
    file: tuple[str, bytes] | None = (
        None  # the form's file: the field's name before the colon, its name, the bytes
    )
    body: Sequence[bytes] | None = None  # as it stands, in pieces
    content_type: str = "application/json"
    most_bytes: int = REPLY_BYTES
    seconds: float = CALL_SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: any status, and a JSON object or nothing."""

    status: int
    retry_after: float | None
    reply: Reply | None


class Front(Axis):
    """A province's front. A flavour says how to log in, what each operation is called and how a reply says no."""

    SETTINGS: ClassVar[Mapping[str, Setting]]
    SECRET_PARTS: ClassVar[Text]

    def __init__(self, line: Line, settings: Mapping[str, str]) -> None:
        super().__init__(line)
        self.settings = settings
        self._token = ""
        self._token_until = 0.0
        self._login = asyncio.Lock()

    # --- what a flavour says --------------------------------------------------------------------------------------

    @abstractmethod
    async def login(self) -> tuple[str, float]:
        """Return a new token, and for how many seconds it holds."""

    @abstractmethod
    def says_no(self, reply: Reply) -> tuple[str, str] | None:
        """Return the code and the words of a reply that says no; None for one that says yes.

        Raises `ValueError` for a reply that has not the front's shape.
        """

    @abstractmethod
    async def known_headers(self) -> Mapping[str, str]:
        """Return what every call says beside the token."""

    @abstractmethod
    async def hand_in(self, content: bytes, kind: str, key: str) -> str:
        """Send a package, under a key that is the same at each repeat; return the front's id for it."""

    async def send(
        self,
        content: bytes,
        *,
        digest: str,
        kind: str,
        sender: str,  # noqa: ARG002
        to: str,  # noqa: ARG002
        hops: Hops = (),  # noqa: ARG002
    ) -> str:
        """Send a package as an axis takes it: whom it is from and to, a front reads in the package."""
        return await self.hand_in(content, kind, digest)

    async def awaited(self, kind: str, wait_seconds: float) -> tuple[list[Mapping[str, Any]], bool]:  # noqa: ARG002
        """Return what waits for us, at once: no front knows how to wait."""
        return await self.received(kind), False

    async def fetch_travelled(self, doc_id: str) -> tuple[bytes, Hops]:
        """Return a package; no front says over which hubs it came."""
        return await self.fetch(doc_id), ()

    async def sent(self, kind: str, **narrowed: str) -> list[Mapping[str, Any]]:  # noqa: ARG002
        """Return nothing: a front keeps no list of what was sent."""
        return []

    async def units(self) -> list[Mapping[str, Any]]:
        """Return nothing: a front does not tell which agencies are gone."""
        return []

    # --- what flavours need ---------------------------------------------------------------------------------------

    async def secrets(self) -> tuple[str, str]:
        """Return the two parts of the endpoint's secret. Raises `Misconfigured`."""
        first, blank, second = (await self.line.secret() or "").strip().rpartition(" ")
        if not blank or not first.strip():
            raise Misconfigured(TWO_WORDS.say(endpoint=self.line.endpoint, parts=self.SECRET_PARTS))
        return first.strip(), second

    async def ask(self, ask: Ask) -> Reply:
        """Make a call with a token; return a reply that says yes. Raises `Refused`, `Lost`, `Misconfigured`."""
        token = await self._known_token()
        answer = await self.call(ask, {"Authorization": f"Bearer {token}", **await self.known_headers()})
        if answer.status == 401:
            if self._token == token:
                self._token = ""
            token = await self._known_token()
            answer = await self.call(ask, {"Authorization": f"Bearer {token}", **await self.known_headers()})
        return self._yes(ask.operation, answer)

    async def ask_list(self, ask: Ask) -> list[Mapping[str, Any]]:
        """Make a call whose reply has a list in `data`."""
        data = (await self.ask(ask)).get("data")
        if data is None:
            return []
        if not isinstance(data, list):
            raise self.rubbish(NOT_A_LIST, operation=ask.operation)
        return [each for each in data if isinstance(each, dict)]

    async def call(self, ask: Ask, headers: Mapping[str, str]) -> Answer:
        """Make one call and return whatever came back. Raises `Unavailable` if nothing did, `Lost` if it may count."""
        sent = {**headers, **ask.headers, "Accept": "application/json"}
        url = f"{self.line.base}{ask.path}"
        try:
            async with (
                asyncio.timeout(ask.seconds),
                self._http().stream(
                    ask.method, url, params=dict(ask.query) or None, **_body(ask, sent), headers=sent
                ) as response,
            ):
                content = await self._whole(ask.operation, response, ask.most_bytes)
        except TimeoutError as error:
            raise Lost(UNREACHABLE.say(host=self.line.host, what="TimeoutError")) from error
        except httpx.ConnectError as error:  # nothing was sent
            raise Unavailable(UNREACHABLE.say(host=self.line.host, what=_named(error))) from error
        except httpx.HTTPError as error:
            raise Lost(UNREACHABLE.say(host=self.line.host, what=_named(error))) from error
        waits = retry_after(response.headers.get("retry-after"), self.line.clock())
        return Answer(response.status_code, waits, await _object(content))

    def doc_id(self, reply: Reply, operation: str) -> str:
        """Return the front's id for what was sent."""
        data = reply.get("data")
        found = text(reply.get("docId")) or (text(data.get("docId")) if isinstance(data, dict) else "")
        if not found.strip():
            raise self.rubbish(NO_DOC_ID, operation=operation)
        return shown(found, LONGEST_ANSWER)

    async def _known_token(self) -> str:
        async with self._login:
            if not self._token or asyncio.get_running_loop().time() >= self._token_until:
                token, seconds = await self.login()
                if not token or not token.isascii() or not token.isprintable():
                    raise self.rubbish(NO_TOKEN, operation="login")
                kept = min(max(seconds * TOKEN_MARGIN, SHORTEST_TOKEN), LONGEST_TOKEN)
                self._token, self._token_until = token, asyncio.get_running_loop().time() + kept
            return self._token

    def _yes(self, operation: str, answer: Answer) -> Reply:
        """Return a reply that says yes. A gateway's word counts by its status, the front's by what it says."""
        if answer.reply is not None:
            try:
                no = self.says_no(answer.reply)
            except ValueError:
                pass
            else:
                if no is not None:
                    raise Refused(shown(no[0], 20), shown(no[1], LONGEST_ANSWER))
                if answer.status < 400:
                    return answer.reply
        raise self.by_status(operation, answer)

    def by_status(self, operation: str, answer: Answer) -> Exception:
        """Return the error that a status means when the body says nothing of the front's own."""
        status = answer.status
        said = STATUS.say(host=self.line.host, status=status)
        if status in NOT_NOW or status >= 500:
            return Lost(said, answer.retry_after)
        if status < 300:
            what = NOT_JSON if answer.reply is None else NOT_OF_THE_FRONT
            return self.rubbish(what, operation=operation)
        if status in {401, 403}:
            return Refused(WRONG_SECRET, f"HTTP {status}")
        return Refused(INVALID_FILE if status == 413 else f"HTTP {status}", f"HTTP {status}")


LISTS: Mapping[str, Any] = {"most_bytes": LIST_BYTES, "seconds": LONG_SECONDS}


def vxp_shaped(reply: Reply) -> tuple[str, str] | None:
    """Return the code and words of a reply that has the axis's fields, in this front's case of letters."""
    code, status = text(reply.get("errorCode")).strip(), text(reply.get("status")).strip().upper()
    if not code and status not in {"OK", "FAIL"}:
        raise ValueError("neither errorCode nor status")
    if code in {"", SUCCESS} and status != "FAIL":
        return None
    return code or "FAIL", text(reply.get("errorDesc"))


def decoded(written: str) -> bytes:
    """Return what stands in base64, line breaks and all. Raises `ValueError` for anything else, and for nothing."""
    try:
        content = base64.b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    if not content:
        raise ValueError("nothing")
    return content


def _body(ask: Ask, headers: dict[str, str]) -> dict[str, Any]:
    """Return the body as httpx takes it, made anew for each call."""
    if ask.file is not None:
        name, content = ask.file
        field_name, _, file_name = name.partition(":")
        return {
            "data": dict(ask.form or {}),
            "files": {field_name: (file_name, io.BytesIO(content), "application/xml")},
        }
    if ask.form is not None:
        return {"data": dict(ask.form)}
    if ask.json is not None:
        headers["Content-Type"] = "application/json"
        return {"content": json.dumps(ask.json).encode()}
    if ask.body is not None:
        headers["Content-Type"] = ask.content_type
        headers["Content-Length"] = str(sum(map(len, ask.body)))
        return {"content": _pieces(ask.body)}
    return {}


async def _pieces(body: Sequence[bytes]) -> AsyncIterator[bytes]:
    for each in body:
        for start in range(0, len(each), PIECE_BYTES):
            yield each[start : start + PIECE_BYTES]


async def _object(content: bytes) -> Reply | None:
    try:
        large = len(content) > IN_LOOP_BYTES
        found = await asyncio.to_thread(json.loads, content) if large else json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _named(error: Exception) -> str:
    return type(error).__name__ + (f": {error}" if str(error) else "")
