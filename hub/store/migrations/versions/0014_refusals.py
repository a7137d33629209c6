"""Refused packages are found by number and notation too."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; what was refused before has it empty: the packages were not kept."""
    op.add_column("refusals", sa.Column("document_code", sa.Text(), nullable=True))
    op.create_index(
        "ix_refusals_document_code", "refusals", ["document_code"], unique=False, postgresql_using="hash"
    )


def downgrade() -> None:
    """Find them by id and DocumentId again."""
    op.drop_index("ix_refusals_document_code", table_name="refusals")
    op.drop_column("refusals", "document_code")
