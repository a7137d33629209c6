"""Packages as if they were too large to be held in memory, and small enough for a test."""

from __future__ import annotations

import hashlib
import io
from datetime import date

import pytest

from schemas import run_scan
from schemas.catalog import Catalog
from schemas.edxml.envelope import Envelope
from schemas.findings import Finding, InvalidDocument
from schemas.spooled import Package, Spooled
from schemas.validator import validate

TODAY = date(2026, 11, 21)


class Trickle(io.BytesIO):
    """A stream that gives a few octets at a time, so that everything falls across two pieces once."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 37) if size is not None and size > 0 else size)


def spooled(content: bytes) -> Spooled:
    """Return a package that has to be read in pieces."""
    return Spooled(len(content), hashlib.sha256(content).hexdigest(), lambda: Trickle(content))


def leave_out_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs count as long that are as short as they can be."""
    monkeypatch.setattr(run_scan, "LONG", 4)


def found(package: Package) -> tuple[Envelope | None, tuple[Finding, ...]]:
    """Return what validating a package comes to."""
    try:
        valid = validate(package, Catalog.standard(), TODAY)
    except InvalidDocument as invalid:
        return None, invalid.findings
    return valid.envelope, valid.findings
