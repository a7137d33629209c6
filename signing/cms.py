"""CMS signatures beside a file (detached: `van_ban.pdf.p7s`) and around one (enveloping: `.p7m`): RFC 5652, CAdES.

Read by pyHanko in the reading process, weighed as those of PDFs are. A signature beside a file covers all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from signing import reasons_attachment as reasons
from signing.algorithms import ENDS
from signing.attachment_case import Case
from signing.attachment_weighing import judge, untold
from signing.reading_process import SHARED, ReadingProcess
from signing.trust import TrustStore
from signing.verdict import Form, Outcome, Verdict

SUFFIXES = (".p7s", ".p7m", ".p7b", ".sig")


def verify(
    content: bytes,
    detached: bytes | None,
    trust: TrustStore,
    at: datetime,
    *,
    part: str,
    reader: ReadingProcess = SHARED,
    ends: Mapping[str, date | None] = ENDS,
) -> tuple[tuple[Verdict, ...], bytes | None]:
    """Return one verdict for each signer, and of an enveloping signature what is in the envelope.

    `detached` is the file beside it, None if there is none. Raises `reading_process.Closed` only.
    """
    facts = reader.cms(content, detached)
    case = Case(
        form=Form.CMS,
        part=part,
        trust=trust,
        at=at,
        facts=facts,
        content=detached if detached is not None else facts.content or b"",
        ends=ends,
    )
    if facts.problem == "unsupported" and facts.detail == "detached":
        return (untold(case, reasons.NOTHING_BESIDE.because(expected=_beside(part))),), None
    verdicts = judge(case) or (untold(case, reasons.NOT_SIGNED.because(), Outcome.ABSENT),)
    return verdicts, facts.content


def _beside(part: str) -> str:
    return part.rpartition("/")[2].rpartition(".")[0] or "?"
