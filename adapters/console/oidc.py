"""Signing in at an identity provider: OpenID Connect, the code flow with PKCE (RFC 7636), state and nonce.

What must come back is sealed in a cookie of ten minutes that only this hub's master key opens, so any node of a hub may
be the one that the browser comes back to. The ID token's signature is checked against the provider's keys (joserfc),
then issuer, audience, time, nonce. Whoever has no claim that the settings know as a role does not get in. The first
visit makes an account without a password; each visit gives it the role that the provider says now.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.responses import RedirectResponse, Response

from adapters.console import PREFIX
from adapters.console.signing_in import ask, inside
from adapters.console.visit import Visit
from hub.accounts import Account, Role, proper_name
from hub.accounts_changes import agency_of
from hub.app import Hub
from hub.errors import HubError, Misconfigured, NotFound
from hub.store import accounts as store
from hub.store.writer import Transaction
from schemas.text import Sentence, Text

COOKIE_SECONDS = 600
KEYS_SECONDS = 3_600
REFETCH_SECONDS = 30  # an unknown key has the provider's keys fetched anew, not oftener than this
LEEWAY_SECONDS = 60
MOST_BYTES = 1_048_576  # of an answer of the provider's
ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]

BY_PROVIDER = Text(vi="cổng định danh", en="identity provider")
NO_ANSWER = Text(
    vi="Cổng định danh không trả lời hoặc trả lời sai; hãy thử lại, hoặc đăng nhập bằng mật khẩu",
    en="The identity provider does not answer, or not as it should; try again, or sign in with a password",
)
NOT_OURS = Text(
    vi="Lần đăng nhập này đã quá hạn hoặc không bắt đầu từ đây; hãy đăng nhập lại",
    en="This sign-in is over, or did not begin here; sign in again",
)
NO_ROLE = Text(
    vi="Cổng định danh không nêu vai trò nào mà trục biết ([oidc] roles); hãy báo người quản trị",
    en="The identity provider names no role that the hub knows ([oidc] roles); tell the administrator",
)
DISABLED = Text(vi="Tài khoản này đã bị khóa", en="This account is disabled")
TAKEN = Sentence(
    vi="Tên tài khoản “{name}” đã thuộc về người khác; hãy báo người quản trị",
    en="The account name “{name}” belongs to somebody else; tell the administrator",
)
INCOMPLETE = Sentence(
    vi="[oidc] cần issuer (https), client_id, secret_file và redirect (…/console/oidc); đang thiếu hoặc sai: {missing}",
    en="[oidc] needs issuer (https), client_id, secret_file and redirect (…/console/oidc); missing or wrong: {missing}",
)

log = structlog.get_logger(__name__)


class NotSignedIn(HubError):
    """The provider did not vouch for somebody whom the settings let in."""

    code = "console.not-signed-in"


@dataclass
class Provider:
    """The identity provider of the settings: where its doors are, and its keys, as last looked at."""

    hub: Hub
    secret: str
    transport: httpx.AsyncBaseTransport | None = None
    _about: dict[str, Any] | None = None
    _keys: KeySet | None = None
    _fetched_at: float = field(default=float("-inf"))

    @classmethod
    def of(cls, hub: Hub) -> Provider | None:
        """Return the provider that the settings name; None if they name none. Raises `Misconfigured`."""
        settings = hub.config.oidc
        if not settings.issuer:
            return None
        roles = {str(role) for role in Role}
        wrong = [
            name
            for name, good in (
                ("issuer", _safe(settings.issuer)),
                ("client_id", bool(settings.client_id)),
                ("secret_file", settings.secret_file is not None),
                ("redirect", settings.redirect.endswith(f"{PREFIX}/oidc") and _safe(settings.redirect)),
                ("roles", bool(settings.roles) and set(settings.roles.values()) <= roles),
            )
            if not good
        ]
        if wrong:
            raise Misconfigured(INCOMPLETE.say(missing=", ".join(wrong)))
        assert settings.secret_file is not None
        try:
            secret = (
                hub.config.path(settings.secret_file).read_text(encoding="utf-8").split("\n", 1)[0].strip()
            )
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(INCOMPLETE.say(missing="secret_file")) from error
        return cls(hub, secret)

    async def door(self, state: str, nonce: str, verifier: str) -> str:
        """Return where the browser goes to sign in. Raises `NotSignedIn` when the provider does not answer."""
        about, settings = await self._said(), self.hub.config.oidc
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": settings.redirect,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        door = str(about["authorization_endpoint"])
        return f"{door}{'&' if '?' in door else '?'}{urlencode(query)}"

    async def claims(self, code: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Trade a code for what the provider says of somebody. Raises `NotSignedIn`."""
        about, settings = await self._said(), self.hub.config.oidc
        answer = await self._asked(
            "POST",
            str(about["token_endpoint"]),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": settings.redirect,
                "code_verifier": verifier,
            },
            auth=httpx.BasicAuth(settings.client_id, self.secret),
        )
        try:
            token = await self._decoded(str(answer["id_token"]), about)
            claims = dict(token.claims)
            registry = jwt.JWTClaimsRegistry(
                leeway=LEEWAY_SECONDS,
                now=lambda: int(self.hub.clock().timestamp()),
                iss={"essential": True, "value": settings.issuer},
                aud={"essential": True, "value": settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            registry.validate(claims)
        except (JoseError, KeyError, TypeError, ValueError) as error:
            log.warning("console.oidc-token-refused", why=type(error).__name__)
            raise NotSignedIn(NO_ANSWER) from error
        if claims.get("azp", settings.client_id) != settings.client_id:
            raise NotSignedIn(NO_ANSWER)
        return claims

    async def _decoded(self, token: str, about: Mapping[str, Any]) -> Any:
        age = time.monotonic() - self._fetched_at
        try:
            if self._keys is not None and age < KEYS_SECONDS:
                return jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            if age < REFETCH_SECONDS:
                raise
        found = await self._asked("GET", str(about["jwks_uri"]))
        self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        self._fetched_at = time.monotonic()
        return jwt.decode(token, self._keys, algorithms=ALGORITHMS)

    async def _said(self) -> Mapping[str, Any]:
        """Return what the provider publishes of itself (OpenID Connect Discovery 1.0)."""
        if self._about is None:
            issuer = self.hub.config.oidc.issuer
            about = await self._asked("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            doors = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if about.get("issuer") != issuer or not all(_safe(str(about.get(door, ""))) for door in doors):
                raise NotSignedIn(NO_ANSWER)
            self._about = about
        return self._about

    async def _asked(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            async with (
                httpx.AsyncClient(transport=self.transport, timeout=10, trust_env=False) as client,
                client.stream(method, url, **more) as answer,
            ):
                body = b""
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise ValueError("expected less than 1 MiB")
                answer.raise_for_status()
            read = json.loads(body)
            if not isinstance(read, dict):
                raise TypeError("expected a JSON object")
        except (httpx.HTTPError, ValueError, TypeError, RecursionError) as error:
            log.warning("console.oidc-no-answer", url=url[:200], why=type(error).__name__)
            raise NotSignedIn(NO_ANSWER) from error
        return read


async def start(visit: Visit) -> Response:
    """Send the browser to the provider."""
    provider = visit.console.provider
    if provider is None:
        return visit.go("/login")
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        response = RedirectResponse(await provider.door(state, nonce, verifier), 303)
    except NotSignedIn as error:
        return await ask(visit, error.message, 502)
    until = int(visit.hub.clock().timestamp()) + COOKIE_SECONDS
    kept = json.dumps([state, nonce, verifier, until, inside(visit.asked("to"))])
    sealed = base64.urlsafe_b64encode(visit.hub.vault.seal(kept)).decode()
    response.set_cookie(
        _cookie(visit), sealed, COOKIE_SECONDS, path="/", secure=_secure(visit), httponly=True, samesite="lax"
    )
    return response


async def come_back(visit: Visit) -> Response:
    """Take the browser back, with a code or without."""
    provider = visit.console.provider
    if provider is None:
        return visit.go("/login")
    try:
        state, nonce, verifier, until, to = _kept(visit)
        given = visit.request.query_params.get("state", "")
        if (
            not secrets.compare_digest(given.encode(), state.encode())
            or until < visit.hub.clock().timestamp()
        ):
            raise NotSignedIn(NOT_OURS)
        code = visit.request.query_params.get("code", "")
        if not code:
            raise NotSignedIn(NO_ANSWER)
        claims = await provider.claims(code, nonce, verifier)
        account = await _account(visit, claims)
        response: Response = RedirectResponse(to or f"{PREFIX}/", 303)
        await visit.console.sessions.begin(visit.request, response, account, BY_PROVIDER)
    except HubError as error:
        response = await ask(visit, error.message, 403)
        response.delete_cookie(_cookie(visit), path="/", secure=_secure(visit), httponly=True, samesite="lax")
        return response
    response.delete_cookie(_cookie(visit), path="/", secure=_secure(visit), httponly=True, samesite="lax")
    return response


def _kept(visit: Visit) -> tuple[str, str, str, int, str]:
    try:
        sealed = base64.urlsafe_b64decode(visit.request.cookies.get(_cookie(visit), ""))
        state, nonce, verifier, until, to = json.loads(visit.hub.vault.open(sealed))
    except (HubError, ValueError, TypeError) as error:
        raise NotSignedIn(NOT_OURS) from error
    return state, nonce, verifier, until, to


async def _account(visit: Visit, claims: Mapping[str, Any]) -> Account:
    """Return the account of whom the provider vouches for, made or brought up to date. Raises `HubError`."""
    hub, settings = visit.hub, visit.hub.config.oidc
    role = _role(claims, settings.role_claim, settings.roles)
    name = proper_name(str(claims.get(settings.name_claim) or claims["sub"]).strip().lower())
    code = str(claims.get(settings.agency_claim) or "")
    try:
        agency = agency_of(hub, role, code if role is Role.AGENCY else None)
    except (Misconfigured, NotFound) as error:
        raise NotSignedIn(error.message) from error
    subject = f"{settings.issuer} {claims['sub']}"
    person = str(claims.get("name") or name)[:120]

    def write(tx: Transaction) -> Account:
        known = store.of_subject(tx.connection, subject)
        if known is not None and known.disabled:
            raise NotSignedIn(DISABLED)
        if known is None:
            if store.get(tx.connection, name) is not None:
                raise NotSignedIn(TAKEN.say(name=name))
            known = Account(name=name, person=person, role=role, agency=agency, subject=subject)
            store.put(tx, known)
            tx.trace("account.added", actor="account:" + name, account=name, role=str(role), person=person)
        elif (known.role, known.agency, known.person) != (role, agency, person):
            changed = replace(known, role=role, agency=agency, person=person)
            store.put(tx, changed)
            store.end_all(tx, known.name)
            tx.trace("account.changed", actor=known.actor, account=known.name, role=str(role))
            known = changed
        return known

    return await hub.store.write(write, "oidc_account")


def _role(claims: Mapping[str, Any], claim: str, roles: Mapping[str, str]) -> Role:
    """Return the role with the most rights that the claim names. A dotted claim is looked for inside objects."""
    said: Any = claims
    for part in [claim] if claim in claims else claim.split("."):
        said = said.get(part) if isinstance(said, Mapping) else None
    named = {said} if isinstance(said, str) else set(map(str, said)) if isinstance(said, list) else set()
    held = {roles[each] for each in named if each in roles}
    for role in Role:  # in the order of what they may do
        if str(role) in held:
            return role
    raise NotSignedIn(NO_ROLE)


def _safe(url: str) -> bool:
    """Tell whether an address is https; http on this very machine will do for tests."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    )


def _secure(visit: Visit) -> bool:
    return visit.console.sessions.secure


def _cookie(visit: Visit) -> str:
    return "__Host-edochub-oidc" if _secure(visit) else "edochub_oidc"
