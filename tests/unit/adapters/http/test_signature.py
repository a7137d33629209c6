from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as some

from adapters.http.signature import signed, verified

NOW = 1_772_418_600


def test_the_header_is_what_the_documentation_says() -> None:
    mac = hmac.new(b"bi mat", f"{NOW}.D1.".encode() + b"<a/>", hashlib.sha256).hexdigest()
    assert signed("bi mat", "D1", b"<a/>", NOW) == f"t={NOW},v1={mac}"


@given(some.text(min_size=1), some.text("ABC123", min_size=1), some.binary(max_size=200))
def test_what_is_signed_verifies(secret: str, delivery: str, content: bytes) -> None:
    assert verified(signed(secret, delivery, content, NOW), secret, delivery, content, now=NOW + 10)


def test_another_body_delivery_secret_or_time_does_not_verify() -> None:
    header = signed("s", "D1", b"<a/>", NOW)
    assert not verified(header, "s", "D1", b"<b/>", now=NOW)
    assert not verified(header, "s", "D2", b"<a/>", now=NOW)
    assert not verified(header, "z", "D1", b"<a/>", now=NOW)
    assert not verified(header.replace(str(NOW), str(NOW + 1)), "s", "D1", b"<a/>", now=NOW)


def test_a_push_played_back_later_does_not_verify() -> None:
    header = signed("s", "D1", b"<a/>", NOW)
    assert verified(header, "s", "D1", b"<a/>", now=NOW + 299)
    assert not verified(header, "s", "D1", b"<a/>", now=NOW + 301)
    assert not verified(header, "s", "D1", b"<a/>", now=NOW - 301)


def test_what_is_not_a_signature_does_not_verify() -> None:
    for header in ("", "v1=00", f"t={NOW},v1=", f"t={NOW},v1={'g' * 64}", f"t=٣,v1={'0' * 64}"):
        assert not verified(header, "s", "D1", b"<a/>", now=NOW)
