"""ebMS 3.0 with the AS4 profile, as the catalogue knows it: the bare header, and the SOAP envelope that carries it.

Two entries, because a document is recognised by its root. Neither is deliverable: parties of ebMS are access points,
not agencies, and the document itself travels beside the header, in another part of the MIME message.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lxml import etree

from schemas.ebms import rules
from schemas.ebms.codes import NAMESPACE, SOAP_NAMESPACE
from schemas.ebms.header import Header
from schemas.ebms.reader import messaging_of, read
from schemas.ebms.rules.rule import Messaging
from schemas.findings import Finding
from schemas.left_out import LeftOut
from schemas.schema import Schema
from schemas.standard import Standard
from schemas.text import Text

XSD = Path(__file__).parent / "xsd"
SINCE = date(2007, 10, 1)
NAME = "ebMS 3.0 / AS4"
ABOUT = Text(vi="Phần đầu của thông điệp ebMS 3.0 / AS4", en="Header of an ebMS 3.0 / AS4 message")


def ebms_3() -> Standard[Header]:
    """Return the standard for a header that stands by itself, as gateways log it."""
    return _standard("ebms-3", NAMESPACE, "Messaging", "ebms-header.xsd")


def ebms_3_in_soap() -> Standard[Header]:
    """Return the standard for a header in its SOAP 1.2 envelope, as it travels."""
    return _standard("ebms-3-soap", SOAP_NAMESPACE, "Envelope", "soap-envelope.xsd")


def _standard(name: str, namespace: str, root: str, xsd: str) -> Standard[Header]:
    return Standard(
        id=name,
        name=NAME,
        about=ABOUT,
        version="3.0",
        namespace=namespace,
        root=root,
        valid_from=SINCE,
        valid_until=None,
        schema=Schema(XSD / xsd),
        rules=rules.RULES,
        examine=examine,
        summary=summary,
    )


def examine(
    tree: etree._ElementTree, today: date, _left_out: LeftOut | None = None
) -> tuple[Header, list[Finding]]:
    """Return what a header says, and what the rules find. Documents travel beside it: nothing of it is left out."""
    messaging = Messaging(root=tree.getroot(), blocks=messaging_of(tree), today=today)
    findings = [finding for rule in rules.RULES for finding in rule.check(messaging)]
    return read(tree), findings


def summary(header: Header) -> Text:
    """Return who sends what to whom, or what is signalled."""
    for message in header.user_messages:
        way = f"{message.sender.name} → {message.receiver.name}, {len(message.parts)}"
        return Text(vi=f"Thông điệp {way} phần nội dung", en=f"User message {way} parts")
    for signal in header.signals:
        if signal.errors:
            codes = ", ".join(error.code for error in signal.errors)
            return Text(vi=f"Thông báo lỗi {codes}", en=f"Error signal {codes}")
        if signal.is_receipt:
            return Text(vi="Biên nhận", en="Receipt")
    return Text(vi="Yêu cầu lấy thông điệp", en="Pull request")
