"""Is it flat? Judged over the second half, when everything that fills once has filled.

Memory: the straight line through it rises by no more than a twentieth of its mean in an hour, or 8 MB if that is more.
Latencies: the median of the last quarter's 99th percentiles is at most half as much again as that of the quarter
before, or 20 ms more. What is open or waits: no more at the end than five seconds' worth of documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import linear_regression, mean, median

Row = dict[str, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """One thing that was to be flat, in words."""

    what: str
    found: str
    limit: str
    flat: bool


def judge(rows: list[Row], rate: float) -> list[Judged]:
    """Judge all that is to be flat."""
    half = rows[len(rows) // 2 :]
    judged = [_memory(half), _latency(half, "accept_p99_ms"), _latency(half, "deliver_p99_ms")]
    for what, words in (
        ("open_deliveries", "open deliveries at the end"),
        ("under_way", "documents under way"),
    ):
        left, limit = median(row[what] for row in rows[-3:]), 5 * 2 * rate
        judged.append(Judged(words, f"{left:.0f}", f"{limit:.0f}", left <= limit))
    for what in ("fds", "threads"):
        quarters = _quarters(half, what)
        limit = quarters[0] + max(5, quarters[0] * 0.1)
        judged.append(Judged(what, f"{quarters[1]:.0f}", f"{limit:.0f}", quarters[1] <= limit))
    troubles = rows[-1]["troubles"]
    judged.append(Judged("requests that failed", f"{troubles:.0f}", "0", troubles == 0))
    return judged


def total_rss(row: Row) -> float:
    """Return the memory of all processes of the hub, MB."""
    return sum(value for name, value in row.items() if name.startswith("rss_mb_"))


def _memory(rows: list[Row]) -> Judged:
    values = [total_rss(row) for row in rows]
    slope = linear_regression([row["minute"] / 60 for row in rows], values).slope if len(rows) > 1 else 0.0
    limit = max(8.0, mean(values) / 20)
    return Judged("resident memory, MB in an hour", f"{slope:+.1f}", f"+{limit:.1f}", slope <= limit)


def _latency(rows: list[Row], what: str) -> Judged:
    before, last = _quarters(rows, what)
    limit = max(before * 1.5, before + 20)
    return Judged(what.replace("_ms", ", ms").replace("_", " "), f"{last:.0f}", f"{limit:.0f}", last <= limit)


def _quarters(rows: list[Row], what: str) -> tuple[float, float]:
    middle = max(1, len(rows) // 2)
    return median(row[what] for row in rows[:middle]), median(row[what] for row in rows[middle:] or rows)
