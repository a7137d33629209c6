"""What is published: a document with what a consumer sorts by, and strangers' words that stay where they belong."""

from __future__ import annotations

from dataclasses import replace

import aio_pika
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.amqp import letters
from hub.rig import HOSTILE_WORDS, parcel


def test_a_document_is_persistent_and_named_by_its_delivery() -> None:
    made = parcel(b"<a/>")
    message = letters.document(made)
    assert message.body == b"<a/>"
    assert message.message_id == made.id == message.headers["x-deduplication-header"]
    assert message.correlation_id == made.message.id
    assert message.delivery_mode is aio_pika.DeliveryMode.PERSISTENT
    assert message.headers["edochub-sha256"] == made.message.sha256
    assert message.headers["edochub-kind"] == "new"


def test_an_answer_is_correlated_with_what_it_answers() -> None:
    made = parcel(b"<a/>")
    answer = replace(made, message=replace(made.message, about="01ANSWERED"))
    assert letters.document(answer).correlation_id == "01ANSWERED"


@pytest.mark.parametrize(("priority", "expected"), [(-1, 0), (0, 0), (4, 4), (12, 9)])
def test_the_priority_is_one_that_amqp_knows(priority: int, expected: int) -> None:
    made = parcel(b"<a/>")
    message = letters.document(replace(made, message=replace(made.message, priority=priority)))
    assert message.priority == expected
    assert message.headers["edochub-priority"] == priority


@pytest.mark.parametrize("words", HOSTILE_WORDS, ids=range(len(HOSTILE_WORDS)))
def test_strangers_words_are_values_of_bounded_length(words: str) -> None:
    usual, message = letters.document(parcel(b"<a/>")), letters.document(parcel(b"<a/>", words=words))
    assert message.headers.keys() == usual.headers.keys()
    assert message.message_id == usual.message_id
    assert all(len(str(value)) <= 255 and str(value).isprintable() for value in message.headers.values())


@given(st.text())
def test_a_plain_value_is_printable_and_keeps_what_was(value: str) -> None:
    plain = letters.plain(value)
    assert plain.isprintable()
    assert len(plain) == min(len(value), 255)
    assert plain == value or not value.isprintable() or len(value) > 255
