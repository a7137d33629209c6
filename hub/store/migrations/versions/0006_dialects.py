"""Endpoints whose software reads one order of elements only: in which one the hub writes status packages to them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the dialect; until an operator says otherwise it is that of the official samples, as it always was."""
    op.add_column(
        "endpoints", sa.Column("dialect", sa.String(length=16), nullable=False, server_default="vnpt")
    )


def downgrade() -> None:
    """Write to everybody alike again."""
    op.drop_column("endpoints", "dialect")
