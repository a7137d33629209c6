"""A few of the simulation's seeds, and proof that it would notice if the hub were broken. docs/simulation.md.

It plays in processes of its own: a story is told with the same order of every set, and with the real world kept out.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.faults.simulation.mutations import MUTATIONS

SEEDS = "0:60"
ENOUGH = "0:40"  # within these, each mutation must be noticed


def play(*arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run the simulation's command."""
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.simulation", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        check=False,
    )


def test_whatever_goes_wrong_nothing_is_lost_and_nothing_is_twice() -> None:
    ended = play("--seeds", SEEDS, "--jobs", "2")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_seed_always_plays_the_same_story() -> None:
    once, again = play("--seeds", "1:4", "--digests"), play("--seeds", "1:4", "--digests", hash_seed="7")
    assert once.stdout.count("\n") == 4
    assert once.stdout == again.stdout


def test_a_hub_that_is_broken_on_purpose_is_noticed() -> None:
    ended = play("--seeds", ENOUGH, "--mutations")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [line.partition(":")[0] for line in ended.stdout.splitlines()] == list(MUTATIONS)


def test_a_seed_that_fails_says_what_broke_and_how_to_see_it_again() -> None:
    ended = play("--seeds", ENOUGH, "--first", "--mutation", "changes-bytes")
    assert ended.returncode == 1
    assert "has other bytes of" in ended.stdout
    assert "--verbose --mutation changes-bytes" in ended.stdout
