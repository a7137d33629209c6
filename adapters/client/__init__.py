"""What an integrator's own program calls a hub with: `from adapters.client import Client`.

    client        Client: send, poll, fetch, take, decline, answer, ask how a document stands, receipts
    said          what the hub says: a document's standing, a delivery, an entry of the inbox; or an error
    patience      how often something is tried again, and how long is waited before
    files         a download that is there, whole and right, once the call returned
    outbox        a folder of packages that are kept until the hub has answered for them
    intake        a folder into which what has come is put, each document once
    command       `edochub client`, which is all of this at the shell

Everything may be repeated: the same package again is answered with the first one's id, and taking or answering twice is
answered as the first time. Errors are those of `hub.errors`: `Refusal` has a code, a sentence in both languages and
findings; `Unavailable` was tried as often as `Patience` says, and may be tried again later.

The tour is docs/client.md.
"""

from adapters.client.client import Client
from adapters.client.intake import Intake
from adapters.client.outbox import Outbox
from adapters.client.patience import Patience
from adapters.client.said import Delivery, Incoming, Sent
from hub.errors import Misconfigured, NotFound, Refusal, Unavailable

__all__ = [
    "Client",
    "Delivery",
    "Incoming",
    "Intake",
    "Misconfigured",
    "NotFound",
    "Outbox",
    "Patience",
    "Refusal",
    "Sent",
    "Unavailable",
]
