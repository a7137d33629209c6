"""Walking along successions: it ends, whatever the table says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.successions import MOST_CODES, circles, follow

CODES = st.sampled_from([f"X{number}" for number in range(8)])
GRAPHS = st.dictionaries(CODES, st.lists(CODES, max_size=4), max_size=8)


def walked(graph: dict[str, list[str]], *first: str) -> list[str]:
    return follow(first, lambda code: graph.get(code, []))


def test_a_chain_is_followed_to_its_end() -> None:
    assert walked({"A": ["B"], "B": ["C"]}, "A") == ["C"]


def test_the_ends_come_in_the_order_in_which_they_were_named() -> None:
    assert walked({"A": ["B", "C", "D"], "B": ["E", "F"]}, "A") == ["E", "F", "C", "D"]


def test_two_ways_to_one_end_are_one_end() -> None:
    assert walked({"A": ["B", "C"], "B": ["D"], "C": ["D"]}, "A") == ["D"]


def test_a_circle_has_no_end() -> None:
    assert walked({"A": ["B"], "B": ["A"]}, "A") == []
    assert walked({"A": ["B"], "B": ["A", "C"]}, "A") == ["C"]


def test_what_the_limit_leaves_out_is_an_end_and_not_forgotten() -> None:
    endless = {str(number): [str(number + 1), f"side-{number}"] for number in range(2 * MOST_CODES)}
    ends = walked(endless, "0")
    assert len(ends) > 1
    assert "side-0" in ends


@given(GRAPHS, st.lists(CODES, min_size=1, max_size=3))
def test_no_walk_goes_on_for_ever(graph: dict[str, list[str]], first: list[str]) -> None:
    asked: list[str] = []

    def onward(code: str) -> list[str]:
        asked.append(code)
        return graph.get(code, [])

    ends = follow(first, onward)
    assert len(asked) == len(set(asked))
    assert len(ends) == len(set(ends))
    assert all(not graph.get(end) for end in ends)


@given(GRAPHS)
def test_a_circle_is_found_exactly_when_there_is_one(graph: dict[str, list[str]]) -> None:
    def reaches_itself(code: str) -> bool:
        seen: set[str] = set()
        waiting = list(graph.get(code, []))
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting += graph.get(here, [])
        return code in seen

    found = list(circles(graph))
    assert bool(found) == any(reaches_itself(code) for code in graph)
    for circle in found:
        assert all(after in graph[code] for code, after in zip(circle, (*circle[1:], circle[0]), strict=True))


def test_a_long_chain_of_successors_is_walked_without_recursion() -> None:
    onward = {str(number): (str(number + 1),) for number in range(20_000)}
    assert list(circles(onward)) == []
    assert len(next(iter(circles(onward | {"20000": ("0",)})))) == 20_001
