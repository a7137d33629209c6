"""Tell a one-stop shop (một cửa liên thông) or a public-service portal, by webhook, of the answers for its dossiers.

Address: the https:// URL of the webhook, and in its query `dossiers=UNIT[,UNIT…]`: the units whose dossiers are the far
side's. A document belongs to a dossier when its subject, its number or its DocumentId names the dossier's code
(H99.13-261120-0001, or 000.00.13.H99-261120-0001). Each answer to such a document, whoever sent it, is told, beside
whatever is addressed to the endpoint itself. Without `dossiers` that alone is told. `dossiers` does not go out.

Handed over when the far side answers 2xx; 409 says that it had it. Twice: the same body under the same
`Idempotency-Key`, which is also the `id` in it. What is posted is JSON, signed as every push (`adapters/http`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pybase64

from adapters.http import address as web_address
from adapters.http.push import HttpAdapter
from hub.adapter import Follows, Mount
from hub.app import Hub
from hub.errors import Misconfigured
from hub.model import Message, Parcel, Receipt
from schemas import xml
from schemas.edxml import reader
from schemas.edxml.codes import status_name
from schemas.edxml.envelope import PackageKind
from schemas.findings import InvalidDocument, shortened
from schemas.text import Sentence, Text

PARAMETER = "dossiers"
UNIT = re.compile(r"[A-Z0-9]{1,6}(?:\.[A-Z0-9]{1,6}){0,7}")
MOST_UNITS = 100
DOSSIER = re.compile(
    r"(?<![\w.-])((?:[0-9]{2,3}\.){0,3}[A-Z][0-9]{2}(?:\.[0-9]{1,4}){0,4})-([0-9]{6})-([0-9]{3,8})(?![\w-])"
)
MOST_DOSSIERS = 20  # of one document
IN_LOOP_BYTES = 262_144

UNUSABLE = Sentence(
    vi="Địa chỉ của bộ kết nối onestop: “{address}” không dùng được: {why}",
    en="Address for the onestop adapter: “{address}” cannot be used: {why}",
)
NO_URL = Text(
    vi="cần dạng https://máy-chủ/đường-dẫn?dossiers=MÃ", en="expected https://host/path?dossiers=UNIT"
)
BAD_UNITS = Text(
    vi="dossiers là mã các đơn vị cách nhau dấu phẩy, chẳng hạn H99.13,000.00.13.H99",
    en="dossiers names units with commas between them: H99.13,000.00.13.H99",
)


@dataclass(frozen=True, slots=True)
class Address:
    """A settled address: the webhook's URL without our parameter, and whose dossiers are followed."""

    url: str
    units: tuple[str, ...]

    def written(self) -> str:
        """Return the form that is stored."""
        if not self.units:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}{PARAMETER}={','.join(self.units)}"


def read(address: str | None) -> Address:
    """Read an address. Raises `Misconfigured` for one that can never work."""
    settled = web_address.settled(address)
    if settled is None:
        raise _unusable(address, NO_URL)
    url, _, query = settled.partition("?")
    rest = [part for part in query.split("&") if part]
    ours = [part for part in rest if part.partition("=")[0] == PARAMETER]
    theirs = "&".join(part for part in rest if part not in ours)
    units: tuple[str, ...] = ()
    if ours:
        named = ours[0].partition("=")[2].upper().replace("%2C", ",").split(",")
        units = tuple(dict.fromkeys(named))
        if len(ours) > 1 or len(units) > MOST_UNITS or not all(UNIT.fullmatch(unit) for unit in units):
            raise _unusable(address, BAD_UNITS)
    return Address(f"{url}?{theirs}" if theirs else url, units)


def dossiers_of(document: Message, units: Sequence[str] = ()) -> list[str]:
    """Return the dossiers that a document names, each once; with `units`, only theirs and those of units below."""
    words = (document.subject, document.code, document.document_id)
    found = dict.fromkeys(match for each in words for match in DOSSIER.finditer(each))
    codes = [match[0] for match in found if not units or any(_within(match[1], unit) for unit in units)]
    return list(dict.fromkeys(codes))[:MOST_DOSSIERS]


class OnestopAdapter(HttpAdapter):
    """A system that has dossiers, and wants to know what becomes of the documents about them."""

    name = "onestop"

    @classmethod
    def polls(cls, address: str | None) -> bool:  # noqa: ARG003
        """Tell that it never comes by itself: it is told."""
        return False

    @classmethod
    def settle(cls, address: str | None) -> str | None:
        """Return the address as it is stored. Raises `Misconfigured`."""
        return read(address).written()

    @classmethod
    def follows(cls, address: str | None) -> Follows | None:
        """Pick the documents that name a dossier of the units in the address."""
        units = read(address).units
        return (lambda document: bool(dossiers_of(document, units))) if units else None

    @classmethod
    def mount(cls, hub: Hub) -> Sequence[Mount]:  # noqa: ARG003
        """Put nothing on the hub's web server: the far side sends by `adapters/http`."""
        return ()

    async def deliver(self, parcel: Parcel) -> Receipt:
        """POST what happened; return once the far side has answered for it."""
        about = parcel.message.about
        document = await self.surroundings.message(about) if about else None
        body = await asyncio.to_thread(event, parcel, document, read(self.endpoint.address).units)
        posted = replace(parcel.message, sha256=hashlib.sha256(body).hexdigest(), size=len(body))
        return await super().deliver(replace(parcel, package=body, message=posted))

    async def _headers(self, parcel: Parcel) -> dict[str, str]:
        return {**await super()._headers(parcel), "Content-Type": "application/json"}

    def _address(self) -> httpx.URL:
        return httpx.URL(read(self.endpoint.address).url)


def event(parcel: Parcel, document: Message | None, units: Sequence[str] = ()) -> bytes:
    """Return what is posted. `document` is what the package answers, if the hub knows it."""
    message = parcel.message
    is_answer = message.kind is PackageKind.STATUS
    about = document if is_answer else message
    said: dict[str, Any] = {
        "id": parcel.id,
        "event": "answer" if is_answer else "document",
        "dossiers": dossiers_of(about, units) if about is not None else [],
        "document": _document(about) if about is not None else None,
        "answer": _answer(parcel) if is_answer else None,
        "message": message.id,
        "from": message.sender,
        "from_name": message.sender_name,
        "to": parcel.addressee,
        "accepted_at": message.accepted_at.isoformat(),
        "sha256": message.sha256,
        "size": message.size,
    }
    head = json.dumps(said, ensure_ascii=True).encode()
    return b"".join((head[:-1], b', "package": "', pybase64.b64encode(parcel.content), b'"}'))


def _document(document: Message) -> dict[str, Any]:
    return {
        "id": document.id,
        "document_id": document.document_id,
        "code": document.code,
        "subject": document.subject,
        "from": document.sender,
    }


def _answer(parcel: Parcel) -> dict[str, Any]:
    """Return what a status package says, as far as it can be read: the package goes along in any case."""
    code = parcel.message.status_code or ""
    name = status_name(code)
    said: dict[str, Any] = {
        "code": code,
        "name": {"vi": name.vi, "en": name.en},
        "description": "",
        "at": None,
    }
    try:
        status = reader.read(xml.parse(parcel.content)).status
    except InvalidDocument:
        return said
    if status is not None:
        said |= {"description": status.description, "at": status.at.isoformat() if status.at else None}
    return said


def _within(unit: str, above: str) -> bool:
    """Tell whether a unit is one, or below it; the older codes are read from their end."""
    return unit == above or unit.startswith(f"{above}.") or unit.endswith(f".{above}")


def _unusable(address: str | None, why: Text) -> Misconfigured:
    return Misconfigured(UNUSABLE.say(address=shortened(address or ""), why=why))
