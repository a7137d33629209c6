"""Traces as a short list: one line a document, for who asked for several, or for what may be several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hub import show
from hub.commands._tables import STATE_TONES
from hub.references import Named
from hub.show import Tone, Toned
from hub.trace import Trace
from hub.words import STATES
from schemas.findings import shortened
from schemas.text import Text

UNKNOWN = Text(vi="không tìm thấy", en="not found")
REFUSED = Text(vi="trục từ chối", en="refused by the hub")
NO_ADDRESSEE = Text(vi="không có nơi nhận", en="no addressee")
NOTHING = Text(vi="Không có văn bản nào khớp.", en="No document fits.")
WORST: tuple[Tone, ...] = ("bad", "warning", "strong", "plain", "good")


def tell(named: Sequence[Named]) -> None:
    """Print one line for each document that is meant, the newest first; those that are unknown too."""
    columns = [
        Text(vi="Tra theo", en="Asked for"),
        Text(vi="Mã của trục", en="The hub's id"),
        Text(vi="Số, ký hiệu", en="Number"),
        Text(vi="Nơi gửi", en="From"),
        Text(vi="Tiếp nhận", en="Accepted"),
        Text(vi="Trích yếu", en="Subject"),
        Text(vi="Tình trạng", en="How it stands"),
    ]
    rows = [row for each in named for row in _rows(each)]
    show.table(columns, rows, empty=NOTHING)


def _rows(named: Named) -> list[list[object]]:
    if not named.found:
        return (
            [[named.reference, None, None, None, None, None, Toned(UNKNOWN, "bad")]]
            if named.reference
            else []
        )
    return [[named.reference, *_row(each)] for each in named.found]


def _row(trace: Trace) -> list[object]:
    if trace.message is not None:
        message = trace.message
        return [
            message.id,
            message.code,
            message.sender,
            message.accepted_at,
            message.subject,
            stands(trace),
        ]
    assert trace.refusal is not None
    refusal = trace.refusal
    said = shortened(str(refusal.findings[0].message if refusal.findings else refusal.message))
    return [refusal.id, refusal.document_code, refusal.sender, refusal.at, said, Toned(REFUSED, "bad")]


def stands(trace: Trace) -> Toned:
    """Return how the deliveries of a document stand, in a few words."""
    if not trace.deliveries:
        return Toned(NO_ADDRESSEE, "quiet")
    counted = Counter(each.state for each in trace.deliveries)
    tones = {STATE_TONES.get(state, "plain") for state in counted}
    words = "; ".join(f"{count} {STATES[state]}" for state, count in counted.items())
    return Toned(words, next(tone for tone in WORST if tone in tones or tone == "good"))
