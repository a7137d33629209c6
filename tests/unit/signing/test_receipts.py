"""Receipts: signed by any key of ours, read by OpenSSL, judged with their events against the ledger's checkpoint."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from signing import certificates, merkle, receipts
from signing.ca import CertificateAuthority
from signing.keys import SigningKey, generate
from signing.notes import Checkpoint, NoteKey
from signing.trust import TrustStore
from signing.tsa import LocalTimeStampAuthority
from signing.verdict import Outcome, Question

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LEDGER = NoteKey("hub.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
BODIES = [json.dumps({"seq": seq, "kind": "x"}, sort_keys=True, separators=(",", ":")) for seq in range(1, 8)]
LEAVES = [merkle.leaf_hash(body.encode()) for body in BODIES]


def content(*seqs: int, sealed: int | None = 7, **changed: Any) -> dict[str, Any]:
    """Return a receipt over these events of a ledger of seven."""
    nodes = merkle.of_leaves(LEAVES)
    cited = []
    for seq in seqs or (2, 7):
        event = {"seq": seq, "body": BODIES[seq - 1], "leaf": LEAVES[seq - 1].hex()}
        if sealed is not None:
            event["proof"] = receipts.proof(merkle.inclusion(seq - 1, sealed, nodes))
        cited.append(event)
    head = None
    if sealed is not None:
        head = str(LEDGER.sign(str(Checkpoint(LEDGER.name, sealed, merkle.root_of(LEAVES[:sealed])))))
    known = {"origin": LEDGER.name, "key": str(LEDGER.verifier), "checkpoint": head}
    return {"kind": "accepted", "subject": "V/v thử", "events": cited, "ledger": known, **changed}


@pytest.fixture(scope="module", params=["ecdsa-p256", "rsa-2048"])
def authority(request: pytest.FixtureRequest) -> tuple[CertificateAuthority, SigningKey]:
    ca = CertificateAuthority.create("Thử nghiệm", NOW)
    key = ca.issue(organisation="Trục", common_name="Trục", now=NOW, algorithm=request.param)
    return ca, key


async def test_a_receipt_is_signed_and_says_what_was_put_in(
    authority: tuple[CertificateAuthority, SigningKey],
) -> None:
    _, key = authority
    made = await receipts.sign(content(), key, at=NOW)
    judged = receipts.verify(made, anchored(authority), NOW)
    assert judged.content == {"type": receipts.TYPE, **content()}
    assert judged.verdict.aspects[Question.INTEGRITY].outcome is Outcome.VALID
    assert judged.verdict.aspects[Question.TRUST].outcome is Outcome.VALID
    assert judged.verdict.claimed_at == NOW
    assert "receipt.in-ledger" in [reason.code for reason in judged.verdict.reasons]


def anchored(authority: tuple[CertificateAuthority, SigningKey]) -> TrustStore:
    ca, key = authority
    return TrustStore([certificates.of(ca.certificate)], [certificates.of(each) for each in key.chain[1:]])


@pytest.mark.programs
async def test_openssl_verifies_it(
    authority: tuple[CertificateAuthority, SigningKey], tmp_path: Path
) -> None:
    ca, key = authority
    made = tmp_path / "receipt.p7m"
    made.write_bytes(await receipts.sign(content(), key, at=NOW))
    (tmp_path / "root.pem").write_bytes(ca.certificate.public_bytes(Encoding.PEM))
    command = ["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", str(made)]
    command += ["-CAfile", str(tmp_path / "root.pem"), "-purpose", "any"]
    command += ["-attime", str(int(NOW.timestamp()) + 60)]
    ran = subprocess.run(command, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert ran.stdout == receipts.canonical({"type": receipts.TYPE, **content()})
    octets = bytearray(made.read_bytes())
    octets[octets.index("V/v thử".encode())] ^= 1
    made.write_bytes(octets)
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


async def test_a_time_stamp_makes_it_b_t() -> None:
    ca = CertificateAuthority.create("Thử nghiệm", NOW)
    key = ca.issue(organisation="Trục", common_name="Trục", now=NOW)
    stamper = LocalTimeStampAuthority(key, lambda: NOW)
    made = await receipts.sign(content(), key, at=NOW, timestamper=stamper)
    signer = cms.ContentInfo.load(made)["content"]["signer_infos"][0]
    assert [each["type"].native for each in signer["unsigned_attrs"]] == ["signature_time_stamp_token"]
    signed = {each["type"].native for each in signer["signed_attrs"]}
    assert signed >= {"content_type", "message_digest", "signing_certificate_v2", "signing_time"}


async def judged(given: Mapping[str, Any]) -> receipts.ReceiptVerdict:
    key = generate("hub", "Trục", NOW)
    made = await receipts.sign(given, key, at=NOW)
    return receipts.verify(made, TrustStore([certificates.of(key.certificate)]), NOW)


async def test_a_stranger_to_the_anchors_is_not_trusted_but_the_content_is_intact() -> None:
    made = await receipts.sign(content(), generate("hub", "Trục", NOW), at=NOW)
    verdict = receipts.verify(made, TrustStore.empty(), NOW).verdict
    assert verdict.outcome is not Outcome.VALID
    assert verdict.aspects[Question.INTEGRITY].outcome is Outcome.VALID


async def test_before_the_first_checkpoint_it_says_that_it_is_not_sealed() -> None:
    verdict = (await judged(content(sealed=None))).verdict
    assert verdict.outcome is not Outcome.INVALID
    assert "receipt.not-sealed" in [reason.code for reason in verdict.reasons]


def other_checkpoint() -> dict[str, Any]:
    given = content()
    head = str(LEDGER.sign(str(Checkpoint(LEDGER.name, 7, merkle.leaf_hash(b"other")))))
    return {**given, "ledger": {**given["ledger"], "checkpoint": head}}


def other_key() -> dict[str, Any]:
    given = content()
    other = NoteKey("hub.test/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    return {**given, "ledger": {**given["ledger"], "key": str(other.verifier)}}


def no_proof() -> dict[str, Any]:
    given = content()
    del given["events"][0]["proof"]
    return given


def other_place() -> dict[str, Any]:
    given = content(2, 3)
    given["events"][0]["proof"] = given["events"][1]["proof"]
    return given


@pytest.mark.parametrize("wrong", [other_checkpoint, other_key, no_proof, other_place])
async def test_events_that_are_not_in_the_checkpoint_make_it_invalid(wrong: Any) -> None:
    verdict = (await judged(wrong())).verdict
    assert (verdict.outcome, verdict.reasons[0].code) == (Outcome.INVALID, "receipt.not-in-ledger")


def forged_body() -> dict[str, Any]:
    given = content()
    given["events"][0]["body"] = BODIES[0]
    return given


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: content(kind="promised"),
        lambda: content(ledger=None),
        lambda: content(events=[]),
        lambda: content(events=[5]),
        forged_body,
        lambda: content(type="edochub.receipt/2"),
    ],
)
async def test_what_is_no_receipt_is_invalid_however_well_it_is_signed(wrong: Any) -> None:
    found = await judged(wrong())
    assert found.content is None
    assert (found.verdict.outcome, found.verdict.reasons[0].code) == (Outcome.INVALID, "receipt.malformed")


@pytest.mark.parametrize("octets", [b"", b"nothing", b"\x30\x80", b"\x30" * 5000])
def test_what_is_no_cms_says_nothing(octets: bytes) -> None:
    found = receipts.verify(octets, TrustStore.empty(), NOW)
    assert found.content is None
    assert found.verdict.outcome is not Outcome.VALID


@pytest.mark.parametrize("octets", [b"[]", b'{"a": 1}', b'{"a":1,"a":1}', b"[" * 100_000])
def test_only_the_one_form_is_read(octets: bytes) -> None:
    with pytest.raises(ValueError):
        receipts.read(octets)
