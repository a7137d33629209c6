"""Our own time-stamping authority answers what it is asked, and refuses what it should."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import httpx
import pytest
from asn1crypto import tsp

from signing import timestamp_token
from signing.timestamp_token import QUERY, REPLY
from signing.tsa import POLICY
from signing.tsa_server import LARGEST_QUERY, application
from tests.unit.signing.containers import SIGNED, stamp_root, stamper

DIGEST = hashlib.sha256(b"words").digest()


def query(algorithm: str = "sha256", digest: bytes = DIGEST, **more: object) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}
    asked = {"version": "v1", "message_imprint": imprint, "cert_req": True, **more}
    return bytes(tsp.TimeStampReq(asked).dump())


def failure(answer: bytes) -> str:
    status = tsp.PKIStatusInfo.load(tsp.TimeStampResp.load(answer).contents)
    assert status["status"].native == "rejection"
    return "".join(status["fail_info"].native)


def test_the_answer_carries_digest_time_nonce_and_policy() -> None:
    answer = tsp.TimeStampResp.load(stamper().answer(query(nonce=42, req_policy=POLICY)))
    assert answer["status"]["status"].native == "granted"
    token = timestamp_token.read(answer["time_stamp_token"].dump())
    assert (token.imprint, token.time, token.nonce) == (DIGEST, SIGNED, 42)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (b"rubbish", "bad_data_format"),
        (query("sha1", hashlib.sha1(b"words").digest()), "bad_alg"),
        (query(digest=b"short"), "bad_alg"),
        (query(req_policy="1.2.3"), "unaccepted_policy"),
    ],
)
def test_what_cannot_be_stamped_is_refused_in_the_answer(asked: bytes, expected: str) -> None:
    assert failure(stamper().answer(asked)) == expected


async def test_over_http() -> None:
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(application(stamper())), base_url="http://tsa.example"
    )
    headers = {"Content-Type": QUERY}
    good = await client.post("/tsa", content=query(), headers=headers)
    assert (good.status_code, good.headers["content-type"]) == (200, REPLY)
    assert (await client.post("/tsa", content=query())).status_code == 415
    assert (await client.post("/tsa", content=b"x" * (LARGEST_QUERY + 1), headers=headers)).status_code == 413
    assert (await client.get("/tsa")).status_code == 405


def test_only_digests_that_are_allowed_are_stamped() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        stamper().token("md5", bytes(16))


@pytest.mark.programs
def test_openssl_reads_the_answer(tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(stamper().answer(query()))
    (tmp_path / "refusal").write_bytes(stamper().answer(b"rubbish"))
    (tmp_path / "root.pem").write_bytes(stamp_root().pem)
    show = ["openssl", "ts", "-reply", "-text", "-in"]
    shown = subprocess.run([*show, "answer"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Status: Granted" in shown.stdout
    refused = subprocess.run([*show, "refusal"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Rejected" in refused.stdout
