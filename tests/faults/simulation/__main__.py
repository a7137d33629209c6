"""Play seeds, and say of each that fails what broke, what came before it, and how to see it again.

python -m tests.faults.simulation --seeds 1000:6000
python -m tests.faults.simulation --seed 1234 --verbose
python -m tests.faults.simulation --seeds 0:50 --mutation tells-no-sender
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from tests.faults.simulation.mutations import MUTATIONS
from tests.faults.simulation.story import Told, played

LAST_EVENTS = 40
HASH_SEED = "PYTHONHASHSEED"


def main() -> int:
    """Play what the command line names; return 1 if anything that must hold did not."""
    given = _arguments()
    seeds = range(given.seed, given.seed + 1) if given.seed is not None else _range(given.seeds)
    if given.mutations:
        return _mutations(seeds)
    failed = count = 0
    for told in _told(seeds, given.mutation, given.jobs):
        count += 1
        if given.twice and played(told.seed, given.mutation).digest != told.digest:
            told = Told(
                told.seed, (*told.problems, "it went another way the second time"), told.events, told.digest
            )
        if given.verbose:
            print("\n".join(told.events))
        if told.problems:
            failed += 1
            print(report(told, given.mutation, 0 if given.verbose else LAST_EVENTS), flush=True)
            if given.first:
                break
        if given.digests:
            print(told.seed, told.digest)
    print(f"{count} seeds played, {failed} failed", flush=True)
    return 1 if failed else 0


def _mutations(seeds: range) -> int:
    """Break the hub in every way, and say by which seed it is noticed; return 1 if one is by none."""
    unnoticed = 0
    for mutation in MUTATIONS:
        for told in _told(seeds, mutation, 1):
            if told.problems:
                print(f"{mutation}: seed {told.seed}: {told.problems[0]}", flush=True)
                break
        else:
            unnoticed += 1
            print(f"{mutation}: nobody noticed", flush=True)
    return 1 if unnoticed else 0


def report(told: Told, mutation: str | None, last: int) -> str:
    """Say what broke in a story, what came before it, and how to see it again."""
    again = f"python -m tests.faults.simulation --seed {told.seed} --verbose"
    if mutation:
        again += f" --mutation {mutation}"
    lines = [f"seed {told.seed}:", *(f"  broken: {problem}" for problem in told.problems)]
    if last:
        lines += ["  the last events:", *(f"    {event}" for event in told.events[-last:])]
    return "\n".join([*lines, f"  again: {again}", ""])


def _told(seeds: range, mutation: str | None, jobs: int) -> Iterator[Told]:
    play = partial(played, mutation=mutation)
    if jobs == 1:
        yield from map(play, seeds)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(play, seeds, chunksize=4)


def _range(written: str) -> range:
    first, _, after = written.partition(":")
    return range(int(first), int(after))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one")
    parser.add_argument("--seeds", default="0:100", help="play these: FIRST:AFTER")
    parser.add_argument("--verbose", action="store_true", help="print everything that happens")
    parser.add_argument("--mutation", choices=sorted(MUTATIONS), help="break the hub on purpose")
    parser.add_argument(
        "--mutations", action="store_true", help="break it in every way, and expect it to be noticed"
    )
    parser.add_argument("--first", action="store_true", help="stop at the first seed that fails")
    parser.add_argument("--twice", action="store_true", help="play each twice, and fail if they differ")
    parser.add_argument("--digests", action="store_true", help="print what sums up each story")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    return parser.parse_args()


if __name__ == "__main__":
    if os.environ.get(HASH_SEED) != "0":  # the order of a set of names is part of the story
        arguments = [sys.executable, "-m", "tests.faults.simulation", *sys.argv[1:]]
        os.execve(sys.executable, arguments, {**os.environ, HASH_SEED: "0"})
    sys.exit(main())
