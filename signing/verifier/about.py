"""What evidence, a receipt or a checkpoint says that it is about: told first, so that a reader knows of what.

These are the file's own words. Whether they are true is what the parts of the report say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.findings import shortened
from schemas.text import Text
from signing import evidence
from signing.evidence import Index, NotEvidence
from signing.notes import Checkpoint

Facts = tuple[tuple[Text, object], ...]

KINDS = {
    "accepted": Text(vi="đã tiếp nhận", en="accepted"),
    "refused": Text(vi="bị từ chối", en="refused"),
    "delivered": Text(vi="đã chuyển đến nơi nhận", en="delivered"),
    "failed": Text(vi="không chuyển được", en="not delivered"),
    "answered": Text(vi="đã ghi nhận trả lời", en="an answer was recorded"),
}
DOCUMENT = Text(vi="Văn bản", en="Document")
HUB = Text(vi="Trục", en="Hub")
HUB_ID = Text(vi="Mã của trục", en="The hub's id")


def of_evidence(files: Mapping[str, bytes]) -> Facts:
    """Return what evidence names; nothing if its index cannot be read."""
    try:
        index = Index.read(files.get(evidence.INDEX, b""))
    except NotEvidence:
        return ()
    refused = Text(vi="bị từ chối", en="refused")
    said = [
        (DOCUMENT, index.code if not index.refused else ""),
        (Text(vi="DocumentId", en="DocumentId"), index.document_id),
        (
            Text(vi="Nơi gửi", en="From"),
            f"{index.sender_name} ({index.sender})" if index.sender_name else index.sender,
        ),
        (
            Text(vi="Kết quả tiếp nhận", en="The hub's answer"),
            refused if index.refused else KINDS["accepted"],
        ),
        (HUB_ID, index.id),
        (HUB, f"{index.hub_name} ({index.hub})"),
        (Text(vi="Lập bằng chứng lúc", en="Evidence made"), index.made_at),
    ]
    return _shown(said)


def of_receipt(said: Mapping[str, Any] | None) -> Facts:
    """Return what a receipt's content says; nothing if it is none."""
    if said is None:
        return ()
    hub = said.get("hub")
    named = f"{hub.get('name', '')} ({hub.get('code', '')})" if isinstance(hub, Mapping) else ""
    return _shown(
        [
            (
                Text(vi="Biên nhận về việc", en="A receipt for"),
                KINDS.get(str(said.get("kind")), said.get("kind")),
            ),
            (Text(vi="Lúc", en="At"), _time(said.get("at"))),
            (Text(vi="DocumentId", en="DocumentId"), said.get("document_id")),
            (Text(vi="Nơi gửi", en="From"), said.get("sender")),
            (HUB_ID, said.get("delivery") or said.get("message") or said.get("refusal")),
            (Text(vi="SHA-256 của gói tin", en="SHA-256 of the package"), said.get("sha256")),
            (HUB, named),
        ]
    )


def of_checkpoint(head: Checkpoint) -> Facts:
    """Return what a checkpoint states."""
    return _shown(
        [
            (Text(vi="Sổ nhật ký", en="Ledger"), head.origin),
            (Text(vi="Số sự kiện", en="Events"), head.size),
            (Text(vi="Mã gốc", en="Root"), head.root.hex()),
        ]
    )


def _time(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _shown(said: list[tuple[Text, object]]) -> Facts:
    return tuple(
        (name, value if isinstance(value, Text | datetime) else shortened(value))
        for name, value in said
        if value is not None and value != ""
    )
