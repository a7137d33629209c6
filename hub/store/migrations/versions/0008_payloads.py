"""Packages are kept smaller than they came: how, is said beside each."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the encoding; what has none is as it came, as all were."""
    op.add_column("payloads", sa.Column("encoding", sa.String(length=8), nullable=True))


def downgrade() -> None:
    """Forget it. Raises `RuntimeError` when a package is encoded: older versions could not read it."""
    encoded = sa.text("SELECT count(*) FROM payloads WHERE encoding IS NOT NULL")
    if op.get_bind().execute(encoded).scalar():
        raise RuntimeError("expected no encoded package, got some: this version alone can read them")
    op.drop_column("payloads", "encoding")
