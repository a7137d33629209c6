"""What the policy lets pass, and what the sender is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.findings import KINDS
from signing import reasons, reasons_attachment, reasons_container, reasons_trust
from signing.policy import KIND_OF, Policy, UntrustedSignature, check
from signing.verdict import REASONS, Aspect, Outcome, Question, Reason, ReasonKind, Verdict
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


def test_every_reason_but_good_news_and_notes_has_a_finding_with_a_remedy() -> None:
    modules = (reasons, reasons_attachment, reasons_container, reasons_trust)
    declared = [kind for module in modules for kind in vars(module).values() if isinstance(kind, ReasonKind)]
    # The reasons of packages have theirs in `policy`; whoever has none anywhere is good news, or a note.
    good = {kind.code for kind in declared if kind.remedy is None} - set(KIND_OF)
    assert {"signature.intact", "attachment.intact", "coverage.whole-file", "time.proven"} <= good
    assert set(KIND_OF) == {kind.code for kind in declared} - good
    assert {kind.code for kind in vars(reasons).values() if isinstance(kind, ReasonKind)} & good == {
        "signature.intact"
    }
    assert all(KINDS[kind.code] is kind for kind in KIND_OF.values())


def test_only_what_is_invalid_is_refused_in_the_middle() -> None:
    mixed = [verdict(Outcome.ABSENT, reasons.ABSENT.because()), verdict(Outcome.INVALID)]
    assert [f.code for f in check(mixed[:1], Policy.REFUSE_INVALID)] == ["signature.absent"]
    with pytest.raises(UntrustedSignature) as refused:
        check(mixed, Policy.REFUSE_INVALID)
    assert [(f.code, str(f.severity)) for f in refused.value.findings] == [
        ("signature.altered", "error"),
        ("signature.absent", "warning"),
    ]


@pytest.mark.parametrize("outcome", BAD)
def test_what_is_ignored_is_not_spoken_of(outcome: Outcome) -> None:
    assert check([verdict(outcome)], Policy.IGNORE) == ()


def test_a_holder_who_does_not_fit_is_a_warning_whatever_is_demanded() -> None:
    why = reasons_attachment.HOLDER_MISFIT.because(named="O=Sở Khác", agency="UBND xã Mẫu")
    holder = Aspect(outcome=Outcome.UNDETERMINED, reasons=(why,))
    good = replace(verdict(Outcome.VALID), part="a.pdf", aspects={Question.HOLDER: holder})
    (finding,) = check([good, good], Policy.REQUIRE)
    assert (finding.code, str(finding.severity)) == ("signature.holder-does-not-fit", "warning")
    assert finding.message.en.startswith("Attachment “a.pdf”: The certificate belongs to O=Sở Khác")


def test_every_sentence_is_one_in_both_languages() -> None:
    for kind in REASONS.values():
        assert kind.message.vi.endswith(".")
        assert kind.message.en.endswith(".")
        assert kind.message.vi != kind.message.en


def test_what_is_raised_can_be_read() -> None:
    with pytest.raises(UntrustedSignature, match="bị thay đổi sau khi ký"):
        check([verdict(Outcome.INVALID)], Policy.REQUIRE)


def test_a_sender_is_told_what_is_wrong_and_not_what_is_right() -> None:
    wrong = reasons_attachment.CHANGED_AFTER.because(revision=2, revisions=4)
    right = reasons_attachment.INTACT.because(digest="sha256")
    aspects = {
        Question.INTEGRITY: Aspect(outcome=Outcome.VALID, reasons=(right,)),
        Question.COVERAGE: Aspect(outcome=Outcome.INVALID, reasons=(wrong,)),
    }
    (finding,) = check([replace(verdict(Outcome.INVALID, wrong, right), aspects=aspects)], Policy.REPORT)
    assert finding.message == wrong.message
