"""Bring a PostgreSQL database to the size of years: documents that were accepted, delivered and acknowledged.

The rows are made by the database itself and look like those of real documents: an addressee in one of 3,321 communes, a
verdict, three events, an attempt, and of nine in ten the word that they were registered. One comes every nine seconds,
the last one now, and the ids tell the time as real ones do. The hash chain of these events is made up, so the ledger
of such a database does not verify; everything that asks for rows finds them as it would find real ones. Payloads are a
few octets each.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from hub.ids import ALPHABET, first_id
from hub.store import tables

STEP = 500_000  # documents in one transaction
COMMUNES = 3_321
EVERY = timedelta(seconds=9)  # a document


@dataclass(frozen=True, slots=True)
class Filled:
    """What a database was filled with: documents 1 to `messages`, each `EVERY` after the one before."""

    messages: int
    beginning: datetime  # whole seconds

    def at(self, number: int) -> datetime:
        """Return when a document was accepted."""
        return self.beginning + number * EVERY

    def message(self, number: int) -> str:
        """Return the id of a document."""
        return self._id("01", number)

    def delivery(self, number: int) -> str:
        """Return the id of its delivery."""
        return self._id("02", number)

    def _id(self, kind: str, number: int) -> str:
        return f"{first_id(self.at(number))[:10]}{kind}{number:014}"


# Left out while rows come by the million, made again afterwards at once: secondary indices, and what costs a look-up
# or an entry in a random place for each row.
_REBUILT = ("messages", "deliveries", "events")
_LOOSENED = (
    ("deliveries", "fk_deliveries_message", "FOREIGN KEY (message) REFERENCES messages (id)"),
    ("attempts", "fk_attempts_delivery", "FOREIGN KEY (delivery) REFERENCES deliveries (id)"),
    ("messages", "uq_messages_idempotency_key", "UNIQUE (idempotency_key)"),
    ("payloads", "pk_payloads", "PRIMARY KEY (sha256)"),
)

_AT = f"CAST(:beginning AS timestamptz) + n * interval '{EVERY.total_seconds()} seconds'"
_LETTERS = " || ".join(
    f"substr('{ALPHABET}', 1 + ((ms >> {5 * place}) & 31)::int, 1)" for place in range(9, -1, -1)
)
_TELL_TIME = f"""CREATE OR REPLACE FUNCTION pg_temp.letters(ms bigint) RETURNS text IMMUTABLE LANGUAGE sql
    AS $$ SELECT {_LETTERS} $$"""
_ID = "pg_temp.letters((extract(epoch FROM {at}) * 1000)::bigint) || '{kind}' || lpad(n::text, 14, '0')"
_MESSAGE, _DELIVERY, _STATUS = (_ID.format(at=_AT, kind=kind) for kind in ("01", "02", "03"))
_CODE = "'H49.' || (n % 421)"
_DIGEST = "encode(sha256(('payload ' || n)::bytea), 'hex')"

_VERDICTS = (
    '[{"form":"xmldsig","outcome":"valid","signer":"Văn thư Sở Thử nghiệm","subject":"CN=Văn thư Sở Thử nghiệm,O=Sở Thử'
    ' nghiệm (mã minh họa),C=VN","algorithm":"rsa-sha256","checked_at":"2026-11-20T02:00:00+00:00","reasons":[]}]'
)

STATEMENTS = (
    f"""INSERT INTO payloads (sha256, size, content, stored_at)
        SELECT {_DIGEST}, 30000, 'filled'::bytea, {_AT} FROM generate_series(:low, :high) AS n""",
    f"""INSERT INTO messages (id, idempotency_key, kind, sender, sender_name, sender_agency, endpoint, document_id,
            code, subject, priority, promulgated_on, sha256, size, findings, verdicts, accepted_at, judgings)
        SELECT {_MESSAGE}, encode(sha256(('key ' || n)::bytea), 'hex'), 'new', {_CODE},
            'Sở Thử nghiệm số ' || (n % 421), 'A' || lpad((n % 421)::text, 25, '0'), 'system-' || (n % 421),
            {_CODE} || ',2025/03/04,' || n || '/CV-STN', n || '/CV-STN',
            'V/v triển khai nhiệm vụ số ' || n || ' theo kế hoạch của tỉnh', 0, ({_AT})::date, {_DIGEST}, 30000,
            '[]', :verdicts, {_AT}, 0 FROM generate_series(:low, :high) AS n""",
    f"""INSERT INTO deliveries (id, message, addressee, agency, endpoint, state, priority, attempts, next_try_at,
            created_at, updated_at)
        SELECT {_DELIVERY}, {_MESSAGE}, 'H49.X' || (n % {COMMUNES}), 'B' || lpad((n % {COMMUNES})::text, 25, '0'),
            'commune-' || (n % {COMMUNES}), CASE WHEN n > :closed THEN 'queued' ELSE 'delivered' END, 0,
            CASE WHEN n > :closed THEN 0 ELSE 1 END, CASE WHEN n > :closed THEN {_AT} END, {_AT}, {_AT}
        FROM generate_series(:low, :high) AS n""",
    f"""INSERT INTO attempts (delivery, number, started_at, ended_at, outcome)
        SELECT {_DELIVERY}, 1, {_AT}, {_AT}, 'delivered' FROM generate_series(:low, least(:high, :closed)) AS n""",
    f"""INSERT INTO statuses (id, message, sender, sender_agency, "to", code, description, stated_at, recorded_at, note,
            document, agency)
        SELECT {_STATUS}, {_MESSAGE}, 'H49.X' || (n % {COMMUNES}), 'B' || lpad((n % {COMMUNES})::text, 25, '0'),
            {_CODE}, '03', 'Đã tiếp nhận', {_AT}, {_AT}, 'applied', {_MESSAGE},
            'B' || lpad((n % {COMMUNES})::text, 25, '0')
        FROM generate_series(:low, least(:high, :closed)) AS n WHERE n % 10 > 0""",
    f"""INSERT INTO events (seq, at, kind, message, delivery, actor, body, hash)
        SELECT 3 * (n - 1) + step, {_AT},
            (ARRAY['document.accepted', 'delivery.sending', 'delivery.delivered'])[step],
            {_MESSAGE}, CASE WHEN step = 1 THEN NULL ELSE {_DELIVERY} END, 'endpoint:system-' || (n % 421),
            json_build_object('actor', 'endpoint:system-' || (n % 421), 'at', {_AT}, 'delivery', {_DELIVERY},
                'details', json_build_object('attempt', 1, 'state', 'delivered', 'remote_id', {_MESSAGE}),
                'kind', 'delivery.delivered', 'message', {_MESSAGE}, 'seq', 3 * (n - 1) + step),
            encode(sha256(('event ' || n || ' ' || step)::bytea), 'hex')
        FROM generate_series(:low, :high) AS n, generate_series(1, 3) AS step""",
)


def fill(engine: sa.Engine, messages: int, still_open: int = 0) -> Filled:
    """Bring the tables up to so many documents, the newest `still_open` of them on their way. Says how far it is.

    Raises `SystemExit` for a database that was filled with fewer documents: these could come only in the future.
    """
    with engine.begin() as connection:
        there = connection.execute(
            sa.text("SELECT count(*) FROM payloads WHERE content = 'filled'")
        ).scalar_one()
        first = connection.execute(sa.text("SELECT min(accepted_at) FROM messages")).scalar_one()
    beginning = (
        datetime.now(UTC).replace(microsecond=0) - messages * EVERY if first is None else first - EVERY
    )
    filled = Filled(messages, beginning)
    if filled.at(messages) > datetime.now(UTC):
        raise SystemExit(f"{engine.url.database} is made for fewer documents: drop it first")
    if there >= messages:
        return filled
    _without_indices(engine)
    began = time.monotonic()
    for low in range(there + 1, messages + 1, STEP):
        high = min(low + STEP - 1, messages)
        with engine.begin() as connection:
            connection.execute(sa.text("SET LOCAL synchronous_commit = off"))
            connection.execute(sa.text(_TELL_TIME))
            given = {"low": low, "high": high, "verdicts": _VERDICTS, "closed": messages - still_open}
            for statement in STATEMENTS:
                connection.execute(sa.text(statement), _used(statement, given | {"beginning": beginning}))
        print(
            f"  filled {high:,} of {messages:,} ({time.monotonic() - began:,.0f} s)",
            file=sys.stderr,
            flush=True,
        )
    _with_indices(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM (ANALYZE)"))
    return filled


def _used(statement: str, given: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in given.items() if f":{name}" in statement}


def _indices() -> list[sa.Index]:
    return [index for name in _REBUILT for index in tables.metadata.tables[name].indexes]


def _without_indices(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for index in _indices():
            index.drop(connection, checkfirst=True)
        for table, name, _ in _LOOSENED:
            connection.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}"))


def _with_indices(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL maintenance_work_mem = '1GB'"))
        for index in _indices():
            index.create(connection, checkfirst=True)
        for table, name, definition in reversed(_LOOSENED):
            connection.execute(sa.text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))
