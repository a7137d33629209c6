"""The first shape: payloads, messages, deliveries, answers, refusals, the ledger, and who there is."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring an empty database to this shape."""
    op.create_table(
        "agencies",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=("pk_agencies")),
    )
    op.create_table(
        "endpoints",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("adapter", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("polls", sa.Boolean(), nullable=False),
        sa.Column("signatures", sa.String(length=16), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_endpoints")),
    )
    op.create_table(
        "events",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("message", sa.String(length=26), nullable=True),
        sa.Column("delivery", sa.String(length=26), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=("pk_events")),
    )
    op.create_index(("ix_events_message"), "events", ["message"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("sender_agency", sa.String(length=26), nullable=False),
        sa.Column("endpoint", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("promulgated_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status_code", sa.String(length=8), nullable=True),
        sa.Column("about", sa.String(length=26), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_messages")),
        sa.UniqueConstraint("idempotency_key", name=("uq_messages_idempotency_key")),
    )
    op.create_index(("ix_messages_about"), "messages", ["about"], unique=False)
    op.create_index(("ix_messages_accepted_at"), "messages", ["accepted_at"], unique=False)
    op.create_index(("ix_messages_code"), "messages", ["code"], unique=False, postgresql_using="hash")
    op.create_index(
        ("ix_messages_document_id"), "messages", ["document_id"], unique=False, postgresql_using="hash"
    )
    op.create_table(
        "payloads",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=("pk_payloads")),
    )
    op.create_table(
        "refusals",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("endpoint", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=("pk_refusals")),
    )
    op.create_index(("ix_refusals_at"), "refusals", ["at"], unique=False)
    op.create_index(
        ("ix_refusals_document_id"), "refusals", ["document_id"], unique=False, postgresql_using="hash"
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=("pk_settings")),
    )
    op.create_table(
        "statuses",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("message", sa.String(length=26), nullable=True),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("sender_agency", sa.String(length=26), nullable=False),
        sa.Column("to", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("stated_at", INSTANT, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("note", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_statuses")),
    )
    op.create_index(("ix_statuses_message"), "statuses", ["message"], unique=False)
    op.create_table(
        "agency_codes",
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successors", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name=("fk_agency_codes_agency")),
        sa.PrimaryKeyConstraint("value", name=("pk_agency_codes")),
    )
    op.create_index(("ix_agency_codes_agency"), "agency_codes", ["agency"], unique=False)
    op.create_table(
        "credentials",
        sa.Column("lookup", sa.String(length=64), nullable=False),
        sa.Column("endpoint", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["endpoint"], ["endpoints.id"], name=("fk_credentials_endpoint")),
        sa.PrimaryKeyConstraint("lookup", name=("pk_credentials")),
    )
    op.create_index(("ix_credentials_endpoint"), "credentials", ["endpoint"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("message", sa.String(length=26), nullable=False),
        sa.Column("addressee", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=26), nullable=False),
        sa.Column("endpoint", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=True),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name=("fk_deliveries_message")),
        sa.PrimaryKeyConstraint("id", name=("pk_deliveries")),
        sa.UniqueConstraint("message", "agency", name=("uq_deliveries_message_agency")),
    )
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["endpoint", "state", "next_try_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'waiting_for_retry', 'sending', 'available')"),
        postgresql_where=sa.text("state IN ('queued', 'waiting_for_retry', 'sending', 'available')"),
    )
    op.create_index(
        "ix_deliveries_stuck",
        "deliveries",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('held', 'suspended')"),
        postgresql_where=sa.text("state IN ('held', 'suspended')"),
    )
    op.create_table(
        "endpoint_agencies",
        sa.Column("agency", sa.String(length=26), nullable=False),
        sa.Column("endpoint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name=("fk_endpoint_agencies_agency")),
        sa.ForeignKeyConstraint(["endpoint"], ["endpoints.id"], name=("fk_endpoint_agencies_endpoint")),
        sa.PrimaryKeyConstraint("agency", name=("pk_endpoint_agencies")),
    )
    op.create_index(("ix_endpoint_agencies_endpoint"), "endpoint_agencies", ["endpoint"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("delivery", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name=("fk_attempts_delivery")),
        sa.PrimaryKeyConstraint("delivery", "number", name=("pk_attempts")),
    )


def downgrade() -> None:
    """Empty the database."""
    op.drop_table("attempts")
    op.drop_index(("ix_endpoint_agencies_endpoint"), table_name="endpoint_agencies")
    op.drop_table("endpoint_agencies")
    op.drop_index(
        "ix_deliveries_stuck",
        table_name="deliveries",
        sqlite_where=sa.text("state IN ('held', 'suspended')"),
        postgresql_where=sa.text("state IN ('held', 'suspended')"),
    )
    op.drop_index(
        "ix_deliveries_open",
        table_name="deliveries",
        sqlite_where=sa.text("state IN ('queued', 'waiting_for_retry', 'sending', 'available')"),
        postgresql_where=sa.text("state IN ('queued', 'waiting_for_retry', 'sending', 'available')"),
    )
    op.drop_table("deliveries")
    op.drop_index(("ix_credentials_endpoint"), table_name="credentials")
    op.drop_table("credentials")
    op.drop_index(("ix_agency_codes_agency"), table_name="agency_codes")
    op.drop_table("agency_codes")
    op.drop_index(("ix_statuses_message"), table_name="statuses")
    op.drop_table("statuses")
    op.drop_table("settings")
    op.drop_index(("ix_refusals_document_id"), table_name="refusals")
    op.drop_index(("ix_refusals_at"), table_name="refusals")
    op.drop_table("refusals")
    op.drop_table("payloads")
    op.drop_index(("ix_messages_document_id"), table_name="messages")
    op.drop_index(("ix_messages_code"), table_name="messages")
    op.drop_index(("ix_messages_accepted_at"), table_name="messages")
    op.drop_index(("ix_messages_about"), table_name="messages")
    op.drop_table("messages")
    op.drop_index(("ix_events_message"), table_name="events")
    op.drop_table("events")
    op.drop_table("endpoints")
    op.drop_table("agencies")
