"""Signatures of attachments: when a message is to be judged, whose certificates are whose, and what is demanded."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
ID = sa.String(length=26)


def upgrade() -> None:
    """Add them. Messages that were accepted before are not judged anew."""
    op.add_column("messages", sa.Column("judge_at", INSTANT, nullable=True))
    op.add_column("messages", sa.Column("judgings", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_messages_judge_at",
        "messages",
        ["judge_at"],
        sqlite_where=sa.text("judge_at IS NOT NULL"),
        postgresql_where=sa.text("judge_at IS NOT NULL"),
    )
    op.add_column(
        "endpoints", sa.Column("attachments", sa.String(length=16), nullable=False, server_default="default")
    )
    # So far, an endpoint that said “report” was one that said nothing.
    op.execute("UPDATE endpoints SET signatures = 'default' WHERE signatures = 'report'")
    op.create_table(
        "agency_certificates",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("agency", ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("not_after", INSTANT, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "agency", name="pk_agency_certificates"),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name="fk_agency_certificates_agency"),
    )
    op.create_index("ix_agency_certificates_agency", "agency_certificates", ["agency"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("agency_certificates")
    op.drop_column("endpoints", "attachments")
    op.execute("UPDATE endpoints SET signatures = 'report' WHERE signatures <> 'require'")
    op.drop_index("ix_messages_judge_at", table_name="messages")
    op.drop_column("messages", "judgings")
    op.drop_column("messages", "judge_at")
