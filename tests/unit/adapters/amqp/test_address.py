"""Addresses and secrets of brokers: what is stored stays as it is, and no password crosses a network in the clear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.amqp.address import Address, Target, read
from hub.errors import Misconfigured

NAMES = st.text(
    st.characters(categories=["L", "N"], include_characters="_-. /&+%#*"), min_size=1, max_size=12
)


def test_a_whole_address_is_read() -> None:
    address = read("amqps://mq.example/so%2Fnoi?take=di&give=den:van-ban.moi&refusals=:tu-choi&prefetch=9")
    assert (address.host, address.port, address.vhost) == ("mq.example", 5671, "so/noi")
    assert (address.take, address.prefetch) == ("di", 9)
    assert (address.give, address.refusals) == (Target("den", "van-ban.moi"), Target("", "tu-choi"))


@pytest.mark.parametrize("path", ["", "/", "/%2F"])
def test_the_usual_vhost_may_be_left_out(path: str) -> None:
    address = read(f"amqps://mq.example{path}?take=di")
    assert address.vhost == "/"
    assert address.written() == "amqps://mq.example/%2F?take=di"


def test_an_exchange_needs_no_routing_key() -> None:
    assert read("amqps://mq.example?give=fan:").give == Target("fan", "")


@pytest.mark.parametrize("host", ["127.0.0.1:5672", "localhost", "[::1]:5673"])
def test_amqp_in_the_clear_is_for_this_machine(host: str) -> None:
    address = read(f"amqp://{host}/?take=di")
    assert read(address.written()) == address


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("amqp://mq.example/?take=di", "amqps://"),
        ("amqps://mq.example/", "take"),
        ("amqps://mq.example/?give=&take=", "take"),
        ("amqps://mq.example/?give=queue", "EXCHANGE"),
        ("amqps://mq.example/?give=:", "EXCHANGE"),
        ("amqps://mq.example/?take=di&refusals=x", "EXCHANGE"),
        ("amqps://mq.example/?give=:den&refusals=:x", "refusals"),
        ("amqps://mq.example/?take=di&prefetch=0", "prefetch"),
        ("amqps://mq.example/?take=di&prefetch=65", "prefetch"),
        ("amqps://mq.example/?take=di&prefetch=%C2%B2", "prefetch"),
        ("amqps://mq.example/?take=" + "x" * 256, "255"),
        ("amqps://mq.example/?take=a%0Ab", "255"),
        ("amqps://mq.example/?take=di&ca=/nowhere.pem", "PEM"),
        ("amqp://127.0.0.1/?take=di&ca=/etc/hosts", "PEM"),
        ("amqps://mq.example/?take=di&take=den", "amqps://"),
        ("amqps://mq.example/?take=di&other=1", "amqps://"),
        ("amqps://mq.example/a/b?take=di", "amqps://"),
        ("amqps://mq.example:0/?take=di", "amqps://"),
        ("amqps://mq.example:x/?take=di", "amqps://"),
        ("amqps:///?take=di", "amqps://"),
        ("amqps://mq.example/?take=di#x", "amqps://"),
    ],
)
def test_what_can_never_work_is_refused_in_both_languages(address: str, why: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read(address)
    assert why in caught.value.message.vi
    assert why in caught.value.message.en


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(Misconfigured) as caught:
        read("amqps://so:bi-mat@mq.example/?take=di")
    assert "bi-mat" not in caught.value.message.vi + caught.value.message.en


@given(
    vhost=NAMES,
    take=NAMES,
    exchange=NAMES,
    keys=st.lists(st.text(st.sampled_from("ab.:+ %&"), min_size=1, max_size=8), min_size=2, max_size=2),
    port=st.integers(1, 65_535),
)
def test_what_is_written_reads_the_same(
    vhost: str, take: str, exchange: str, keys: list[str], port: int
) -> None:
    address = Address(
        scheme="amqps",
        host="mq.example",
        port=port,
        vhost=vhost,
        take=take,
        give=Target(exchange, keys[0]),
        refusals=Target("", keys[1]),
        prefetch=7,
        ca=None,
    )
    assert read(address.written()) == address


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("so:bi-mat", ("so", "bi-mat")),
        ("so:a:b@c/d%2F", ("so", "a:b@c/d%2F")),
        (" so:bi-mat\n", ("so", "bi-mat")),
        ("amqps://so:a%3Ab@mq.example/", ("so", "a:b")),
        ("amqp://so:a@mq.example:5672/vhost", ("so", "a")),
    ],
)
def test_a_secret_is_a_user_and_a_password_or_an_url_of_this_broker(
    secret: str, expected: tuple[str, str]
) -> None:
    assert read("amqps://mq.example/?take=di").login(secret) == expected


@pytest.mark.parametrize(
    "secret",
    [
        None,
        "",
        "edh_one-word",
        "so:",
        ":bi-mat",
        "amqps://so:bi-mat@other.example/",
        "amqps://so@mq.example/",
    ],
)
def test_another_secret_is_misconfigured_and_not_repeated(secret: str | None) -> None:
    with pytest.raises(Misconfigured) as caught:
        read("amqps://mq.example/?take=di").login(secret)
    assert "bi-mat" not in caught.value.message.vi + caught.value.message.en
