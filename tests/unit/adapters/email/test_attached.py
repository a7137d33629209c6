"""Packages are found by what they are; senders are read strictly."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.attached import MOST_PACKAGES, Head, Unreadable, packages_in
from tests.unit.adapters.email.standin import AGENCY, letter

PACKAGE = b'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="urn:x"><a/></edXML>\n'


def mail(*parts: tuple[bytes, str, str]) -> bytes:
    made = EmailMessage()
    made.set_content("Kính gửi")
    for content, kind, name in parts:
        main, _, sub = kind.partition("/")
        made.add_attachment(content, main, sub, filename=name)
    return made.as_bytes()


def test_a_package_is_found_whatever_it_is_called() -> None:
    for kind, name in (
        ("application/octet-stream", "x.bin"),
        ("application/pdf", "cong-van.pdf"),
        ("image/png", ""),
    ):
        found = packages_in(mail((PACKAGE, kind, name)))
        assert [each.content for each in found] == [PACKAGE]
    for package in (b"\xef\xbb\xbf" + PACKAGE, b"<e:edXML xmlns:e='urn:x'/>", b"  \n" + PACKAGE):
        assert len(packages_in(mail((package, "application/octet-stream", "x")))) == 1


def test_what_says_that_it_is_xml_is_offered_too_so_that_its_sender_hears_what_is_wrong() -> None:
    for kind, name in (("application/xml", "a"), ("text/xml", "a"), ("application/octet-stream", "A.EDXML")):
        assert [each.content for each in packages_in(mail((b"not xml", kind, name)))] == [b"not xml"]


def test_the_text_a_logo_and_a_scan_are_no_packages() -> None:
    assert (
        packages_in(mail((b"\x89PNG", "image/png", "logo.png"), (b"%PDF-1.7", "application/pdf", "a.pdf")))
        == []
    )
    assert packages_in(letter(None)) == []


def test_what_is_forwarded_as_a_whole_mail_is_not_looked_into() -> None:
    outer = EmailMessage()
    outer.set_content("undelivered")
    inner = EmailMessage()
    inner.set_content("x")
    inner.add_attachment(PACKAGE, "application", "xml", filename="a.edxml")
    outer.add_attachment(inner)
    assert packages_in(outer.as_bytes()) == []


def test_too_many_packages_and_too_deep_a_nest_are_refused() -> None:
    with pytest.raises(Unreadable):
        packages_in(mail(*[(PACKAGE, "application/xml", "a")] * (MOST_PACKAGES + 1)))
    nest = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000))
    with pytest.raises(Unreadable):
        packages_in(nest)


@given(st.binary(max_size=1000))
def test_any_octets_are_read_or_refused(content: bytes) -> None:
    try:
        found = packages_in(content)
    except Unreadable:
        return
    assert len(found) <= MOST_PACKAGES


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        (f"From: {AGENCY}", AGENCY),
        (f"From: UBND xa <{AGENCY.upper()}>", AGENCY),
        (f'From: "other@example.org" <{AGENCY}>', AGENCY),
        (f"From: <{AGENCY}> <other@example.org>", ""),
        (f"From: {AGENCY}, other@example.org", ""),
        (f"From: {AGENCY}\r\nFrom: {AGENCY}", ""),
        (f'From: "{AGENCY}" <other@example.org>', "other@example.org"),
        (f"From: other@example.org({AGENCY})", ""),
        ("Subject: x", ""),
        ("From: ", ""),
    ],
)
def test_a_sender_is_read_strictly(header: str, sender: str) -> None:
    assert Head.of(f"{header}\r\n\r\n".encode()).sender == sender


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: auto-replied; x=y", True),
        ("Precedence: bulk", True),
        ("List-Id: <a.b>", True),
        ("X: y", False),
    ],
)
def test_a_machines_mail_is_known(header: str, automatic: bool) -> None:
    assert Head.of(f"{header}\r\n\r\n".encode()).automatic is automatic
