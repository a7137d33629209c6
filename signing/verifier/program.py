"""The verifier as a program of its own, for an auditor's machine: no hub, no database, no configuration.

    python edochub-verify.pyz FILE... [--trust FILE|FOLDER]... [--at TIME] [--json] [--report FILE.html]

Exit codes: 0 all that was looked at is valid, 1 something is invalid, 2 wrong use, 3 it cannot be told.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from schemas.text import LANGUAGES, speaking
from signing.verdict import Outcome
from signing.verifier import examine, lines, page
from signing.verifier.anchors import trust_from
from signing.verifier.report import Ending, Report

LARGEST = 512 * 1024 * 1024
COLOURS = {Outcome.VALID: "32", Outcome.INVALID: "1;31", Outcome.UNDETERMINED: "33", Outcome.ABSENT: "2"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the files named on the command line."""
    asked = _parser().parse_args(arguments)
    with speaking(asked.lang):
        trust = trust_from(asked.trust, asked.hub)
        for problem in trust.problems:
            print(problem, file=sys.stderr)
        reports = []
        for file in asked.files:
            try:
                with file.open("rb") as stream:
                    content = stream.read(LARGEST)
            except OSError as error:
                print(f"{file}: {error.strerror}", file=sys.stderr)
                return 2
            reports.append(examine(content, file.name, trust, asked.at))
        _show(reports, as_json=asked.json, details=asked.details)
        if asked.report:
            asked.report.write_bytes(page.of_report(reports[-1]))
    return max((report.ending for report in reports), key=_gravity)


def _gravity(ending: Ending) -> int:
    return (Ending.VALID, Ending.UNDETERMINED, Ending.INVALID).index(ending)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="edochub-verify",
        description="Kiểm tra gói tin edXML, tệp PDF, biên nhận, bằng chứng và mốc niêm phong, không cần mạng. "
        "· Verify edXML packages, PDFs, receipts, evidence and checkpoints, offline.",
        epilog="0 hợp lệ · valid, 1 không hợp lệ · invalid, 2 dùng sai · wrong use, 3 chưa xác định · undetermined",
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="tệp cần kiểm tra · what to verify"
    )
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        type=Path,
        metavar="FILE|DIR",
        help="chứng thư gốc tin cậy, hoặc khóa kiểm của sổ nhật ký · trusted roots, or verifier keys of ledgers",
    )
    parser.add_argument(
        "--hub",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="chứng thư của trục: chỉ nhận bằng chứng do trục đó đóng dấu · the hub's certificate: "
        "evidence counts only if that hub sealed it",
    )
    parser.add_argument(
        "--at",
        type=_moment,
        default=datetime.now(UTC),
        metavar="TIME",
        help="kiểm tra như tại thời điểm này (ISO 8601) · as of this time",
    )
    parser.add_argument("--details", action="store_true", help="mọi chi tiết · everything of every part")
    parser.add_argument("--json", action="store_true", help="trả JSON · answer in JSON")
    parser.add_argument(
        "--report", type=Path, metavar="FILE.html", help="ghi báo cáo HTML · write an HTML report"
    )
    parser.add_argument(
        "--lang", choices=LANGUAGES, default=_language(), help="ngôn ngữ · language (EDOCHUB_LANG)"
    )
    return parser


def _language() -> str:
    chosen = os.environ.get("EDOCHUB_LANG", "vi")
    return chosen if chosen in LANGUAGES else "vi"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _show(reports: Sequence[Report], *, as_json: bool, details: bool) -> None:
    if as_json:
        shown = [report.as_json() for report in reports]
        json.dump(shown[0] if len(shown) == 1 else shown, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
        return
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in (line for report in reports for line in lines.of_report(report, details=details)):
        colour = COLOURS[line.outcome] if coloured and line.outcome else None
        sys.stdout.write(f"\x1b[{colour}m{line.text}\x1b[0m\n" if colour else f"{line.text}\n")


if __name__ == "__main__":
    sys.exit(main())
