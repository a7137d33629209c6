"""The signatures of a PDF: ISO 32000-2, 12.8, and PAdES (EN 319 142-1). One verdict for each signature field.

pyHanko reads the file in a process of its own, bounded in time and memory (`reading_process`); what it saw is weighed
here (`attachment_weighing`). Never the network, never an exception for what is in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from signing import reasons_attachment as reasons
from signing.algorithms import ENDS
from signing.attachment_case import Case
from signing.attachment_weighing import judge, untold
from signing.facts import FileFacts
from signing.reading_process import SHARED, ReadingProcess
from signing.trust import TrustStore
from signing.verdict import Form, Outcome, Verdict

# In a PDF 1.5 the dictionary of a signature may not be compressed (ISO 32000-2, 7.5.7): its name stands in the octets.
MARK = b"/ByteRange"


def verify(
    content: bytes,
    trust: TrustStore,
    at: datetime,
    *,
    part: str,
    reader: ReadingProcess = SHARED,
    ends: Mapping[str, date | None] = ENDS,
) -> tuple[Verdict, ...]:
    """Return one verdict for each signature, in order of revision, or a single ABSENT one.

    `at` is when the file was received; `part` is what to call it. Raises `reading_process.Closed` only.
    """
    # What is not signed is not read at all.
    facts = reader.pdf(content) if MARK in content else FileFacts()
    case = Case(form=Form.PDF, part=part, trust=trust, at=at, facts=facts, content=content, ends=ends)
    return judge(case) or (untold(case, reasons.NOT_SIGNED.because(), Outcome.ABSENT),)
