"""From the `Envelope` of a status package to its lines, in the order of the official status samples.

That order is not the one of the document samples: OrganName before OrganizationInCharge, Mobile before Email. The
.NET order is the same.
"""

from __future__ import annotations

from datetime import datetime

from schemas.edxml.elements import Dialect
from schemas.edxml.envelope import Envelope
from schemas.edxml.lines import (
    Lines,
    arranged,
    block,
    day,
    envelope_block,
    leaf,
    organization_pieces,
    root_block,
    staff_pieces,
)
from schemas.edxml.reader import VIETNAM


def status_lines(envelope: Envelope, dialect: Dialect) -> Lines:
    """Return the package, or raise ValueError for an envelope that is no status."""
    status = envelope.status
    if status is None or status.at is None:
        raise ValueError("a status package needs a status with its time")
    if len(envelope.receivers) != 1:
        raise ValueError(f"a status package has one receiver, got {len(envelope.receivers)}")
    pieces = {
        "From": _arranged("From", organization_pieces(envelope.sender), "Organization", dialect),
        "ResponseFor": _arranged("ResponseFor", _answered(envelope), "ResponseFor", dialect),
        "StatusCode": leaf("edXML:StatusCode", status.code),
        "Description": leaf("edXML:Description", status.description),
        "Timestamp": leaf("edXML:Timestamp", _moment(status.at)),
    }
    if status.staff is not None:
        pieces["StaffInfo"] = _arranged("StaffInfo", staff_pieces(status.staff), "StaffInfo", dialect)
    header = _arranged("MessageHeader", pieces, "MessageHeader", dialect)
    return root_block(dialect, envelope_block(block("edXML:edXMLHeader", header)))


def _arranged(name: str, pieces: dict[str, Lines], of: str, dialect: Dialect) -> Lines:
    return arranged(f"edXML:{name}", pieces, dialect, of=f"status:{of}")


def _answered(envelope: Envelope) -> dict[str, Lines]:
    return {
        "OrganId": leaf("edXML:OrganId", envelope.receivers[0].code),
        "Code": leaf("edXML:Code", envelope.code),
        "PromulgationDate": leaf("edXML:PromulgationDate", day(envelope.promulgated_on)),
        "DocumentId": leaf("edXML:DocumentId", envelope.document_id),
    }


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%Y/%m/%d %H:%M:%S}"
