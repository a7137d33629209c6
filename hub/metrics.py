"""What this hub counts and times while it works, for Prometheus. The only module that knows `prometheus_client`.

    @timed("route")                 a step of the journey: how long it takes, and a span if traces are on
    metrics.refused(...)            one line where something happened

Labels are few and bounded: step, adapter, kind of package, outcome, code of a refusal. Never a message, an agency or a
sentence. What can be asked of the database (queues, ledger, duties) is not counted here but looked up when somebody
comes for it: `metrics_page.py`. Counting costs about a microsecond, whether anybody comes or not.

With several workers on one machine each counts into a file of its own, and whichever is asked adds them up
(`metrics_shared.py`): so the numbers are the machine's, and go on when a worker is replaced.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from time import perf_counter
from typing import Any, ParamSpec, TypeVar, cast

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector

from hub import tracing
from hub.errors import Busy, Refusal, Unavailable
from hub.metrics_shared import WORKERS_FOLDER
from hub.model import Accepted, Message, Receipt
from schemas.spooled import Package, digest_of, size_of

P = ParamSpec("P")
R = TypeVar("R")

NOT_READ = "-"  # the kind of a package that was refused before its kind was known

QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
GROUPS = (1, 2, 4, 8, 16, 32, 64, 128)

REGISTRY = CollectorRegistry()
disable_created_metrics()  # type: ignore[no-untyped-call]  # as many lines again, which nobody looks at


def _counter(name: str, about: str, *labels: str) -> Counter:
    return Counter(name, about, labels, registry=None)


def _seconds(name: str, about: str, *labels: str) -> Histogram:
    return Histogram(name, about, labels, buckets=QUICK, registry=None)


_documents = _counter(
    "edochub_documents", "Packages handed in, by what became of them", "adapter", "kind", "outcome"
)
_refusals = _counter("edochub_refusals", "Packages refused, by the code that the sender was told", "code")
_deliveries = _counter(
    "edochub_delivery_attempts", "Deliveries tried or fetched, by outcome", "adapter", "kind", "outcome"
)
_bytes = _counter("edochub_payload_bytes", "Bytes of packages taken in and delivered", "direction")
_delivery_seconds = _seconds("edochub_delivery_seconds", "How long one attempt to deliver took", "adapter")
_accept_seconds = _seconds("edochub_accept_seconds", "From a package's last byte to the answer", "adapter")
_step_seconds = _seconds("edochub_step_seconds", "How long a step of the journey took", "step")
_commit_seconds = _seconds("edochub_writer_commit_seconds", "How long the database took to commit a group")
_wait_seconds = _seconds("edochub_database_wait_seconds", "How long callers waited for the database", "kind")
_group_units = Histogram(
    "edochub_writer_group_units", "Units of work committed together", buckets=GROUPS, registry=None
)
COUNTED = (
    _documents,
    _refusals,
    _deliveries,
    _delivery_seconds,
    _bytes,
    _accept_seconds,
    _step_seconds,
    _group_units,
    _commit_seconds,
    _wait_seconds,
)
if not os.environ.get(WORKERS_FOLDER):
    for each in COUNTED:
        REGISTRY.register(each)
    ProcessCollector(registry=REGISTRY)


@cache
def _one(metric: Any, *labels: str) -> Any:
    """Return what counts for these labels, looked up once."""
    return metric.labels(*labels)


# --- the journey ------------------------------------------------------------------------------------------------------


def timed(step: str, about: Callable[..., str] | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Time a step of the journey, plain or async, and make it a span of the document's trace if traces are on.

    `about` returns the SHA-256 of the package from the step's arguments, for steps that begin a piece of the trace.
    """
    observe = _step_seconds.labels(step).observe

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def waited(*args: P.args, **kwargs: P.kwargs) -> Any:
                began = perf_counter()
                try:
                    if not tracing.on():
                        return await function(*args, **kwargs)
                    with tracing.span(step, about(*args, **kwargs) if about else None):
                        return await function(*args, **kwargs)
                finally:
                    observe(perf_counter() - began)

            return cast(Callable[P, R], waited)

        @wraps(function)
        def ran(*args: P.args, **kwargs: P.kwargs) -> R:
            began = perf_counter()
            try:
                if not tracing.on():
                    return function(*args, **kwargs)
                with tracing.span(step, about(*args, **kwargs) if about else None):
                    return function(*args, **kwargs)
            finally:
                observe(perf_counter() - began)

        return ran

    return wrap


class Taking:
    """A package that is being taken in; whoever takes it says what it became."""

    accepted: Accepted | None = None


@contextmanager
def taking(adapter: str, content: Package) -> Iterator[Taking]:
    """Count a package that is taken in inside the block, and be the root of its spans in this hub.

    Refusals are counted where they are kept (`refused`).
    """
    began = perf_counter()
    told = Taking()
    outcome = "fault"
    try:
        if tracing.on():
            with tracing.span("accept", digest_of(content), {"edochub.adapter": adapter}):
                yield told
        else:
            yield told
        outcome = "duplicate" if told.accepted and told.accepted.duplicate else "accepted"
    except Refusal:
        outcome = ""
        raise
    except Busy:
        outcome = "busy"
        raise
    except Unavailable:
        outcome = "unavailable"
        raise
    finally:
        _one(_accept_seconds, adapter).observe(perf_counter() - began)
        if outcome:
            kind = str(told.accepted.message.kind) if told.accepted else NOT_READ
            _one(_documents, adapter, kind, outcome).inc()
        if outcome == "accepted":
            _one(_bytes, "in").inc(size_of(content))


def refused(adapter: str, kind: object, code: str) -> None:
    """Count a refusal; `kind` is None when the package was not read so far."""
    _one(_documents, adapter, str(kind or NOT_READ), "refused").inc()
    _one(_refusals, code).inc()


def attempted(adapter: str, message: Message, outcome: object, began: float) -> None:
    """Count one attempt to deliver: a `Receipt`, or the error that it ended with. `began` is of `perf_counter`."""
    word = str(outcome.kind) if isinstance(outcome, Receipt) else outcome_of(outcome)
    _one(_deliveries, adapter, str(message.kind), word).inc()
    if word == "delivered":
        _one(_bytes, "out").inc(message.size)
    _one(_delivery_seconds, adapter).observe(perf_counter() - began)


def fetched(adapter: str, outcome: str) -> None:
    """Count what an endpoint that polls says of a delivery: `delivered` or `refused`."""
    _one(_deliveries, adapter, NOT_READ, outcome).inc()


def outcome_of(error: object) -> str:
    """Return the word for how an attempt failed."""
    if isinstance(error, Refusal):
        return "refused"
    return "unavailable" if isinstance(error, Unavailable) else "fault"


# --- the database -----------------------------------------------------------------------------------------------------


@contextmanager
def committing(units: int) -> Iterator[None]:
    """Count a group of units that the writer commits inside the block, and how long that takes."""
    began = perf_counter()
    yield
    _commit_seconds.observe(perf_counter() - began)
    _group_units.observe(units)


_waited = {kind: _wait_seconds.labels(kind).observe for kind in ("read", "write")}


def waited(kind: str, seconds: float) -> None:
    """Note how long a caller waited for an answer or a commit: `read` or `write`."""
    _waited[kind](seconds)


# --- several workers --------------------------------------------------------------------------------------------------


def counted() -> CollectorRegistry:
    """Return what was counted: in this process, or in all workers of this machine."""
    folder = os.environ.get(WORKERS_FOLDER)
    if not folder or not Path(folder).is_dir():
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together, path=folder)  # type: ignore[no-untyped-call]
    return together


def names() -> set[str]:
    """Return the names of everything that is counted here, as Prometheus shows them."""
    found: set[str] = set()
    for metric in COUNTED:
        family = next(iter(metric.describe())).name
        endings = ("_total",) if isinstance(metric, Counter) else ("_bucket", "_sum", "_count")
        found.update(family + ending for ending in endings)
    return found
