"""Who a browser belongs to, and for how long.

The browser holds 32 random bytes in a cookie that scripts cannot read; the database holds their SHA-256. A session ends
when nobody used it for `console.idle_minutes`, after `console.longest_hours`, and with every change of its account;
it does not begin if the account changed while the sign-in was looked at.
Pages that refresh themselves do not count as use. What forms send back against forgery is derived from the cookie.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from hub.accounts import Account
from hub.app import Hub
from hub.errors import HubError
from hub.store import accounts as store
from hub.store.accounts import Session
from hub.store.writer import Transaction
from hub.web_sockets import has_tls
from schemas.text import Text

NOTED_EVERY = timedelta(seconds=60)  # that a session is in use
TOKEN_LENGTH = 43


CHANGED = Text(
    vi="Tài khoản vừa được thay đổi; hãy đăng nhập lại", en="The account has just been changed; sign in again"
)


class Outdated(HubError):
    """The account is no longer what it was when the sign-in was looked at."""

    code = "console.outdated"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who signed in, and the digest by which the session is known."""

    account: Account
    digest: str


class Sessions:
    """The sessions of one hub's console."""

    def __init__(self, hub: Hub, chance: Callable[[int], str] = secrets.token_urlsafe) -> None:
        self._hub = hub
        self._chance = chance
        settings = hub.config.console
        self.secure = has_tls(hub.config) or settings.tls_in_front
        self.cookie = "__Host-edochub" if self.secure else "edochub_session"
        self.form_cookie = "__Host-edochub-form" if self.secure else "edochub_form"
        self._idle = timedelta(minutes=settings.idle_minutes)
        self._longest = timedelta(hours=settings.longest_hours)

    async def holder(self, request: Request) -> Holder | None:
        """Return who a request comes from, if anybody who is signed in."""
        token = request.cookies.get(self.cookie, "")
        if len(token) != TOKEN_LENGTH:
            return None
        digest = digest_of(token)

        def ask(connection: sa.Connection) -> Session | None:
            return store.session(connection, digest)

        found = await self._hub.store.read(ask)
        now = self._hub.clock()
        if found is None or found.account.disabled:
            return None
        if now >= found.ends_at or now - found.seen_at >= self._idle:
            return None
        if "x-console-refresh" not in request.headers and now - found.seen_at >= min(
            NOTED_EVERY, self._idle / 2
        ):
            await self._hub.store.write(lambda tx: store.seen(tx, digest), "session_seen")
        return Holder(found.account, digest)

    async def begin(self, request: Request, response: Response, account: Account, way: Text) -> None:
        """Sign somebody in: a new token, whatever the browser held before. Raises `Outdated`."""
        before = request.cookies.get(self.cookie, "")
        token = self._chance(32)
        ends_at = self._hub.clock() + self._longest

        def write(tx: Transaction) -> None:
            if store.get(tx.connection, account.name) != account:
                raise Outdated(CHANGED)
            if before:
                store.end(tx, digest_of(before))
            store.begin(tx, digest_of(token), account.name, ends_at)
            tx.trace("account.signed-in", actor=account.actor, way=way.as_json())

        await self._hub.store.write(write, "sign_in")
        self._set(response, self.cookie, token)

    async def end(self, response: Response, holder: Holder) -> None:
        """Sign somebody out."""

        def write(tx: Transaction) -> None:
            store.end(tx, holder.digest)
            tx.trace("account.signed-out", actor=holder.account.actor)

        await self._hub.store.write(write, "sign_out")
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="lax")

    # --- forms --------------------------------------------------------------------------------------------------------

    def form_key(self, request: Request) -> str:
        """Return the cookie that forms are bound to; "" if the browser has none yet."""
        return request.cookies.get(self.cookie) or request.cookies.get(self.form_cookie) or ""

    def new_key(self) -> str:
        """Return a fresh random key."""
        return self._chance(32)

    def give_form_key(self, response: Response, key: str) -> None:
        """Put a form key into a browser."""
        self._set(response, self.form_cookie, key)

    def _set(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, path="/", secure=self.secure, httponly=True, samesite="lax")


def digest_of(token: str) -> str:
    """Return what the database knows a token by."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(key: str) -> str:
    """Return what a form sends back, made of a cookie that another site can neither read nor set."""
    return hmac.digest(key.encode(), b"edochub console form v1", hashlib.sha256).hex()


def same_csrf(key: str, given: str) -> bool:
    """Tell whether a form was made for this browser."""
    return bool(key) and hmac.compare_digest(csrf_of(key).encode(), given.encode())
