"""The page for integrators names every parameter and header, and quotes what is really said."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.amqp import letters, words
from adapters.amqp.address import KNOWN
from hub.rig import parcel
from schemas.text import Sentence

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "adapters" / "amqp.md").read_text(encoding="utf-8")
HALVES = PAGE.partition("\n# Through RabbitMQ")[::2]


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_parameter_is_in_both_halves(name: str) -> None:
    assert all(f"| `{name}` |" in half for half in HALVES)


@pytest.mark.parametrize("name", sorted(letters.document(parcel(b"")).headers))
def test_every_header_is_there(name: str) -> None:
    assert f"`{name}`" in HALVES[1]


@pytest.mark.parametrize(
    ("said", "vi", "en"),
    [
        (words.RETURNED, "trả lại văn bản: không hàng đợi nào nhận", "returned the document: no queue takes"),
        (words.ABSENT, "chưa có hàng đợi hoặc exchange", "a queue or an exchange is not there"),
        (words.NACKED, "không lưu được văn bản", "did not store the document"),
        (words.NO_VHOST, "không mở vhost", "does not open the vhost"),
        (words.NOT_LET_IN, "không nhận tài khoản và mật khẩu", "does not let us in"),
        (words.NO_RIGHT, "không cho quyền", "does not give us the right"),
    ],
)
def test_what_the_page_quotes_is_what_is_said(said: Sentence, vi: str, en: str) -> None:
    assert vi in said.vi
    assert en in said.en
    assert f"“{vi}” / “{en}”" in PAGE
