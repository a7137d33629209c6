"""What it costs to check a document, step by step, beside the bare parse. `python -m bench.schemas` prints the table.

All in one run on one core, microseconds a document, the best of many rounds: the machine's other work makes figures
larger, never smaller. Read the ratios. `accept` is lxml's verdict on a sound package, `explain` is xmlschema's on one
that breaks the schema in one place: the reason why the first decides and the second only finds the words.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import time
from collections.abc import Callable
from datetime import date

from bench.documents import unsigned
from bench.floor import parse as bare_parse
from schemas import xml
from schemas.catalog import Catalog
from schemas.edxml import rules
from schemas.edxml.attachments import attachments_of
from schemas.edxml.package import Package, parts_of
from schemas.edxml.reader import read_parts
from schemas.validator import inspect, validate

SIZES = (10_000, 30_000, 100_000, 1_000_000)
TODAY = date(2026, 11, 21)
HEAD = (
    "size", "bare parse", "parse", "accept", "explain", "take apart", "read", "rules", "attachm.", "sha256",
    "everything", "refuse", "x parse", "x p+s",
)  # fmt: skip


def best_of(parts: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Return the microseconds that each part takes: the best run of each, all of them in turn, round after round.

    In turn, because a machine that is shared is now fast and now slow, and all parts shall see the same of it.
    """
    best = dict.fromkeys(parts, float("inf"))
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for name, part in parts.items():
            started = time.perf_counter()
            part()
            best[name] = min(best[name], (time.perf_counter() - started) * 1e6)
    return best


def measured(size: int, seconds: float) -> dict[str, float]:
    """Return what each step takes for a document of a size."""
    content, catalog = unsigned(1, size), Catalog.standard()
    digest = hashlib.sha256(content).hexdigest()
    tree = xml.parse(content)
    standard = catalog.find(tree, TODAY)
    parts = parts_of(tree)
    package = Package(parts=parts, envelope=read_parts(parts), today=TODAY)
    broken = content.replace(b"edXML:TypeName>", b"edXML:TypeNames>")
    broken_tree = xml.parse(broken)
    standard.schema.explain(
        broken_tree
    )  # xmlschema is loaded and compiles on the first refusal: a second, once
    return best_of(
        {
            "bare parse": lambda: bare_parse(content),
            "parse": lambda: xml.parse(content),
            "accept": lambda: standard.schema.accepts(tree),
            "explain": lambda: standard.schema.explain(broken_tree),
            "take apart": lambda: parts_of(tree),
            "read": lambda: read_parts(parts),
            "rules": lambda: [list(rule.check(package)) for rule in rules.PACKAGE_RULES],
            "attachm.": lambda: _attachments(package),
            "sha256": lambda: hashlib.sha256(content).hexdigest(),
            "everything": lambda: validate(content, catalog, TODAY, digest),
            "refuse": lambda: inspect(broken, catalog, TODAY),
        },
        seconds,
    )


def _attachments(package: Package) -> None:
    for attachment in attachments_of(package.parts, package.envelope.attachments):
        for rule in rules.ATTACHMENT_RULES:
            list(rule.check(attachment))


def main() -> None:
    """Measure each size and print a row."""
    options = argparse.ArgumentParser(prog="python -m bench.schemas", description=__doc__)
    options.add_argument("--size", type=int, action="append", help="only these sizes, in bytes")
    options.add_argument("--seconds", type=float, default=5, help="for each size")
    chosen = options.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print(
        "Microseconds. `everything` is validate() with the digest given; `refuse` inspects a package that breaks "
        "the schema.\nx parse: everything / bare parse. x p+s: everything / (bare parse + accept)."
    )
    print(" ".join(f"{word:>10}" for word in HEAD))
    for size in chosen.size or SIZES:
        row = measured(size, chosen.seconds)
        floor = row["bare parse"] + row["accept"]
        figures = [f"{size:,}", *(f"{figure:,.0f}" for figure in row.values())]
        figures += [f"{row['everything'] / row['bare parse']:.2f}", f"{row['everything'] / floor:.2f}"]
        print(" ".join(f"{figure:>10}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
