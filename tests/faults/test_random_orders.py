"""Random orders of sending, repeating, failing, dying, going down and taking: what must hold, holds.

Hypothesis chooses the orders and, when one breaks something, the shortest that still does. After each death and each
restart the ledger verifies; at the end everybody goes on, and every document is where it belongs, once.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.testing import package
from tests.conftest import migrated, new_postgresql
from tests.faults.life import Fault
from tests.faults.world import FOLDER, POLLING_ENDPOINT, POLLS, PUSHED, World, world

ADDRESSEES = st.sets(st.sampled_from([PUSHED, POLLS, FOLDER]), min_size=1).map(
    lambda codes: tuple(sorted(codes))
)

# The restart and the death are worth a third of a second each; the rest is quick.
STEPS = st.one_of(
    st.tuples(st.just("submit"), ADDRESSEES),
    st.tuples(st.just("submit"), ADDRESSEES),
    st.tuples(st.just("repeat"), st.integers(0, 5)),
    st.tuples(st.just("fault"), st.sampled_from(list(Fault))),
    st.tuples(st.just("fault"), st.sampled_from(list(Fault))),
    st.tuples(st.just("die"), st.none()),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("down"), st.none()),
    st.tuples(st.just("up"), st.none()),
    st.tuples(st.just("take"), st.none()),
    st.tuples(st.just("decline"), st.none()),
    st.tuples(st.just("empty the folder"), st.none()),
)


@pytest.mark.parametrize(
    ("kind", "examples"), [("sqlite", 22), pytest.param("postgresql", 12, marks=pytest.mark.services)]
)
def test_in_whatever_order_things_happen(kind: str, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STEPS, min_size=4, max_size=16))
    def play(steps: list[tuple[str, Any]]) -> None:
        with TemporaryDirectory() as folder:
            if kind == "sqlite":
                url = f"sqlite:///{folder}/edochub.db"
                migrated(url)
                run(Path(folder), url, steps)
            else:
                with new_postgresql() as url:
                    run(Path(folder), url, steps)

    play()


def run(folder: Path, url: str, steps: list[tuple[str, Any]]) -> None:
    """Play one order to its end."""
    with world(folder, url, attempts=1_000) as made:
        for name, value in steps:
            STEP[name](made, value)
        made.far.up = True
        made.converge()
        made.check_delivered()


def submit(made: World, to: tuple[str, ...]) -> None:
    made.hand_in(package(to=to), to)


def repeat(made: World, which: int) -> None:
    if made.handed_in:
        message, (content, to) = list(made.handed_in.items())[which % len(made.handed_in)]
        accepted = made.hand_in(content, to)
        assert (accepted.message.id, accepted.duplicate) == (message, True)


def die(made: World, _: None) -> None:
    made.kill()
    made.check()


def restart(made: World, _: None) -> None:
    made.restart()
    made.check()


def take(made: World, _: None) -> None:
    for delivery in made.look(POLLING_ENDPOINT)[:1]:
        made.take(POLLING_ENDPOINT, delivery)


def decline(made: World, _: None) -> None:
    for delivery in made.look(POLLING_ENDPOINT)[:1]:
        made.decline(POLLING_ENDPOINT, delivery)


STEP: dict[str, Any] = {
    "submit": submit,
    "repeat": repeat,
    "fault": lambda made, fault: made.plan(None, fault),
    "die": die,
    "restart": restart,
    "down": lambda made, _: setattr(made.far, "up", False),
    "up": lambda made, _: setattr(made.far, "up", True),
    "take": take,
    "decline": decline,
    "empty the folder": lambda made, _: made.empty_folder(),
}
