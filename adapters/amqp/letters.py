"""What the hub publishes: a document, and why it refused one. What a stranger wrote is plain text of bounded length."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from hub.errors import Refusal
from hub.model import Parcel

LONGEST_VALUE = 255  # characters of a header
HIGHEST_PRIORITY = 9  # AMQP 0-9-1, 1.8: priorities 0 to 9
DOCUMENT, REFUSAL = "edochub.document", "edochub.refusal"


def document(parcel: Parcel) -> aio_pika.Message:
    """Return a parcel as a message: the package itself, and around it what a consumer may want to sort by.

    `message_id` is the delivery's id, the same at each repeat: by it a consumer drops what it has. `correlation_id`
    is the hub's id of the message that this one answers, corrects or withdraws, else its own.
    """
    about = parcel.message
    return aio_pika.Message(
        parcel.content,
        message_id=parcel.id,
        correlation_id=about.about or about.id,
        type=DOCUMENT,
        app_id="edochub",
        content_type="application/xml",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        priority=min(max(int(about.priority), 0), HIGHEST_PRIORITY),
        timestamp=about.accepted_at,
        headers={
            "edochub-message": about.id,
            "edochub-from": plain(about.sender),
            "edochub-to": plain(parcel.addressee),
            "edochub-document": plain(about.document_id),
            "edochub-kind": str(about.kind),
            "edochub-sha256": about.sha256,
            "edochub-priority": int(about.priority),
            "edochub-attempt": parcel.attempt,  # from the second on it may be there already
            "x-deduplication-header": parcel.id,  # for brokers with the plugin that drops doubles
        },
    )


def refusal(message: AbstractIncomingMessage, why: Refusal, at: datetime) -> aio_pika.Message:
    """Return the hub's answer about a message that it refused: JSON, in both languages, without the package."""
    digest = sha256(message.body).hexdigest()
    body = {
        "at": at.isoformat(),
        "message_id": message.message_id,
        "sha256": digest,
        "error": why.as_json(),
        "findings": [finding.as_json() for finding in why.findings],
        "refusal": why.id,
    }
    return aio_pika.Message(
        json.dumps(body, ensure_ascii=False).encode(),
        message_id=why.id or f"refused-{digest}",
        correlation_id=message.message_id,
        type=REFUSAL,
        app_id="edochub",
        content_type="application/json",
        content_encoding="utf-8",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        timestamp=at,
        headers={"edochub-code": why.code, "edochub-sha256": digest},
    )


def plain(value: str) -> str:
    """Return a stranger's words as a header can hold them: printable, and not too long."""
    return "".join(char if char.isprintable() else "\ufffd" for char in value[:LONGEST_VALUE])
