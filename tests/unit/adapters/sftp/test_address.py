"""Addresses of SFTP servers: what is stored stays as it is, and no server goes without somebody who vouches for it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sftp.address import Address, read
from hub.errors import Misconfigured

KEY = "SHA256:" + base64.b64encode(bytes(range(32))).decode().rstrip("=")
PLUS = "SHA256:" + base64.b64encode(b"\xfb\xef\xff" * 10 + b"ab").decode().rstrip("=")


def test_the_usual_folders_are_those_of_the_folder_adapter() -> None:
    address = read(f"sftp://so@may.example/srv/edoc?hostkey={KEY}")
    assert (address.user, address.host, address.port) == ("so", "may.example", 22)
    assert (address.take, address.give) == ("/srv/edoc/inbox", "/srv/edoc/outbox")
    assert (address.done, address.refused) == ("/srv/edoc/done", "/srv/edoc/refused")
    assert address.working == "/srv/edoc/.edochub"


def test_folders_may_be_named_deeper_or_left_out() -> None:
    address = read(f"sftp://so@may/~/edoc?hostkey={KEY}&take=di/ra&give=&done=")
    assert (address.root, address.take, address.give, address.done) == ("edoc", "edoc/di/ra", None, None)


def test_a_folder_below_the_login_folder_is_relative() -> None:
    address = read(f"sftp://so@may/~?hostkey={KEY}")
    assert address.take == "./inbox"
    assert read(address.written()) == address


def test_a_fingerprint_with_plus_signs_and_several_of_them_are_kept() -> None:
    assert "+" in PLUS
    address = read(f"sftp://so@may/a?hostkey={PLUS}&hostkey={KEY}&hostkey={PLUS}")
    assert address.hostkeys == (PLUS, KEY)
    assert read(address.written()) == address


def test_an_address_of_ipv6_with_a_port_comes_back_as_it_was() -> None:
    address = read(f"sftp://so@[::1]:2222/a?hostkey={KEY}")
    assert (address.host, address.port, address.server) == ("::1", 2222, "::1:2222")
    assert read(address.written()) == address


def test_a_known_hosts_file_is_one_that_can_be_seen(tmp_path: Path) -> None:
    hosts = tmp_path / "known hosts & more"
    hosts.touch()
    address = read(f"sftp://so@may/a?known_hosts={str(hosts).replace('&', '%26')}")
    assert address.known_hosts == str(hosts)
    assert read(address.written()) == address
    hosts.unlink()
    with pytest.raises(Misconfigured, match="known_hosts"):
        read(address.written())


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("sftp://so@may/a", "hostkey"),
        (f"sftp://so@may/a?hostkey={KEY}&known_hosts=/etc/hosts", "hostkey"),
        ("sftp://so@may/a?hostkey=", "ssh-keygen"),
        ("sftp://so@may/a?hostkey=MD5:" + "a" * 43, "ssh-keygen"),
        ("sftp://so@may/a?hostkey=SHA256:" + "a" * 42, "ssh-keygen"),
        ("sftp://so@may/a?known_hosts=hosts", "known_hosts"),
        (f"sftp://may/a?hostkey={KEY}", "sftp://"),
        (f"sftp://so@may?hostkey={KEY}", "sftp://"),
        (f"sftp://so@may/?hostkey={KEY}", "sftp://"),
        (f"sftp://so@/a?hostkey={KEY}", "sftp://"),
        (f"sftp://so@may:99999/a?hostkey={KEY}", "sftp://"),
        (f"sftp://so@may:0/a?hostkey={KEY}", "sftp://"),
        (f"sftp://so@may/a/%2e%2e/b?hostkey={KEY}", "sftp://"),
        (f"sftp://so@may/a%00b?hostkey={KEY}", "sftp://"),
        (f"sftp://so@may/a?hostkey={KEY}#x", "sftp://"),
        (f"sftp://so@may/a?hostkey={KEY}&other=1", "sftp://"),
        (f"sftp://so@may/a?hostkey={KEY}&take=x&take=y", "sftp://"),
        (f"sftp://so@may/a?hostkey={KEY}&take=&give=", "take"),
        (f"sftp://so@may/a?hostkey={KEY}&take=x&give=x", "take"),
        (f"sftp://so@may/a?hostkey={KEY}&take=../x", "take"),
        (f"sftp://so@may/a?hostkey={KEY}&take=/x", "take"),
        (f"sftp://so@may/a?hostkey={KEY}&take=.edochub", "take"),
        (f"sftp://so@may/a?hostkey={KEY}&refused=", "take"),
        (f"sftp://so@may/a?hostkey={KEY}&poll=soon", "poll"),
        (f"sftp://so@may/a?hostkey={KEY}&poll=nan", "poll"),
        (f"sftp://so@may/a?hostkey={KEY}&poll=0", "poll"),
        (f"sftp://so@{'x' * 2000}/a?hostkey={KEY}", "sftp://"),
    ],
)
def test_what_can_never_work_is_refused_in_both_languages(address: str, why: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read(address)
    assert why in caught.value.message.vi
    assert why in caught.value.message.en


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(Misconfigured) as caught:
        read(f"sftp://so:bi-mat@may/a?hostkey={KEY}")
    assert "bi-mat" not in caught.value.message.vi + caught.value.message.en


@given(
    user=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8),
    folders=st.lists(
        st.text(st.characters(categories=["L", "N"], include_characters="_- &+%"), min_size=1, max_size=8),
        min_size=5,
        max_size=5,
        unique=True,
    ),
    port=st.integers(1, 65_535),
    poll=st.sampled_from([0.5, 10.0, 86_400.0]),
)
def test_what_is_written_reads_the_same(user: str, folders: list[str], port: int, poll: float) -> None:
    root, take, give, done, refused = (f"/{folders[0]}", *(f"/{folders[0]}/{name}" for name in folders[1:]))
    address = Address(
        user=user,
        host="may.example",
        port=port,
        root=root,
        hostkeys=(KEY,),
        known_hosts=None,
        take=take,
        give=give,
        done=done,
        refused=refused,
        poll_seconds=poll,
    )
    assert read(address.written()) == address
