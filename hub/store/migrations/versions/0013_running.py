"""Alerts with a start and an end, what was told of them, and packages that were removed when their time was over."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, empty."""
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_since", "alerts", ["since"])
    op.create_index(
        "ix_alerts_open",
        "alerts",
        ["key"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "alert_notices",
        sa.Column("alert", sa.String(length=26), nullable=False),
        sa.Column("phase", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("bundle", sa.String(length=26), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name="fk_alert_notices_alert_alerts"),
        sa.PrimaryKeyConstraint("alert", "phase", "channel", name="pk_alert_notices"),
    )
    op.create_index(
        "ix_alert_notices_untold",
        "alert_notices",
        ["bundle"],
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_table(
        "removals",
        sa.Column("message", sa.String(length=26), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("exported", sa.Text(), nullable=True),
        sa.Column("file_left", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("message", name="pk_removals"),
    )
    op.create_index("ix_removals_sha256", "removals", ["sha256"])
    op.create_index(
        "ix_removals_file_left",
        "removals",
        ["at"],
        sqlite_where=sa.text("file_left"),
        postgresql_where=sa.text("file_left"),
    )


def downgrade() -> None:
    """Forget them. Raises `RuntimeError` when packages were removed: older versions would call them damaged."""
    removed = sa.text("SELECT count(*) FROM removals")
    if op.get_bind().execute(removed).scalar():
        raise RuntimeError(
            "expected no removed packages, got some: this version alone can tell why they are gone"
        )
    op.drop_table("removals")
    op.drop_table("alert_notices")
    op.drop_table("alerts")
