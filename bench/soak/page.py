"""docs/soak.md and docs/soak.svg."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.chaos.report import machine
from bench.soak.judging import Judged, Row, total_rss
from bench.soak.picture import Panel, svg

MEASURES = (
    ("accepted_per_second", "accepted each second"),
    ("delivered_per_second", "delivered each second"),
    ("accept_p50_ms", "acceptance, p50 ms"),
    ("accept_p99_ms", "acceptance, p99 ms"),
    ("deliver_p50_ms", "delivery, p50 ms"),
    ("deliver_p99_ms", "delivery, p99 ms"),
    ("open_deliveries", "open deliveries"),
    ("tickets", "tickets that wait in RabbitMQ"),
    ("database_mb", "database, MB"),
    ("payloads_mb", "payload folder, MB"),
    ("fds", "file descriptors"),
    ("threads", "threads"),
)


def picture(rows: list[Row]) -> str:
    """Return the plots."""

    def column(name: str) -> list[float]:
        return [row.get(name, 0.0) for row in rows]

    processes = sorted({name for row in rows for name in row if name.startswith("rss_mb_")})
    panels = [
        Panel(
            "Documents each second",
            {"accepted": column("accepted_per_second"), "delivered": column("delivered_per_second")},
        ),
        Panel("Acceptance, ms", {"p50": column("accept_p50_ms"), "p99": column("accept_p99_ms")}),
        Panel("Delivery, ms", {"p50": column("deliver_p50_ms"), "p99": column("deliver_p99_ms")}),
        Panel(
            "Resident memory of each process, MB", {f"process {name[7:]}": column(name) for name in processes}
        ),
        Panel("On disk, MB", {"database": column("database_mb"), "payloads": column("payloads_mb")}),
        Panel("Waiting", {"open deliveries": column("open_deliveries"), "tickets": column("tickets")}),
        Panel("Of the hub", {"descriptors": column("fds"), "threads": column("threads")}),
    ]
    return svg(column("minute"), panels)


def page(capacity: float, rows: list[Row], judged: list[Judged], serve: str) -> str:
    """Return the page, `page.md` filled in."""
    count = len(rows)
    quarters = [
        rows[count * part // 4 : max(count * (part + 1) // 4, count * part // 4 + 1)] for part in range(4)
    ]

    def line(words: str, values: list[float]) -> str:
        return f"| {words} | {' | '.join(f'{value:,.1f}' for value in values)} |"

    measured = [
        line(words, [median(row[name] for row in part) for part in quarters]) for name, words in MEASURES
    ]
    measured.append(
        line("resident memory of the hub, MB", [median(map(total_rss, part)) for part in quarters])
    )
    verdicts = [
        f"| {each.what} | {each.found} | {each.limit} | {'yes' if each.flat else '**no**'} |"
        for each in judged
    ]
    template = Path(__file__).with_name("page.md").read_text(encoding="utf-8")
    return template.format(
        minutes=f"{rows[-1]['minute']:.0f}",
        command=f"edochub serve {serve}".strip(),
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=machine(),
        capacity=f"{capacity:,.0f}",
        deliveries=f"{2 * capacity:,.0f}",
        measured="\n".join(measured),
        verdicts="\n".join(verdicts),
    )
