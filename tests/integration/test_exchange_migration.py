"""What was recorded before the hub knew of versions and requests stands as it did afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from hub.exchange import standings
from hub.store import exchange as exchange_store
from hub.store.database import MIGRATIONS, engine
from hub.store.exchange import Superseded

START = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
SENDER, A, B = "S" * 26, "A" * 26, "B" * 26


def identity(number: int) -> str:
    return f"01{number:024d}"


class Before:
    """A database of the revision before, filled by hand."""

    def __init__(self, url: str) -> None:
        self.engine = engine(sa.make_url(url), writes=True)
        self.to("0002")
        self.tables = sa.MetaData()
        self.tables.reflect(self.engine)
        self.last = 0

    def to(self, revision: str) -> None:
        settings = Config()
        settings.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, revision)

    def insert(self, table: str, **values: Any) -> None:
        columns = self.tables.tables[table].columns
        row = {column.name: _filler(column) for column in columns if not column.nullable} | values
        with self.engine.begin() as connection:
            connection.execute(sa.insert(self.tables.tables[table]).values(row))

    def message(
        self, kind: str, to: list[str], about: str | None = None, named: str = "1/CV", code: str | None = None
    ) -> str:
        self.last += 10
        message = identity(self.last)
        self.insert(
            "messages",
            id=message,
            idempotency_key=message,
            kind=kind,
            sender_agency=SENDER,
            document_id=named,
            about=about,
            status_code=code,
            accepted_at=self.at(self.last),
        )
        for number, agency in enumerate(to, 1):
            self.insert(
                "deliveries",
                id=identity(self.last + number),
                message=message,
                agency=agency,
                state="delivered",
            )
        return message

    def says(self, agency: str, code: str, about: str, to: str) -> str:
        message = self.message("status", [to], about, code=code)
        self.insert("statuses", id=message, message=about, sender_agency=agency, code=code, note="advanced")
        return message

    def at(self, number: int) -> datetime:
        when = START + timedelta(minutes=number)
        return when.replace(tzinfo=None) if self.engine.dialect.name == "sqlite" else when


def _filler(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.DateTime):
        return START.replace(tzinfo=None) if not column.type.timezone else START
    if isinstance(column.type, sa.Integer):
        return 0
    return "[]" if column.name in ("findings", "verdicts") else "x"


@pytest.fixture
def before(empty_database: str) -> Iterator[Before]:
    made = Before(empty_database)
    yield made
    made.engine.dispose()


def test_answers_recalls_and_versions_are_filled_in(before: Before) -> None:
    first = before.message("new", [A, B])
    before.says(A, "03", first, SENDER)
    second = before.message("update", [A], about=first)
    before.says(A, "15", second, SENDER)
    before.says(B, "06", first, SENDER)
    before.says(SENDER, "13", second, A)
    before.message("revoke", [B], about=second)
    other = before.message("replace", [B], about=first, named="2/CV")

    before.to("head")

    with before.engine.connect() as connection:
        assert exchange_store.document_of(connection, second) == first
        assert exchange_store.document_of(connection, other) == other
        stand = standings(connection, first)
        assert {agency: str(each.state) for agency, each in stand.items()} == {
            A: "recall-asked",
            B: "recall-asked",
        }
        assert exchange_store.superseding(connection, first) == [
            Superseded(older=first, newer=second, agencies=(A,)),
            Superseded(older=first, newer=other, agencies=(B,)),
        ]


def test_an_answer_whose_document_never_came_stays_as_it_is(before: Before) -> None:
    message = before.message("status", [SENDER], code="01")
    before.insert("statuses", id=message, message=None, sender_agency=A, code="01", note="advanced")
    before.to("head")
    with before.engine.connect() as connection:
        (row,) = connection.execute(sa.text("SELECT document, agency FROM statuses")).all()
    assert tuple(row) == (None, None)
