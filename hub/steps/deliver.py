"""deliver: one attempt to bring a parcel to the far side. Writes nothing; the outcome is for `acknowledge`.

Whatever the adapter raises becomes one of the three ways out: what is not a `Declined`, an `Unavailable` or a `Fault`
is a Fault, because a bug must never count as a delivery nor be retried for ever. And whatever words the far side says
are made such that every database and every status package can hold them: an outcome that cannot be written down would
be sent again and again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import perf_counter

import structlog

from hub import metrics
from hub.adapter import Adapter
from hub.errors import Fault, HubError, Refusal, Unavailable
from hub.metrics import timed
from hub.model import Parcel, Receipt
from schemas.text import Text

log = structlog.get_logger()

Outcome = Receipt | Refusal | Unavailable | Fault

LONGEST_WORDS = 1_000  # characters of a far side's sentence, or of its own name for a document


@timed("deliver", lambda parcel, *_: parcel.message.sha256)
async def deliver(parcel: Parcel, adapter: Adapter, timeout_seconds: float) -> Outcome:
    """Try once; return the far side's receipt, or the error that says what happens next."""
    began = perf_counter()
    outcome = await _attempt(parcel, adapter, timeout_seconds)
    metrics.attempted(_named(adapter), parcel.message, outcome, began)
    if isinstance(outcome, Receipt):
        return replace(outcome, remote_id=outcome.remote_id and writable(outcome.remote_id))
    outcome.message = Text(vi=writable(outcome.message.vi), en=writable(outcome.message.en))
    return outcome


def writable(words: str) -> str:
    """Return words that SQL and XML can hold: cut short, and without characters that they do not allow."""
    cut = words[:LONGEST_WORDS]
    return "".join(each if each.isprintable() else " " if each.isspace() else "\ufffd" for each in cut)


async def _attempt(parcel: Parcel, adapter: Adapter, timeout_seconds: float) -> Outcome:
    try:
        async with asyncio.timeout(timeout_seconds):
            receipt: object = await adapter.deliver(parcel)
        if not isinstance(receipt, Receipt):
            raise TypeError(f"deliver returns a Receipt, got {type(receipt).__name__}")
        return receipt
    except TimeoutError:
        return Unavailable(
            Text(
                vi=f"Hệ thống nhận không trả lời trong {timeout_seconds:g} giây",
                en=f"The receiving system did not answer within {timeout_seconds:g} seconds",
            )
        )
    except (Refusal, Unavailable, Fault) as error:
        return error
    except HubError as error:
        return Fault(error.message)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return _fault(parcel, adapter, error)  # nobody cancelled us: the adapter made it up
    except Exception as error:
        return _fault(parcel, adapter, error)


def _fault(parcel: Parcel, adapter: Adapter, error: BaseException) -> Fault:
    log.error(
        "delivery.fault",
        delivery=parcel.id,
        adapter=_named(adapter),
        endpoint=adapter.endpoint.id,
        exc_info=error,
    )
    return Fault(
        Text(
            vi=f"Lỗi trong bộ kết nối {_named(adapter)}: {type(error).__name__}",
            en=f"A fault in adapter {_named(adapter)}: {type(error).__name__}",
        )
    )


def _named(adapter: Adapter) -> str:
    """Return an adapter's name. One that was given none has delivered all the same: its outcome must not be lost."""
    return getattr(adapter, "name", "-")
