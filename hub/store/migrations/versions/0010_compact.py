"""Verdicts and findings are kept smaller, beside the text that older versions read."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

COLUMNS = ("findings_small", "verdicts_small")


def upgrade() -> None:
    """Add the columns; a row that has nothing in them has the text, as all had."""
    for column in COLUMNS:
        op.add_column("messages", sa.Column(column, sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Forget them. Raises `RuntimeError` when a row has its verdicts there: older versions could not read them."""
    smaller = sa.text("SELECT count(*) FROM messages WHERE verdicts_small IS NOT NULL")
    if op.get_bind().execute(smaller).scalar():
        raise RuntimeError("expected no compressed verdicts, got some: this version alone can read them")
    for column in reversed(COLUMNS):
        op.drop_column("messages", column)
