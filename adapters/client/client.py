"""The client of a hub's API, for an integrator's own program.

    with Client("https://truc.example.vn", token) as hub:
        sent = hub.send(Path("congvan.edxml"))
        for each in hub.poll():
            hub.fetch(each, into=Path("den") / f"{each.id}.edxml")
            hub.take(each.id)
            hub.answer(each.message, "03", "Đã vào sổ văn bản đến")

Each call is tried again as `Patience` says when the connection breaks or the hub is not available, so that an answer
that was lost costs time and nothing else. Raises, of `hub.errors`: `Refusal` with code and findings, `NotFound`,
`Misconfigured` (the address or the token), `Unavailable` when all tries were in vain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx

from adapters.client import said
from adapters.client.files import keep, pieces, sha256_of
from adapters.client.patience import Patience
from adapters.client.said import Delivery, Incoming, Sent
from adapters.http.address import settled
from adapters.http.digest import content_digest
from hub.errors import Misconfigured, Unavailable
from schemas.text import Sentence, Text

Result = TypeVar("Result")

PREFIX = "/api/v1"
CALL_SECONDS = 60.0
CONNECT_SECONDS = 10.0
PATIENT_SECONDS = 30.0  # how much longer than `wait` an answer to a poll may take

UNREACHABLE = Sentence(vi="Không liên lạc được với {host} ({why})", en="Cannot reach {host} ({why})")
NO_ADDRESS = Text(vi="Thiếu địa chỉ của trục", en="The hub's address is missing")
BAD_TOKEN = Text(
    vi="Mã bí mật trống hoặc có ký tự không dùng được",
    en="The token is empty or has characters that cannot be used",
)


class Client:
    """One system's connection to its hub. It may be used by several threads at once."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`url` is the hub's, `https://` unless it is this machine; `token` is the endpoint's secret.

        Raises `Misconfigured` for either if it can never work.
        """
        base = settled(url)
        if base is None:
            raise Misconfigured(NO_ADDRESS)
        if not token or not all(" " < char <= "~" for char in token):
            raise Misconfigured(BAD_TOKEN)
        self.patience = patience or Patience()
        self._http = httpx.Client(
            base_url=base.rstrip("/").removesuffix(PREFIX) + PREFIX,
            headers={"Authorization": f"Bearer {token}", "User-Agent": "edochub-client"},
            timeout=httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS),
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    # --- sending --------------------------------------------------------------------------------------------------

    def send(self, package: Path | bytes, *, patience: Patience | None = None) -> Sent:
        """Hand a package in, with its digest. Returns once it is safe at the hub; a file is streamed from disk."""
        if isinstance(package, bytes):
            sha256, size = hashlib.sha256(package).hexdigest(), len(package)
        else:
            sha256, size = sha256_of(package), package.stat().st_size
        headers = {
            "Content-Type": "application/xml",
            "Content-Length": str(size),
            "Content-Digest": content_digest(sha256),
        }

        def body() -> Iterable[bytes]:
            return iter([package]) if isinstance(package, bytes) else pieces(package)

        return self._ask("POST", "/documents", said.sent, body=body, headers=headers, patience=patience)

    def answer(
        self,
        document: str,
        code: str,
        description: str = "",
        *,
        to: str | None = None,
        speaker: str | None = None,
    ) -> Sent:
        """Have the hub write a status (01 to 16) about a document, by the hub's id or its DocumentId, and send it.

        `to` names the addressee that is asked with 13; `speaker` the one that answers, when this system is several.
        """
        asked = {"code": code, "description": description, "to": to, "from": speaker}
        path = f"/documents/{_in_path(document)}/statuses"
        return self._ask("POST", path, said.sent, json={name: each for name, each in asked.items() if each})

    def state(self, document: str) -> Sent:
        """Return how a document stands, by the hub's id or its DocumentId."""
        return self._ask("GET", f"/documents/{_in_path(document)}", said.sent)

    def trace(self, document: str) -> Mapping[str, Any]:
        """Return everything that happened to a document or a refusal, by any of its names, as the API says it."""
        return self._ask("GET", f"/documents/{_in_path(document)}/trace", lambda found: found)

    def receipt(self, reference: str) -> bytes:
        """Return the hub's signed receipt (CMS, DER) for a document, a refusal, or a delivery that has ended."""
        path = f"/documents/{_in_path(reference)}/receipt"
        return self.patience.over(lambda: self._answered(self._http.build_request("GET", path)).content)

    # --- receiving ------------------------------------------------------------------------------------------------

    def poll(self, *, wait_seconds: float = 30.0, limit: int = 50) -> tuple[Incoming, ...]:
        """Return what waits; when that is nothing, wait for the first to come, as long as this and the hub allow."""
        query = {"limit": str(limit), "wait": f"{wait_seconds:g}"}
        seconds = httpx.Timeout(wait_seconds + PATIENT_SECONDS, connect=CONNECT_SECONDS)
        return self._ask("GET", "/inbox", said.inbox, params=query, timeout=seconds)

    def fetch(self, delivery: Incoming, into: Path, *, patience: Patience | None = None) -> Path:
        """Download a package into a file, which is there only if it is whole and has its digest. Changes nothing."""

        def once() -> Path:
            path = f"/inbox/{_in_path(delivery.id)}/document"
            response = self._answered(self._http.build_request("GET", path), stream=True)
            try:
                keep(into, response.iter_bytes(), delivery.sha256)
            except httpx.TransportError as error:
                raise self._unreachable(error) from error
            finally:
                response.close()
            return into

        return (patience or self.patience).over(once)

    def take(self, delivery: str, *, patience: Patience | None = None) -> Delivery:
        """Say that a delivery is safe here: it leaves the inbox. Saying it again changes nothing."""
        return self._ask("POST", f"/inbox/{_in_path(delivery)}/ack", said.delivery, patience=patience)

    def decline(self, delivery: str, reason: str) -> Delivery:
        """Refuse a delivery; the hub tells its sender why. Saying it again changes nothing."""
        path = f"/inbox/{_in_path(delivery)}/refuse"
        return self._ask("POST", path, said.delivery, json={"reason": reason})

    # --- one call -------------------------------------------------------------------------------------------------

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Mapping[str, Any]], Result],
        *,
        body: Callable[[], Iterable[bytes]] | None = None,
        patience: Patience | None = None,
        **more: Any,
    ) -> Result:
        def once() -> Result:
            content = body() if body else None
            response = self._answered(self._http.build_request(method, path, content=content, **more))
            try:
                found = response.json()
                if not isinstance(found, Mapping):
                    raise ValueError("no object")  # noqa: TRY004  (a value of somebody else's JSON)
                return read(found)
            except (ValueError, RecursionError) as error:
                raise said.not_a_hub(self._http.base_url.host) from error

        return (patience or self.patience).over(once)

    def _answered(self, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        """Return an answer that says yes; `stream`: with its body still to come, so that it has to be closed."""
        try:
            response = self._http.send(request, stream=stream)
            if response.is_success:
                return response
            response.read()
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        raise said.error_of(response)

    def _unreachable(self, error: httpx.TransportError) -> Unavailable:
        why = type(error).__name__ + (f": {error}" if str(error) else "")
        return Unavailable(UNREACHABLE.say(host=self._http.base_url.host, why=why))


def _in_path(reference: str) -> str:
    return quote(reference, safe="")
