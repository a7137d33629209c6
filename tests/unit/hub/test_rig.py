"""The rig: what it tells the author of an adapter, and how soon."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from hub.adapter import Adapter, Receive, Surroundings
from hub.model import Endpoint, Parcel, Receipt
from hub.rig import StandInHub, listening


class Listening(Adapter):
    """Listens until it is cancelled, or raises at once."""

    name = "listening"
    broken = False

    async def deliver(self, parcel: Parcel) -> Receipt:
        return Receipt()

    async def listen(self, receive: Receive) -> None:
        if self.broken:
            raise RuntimeError("broken")
        await asyncio.Event().wait()


async def no_secret() -> None:
    return None


def adapter() -> Listening:
    endpoint = Endpoint(id="e", adapter="listening", address=None, agencies=frozenset(), polls=False)
    return Listening(endpoint, Surroundings(clock=lambda: datetime.now(UTC), secret=no_secret))


async def test_a_listener_that_ends_is_told_at_once_with_its_cause() -> None:
    ends = adapter()
    ends.broken = True
    with pytest.raises(AssertionError, match="until it is cancelled") as told:
        async with listening(ends, StandInHub()):
            await asyncio.Event().wait()
    assert isinstance(told.value.__cause__, RuntimeError)


async def test_what_the_block_raises_is_its_own() -> None:
    with pytest.raises(ValueError, match="its own"):
        async with listening(adapter(), StandInHub()):
            raise ValueError("its own")


async def test_a_listener_that_goes_on_is_stopped_at_the_end() -> None:
    async with listening(adapter(), StandInHub()):
        await asyncio.sleep(0)
