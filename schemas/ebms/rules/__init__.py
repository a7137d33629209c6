"""The rules of ebMS headers: one file each, listed here in the order in which they run."""

from __future__ import annotations

from schemas.ebms.rules import addresses, message_count, message_ids, parts, signals, timestamps
from schemas.ebms.rules.rule import MessagingRule

RULES: tuple[MessagingRule, ...] = (
    message_count.RULE,
    message_ids.RULE,
    timestamps.RULE,
    addresses.RULE,
    parts.RULE,
    signals.RULE,
)
