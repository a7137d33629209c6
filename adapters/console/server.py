"""The console as an ASGI application: every request gets its language, its account, its headers, and a page.

Nothing on a page comes from elsewhere, no script or style stands in the page itself, and no answer is kept by a cache
but the files under `/console/static/`, whose addresses change with their content.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from adapters.console import PREFIX
from adapters.console.attempts import Attempts
from adapters.console.overview import Overview
from adapters.console.reports import Reports
from adapters.console.sessions import Sessions
from adapters.console.visit import NOT_YOURS, Answer, Forbidden, Visit
from adapters.http.language import preferred
from hub.accounts import Right
from hub.app import Hub
from hub.errors import HubError, Misconfigured, NotFound, Unavailable
from hub.ids import new_id
from schemas.text import LANGUAGES, Language, Sentence, Text, speaking

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
NOTHING = Text(vi="Không có trang này", en="There is no such page")
WRONG_METHOD = Text(
    vi="Trang này không nhận yêu cầu kiểu đó", en="This page does not take that kind of request"
)
TOO_MUCH = Text(vi="Yêu cầu quá lớn hoặc không đọc được", en="The request is too large, or cannot be read")
INCIDENT = Sentence(
    vi="Trang gặp lỗi ngoài dự kiến; hãy báo người vận hành số sự cố {incident}",
    en="The page failed in a way that nobody expected; tell the operator the incident number {incident}",
)

log = structlog.get_logger(__name__)


class Console:
    """The ASGI application under /console."""

    def __init__(self, hub: Hub) -> None:
        from adapters.console.oidc import Provider
        from adapters.console.routes import WAYS

        self.hub = hub
        self.sessions = Sessions(hub)
        self.attempts = Attempts(hub.clock)
        self.overview = Overview(hub)
        self.reports = Reports(hub)
        self.provider = Provider.of(hub)
        self.searching = asyncio.Semaphore(1)  # a question may look at many documents
        self.evidencing = asyncio.Semaphore(1)  # it holds every package of the exchange at once
        self.verifying = asyncio.Semaphore(1)  # one file at a time is in memory
        self.hashing = asyncio.Semaphore(2)  # of a password: each takes 64 MiB
        self.files = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in TYPES}
        self.assets: Mapping[str, str] = {
            name: f"{PREFIX}/static/{name}?{hashlib.sha256(content).hexdigest()[:12]}"
            for name, content in self.files.items()
        }
        routes = [
            Route("/static/{name}", self._file, methods=["GET"]),
            *(
                Route(way.path, self._answering(way.answer, way.right, way.signed_in), methods=[way.method])
                for way in WAYS
            ),
        ]
        self._app = Starlette(routes=routes, exception_handlers={HTTPException: self._http_error})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request in the reader's language."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        with speaking(language_of(Request(scope))):
            await self._app(scope, receive, guarded)

    def _answering(self, answer: Answer, right: Right | None, signed_in: bool):  # type: ignore[no-untyped-def]
        async def endpoint(request: Request) -> Response:
            visit = await self._visit(request)
            try:
                if signed_in and visit.holder is None:
                    return self._to_sign_in(visit)
                if right is not None and not visit.account.may(right):
                    raise Forbidden(NOT_YOURS)
                return await answer(visit)
            except HubError as error:
                return self.said(visit, error)
            except HTTPException:
                raise
            except Exception:  # whatever it is, the visitor gets a page and we a line in the log
                incident = new_id(self.hub.clock())
                log.exception("console.fault", path=request.url.path[:80], incident=incident)
                return visit.page("message.html", 500, text=INCIDENT.say(incident=incident))

        return endpoint

    async def _visit(self, request: Request) -> Visit:
        holder = await self.sessions.holder(request)
        if holder is not None:
            return Visit(self, request, holder, request.cookies[self.sessions.cookie])
        return Visit(self, request, None, request.cookies.get(self.sessions.form_cookie, ""))

    def _to_sign_in(self, visit: Visit) -> Response:
        if visit.refreshes or visit.request.method != "GET":
            return Response(status_code=401)
        url = visit.request.url
        asked = url.path + (f"?{url.query}" if url.query else "")
        return visit.go("/login", to=asked) if asked != f"{PREFIX}/" else visit.go("/login")

    def said(self, visit: Visit, error: HubError) -> Response:
        """Return the page that says an error."""
        status = 409
        if isinstance(error, NotFound):
            status = 404
        elif isinstance(error, Forbidden):
            status = 403
        elif isinstance(error, Unavailable):
            status = 503
        elif isinstance(error, Misconfigured):
            status = 422
        return visit.page("message.html", status, text=error.message)

    async def _http_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        text = {404: NOTHING, 405: WRONG_METHOD}.get(error.status_code, TOO_MUCH)
        visit = await self._visit(request)
        if visit.holder is None and error.status_code == 404:
            return RedirectResponse(f"{PREFIX}/login", 303)
        return visit.page("message.html", error.status_code, text=text)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.files:
            raise HTTPException(404)
        kept = {"cache-control": "public, max-age=31536000, immutable"}
        return Response(self.files[name], headers=kept, media_type=TYPES[Path(name).suffix])


def language_of(request: Request) -> Language:
    """Return the language that somebody chose, else what the browser prefers, else Vietnamese."""
    chosen = request.cookies.get("edochub_lang", "")
    if chosen in LANGUAGES:
        return "en" if chosen == "en" else "vi"
    return preferred(request.headers.get("accept-language"))
