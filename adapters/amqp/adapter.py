"""The amqp adapter itself: what the hub calls.

Two connections: a broker that is short of memory stops those who publish, and taking must go on.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from adapters.amqp import address as addresses
from adapters.amqp import letters, words
from adapters.amqp.line import Limits, Line
from adapters.amqp.taking import Pauses, Taking
from hub.adapter import Adapter, Receive, Surroundings
from hub.errors import Misconfigured
from hub.model import Endpoint, Parcel, Receipt


class AmqpAdapter(Adapter):
    """An agency whose system exchanges documents through queues of a RabbitMQ."""

    name = "amqp"
    limits: ClassVar[Limits] = Limits()
    pauses: ClassVar[Pauses] = Pauses()

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        super().__init__(endpoint, surroundings)
        self._address = addresses.read(endpoint.address)
        self._giving, self._taking = (
            Line(self._address, endpoint.id, surroundings.secret, self.limits) for _ in ("give", "take")
        )

    @classmethod
    def settle(cls, address: str | None) -> str:
        """Return the address as it is stored. Raises `Misconfigured`; the broker is not asked yet."""
        return addresses.read(address).written()

    @property
    def listens(self) -> bool:
        """Tell whether there is a queue to take from."""
        return self._address.take is not None

    async def check(self) -> None:
        """Return if the broker lets us in and has what the address names; nothing is published or taken."""
        await self._giving.check()

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Publish the package; return once the broker has stored it in a queue."""
        if self._address.give is None:
            raise Misconfigured(words.NO_GIVE.say(server=self._address.server))
        await self._giving.publish(letters.document(parcel), self._address.give)
        return Receipt(remote_id=parcel.id)

    async def listen(self, receive: Receive) -> None:
        """Take from the queue, one message after the other."""
        refusals = self._address.refusals
        tell = None if refusals is None else partial(self._giving.publish, target=refusals)
        await Taking(self._taking, tell, self.pauses, self.surroundings.clock).run(receive)

    async def close(self) -> None:
        """Let go of both connections."""
        await self._taking.close()
        await self._giving.close()
