"""deliver: one attempt to bring a parcel to the far side. Writes nothing; the outcome is for `acknowledge`.

Whatever the adapter raises becomes one of the three ways out: what is not a `Declined`, an `Unavailable` or a `Fault`
is a Fault, because a bug must never count as a delivery nor be retried for ever.
"""

from __future__ import annotations

import asyncio

import structlog

from hub.adapter import Adapter
from hub.errors import Fault, HubError, Refusal, Unavailable
from hub.model import Parcel, Receipt
from schemas.text import Text

log = structlog.get_logger()

Outcome = Receipt | Refusal | Unavailable | Fault


async def deliver(parcel: Parcel, adapter: Adapter, timeout_seconds: float) -> Outcome:
    """Try once; return the far side's receipt, or the error that says what happens next."""
    try:
        async with asyncio.timeout(timeout_seconds):
            return await adapter.deliver(parcel)
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
    except Exception as error:
        log.exception(
            "delivery.fault", delivery=parcel.id, adapter=adapter.name, endpoint=adapter.endpoint.id
        )
        return Fault(
            Text(
                vi=f"Lỗi trong bộ kết nối {adapter.name}: {type(error).__name__}",
                en=f"A fault in adapter {adapter.name}: {type(error).__name__}",
            )
        )
