"""The AMQP adapter, against RabbitMQ, does what every adapter must do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.amqp import AmqpAdapter
from adapters.amqp.taking import Pauses
from hub.conformance import ListeningConformance
from hub.rig import ListeningRig, endpoint, surroundings
from tests.unit.adapters.amqp.wire import Broker, broker

EXPECTED_HEADERS = frozenset(
    {
        "edochub-attempt",
        "edochub-message",
        "edochub-from",
        "edochub-to",
        "edochub-document",
        "edochub-kind",
        "edochub-sha256",
        "edochub-priority",
        "x-deduplication-header",
    }
)


class HastyAmqpAdapter(AmqpAdapter):
    pauses = Pauses(first_seconds=0.02, longest_seconds=0.1, idle_seconds=0.2)


class AmqpRig(ListeningRig):
    bad_addresses = (
        None,
        "",
        "amqps://broker.example/vhost",
        "amqp://broker.example/?take=q",
        "amqps://user:password@broker.example/?take=q",
        "amqps://broker.example/?give=no-colon",
        "https://broker.example/?take=q",
    )

    def __init__(self, far_side: Broker) -> None:
        self.far_side = far_side
        self.handed_in: dict[str, bytes] = {}

    def open(self) -> AmqpAdapter:
        address = AmqpAdapter.settle(self.far_side.address())
        return HastyAmqpAdapter(endpoint("amqp", address), surroundings(self.far_side.secret))

    async def documents(self) -> list[bytes]:
        await self.far_side.read()
        return [message.body for message in self.far_side.documents.values()]

    async def go_down(self) -> None:
        await self.far_side.wire.cut()

    async def come_back(self) -> None:
        await self.far_side.wire.open()

    async def strays(self) -> list[str]:
        await self.far_side.read()
        names = {name for message in self.far_side.documents.values() for name in message.headers}
        return sorted(names - EXPECTED_HEADERS)

    async def hand_in(self, content: bytes) -> None:
        message_id = f"package {len(self.handed_in) + 1}"
        self.handed_in[message_id] = content
        await self.far_side.hand_in(content, message_id)

    async def told_accepted(self) -> list[bytes]:
        return [self.handed_in[message_id] for message_id in self.far_side.wire.acknowledged]

    async def told_refused(self) -> list[bytes]:
        await self.far_side.read()
        for message in self.far_side.refusals:
            assert json.loads(message.body)["error"]["message"]["vi"]
        return [self.handed_in[str(message.correlation_id)] for message in self.far_side.refusals]


@pytest.mark.services
class TestAmqp(ListeningConformance):
    @asynccontextmanager
    async def rig(self) -> AsyncIterator[AmqpRig]:
        async with broker() as far_side:
            yield AmqpRig(far_side)
