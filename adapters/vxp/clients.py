"""Who calls. Nobody without a valid HMAC gets anything, and nobody learns from a refusal which systems there are.

The system id of the JSON, still unproven, says whose secret to try; it has to be the one of the header too. For a
system that does not exist a secret is opened and tried just the same. While an endpoint's secret is being replaced the
old one still counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog

from adapters.vxp.address import is_axis, system_id_of
from adapters.vxp.signature import (
    HASH_HEADER,
    SIGN_HEADER,
    SYSTEM_HEADER,
    Unreadable,
    authentic,
    parameters,
    read_timestamp,
)
from hub.app import Hub
from hub.errors import HubError, Misconfigured
from hub.model import Endpoint
from hub.store.endpoints import sealed_secrets
from hub.vault import new_secret
from schemas.findings import shortened
from schemas.text import Text

ADAPTER = "vxp"
SPOILT = ord("?")  # what Java writes for a letter that the client's charset does not have

NOT_PROVEN = Text(
    vi="systemid hoặc mã bí mật không đúng",
    en="The systemid or the secret is wrong",
)
NOT_ASCII = Text(
    vi="Không xác thực được: tham số có ký tự ngoài ASCII (chẳng hạn filePath là thư mục có dấu tiếng Việt); "
    "SDK làm hỏng các ký tự đó nên chữ ký không khớp. Hãy chỉ dùng ký tự không dấu",
    en="Not proven: a parameter has characters beyond ASCII (filePath naming a folder with Vietnamese letters, say); "
    "the SDK spoils them, and the signature does not match. Use ASCII only",
)

log = structlog.get_logger(__name__)


class Unproven(HubError):
    """The call is not signed with the secret of a system of this hub."""

    code = "unauthenticated"


@dataclass(frozen=True, slots=True)
class Caller:
    """A system that has proven who it is, and the parameters that it signed."""

    endpoint: Endpoint
    system_id: str
    parameters: Mapping[str, str]


class Clients:
    """The systems that call this hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._version = -1  # of the directory that these were sorted out of
        self._systems: Mapping[str, list[Endpoint]] = {}
        self._axes: Mapping[str, list[Endpoint]] = {}
        self._decoy = hub.vault.seal(new_secret())  # a secret that nobody was ever told

    async def who(self, headers: Iterable[tuple[bytes, bytes]], *, neighbours: bool = False) -> Caller:
        """Return who signed these headers: a system, or with `neighbours` also an axis that knows us by this name.

        Raises `Unproven`, and `Unavailable` when the database does not answer.
        """
        sign_header, presented, named = _signed(headers)
        try:
            given = parameters(sign_header)
        except Unreadable as error:
            raise _unproven(sign_header) from error
        claimed = given.get("systemid", "")
        await self._hub.refresh_directory()
        proven = None
        for endpoint in self._named(claimed, neighbours=neighbours) or [None]:
            if authentic(sign_header, presented, await self._secrets(endpoint)):
                proven = endpoint
        if proven is None or named != claimed:
            log.info("vxp.unproven", system=shortened(claimed))
            raise _unproven(sign_header)
        self._note_clock(proven, given)
        return Caller(proven, claimed, given)

    def _named(self, system_id: str, *, neighbours: bool) -> list[Endpoint | None]:
        """Return the endpoints that go by a system id. They are sorted out once for each state of the directory."""
        directory = self._hub.directory
        if self._version != directory.version:
            self._version = directory.version
            self._systems = by_system_id(each for each in directory.endpoints if not is_axis(each.address))
            self._axes = by_system_id(each for each in directory.endpoints if is_axis(each.address))
        return [*self._systems.get(system_id, ()), *(self._axes.get(system_id, ()) if neighbours else ())]

    async def _secrets(self, endpoint: Endpoint | None) -> list[str]:
        name, now = endpoint.id if endpoint else "", self._hub.clock()
        sealed = await self._hub.store.read(lambda connection: sealed_secrets(connection, name, now))
        return [self._hub.vault.open(each) for each in sealed or [self._decoy]]

    def _note_clock(self, endpoint: Endpoint, given: Mapping[str, str]) -> None:
        """Log how old the client's time is. It is that of the client's start, so nothing is refused for it."""
        at = read_timestamp(given.get("timestamp", ""))
        age = (self._hub.clock() - at).total_seconds() if at else None
        log.debug("vxp.call", endpoint=endpoint.id, age_seconds=age)


def by_system_id(endpoints: Iterable[Endpoint]) -> dict[str, list[Endpoint]]:
    """Return the endpoints of this adapter that are in use, by the name that far side and we go by."""
    found: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        if endpoint.adapter == ADAPTER and not endpoint.disabled:
            try:
                found.setdefault(system_id_of(endpoint), []).append(endpoint)
            except Misconfigured:  # a row that another hand wrote
                log.warning("vxp.misconfigured", endpoint=endpoint.id)
    return found


def _signed(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, str, str]:
    """Return the sign-header, the proof and the system's name. Raises `Unproven` unless each is there once."""
    wanted = (SIGN_HEADER, HASH_HEADER, SYSTEM_HEADER)
    found = [(name, value) for name, value in headers if name in wanted]
    by_name = dict(found)
    sign_header = by_name.get(SIGN_HEADER, b"")
    if len(found) != len(wanted) or len(by_name) != len(wanted):
        raise _unproven(sign_header)
    return sign_header, by_name[HASH_HEADER].decode("latin-1"), by_name[SYSTEM_HEADER].decode("latin-1")


def _unproven(sign_header: bytes) -> Unproven:
    """Return the one answer to whoever did not prove it; it depends on nothing but what was sent."""
    plain = all(0x20 <= byte < 0x7F and byte != SPOILT for byte in sign_header)
    return Unproven(NOT_PROVEN if plain else NOT_ASCII)
