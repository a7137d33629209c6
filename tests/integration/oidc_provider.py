"""A small identity provider on this machine: OpenID Connect's code flow with PKCE, as strict as a real one."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from hub.model import utc_now


@dataclass
class Provider:
    """Whoever comes is `claims`. `lies` are put over what an honest ID token says; `key` signs it."""

    client: str
    secret: str
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: new_key("one"))
    published: list[Any] = field(default_factory=list)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)  # code -> what was asked for
    redeemed: set[str] = field(default_factory=set)
    algorithm: str = "RS256"

    def app(self) -> Starlette:
        """Return it as an application."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.about),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def about(self, request: Request) -> Response:
        doors = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse(
            {"issuer": self.issuer, **{door: f"{self.issuer}/{path}" for door, path in doors.items()}}
        )

    async def authorize(self, request: Request) -> Response:
        given = dict(request.query_params)
        good = given["response_type"] == "code" and given["client_id"] == self.client
        if not good or given["code_challenge_method"] != "S256" or "openid" not in given["scope"].split():
            return Response(status_code=400)
        code = f"code-{len(self.asked)}"
        self.asked[code] = given
        back = urlencode({"code": code, "state": given["state"]})
        return RedirectResponse(f"{given['redirect_uri']}?{back}", 302)

    async def token(self, request: Request) -> Response:
        form = await request.form()
        code, basic = str(form["code"]), base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        asked = self.asked.get(code)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or code in self.redeemed
            or request.headers.get("authorization") != f"Basic {basic}"
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.redeemed.add(code)
        now = int(utc_now().timestamp())
        honest = {
            "iss": self.issuer,
            "aud": self.client,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        said = {name: value for name, value in {**honest, **self.lies}.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        token = jwt.encode(header, said, self.key, algorithms=[self.algorithm])
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    async def keys(self, request: Request) -> Response:
        published: list[Any] = self.published or [self.key]
        return JSONResponse(KeySet(published).as_dict(private=False))


def new_key(name: str) -> RSAKey:
    """Return a key to sign tokens with."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@contextlib.asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """Run a provider on any free port for the length of a block."""
    made = Provider(client="edochub", secret="bí-mật-của-trục".encode().hex())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made.issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(
            uvicorn.Config(made.app(), log_config=None, access_log=False, lifespan="off", ws="none")
        )
        with contextlib.ExitStack() as stack:
            stack.enter_context(_without_signals(server))
            running = asyncio.create_task(server.serve(sockets=[listening]))
            try:
                yield made
            finally:
                server.should_exit = True
                await running


@contextlib.contextmanager
def _without_signals(server: uvicorn.Server) -> Any:
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    yield
