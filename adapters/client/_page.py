"""How `edochub client` shows what the hub said, and which exit code that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.client.outbox import Outcome
from adapters.client.said import Delivery, Sent
from hub import show
from hub.commands import _tables
from hub.commands._exits import Exit
from hub.errors import Refusal, Unavailable
from hub.show import Toned
from hub.words import STATES, word
from schemas.text import Text

STATES_BY_NAME = {str(state): text for state, text in STATES.items()}


def state(delivery: Delivery) -> str:
    """Return a delivery's state in words; one that we do not know as the hub says it."""
    return str(word(STATES_BY_NAME, delivery.state))


def outcomes(each_one: Sequence[Outcome], *, as_json: bool) -> int:
    """Say what became of each package, and return the exit code."""
    if as_json:
        show.as_json({"documents": [_as_json(each) for each in each_one]})
    else:
        for each in each_one:
            standing(str(each.package), each.result)
    results = [each.result for each in each_one]
    if any(isinstance(each, Refusal) for each in results):
        return Exit.NO
    return Exit.UNREACHABLE if any(isinstance(each, Unavailable) for each in results) else Exit.YES


def _as_json(outcome: Outcome) -> dict[str, Any]:
    result = outcome.result
    if isinstance(result, Sent):
        return {"file": str(outcome.package), **result.json}
    said = {"file": str(outcome.package), "error": result.as_json()}
    if isinstance(result, Unavailable):
        return {**said, "state": "waiting"}
    found = [finding.as_json() for finding in result.findings]
    return {**said, "state": "refused", "refusal": result.id, "findings": found}


def standing(name: str, result: Sent | Refusal | Unavailable) -> None:
    """Print what became of one package."""
    if isinstance(result, Sent):
        again = Text(vi=" (đã gửi trước đó)", en=" (sent before)") if result.duplicate else ""
        accepted = Text(vi="đã tiếp nhận", en="accepted")
        show.line(Toned(f"{name}: {accepted}, {result.id}{again}", "good"))
        _tables.findings(result.findings)
        for each in result.deliveries:
            reason = f" ({each.reason})" if each.reason else ""
            show.line(f"  → {each.to}: {state(each)}{reason}")
    elif isinstance(result, Refusal):
        refused = Text(vi="bị từ chối", en="refused")
        show.complain(Toned(f"{name}: {refused}. {result.message} ({result.code})", "bad"))
        for finding in result.findings:
            show.complain(f"  - {show.place(finding)}{finding.message} {finding.remedy} ({finding.code})")
    else:
        waits = Text(vi="chưa gửi được", en="not sent yet")
        show.complain(Toned(f"{name}: {waits}. {result.message}", "warning"))
