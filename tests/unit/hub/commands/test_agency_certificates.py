"""Certificates of agencies, and what is demanded of signatures, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.hub.commands.door import Command
from tests.unit.signing import pdfs


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "agency.cer"
    made.write_bytes(pdfs.agency().certificate.public_bytes(Encoding.DER))
    return made


def test_a_certificate_is_registered_listed_and_removed(
    edochub: Command, hub_folder: Path, file: Path, tmp_path: Path
) -> None:
    certificate = ("agencies", "certificate")
    added = edochub(*certificate, "add", "Z99.61", file, "--json").json
    assert (added["agency"], added["added"]) == ("Z99.61", True)
    pem = tmp_path / "agency.pem"
    pem.write_bytes(pdfs.agency().certificate.public_bytes(Encoding.PEM))
    assert edochub(*certificate, "add", "Z99.61", pem, "--json").json["added"] is False
    assert "UBND xã Mẫu" in edochub(*certificate, "list").out
    (listed,) = edochub(*certificate, "list", "Z99.61", "--json").json["certificates"]
    assert listed["sha256"] == added["certificate"]["sha256"]
    assert edochub(*certificate, "list", "Z99.62", "--json").json["certificates"] == []
    assert edochub(*certificate, "remove", "Z99.61", "ffff").code == 1
    assert edochub(*certificate, "remove", "Z99.61", listed["sha256"][:12]).code == 0
    assert edochub(*certificate, "list", "--json").json["certificates"] == []
    assert edochub("ledger", "verify").code == 0


def test_what_is_no_certificate_or_no_agency_is_said(edochub: Command, hub_folder: Path, file: Path) -> None:
    broken = file.with_name("broken.pem")
    broken.write_text("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
    assert edochub("agencies", "certificate", "add", "Z99.61", broken).code == 2
    unknown = edochub("agencies", "certificate", "add", "Z99.99", file)
    assert unknown.code == 1
    assert "Z99.99" in unknown.err


def test_what_is_demanded_of_an_endpoints_signatures_is_chosen_shown_and_changed(
    edochub: Command, hub_folder: Path
) -> None:
    add = ("endpoints", "add", "xa-an-thu", "--adapter", "http", "--agency", "Z99.62")
    made = edochub(*add, "--attachments", "require", "--json").json
    assert (made["signatures"], made["attachments"]) == ("default", "require")
    changed = edochub("endpoints", "set", "xa-an-thu", "--signatures", "refuse-invalid", "--json").json
    assert (changed["signatures"], changed["attachments"]) == ("refuse-invalid", "require")
    assert "refused if invalid, else reported" in edochub("endpoints", "show", "xa-an-thu").out
    assert edochub("endpoints", "set", "xa-an-thu", "--attachments", "sometimes").code == 2
    assert edochub("ledger", "verify").code == 0
