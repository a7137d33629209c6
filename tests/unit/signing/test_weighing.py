"""One answer for each question, with what was seen; the outcome of all of them together."""

from __future__ import annotations

import json
from datetime import timedelta

import jsonschema
import pytest

from adapters.http.openapi_schemas import SCHEMAS
from signing import certificates
from signing.trust import TrustStore
from signing.verdict import Aspect, Outcome, Question, Verdict
from tests.unit.signing.attacks import altered, expired, genuine, object_added, self_signed
from tests.unit.signing.attacks_arithmetic import attachments_without_the_header, regulations_namespace
from tests.unit.signing.packages import (
    NOW,
    authority,
    between,
    codes,
    judge,
    package,
    signer,
    trusted,
)


class Revocation:
    """Stands in for revocation data, and says what it is told to."""

    def __init__(self, aspect: Aspect) -> None:
        self.aspect = aspect
        self.asked: list[int] = []

    def status(self, chain: tuple[object, ...], at: object) -> Aspect:
        self.asked.append(len(chain))
        return self.aspect


def told(outcome: Outcome, *, strict: bool = False) -> tuple[TrustStore, Revocation]:
    trust = TrustStore(trusted().anchors, require_revocation=strict)
    revocation = Revocation(Aspect(outcome=outcome))
    trust.revocation = revocation  # type: ignore[assignment]
    return trust, revocation


def outcomes(verdict: Verdict) -> dict[Question, Outcome]:
    return {question: aspect.outcome for question, aspect in verdict.aspects.items()}


def test_a_good_signature_answers_every_question_but_the_holders() -> None:
    verdict = judge(genuine())
    assert outcomes(verdict) == {
        Question.INTEGRITY: Outcome.VALID,
        Question.TRUST: Outcome.VALID,
        Question.REVOCATION: Outcome.UNDETERMINED,
        Question.TIME: Outcome.VALID,
        Question.COVERAGE: Outcome.VALID,
    }


def test_the_evidence_names_digests_certificates_and_times() -> None:
    aspects = judge(genuine()).aspects
    integrity, trust = aspects[Question.INTEGRITY].evidence, aspects[Question.TRUST].evidence
    assert integrity["digest_expected"] == integrity["digest_got"]
    assert len(bytes.fromhex(integrity["digest_got"])) == 32
    assert (integrity["digest_algorithm"], integrity["signature_algorithm"]) == ("sha256", "ecdsa-sha256")
    assert trust["certificate_sha256"] == certificates.of(signer().certificate).summary.sha256
    assert trust["anchor_sha256"] == certificates.of(authority().certificate).summary.sha256
    ends = min(
        one.not_valid_after_utc for one in (*signer().chain, between().certificate, authority().certificate)
    )
    assert trust["path_valid_until"] == ends.isoformat()
    assert aspects[Question.TIME].evidence == {"received_at": NOW.isoformat()}


def test_what_was_changed_has_another_digest_and_covers_nothing() -> None:
    verdict = judge(altered())
    integrity = verdict.aspects[Question.INTEGRITY]
    assert integrity.outcome is Outcome.INVALID
    assert integrity.evidence["digest_expected"] != integrity.evidence["digest_got"]
    assert Question.COVERAGE not in verdict.aspects
    assert Question.REVOCATION not in verdict.aspects
    assert verdict.aspects[Question.TRUST].outcome is Outcome.VALID
    assert codes(verdict) == ["signature.altered"]  # and no word of it being intact


@pytest.mark.parametrize("content", [self_signed(), expired()], ids=["self-signed", "expired"])
def test_without_a_path_the_content_is_intact_and_nobody_known(content: bytes) -> None:
    verdict = judge(content)
    assert verdict.outcome is Outcome.UNDETERMINED
    assert outcomes(verdict)[Question.INTEGRITY] is Outcome.VALID
    assert outcomes(verdict)[Question.TRUST] is Outcome.UNDETERMINED
    assert Question.REVOCATION not in verdict.aspects


def test_of_a_wrong_form_nothing_else_is_asked() -> None:
    verdict = judge(object_added())
    assert outcomes(verdict) == {Question.INTEGRITY: Outcome.INVALID}
    assert verdict.aspects[Question.INTEGRITY].reasons == verdict.reasons


def test_no_signature_no_questions() -> None:
    assert judge(package()).aspects == {}


@pytest.mark.parametrize(
    ("revocation", "strict", "outcome"),
    [
        (Outcome.VALID, False, Outcome.VALID),
        (Outcome.VALID, True, Outcome.VALID),
        (Outcome.UNDETERMINED, False, Outcome.VALID),
        (Outcome.UNDETERMINED, True, Outcome.UNDETERMINED),
        (Outcome.INVALID, False, Outcome.INVALID),
        (Outcome.INVALID, True, Outcome.INVALID),
    ],
)
def test_revocation_counts_as_the_operator_says(revocation: Outcome, strict: bool, outcome: Outcome) -> None:
    trust, asked = told(revocation, strict=strict)
    assert judge(genuine(), trust).outcome is outcome
    assert asked.asked == [3]  # the signer, the authority between, the root


def test_no_revocation_is_asked_of_a_stranger() -> None:
    trust, asked = told(Outcome.INVALID)
    assert judge(self_signed(), trust).outcome is Outcome.UNDETERMINED
    assert asked.asked == []


def test_habits_and_partial_coverage_are_never_better_than_undetermined() -> None:
    trust, _ = told(Outcome.VALID)
    for content in (regulations_namespace(), attachments_without_the_header()):
        assert judge(content, trust).outcome is Outcome.UNDETERMINED


def test_a_path_is_built_once_and_holds_until_its_first_certificate_ends() -> None:
    trust = TrustStore(trusted().anchors)
    until = judge(genuine(), trust).aspects[Question.TRUST].evidence["path_valid_until"]
    last = signer().certificate.not_valid_after_utc
    assert until == last.isoformat()
    assert judge(genuine(), trust, last).outcome is Outcome.VALID
    assert judge(genuine(), trust, last + timedelta(seconds=1)).outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    "content",
    [genuine(), altered(), object_added(), self_signed(), package(), attachments_without_the_header()],
)
def test_the_published_schema_knows_every_verdict(content: bytes) -> None:
    schema = {"$ref": "#/components/schemas/Verdict", "components": {"schemas": SCHEMAS}}
    shown = json.loads(json.dumps(judge(content).as_json()))
    jsonschema.Draft202012Validator(schema).validate(shown)
    assert set(shown) == set(SCHEMAS["Verdict"]["properties"])
