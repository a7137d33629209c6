"""The sftp adapter itself: what the hub calls."""

from __future__ import annotations

import asyncio
import secrets
from typing import ClassVar

import structlog

from adapters.sftp import address as addresses
from adapters.sftp import words
from adapters.sftp.address import below
from adapters.sftp.intake import Intake, Pauses
from adapters.sftp.line import Limits, Line
from hub.adapter import Adapter, Receive, Surroundings
from hub.errors import HubError, Unavailable
from hub.model import Endpoint, Parcel, Receipt

log = structlog.get_logger()


class SftpAdapter(Adapter):
    """An agency whose system exchanges documents through an SFTP server."""

    name = "sftp"
    limits: ClassVar[Limits] = Limits()
    pauses: ClassVar[Pauses] = Pauses()

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        super().__init__(endpoint, surroundings)
        self._address = addresses.read(endpoint.address)
        self._line = Line(self._address, surroundings.secret, self.limits)

    @classmethod
    def settle(cls, address: str | None) -> str:
        """Return the address as it is stored. Raises `Misconfigured`; the server is not asked yet."""
        return addresses.read(address).written()

    @property
    def listens(self) -> bool:
        """Tell whether there is a folder to pick up from."""
        return self._address.take is not None

    async def check(self) -> None:
        """Return if the server is the right one, lets us in and has the folders."""
        for folder in (self._address.take, self._address.give):
            if folder is not None:
                await self._line.is_folder(folder)

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Put the package into `give`, whole, under the delivery's id; a repeat replaces it."""
        give = self._address.give
        if give is None:
            raise words.no_give(self._address.server)
        name = f"{parcel.id}.edxml"  # our id: a sender's words never become a path
        # Two attempts, the earlier one cut short, never write to one file: the name is new each time.
        temporary = below(give, f".{name}.{secrets.token_hex(4)}.tmp")
        await self._line.put(temporary, below(give, name), parcel.content)
        return Receipt(remote_id=name)

    async def listen(self, receive: Receive) -> None:
        """Look into `take` now and then, and hand in what is complete."""
        intake = Intake(self._address, self._line, self.pauses, self.surroundings.clock)
        failures = 0
        while True:
            try:
                pause = await intake.round(receive)
                failures = 0
            except HubError as error:
                failures += 1
                asked = error.retry_after if isinstance(error, Unavailable) else None
                pause = self.pauses.after(failures, asked)
                log.warning("sftp.waiting", endpoint=self.endpoint.id, seconds=pause, error=str(error))
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._line.close()
