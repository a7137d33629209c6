"""What a document takes on disk, everything counted: `python -m bench.disk [--database URL]`.

Signed packages of 30 KB with one attachment of noise, as a PDF or an archive is, each handed in, delivered to one
addressee and answered by it. Printed for each table with its indices: bytes a document, and beside the payload, which
is what was handed in: the document and its answer. The floor is the documents alone, as they are kept, without a row
around them. The write-ahead log is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bench.documents import RECEIVER, authority, unsigned
from bench.server import prepare
from bench.services import Services
from hub.app import Hub
from hub.config import load
from hub.model import Endpoint
from hub.store.database import engine
from hub.store.payloads import coding
from signing import xml

COUNT = 1_000
AT_ONCE = 20
SIZE = 30_000
ANSWER = "03"
PDF = b"%PDF-1.7\n", b"\n%%EOF\n"

OF_SQLITE = """SELECT coalesce(m.tbl_name, s.name), sum(s.pgsize) FROM dbstat s
    LEFT JOIN sqlite_master m ON m.name = s.name GROUP BY 1 ORDER BY 2 DESC"""
OF_POSTGRESQL = """SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC"""


def main() -> None:
    """Fill a fresh hub and print what each table takes."""
    options = argparse.ArgumentParser(prog="python -m bench.disk", description=__doc__)
    options.add_argument("--database", help="URL of an empty database; default: SQLite in a temporary folder")
    options.add_argument("--count", type=int, default=COUNT)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder), chosen.database, chosen.count))


async def run(folder: Path, database: str | None, count: int) -> None:
    """Hand documents in, take and answer each, and print."""
    ca = authority()
    key = ca.issue(organisation="Sở Thử nghiệm (mã minh họa)", common_name="Văn thư", now=datetime.now(UTC))
    prepare(folder / "hub", ca, Services(database, "memory:") if database else None)
    config = load(folder / "hub" / "edochub.toml")
    async with Hub.open(config) as hub:
        ends = await hub.endpoint("sender"), await hub.endpoint("receiver")
        made = []
        for first in range(1, count + 1, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, count + 1))
            contents = [xml.sign(_package(number), key) for number in numbers]
            made += await asyncio.gather(*(_document(hub, *ends, content) for content in contents))
    documents, floor, answers = (sum(column) for column in zip(*made, strict=True))
    _print(config.database_url, count, documents, floor, answers)


async def _document(hub: Hub, sender: Endpoint, receiver: Endpoint, content: bytes) -> tuple[int, int, int]:
    """Hand a document in, take and answer it. Return its octets, those of it as it is kept, and those of the answer."""
    accepted = await hub.accept(sender, content)
    await hub.take(receiver, accepted.deliveries[0].id)
    answer = await hub.answer(
        receiver, accepted.message.id, ANSWER, "Đã tiếp nhận", to=None, speaker=RECEIVER
    )
    await hub.take(sender, answer.deliveries[0].id)
    return len(content), len(coding.encoded(content)[0]), answer.message.size


def _print(url: str, count: int, documents: int, floor: int, answers: int) -> None:
    made = engine(sa.make_url(url), writes=False)
    sqlite = made.dialect.name == "sqlite"
    with made.connect() as connection:
        rows = connection.exec_driver_sql(OF_SQLITE if sqlite else OF_POSTGRESQL).all()
    made.dispose()
    each = f"{documents // count:,} bytes each, answers of {answers // count:,}"
    print(f"{made.dialect.name}: {count:,} documents of {each}")
    payload = documents + answers
    print(f"{'table':>24} {'bytes each':>11} {'of payload':>11}")
    total = sum(size for _, size in rows)
    for name, size in (*rows[:12], ("everything", total), ("floor", floor)):
        print(f"{name:>24} {size / count:>11,.0f} {size / payload:>11.3f}")


def _package(number: int) -> bytes:
    """Return a package whose attachment is noise between the ends of a PDF, not text of noise."""
    content = unsigned(number, SIZE)
    start = content.index(b">", content.index(b"ContentTransferEncoded")) + 1
    end = content.index(b"<", start)
    noise = os.urandom((end - start) // 4 * 3 - len(PDF[0]) - len(PDF[1]))
    return content[:start] + base64.b64encode(PDF[0] + noise + PDF[1]) + content[end:]


if __name__ == "__main__":
    main()
