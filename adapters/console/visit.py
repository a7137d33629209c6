"""One request to the console: who asks, in which language, and how it is answered."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from adapters.console import PREFIX
from adapters.console.rendering import render
from adapters.console.sessions import Holder, csrf_of, same_csrf
from hub.accounts import Account, Right
from hub.app import Hub
from hub.errors import HubError
from schemas.text import Text, language

if TYPE_CHECKING:
    from adapters.console.server import Console

MOST_FIELDS = 300  # of a form: two hundred ticked deliveries and what belongs to them
FORM_BYTES = 65_536  # of a form without a file
YEARS = range(1900, 2201)  # within which days can be counted on from
THEMES = ("auto", "light", "dark")

Answer = Callable[["Visit"], Awaitable[Response]]

FORGED = Text(
    vi="Biểu mẫu đã cũ hoặc không do trang này gửi; hãy tải lại trang rồi thử lại",
    en="The form is old, or was not sent by this page; load the page anew and try again",
)
TOO_LARGE = Text(vi="Biểu mẫu lớn hơn mức trang này nhận", en="The form is larger than this page takes")
NOT_YOURS = Text(vi="Vai trò của bạn không có quyền vào trang này", en="Your role does not have this page")


class Forbidden(HubError):
    """Somebody is signed in and may not do this."""

    code = "console.forbidden"


@dataclass(frozen=True)
class Visit:
    """A request, and everything that a page needs to answer it."""

    console: Console
    request: Request
    holder: Holder | None
    form_key: str

    @property
    def hub(self) -> Hub:
        """The hub whose console this is."""
        return self.console.hub

    @property
    def account(self) -> Account:
        """Who asks; there is somebody wherever a right is demanded."""
        assert self.holder is not None, "a page without a right has no account"
        return self.holder.account

    @property
    def only_agency(self) -> str | None:
        """The agency whose documents alone may be seen; None for who sees everything."""
        if self.account.may(Right.EVERYTHING):
            return None
        return self.account.agency or "-"

    @property
    def refreshes(self) -> bool:
        """Tell whether a page fetches a part of itself anew."""
        return "x-console-refresh" in self.request.headers

    def asked(self, name: str) -> str:
        """Return a parameter of the address, shortened to what is sensible; "" if it is not there."""
        return self.request.query_params.get(name, "").strip()[:200]

    def asked_day(self, name: str) -> date | None:
        """Return a day of the address; None if none is given, or one that no document bears."""
        try:
            day = date.fromisoformat(self.asked(name))
        except ValueError:
            return None
        return day if day.year in YEARS else None

    def in_path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    async def form(self, most: int = FORM_BYTES) -> FormData:
        """Return what a form sent. Raises `Forbidden` if another site may have sent it, or it is too large to read."""
        announced = self.request.headers.get("content-length", "")
        if not announced.isdigit() or int(announced) > most:
            raise Forbidden(TOO_LARGE)
        site = self.request.headers.get("sec-fetch-site", "same-origin")
        form = await self.request.form(max_files=1, max_fields=MOST_FIELDS)
        if site not in {"same-origin", "none"} or not same_csrf(self.form_key, str(form.get("csrf", ""))):
            raise Forbidden(FORGED)
        return form

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page; to a page that fetches itself anew, its main part, and nothing if that has not changed."""
        made = HTMLResponse(render(template, {**self._around(), **values}), status)
        if self.refreshes:
            tag = f'"{hashlib.sha256(made.body).hexdigest()[:32]}"'
            if self.request.headers.get("if-none-match") == tag:
                return HTMLResponse(status_code=304, headers={"etag": tag})
            made.headers["etag"] = tag
        return made

    def go(self, path: str, **query: str) -> RedirectResponse:
        """Send the browser on to another page of the console."""
        return RedirectResponse(PREFIX + path + (f"?{urlencode(query)}" if query else ""), 303)

    def _around(self) -> Mapping[str, Any]:
        theme = self.request.cookies.get("edochub_theme", "auto")
        return {
            "here": self.request.url.path,
            "back": self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else ""),
            "prefix": PREFIX,
            "assets": self.console.assets,
            "hub_name": self.hub.config.hub.name,
            "lang": language.get(),
            "theme": theme if theme in THEMES else "auto",
            "account": self.holder.account if self.holder else None,
            "may": {str(right): self.account.may(right) for right in Right} if self.holder else {},
            "csrf": csrf_of(self.form_key) if self.form_key else "",
            "now": self.hub.clock(),
            "directory": self.hub.directory,
            "refreshes": self.refreshes,
        }
