"""From the `Envelope` of a status package to its lines, in the order of the official status samples.

That order is not the one of the document samples: OrganName before OrganizationInCharge, Mobile before Email.
"""

from __future__ import annotations

from datetime import datetime

from schemas.edxml.codes import NAMESPACE
from schemas.edxml.envelope import Envelope, Organization, Staff
from schemas.edxml.lines import Lines, block, contacts, day, envelope_block, leaf, mobile, staff_names
from schemas.edxml.reader import VIETNAM


def status_lines(envelope: Envelope) -> Lines:
    """Return the package, or raise ValueError for an envelope that is no status."""
    status = envelope.status
    if status is None or status.at is None:
        raise ValueError("a status package needs a status with its time")
    if len(envelope.receivers) != 1:
        raise ValueError(f"a status package has one receiver, got {len(envelope.receivers)}")
    header = block(
        "edXML:MessageHeader",
        _status_sender(envelope.sender),
        _answered(envelope),
        _status_staff(status.staff),
        leaf("edXML:StatusCode", status.code),
        leaf("edXML:Description", status.description),
        leaf("edXML:Timestamp", _moment(status.at)),
    )
    return block(
        "edXML", envelope_block(block("edXML:edXMLHeader", header)), attributes=f' xmlns="{NAMESPACE}"'
    )


def _status_sender(sender: Organization) -> Lines:
    return block(
        "edXML:From",
        leaf("edXML:OrganId", sender.code),
        leaf("edXML:OrganName", sender.name),
        leaf("edXML:OrganizationInCharge", sender.in_charge),
        *contacts(sender),
    )


def _answered(envelope: Envelope) -> Lines:
    return block(
        "edXML:ResponseFor",
        leaf("edXML:OrganId", envelope.receivers[0].code),
        leaf("edXML:Code", envelope.code),
        leaf("edXML:PromulgationDate", day(envelope.promulgated_on)),
        leaf("edXML:DocumentId", envelope.document_id),
    )


def _status_staff(staff: Staff | None) -> Lines:
    if staff is None:
        return []
    return block("edXML:StaffInfo", *staff_names(staff), mobile(staff), leaf("edXML:Email", staff.email))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%Y/%m/%d %H:%M:%S}"
