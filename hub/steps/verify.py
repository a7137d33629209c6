"""verify: who speaks, and who signed.

The endpoint must speak for the agency in From; that is what the transport's credential proves, and all there is for
status packages, which nobody signs. Then every signature of the package gets its verdict, with whether its certificate
fits the sender. What the policy does not demand is reported, not refused. Raises `NotAllowed` and `UntrustedSignature`.

Attachments are judged here only if the policy may refuse for them: reading them takes longer than all else. Otherwise
the document is marked as unsettled, and `hub.settling` judges them after the sender has its answer. That none of them
can be signed is seen at a glance: then there is nothing to judge.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hub import findings, holders
from hub.config import PolicySettings
from hub.demands import Demands, demands, sha1_until
from hub.directory import Directory, Standing
from hub.errors import NotAllowed, Unavailable, UntrustedSignature
from hub.metrics import timed
from hub.model import Agency, Endpoint, Received, VerifiedDocument
from hub.routes import stranger
from schemas.edxml.envelope import Envelope, PackageKind
from schemas.findings import Finding
from schemas.skeleton import left_out_of
from schemas.text import Text
from schemas.validator import ValidDocument
from signing import algorithms, attachments, policy, xml
from signing import reasons_attachment as reasons
from signing.policy import Policy
from signing.reading_process import Closed, ReadingProcess
from signing.trust import TrustStore
from signing.verdict import Form, Outcome, Question, Verdict

STOPPING = Text(vi="Trục đang dừng; hãy gửi lại sau", en="The hub is stopping; please send again")
AS_IT_COMES = PolicySettings()


@timed("verify")
def verify(
    received: Received,
    valid: ValidDocument,
    directory: Directory,
    trust: TrustStore,
    settings: PolicySettings = AS_IT_COMES,
) -> VerifiedDocument:
    """Establish who sent a valid package and what its signatures are worth."""
    sender, notes = speaker(valid.envelope, received.endpoint, directory)
    demanded = demands(received.endpoint, sender.level, settings)
    verdicts = xml.verify(valid.content, valid.tree, trust, received.at)
    verdicts = holders.judged(verdicts, sender, directory)
    signature_findings = judged(verdicts, valid.envelope.kind, demanded.package)
    return VerifiedDocument(
        received=received,
        valid=valid,
        sender=sender,
        verdicts=verdicts,
        findings=(*valid.findings, *notes, *signature_findings),
        unsettled=_unsettled(valid, verdicts, demanded, trust),
    )


@timed("verify_attachments")
async def verify_attachments(
    verified: VerifiedDocument,
    directory: Directory,
    trust: TrustStore,
    settings: PolicySettings,
    reader: ReadingProcess,
) -> VerifiedDocument:
    """Judge the signatures of the attachments at once if the policy may refuse for them; else change nothing."""
    demanded = demands(verified.received.endpoint, verified.sender.level, settings)
    envelope = verified.valid.envelope
    if not demanded.attachments_at_once or envelope.kind is PackageKind.STATUS or not envelope.attachments:
        return verified
    ends = algorithms.ends(sha1_until(settings))
    try:
        found = await asyncio.to_thread(
            attachments.verify,
            verified.valid.tree,
            trust,
            verified.received.at,
            left_out=left_out_of(verified.valid.content),
            reader=reader,
            ends=ends,
        )
    except Closed as error:
        raise Unavailable(STOPPING) from error
    found = found or (_unsigned(verified),)
    found = holders.judged(found, verified.sender, directory)
    told = judged(found, envelope.kind, demanded.attachments)
    return replace(
        verified,
        verdicts=(*verified.verdicts, *found),
        findings=(*verified.findings, *told),
        unsettled=any(wants_revocation_data(verdict, trust) for verdict in (*verified.verdicts, *found)),
    )


def _unsettled(
    valid: ValidDocument, verdicts: tuple[Verdict, ...], demanded: Demands, trust: TrustStore
) -> bool:
    if valid.envelope.kind is PackageKind.STATUS:
        return False
    to_be_judged = demanded.attachments is Policy.REPORT and _may_be_signed(valid)
    return to_be_judged or any(wants_revocation_data(verdict, trust) for verdict in verdicts)


def _may_be_signed(valid: ValidDocument) -> bool:
    infos = valid.envelope.attachments
    in_memory = left_out_of(valid.content) is None
    return bool(infos) and (not in_memory or attachments.may_be_signed(valid.tree, infos))


def wants_revocation_data(verdict: Verdict, trust: TrustStore) -> bool:
    """Tell whether a verdict may change when more is known about revocations, and somebody is going to know more."""
    revocation = verdict.aspects.get(Question.REVOCATION)
    open_still = revocation is not None and revocation.outcome is Outcome.UNDETERMINED
    return open_still and verdict.outcome is not Outcome.INVALID and expects_revocation_data(trust)


def expects_revocation_data(trust: TrustStore) -> bool:
    """Tell whether more is going to be known: the operator requires it, or has begun to collect it."""
    return trust.require_revocation or bool(trust.revocation.lists or trust.revocation.responses)


def _unsigned(verified: VerifiedDocument) -> Verdict:
    """Return the verdict on attachments none of which is of a kind that is signed."""
    return Verdict(
        outcome=Outcome.ABSENT,
        reasons=(reasons.NOT_SIGNED.because(),),
        checked_at=verified.received.at,
        form=Form.PDF,
        part=attachments.label(verified.valid.envelope.attachments[0].name),
    )


def speaker(
    envelope: Envelope, endpoint: Endpoint, directory: Directory
) -> tuple[Agency, tuple[Finding, ...]]:
    """Return the agency in From, if the endpoint may speak for it.

    It speaks for its own agencies, and for whoever lies behind it: the next hub that a route names hands in what comes
    from there. It never speaks for an agency that is connected here by another endpoint.
    """
    code = envelope.sender.code
    resolution = directory.resolve(code)
    agency = resolution.agency
    if agency is None:
        if not _lies_behind(endpoint, code, directory):
            unknown = findings.SENDER_UNKNOWN.at(code=code, explanation=resolution.explanation)
            raise NotAllowed(unknown.message, [unknown])
        return stranger(code), ()
    own = agency.id in endpoint.agencies
    if not own and (directory.endpoint_for(agency) or not _lies_behind(endpoint, code, directory)):
        foreign = findings.SENDER_NOT_ALLOWED.at(endpoint=endpoint.id, code=code)
        raise NotAllowed(foreign.message, [foreign])
    if resolution.state is Standing.CLOSED:
        closed = findings.SENDER_CODE_CLOSED.at(code=code, explanation=resolution.explanation)
        return agency, (closed,)
    return agency, ()


def _lies_behind(endpoint: Endpoint, code: str, directory: Directory) -> bool:
    route = directory.route_for(code)
    return route is not None and route.endpoint == endpoint.id


def judged(verdicts: tuple[Verdict, ...], kind: PackageKind, rule: Policy) -> tuple[Finding, ...]:
    """Return the warnings that the verdicts deserve, or raise when better ones are demanded."""
    if kind is PackageKind.STATUS:
        return ()
    try:
        return policy.check(verdicts, rule)
    except policy.UntrustedSignature as error:
        raise UntrustedSignature(error.findings[0].message, error.findings) from error
