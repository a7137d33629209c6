"""How often somebody may try a password: few wrong ones for an account from one address, more from all of them.

So nobody far away locks somebody else out with five tries, and many addresses together still guess slowly.
Counted in memory, in each process for itself, for as many names and addresses as fit; whoever is pushed out starts
anew, which costs an attacker a name for each try. A right password clears the account's count from its address.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

Clock = Callable[[], datetime]

MOST_KEPT = 10_000
OF_BOTH = 5  # of an account, from one address
OF_ADDRESS = 20
OF_ACCOUNT = 50
WINDOW = timedelta(minutes=15)


class Attempts:
    """Wrong passwords of late."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, list[datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failed)

    def wait_seconds(self, account: str, address: str) -> int:
        """Return how long to wait before the next try; 0: it may be made now."""
        now = self._clock()
        return max(self._left(key, most, now) for key, most in _keys(account, address).items())

    def failed(self, account: str, address: str) -> None:
        """Count a wrong password. It is called before the password is looked at, so that tries side by side count."""
        now = self._clock()
        for key, most in _keys(account, address).items():
            of_late = [at for at in self._failed.pop(key, ()) if now - at < WINDOW]
            self._failed[key] = [*of_late, now][-most:]
        while len(self._failed) > MOST_KEPT:
            self._failed.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """Forget the account's wrong passwords from here, and this try of the account and of the address."""
        both, *others = _keys(account, address)
        self._failed.pop(both, None)
        for key in others:
            if mine := self._failed.get(key):
                mine.pop()

    def _left(self, key: str, most: int, now: datetime) -> int:
        of_late = [at for at in self._failed.get(key, ()) if now - at < WINDOW]
        if len(of_late) < most:
            return 0
        return max(1, int((of_late[-most] + WINDOW - now).total_seconds()))


def _keys(account: str, address: str) -> dict[str, int]:
    """Return what a try counts for, and how many there may be of each."""
    return {
        f"both:{account} {address}": OF_BOTH,
        f"address:{address}": OF_ADDRESS,
        f"account:{account}": OF_ACCOUNT,
    }
