"""Signed packages of a given size, each one different, as an agency's system would hand them in."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from schemas.edxml import writer
from schemas.edxml.envelope import AttachmentInfo, Envelope, Organization, PackageKind
from signing import xml
from signing.ca import CertificateAuthority
from signing.keys import SigningKey

SENDER, RECEIVER = "H49.D01", "H49.D02"
RECEIVER_NAME = "Phường Thử nghiệm (mã minh họa)"
OVERHEAD_BYTES = 5_000  # of envelope, signature and certificate


def unsigned(number: int, size: int, receivers: Sequence[str] = (RECEIVER,)) -> bytes:
    """Return a package of about `size` bytes with one PDF of noise."""
    noise = base64.b64encode(os.urandom(max(1, (size - OVERHEAD_BYTES) * 9 // 16)))
    info = AttachmentInfo(content_id="1", name="van-ban.pdf", content_type="application/pdf")
    return writer.write(
        Envelope(
            kind=PackageKind.NEW,
            sender=Organization(code=SENDER, name="Sở Thử nghiệm (mã minh họa)"),
            receivers=tuple(Organization(code=code, name=RECEIVER_NAME) for code in receivers),
            document_id=f"{SENDER},2026/11/20,{number}/STN-VP",
            number=str(number),
            notation="STN-VP",
            place="Quảng Ninh",
            promulgated_on=date(2026, 11, 20),
            type_code="2",
            type_name="Công văn",
            subject="V/v đo hiệu năng trục liên thông văn bản",
            content="V/v đo hiệu năng trục liên thông văn bản",
            steering_type="0",
            attachments=(info,),
        ),
        [(info, b"%PDF-1.7\n" + noise[: max(1, (size - OVERHEAD_BYTES) * 3 // 4)] + b"\n%%EOF\n")],
    )


def authority() -> CertificateAuthority:
    """Return the test CA of a run."""
    return CertificateAuthority.create("edochub bench CA", datetime.now(UTC))


def signed(
    key: SigningKey, count: int, size: int, first: int = 1, receivers: Sequence[str] = (RECEIVER,)
) -> Iterator[bytes]:
    """Yield `count` different packages signed with a key."""
    for number in range(first, first + count):
        yield xml.sign(unsigned(number, size, receivers), key)
