"""An endpoint may have limits of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; an endpoint without has those of the settings."""
    op.add_column("endpoints", sa.Column("limits", sa.Text(), nullable=True))


def downgrade() -> None:
    """Have the settings' limits for all again."""
    op.drop_column("endpoints", "limits")
