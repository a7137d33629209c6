"""Pictures as SVG: today's flow between the levels, and how far a broadcast has come. Geometry here, words elsewhere.

Only attributes, no styles: the page's policy allows none in the page, and colours come from its stylesheet by class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hub.model import DeliveryState, Level

FLOW_LEVELS = (Level.CENTRAL, Level.PROVINCE, Level.COMMUNE, Level.OTHER)

WIDTH, TOP, GAP, BAR = 640.0, 6.0, 14.0, 10.0
TALL = 190.0  # of all bars of a side together
THINNEST = 2.0
LEFT, RIGHT = 165.0, 465.0

# From the left of a completion bar to its right.
PARTS: tuple[tuple[str, frozenset[DeliveryState]], ...] = (
    ("taken", frozenset({DeliveryState.DELIVERED})),
    (
        "waiting",
        frozenset(
            {
                DeliveryState.QUEUED,
                DeliveryState.SENDING,
                DeliveryState.WAITING_FOR_RETRY,
                DeliveryState.AVAILABLE,
            }
        ),
    ),
    ("stopped", frozenset({DeliveryState.HELD, DeliveryState.SUSPENDED})),
    ("failed", frozenset({DeliveryState.REFUSED, DeliveryState.WITHDRAWN})),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A level on one side of the flow: where it stands, and how many deliveries pass."""

    level: Level
    x: float
    y: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Ribbon:
    """What goes from a level to another."""

    sender: Level
    receiver: Level
    path: str
    count: int


@dataclass(frozen=True)
class Flow:
    """How many deliveries go from which level to which."""

    counts: Mapping[tuple[Level, Level], int]

    @property
    def total(self) -> int:
        """All deliveries together."""
        return sum(self.counts.values())

    @property
    def width(self) -> float:
        """The width of the picture, in its own units."""
        return WIDTH

    @cached_property
    def height(self) -> float:
        """The height of the picture, in its own units."""
        ends = [bar.y + bar.height for bar in (*self.senders, *self.receivers)]
        return max(ends, default=0.0) + TOP

    @cached_property
    def senders(self) -> tuple[Bar, ...]:
        """The levels that send, from above."""
        return tuple(self._side(0, LEFT))

    @cached_property
    def receivers(self) -> tuple[Bar, ...]:
        """The levels that receive, from above."""
        return tuple(self._side(1, RIGHT))

    @cached_property
    def ribbons(self) -> tuple[Ribbon, ...]:
        """What goes from left to right; each takes its part of both bars."""
        left = {bar.level: bar.y for bar in self.senders}
        right = {bar.level: bar.y for bar in self.receivers}
        made = []
        for sender in FLOW_LEVELS:
            for receiver in FLOW_LEVELS:
                count = self.counts.get((sender, receiver), 0)
                if not count:
                    continue
                height = self._height(count)
                made.append(Ribbon(sender, receiver, _band(left[sender], right[receiver], height), count))
                left[sender] += height
                right[receiver] += height
        return tuple(made)

    def _side(self, end: int, x: float) -> Iterator[Bar]:
        y = TOP
        for level in FLOW_LEVELS:
            counts = [count for way, count in self.counts.items() if way[end] is level and count]
            if not counts:
                continue
            height = max(sum(self._height(count) for count in counts), 16.0)
            yield Bar(level, x, round(y, 1), round(height, 1), sum(counts))
            y += height + GAP

    def _height(self, count: int) -> float:
        return max(THINNEST, TALL * count / self.total)


def _band(left: float, right: float, height: float) -> str:
    start, end, middle = LEFT + BAR, RIGHT, (LEFT + BAR + RIGHT) / 2
    return (
        f"M{start:.1f} {left:.1f} C{middle:.1f} {left:.1f} {middle:.1f} {right:.1f} {end:.1f} {right:.1f} "
        f"V{right + height:.1f} C{middle:.1f} {right + height:.1f} {middle:.1f} {left + height:.1f} "
        f"{start:.1f} {left + height:.1f} Z"
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a completion bar, in hundredths of its width."""

    name: str
    x: float
    width: float
    count: int


@dataclass(frozen=True, slots=True)
class Completion:
    """How far a document has come with all its addressees."""

    parts: tuple[Part, ...]
    total: int

    @property
    def taken(self) -> int:
        """How many addressees have it."""
        return next(part.count for part in self.parts if part.name == "taken")

    @property
    def percent(self) -> int:
        """How many of a hundred have it, rounded down: 100 only when all have it."""
        return 100 * self.taken // self.total if self.total else 0

    @classmethod
    def of(cls, states: Mapping[DeliveryState, int]) -> Completion:
        """Return the bar for so many deliveries in each state."""
        total, x, parts = sum(states.values()), 0.0, []
        for name, these in PARTS:
            count = sum(states.get(state, 0) for state in these)
            width = 100 * count / total if total else 0.0
            parts.append(Part(name, round(x, 2), round(width, 2), count))
            x += width
        return cls(tuple(parts), total)


@dataclass(frozen=True, slots=True)
class Stacked:
    """What the bars of a table are made of: the class of each column, and whether every bar is the whole."""

    parts: tuple[str, ...]
    shares: bool = False


STACKS: dict[str, Stacked] = {
    "sent": Stacked(("province", "central")),
    "received": Stacked(("province", "central")),
    "signatures": Stacked(("taken", "failed", "stopped", "absent", "waiting"), shares=True),
    "deadlines": Stacked(("taken", "failed", "waiting"), shares=True),
}


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar of several parts, in hundredths of its width."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, counts: Sequence[int], kind: Stacked, whole: int) -> Stack:
        """Return the bar for these counts, as long as they are of the whole."""
        x, parts = 0.0, []
        for name, count in zip(kind.parts, counts, strict=False):
            width = 100 * count / whole if whole else 0.0
            parts.append(Part(name, round(x, 2), round(width, 2), count))
            x += width
        return cls(tuple(parts))
