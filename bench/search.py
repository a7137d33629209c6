"""What it costs to find documents among years of them: `python -m bench.search --messages 1000000`.

A PostgreSQL database is filled past the hub (`bench.filling`), read for searching as a hub does it (`hub.indexing`),
and asked as people ask. `--keep` leaves it there for the next run, which then only asks; without, it is dropped.
`--plans` prints what PostgreSQL does.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import sqlalchemy as sa

from bench.filling import COMMUNES, Filled, fill
from bench.scale import SERVER, made
from hub import finding, log
from hub.directory import Directory
from hub.finding import Criteria, Search
from hub.finding_terms import Term, addressee, sender
from hub.indexing import Indexing
from hub.model import DeliveryState
from hub.store import search as store
from hub.store.database import engine, migrate
from hub.testing import Box, hub_in_a_box, settings
from schemas.edxml.envelope import PackageKind

ASKED = 60  # times, each in its own words

WORDS = """
xây dựng cầu đường giao thông thủy lợi ngân sách quy hoạch đất đai môi trường giáo dục đào tạo y tế nông thôn mới
chuyển đổi số cải cách hành chính phòng chống thiên tai lao động xã hội du lịch thương mại đầu tư pháp thanh tra
""".split()  # noqa: SIM905 - read as they are spoken
# Subjects as various as real ones: five words more, each with each.
VARIED = "UPDATE messages SET subject = subject || ' ' || concat_ws(' ', {}) WHERE subject LIKE '%kế hoạch của tỉnh'"


def main() -> None:
    """Fill, read, ask, print."""
    options = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--server", default=SERVER, help="without a database")
    options.add_argument("--database", default="edochub_search")
    options.add_argument("--keep", action="store_true")
    options.add_argument("--plans", action="store_true")
    chosen = options.parse_args()
    log.silence()
    url = f"{chosen.server}/{chosen.database}"
    made(url, anew=False)
    filled = engine(sa.make_url(url), writes=True)
    try:
        migrate(filled)
        there = fill(filled, chosen.messages, 20_000)
        vary(filled)
        asyncio.run(measure(url, there, plans=chosen.plans))
    finally:
        filled.dispose()
        if not chosen.keep:
            drop(url)


def vary(filled: sa.Engine) -> None:
    """Give the subjects words that real ones have; those that have them keep them."""
    words = "ARRAY[" + ",".join(f"'{word}'" for word in WORDS) + "]"
    chosen = ", ".join(
        f"({words})[1 + (('x' || substr(md5(id || '{n}'), 1, 6))::bit(24)::int % {len(WORDS)})]"
        for n in range(5)
    )
    with filled.begin() as connection:
        connection.execute(sa.text("SET LOCAL synchronous_commit = off"))
        connection.execute(sa.text(VARIED.format(chosen)))


def drop(url: str) -> None:
    """Drop the database."""
    target = sa.make_url(url)
    server = sa.create_engine(target.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{target.database}" WITH (FORCE)'))
    server.dispose()


async def measure(url: str, there: Filled, *, plans: bool) -> None:
    """Read what is to be read, then ask in each way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with hub_in_a_box(folder, config=settings(folder, url)) as box:
            await read_all(box)
            await box.hub.store.read_alone(sizes)
            for what, question in questions(there).items():
                took, found = [], []
                for number in range(ASKED):
                    search = question(random.Random(number))
                    began = time.perf_counter()
                    page = await box.hub.store.read_alone(partial(finding.find, search=search))
                    took.append((time.perf_counter() - began) * 1e3)
                    found.append(len(page.found))
                slowest = quantiles(took, n=100)[98]
                print(
                    f"{what:<52} {median(took):>8.1f} {slowest:>8.1f} ms {sum(found) / ASKED:>7.1f} found",
                    flush=True,
                )
            if plans:
                await box.hub.store.read_alone(lambda connection: explain(connection))


async def read_all(box: Box) -> None:
    """Read the ledger for searching, as fast as it goes; say how fast."""
    indexing: Indexing = box.hub.indexing
    began, events, writing = time.perf_counter(), 0, []
    while True:
        step = time.perf_counter()
        read = await indexing.read_some()
        if not read:
            break
        writing.append(time.perf_counter() - step)
        events += read
    if events:
        took = time.perf_counter() - began
        slowest = quantiles(writing, n=100)[98] * 1e3 if len(writing) > 1 else writing[0] * 1e3
        print(
            f"read {events:,} events in {took:,.0f} s: {events / took:,.0f} a second; "
            f"a batch {median(writing) * 1e3:.0f} ms, 99 of 100 {slowest:.0f} ms",
            flush=True,
        )
        await box.hub.store.read_alone(
            lambda connection: connection.execute(sa.text("VACUUM ANALYZE search_documents"))
        )


def sizes(connection: sa.Connection) -> None:
    """Print what searching takes beside the rest."""
    for name in ("messages", "search_documents", "ix_search_documents_terms", "search_words", "search_ends"):
        size = connection.scalar(sa.text(f"SELECT pg_total_relation_size('{name}')"))
        print(f"{name:<52} {size / 1e6:>8,.0f} MB", flush=True)


def questions(there: Filled) -> dict[str, Callable[[random.Random], Search]]:
    """Return the ways in which people ask, each made anew with chance."""
    messages, first = there.messages, there.at(0).date()
    month = {"since": first + timedelta(days=30), "until": first + timedelta(days=57)}
    day = first + timedelta(days=58)

    def ask(**known: object) -> Search:
        return finding.prepared(Criteria(**known), Directory())  # type: ignore[arg-type]

    def of(search: Search, **terms: str) -> Search:
        clauses = [(Term(term),) for term in terms.values()]
        return Search(
            criteria=search.criteria,
            clauses=(*search.clauses, *clauses),
            since=search.since,
            until=search.until,
        )

    def from_agency(chance: random.Random) -> str:
        return sender("A" + f"{chance.randrange(421):025}")

    def to_agency(chance: random.Random) -> str:
        return addressee("B" + f"{chance.randrange(COMMUNES):025}")

    def some(chance: random.Random, many: int) -> str:
        return " ".join(chance.sample(WORDS, many))

    return {
        "number and notation": lambda c: ask(number=f"{c.randrange(messages)}/CV-STN"),
        "number": lambda c: ask(number=str(c.randrange(messages))),
        "DocumentId": lambda c: ask(
            document_id=(lambda n: f"H49.{n % 421},2025/03/04,{n}/CV-STN")(c.randrange(messages))
        ),
        "a word that all have": lambda _: ask(words="trien khai"),
        "the beginning of a word (2 letters)": lambda c: ask(words=some(c, 1)[:2]),
        "two words": lambda c: ask(words=some(c, 2)),
        "three words": lambda c: ask(words=some(c, 3)),
        "five words": lambda c: ask(words=some(c, 5)),
        "a number in the subject": lambda c: ask(words=f"nhiem vu {c.randrange(messages)}"),
        "sender": lambda c: of(ask(), f=from_agency(c)),
        "addressee": lambda c: of(ask(), t=to_agency(c)),
        "sender, addressee": lambda c: of(ask(), f=from_agency(c), t=to_agency(c)),
        "sender, two words": lambda c: of(ask(words=some(c, 2)), f=from_agency(c)),
        "addressee, a word, a month long ago": lambda c: of(ask(words=some(c, 1), **month), t=to_agency(c)),
        "kind and a day": lambda _: ask(kind=PackageKind.NEW, since=day, until=day),
        "a kind that there is none of": lambda _: ask(kind=PackageKind.REVOKE),
        "state: queued, a word": lambda c: ask(words=some(c, 1), state=DeliveryState.QUEUED),
        "state: delivered, a word": lambda c: ask(words=some(c, 1), state=DeliveryState.DELIVERED),
        "state: held": lambda _: ask(state=DeliveryState.HELD),
        "state: refused": lambda _: ask(state=DeliveryState.REFUSED),
        "no word at all": lambda _: ask(),
    }


def explain(connection: sa.Connection) -> None:
    """Print how PostgreSQL finds two words in the blocks of a search."""
    connection.exec_driver_sql("SET enable_seqscan = off")
    for level in (0, 3):
        asked = f"'b{level}.0' & 'wxay' & 'wcau'"
        rows = connection.execute(
            sa.text(
                "EXPLAIN (ANALYZE, BUFFERS) SELECT seq, message, at FROM search_documents "
                f"WHERE terms @@ CAST(:asked AS tsquery) LIMIT {store.TOO_MANY}"
            ),
            {"asked": asked},
        )
        print(f"\n{asked}")
        for (line,) in rows:
            print(f"  {line}")
    connection.exec_driver_sql("RESET enable_seqscan")


if __name__ == "__main__":
    main()
