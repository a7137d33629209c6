"""The bare cost of the parts that a document cannot do without, measured in the same run, in microseconds each.

Nothing of the hub is called: lxml, hashlib, cryptography, sqlite3 or psycopg, aio-pika and a bare ASGI application,
used as directly as Python allows. Their sum is what a hub made of these parts could at best need of the processor for
one document. Time of the processor, not of the clock, which also counts what else the machine does.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aio_pika
import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from bench.bare_http import requests_us
from bench.processes import cpu_seconds
from bench.services import Services

DS = "{http://www.w3.org/2000/09/xmldsig#}"
INLINE_BYTES = 65_536
GROUP = 20  # documents in one commit, as the writer sees under load
SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "edxml" / "xsd" / "lenient.xsd"


def each_us(documents: list[bytes], part: Callable[[bytes], object]) -> float:
    """Return the microseconds that a part takes for one document: the best of three passes."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        for document in documents:
            part(document)
        best = min(best, time.process_time() - started)
    return best / len(documents) * 1e6


def parse(document: bytes) -> etree._Element:
    """Parse as the hub must: no entities, no network, huge text allowed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    return etree.fromstring(document, parser)


def checker() -> Callable[[bytes], object]:
    """Return parse + schema + exclusive C14N + digest + signature, with nothing around them."""
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    keys: dict[str, object] = {}

    def check(document: bytes) -> None:
        root = parse(document)
        if not schema.validate(root.getroottree()):
            raise RuntimeError("the bench's own document does not fit the schema")
        signature = root.find(f".//{DS}Signature")
        assert signature is not None
        info = signature.find(f"{DS}SignedInfo")
        assert info is not None
        value = base64.b64decode(signature.findtext(f"{DS}SignatureValue", ""))
        certificate = signature.findtext(f".//{DS}X509Certificate", "")
        signed_info = etree.tostring(info, method="c14n", exclusive=True)
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
        digest = hashlib.sha256(etree.tostring(root, method="c14n", exclusive=True)).digest()
        if base64.b64encode(digest).decode() not in signed_info.decode():
            raise RuntimeError("the bench's own document does not have its digest")
        if certificate not in keys:
            keys[certificate] = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
        verify(keys[certificate], value, signed_info)

    return check


def verify(key: object, value: bytes, octets: bytes) -> None:
    """Verify one signature value; raises if it is wrong."""
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(value, octets, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePublicKey):
        half = len(value) // 2
        der = encode_dss_signature(int.from_bytes(value[:half]), int.from_bytes(value[half:]))
        key.verify(der, octets, ec.ECDSA(hashes.SHA256()))


def commits_us(documents: list[bytes]) -> float:
    """Return the microseconds for writing a document durably with sqlite3, twenty in a commit.

    Larger ones are files with an fsync each, and a row.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY, sha256 TEXT, content BLOB)")
        started = time.process_time()
        for group in groups(documents, Path(folder)):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO documents (sha256, content) VALUES (?, ?)", group)
            database.execute("COMMIT")
        spent = time.process_time() - started
        database.close()
    return spent / len(documents) * 1e6


def postgresql_us(documents: list[bytes], url: str) -> float:
    """Return the same for PostgreSQL through psycopg: its process and ours together."""
    conninfo = url.replace("postgresql+psycopg://", "postgresql://")
    with tempfile.TemporaryDirectory() as folder, psycopg.connect(conninfo) as database:
        database.execute("SET synchronous_commit = on")
        database.execute("CREATE TABLE floor (id SERIAL PRIMARY KEY, sha256 TEXT, content BYTEA)")
        database.commit()
        server = database.info.backend_pid
        started, theirs = time.process_time(), cpu_seconds(server)
        for group in groups(documents, Path(folder)):
            with database.cursor() as cursor:
                cursor.executemany("INSERT INTO floor (sha256, content) VALUES (%s, %s)", group)
            database.commit()
        spent = time.process_time() - started + cpu_seconds(server) - theirs
        database.execute("DROP TABLE floor")
    return spent / len(documents) * 1e6


def groups(documents: list[bytes], folder: Path) -> Iterator[list[tuple[str, bytes | None]]]:
    """Yield the rows of each commit; what is too large for a row is written to a file."""
    for first in range(0, len(documents), GROUP):
        rows: list[tuple[str, bytes | None]] = []
        for number, document in enumerate(documents[first : first + GROUP], first):
            if len(document) > INLINE_BYTES:
                write_file(folder / str(number), document)
            rows.append(("0" * 64, document if len(document) <= INLINE_BYTES else None))
        yield rows


def write_file(path: Path, content: bytes) -> None:
    """Write a file and wait for the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def tickets_us(url: str, count: int = 200) -> float:
    """Return the microseconds of this process for publishing a ticket with its confirm, and taking it: one a group."""

    async def run() -> float:
        connection = await aio_pika.connect(url)
        async with connection:
            channel = await connection.channel(publisher_confirms=True)
            queue = await channel.declare_queue(exclusive=True)
            started = time.process_time()
            for _ in range(count):
                await channel.default_exchange.publish(aio_pika.Message(b"[]"), routing_key=queue.name)
                taken = await queue.get()
                await taken.ack()
            return time.process_time() - started

    return asyncio.run(run()) / count / GROUP * 1e6


def floor_us(
    documents: list[bytes], size: int, services: Services | None = None, receivers: int = 1
) -> dict[str, float]:
    """Return the parts of the floor for documents of a size."""
    count = max(40, 400 // receivers)
    parts = {
        "check": each_us(documents, checker()),
        "commit": postgresql_us(documents, services.database) if services else commits_us(documents),
        "http": requests_us(size, count, receivers),
    }
    return {**parts, "broker": tickets_us(services.broker) if services else 0.0}
