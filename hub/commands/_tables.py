"""How the commands show what they found: findings, verdicts on signatures, deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from hub import show
from hub.model import Delivery, DeliveryState
from hub.show import Tone, Toned
from hub.words import STATES
from schemas.findings import Finding, Severity
from schemas.text import Text
from signing.verdict import OUTCOMES, QUESTIONS, Outcome

OUTCOME_TONES: dict[Outcome, Tone] = {
    Outcome.VALID: "good",
    Outcome.INVALID: "bad",
    Outcome.UNDETERMINED: "warning",
    Outcome.ABSENT: "quiet",
}
STATE_TONES: dict[DeliveryState, Tone] = {
    DeliveryState.DELIVERED: "good",
    DeliveryState.AVAILABLE: "strong",
    DeliveryState.WAITING_FOR_RETRY: "warning",
    DeliveryState.HELD: "warning",
    DeliveryState.SUSPENDED: "bad",
    DeliveryState.REFUSED: "bad",
}
SEVERITIES: dict[Severity, Toned] = {
    Severity.ERROR: Toned(Text(vi="lỗi", en="error"), "bad"),
    Severity.WARNING: Toned(Text(vi="lưu ý", en="warning"), "warning"),
}


def findings(found: Sequence[Finding]) -> None:
    """Print what was found in a document: what, where, and what to do about it."""
    for finding in found:
        severity = SEVERITIES[finding.severity]
        show.line(Toned(f"  {severity.value}: {show.place(finding)}{finding.message}", severity.tone))
        show.line(f"     → {finding.remedy} ({finding.code})")


def verdicts(judged: Iterable[Mapping[str, Any]]) -> None:
    """Print what is known of a package's signatures. Takes what `Verdict.as_json` gives, as the hub keeps it."""
    for verdict in judged:
        outcome = Outcome(verdict["outcome"])
        signer = f": {verdict['signer']}" if verdict["signer"] else ""
        part = f" [{show.clean(verdict['part'])}]" if verdict.get("part") else ""
        show.line(Toned(f"  {OUTCOMES[outcome]}{signer}{part}", OUTCOME_TONES[outcome]))
        if verdict.get("aspects"):
            show.line(f"     {aspects(verdict['aspects'])}")
        for reason in verdict["reasons"]:
            show.line(f"     {Text.from_json(reason['message'])} ({reason['code']})")
        if verdict["certificate"]:
            show.facts(
                [*_certificate(verdict["certificate"], verdict["algorithm"]), *_times(verdict)], indent=5
            )


def aspects(answers: Mapping[str, Mapping[str, Any]]) -> str:
    """Return in one line how each question about a signature was answered."""
    return " · ".join(
        f"{name}: {OUTCOMES[Outcome(answers[question]['outcome'])]}"
        for question, name in QUESTIONS.items()
        if question in answers
    )


def _certificate(certificate: Mapping[str, Any], algorithm: str | None) -> list[tuple[Text, object]]:
    valid = [show.when(datetime.fromisoformat(certificate[name])) for name in ("not_before", "not_after")]
    return [
        (Text(vi="Chủ thể", en="Subject"), certificate["subject"]),
        (Text(vi="Cấp bởi", en="Issued by"), certificate["issuer"]),
        (Text(vi="Số sê-ri", en="Serial number"), certificate["serial"]),
        (Text(vi="Hiệu lực", en="Valid"), " – ".join(valid)),
        (Text(vi="Thuật toán", en="Algorithm"), algorithm),
    ]


def _times(verdict: Mapping[str, Any]) -> list[tuple[Text, object]]:
    """Return how a signature was made: its level, and when, as claimed and as proven."""
    claimed, proven = verdict.get("claimed_at"), verdict.get("proven_at")
    return [
        (Text(vi="Dạng chữ ký", en="Level"), verdict.get("level")),
        (Text(vi="Thời điểm khai", en="Claimed time"), datetime.fromisoformat(claimed) if claimed else None),
        (
            Text(vi="Thời điểm chứng minh", en="Proven time"),
            datetime.fromisoformat(proven) if proven else None,
        ),
    ]


def state(delivery: Delivery) -> Toned:
    """Return a delivery's state in words."""
    return Toned(STATES[delivery.state], STATE_TONES.get(delivery.state, "plain"))


def deliveries(listed: Sequence[Delivery], *, message: bool = True) -> None:
    """Print deliveries: where to, how they stand, why, and when the next try is."""
    columns = [
        Text(vi="Lượt chuyển", en="Delivery"),
        *([Text(vi="Gói tin", en="Message")] if message else []),
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Điểm kết nối", en="Endpoint"),
        Text(vi="Trạng thái", en="State"),
        Text(vi="Số lần gửi", en="Tries"),
        Text(vi="Lần tới", en="Next try"),
        Text(vi="Lý do", en="Why"),
    ]
    rows = [
        [
            each.id,
            *([each.message] if message else []),
            each.addressee,
            each.endpoint,
            state(each),
            each.attempts,
            each.next_try_at if each.state is DeliveryState.WAITING_FOR_RETRY else None,
            each.reason,
        ]
        for each in listed
    ]
    show.table(columns, rows, empty=Text(vi="Không có lượt chuyển nào.", en="There are no deliveries."))
