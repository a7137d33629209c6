"""Where somebody is sent after signing in, and what a downloaded file is called."""

from __future__ import annotations

import pytest

from adapters.console.document import attachment
from adapters.console.sessions import csrf_of, same_csrf
from adapters.console.signing_in import inside


@pytest.mark.parametrize(
    "address", ["/console/", "/console/documents?q=a%2Fb//c", "/console/stuck?state=held"]
)
def test_a_page_of_the_console_is_gone_on_to(address: str) -> None:
    assert inside(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://elsewhere.example/console/",
        "//elsewhere.example/console/",
        "/console//elsewhere.example",
        "/console/\\elsewhere.example",
        "/consolex",
        "/api/v1/inbox",
        "/console/\r\nSet-Cookie: a=b",
        "/console/" + "a" * 1_000,
    ],
)
def test_nobody_is_sent_elsewhere(address: str) -> None:
    assert inside(address) == ""


def test_a_strangers_name_becomes_a_harmless_file_name() -> None:
    header = attachment('../../1/QĐ-UBND"\r\nX: y.edxml')

    assert "/" not in header.replace("UTF-8''", "")
    assert "\r" not in header
    assert header.count('"') == 2
    assert header.startswith('attachment; filename="1-Q--UBND')


def test_a_form_counts_for_the_browser_that_it_was_made_for() -> None:
    assert same_csrf("key", csrf_of("key"))
    assert not same_csrf("key", csrf_of("other"))
    assert not same_csrf("", csrf_of(""))
    assert not same_csrf("key", "dấu")
