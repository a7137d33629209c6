"""Servers, mailboxes and folders in one URL."""

from __future__ import annotations

import pytest

from adapters.email import EmailAdapter, address
from hub.errors import Misconfigured
from tests.unit.adapters.email.standin import AGENCY, HUB

SHORT = f"email:?smtp=smtps://mail.example.vn&from={HUB}&to={AGENCY}"


def test_what_is_left_out_is_as_usual() -> None:
    read = address.read(SHORT)
    assert (read.smtp.host, read.smtp.port, read.smtp.tls) == ("mail.example.vn", 465, True)
    assert (read.imap, read.user, read.senders) == (None, None, (AGENCY,))
    assert (read.folder, read.done, read.refused, read.poll_seconds) == (
        "INBOX",
        "edochub-done",
        "edochub-refused",
        30.0,
    )


@pytest.mark.parametrize(
    "more",
    [
        "",
        "&imap=imap://mail.example.vn&user=truc",
        "&imap=imaps://[::1]:9930&user=t%E1%BB%89nh%20%26%20x%2By&poll=0.5",
        "&senders=a%2Bb@example.vn,C@example.vn&folder=INBOX.van%20ban",
        "&user=u&folder=INBOX.in&done=INBOX.done&refused=INBOX.no",
    ],
)
def test_what_is_written_is_read_again(more: str) -> None:
    read = address.read(SHORT + more)
    assert address.read(read.written()) == read
    assert EmailAdapter.settle(read.written()) == read.written()
    assert not EmailAdapter.polls(read.written())


def test_mailboxes_of_senders_are_compared_in_small_letters() -> None:
    assert address.read(f"{SHORT}&senders=A@Example.VN").senders == ("a@example.vn",)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost.example.vn", False),
        ("10.0.0.1", False),
    ],
)
def test_only_this_machine_itself_is_local(host: str, local: bool) -> None:
    assert address.Server("smtp", host, 25).local is local


def test_the_complaint_names_what_is_wrong_in_both_languages() -> None:
    with pytest.raises(Misconfigured, match="folder"):
        address.read(f"{SHORT}&folder=v%C4%83n")
    with pytest.raises(Misconfigured) as caught:
        address.read(f"email:?smtp=smtps://mail.example.vn&from=nobody&to={AGENCY}")
    assert "from: “nobody”" in caught.value.message.vi
    assert "is not a mail address" in caught.value.message.en
