"""Many nodes: who of them is there, and which one does what is to be done once in a whole installation."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables, empty, and the index that finds what a node was sending when it fell silent."""
    op.create_table(
        "nodes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_nodes"),
    )
    op.create_table(
        "duties",
        sa.Column("name", sa.String(length=96), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_duties"),
    )
    op.create_index(
        "ix_deliveries_sending",
        "deliveries",
        ["claimed_by"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )


def downgrade() -> None:
    """Leave all work to the leases again."""
    op.drop_index("ix_deliveries_sending", "deliveries")
    op.drop_table("duties")
    op.drop_table("nodes")
