"""Print the table: what a document costs through the hub, beside what the bare parts cost, measured in the same run."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from bench.documents import authority, signed
from bench.floor import floor_us
from bench.server import RECEIVERS
from bench.services import Services, fresh
from bench.through_http import Load, measure
from signing.ca import CertificateAuthority
from signing.keys import SigningKey

POSTGRESQL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
RABBITMQ = "amqp://guest:guest@127.0.0.1:5672/"
WARM = 30
HEAD = (
    "measure", "accepted/s", "delivered/s", "ours us", "floor us", "ratio",
    "hub", "database", "broker", "check", "commit", "http", "broker",
)  # fmt: skip
PARTS = ("embedded", "services", "workers", "fan-out")


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table."""

    part: str
    size: int
    count: int
    receivers: int = 1
    workers: int = 1

    @property
    def name(self) -> str:
        """What the row is called."""
        words = [self.part, f"{self.size // 1000:,} KB"]
        if self.receivers > 1 or self.part == "fan-out":
            words.append(f"to {self.receivers}")
        return " ".join(words) + (f" x{self.workers}" if self.workers > 1 else "")


CASES = (
    *(Case("embedded", size, count) for size, count in ((10_000, 800), (100_000, 400), (1_000_000, 60))),
    *(Case("services", size, count) for size, count in ((10_000, 800), (100_000, 400), (1_000_000, 60))),
    Case("workers", 10_000, 800, workers=2),
    *(Case("fan-out", 10_000, count, to) for to, count in ((1, 300), (10, 100), (100, 20))),
)


def main() -> None:
    """Measure each case and print a row."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--part", action="append", choices=PARTS, help="only these parts")
    options.add_argument("--size", type=int, action="append", help="only these sizes, in bytes")
    options.add_argument("--share", type=float, default=1.0, help="of the documents: 0.1 for a quick look")
    options.add_argument("--key", choices=("rsa-2048", "ecdsa-p256"), default="rsa-2048")
    options.add_argument("--postgresql", default=POSTGRESQL, help="where a database may be made")
    options.add_argument("--rabbitmq", default=RABBITMQ)
    chosen = options.parse_args()
    ca = authority()
    key = ca.issue(
        organisation="Sở Thử nghiệm (mã minh họa)",
        common_name="Văn thư Sở Thử nghiệm",
        now=datetime.now(UTC),
        algorithm=chosen.key,
    )
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, key {chosen.key}"
    )
    print("Hub and clients share the machine. us: microseconds of the processor for each document.")
    print("ours = hub + database + broker; floor = check + commit + http + broker; ratio = floor / ours.")
    print(HEAD[0].ljust(20), *(f"{word:>11}" for word in HEAD[1:]))
    for case in CASES:
        if case.part in (chosen.part or PARTS) and case.size in (chosen.size or [case.size]):
            with surroundings(case, chosen.postgresql, chosen.rabbitmq) as services:
                row(ca, key, case, services, max(20, round(case.count * chosen.share)))


@contextlib.contextmanager
def surroundings(case: Case, postgresql: str, rabbitmq: str) -> Iterator[Services | None]:
    """Give what a case needs beside the hub itself."""
    if case.part not in ("services", "workers"):
        yield None
        return
    with fresh(postgresql, rabbitmq) as services:
        yield services


def row(ca: CertificateAuthority, key: SigningKey, case: Case, services: Services | None, count: int) -> None:
    """Measure one case and print its row."""
    codes = RECEIVERS[: case.receivers]
    bare = list(signed(key, min(count, 100), case.size, 100_000, codes))
    load = Load(list(signed(key, count, case.size, 1_000, codes)), case.receivers)
    parts = floor_us(bare, case.size, services, case.receivers)
    ours = measure(ca, load, list(signed(key, WARM, case.size, 1, codes)), services, case.workers)
    floor = sum(parts.values())
    figures = (
        f"{ours.accepted_per_second:,.0f}",
        f"{ours.delivered_per_second:,.0f}",
        f"{ours.all_us:,.0f}",
        f"{floor:,.0f}",
        f"{floor / ours.all_us:.2f}",
        f"{ours.hub_us:,.0f}",
        f"{ours.database_us:,.0f}",
        f"{ours.broker_us:,.0f}",
        *(f"{part:,.0f}" for part in parts.values()),
    )
    print(case.name.ljust(20), *(f"{figure:>11}" for figure in figures), flush=True)


if __name__ == "__main__":
    try:
        main()
    except sa.exc.OperationalError as error:
        raise SystemExit(
            f"no PostgreSQL: {error.orig}; `--part embedded --part fan-out` needs none"
        ) from error
