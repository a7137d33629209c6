"""Exchanges: which messages are versions of one document, what was asked of each addressee, and what replies to what.

What was recorded before is filled in from `about`, so that documents that were answered or asked back earlier stand as
they did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
ID = sa.String(length=26)


def upgrade() -> None:
    """Add what the hub needs to know about versions and requests."""
    op.add_column("messages", sa.Column("document", ID, nullable=True))
    op.create_index(
        "ix_messages_document",
        "messages",
        ["document"],
        sqlite_where=sa.text("document IS NOT NULL"),
        postgresql_where=sa.text("document IS NOT NULL"),
    )
    op.create_index(
        "ix_messages_due_on",
        "messages",
        ["due_on"],
        sqlite_where=sa.text("due_on IS NOT NULL"),
        postgresql_where=sa.text("due_on IS NOT NULL"),
    )
    op.add_column("statuses", sa.Column("document", ID, nullable=True))
    op.add_column("statuses", sa.Column("agency", ID, nullable=True))
    op.create_index("ix_statuses_document", "statuses", ["document"])
    op.create_table(
        "requests",
        sa.Column("message", ID, nullable=False),
        sa.Column("agency", ID, nullable=False),
        sa.Column("about", ID, nullable=False),
        sa.Column("document", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("message", "agency", "about", name="pk_requests"),
    )
    op.create_index("ix_requests_about", "requests", ["about"])
    op.create_index("ix_requests_document", "requests", ["document"])
    op.create_index("ix_requests_at", "requests", ["at"])
    op.create_table(
        "replies",
        sa.Column("message", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("agency", ID, nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message", "position", name="pk_replies"),
    )
    op.create_index("ix_replies_document_id", "replies", ["document_id"], postgresql_using="hash")
    fill_in(op.get_bind())


def downgrade() -> None:
    """Forget them."""
    op.drop_table("replies")
    op.drop_table("requests")
    op.drop_index("ix_statuses_document", table_name="statuses")
    op.drop_column("statuses", "agency")
    op.drop_column("statuses", "document")
    op.drop_index("ix_messages_due_on", table_name="messages")
    op.drop_index("ix_messages_document", table_name="messages")
    op.drop_column("messages", "document")


# The tables as they are at this revision, as far as filling in needs them.
MESSAGES = sa.table(
    "messages",
    *(sa.column(name) for name in ("id", "kind", "about", "document", "document_id")),
    sa.column("accepted_at", INSTANT),
)
DELIVERIES = sa.table("deliveries", sa.column("message"), sa.column("agency"))
STATUSES = sa.table(
    "statuses",
    *(sa.column(name) for name in ("id", "message", "sender_agency", "code", "document", "agency")),
)
REQUESTS = sa.table(
    "requests",
    *(sa.column(name) for name in ("message", "agency", "about", "document", "kind")),
    sa.column("at", INSTANT),
)


def fill_in(connection: sa.Connection) -> None:
    """Work out versions and requests from what was recorded before this revision."""
    first: dict[str, str] = {}  # message -> the first version of its document
    named: dict[str, str] = {}  # message -> its DocumentId
    earlier = sa.select(MESSAGES).where(MESSAGES.c.kind != "status").order_by(MESSAGES.c.id)
    for row in connection.execute(earlier).all():
        named[row.id] = row.document_id
        about = row.about if row.about in first else None
        own = row.kind == "replace" and about is not None and named[about] != row.document_id
        first[row.id] = first[about] if about is not None and not own else row.id
        if row.kind == "new":
            continue
        if first[row.id] != row.id:
            connection.execute(
                sa.update(MESSAGES).where(MESSAGES.c.id == row.id).values(document=first[row.id])
            )
        kind = "recall" if row.kind == "revoke" else "version"
        for agency in _agencies(connection, row.id):
            had = about if about is not None and agency in _agencies(connection, about) else None
            before = row.id if had is None or own else had
            _ask(connection, row.id, agency, row.accepted_at, first[row.id], kind, before)
            if own and had is not None:
                _ask(connection, row.id, agency, row.accepted_at, first[had], "replacement", had)
    for row in connection.execute(sa.select(STATUSES).where(STATUSES.c.message.is_not(None))).all():
        document = first.get(row.message)
        agencies = _agencies(connection, row.id) if row.code == "13" else [row.sender_agency]
        if document is None or not agencies:
            continue
        connection.execute(
            sa.update(STATUSES).where(STATUSES.c.id == row.id).values(document=document, agency=agencies[0])
        )
        if row.code == "13":
            at = connection.execute(
                sa.select(MESSAGES.c.accepted_at).where(MESSAGES.c.id == row.id)
            ).scalar_one()
            _ask(connection, row.id, agencies[0], at, document, "recall", row.message)


def _agencies(connection: sa.Connection, message: str) -> list[str]:
    query = sa.select(DELIVERIES.c.agency).where(DELIVERIES.c.message == message)
    return [row.agency for row in connection.execute(query)]


def _ask(
    connection: sa.Connection, message: str, agency: str, at: object, document: str, kind: str, about: str
) -> None:
    values = {
        "message": message,
        "agency": agency,
        "about": about,
        "document": document,
        "kind": kind,
        "at": at,
    }
    connection.execute(sa.insert(REQUESTS).values(values))
