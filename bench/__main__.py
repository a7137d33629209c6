"""Print the table: documents per second through the hub, beside what the bare parts allow."""

from __future__ import annotations

import argparse
import os
import platform
from datetime import UTC, datetime

from bench.documents import authority, signed
from bench.floor import floor_us
from bench.through_http import measure
from signing.ca import CertificateAuthority
from signing.keys import SigningKey

COUNTS = {10_000: 1_500, 100_000: 600, 1_000_000: 120}
HEAD = ("size", "accepted/s", "delivered/s", "hub us", "floor us", "check", "commit", "http", "ratio")


def main() -> None:
    """Measure each size and print a row."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--size", type=int, action="append", choices=sorted(COUNTS), help="only these sizes")
    options.add_argument("--key", choices=("rsa-2048", "ecdsa-p256"), default="rsa-2048")
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
    print(
        "One server process and its clients share the machine. ratio = floor us / hub us: 1.00 is the bare parts."
    )
    print(" ".join(f"{word:>11}" for word in HEAD))
    for size in chosen.size or COUNTS:
        row(ca, key, size)


def row(ca: CertificateAuthority, key: SigningKey, size: int) -> None:
    """Measure one size and print its row."""
    parts = floor_us(list(signed(key, min(COUNTS[size], 200), size, first=100_000)), size)
    measured = measure(ca, key, size, COUNTS[size])
    floor = sum(parts.values())
    figures = (
        f"{size:,}",
        f"{measured.accepted_per_second:,.0f}",
        f"{measured.delivered_per_second:,.0f}",
        f"{measured.hub_us:,.0f}",
        f"{floor:,.0f}",
        *(f"{part:,.0f}" for part in parts.values()),
        f"{floor / measured.hub_us:.2f}",
    )
    print(" ".join(f"{figure:>11}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
