"""The tables, once, for SQLite and PostgreSQL alike. `migrations/` brings a database to this shape.

Times are UTC; digests lower-case hex; JSON is kept as text, written by us in one canonical form.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy import false as sa_false
from sqlalchemy.dialects import postgresql

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, whatever the database makes of time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they are a bug of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected an aware datetime, got {value!r}")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give SQLite's naive times their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def digest(name: str, **options: object) -> Column[str]:
    """Return a column for a SHA-256 in hex."""
    return Column(name, String(64), **options)  # type: ignore[arg-type]


def of_any_length(column: str) -> Index:
    """Return an index for looking up what a stranger wrote: PostgreSQL's B-trees take no more than 2,704 bytes."""
    return Index(None, column, postgresql_using="hash")


ID = String(26)
CODE = String(64)  # 35 by QĐ 20/2020; the rest is room for test codes

# --- payloads: the bytes exactly as received, once each -----------------------------------------------------------

payloads = Table(
    "payloads",
    metadata,
    digest("sha256", primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary),  # None: it is in the store of large packages
    Column("encoding", String(8)),  # of the content; None: as it came
    Column("stored_at", Instant, nullable=False),
)

# --- messages and deliveries --------------------------------------------------------------------------------------

messages = Table(
    "messages",
    metadata,
    Column("id", ID, primary_key=True),
    digest("idempotency_key", nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("sender", CODE, nullable=False),
    Column("sender_name", Text, nullable=False),
    Column("sender_agency", ID, nullable=False),
    Column("endpoint", String(64), nullable=False),
    Column("document_id", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("promulgated_on", Date),
    Column("due_on", Date),
    Column("status_code", String(8)),
    Column("about", ID),
    Column("document", ID),  # of a later version, or a revocation: the first version
    digest("sha256", nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("findings", Text, nullable=False),
    Column("verdicts", Text, nullable=False),
    Column("findings_small", LargeBinary),  # in place of the text, which is [] then: hub/store/compact.py
    Column("verdicts_small", LargeBinary),
    Column("accepted_at", Instant, nullable=False),
    Column("judge_at", Instant),  # when signatures are to be judged (again); None: nothing is left to settle
    Column("judgings", Integer, nullable=False, default=0, server_default="0"),
    of_any_length("document_id"),
    of_any_length("code"),
    Index(None, "about"),
    Index(None, "accepted_at"),
)
# Most messages are first versions without a due date, and cost nothing here.
for rare in (messages.c.document, messages.c.due_on, messages.c.judge_at):
    Index(
        f"ix_messages_{rare.name}", rare, sqlite_where=rare.is_not(None), postgresql_where=rare.is_not(None)
    )

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("message", ID, ForeignKey("messages.id"), nullable=False),
    Column("addressee", CODE, nullable=False),
    Column("agency", ID, nullable=False),
    Column("endpoint", String(64)),
    Column("state", String(20), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", Instant),
    Column("claimed_by", String(64)),
    Column("claimed_until", Instant),
    Column("reason", Text),  # JSON of a Text
    Column("remote_id", Text),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("message", "agency"),
)

# Work to do and inboxes: the open deliveries of an endpoint, most urgent and oldest first.
OPEN_STATES = ("queued", "waiting_for_retry", "sending", "available")
Index(
    "ix_deliveries_open",
    deliveries.c.endpoint,
    deliveries.c.state,
    deliveries.c.next_try_at,
    sqlite_where=deliveries.c.state.in_(OPEN_STATES),
    postgresql_where=deliveries.c.state.in_(OPEN_STATES),
)
# What a node was sending when it fell silent.
Index(
    "ix_deliveries_sending",
    deliveries.c.claimed_by,
    sqlite_where=deliveries.c.state == "sending",
    postgresql_where=deliveries.c.state == "sending",
)
# What a person must look at.
STUCK_STATES = ("held", "suspended")
Index(
    "ix_deliveries_stuck",
    deliveries.c.state,
    sqlite_where=deliveries.c.state.in_(STUCK_STATES),
    postgresql_where=deliveries.c.state.in_(STUCK_STATES),
)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery", ID, ForeignKey("deliveries.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("detail", Text),  # JSON of a Text
)

statuses = Table(
    "statuses",
    metadata,
    Column("id", ID, primary_key=True),  # the message that is the status package
    Column("message", ID),  # the document it is about
    Column("sender", CODE, nullable=False),
    Column("sender_agency", ID, nullable=False),
    Column("to", CODE, nullable=False),
    Column("code", String(8), nullable=False),
    Column("description", Text, nullable=False),
    Column("stated_at", Instant),
    Column("recorded_at", Instant, nullable=False),
    Column("note", String(16), nullable=False),
    Column("document", ID),  # its first version
    Column("agency", ID),  # the addressee whose standing it belongs to
    Index(None, "message"),
    Index(None, "document"),
)

# What packages of a sender ask of an addressee about a version of a document: hub/exchange.
requests = Table(
    "requests",
    metadata,
    Column("message", ID, primary_key=True),  # the package that asks
    Column("agency", ID, primary_key=True),
    Column("about", ID, primary_key=True),  # the version; the package itself, when nothing earlier is known
    Column("document", ID, nullable=False),  # the first version
    Column("kind", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "about"),
    Index(None, "document"),
    Index(None, "at"),
)

# Which documents a document says it answers (ResponseFor): with that, a DueDate is met.
replies = Table(
    "replies",
    metadata,
    Column("message", ID, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("agency", ID, nullable=False),  # who replies
    Column("document_id", Text, nullable=False),
    of_any_length("document_id"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("endpoint", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("message", Text, nullable=False),  # JSON of a Text
    Column("findings", Text, nullable=False),
    digest("sha256"),
    Column("size", BigInteger, nullable=False),
    Column("sender", Text),
    Column("document_id", Text),
    Column("document_code", Text),  # number and notation; None: not read, or refused before they were kept
    Index(None, "at"),
    of_any_length("document_id"),
    of_any_length("document_code"),
)

# --- the ledger: append-only, chained by hash ---------------------------------------------------------------------

events = Table(
    "events",
    metadata,
    # BigInteger would not become SQLite's rowid, which costs an index.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(48), nullable=False),
    Column("message", ID),
    Column("delivery", ID),
    Column("actor", String(80), nullable=False),
    Column("body", Text, nullable=False),  # the canonical JSON that the hash is taken of
    digest("hash", nullable=False),
    Index(None, "message"),
)

# The Merkle tree over the events: 256 hashes a tile (C2SP tlog-tiles). Event n is entry n - 1.
ledger_tiles = Table(
    "ledger_tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),  # one after the other; fewer than 256 in the last tile
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),  # events in the tree
    digest("root", nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),  # signed, as it is published
    Column("timestamp", LargeBinary),  # TimeStampToken over the note, when it has come
    Column("published_at", Instant),  # into the folder of the settings, with all that it was to have
)
Index(
    "ix_checkpoints_unpublished",
    checkpoints.c.size,
    sqlite_where=checkpoints.c.published_at.is_(None),
    postgresql_where=checkpoints.c.published_at.is_(None),
)

# --- who there is -------------------------------------------------------------------------------------------------

agencies = Table(
    "agencies",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", String(16), nullable=False),
    Column("parent", CODE),
)

agency_codes = Table(
    "agency_codes",
    metadata,
    Column("value", CODE, primary_key=True),
    Column("agency", ID, ForeignKey("agencies.id"), nullable=False, index=True),
    Column("scheme", String(16), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("successors", Text, nullable=False),  # codes, separated by one blank
    Column("position", Integer, nullable=False),  # order within the agency: the first is shown
)

# Which certificates are known to be an agency's: hub/holders.py.
agency_certificates = Table(
    "agency_certificates",
    metadata,
    digest("sha256", primary_key=True),  # of the DER
    Column("agency", ID, ForeignKey("agencies.id"), primary_key=True, index=True),
    Column("subject", Text, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("added_at", Instant, nullable=False),
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("adapter", String(64), nullable=False),
    Column("address", Text),
    Column("polls", Boolean, nullable=False),
    Column("signatures", String(16), nullable=False),
    Column("attachments", String(16), nullable=False, server_default="default"),
    Column("dialect", String(16), nullable=False, server_default="vnpt"),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    Column("limits", Text),  # JSON of what it has of its own: hub/limits.py
)

endpoint_agencies = Table(
    "endpoint_agencies",
    metadata,
    Column("agency", ID, ForeignKey("agencies.id"), primary_key=True),  # one endpoint speaks for an agency
    Column("endpoint", String(64), ForeignKey("endpoints.id"), nullable=False, index=True),
)

routes = Table(
    "routes",
    metadata,
    Column("pattern", CODE, primary_key=True),  # H49.*, *.H49, a code, or *
    Column("endpoint", String(64), ForeignKey("endpoints.id")),  # None: its codes are this hub's own
)

credentials = Table(
    "credentials",
    metadata,
    digest("lookup", primary_key=True),  # HMAC of the secret under the master key
    Column("endpoint", String(64), ForeignKey("endpoints.id"), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),  # the secret, AES-256-GCM under the master key
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
)

# --- the nodes: hub/duties.py --------------------------------------------------------------------------------------

nodes = Table(
    "nodes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("beat", BigInteger, nullable=False),  # counts on while the node lives
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),  # for people; nodes go by the beat
)

duties = Table(
    "duties",
    metadata,
    Column("name", String(96), primary_key=True),
    Column("node", String(64)),  # who has it; None: nobody
    Column("last_at", Instant),  # of one that comes round: its last turn
)

# --- the people who use the console: hub/accounts.py ----------------------------------------------------------------

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("person", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("agency", ID),  # of the role "agency": whose documents it sees
    Column("password", Text),  # argon2id; None: it comes through the identity provider only
    Column("subject", Text, unique=True),  # issuer and subject of an identity provider
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    digest("token", primary_key=True),  # SHA-256 of what the browser holds
    Column("account", String(64), ForeignKey("accounts.name"), nullable=False, index=True),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)

# --- finding documents: hub/finding.py. All of it is made of the rest, by who follows the ledger ---------------------

search_documents = Table(
    "search_documents",
    metadata,
    # Of the event by which it was accepted: these numbers are in the order of the commits.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("message", ID, nullable=False),
    Column("at", Instant, nullable=False),  # of its acceptance
    Column("terms", Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
)
Index(
    "ix_search_documents_terms",
    search_documents.c.terms,
    postgresql_using="gin",
    # What is not merged into the index yet is read by every search, and merged by one insert: both stay short.
    postgresql_with={"gin_pending_list_limit": "256"},
    sqlite_where=sa_false(),  # SQLite has an index of its own kind instead: hub/store/search.py
)

# Every word there is, for words of which only the beginning is asked for.
search_words = Table("search_words", metadata, Column("term", String(64), primary_key=True))

# Deliveries that ended as few do, under their document's number.
search_ends = Table(
    "search_ends",
    metadata,
    Column("state", String(20), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
)

# --- running for years: hub/running ---------------------------------------------------------------------------------

alerts = Table(
    "alerts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", String(160), nullable=False),  # what is wrong, and with whom: one that is open at a time
    Column("kind", String(32), nullable=False),
    Column("words", Text, nullable=False),  # JSON of a Text, as it was last
    Column("urgent", Boolean, nullable=False),  # told in quiet hours too
    Column(
        "stage", String(16), nullable=False
    ),  # of one that is told again when it comes closer: 60, 30, 7, 1
    Column("since", Instant, nullable=False),
    Column("until", Instant),  # None: it is still so
    Index(None, "since"),
)
Index(
    "ix_alerts_open",
    alerts.c.key,
    unique=True,
    sqlite_where=alerts.c.until.is_(None),
    postgresql_where=alerts.c.until.is_(None),
)

alert_notices = Table(
    "alert_notices",
    metadata,
    Column("alert", ID, ForeignKey("alerts.id"), primary_key=True),
    Column("phase", String(24), primary_key=True),  # start, start:30, end
    Column("channel", String(16), primary_key=True),  # mail, webhook
    Column("bundle", ID, nullable=False),  # what is told in one message; by it a repeat is known
    Column("words", Text, nullable=False),  # as they are told, also the second time
    Column("made_at", Instant, nullable=False),
    Column("told_at", Instant),
)
Index(
    "ix_alert_notices_untold",
    alert_notices.c.bundle,
    sqlite_where=alert_notices.c.told_at.is_(None),
    postgresql_where=alert_notices.c.told_at.is_(None),
)

# Messages whose package was removed when its time was over: hub/running/retention.py. The ledger says it too.
removals = Table(
    "removals",
    metadata,
    Column("message", ID, primary_key=True),
    digest("sha256", nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("policy", String(64), nullable=False),  # the setting, and its days
    Column("exported", Text),  # the file that the evidence was written to
    Column("file_left", Boolean, nullable=False),  # a large one: its file is still to be removed
)
Index(
    "ix_removals_file_left",
    removals.c.at,
    sqlite_where=removals.c.file_left,
    postgresql_where=removals.c.file_left,
)

settings = Table(
    "settings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
