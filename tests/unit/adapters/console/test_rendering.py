"""How values are written for people: numbers, one thing in the singular, names of certificates and agencies."""

from __future__ import annotations

import pytest

from adapters.console.rendering import brief, common_name, say
from adapters.console.singular import OF_ONE
from adapters.console.words import SENTENCES
from schemas.text import blanks, speaking


@pytest.mark.parametrize("key", OF_ONE)
def test_english_says_one_thing_in_the_singular_and_vietnamese_has_no_plural(key: str) -> None:
    blank, singular = OF_ONE[key]

    assert blank in blanks(singular.vi)
    assert blanks(singular.vi) == blanks(SENTENCES[key].vi)
    assert singular.en != SENTENCES[key].en


def test_numbers_are_written_as_each_language_does() -> None:
    with speaking("en"):
        assert say("deliveries_n", n=1) == "1 delivery"
        assert say("deliveries_n", n=0) == "0 deliveries"
        assert say("deliveries_n", n=1234) == "1,234 deliveries"
        assert say("done_of", n=1, all=1) == "Done for 1 of 1 delivery"
    with speaking("vi"):
        assert say("deliveries_n", n=1) == "1 lượt chuyển"
        assert say("deliveries_n", n=1234) == "1.234 lượt chuyển"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("CN=Sở Nội vụ,O=UBND tỉnh,C=VN", "Sở Nội vụ"),
        ("C=VN, O=UBND tỉnh, CN=Sở Nội vụ", "Sở Nội vụ"),
        (r"CN=Văn phòng\, lưu trữ,C=VN", "Văn phòng, lưu trữ"),
        ("O=UBND tỉnh", "O=UBND tỉnh"),
    ],
)
def test_a_certificate_is_called_by_its_common_name(subject: str, expected: str) -> None:
    assert common_name(subject) == expected


def test_a_peoples_committee_is_written_short() -> None:
    assert brief("Ủy ban nhân dân xã Hải Sơn") == "UBND xã Hải Sơn"
    assert brief("Sở Nội vụ") == "Sở Nội vụ"
