from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.http.answers import Problem, answer, fault, unauthenticated, wrong_method
from hub.errors import (
    Corrupted,
    HubError,
    Malformed,
    Misconfigured,
    NoRoute,
    NotAllowed,
    NotAnswerable,
    NotFound,
    TooLarge,
    Unavailable,
    UntrustedSignature,
)
from schemas.findings import Finding, Severity
from schemas.text import Text

WORDS = Text(vi="Câu tiếng Việt", en="An English sentence")
FINDING = Finding("document.number.missing", Severity.ERROR, WORDS, WORDS, line=3, path="/edXML")


def body(error: HubError) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(bytes(answer(error, "vi").body))
    return read


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed([FINDING]), 422),
        (Corrupted("a" * 64, "b" * 64), 422),
        (UntrustedSignature(WORDS), 422),
        (NoRoute(WORDS), 422),
        (NotAnswerable(WORDS), 422),
        (NotAllowed(WORDS), 403),
        (TooLarge(7), 413),
        (NotFound(WORDS), 404),
        (Unavailable(WORDS), 503),
        (Misconfigured(WORDS), 500),
        (unauthenticated(presented=True), 401),
        (wrong_method("GET"), 405),
        (fault("X"), 500),
        (Problem(418, "teapot", WORDS), 418),
    ],
)
def test_each_way_out_has_its_status_and_the_one_shape(error: HubError, status: int) -> None:
    assert answer(error, "vi").status_code == status
    assert body(error)["error"]["code"] == error.code
    assert set(body(error)["error"]["message"]) == {"vi", "en"}
    assert isinstance(body(error)["findings"], list)


def test_the_text_is_in_the_language_that_was_asked_for() -> None:
    for language, words in (("vi", WORDS.vi), ("en", WORDS.en)):
        response = answer(NotFound(WORDS), "vi" if language == "vi" else "en")
        assert json.loads(bytes(response.body))["error"]["text"] == words
        assert response.headers["content-language"] == language
        assert response.headers["vary"] == "Accept-Language"


def test_a_refusal_brings_its_findings_and_its_id() -> None:
    refusal = Malformed([FINDING])
    assert "refusal" not in body(refusal)
    refusal.id = "01KJN4T5W0RRRRRRRRRRRRRRRR"
    assert body(refusal)["refusal"] == refusal.id
    assert body(refusal)["findings"] == [FINDING.as_json()]


@pytest.mark.parametrize(("asked", "said"), [(None, "5"), (0.0, "5"), (0.2, "1"), (7.1, "8"), (60.0, "60")])
def test_retry_after_is_whole_seconds_and_never_zero(asked: float | None, said: str) -> None:
    assert answer(Unavailable(WORDS, asked), "vi").headers["retry-after"] == said


def test_a_challenge_says_whether_a_secret_was_presented() -> None:
    assert (
        answer(unauthenticated(presented=False), "vi").headers["www-authenticate"] == 'Bearer realm="edochub"'
    )
    assert "invalid_token" in answer(unauthenticated(presented=True), "vi").headers["www-authenticate"]


def test_the_allowed_methods_are_named() -> None:
    assert answer(wrong_method("GET, HEAD"), "vi").headers["allow"] == "GET, HEAD"
