"""Whether attachments may be signed, told at a glance: `False` only when judging them would say nothing."""

from __future__ import annotations

import pytest

from schemas.edxml.attachments import attachments as attached
from schemas.xml import parse
from signing import attachments
from signing.verdict import Outcome
from tests.unit.signing import pdfs
from tests.unit.signing.test_attachments import archive, look, package, signed

PDF, WORD, ZIPPED = "application/pdf", "application/msword", "application/zip"
PLAIN = b"Kinh gui"

UNSIGNED = {
    "an unsigned PDF": package(("a.pdf", PDF, pdfs.blank())),
    "a text": package(("a.txt", "text/plain", PLAIN)),
    "an image": package(("a.png", "image/png", b"\x89PNG" + bytes(40))),
    "several of them": package(("a.pdf", PDF, pdfs.blank()), ("b.txt", "text/plain", PLAIN)),
    "foreign XML": package(("a.xml", "application/xml", b"<report/>")),
    "nothing attached": package(),
}
DOUBTFUL = {
    "a signed PDF": package(("a.pdf", PDF, signed())),
    "a signed PDF by another name": package(("a.doc", WORD, signed())),
    "a signed PDF behind others": package(("b.txt", "text/plain", PLAIN), ("a.pdf", PDF, signed())),
    "a signed PDF that begins late": package(("a.pdf", PDF, b"\n\n" + signed())),
    "an archive": package(("a.zip", ZIPPED, archive(a__pdf=signed()))),
    "an archive that is called a text": package(("a.txt", "text/plain", archive(a__pdf=signed()))),
    "an Office file": package(("a.docx", WORD, archive(_xmlsignatures__sig=PLAIN))),
    "a package within": package(("a.edxml", "application/xml", package(("a.pdf", PDF, signed())))),
    "CMS by its name": package(("a.pdf.p7s", "application/octet-stream", PLAIN)),
    "broken base64": package(("a.txt", "text/plain", PLAIN)).replace(b"S2lu", b"S2l*"),
    "more than are looked at": package(*((f"{n}.txt", "text/plain", PLAIN) for n in range(33))),
}


def glance(content: bytes) -> bool:
    tree = parse(content)
    return attachments.may_be_signed(tree, [each.info for each in attached(tree)])


@pytest.mark.parametrize("content", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_where_nothing_can_be_signed_judging_says_nothing(content: bytes) -> None:
    assert not glance(content)
    assert all(verdict.outcome is Outcome.ABSENT for verdict in look(content))


@pytest.mark.parametrize("content", DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_what_may_be_signed_is_left_to_judging(content: bytes) -> None:
    assert glance(content)


def test_whatever_judging_finds_was_seen_at_a_glance() -> None:
    found = {
        name
        for name, content in (UNSIGNED | DOUBTFUL).items()
        if any(verdict.outcome is not Outcome.ABSENT for verdict in look(content))
    }

    assert found <= DOUBTFUL.keys()
    assert "a signed PDF by another name" in found
