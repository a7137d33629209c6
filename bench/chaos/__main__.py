"""Kill hub nodes, PostgreSQL and RabbitMQ while documents flow; tell whether anything was lost or came twice.

Ends with 1 when anything was wrong; what the run left is then kept for a look.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from bench.chaos.killing import Pace
from bench.chaos.report import as_json, markdown, table
from bench.chaos.run import Options, run


def main() -> int:
    """Run once and print what was found."""
    chosen = arguments().parse_args()
    pace = Pace(**{kind: getattr(chosen, f"every_{kind}") for kind in Pace.__dataclass_fields__})
    options = Options(
        seed=chosen.seed,
        nodes=chosen.nodes,
        clients=chosen.clients,
        per_second=chosen.per_second,
        kills=chosen.kills,
        documents=chosen.documents,
        seconds=chosen.seconds,
        pace=pace,
    )
    outcome = asyncio.run(run(options, keep=chosen.keep))
    print(table(outcome))
    print(json.dumps(as_json(outcome), ensure_ascii=False))
    if chosen.report is not None:
        chosen.report.write_text(markdown(outcome), encoding="utf-8")
    if not outcome.good:
        print(f"kept: {outcome.folder}")
    return 0 if outcome.good else 1


def arguments() -> argparse.ArgumentParser:
    """Return what may be said on the command line."""
    default, pace = Options(), Pace()
    options = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    options.add_argument("--seed", type=int, default=default.seed)
    options.add_argument("--kills", type=int, default=default.kills, help="at least so many")
    options.add_argument("--documents", type=int, default=default.documents, help="at least so many accepted")
    options.add_argument("--seconds", type=float, help="stop after so long, however many there were")
    options.add_argument("--nodes", type=int, default=default.nodes)
    options.add_argument("--clients", type=int, default=default.clients)
    options.add_argument("--per-second", type=float, default=default.per_second, help="documents handed in")
    for kind in Pace.__dataclass_fields__:
        options.add_argument(
            f"--every-{kind}", type=float, default=getattr(pace, kind), help="seconds between two, on average"
        )
    options.add_argument("--report", type=Path, help="write a page of Markdown there")
    options.add_argument("--keep", action="store_true", help="keep the folder in any case")
    return options


if __name__ == "__main__":
    raise SystemExit(main())
