"""Does the database of today agree with what the ledger says happened?

Recomputing the chain shows that no event was altered, removed or moved. Holding the tables against it shows that
nobody changed them behind the ledger's back: every message and delivery is in the state that its last event tells,
and every package still has the digest that it was accepted with.
"""

from __future__ import annotations

import sqlalchemy as sa

from hub import ledger
from hub.errors import Fault
from hub.ledger import LedgerReport
from hub.store import ledger as ledger_store
from hub.store.payloads import Payloads
from hub.store.tables import deliveries, messages


def verify(connection: sa.Connection, payloads: Payloads) -> LedgerReport:
    """Recompute the ledger, then compare messages, deliveries and payloads with it."""
    if connection.dialect.name == "postgresql":
        # One picture for all that follows: the hub goes on working meanwhile. SQLite's readers have that anyway.
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    report = ledger.verify(ledger_store.rows(connection))
    _compare_messages(connection, payloads, report)
    _compare_deliveries(connection, report)
    return report


def _compare_messages(connection: sa.Connection, payloads: Payloads, report: LedgerReport) -> None:
    told = dict(report.accepted)
    for row in connection.execute(sa.select(messages.c.id, messages.c.sha256)):
        sha256 = told.pop(row.id, None)
        if sha256 != row.sha256:
            report.complain(
                f"Văn bản {row.id}: sổ ghi mã băm {sha256}, bảng ghi {row.sha256}",
                f"Document {row.id}: the ledger has the digest {sha256}, the table {row.sha256}",
            )
            continue
        try:
            payloads.get(connection, row.sha256)
        except Fault as error:
            report.complain(error.message.vi, error.message.en)
    for missing in told:
        report.complain(
            f"Văn bản {missing} có trong sổ nhưng không còn trong bảng",
            f"Document {missing} is in the ledger but gone from the table",
        )


def _compare_deliveries(connection: sa.Connection, report: LedgerReport) -> None:
    told = dict(report.states)
    for row in connection.execute(sa.select(deliveries.c.id, deliveries.c.state)):
        state = told.pop(row.id, None)
        if state != row.state:
            report.complain(
                f"Lượt chuyển {row.id}: sổ ghi trạng thái “{state}”, bảng ghi “{row.state}”",
                f"Delivery {row.id}: the ledger has the state “{state}”, the table “{row.state}”",
            )
    for missing in told:
        report.complain(
            f"Lượt chuyển {missing} có trong sổ nhưng không còn trong bảng",
            f"Delivery {missing} is in the ledger but gone from the table",
        )
