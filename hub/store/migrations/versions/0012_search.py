"""Documents are found by what is known of them: empty tables, which are filled behind the ledger (hub/finding.py)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and their index. They are empty, so nothing waits for that; older nodes do not know them."""
    op.create_table(
        "search_documents",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("message", sa.String(26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_search_documents"),
    )
    op.create_index(
        "ix_search_documents_terms",
        "search_documents",
        ["terms"],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": "256"},
        sqlite_where=sa.false(),
    )
    op.create_table(
        "search_words",
        sa.Column("term", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("term", name="pk_search_words"),
    )
    op.create_table(
        "search_ends",
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("state", "seq", name="pk_search_ends"),
    )


def downgrade() -> None:
    """Forget what was made of the rest, SQLite's own index with it."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute("DROP TABLE IF EXISTS search_index")
    op.execute("DELETE FROM settings WHERE key = 'search.read'")
    for table in ("search_ends", "search_words", "search_documents"):
        op.drop_table(table)
