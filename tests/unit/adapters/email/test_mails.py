"""The mails that we write: stable, in both languages, and with nothing of a stranger's in a header."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from hypothesis import given
from hypothesis import strategies as st

from adapters.email import address as addresses
from adapters.email import mails
from adapters.email.attached import NoPackage
from adapters.email.mails import Refused
from hub.rig import HOSTILE_WORDS, NOW, parcel
from tests.unit.adapters.email.standin import AGENCY, HUB

ADDRESS = addresses.read(f"email:?smtp=smtps://mail.example.vn&from={HUB}&to={AGENCY}")
ENCODED = ("=?utf-8?q?a=0D=0ABcc:_x@example.org?=", "=?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5vcmc=?=")


def read(mail: EmailMessage) -> EmailMessage:
    found = message_from_bytes(bytes(mail), policy=default)
    assert isinstance(found, EmailMessage)
    return found


@given(st.sampled_from([*HOSTILE_WORDS, *ENCODED]) | st.text(max_size=300))
def test_a_strangers_words_change_no_header(words: str) -> None:
    plain = mails.delivery(parcel(b"<a/>"), ADDRESS)
    hostile = read(mails.delivery(parcel(b"<a/>", words=words), ADDRESS))
    assert hostile.keys() == plain.keys()
    assert [value for name, value in hostile.items() if name not in {"Subject", "Content-Type"}] == [
        value for name, value in read(plain).items() if name not in {"Subject", "Content-Type"}
    ]
    assert "\n" not in hostile["Subject"]
    assert [part.get_content() for part in hostile.iter_attachments()] == [b"<a/>"]


def test_the_body_says_in_both_languages_what_it_is() -> None:
    mail = read(mails.delivery(parcel(b"<a/>", words="V/v thử nghiệm"), ADDRESS))
    body = mail.get_body()
    assert body is not None
    text = body.get_content()
    for words in ("Trích yếu: V/v thử nghiệm", "Subject: V/v thử nghiệm", "Mã lượt chuyển", "Delivery"):
        assert words in text
    assert parcel(b"<a/>").message.sha256 in text
    (part,) = mail.iter_attachments()
    assert part.get_content_type() == "application/xml"
    assert part.get_filename() == f"{parcel(b'').id}.edxml"


def test_the_same_delivery_has_the_same_message_id_and_another_has_another() -> None:
    first, again = (mails.delivery(parcel(b"<a/>"), ADDRESS) for _ in range(2))
    other = mails.delivery(parcel(b"<a/>", number=2), ADDRESS)
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Auto-Submitted"] == "auto-generated"


def test_a_refusal_is_an_automatic_answer_in_both_languages() -> None:
    mail = read(
        mails.refusal([Refused("a\r\nBcc: x@y", NoPackage())], ADDRESS, NOW, "k", "<1@x.vn>", others=True)
    )
    assert mail["To"] == AGENCY
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == "<1@x.vn>"
    assert "Bcc" not in mail
    text = mail.get_content()
    assert "Lý do" in text
    assert "Reason" in text
    assert "mail.no-package" in text
    assert str(mails.TAKEN.en) in text


def test_a_message_id_that_is_none_is_not_repeated() -> None:
    for hostile in ("", "x", "<a b@c>", "<1@x.vn>\r\nBcc: x@y", "<" + "a" * 400 + ">"):
        mail = mails.refusal([Refused("", NoPackage())], ADDRESS, NOW, "k", hostile, others=False)
        assert "In-Reply-To" not in mail
        assert "Bcc" not in mail
