from __future__ import annotations

import pytest

from adapters.http.address import polls, settled
from hub.errors import Misconfigured


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("https://vanban.example.vn/nhan", "https://vanban.example.vn/nhan"),
        (" https://vanban.example.vn:8443/nhan?c=1 ", "https://vanban.example.vn:8443/nhan?c=1"),
        ("HTTPS://VANBAN.example.vn/Nhan", "https://vanban.example.vn/Nhan"),
        ("http://127.0.0.1:9000/in", "http://127.0.0.1:9000/in"),
        ("http://127.8.9.10/in", "http://127.8.9.10/in"),
        ("http://[::1]:9000/in", "http://[::1]:9000/in"),
        ("http://localhost:9000/in", "http://localhost:9000/in"),
        ("https://10.0.0.7/in", "https://10.0.0.7/in"),
    ],
)
def test_an_address_that_can_work_is_stored_in_one_form(address: str | None, stored: str | None) -> None:
    assert settled(address) == stored
    assert settled(stored) == stored


@pytest.mark.parametrize(
    "address",
    [
        "http://vanban.example.vn/nhan",
        "http://10.0.0.7/in",
        "http://0.0.0.0/in",
        "http://2130706433/in",
        "http://127.1/in",
        "http://localhost.example.vn/in",
        "http://[::ffff:127.0.0.1]/in",
        "ftp://127.0.0.1/in",
        "file:///etc/passwd",
        "https:///in",
        "https://",
        "vanban.example.vn/nhan",
        "https://vanban.example.vn/nhan#phan",
        "https://vanban.example.vn:99999999/",
        "https://van ban.example.vn/",
        "https://vanban.example.vn/\r\nX-Stray: 1",
        "https://" + "a" * 3_000,
    ],
)
def test_an_address_that_cannot_work_or_is_not_safe_is_refused(address: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        settled(address)
    assert caught.value.message.vi != caught.value.message.en


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(Misconfigured) as caught:
        settled("https://ten:mat-khau@vanban.example.vn/nhan")
    assert "mat-khau" not in caught.value.message.vi + caught.value.message.en


def test_an_endpoint_without_an_address_polls() -> None:
    assert polls(None)
    assert polls(" ")
    assert not polls("https://vanban.example.vn/")
