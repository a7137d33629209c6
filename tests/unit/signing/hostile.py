"""Every attack in one table, the files kept of the small ones, and how a package is judged from its octets on.

`python -m tests.unit.signing.hostile` writes the files and `expected.json` anew, all under one new root.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from schemas.edxml.attachments import attachments
from schemas.findings import InvalidDocument
from schemas.xml import parse
from signing.trust import TrustStore
from signing.verdict import Outcome
from signing.xml import verify
from tests.unit.signing import packages
from tests.unit.signing.attacks import ATTACKS, genuine
from tests.unit.signing.attacks_arithmetic import ARITHMETIC
from tests.unit.signing.attacks_keys import KEYS
from tests.unit.signing.attacks_large import LARGE
from tests.unit.signing.attacks_octets import REFUSED_UNREAD
from tests.unit.signing.attacks_wrapping import WRAPPINGS
from tests.unit.signing.packages import NOW

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "hostile"
LARGEST_KEPT = 12_000
REFUSED = "refused"  # the package itself, whatever its signature says: the code is that of the finding

Attack = Callable[[], bytes]

# How each is judged, and the first reason for it.
VERDICTS: dict[Attack, tuple[str, str]] = {
    **ATTACKS,
    **ARITHMETIC,
    **KEYS,
    **{attack: ("invalid", code) for attack, code in WRAPPINGS.items()},
}
ALL: dict[Attack, tuple[str, str]] = {
    **VERDICTS,
    **{attack: (REFUSED, code) for attack, code in REFUSED_UNREAD.items()},
    **LARGE,
}


def judged(content: bytes, trust: TrustStore, at: datetime) -> tuple[str, str]:
    """Return what becomes of a package: the outcome of its signature and the first reason, or what refuses it."""
    try:
        tree = parse(content)
        verdict = verify(content, tree, trust, at)[0]
        if verdict.outcome is Outcome.VALID:
            for attachment in attachments(tree):
                attachment.payload()
    except InvalidDocument as refused:
        return REFUSED, refused.findings[0].code
    return str(verdict.outcome), verdict.reasons[0].code


def name_of(attack: Attack) -> str:
    return f"{attack.__name__.replace('_', '-')}.edxml"


def write_samples() -> None:
    """Write the small attacks, the root that they are judged under, and the table of what is expected."""
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for stale in SAMPLES.glob("*.edxml"):
        stale.unlink()
    expected = {"genuine.edxml": {"outcome": "valid", "code": "signature.intact"}}
    (SAMPLES / "genuine.edxml").write_bytes(genuine())
    for attack, (outcome, code) in ALL.items():
        content = attack()
        if attack not in LARGE and len(content) <= LARGEST_KEPT:
            (SAMPLES / name_of(attack)).write_bytes(content)
            expected[name_of(attack)] = {"outcome": outcome, "code": code}
    (SAMPLES / "trust").mkdir(exist_ok=True)
    (SAMPLES / "trust" / "root.pem").write_bytes(packages.authority().pem)
    table = {"received_at": NOW.isoformat(), "expected": expected}
    (SAMPLES / "expected.json").write_text(json.dumps(table, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    write_samples()
