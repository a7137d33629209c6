"""What the policy lets pass, and what the sender is told."""

from __future__ import annotations

import pytest

from schemas.findings import KINDS
from signing import reasons
from signing.policy import KIND_OF, Policy, UntrustedSignature, check
from signing.verdict import REASONS, Outcome, Reason, Verdict
from tests.unit.signing.packages import NOW

BAD = [Outcome.INVALID, Outcome.UNDETERMINED, Outcome.ABSENT]


def verdict(outcome: Outcome, *why: Reason) -> Verdict:
    return Verdict(
        outcome=outcome, reasons=why or (reasons.ALTERED.because(),), checked_at=NOW, path="/edXML"
    )


@pytest.mark.parametrize("policy", Policy)
def test_a_valid_signature_needs_no_words(policy: Policy) -> None:
    assert check([verdict(Outcome.VALID)], policy) == ()


@pytest.mark.parametrize("outcome", BAD)
def test_anything_but_valid_is_refused_when_signatures_are_required(outcome: Outcome) -> None:
    with pytest.raises(UntrustedSignature) as refused:
        check([verdict(outcome)], Policy.REQUIRE)
    (finding,) = refused.value.findings
    assert (finding.code, str(finding.severity), finding.path) == ("signature.altered", "error", "/edXML")


@pytest.mark.parametrize("outcome", BAD)
def test_anything_but_valid_is_a_warning_when_signatures_are_reported(outcome: Outcome) -> None:
    (finding,) = check([verdict(outcome)], Policy.REPORT)
    assert (finding.code, str(finding.severity)) == ("signature.altered", "warning")


def test_one_bad_signature_among_good_ones_is_enough() -> None:
    with pytest.raises(UntrustedSignature):
        check([verdict(Outcome.VALID), verdict(Outcome.UNDETERMINED)], Policy.REQUIRE)


def test_no_verdict_at_all_fails_closed() -> None:
    with pytest.raises(UntrustedSignature) as refused:
        check([], Policy.REQUIRE)
    assert refused.value.findings[0].code == "signature.not-judged"
    assert [str(finding.severity) for finding in check([], Policy.REPORT)] == ["warning"]


def test_a_verdict_without_reasons_fails_closed() -> None:
    bare = Verdict(outcome=Outcome.UNDETERMINED, reasons=(), checked_at=NOW)
    with pytest.raises(UntrustedSignature):
        check([bare], Policy.REQUIRE)


def test_all_reasons_are_told_in_both_languages() -> None:
    why = (reasons.ALTERED.because(), reasons.CERTIFICATE_UNTRUSTED.because(subject="CN=a", issuer="CN=b"))
    (finding,) = check([verdict(Outcome.INVALID, *why)], Policy.REPORT)
    assert finding.message.vi == f"{why[0].message.vi} {why[1].message.vi}"
    assert finding.message.en == f"{why[0].message.en} {why[1].message.en}"
    assert finding.remedy.vi.startswith("Ký lại gói tin gốc")


def test_the_code_of_a_certificate_reason_is_put_under_signature() -> None:
    why = reasons.CERTIFICATE_EXPIRED.because(subject="CN=a", date="2026-01-01")
    assert (
        check([verdict(Outcome.UNDETERMINED, why)], Policy.REPORT)[0].code == "signature.certificate-expired"
    )


def test_every_reason_but_the_good_one_has_a_finding_with_a_remedy() -> None:
    assert set(KIND_OF) == set(REASONS) - {"signature.intact"}
    assert all(KINDS[kind.code] is kind for kind in KIND_OF.values())


def test_every_sentence_is_one_in_both_languages() -> None:
    for kind in REASONS.values():
        assert kind.message.vi.endswith(".")
        assert kind.message.en.endswith(".")
        assert kind.message.vi != kind.message.en


def test_what_is_raised_can_be_read() -> None:
    with pytest.raises(UntrustedSignature, match="bị thay đổi sau khi ký"):
        check([verdict(Outcome.INVALID)], Policy.REQUIRE)
