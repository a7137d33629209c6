"""The pictures' geometry."""

from __future__ import annotations

import pytest

from adapters.console.pictures import THINNEST, Completion, Flow
from hub.model import DeliveryState, Level


def test_each_side_of_the_flow_counts_all_deliveries() -> None:
    flow = Flow({(Level.PROVINCE, Level.COMMUNE): 90, (Level.CENTRAL, Level.PROVINCE): 10})

    assert flow.total == 100
    assert sum(bar.count for bar in flow.senders) == sum(bar.count for bar in flow.receivers) == 100
    assert [bar.level for bar in flow.senders] == [Level.CENTRAL, Level.PROVINCE]
    assert all(bar.y + bar.height <= flow.height for bar in (*flow.senders, *flow.receivers))


def test_one_delivery_among_a_million_is_still_seen() -> None:
    flow = Flow({(Level.PROVINCE, Level.COMMUNE): 1_000_000, (Level.COMMUNE, Level.CENTRAL): 1})
    thin = next(ribbon for ribbon in flow.ribbons if ribbon.count == 1)
    top, bottom = (float(thin.path.split("V")[at].split()[-1 if at == 0 else 0]) for at in (0, 1))

    assert bottom - top == pytest.approx(THINNEST)


def test_an_empty_flow_has_no_bars() -> None:
    assert Flow({}).ribbons == ()
    assert Flow({}).senders == ()


def test_the_parts_of_a_completion_fill_its_bar_in_their_order() -> None:
    done = Completion.of({DeliveryState.DELIVERED: 1, DeliveryState.HELD: 1, DeliveryState.REFUSED: 2})

    assert [(part.name, part.x, part.width) for part in done.parts] == [
        ("taken", 0, 25),
        ("waiting", 25, 0),
        ("stopped", 25, 25),
        ("failed", 50, 50),
    ]


def test_it_is_a_hundred_only_when_all_have_it() -> None:
    assert Completion.of({DeliveryState.DELIVERED: 999, DeliveryState.QUEUED: 1}).percent == 99
    assert Completion.of({DeliveryState.DELIVERED: 3}).percent == 100
    assert Completion.of({}).percent == 0


def test_every_state_is_in_one_part() -> None:
    assert all(Completion.of({state: 1}).total == 1 for state in DeliveryState)
    assert all(sum(part.count for part in Completion.of({state: 1}).parts) == 1 for state in DeliveryState)
