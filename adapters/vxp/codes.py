"""Error codes, both ways.

The codes of the national axis are not known; these are of the one provincial axis whose table is. As the axis we say
them for our own errors. As a system below an axis we take each for what happens next, and one that nobody knows for
something that a person must look at: nothing is lost by that.

    0   done                                            10  the file is not what its hash says, or too large
    15  wrong system id or secret                       18  an addressee is not known
    19  the sender is not registered, or not the caller's   20  a fault of the axis: try again
    21  the package cannot be processed                 22  not edXML as it has to be
    23  an addressee is closed
"""

from __future__ import annotations

from hub import findings
from hub.errors import (
    Corrupted,
    Declined,
    Fault,
    HubError,
    Malformed,
    Misconfigured,
    NoRoute,
    NotAllowed,
    Refusal,
    TooLarge,
    Unavailable,
)
from schemas.findings import Finding, Severity
from schemas.text import Sentence

SUCCESS, DONE = "0", "Thanh cong"
INVALID_FILE, WRONG_SECRET, NO_ADDRESSEE, NO_SENDER = "10", "15", "18", "19"
SYSTEM, PROCESSING, FORMAT, ADDRESSEE_LOCKED = "20", "21", "22", "23"

MOST_TOLD = 10  # findings in one description
LONGEST_DESCRIPTION = 4_000  # characters
LONGEST_ANSWER = 300  # characters of an axis's own description

SAYS = Sentence(
    vi="Trục {host} trả lời mã lỗi {code}: {words}",
    en="The axis {host} answers with the error {code}: {words}",
)
WRONG_SECRET_HERE = Sentence(
    vi="Trục {host} không nhận systemid hoặc mã bí mật của điểm kết nối này: {words}",
    en="The axis {host} does not take this endpoint's systemid or secret: {words}",
)


def code_of(error: HubError) -> str:
    """Return the code for one of our own errors."""
    if isinstance(error, Corrupted | TooLarge):
        return INVALID_FILE
    if isinstance(error, NotAllowed):
        return NO_SENDER
    if isinstance(error, NoRoute):
        closed = {finding.code for finding in error.findings} == {findings.ADDRESSEE_CLOSED.code}
        return ADDRESSEE_LOCKED if closed else NO_ADDRESSEE
    if isinstance(error, Malformed):
        return FORMAT
    if isinstance(error, Unavailable | Fault):
        return SYSTEM
    return PROCESSING


def description_of(error: HubError) -> str:
    """Return what a person at the client reads: every fault of the document, what to do, and the id to trace it by."""
    if not isinstance(error, Refusal):
        return error.message.vi[:LONGEST_DESCRIPTION]
    serious = [finding for finding in error.findings if finding.severity is Severity.ERROR]
    parts = [_told(finding) for finding in serious[:MOST_TOLD]] or [error.message.vi]
    if len(serious) > MOST_TOLD:
        parts.append(f"(+{len(serious) - MOST_TOLD})")
    said = "; ".join(parts)[:LONGEST_DESCRIPTION]
    return f"{said} [{error.id}]" if error.id else said


def _told(finding: Finding) -> str:
    line = f" (dòng {finding.line})" if finding.line else ""
    return f"{finding.message.vi}{line} {finding.remedy.vi}"


def raised(code: str, words: str, host: str) -> HubError:
    """Return what an axis's refusal of a package means for the delivery."""
    known = {"host": host, "code": shown(code, 20), "words": shown(words, LONGEST_ANSWER) or "-"}
    if code == WRONG_SECRET:
        return Misconfigured(WRONG_SECRET_HERE.say(**known))
    said = SAYS.say(**known)
    if code in {INVALID_FILE, NO_ADDRESSEE, PROCESSING, FORMAT, ADDRESSEE_LOCKED}:
        return Declined(said)
    if code == SYSTEM:
        return Unavailable(said)
    return Fault(said)  # 19: somebody must register the sender there; anything else: somebody must look


def unanswered(code: str, words: str, host: str) -> HubError:
    """Return what an axis's refusal of a question means: nothing for any document, so try again."""
    known = {"host": host, "code": shown(code, 20), "words": shown(words, LONGEST_ANSWER) or "-"}
    return (
        Misconfigured(WRONG_SECRET_HERE.say(**known))
        if code == WRONG_SECRET
        else Unavailable(SAYS.say(**known))
    )


def shown(words: str, longest: int) -> str:
    """Return a stranger's words as one printable line."""
    return "".join(char if char.isprintable() else " " for char in words[:longest]).strip()
