"""The ways out of the journey. The branch says what the hub does next.

    HubError
    ├── Refusal             the document's fault: tell the sender, never retry
    │   ├── Malformed           not a package that can be read, or its schema or rules are broken
    │   ├── TooLarge            more bytes than this hub takes
    │   ├── Corrupted           other bytes arrived than the sender says it sent
    │   ├── NotAllowed          the endpoint does not speak for the agency in From
    │   ├── UntrustedSignature  the policy demands a valid signature
    │   ├── NoRoute             an addressee is unknown, or closed
    │   ├── NotAnswerable       an answer that nobody waits for: unknown document, not an addressee
    │   ├── Looped              it has come back to a hub that sent it on
    │   └── Declined            the far side refuses this document
    ├── Unavailable         the world's fault: try again, after `retry_after` seconds if told
    │   └── Busy                an endpoint asks for more than its limits
    ├── Fault               ours: SUSPENDED until an operator says `resume`
    │   └── Misconfigured       a setting or an address that cannot work
    └── NotFound            a question about something that is not there, or not the asker's to see

Anything unplanned counts as a Fault. Every Refusal has a stable `code`, a sentence in Vietnamese and English, and
findings that say where and what to do; `Refusal.as_json` is the one place that turns it into an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from schemas.findings import Finding
from schemas.text import Text


class Sought(StrEnum):
    """What somebody looks for."""

    DOCUMENT = "document"
    DELIVERY = "delivery"
    ENDPOINT = "endpoint"
    AGENCY = "agency"
    CERTIFICATE = "certificate"
    ACCOUNT = "account"
    ROUTE = "route"
    EVENT = "event"
    RECEIPT = "receipt"


class HubError(Exception):
    """Anything that the hub raises on purpose."""

    code = "fault"

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)

    def as_json(self) -> dict[str, Any]:
        """Return the error shape of the API: `{"code", "message": {"vi", "en"}}`."""
        return {"code": self.code, "message": self.message.as_json()}


class Refusal(HubError):
    """The document cannot be taken. The sender is told why; the hub does not try again."""

    code = "refused"

    def __init__(self, message: Text, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
        self.id: str | None = None  # the hub's id of the stored refusal, once it is stored


class Malformed(Refusal):
    """Not a package that can be read, or one that breaks the schema or a rule. Mend what the findings name."""

    code = "document.invalid"

    def __init__(self, findings: Sequence[Finding]) -> None:
        message = (
            findings[0].message if findings else Text(vi="Gói tin không hợp lệ", en="The package is invalid")
        )
        super().__init__(message, findings)


class TooLarge(Refusal):
    """More bytes than this hub takes. Split the attachments, or ask the operator for a higher limit."""

    code = "document.too-large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            Text(
                vi=f"Gói tin vượt quá giới hạn {limit_bytes:,} byte của trục",
                en=f"The package is over this hub's limit of {limit_bytes:,} bytes",
            )
        )
        self.limit_bytes = limit_bytes


class Corrupted(Refusal):
    """The bytes that arrived do not have the digest that the sender named. Send them again."""

    code = "document.digest-mismatch"

    def __init__(self, claimed: str, actual: str) -> None:
        super().__init__(
            Text(
                vi=f"Nội dung nhận được không khớp mã băm bên gửi khai: khai {claimed}, nhận được {actual}",
                en=f"What arrived does not match the digest that the sender named: named {claimed}, got {actual}",
            )
        )


class NotAllowed(Refusal):
    """The endpoint is known but does not speak for the agency in From."""

    code = "sender.not-allowed"


class UntrustedSignature(Refusal):
    """The endpoint's policy demands a valid signature and this document has none."""

    code = "signature.required"


class NoRoute(Refusal):
    """At least one addressee is unknown or closed. Nobody gets the document until all can."""

    code = "addressee.unknown"


class NotAnswerable(Refusal):
    """An answer to a document that this hub does not know, or from someone whom it was not sent to."""

    code = "answer.not-expected"


class Looped(Refusal):
    """The document has come back to a hub that sent it on: routes lead in a circle. Mend the routes that are named."""

    code = "route.loop"


class Declined(Refusal):
    """The far side looked at the document and refuses it."""

    code = "document.declined"


class Unavailable(HubError):
    """Something outside does not answer: try again, after `retry_after` seconds if it told us."""

    code = "unavailable"

    def __init__(self, message: Text, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(Unavailable):
    """The endpoint asks for more than its limits at the moment. Nothing was looked at; send again a little later."""

    code = "endpoint.busy"


class Fault(HubError):
    """Our own fault, or a delivery that only a person can put right."""

    code = "fault"


class Misconfigured(Fault):
    """A setting or an address that cannot work. Names the key, what was expected and what was found."""

    code = "misconfigured"


class NotFound(HubError):
    """What was asked for is not here, or is not the asker's to see. `what` it is tells where to look for it."""

    code = "not-found"

    def __init__(self, message: Text, what: Sought = Sought.DOCUMENT) -> None:
        super().__init__(message)
        self.what = what
