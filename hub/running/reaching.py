"""Far sides that the hub fetches from, and cannot reach: what nobody sends shows in no queue.

They are tried as `edochub doctor` tries them, each on a connection of its own, a few at a time.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from hub.errors import HubError
from hub.model import Endpoint
from hub.store.alerts import Condition
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

log = structlog.get_logger()

AT_ONCE = 8
SECONDS = 30.0  # for one far side
SAYS_NOTHING = Text(vi="quá lâu không trả lời", en="it does not answer in time")


async def away(hub: Hub) -> list[Condition]:
    """Return the endpoints from which nothing can be fetched now."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def tried(endpoint: Endpoint) -> Condition | None:
        async with turns:
            why = await _obstacle(hub, endpoint)
        return None if why is None else _condition(endpoint, why)

    wanted = [endpoint for endpoint in hub.directory.endpoints if not endpoint.disabled]
    found = await asyncio.gather(*map(tried, wanted))
    return [each for each in found if each is not None]


async def _obstacle(hub: Hub, endpoint: Endpoint) -> Text | None:
    """Return why nothing can be fetched; None if it can, or if the far side comes to us."""
    try:
        async with asyncio.timeout(SECONDS):
            await hub.connections.try_fetching(endpoint)
    except TimeoutError:
        return SAYS_NOTHING
    except HubError as error:
        return error.message
    except Exception:  # a stranger's adapter must not keep the other conditions from being told
        log.exception("alerts.fault", endpoint=endpoint.id)
    return None


def _condition(endpoint: Endpoint, why: Text) -> Condition:
    return Condition(
        f"endpoint:{endpoint.id}",
        "endpoint",
        Text(
            vi=f"Không lấy được văn bản từ điểm kết nối {endpoint.id}: {why.vi}",
            en=f"Nothing can be fetched from endpoint {endpoint.id}: {why.en}",
        ),
    )
