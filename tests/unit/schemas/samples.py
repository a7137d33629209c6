"""The sample packages: ours in tests/samples, and the official ones where they lie beside the repository.

`good/`: nothing is found. `odd/`: taken, with warnings. `bad/`: refused. `as4/` has the same three of another standard.
`expected.json` has the codes for each, `rules.json` the samples that show each rule, `faults.json` those that show
what goes wrong in the real world.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
OFFICIAL = Path(__file__).resolve().parents[4] / "shared" / "samples" / "edxml"
TODAY = date(2026, 11, 21)

EXPECTED: dict[str, list[str]] = json.loads((SAMPLES / "expected.json").read_text("utf-8"))
# Without a finding; taken with warnings; refused.
GOOD = sorted(name for name in EXPECTED if name.startswith("good/"))
ODD = sorted(name for name in EXPECTED if name.startswith("odd/"))
OF_AS4 = sorted(name for name in EXPECTED if name.startswith("as4/"))
BAD = sorted(name for name in EXPECTED if name.startswith("bad/"))
OFFICIAL_SAMPLES = sorted(OFFICIAL.glob("*.edxml"))


def sample(name: str) -> bytes:
    """Return a sample by its short name: `good/document-new`."""
    return (SAMPLES / f"{name}.edxml").read_bytes()


def changed(name: str, old: str, new: str) -> bytes:
    """Return a sample with one thing changed. Fails if the thing is not there: a test must not pass by accident."""
    text = sample(name).decode("utf-8")
    assert old in text, f"{name} does not contain {old!r}"
    return text.replace(old, new).encode("utf-8")
