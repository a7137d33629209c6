"""What a rule of edXML packages looks at. Each lives in a file of its own; `rules/__init__.py` lists them in order."""

from __future__ import annotations

from datetime import date

from schemas.edxml.attachments import Attachment
from schemas.edxml.package import Package
from schemas.rule import Rule
from schemas.text import Text

PackageRule = Rule[Package]
AttachmentRule = Rule[Attachment]

# The first day of the standard: rules that come from it hold since then.
STANDARD_SINCE = date(2016, 4, 1)
# The first day of NĐ 30/2020/NĐ-CP on clerical work.
CLERICAL_SINCE = date(2020, 3, 5)


def qcvn(vi: str, en: str) -> Text:
    """Return a citation of the standard. Paragraph numbers are those of its part on the data format."""
    return Text(vi=f"QCVN 102:2016/BTTTT, {vi}", en=f"QCVN 102:2016/BTTTT, {en}")
