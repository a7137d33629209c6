"""An adapter is made anew when its endpoint changes, and the old one is closed, once nothing can be under way in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from unittest import mock

import pytest

from hub import connections
from hub.adapter import Adapter
from hub.commands._endpoint_changes import set_limits
from hub.connections import Connections
from hub.limits import EndpointLimits
from hub.model import Parcel, Receipt
from hub.testing import Box, eventually, hub_in_a_box


class Listed(Adapter):
    """Notes which of its kind were closed."""

    name = "listed"
    closed: ClassVar[list[Adapter]] = []

    async def deliver(self, parcel: Parcel) -> Receipt:
        return Receipt()

    async def close(self) -> None:
        self.closed.append(self)


@pytest.fixture(autouse=True)
def nothing_closed() -> None:
    Listed.closed.clear()


def waiting(made: Connections, seconds: float) -> Connections:
    """Have it wait for so long before it lets go of what was replaced."""
    made._let_go_after = seconds
    return made


async def changed(box: Box) -> None:
    endpoint = await box.hub.endpoint("xa")
    limits = replace(endpoint.limits, deliveries_at_once=(endpoint.limits.deliveries_at_once or 0) + 1)
    assert isinstance(limits, EndpointLimits)
    await set_limits(box.hub, endpoint, limits, "operator:test")


async def test_an_endpoint_that_did_not_change_keeps_its_adapter(tmp_path: Path) -> None:
    with mock.patch.object(connections, "adapter_class", return_value=Listed):
        async with hub_in_a_box(tmp_path) as box:
            await box.connect("xa", "H49.61")
            made = box.hub.connections.adapter_for("xa")
            assert box.hub.connections.adapter_for("xa") is made
            assert Listed.closed == []
        assert Listed.closed == [made]


async def test_a_replaced_adapter_is_closed_once(tmp_path: Path) -> None:
    with mock.patch.object(connections, "adapter_class", return_value=Listed):
        async with hub_in_a_box(tmp_path) as box:
            await box.connect("xa", "H49.61")
            held = waiting(box.hub.connections, 0.0)
            old = held.adapter_for("xa")
            await changed(box)
            new = held.adapter_for("xa")
            assert new is not old
            await eventually(lambda: Listed.closed == [old])
        assert Listed.closed == [old, new]


async def test_what_is_under_way_in_a_replaced_adapter_may_end(tmp_path: Path) -> None:
    with mock.patch.object(connections, "adapter_class", return_value=Listed):
        async with hub_in_a_box(tmp_path) as box:
            await box.connect("xa", "H49.61")
            held = box.hub.connections
            assert held._let_go_after > box.hub.config.retry.timeout_seconds
            old = held.adapter_for("xa")
            await changed(box)
            new = held.adapter_for("xa")
            await asyncio.sleep(0)
            assert Listed.closed == []
        assert sorted(map(id, Listed.closed)) == sorted(map(id, [old, new])), "each once, at the end"
