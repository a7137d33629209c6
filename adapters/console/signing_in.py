"""Signing in with a password, signing out, and what a browser prefers (language, colours).

A password is asked for over TLS only, or on the hub's own machine. A wrong name and a wrong password are answered with
the same words after the same time.
"""

from __future__ import annotations

import asyncio
import ipaddress

import structlog
from starlette.responses import RedirectResponse, Response

from adapters.console import PREFIX
from adapters.console.sessions import Outdated, csrf_of
from adapters.console.visit import THEMES, Visit
from hub.accounts import Account, fits
from hub.store import accounts as store
from schemas.findings import shortened
from schemas.text import LANGUAGES, Sentence, Text

YEAR_SECONDS = 31_536_000

BY_PASSWORD = Text(vi="mật khẩu", en="password")
WRONG = Text(vi="Tài khoản hoặc mật khẩu không đúng", en="The account or the password is wrong")
TOO_OFTEN = Sentence(
    vi="Sai mật khẩu quá nhiều lần; hãy thử lại sau {minutes} phút",
    en="Too many wrong passwords; try again in {minutes} min",
)
IN_THE_CLEAR = Text(
    vi="Mật khẩu chỉ được gửi qua TLS: hãy đặt server.tls_certificate, hoặc console.tls_in_front nếu có proxy TLS",
    en="Passwords go over TLS only: set server.tls_certificate, or console.tls_in_front behind a proxy with TLS",
)

log = structlog.get_logger(__name__)


async def ask(visit: Visit, said: Text | None = None, status: int = 200) -> Response:
    """Show the sign-in page."""
    if visit.holder is not None:
        return visit.go("/")
    sessions = visit.console.sessions
    key = visit.form_key or sessions.new_key()
    there = await visit.hub.store.read(store.any_there)
    clear = None if confidential(visit) else IN_THE_CLEAR
    response = visit.page(
        "login.html",
        status,
        csrf=csrf_of(key),
        said=said or clear,
        to=inside(visit.asked("to")),
        none_there=not there,
        provider=visit.console.provider is not None,
    )
    sessions.give_form_key(response, key)
    return response


async def sign_in(visit: Visit) -> Response:
    """Take a name and a password."""
    form = await visit.form()
    if not confidential(visit):
        return await ask(visit, IN_THE_CLEAR, 403)
    name, address = str(form.get("name", "")).strip().lower()[:64], counted_address(visit)
    attempts = visit.console.attempts
    wait = attempts.wait_seconds(name, address)
    if wait:
        log.warning("console.sign-in-limited", account=shortened(name), address=address)
        refused = await ask(visit, TOO_OFTEN.say(minutes=-(-wait // 60)), 429)
        refused.headers["retry-after"] = str(wait)
        return refused
    attempts.failed(name, address)
    account = await visit.hub.store.read(lambda connection: store.get(connection, name))
    if not await is_right(visit, account, str(form.get("password", ""))):
        log.warning("console.sign-in-failed", account=shortened(name), address=address)
        return await ask(visit, WRONG, 401)
    assert account is not None
    response = RedirectResponse(inside(str(form.get("to", ""))) or f"{PREFIX}/", 303)
    try:
        await visit.console.sessions.begin(visit.request, response, account, BY_PASSWORD)
    except Outdated:
        log.warning("console.sign-in-failed", account=shortened(name), address=address)
        return await ask(visit, WRONG, 401)
    attempts.succeeded(name, address)
    return response


async def is_right(visit: Visit, account: Account | None, password: str) -> bool:
    """Tell whether a password is an account's; as slow for nobody's as for somebody's."""
    kept = account.password if account is not None and not account.disabled else None
    async with visit.console.hashing:
        return await asyncio.to_thread(fits, kept, password)


async def sign_out(visit: Visit) -> Response:
    """End the session."""
    await visit.form()
    response = visit.go("/login")
    assert visit.holder is not None
    await visit.console.sessions.end(response, visit.holder)
    return response


async def prefer(visit: Visit) -> Response:
    """Keep a language, or light or dark, in a cookie, and go back to where the switch was."""
    response = RedirectResponse(inside(visit.request.query_params.get("back", "")) or f"{PREFIX}/", 303)
    for name, cookie, known in (("lang", "edochub_lang", LANGUAGES), ("theme", "edochub_theme", THEMES)):
        if (value := visit.asked(name)) in known:
            response.set_cookie(
                cookie,
                value,
                max_age=YEAR_SECONDS,
                path=PREFIX,
                secure=visit.console.sessions.secure,
                httponly=True,
                samesite="lax",
            )
    return response


def inside(address: str) -> str:
    """Return an address if it is one of the console's own pages; else "": nobody is sent elsewhere from here."""
    fits_in = address.startswith(f"{PREFIX}/") and len(address) <= 1_000 and address.isprintable()
    return address if fits_in and "\\" not in address and "//" not in address.partition("?")[0] else ""


def address_of(visit: Visit) -> str:
    """Return the address that a request comes from."""
    return visit.request.client.host if visit.request.client else "?"


def counted_address(visit: Visit) -> str:
    """Return the address by which tries are counted; behind a proxy of ours, the one that the proxy says."""
    peer = address_of(visit)
    if visit.hub.config.console.tls_in_front:
        said = ",".join(visit.request.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
        return network_of(said) or network_of(peer) or peer
    return network_of(peer) or peer


def network_of(address: str) -> str:
    """Return the network that one person may have to themselves: an IPv4 address, 64 bits of IPv6; "" for neither."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((int(found), 128)).supernet(new_prefix=64))
        return str(found.ipv4_mapped)
    return str(found)


def confidential(visit: Visit) -> bool:
    """Tell whether nobody on the way can read what is typed."""
    if visit.console.sessions.secure:
        return True
    try:
        return ipaddress.ip_address(address_of(visit)).is_loopback
    except ValueError:
        return False
