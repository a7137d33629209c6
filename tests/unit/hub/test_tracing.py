"""Spans of a document: one trace for its bytes, wherever they pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hub import tracing
from hub.testing import hub_in_a_box, package


@pytest.fixture
def collected() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.start("", 1.0, "node-1", SimpleSpanProcessor(exporter))
    yield exporter
    tracing.stop()


def trace_of(content: bytes) -> int:
    return int(hashlib.sha256(content).hexdigest()[:32], 16)


def ids(span: ReadableSpan) -> tuple[int, int]:
    context = span.get_span_context()
    assert context is not None
    return context.trace_id, context.span_id


async def test_the_steps_of_a_document_are_spans_of_the_trace_of_its_bytes(
    collected: InMemorySpanExporter, tmp_path: Path
) -> None:
    content = package(sender="H49.13", to=["H49.61"])
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        await box.connect("taker", "H49.61")
        await box.hub.accept(sender, content)
    spans = {span.name: span for span in collected.get_finished_spans()}
    assert {"accept", "receive", "validate", "verify", "route", "record"} <= set(spans)
    assert {ids(span)[0] for span in spans.values()} == {trace_of(content)}
    root = ids(spans["accept"])[1]
    assert spans["accept"].parent is None
    parents = {name: span.parent.span_id for name, span in spans.items() if span.parent is not None}
    assert set(parents.values()) == {root}


async def test_a_hub_before_us_is_the_parent_and_a_stranger_s_trace_a_link(
    collected: InMemorySpanExporter,
) -> None:
    sha256 = hashlib.sha256(b"x").hexdigest()
    tracing.hear({"traceparent": f"00-{sha256[:32]}-00f067aa0ba902b7-01"})
    with tracing.span("accept", sha256):
        sent = tracing.headers()["traceparent"]
    stranger = "4bf92f3577b34da6a3ce929d0e0e4736"
    tracing.hear({"traceparent": f"00-{stranger}-00f067aa0ba902b7-01"})
    with tracing.span("deliver", sha256):
        pass
    tracing.hear({"traceparent": "00-nonsense"})
    with tracing.span("acknowledge", sha256):
        pass
    first, second, third = collected.get_finished_spans()
    assert first.parent is not None
    assert first.parent.span_id == 0x00F067AA0BA902B7
    assert sent.split("-")[1] == sha256[:32]
    assert second.parent is None
    assert [f"{link.context.trace_id:032x}" for link in second.links] == [stranger]
    assert third.parent is None
    assert not third.links
    assert {ids(each)[0] for each in (first, second, third)} == {int(sha256[:32], 16)}


def test_a_strangers_header_does_not_say_who_is_traced() -> None:
    exporter = InMemorySpanExporter()
    tracing.start("", 0.0, "node-1", SimpleSpanProcessor(exporter))
    sha256 = hashlib.sha256(b"x").hexdigest()
    try:
        tracing.hear({"traceparent": f"00-{sha256[:32]}-00f067aa0ba902b7-01"})
        with tracing.span("accept", sha256):
            pass
    finally:
        tracing.stop()
    assert exporter.get_finished_spans() == ()


def test_without_a_collector_nothing_happens() -> None:
    assert not tracing.on()
    with tracing.span("accept", "00" * 32):
        assert tracing.headers() == {}
