"""What a file is, is told by its octets."""

from __future__ import annotations

import pytest

from signing.verifier.kinds import NAMES, FileKind, kind_of

NOTE = "log.example\n5\nAAAA\n\n— log.example AAAAAAAA\n".encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04rest", FileKind.CONTAINER),
        (b"%PDF-1.7\n", FileKind.PDF),
        (b"\r\n\x00junk before%PDF-1.4", FileKind.PDF),
        (b'<?xml version="1.0"?><edXML/>', FileKind.PACKAGE),
        (b"\xef\xbb\xbf  <edXML/>", FileKind.PACKAGE),
        (bytes.fromhex("3082010006092a864886f70d010702a0"), FileKind.RECEIPT),
        (NOTE, FileKind.CHECKPOINT),
        (b"", FileKind.UNKNOWN),
        (b"\x30\x03\x02\x01\x05", FileKind.UNKNOWN),
        (b"log.example\n5\nAAAA\n", FileKind.UNKNOWN),
    ],
)
def test_the_octets_tell(content: bytes, kind: FileKind) -> None:
    assert kind_of(content) is kind


def test_every_kind_has_a_name() -> None:
    assert set(NAMES) == {*FileKind, "evidence"}
