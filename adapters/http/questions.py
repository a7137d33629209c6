"""Read what a client asks: query parameters, headers and small JSON bodies, strictly.

What is not understood is said, never guessed: a misspelt parameter or key is an error that names it, and those there
are. A stranger's words are cut before they are repeated.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Collection
from typing import Any

from starlette.requests import Request

from adapters.http.answers import Problem, misunderstood, too_slow, wrong_type
from schemas.findings import shortened
from schemas.text import Text

JSON_BYTES = 65_536
LONGEST_SECRET = 512  # characters

# curl says application/x-www-form-urlencoded when it is told nothing, so a body is judged by itself.
PACKAGE_TYPES = frozenset(
    {
        "",
        "application/xml",
        "text/xml",
        "application/edxml+xml",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
    }
)
JSON_TYPES = frozenset({"", "application/json", "application/x-www-form-urlencoded"})

NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
WHOLE_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
SHA256_MEMBER = re.compile(r"(?:^|,)\s*sha-256\s*=\s*([^,]*?)\s*(?=,|$)")
BYTE_SEQUENCE = re.compile(r":([A-Za-z0-9+/]+={0,2}):")  # RFC 8941, 3.3.5
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, 2.2
CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)


def secret(request: Request) -> str | None:
    """Return the secret in `Authorization: Bearer`, None if there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    value = value.strip()
    return value if scheme.lower() == "bearer" and 0 < len(value) <= LONGEST_SECRET else None


def only(request: Request, *known: str) -> None:
    """Raise if there is a query parameter that the operation does not know."""
    for name in request.query_params if request.scope["query_string"] else ():
        if name not in known:
            raise _unknown(name, known)


def number(request: Request, name: str, *, default: float, lowest: float, highest: float) -> float:
    """Return a query parameter as a number within its bounds."""
    return _number(request, name, NUMBER, default, lowest, highest)


def whole(request: Request, name: str, *, default: int, lowest: int, highest: int) -> int:
    """Return a query parameter as a whole number within its bounds."""
    return int(_number(request, name, WHOLE_NUMBER, default, lowest, highest))


def _number(
    request: Request, name: str, form: re.Pattern[str], default: float, lowest: float, highest: float
) -> float:
    written = request.query_params.get(name)
    if written is None:
        return default
    if not form.fullmatch(written) or not lowest <= float(written) <= highest:
        shown = shortened(written)
        raise misunderstood(
            Text(
                vi=f"Tham số “{name}”: cần một số từ {lowest:g} đến {highest:g}, nhưng gặp “{shown}”",
                en=f"Parameter “{name}”: expected a number from {lowest:g} to {highest:g}, got “{shown}”",
            )
        )
    return float(written)


def package_type(request: Request) -> None:
    """Raise 415 if the headers name a content that cannot be a package."""
    _content_type(request, PACKAGE_TYPES, A_PACKAGE)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise wrong_type(NOT_ENCODED, shortened(encoding))


def claimed_sha256(request: Request) -> str | None:
    """Return the SHA-256 that `Content-Digest` claims, in hex; None if it claims none (RFC 9530, 2)."""
    header = request.headers.get("content-digest")
    member = SHA256_MEMBER.search(header) if header else None
    if member is None:  # other algorithms may be named; a recipient need not know them
        return None
    value = BYTE_SEQUENCE.fullmatch(member[1])
    try:
        digest = base64.b64decode(value[1], validate=True) if value else b""
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise misunderstood(
            Text(
                vi="Content-Digest: cần sha-256=:<32 byte dạng base64>:, theo RFC 9530",
                en="Content-Digest: expected sha-256=:<32 bytes in base64>:, as in RFC 9530",
            )
        )
    return digest.hex()


async def small_body(request: Request, seconds: float) -> bytes:
    """Return a body of at most 64 KiB."""
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > JSON_BYTES:
                    raise Problem(413, "body.too-large", TOO_MUCH_JSON)
    except TimeoutError as error:
        raise too_slow(seconds) from error
    return bytes(body)


async def json_object(
    request: Request, seconds: float, *, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, str]:
    """Return a JSON object whose values are strings; what is optional and absent is ""."""
    _content_type(request, JSON_TYPES, A_JSON)
    try:
        read: Any = json.loads(await small_body(request, seconds))
    except (ValueError, RecursionError) as error:
        raise misunderstood(NOT_JSON) from error
    if not isinstance(read, dict):
        raise misunderstood(NOT_JSON)
    known = (*required, *optional)
    for name in read:
        if name not in known:
            raise _unknown(name, known)
    return {name: _string(read, name, needed=name in required) for name in known}


A_PACKAGE = Text(
    vi="application/xml, UTF-8, nội dung là chính các byte của tệp edXML (curl --data-binary @tệp)",
    en="application/xml, UTF-8, the body being the bytes of the edXML file (curl --data-binary @file)",
)
A_JSON = Text(vi="application/json, UTF-8", en="application/json in UTF-8")
NOT_ENCODED = Text(
    vi="nội dung không nén, không có Content-Encoding",
    en="a body that is not compressed, without Content-Encoding",
)
TOO_MUCH_JSON = Text(
    vi=f"Nội dung JSON không được quá {JSON_BYTES:,} byte",
    en=f"A JSON body may not be over {JSON_BYTES:,} bytes",
)
NOT_JSON = Text(
    vi="Nội dung phải là một đối tượng JSON, mã UTF-8", en="The body must be a JSON object, in UTF-8"
)


def _string(read: dict[str, Any], name: str, *, needed: bool) -> str:
    value = read.get(name, "")
    if not isinstance(value, str) or UNWRITABLE.search(value) or (needed and not value.strip()):
        raise misunderstood(
            Text(
                vi=f"Trường “{name}” phải là chuỗi ký tự viết được trong XML"
                + (", không để trống" if needed else ""),
                en=f"The field “{name}” must be a string that XML can hold"
                + (", not empty" if needed else ""),
            )
        )
    return value.strip()


def _unknown(name: str, known: Collection[str]) -> Problem:
    shown, there = shortened(name), ", ".join(known) or "-"
    return misunderstood(
        Text(vi=f"Không nhận ra “{shown}”; chỉ có: {there}", en=f"“{shown}” is not known; there are: {there}")
    )


def _content_type(request: Request, known: frozenset[str], expected: Text) -> None:
    header = request.headers.get("content-type", "")
    kind = header.partition(";")[0].strip().lower()
    charset = CHARSET.search(header)
    if kind not in known or (charset and charset[1].lower() not in {"utf-8", "utf8"}):
        raise wrong_type(expected, shortened(header))
