"""verify: who speaks, and who signed.

The endpoint must speak for the agency in From; that is what the transport's credential proves, and all there is for
status packages, which nobody signs. Then every signature of the package gets its verdict. What the endpoint's policy
does not demand is reported, not refused. Raises `NotAllowed` and `UntrustedSignature`.
"""

from __future__ import annotations

from hub import findings
from hub.directory import Directory, Standing
from hub.errors import NotAllowed, UntrustedSignature
from hub.model import Agency, Endpoint, Received, SignatureRule, VerifiedDocument
from schemas.edxml.envelope import Envelope, PackageKind
from schemas.findings import Finding
from schemas.validator import ValidDocument
from signing import policy, xml
from signing.trust import TrustStore
from signing.verdict import Verdict


def verify(
    received: Received, valid: ValidDocument, directory: Directory, trust: TrustStore
) -> VerifiedDocument:
    """Establish who sent a valid package and what its signatures are worth."""
    sender, notes = speaker(valid.envelope, received.endpoint, directory)
    verdicts = xml.verify(valid.content, valid.tree, trust, received.at)
    signature_findings = judged(verdicts, valid.envelope.kind, received.endpoint.signatures)
    return VerifiedDocument(
        received=received,
        valid=valid,
        sender=sender,
        verdicts=verdicts,
        findings=(*valid.findings, *notes, *signature_findings),
    )


def speaker(
    envelope: Envelope, endpoint: Endpoint, directory: Directory
) -> tuple[Agency, tuple[Finding, ...]]:
    """Return the agency in From, if the endpoint may speak for it."""
    code = envelope.sender.code
    resolution = directory.resolve(code)
    if resolution.agency is None:
        unknown = findings.SENDER_UNKNOWN.at(code=code, explanation=resolution.explanation)
        raise NotAllowed(unknown.message, [unknown])
    if resolution.agency.id not in endpoint.agencies:
        foreign = findings.SENDER_NOT_ALLOWED.at(endpoint=endpoint.id, code=code)
        raise NotAllowed(foreign.message, [foreign])
    if resolution.state is Standing.CLOSED:
        closed = findings.SENDER_CODE_CLOSED.at(code=code, explanation=resolution.explanation)
        return resolution.agency, (closed,)
    return resolution.agency, ()


def judged(verdicts: tuple[Verdict, ...], kind: PackageKind, rule: SignatureRule) -> tuple[Finding, ...]:
    """Return the warnings that the verdicts deserve, or raise when the endpoint's documents must be signed."""
    if kind is PackageKind.STATUS:
        return ()
    demanded = policy.Policy.REQUIRE if rule is SignatureRule.REQUIRE else policy.Policy.REPORT
    try:
        return policy.check(verdicts, demanded)
    except policy.UntrustedSignature as error:
        raise UntrustedSignature(error.findings[0].message, error.findings) from error
