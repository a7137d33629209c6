"""Status packages that the hub writes for those who do not build their own.

An addressee answers through the API with a code and a sentence; an addressee's system refuses a delivery; a sender
asks a document back. Each becomes a package of QCVN 102:2016 and travels like everybody else's.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hub.model import Agency, Message
from schemas.edxml import writer
from schemas.edxml.envelope import Envelope, Organization, PackageKind, Reference, StatusAnswer

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


def status_package(
    about: Message, speaker: tuple[str, Agency], named: str, code: str, description: str, at: datetime
) -> bytes:
    """Return the package by which `speaker` (a code and its agency) answers a message.

    `named` goes into ResponseFor/OrganId: the document's sender, or for 13 the addressee that is asked.
    """
    number, _, notation = about.code.partition("/")
    spoken_as, agency = speaker
    promulgated = about.promulgated_on.strftime("%Y/%m/%d") if about.promulgated_on else ""
    return writer.write(
        Envelope(
            kind=PackageKind.STATUS,
            sender=Organization(code=spoken_as, name=agency.name, in_charge=agency.name),
            receivers=(Organization(code=named),),
            document_id=about.document_id,
            number=number,
            notation=notation,
            response_for=(
                Reference(
                    organ_code=named,
                    document_id=about.document_id,
                    code=about.code,
                    promulgated_on=promulgated,
                ),
            ),
            status=StatusAnswer(
                code=code,
                description=description,
                at=at.astimezone(VIETNAM).replace(microsecond=0),
            ),
        )
    )
