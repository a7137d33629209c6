"""A package as programs want to read it: what it says, what its attachments really are, its signature blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from typing import Any

from hub.commands._extract import Extracted
from schemas.edxml.contents import Content, Inner
from schemas.edxml.signature_blocks import SignatureBlock
from schemas.paths import place_of
from schemas.validator import Inspected


def shape(
    file: str,
    inspected: Inspected,
    inside: Sequence[Content],
    blocks: Sequence[SignatureBlock],
    extracted: Sequence[Extracted],
) -> dict[str, Any]:
    """Return the shape that `--json` publishes."""
    said = inspected.said
    return {
        "file": file,
        "standard": inspected.standard.name,
        "sound": inspected.sound,
        "summary": inspected.standard.summary(said).as_json(),
        "says": plain(said),
        "attachments": [_content(each) for each in inside],
        "signatures": [_block(block) for block in blocks],
        "findings": [finding.as_json() for finding in inspected.findings],
        "extracted": [
            {"name": each.called, "path": str(each.path) if each.path else None, "size": each.size}
            for each in extracted
        ],
    }


def _content(content: Content) -> dict[str, Any]:
    return {
        **plain(content.info),
        "kind": content.kind.name.as_json() if content.kind else None,
        "media_type": content.kind.media_type if content.kind else None,
        "size": content.size,
        "sha256": content.sha256 or None,
        "wrapped": content.wrapped,
        "as_named": content.as_named,
        "entries": [
            {"name": entry.name, "size": entry.size, "package": _package(entry.package)}
            for entry in content.entries
        ],
        "package": _package(content.package),
        "problem": content.problem.as_json() if content.problem else None,
    }


def _package(inner: Inner | None) -> dict[str, Any] | None:
    if inner is None:
        return None
    return {
        "says": plain(inner.envelope) if inner.envelope else None,
        "attachments": [_content(each) for each in inner.contents],
        "problem": inner.problem.as_json() if inner.problem else None,
    }


def _block(block: SignatureBlock) -> dict[str, Any]:
    line, path = place_of(block.element)
    return {
        "line": line,
        "path": path,
        "namespace": block.namespace,
        "xmldsig": block.is_xmldsig,
        "empty": block.empty,
        "algorithm": block.algorithm or None,
        "subject": block.subject or None,
    }


def plain(noun: Any) -> Any:
    """Return a noun as JSON has it: its fields by name, days and times in ISO 8601, enumerations by their values."""
    return _plain(asdict(noun))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value
