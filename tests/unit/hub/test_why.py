"""Every state of a delivery, and every reason for it, has its two sentences and its command."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.destination import Destination, decide
from hub.model import Attempt, Delivery, DeliveryState, Endpoint, StoredRefusal
from hub.resuming import Onward
from hub.why import Facts, Why, explain, kind_of, of_refusal
from hub.why_words import WORDS
from schemas.findings import Finding, Severity
from schemas.text import Text
from tests.unit.hub.directories import TODAY, agency, closed, directory

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DOWN = Text(vi="Máy nhận không trả lời", en="The far side does not answer")
ENDPOINT = Endpoint(id="xa-hai-son", adapter="http", address="https://x", agencies=frozenset({"A1"}))


def facts(state: DeliveryState, **more: Any) -> Facts:
    """Return what is known of a delivery in a state."""
    known = {name: more.pop(name) for name in ("attempts_made", "reason", "told") if name in more}
    made: tuple[Attempt, ...] = known.get("attempts_made", ())
    delivery = Delivery(
        id="D1",
        message="M1",
        addressee="H49.61",
        agency="A1",
        endpoint=None if more.get("endpoint", ENDPOINT) is None else "xa-hai-son",
        state=state,
        attempts=len(made),
        next_try_at=NOW + timedelta(minutes=5),
        reason=known.get("reason"),
        remote_id=None,
        created_at=NOW - timedelta(days=3),
        updated_at=NOW - timedelta(hours=1),
    )
    told = known.get("told", ())
    given: dict[str, Any] = {"endpoint": ENDPOINT, "now": NOW} | more
    return Facts(**given, delivery=delivery, attempts=made, told=told)


def attempt(outcome: str) -> Attempt:
    """Return an attempt that ended so."""
    return Attempt(number=1, started_at=NOW, ended_at=NOW, outcome=outcome, detail=DOWN)


def destination(*successors: str) -> Destination:
    """Return what the directory says of a closed code with these successors."""
    found = directory(
        agency("Cũ", closed("H49.61", *successors)), *(agency(each, each) for each in successors)
    )
    return decide(found, "H49.61", written_on=TODAY, today=TODAY)


STOPPED = (("delivery.stopped", "operator:lan", {"why": "chờ ý kiến"}),)
WAY = Onward("A1", "H49.61", ENDPOINT)

CASES: dict[str, Facts] = {
    "queued": facts(DeliveryState.QUEUED),
    "hub.not-serving": facts(DeliveryState.QUEUED, serving=False),
    "endpoint.gone": facts(DeliveryState.QUEUED, endpoint=None),
    "endpoint.disabled": facts(DeliveryState.QUEUED, endpoint=replace(ENDPOINT, disabled=True)),
    "endpoint.failing": facts(DeliveryState.QUEUED, failing=DOWN),
    "queued.behind": facts(DeliveryState.QUEUED, behind="D0"),
    "sending": facts(DeliveryState.SENDING, attempts_made=(attempt("unavailable"),)),
    "retry": facts(DeliveryState.WAITING_FOR_RETRY, reason=DOWN, attempts_made=(attempt("unavailable"),)),
    "available": facts(DeliveryState.AVAILABLE),
    "available.repeat": facts(
        DeliveryState.AVAILABLE,
        told=(("delivery.delivered", "endpoint:xa", {}), ("delivery.resent", "operator:lan", {})),
    ),
    "delivered": facts(DeliveryState.DELIVERED),
    "refused": facts(DeliveryState.REFUSED, reason=DOWN, told=(("delivery.refused", "endpoint:xa", {}),)),
    "expired": facts(DeliveryState.REFUSED, reason=DOWN, told=(("delivery.expired", "operator:lan", {}),)),
    "withdrawn.sender": facts(DeliveryState.WITHDRAWN, told=(("delivery.withdrawn", "endpoint:so", {}),)),
    "withdrawn.operator": facts(
        DeliveryState.WITHDRAWN, told=(("delivery.withdrawn", "operator:lan", {"why": "gửi nhầm"}),)
    ),
    "held.ready": facts(DeliveryState.HELD, endpoint=None, way=WAY, reason=DOWN),
    "held.choose": facts(
        DeliveryState.HELD, endpoint=None, way=DOWN, destined=destination("H49.71", "H49.72"), reason=DOWN
    ),
    "held.not-connected": facts(DeliveryState.HELD, endpoint=None, way=DOWN, reason=DOWN),
    "held.nowhere": facts(DeliveryState.HELD, endpoint=None, way=DOWN, destined=destination(), reason=DOWN),
    "suspended.operator": facts(DeliveryState.SUSPENDED, told=STOPPED),
    "suspended.unreachable": facts(
        DeliveryState.SUSPENDED, reason=DOWN, attempts_made=(attempt("unavailable"),)
    ),
    "suspended.fault": facts(DeliveryState.SUSPENDED, reason=DOWN, attempts_made=(attempt("fault"),)),
}


def test_every_state_of_a_delivery_is_explained() -> None:
    assert {each.delivery.state for each in CASES.values()} == set(DeliveryState)


def test_every_reason_that_has_words_is_met() -> None:
    of_packages = {"package.refused", "signature.invalid", "signature.certificate", "done"}

    assert set(CASES) | of_packages == set(WORDS)


@pytest.mark.parametrize("kind", CASES)
def test_each_case_has_two_sentences_and_names_its_command(kind: str) -> None:
    told = explain(CASES[kind])

    assert kind_of(CASES[kind]) == told.kind == kind
    for sentence in (told.happened, told.next):
        assert sentence.vi
        assert sentence.vi != sentence.en
        assert "{" not in sentence.vi + sentence.en
    assert "{" not in told.command
    assert not told.command or told.command.startswith("edochub ")


def test_every_command_names_only_what_is_known() -> None:
    for words in WORDS.values():
        blanks = {name for _, name, _, _ in string.Formatter().parse(words.command) if name}
        assert blanks <= {"delivery", "endpoint", "code", "choice", "other", "message"}


def test_an_endpoint_that_is_off_explains_whatever_waits_for_it() -> None:
    off = replace(ENDPOINT, disabled=True)

    for state in (DeliveryState.WAITING_FOR_RETRY, DeliveryState.AVAILABLE, DeliveryState.SUSPENDED):
        told = explain(facts(state, endpoint=off))
        assert (told.kind, told.command) == ("endpoint.disabled", "edochub endpoints enable xa-hai-son")


def test_what_a_person_stopped_says_who_and_why() -> None:
    told = explain(CASES["suspended.operator"])

    assert "lan" in told.happened.vi
    assert "chờ ý kiến" in told.happened.en
    assert told.command == "edochub release D1"


def test_a_split_code_names_those_who_may_get_it() -> None:
    told = explain(CASES["held.choose"])

    assert told.command == "edochub release D1 --to H49.71"
    assert "H49.72" in told.happened.vi


def test_the_last_error_is_told_with_the_number_of_the_try() -> None:
    told = explain(CASES["suspended.unreachable"])

    assert told.happened.en.startswith("It could not be sent to H49.61 through xa-hai-son (tries: 1)")
    assert "The far side does not answer" in told.happened.en
    assert told.command == "edochub release --endpoint xa-hai-son"


def test_a_refusal_is_explained_by_its_first_finding() -> None:
    finding = Finding(
        code="signature.expired",
        severity=Severity.ERROR,
        message=Text(vi="Chứng thư đã hết hạn", en="The certificate has expired"),
        remedy=Text(vi="Ký bằng chứng thư còn hạn", en="Sign with one that holds"),
    )
    refusal = StoredRefusal(
        id="R1",
        at=NOW,
        endpoint="so-noi-vu",
        code="signature.required",
        message=Text(vi="Không đạt", en="Not good enough"),
        findings=(finding,),
        sha256=None,
        size=1,
        sender="H49.13",
        document_id=None,
    )

    told: Why = of_refusal(refusal)

    assert "Chứng thư đã hết hạn" in told.happened.vi
    assert told.next.en == "The sender: Sign with one that holds."
    assert told.command == "edochub trace R1"
    assert of_refusal(replace(refusal, findings=())).happened.en.endswith("Not good enough.")


def test_what_is_typed_first_comes_before_the_command_that_lets_it_go_on() -> None:
    told = explain(CASES["suspended.fault"])

    assert told.before == ("edochub doctor", "edochub endpoints set xa-hai-son …")
    assert told.as_json()["before"] == list(told.before)
    assert told.command == "edochub release --endpoint xa-hai-son"
