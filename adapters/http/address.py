"""Which addresses a push may go to.

`https://` anywhere; `http://` only to this machine itself, so that no document and no signature crosses a network in
the clear. No user and password in the address: it is shown on screens and written to logs. Redirects are never
followed, so what is checked here is what is called.
"""

from __future__ import annotations

import ipaddress

import httpx

from hub.errors import Misconfigured
from schemas.findings import shortened
from schemas.text import Text

LONGEST = 2_000  # characters


def settled(address: str | None) -> str | None:
    """Return the address in the form to store, None for an endpoint that polls. Raises `Misconfigured`."""
    written = (address or "").strip()
    if not written:
        return None
    if len(written) > LONGEST or not written.isprintable() or " " in written:
        raise _unusable(written, Text(vi="không phải là một URL", en="it is not a URL"))
    try:
        url = httpx.URL(written)
    except httpx.InvalidURL as error:
        raise _unusable(
            written, Text(vi=f"không phải là một URL ({error})", en=f"it is not a URL ({error})")
        ) from error
    _check(written, url)
    return str(url)


def polls(address: str | None) -> bool:
    """Tell whether an endpoint without a real address fetches its documents itself."""
    return not (address or "").strip()


def _check(written: str, url: httpx.URL) -> None:
    if url.userinfo:
        # Not repeated: it holds a password.
        raise _unusable(
            f"{url.scheme}://…@{url.host}",
            Text(
                vi="không được chứa tên người dùng, mật khẩu", en="it must not hold a user name or password"
            ),
        )
    if url.scheme not in {"https", "http"} or not url.host:
        raise _unusable(
            written, Text(vi="cần dạng https://máy-chủ/đường-dẫn", en="expected the form https://host/path")
        )
    if url.port is not None and not 0 < url.port < 65_536:
        raise _unusable(written, Text(vi="cổng phải từ 1 đến 65535", en="the port must be from 1 to 65535"))
    if url.fragment:
        raise _unusable(
            written, Text(vi="không được có phần sau dấu #", en="it must not have a part after #")
        )
    if url.scheme == "http" and not is_loopback(url.host):
        raise _unusable(
            written,
            Text(
                vi="http:// chỉ được dùng cho chính máy này (127.0.0.1, ::1, localhost); nơi khác phải dùng https://",
                en="http:// is only for this machine itself (127.0.0.1, ::1, localhost); elsewhere use https://",
            ),
        )


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself, by its literal address or the name `localhost`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unusable(address: str, why: Text) -> Misconfigured:
    shown = shortened(address)
    return Misconfigured(
        Text(
            vi=f"Địa chỉ của bộ kết nối http: “{shown}” không dùng được: {why.vi}",
            en=f"Address for the http adapter: “{shown}” cannot be used: {why.en}",
        )
    )
