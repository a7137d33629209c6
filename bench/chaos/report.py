"""What a run did and found: a table for the terminal, JSON for programs, a page of Markdown for docs/."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.chaos.run import Outcome

MEANING = {
    "node": "a hub node (`edochub serve`)",
    "postgresql": "PostgreSQL: the postmaster and every backend",
    "rabbitmq": "RabbitMQ, now and then with its disk",
    "receiver": "the system that is pushed to",
}


def table(outcome: Outcome) -> str:
    """Return what a person reads at the end of a run."""
    rows = [f"{name:32} {count:>12,}" for name, count in outcome.verdict.counts.items()]
    rows += [
        f"{'killed: ' + kind:32} {count:>12,}   {_told(outcome, kind)}"
        for kind, count in outcome.kills.items()
    ]
    rows.append(f"{'frozen and thawed':32} {outcome.freezes:>12,}")
    rows.append(f"{'nodes that ended by themselves':32} {outcome.left.total():>12,}   {dict(outcome.left)}")
    for what, count in outcome.verdict.wrong.items():
        rows.append(f"WRONG: {what}: {count}")
        rows += [f"    {example}" for example in outcome.verdict.examples.get(what, [])]
    rows.append(verdict(outcome))
    return "\n".join(rows)


def verdict(outcome: Outcome) -> str:
    """Return the run in one sentence."""
    wrong = outcome.verdict.wrong
    lost, doubled = wrong.get("lost", 0), wrong.get("doubled", 0)
    other = sum(wrong.values()) - lost - doubled
    return (
        f"{outcome.kills.total():,} kills, {outcome.verdict.counts['documents accepted']:,} documents:"
        f" {lost} lost, {doubled} doubled, {other} other things wrong"
    )


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return it for programs."""
    return {
        "good": outcome.good,
        "seed": outcome.options.seed,
        "seconds": round(outcome.seconds, 1),
        "kills": dict(outcome.kills),
        "freezes": outcome.freezes,
        "ended_by_themselves": {str(code): count for code, count in outcome.left.items()},
        "counts": outcome.verdict.counts,
        "wrong": outcome.verdict.wrong,
        "recovery_seconds": {
            kind: dict(zip(("p50", "p99", "max"), spread(values), strict=True))
            for kind, values in outcome.verdict.recovery.items()
        },
    }


def spread(values: list[float]) -> tuple[float, float, float]:
    """Return median, 99th percentile and maximum."""
    if len(values) < 2:
        return (values[0], values[0], values[0]) if values else (0.0, 0.0, 0.0)
    cuts = quantiles(values, n=100, method="inclusive")
    return round(cuts[49], 3), round(cuts[98], 3), round(max(values), 3)


def markdown(outcome: Outcome) -> str:
    """Return the page, `page.md` filled in."""
    options, kills = outcome.options, outcome.kills
    return (
        Path(__file__)
        .with_name("page.md")
        .read_text(encoding="utf-8")
        .format(
            verdict=verdict(outcome),
            command=f"python -m bench.chaos --seed {options.seed} --kills {options.kills}"
            f" --documents {options.documents} --nodes {options.nodes} --clients {options.clients}",
            day=f"{datetime.now(UTC):%Y-%m-%d}",
            machine=machine(),
            versions="; ".join(outcome.versions),
            minutes=f"{outcome.seconds / 60:.0f}",
            dry=f"{outcome.dry_seconds:.0f}",
            nodes=options.nodes,
            clients=options.clients,
            kills="\n".join(_row(outcome, kind) for kind in MEANING if kills[kind]),
            freezes=f"{outcome.freezes:,}",
            left=f"{outcome.left.total():,}",
            codes=", ".join(f"{count} with {code}" for code, count in sorted(outcome.left.items())) or "none",
            counted="\n".join(f"| {name} | {count:,} |" for name, count in outcome.verdict.counts.items()),
            wrong="\n".join(f"- **{what}: {count}**" for what, count in outcome.verdict.wrong.items())
            or "Nothing.",
        )
    )


def machine() -> str:
    """Return what it ran on."""
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    return (
        f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, {memory:.0f} GiB,"
        f" Python {platform.python_version()}"
    )


def _row(outcome: Outcome, kind: str) -> str:
    times = outcome.kills[kind]
    waited = " | ".join(f"{value:.2f} s" for value in spread(outcome.verdict.recovery.get(kind, [])))
    return f"| {MEANING[kind]} | {times:,} | {outcome.seconds / times:.1f} s | {waited} |"


def _told(outcome: Outcome, kind: str) -> str:
    half, most, longest = spread(outcome.verdict.recovery.get(kind, []))
    return f"accepted again after {half:.2f} s (p50), {most:.2f} s (p99), {longest:.2f} s (longest)"
