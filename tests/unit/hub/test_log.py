"""The log: JSON for programs, no chatter of libraries."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from hub import log


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Put logging back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_the_event_and_its_fields() -> None:
    stream = io.StringIO()
    log.configure(stream=stream)

    structlog.get_logger().info("delivery.retry", delivery="01K", attempt=3, reason="Không trả lời")

    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["attempt"]) == ("delivery.retry", "info", 3)
    assert "Không trả lời" in stream.getvalue()
    assert line["timestamp"].endswith("Z")


def test_what_libraries_log_has_the_same_form_and_only_from_warning_on() -> None:
    stream = io.StringIO()
    log.configure(stream=stream)

    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == [
        "Invalid HTTP request received."
    ]


def test_an_exception_comes_with_its_traceback() -> None:
    stream = io.StringIO()
    log.configure(stream=stream)
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError:
        structlog.get_logger().exception("delivery.fault")

    assert "ZeroDivisionError: by zero" in json.loads(stream.getvalue())["exception"]


def test_commands_are_silent_below_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    log.silence()

    structlog.get_logger().info("delivery.interrupted", count=1)

    assert capsys.readouterr() == ("", "")
