"""What the hub demands of signatures, and what a sender is told when they fall short.

    IGNORE           says nothing of them
    REPORT           takes every package and says what is wrong as warnings
    REFUSE_INVALID   refuses what is known to be broken; what is absent or cannot be told is a warning
    REQUIRE          takes only packages of which every signature is VALID

Under REQUIRE a signature that is absent, broken or cannot be proved is an error. Having nothing to judge is no proof
either, so an empty list of verdicts fails.

Each reason that speaks against a signature has a finding here with the remedy for it. The code of the finding is that
of the reason, put under `signature.` if it is not there: `certificate.untrusted` becomes
`signature.certificate-untrusted`. Whether a certificate's holder fits the sender is only ever a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import ModuleType

from schemas.findings import Finding, Kind, Severity
from schemas.text import Sentence, Text
from signing import reasons, reasons_attachment, reasons_container, reasons_trust
from signing.verdict import Outcome, Question, Reason, ReasonKind, Verdict


class Policy(StrEnum):
    """How much signatures count."""

    IGNORE = "ignore"
    REPORT = "report"
    REFUSE_INVALID = "refuse-invalid"
    REQUIRE = "require"

    def refuses(self, verdict: Verdict) -> bool:
        """Tell whether a package with this verdict is not taken."""
        if self is Policy.REQUIRE:
            return verdict.outcome is not Outcome.VALID
        return self is Policy.REFUSE_INVALID and verdict.outcome is Outcome.INVALID


@dataclass
class UntrustedSignature(Exception):
    """The policy demands better signatures than the package has. Carries the findings."""

    findings: tuple[Finding, ...] = field(default_factory=tuple)

    def __str__(self) -> str:
        return " ".join(str(finding.message) for finding in self.findings)


def check(verdicts: Sequence[Verdict], policy: Policy) -> tuple[Finding, ...]:
    """Return what is to be said of the signatures, or raise `UntrustedSignature` if the policy is not met."""
    if policy is Policy.IGNORE:
        return ()
    judged = [
        finding if policy.refuses(verdict) else replace(finding, severity=Severity.WARNING)
        for verdict in verdicts
        if (finding := _finding(verdict)) is not None
    ]
    if not verdicts:
        nothing = NOT_JUDGED.at()
        judged = [nothing if policy is Policy.REQUIRE else replace(nothing, severity=Severity.WARNING)]
    if any(finding.severity is Severity.ERROR for finding in judged):
        # What the package is refused for comes first.
        raise UntrustedSignature(
            tuple(sorted(judged, key=lambda finding: finding.severity != Severity.ERROR))
        )
    return (*judged, *_of_holders(verdicts))


def _finding(verdict: Verdict) -> Finding | None:
    """Return one finding for a verdict that is not VALID: coded by its first reason, worded by all that decided."""
    if verdict.outcome is Outcome.VALID:
        return None
    if not verdict.reasons:
        return NOT_JUDGED.at(path=verdict.path)
    return _worded(verdict, _deciding(verdict) or verdict.reasons)


def _deciding(verdict: Verdict) -> tuple[Reason, ...]:
    """Return the reasons why a verdict is not better: what else was found, a sender has no use for."""
    deciding = {
        reason.code
        for question, aspect in verdict.aspects.items()
        if question is not Question.HOLDER and aspect.outcome is verdict.outcome
        for reason in aspect.reasons
    }
    return tuple(reason for reason in verdict.reasons if reason.code in deciding)


def _of_holders(verdicts: Sequence[Verdict]) -> Iterator[Finding]:
    """Yield a warning for every certificate that does not fit the sender; once for each certificate."""
    told = set()
    for verdict in verdicts:
        holder = verdict.aspects.get(Question.HOLDER)
        if holder is None or holder.outcome is Outcome.VALID or not holder.reasons:
            continue
        finding = replace(_worded(verdict, holder.reasons), severity=Severity.WARNING, path=None)
        if finding.message not in told:
            told.add(finding.message)
            yield finding


def _worded(verdict: Verdict, why: Sequence[Reason]) -> Finding:
    """Return the finding of the first reason that has one, worded by all."""
    kind = next((KIND_OF[reason.code] for reason in why if reason.code in KIND_OF), NOT_JUDGED)
    message = Text(
        vi=" ".join(reason.message.vi for reason in why), en=" ".join(reason.message.en for reason in why)
    )
    path = verdict.path
    if verdict.part is not None:
        path = None  # it stands in the attachment, not in the package
        message = Text(
            vi=f"Tệp đính kèm “{verdict.part}”: {message.vi}", en=f"Attachment “{verdict.part}”: {message.en}"
        )
    return Finding(kind.code, Severity.ERROR, message, kind.remedy.say(), path=path)


KIND_OF: dict[str, Kind] = {}
OF_HOLDERS = (reasons_attachment.HOLDER_MISFIT, reasons_attachment.HOLDER_OF_ANOTHER)


def _kind(cause: ReasonKind, remedy: Sentence) -> None:
    code = cause.code if cause.code.startswith("signature.") else f"signature.{cause.code.replace('.', '-')}"
    severity = Severity.WARNING if cause in OF_HOLDERS else Severity.ERROR
    KIND_OF[cause.code] = Kind(code, severity, cause.message, remedy)


def _remedy(vi: str, en: str, *causes: ReasonKind) -> None:
    for cause in causes:
        _kind(cause, Sentence(vi=vi, en=en))


def _remedies_of(module: ModuleType) -> None:
    """Take over the remedies that reasons were declared with."""
    for cause in vars(module).values():
        if isinstance(cause, ReasonKind) and cause.remedy is not None and cause.code not in KIND_OF:
            _kind(cause, cause.remedy)


NOT_JUDGED = Kind(
    "signature.not-judged",
    Severity.ERROR,
    Sentence(
        vi="Không có kết quả kiểm tra chữ ký số nào cho gói tin.",
        en="There is no result of checking the package's signature.",
    ),
    Sentence(
        vi="Gửi lại gói tin; nếu lỗi lặp lại, báo cho đơn vị vận hành trục.",
        en="Send the package again; if it happens again, tell the operator of the hub.",
    ),
)

_remedy(
    "Ký gói tin bằng chứng thư số của cơ quan rồi gửi lại.",
    "Sign the package with the agency's certificate and send it again.",
    reasons.ABSENT,
    reasons.EMPTY,
)
_remedy(
    "Ký lại gói tin gốc và gửi nguyên vẹn, không định dạng lại và không chèn thêm nội dung sau khi ký.",
    "Sign the original package anew and send it untouched: do not reformat it or add to it after signing.",
    reasons.ALTERED,
    reasons.VALUE_WRONG,
    reasons.UNSIGNED_TEXT,
)
_remedy(
    "Chỉ đặt một chữ ký số, là phần tử con cuối cùng của edXMLHeader; không sao chép từ gói tin khác.",
    "Put one signature only, as the last child of edXMLHeader, and do not copy it from another package.",
    reasons.WRAPPED,
    reasons.MORE_THAN_ONE,
    reasons.DUPLICATE_ID,
)
_remedy(
    "Ký bằng XML-DSig thật với chứng thư của cơ quan, hoặc bỏ phần tử chữ ký mẫu.",
    "Sign with real XML-DSig and the agency's certificate, or leave the placeholder out.",
    reasons.PLACEHOLDER,
    reasons.WRONG_NAMESPACE,
)
_remedy(
    "Ký đúng theo docs/signature-profile.md: một tham chiếu tới toàn bộ gói tin, Exclusive C14N, SHA-256.",
    "Sign as docs/signature-profile.md says: one reference to the whole package, Exclusive C14N, SHA-256.",
    reasons.MALFORMED,
    reasons.TOO_LARGE,
    reasons.CANONICALISATION_FORBIDDEN,
    reasons.ALGORITHM_FORBIDDEN,
    reasons.REFERENCE_FORBIDDEN,
    reasons.TRANSFORM_FORBIDDEN,
    reasons.VALUE_MALFORMED,
    reasons.NOT_IN_CONTENT,
    reasons.NO_CANONICAL_FORM,
)
_remedy(
    "Dùng khóa RSA từ 2048 đến 4096 bit hoặc ECDSA P-256, P-384, và thuật toán ứng với khóa đó.",
    "Use an RSA key of 2048 to 4096 bits, or ECDSA P-256 or P-384, and the algorithm that belongs to it.",
    reasons.KEY_MISMATCH,
    reasons.KEY_WEAK,
)
_remedy(
    "Kèm chứng thư của người ký (và chứng thư trung gian) ở dạng DER mã hóa base64 trong X509Data.",
    "Enclose the signer's certificate (and intermediate ones) as base64 of DER in X509Data.",
    reasons.NO_CERTIFICATE,
    reasons.CERTIFICATE_UNREADABLE,
)
_remedy(
    "Ký bằng chứng thư còn hiệu lực do tổ chức mà trục tin cậy cấp, hoặc đề nghị đơn vị vận hành trục "
    "bổ sung chứng thư gốc.",
    "Sign with a valid certificate of an authority that the hub trusts, or ask the hub's operator to add "
    "the root.",
    reasons.CERTIFICATE_UNTRUSTED,
    reasons.CERTIFICATE_EXPIRED,
    reasons.CERTIFICATE_NOT_YET_VALID,
    reasons.ISSUER_EXPIRED,
)
_remedy(
    "Ký bằng chứng thư được cấp cho cơ quan hoặc cán bộ để ký văn bản.",
    "Sign with a certificate that was issued to the agency or the official for signing documents.",
    reasons.CERTIFICATE_OF_AUTHORITY,
    reasons.CERTIFICATE_WRONG_USAGE,
)
_remedy(
    "Chờ trục kiểm tra tình trạng thu hồi của chứng thư; không cần gửi lại.",
    "Wait until the hub has checked whether the certificate was revoked; there is no need to send again.",
    reasons.NOT_CHECKED,
)

for _module in (reasons, reasons_trust, reasons_container, reasons_attachment):
    _remedies_of(_module)
