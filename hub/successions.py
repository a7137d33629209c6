"""Walking along successions: from a closed code to who took over, however many times that happened.

A graph of codes, nothing else: what a code means and whether it holds on a day is the directory's knowledge. No walk
here can go on for ever: a code is looked at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

MOST_CODES = 500  # that one walk looks at; a district had at most fourteen successors


def follow(first: Sequence[str], onward: Callable[[str], Sequence[str]]) -> list[str]:
    """Return the codes at which a succession ends, in the order in which they were named.

    `onward` gives the codes that follow a code, none if it ends there. A way that comes back to itself has no end. What
    the limit leaves unwalked counts as an end: a succession never looks narrower than it is.
    """
    ends: dict[str, None] = {}
    seen: set[str] = set()
    waiting = list(reversed(first))
    while waiting and len(seen) < MOST_CODES:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        further = onward(code)
        if further:
            waiting.extend(reversed(further))
        else:
            ends[code] = None
    return [*ends, *(code for code in reversed(waiting) if code not in seen)]


def circles(onward: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the circles of a graph, each at least once: a walk in depth, without recursion."""
    done: set[str] = set()
    for start in onward:
        path: dict[str, Iterator[str]] = {}
        step: str | None = start
        while step is not None or path:
            if step is not None and step in path:
                yield tuple(path)[tuple(path).index(step) :]
            elif step is not None and step not in done:
                path[step] = iter(onward.get(step, ()))
            last = next(reversed(path), None)
            step = next(path[last], None) if last is not None else None
            if step is None and last is not None:
                done.add(last)
                del path[last]
