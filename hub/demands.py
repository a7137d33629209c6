"""What is demanded of the signatures of a document: by its endpoint, by the level of its sender, or by the hub.

The endpoint's own rule comes first; without one, that of the sender's level in `[policy]`; without that, the general
one. Package and attachments are asked about apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hub.config import PolicySettings
from hub.model import Endpoint, Level, SignatureRule
from signing.policy import Policy

DECIDED_AT_ONCE = frozenset({Policy.REFUSE_INVALID, Policy.REQUIRE})


@dataclass(frozen=True, slots=True)
class Demands:
    """How much the signatures of a package, and those of its attachments, count."""

    package: Policy
    attachments: Policy

    @property
    def attachments_at_once(self) -> bool:
        """Tell whether attachments must be judged before the document is accepted."""
        return self.attachments in DECIDED_AT_ONCE


def demands(endpoint: Endpoint, level: Level, settings: PolicySettings) -> Demands:
    """Return what is demanded of a document that a sender of this level hands in through an endpoint."""
    by_level = {
        Level.CENTRAL: (settings.signatures_central, settings.attachments_central),
        Level.PROVINCE: (settings.signatures_province, settings.attachments_province),
        Level.COMMUNE: (settings.signatures_commune, settings.attachments_commune),
    }
    package, attachments = by_level.get(level, ("default", "default"))
    return Demands(
        _first(endpoint.signatures, package, settings.signatures),
        _first(endpoint.attachments, attachments, settings.attachments),
    )


def _first(*rules: str) -> Policy:
    """Return the first rule that says something; the last one always does."""
    return next(Policy(rule) for rule in rules if rule != SignatureRule.DEFAULT)


def sha1_until(settings: PolicySettings) -> date:
    """Return until when signatures by SHA-1 are accepted in attachments. `config` has checked that it is a date."""
    return date.fromisoformat(settings.sha1_until)
