"""Where the web server listens, and the TLS that it speaks there.

A port that is taken or a certificate that does not fit is said before anything runs, in a sentence that names it.
"""

from __future__ import annotations

import resource
import socket
import ssl
from typing import Any

from hub.config import Config
from hub.errors import Misconfigured, Unavailable
from schemas.text import Text

FILES_EACH = 2  # open files that a connection may cost: itself, and a body on disk
FILES_BESIDES = 256  # of the hub itself


def bound(host: str, port: int) -> list[socket.socket]:
    """Bind every address that a host name stands for. Raises `Unavailable` naming the address."""
    made: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, where in dict.fromkeys(found):
            actual = made[0].getsockname()[1] if made else port  # one port for all, also when any will do
            made.append(_bound(family, (where[0], actual, *where[2:])))
    except OSError as error:
        for each in made:
            each.close()
        raise Unavailable(
            Text(
                vi=f"Không mở được cổng {host}:{port}: {error.strerror or error}",
                en=f"Cannot listen on {host}:{port}: {error.strerror or error}",
            )
        ) from error
    return made


def tls(config: Config) -> ssl.SSLContext:
    """Return the server's side of TLS 1.2 or newer. Raises `Misconfigured`."""
    settings = config.server
    if settings.tls_certificate is None or settings.tls_key is None:
        raise Misconfigured(
            Text(
                vi="server.tls_certificate và server.tls_key phải được khai cùng nhau",
                en="server.tls_certificate and server.tls_key must be given together",
            )
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    certificate, key = config.path(settings.tls_certificate), config.path(settings.tls_key)
    try:
        context.load_cert_chain(certificate, key, password="")  # "": never ask on a terminal
    except OSError as error:  # ssl.SSLError too
        raise Misconfigured(
            Text(
                vi=f"Không dùng được chứng thư {certificate} với khóa {key}: {error}",
                en=f"Certificate {certificate} and key {key} cannot be used: {error}",
            )
        ) from error
    return context


def most_connections(wanted: int) -> int:
    """Return how many connections this process can have, up to those that are wanted; asks the system for files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted * FILES_EACH + FILES_BESIDES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return wanted
    return min(wanted, max(1, (soft - FILES_BESIDES) // FILES_EACH))


def address(listening: socket.socket, *, secure: bool) -> str:
    """Return the URL of a socket that is bound."""
    host, port = listening.getsockname()[:2]
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def has_tls(config: Config) -> bool:
    """Tell whether the settings ask for TLS."""
    settings = config.server
    return settings.tls_certificate is not None or settings.tls_key is not None


def _bound(family: int, where: tuple[Any, ...]) -> socket.socket:
    # With its protocol named, asyncio sends at once what is written (TCP_NODELAY): else each reply in two parts, as
    # after `100 Continue`, waits 40 ms for the client's system.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1 if where[0] != "::" else 0)
        made.bind(where)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made
