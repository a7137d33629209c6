"""The commands of the auditor: seal, publish, verify, prove; and receipts."""

from __future__ import annotations

import base64
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hub.commands._exits import Exit
from signing import merkle, notes
from signing.notes import Checkpoint, VerifierKey
from tests.unit.hub.commands.door import Command


@pytest.fixture
def sent(edochub: Command, hub_folder: Path, letter: Path) -> str:
    """The id of a letter that was handed in."""
    found: str = edochub("send", letter, "--as", "so-noi-vu", "--json").json["documents"][0]["id"]
    return found


def test_a_new_hub_has_the_ledgers_key(hub_folder: Path) -> None:
    assert (hub_folder / "keys" / "ledger.key").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_the_ledger_is_sealed_published_and_verified(
    edochub: Command, hub_folder: Path, sent: str, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    made = edochub("ledger", "checkpoint", "--publish", public, "--json").json
    assert made["published"] == 1
    note = notes.parse((public / "checkpoint").read_bytes())
    key = VerifierKey.parse(made["key"])
    assert notes.verify(note, [key])
    for arguments in ((), ("--checkpoints", public), ("--checkpoints", public / "checkpoint", "--key", key)):
        ran = edochub("ledger", "verify", "--json", *map(str, arguments))
        assert ran.code == Exit.YES
        assert (ran.json["broken"], ran.json["root"]) == ([], made["root"])
    assert "whole" in edochub("ledger", "verify").out
    assert "nguyên vẹn" in edochub("ledger", "verify", language="vi").out
    assert edochub("ledger", "checkpoint", "--publish", public, "--json").json["size"] == made["size"]


def test_an_altered_event_is_told_with_its_range(
    edochub: Command, hub_folder: Path, sent: str, tmp_path: Path
) -> None:
    edochub("ledger", "checkpoint", "--publish", tmp_path / "public")
    with sqlite3.connect(hub_folder / "edochub.db") as database:
        database.execute("UPDATE events SET body = replace(body, 'operator', 'hub') WHERE seq = 2")
    ran = edochub("ledger", "verify", "--checkpoints", tmp_path / "public")
    assert ran.code == Exit.NO
    assert "NOT whole" in ran.out
    assert "event 2 is not what it was" in ran.out


def test_checkpoints_of_another_ledger_are_refused(
    edochub: Command, hub_folder: Path, sent: str, tmp_path: Path
) -> None:
    edochub("ledger", "checkpoint", "--publish", tmp_path / "public")
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    ran = edochub("ledger", "verify", "--checkpoints", tmp_path / "public", "--key", other)
    assert ran.code == Exit.NO
    assert "PeterNeumann" in ran.err


def test_an_event_is_proven_to_who_has_nothing_but_the_key(
    edochub: Command, hub_folder: Path, sent: str
) -> None:
    assert "not sealed" in edochub("ledger", "proof", "3").err
    key = edochub("ledger", "checkpoint", "--json").json["key"]
    printed = edochub("ledger", "proof", "3").out
    said: dict[str, Any] = edochub("ledger", "proof", "3", "--json").json
    head, _, written = printed.partition("\n\n")
    first, index, *path = head.split("\n")
    note = notes.parse(written.encode())
    notes.verify(note, [VerifierKey.parse(key)])
    tree = Checkpoint.parse(note.text)
    assert (first, index) == ("c2sp.org/tlog-proof@v1", "index 2")
    hashes = [base64.b64decode(each) for each in path]
    leaf = merkle.leaf_hash(said["body"].encode())
    merkle.check_inclusion(2, tree.size, leaf, hashes, tree.root)
    assert edochub("ledger", "proof", "999").code == Exit.NO


def test_the_events_of_a_document_are_listed(edochub: Command, hub_folder: Path, sent: str) -> None:
    ran = edochub("ledger", "proof", sent)
    assert ran.code == Exit.YES
    assert "accepted" in ran.out
    assert edochub("ledger", "proof", sent, "--json").json["events"][0]["kind"] == "document.accepted"
    assert edochub("ledger", "proof", "nothing-known").code == Exit.NO


@pytest.mark.programs
def test_a_receipt_is_written_and_openssl_verifies_it(
    edochub: Command, hub_folder: Path, sent: str, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.p7m"
    assert edochub("receipt", sent, "-o", file).code == Exit.YES
    root = hub_folder / "keys" / "hub.pem"
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(file)]
    ran = subprocess.run(
        [*command, "-CAfile", str(root), "-purpose", "any"], capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert sent in ran.stdout.decode()


def test_what_a_receipt_says_can_be_seen_without_signing(
    edochub: Command, hub_folder: Path, sent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert edochub("receipt", sent, "--json").json["kind"] == "accepted"
    assert list(tmp_path.glob("*.p7m")) == []
    assert edochub("receipt", sent).code == Exit.YES
    assert [file.name for file in tmp_path.glob("*.p7m")] == [f"accepted-{sent}.p7m"]
    assert edochub("receipt", "nothing-known").code == Exit.NO
