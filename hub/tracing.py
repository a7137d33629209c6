"""Traces for OpenTelemetry: one for each document, over all hubs that it passes. Nothing is loaded unless asked for.

The id of the trace is the beginning of the package's SHA-256. Every hub gets the same bytes, so all of them, every
retry and every node give their spans to one trace, over whatever adapter the document came: an e-mail carries no
`traceparent`, and nothing has to be kept in the database. Where HTTP is spoken the header is sent along, so that the
next hub's spans hang below ours; one that comes in with another trace (a client that traces by itself) becomes a link.

Who is traced is decided by the id too (`tracing.share`): all hubs choose the same documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from hub.errors import Misconfigured
from schemas.text import Text

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Tracer

HEADER = "traceparent"
FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})", re.ASCII)  # W3C Trace Context

_tracer: Tracer | None = None
_provider: TracerProvider | None = None
_heard: ContextVar[str | None] = ContextVar(
    "traceparent", default=None
)  # of the request that is being answered
_trace: ContextVar[int] = ContextVar("trace", default=0)  # the id that a span without a parent begins with


def on() -> bool:
    """Tell whether anybody collects spans."""
    return _tracer is not None


def start(
    url: str, share: float, node: str, processor: SpanProcessor | None = None, *, hub: str = ""
) -> None:
    """Begin to collect spans and send them to an OTLP collector, or to a `processor`. Raises `Misconfigured`.

    `hub` is the hub's code: in one trace it tells the spans of one hub from those of the next.
    """
    global _tracer, _provider
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

        if processor is None:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=url))
    except ImportError as error:
        raise Misconfigured(
            Text(
                vi="tracing.url cần thư viện OpenTelemetry; hãy cài: pip install edochub[tracing]",
                en="tracing.url needs OpenTelemetry; install it: pip install edochub[tracing]",
            )
        ) from error

    class Ids(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            return _trace.get() or super().generate_trace_id()

    chosen = TraceIdRatioBased(share)  # whatever a stranger's header asks for
    _provider = TracerProvider(
        sampler=ParentBased(chosen, remote_parent_sampled=chosen, remote_parent_not_sampled=chosen),
        resource=Resource.create(
            {"service.name": "edochub", "service.namespace": hub, "service.instance.id": node}
        ),
        id_generator=Ids(),
        shutdown_on_exit=False,
    )
    _provider.add_span_processor(processor)
    _tracer = _provider.get_tracer("edochub")


def stop() -> None:
    """Send what is left, and collect no more. Blocks."""
    global _tracer, _provider
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        provider.shutdown()


@contextmanager
def span(name: str, sha256: str | None = None, attributes: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Be a span inside the block: below the one around it, or with `sha256` one of that package's trace."""
    if _tracer is None:
        yield
        return
    from opentelemetry import trace

    context, links = None, []
    if sha256 is not None and not trace.get_current_span().get_span_context().is_valid:
        number = int(sha256[:32], 16)
        before = _remote(_heard.get())
        if before is not None and before.trace_id == number:
            context = trace.set_span_in_context(trace.NonRecordingSpan(before))
        elif before is not None:
            links = [trace.Link(before)]
        token = _trace.set(number)
    else:
        token = None
    try:
        with _tracer.start_as_current_span(name, context=context, links=links, attributes=attributes):
            yield
    finally:
        if token is not None:
            _trace.reset(token)


def hear(headers: Mapping[str, str]) -> None:
    """Remember, for the request that is being answered, the trace that its sender named."""
    if _tracer is not None:
        _heard.set(headers.get(HEADER))


def headers() -> dict[str, str]:
    """Return the header that tells the far side of the span that we are in; nothing when there is none."""
    if _tracer is None:
        return {}
    from opentelemetry import trace

    here = trace.get_current_span().get_span_context()
    if not here.is_valid:
        return {}
    return {HEADER: f"00-{here.trace_id:032x}-{here.span_id:016x}-{int(here.trace_flags):02x}"}


def _remote(header: str | None) -> Any:
    from opentelemetry.trace import SpanContext, TraceFlags

    form = FORM.fullmatch(header.strip()) if header else None
    if form is None or not int(form[1], 16) or not int(form[2], 16):
        return None
    return SpanContext(
        int(form[1], 16), int(form[2], 16), is_remote=True, trace_flags=TraceFlags(int(form[3], 16))
    )
