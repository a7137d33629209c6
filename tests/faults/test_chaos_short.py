"""Hub nodes, PostgreSQL, RabbitMQ and the receiving system die again and again: the chaos run in its short form.

It brings its own PostgreSQL and RabbitMQ, which it kills; the programs have to be there. What is counted is printed.
"""

from __future__ import annotations

import asyncio

import pytest

from bench.chaos.killing import Pace
from bench.chaos.report import table
from bench.chaos.run import Options, run

KINDS = {"node", "postgresql", "rabbitmq", "receiver"}
SHORT = Options(
    kills=120,
    documents=400,
    seconds=60,  # whichever comes first: a busy machine does less
    pace=Pace(node=1.5, freeze=8, postgresql=5, rabbitmq=6, receiver=4),
)


@pytest.mark.services
def test_nothing_is_lost_and_nothing_comes_twice_whatever_is_killed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcome = asyncio.run(run(SHORT))
    with capsys.disabled():
        print(f"\n{table(outcome)}")
    assert outcome.verdict.wrong == {}, f"{table(outcome)}\nkept: {outcome.folder}"
    assert set(outcome.kills) == KINDS, "somebody was never killed: that proves nothing"
    assert outcome.verdict.counts["documents accepted"] >= 10
