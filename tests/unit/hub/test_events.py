"""Every kind of event that the hub writes is told to people in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub import show
from hub.events import ACTORS, EVENTS, FORMS, actor, sentence
from hub.model import TraceEvent
from schemas.text import LANGUAGES, speaking

ROOT = Path(__file__).resolve().parents[3]
KIND = re.compile(r'"((?:document|delivery|answer|directory|endpoint|hub)\.[a-z][a-z-]+)"')
# Codes of refusals, names of log events and files look alike; an event is written by one of these.
WRITTEN = re.compile(r'(?:trace\(|event=|_note\()\s*(?:"[a-z.-]+"(?: if [^"]* else )?)*', re.DOTALL)


def event(kind: str, **details: Any) -> TraceEvent:
    """Return an event of a kind."""
    at = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    return TraceEvent(
        seq=1,
        at=at,
        kind=kind,
        message="M",
        delivery=None,
        actor="endpoint:xa",
        details=details,
        hash="0" * 64,
    )


def written_kinds() -> set[str]:
    """Return the kinds that the hub's code writes into the ledger."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "hub").rglob("*.py")]
    return {kind for source in sources for call in WRITTEN.findall(source) for kind in KIND.findall(call)}


def test_every_kind_that_the_hub_writes_has_its_sentence() -> None:
    written = written_kinds()

    assert {"document.accepted", "delivery.delivered", "endpoint.disabled", "hub.started"} <= written
    assert written - set(EVENTS) == set()


def test_every_form_that_an_event_names_is_there() -> None:
    assert {form for told in EVENTS.values() for form, _ in told.details} <= set(FORMS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_kind_is_shown_as_it_stands(language: str) -> None:
    assert sentence(event("payload.moved", to="s3")) == "payload.moved"


def test_details_are_told_with_the_sentence() -> None:
    told = event(
        "delivery.waiting",
        attempt=3,
        reason={"vi": "Không trả lời", "en": "No answer"},
        next_try_at="2026-11-20T02:05:00+00:00",
    )

    with speaking("vi"):
        vietnamese = sentence(told, show.when)
    with speaking("en"):
        english = sentence(told, show.when)

    assert (
        vietnamese
        == "Chưa gửi được, sẽ gửi lại (lần 3; gửi lại lúc 20/11/2026 09:05:00; lý do: Không trả lời)"
    )
    assert (
        english
        == "The try failed; there will be another (try 3; next try at 2026-11-20 09:05:00; reason: No answer)"
    )


def test_an_answer_is_told_by_its_name() -> None:
    with speaking("vi"):
        assert (
            sentence(event("answer.recorded", code="03"))
            == "Ghi nhận thông báo trạng thái (03 – Đã tiếp nhận)"
        )


def test_details_that_are_missing_are_left_out() -> None:
    with speaking("en"):
        assert sentence(event("delivery.delivered", attempt=None)) == "The addressee has it"


def test_actors_are_named_in_words() -> None:
    with speaking("vi"):
        assert actor(event("document.accepted")) == "điểm kết nối xa"
    with speaking("en"):
        assert actor(event("document.accepted")) == "endpoint xa"
    assert set(ACTORS) == {"account", "endpoint", "hub", "operator"}
