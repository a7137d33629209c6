"""What happens when an agency is down: how long to wait before the next try, and when to give up.

The wait belongs to the endpoint, not to the document: while an endpoint is down, one delivery at a time is tried, each
time another one, and the rest wait without using up their attempts. The first that goes through lets all others go.
A delivery that has failed `attempts` times is SUSPENDED, which is a person's matter, never lost.
"""

from __future__ import annotations

from hub.config import RetrySettings


def wait_seconds(settings: RetrySettings, failures: int, chance: float, asked: float | None = None) -> float:
    """Return the seconds to wait after the n-th failure in a row (n from 1), spread by `chance` (0 to 1).

    `asked` is what the far side told us to wait: never less than that, up to the longest wait.
    """
    doubled = settings.first_seconds * settings.factor ** min(failures - 1, 64)
    wait = min(doubled, settings.longest_seconds)
    spread = wait * (1 - settings.jitter + 2 * settings.jitter * chance)
    return max(spread, min(asked or 0.0, settings.longest_seconds))


def exhausted(settings: RetrySettings, attempts: int) -> bool:
    """Tell whether a delivery has had its attempts."""
    return attempts >= settings.attempts
