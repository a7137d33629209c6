"""From the facts of a signed file to verdicts: one answer for each question, then the outcome of all.

*Integrity.* The digest and the value, the algorithms at the time of signing (`algorithms`), the key.
*Coverage.* A whole revision, and after it nothing but signatures, time stamps and validation data.
*Time.* A time stamp that we can verify proves when the signature existed. Without one, the signer's word is told, and
the hub's receipt is the earliest time that is certain. Doubts about the time alone do not decide: what is certain is
used instead, as a time stamp that cannot be verified is passed over (EN 319 102-1, 5.5.4).
*Trust.* The path to an anchor at the proven time, else at receipt. What the signature leaves out is taken from the
trust store's intermediates and from the other certificates in the file.
*Revocation.* Of the whole path, from the trust store's data and from what the file brings along.
"""

from __future__ import annotations

from dataclasses import replace

from signing import algorithms, attachment_times, certificates, reading_problems
from signing import reasons as common
from signing import reasons_attachment as reasons
from signing.attachment_case import Case, aspect, coverage, covers
from signing.attachment_times import Times
from signing.certificates import Certificate, UnreadableCertificate
from signing.facts import SignatureFacts
from signing.issuers import missing_issuer
from signing.trust import Chain
from signing.verdict import Aspect, Form, Outcome, Question, Reason, Verdict, conclude

# The time is not among them: see above.
NEEDED = frozenset({Question.INTEGRITY, Question.TRUST, Question.COVERAGE})


def judge(case: Case) -> tuple[Verdict, ...]:
    """Return a verdict for each signature, in order of revision; else one that says why there is none."""
    found = [_judge(case, signature) for signature in case.facts.signatures]
    if case.facts.problem:
        found.append(untold(case, reading_problems.of_file(case.facts)))
    return tuple(found)


def untold(case: Case, reason: Reason, outcome: Outcome = Outcome.UNDETERMINED) -> Verdict:
    """Return the verdict on a file of which nothing is known but this."""
    aspects = {} if outcome is Outcome.ABSENT else {Question.INTEGRITY: aspect(outcome, (reason,))}
    return Verdict(
        outcome=outcome,
        reasons=(reason,),
        checked_at=case.at,
        form=case.form,
        part=case.part,
        aspects=aspects,
    )


def _judge(case: Case, signature: SignatureFacts) -> Verdict:
    if signature.problem:
        reason, outcome = reading_problems.of_signature(signature)
        return replace(untold(case, reason, outcome), path=signature.name or None)
    try:
        leaf = certificates.load(signature.certificate)
    except UnreadableCertificate:
        return untold(case, common.CERTIFICATE_UNREADABLE.because(number=1))
    times = attachment_times.times_of(case, signature)
    chain = case.trust.chain(leaf, case.others(signature), times.proven or case.at)
    aspects = {
        Question.INTEGRITY: _integrity(case, signature, leaf, times),
        Question.TRUST: _trust(case, signature, leaf, chain),
        Question.TIME: attachment_times.answer(case, leaf, times),
        Question.COVERAGE: coverage(signature, case.content),
    }
    if isinstance(chain, Chain):
        known = case.revocation(signature)
        aspects[Question.REVOCATION] = known.status(chain.certificates, times.proven or case.at)
    needed = NEEDED | {Question.REVOCATION} if case.trust.require_revocation else NEEDED
    outcome, why = conclude(aspects, needed)
    return Verdict(
        outcome=outcome,
        reasons=why,
        checked_at=case.at,
        form=case.form,
        part=case.part,
        level=_level(case, signature),
        signer=leaf.name,
        certificate=leaf.summary,
        algorithm=f"{signature.mechanism}-{signature.digest}",
        path=signature.name or None,
        covers=covers(signature),
        claimed_at=times.claimed,
        proven_at=times.proven,
        aspects=aspects,
    )


# Integrity


def _integrity(case: Case, signature: SignatureFacts, leaf: Certificate, times: Times) -> Aspect:
    evidence = {
        "digest_algorithm": signature.digest,
        "digest": signature.digest_value,
        "signature_algorithm": signature.mechanism,
        "key": certificates.key_name(leaf.public_key),
    }
    against, notes = algorithms.against(
        signature.digest, signature.mechanism, attachment_times.made(leaf, times, case.at), case.ends
    )
    broken = []
    if not signature.value_right:
        broken.append(reasons.VALUE_WRONG.because())
    if not signature.digest_right:
        broken.append(reasons.ALTERED.because(digest=signature.digest))
    broken += [*against, *algorithms.against_key(leaf.public_key)]
    if broken:
        return aspect(Outcome.INVALID, (*broken, *notes), evidence)
    return aspect(Outcome.VALID, (reasons.INTACT.because(digest=signature.digest), *notes), evidence)


# Trust


def _trust(
    case: Case, signature: SignatureFacts, leaf: Certificate, chain: Chain | tuple[Reason, ...]
) -> Aspect:
    evidence = {"certificate_sha256": leaf.summary.sha256}
    if isinstance(chain, Chain):
        anchor = certificates.of(chain.anchor).summary
        evidence |= {"anchor": anchor.subject, "anchor_sha256": anchor.sha256}
        return aspect(Outcome.VALID, (reasons.PATH_HOLDS.because(anchor=anchor.subject),), evidence)
    known = (*case.others(signature), *case.trust.intermediates, *case.trust.anchors)
    missing = missing_issuer(leaf, known)
    if missing is not None:
        evidence["missing_issuer"] = missing
        untrusted = common.CERTIFICATE_UNTRUSTED.code
        chain = tuple(reason for reason in chain if reason.code != untrusted)
        chain = (*chain, reasons.CHAIN_INCOMPLETE.because(issuer=missing))
    return aspect(Outcome.UNDETERMINED, chain, evidence)


# Level


def _level(case: Case, signature: SignatureFacts) -> str:
    """Return the baseline level as the signature is built (EN 319 142-1, 6; EN 319 122-1, 6)."""
    if case.form is Form.CMS:
        family = "CAdES" if signature.names_certificate else "CMS"
    else:
        family = "PAdES" if signature.sub_filter == "ETSI.CAdES.detached" else "PKCS#7"
    if family in ("CMS", "PKCS#7"):
        return family
    archived = any(stamp.revision > signature.revision for stamp in case.facts.document_stamps)
    stamped = bool(signature.time_stamps) or archived
    enclosed = bool(case.facts.certificates and (case.facts.crls or case.facts.ocsp_responses))
    if not stamped:
        return f"{family}-B-B"
    if not enclosed:
        return f"{family}-B-T"
    return f"{family}-B-LTA" if archived else f"{family}-B-LT"
