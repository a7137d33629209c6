"""Routes: where codes are sent that no endpoint of this hub speaks for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; there are no routes until an operator adds one."""
    op.create_table(
        "routes",
        sa.Column("pattern", sa.String(length=64), nullable=False),
        sa.Column("endpoint", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["endpoint"], ["endpoints.id"], name="fk_routes_endpoint"),
        sa.PrimaryKeyConstraint("pattern", name="pk_routes"),
    )


def downgrade() -> None:
    """Forget the routes."""
    op.drop_table("routes")
