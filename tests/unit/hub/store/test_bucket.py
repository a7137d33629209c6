"""The bucket, against moto's S3 server on the loopback."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest
from moto.server import ThreadedMotoServer

from hub.config import StorageSettings
from hub.errors import Fault, Misconfigured, Unavailable
from hub.store.payloads import Elsewhere, Payloads, bucket, coding
from hub.store.payloads.bucket import Bucket
from hub.store.payloads.folder import Folder
from hub.store.payloads.spool import Spools
from schemas.spooled import Spooled


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def kept(service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Payloads:
    import boto3  # type: ignore[import-untyped]

    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    name = f"b{secrets.token_hex(6)}"
    client = boto3.client(
        "s3",
        endpoint_url=service,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket=name)
    return at(service, f"s3://{name}/goi-tin", tmp_path)


def at(service: str, address: str, folder: Path) -> Payloads:
    spools = Spools(folder)
    settings = StorageSettings(bucket=address, bucket_endpoint=service)
    made = Bucket.of(settings, spools, before=Folder(folder))
    return Payloads(made, spools, inline_bytes=100, memory_bytes=10_000)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [101, 10_001, 6_000_000])
def test_what_is_put_into_a_bucket_comes_back(kept: Payloads, tmp_path: Path, size: int) -> None:
    content = secrets.token_bytes(size)
    spool = kept.spools.new()
    spool.write([content])
    for package in (content, spool.package()):
        kept.put(package, digest(content))
    found = kept.open(Elsewhere(digest(content), size))
    assert isinstance(found, Spooled) is (size > 10_000)
    assert (found.read() if isinstance(found, Spooled) else found) == content
    (held,) = kept.large.held()
    assert held.sha256 == digest(content)
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_was_changed_or_is_gone_is_a_fault(kept: Payloads) -> None:
    content = secrets.token_bytes(20_000)
    kept.put(content, digest(content))
    (held,) = kept.large.held()
    assert isinstance(kept.large, Bucket)
    for harm in (b"nothing that can be decoded", b"".join(coding.pieces(content[::-1]))):
        obstore.put(kept.large.objects, held.name, harm)
        with pytest.raises(Fault):
            kept.open(Elsewhere(digest(content), len(content)))
        with pytest.raises(Fault):
            kept.large.check(digest(content), len(content))
    obstore.delete(kept.large.objects, held.name)
    with pytest.raises(Fault):
        kept.open(Elsewhere(digest(content), len(content)))


def test_what_was_in_the_folder_before_there_was_a_bucket_is_still_read(
    kept: Payloads, tmp_path: Path
) -> None:
    content = secrets.token_bytes(20_000)
    Folder(tmp_path).put(content, digest(content))
    found = kept.open(Elsewhere(digest(content), len(content)))
    assert isinstance(found, Spooled)
    assert found.read() == content


def test_only_what_is_old_is_removed(kept: Payloads) -> None:
    content = secrets.token_bytes(200)
    kept.put(content, digest(content))
    (held,) = kept.large.held()
    now = datetime.now(UTC)
    assert not kept.large.remove(held, now - timedelta(hours=1))
    assert kept.large.remove(held, now + timedelta(hours=1))
    assert kept.large.remove(held, now + timedelta(hours=1))
    assert list(kept.large.held()) == []


def test_a_service_that_does_not_answer_is_unavailable(
    kept: Payloads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "RETRIES", 0)
    dead = at("http://127.0.0.1:9", "s3://some/where", tmp_path)
    content = secrets.token_bytes(200)
    for ask in (
        lambda: dead.put(content, digest(content)),
        lambda: dead.open(Elsewhere(digest(content), 200)),
        lambda: list(dead.large.held()),
    ):
        with pytest.raises(Unavailable):
            ask()


def test_an_address_that_is_no_bucket_is_complained_about(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        at("http://127.0.0.1:9", "kho-goi-tin", tmp_path)
