"""Bring a PostgreSQL database to the size of years: documents that were accepted, delivered and acknowledged.

The rows are made by the database itself and look like those of real documents: an addressee in one of 3,321 communes, a
verdict, three events, an attempt. The hash chain of these events is made up, so the ledger of such a database does not
verify; everything that asks for rows finds them as it would find real ones. Payloads are a few octets each.
"""

from __future__ import annotations

import sys
import time

import sqlalchemy as sa

from hub.store import tables

STEP = 500_000  # documents in one transaction
COMMUNES = 3_321

# Left out while rows come by the million, made again afterwards at once: secondary indices, and what costs a look-up
# or an entry in a random place for each row.
_REBUILT = ("messages", "deliveries", "events")
_LOOSENED = (
    ("deliveries", "fk_deliveries_message", "FOREIGN KEY (message) REFERENCES messages (id)"),
    ("attempts", "fk_attempts_delivery", "FOREIGN KEY (delivery) REFERENCES deliveries (id)"),
    ("messages", "uq_messages_idempotency_key", "UNIQUE (idempotency_key)"),
    ("payloads", "pk_payloads", "PRIMARY KEY (sha256)"),
)

_ID = "lpad(upper(to_hex({kind})), 2, '0') || lpad(n::text, 24, '0')"
_MESSAGE, _DELIVERY = _ID.format(kind=1), _ID.format(kind=2)
_AT = "timestamptz '2023-01-02 01:00:00Z' + n * interval '9 seconds'"
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


def fill(engine: sa.Engine, messages: int, still_open: int = 0) -> None:
    """Bring the tables up to so many documents, the newest `still_open` of them on their way. Says how far it is."""
    with engine.begin() as connection:
        there = connection.execute(sa.text("SELECT count(*) FROM messages")).scalar_one()
    if there >= messages:
        return
    _without_indices(engine)
    began = time.monotonic()
    for low in range(there + 1, messages + 1, STEP):
        high = min(low + STEP - 1, messages)
        with engine.begin() as connection:
            connection.execute(sa.text("SET LOCAL synchronous_commit = off"))
            given = {"low": low, "high": high, "verdicts": _VERDICTS, "closed": messages - still_open}
            for statement in STATEMENTS:
                connection.execute(sa.text(statement), _used(statement, given))
        print(
            f"  filled {high:,} of {messages:,} ({time.monotonic() - began:,.0f} s)",
            file=sys.stderr,
            flush=True,
        )
    _with_indices(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM (ANALYZE)"))


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
