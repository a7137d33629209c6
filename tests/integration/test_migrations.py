"""The migrations bring both databases to exactly the shape that `hub.store.tables` describes, and back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from hub.errors import Misconfigured
from hub.store.database import MIGRATIONS, NEEDS, engine, migrate, newest, revision
from hub.store.tables import metadata, settings


def migrate_to(made: sa.Engine, target: str) -> None:
    alembic = Config()
    alembic.set_main_option("script_location", str(MIGRATIONS))
    with made.begin() as connection:
        alembic.attributes["connection"] = connection
        (command.downgrade if target == "base" else command.upgrade)(alembic, target)


def test_a_migrated_database_has_the_shape_of_the_tables(empty_database: str) -> None:
    made = engine(sa.make_url(empty_database), writes=True)
    migrate(made)
    with made.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert revision(made) == newest()[0]
    made.dispose()


def test_a_migrated_database_has_the_indexes_of_the_tables_to_the_letter(empty_database: str) -> None:
    made = engine(sa.make_url(empty_database), writes=True)
    migrate(made)
    migrated = indexes(made)
    migrate_to(made, "base")
    metadata.create_all(made)
    assert migrated == indexes(made)
    made.dispose()


def test_migrating_again_changes_nothing(empty_database: str) -> None:
    made = engine(sa.make_url(empty_database), writes=True)
    migrate(made)
    before = indexes(made)
    migrate(made)
    assert indexes(made) == before
    made.dispose()


def test_the_way_back_leaves_nothing_and_the_way_forth_works_again(empty_database: str) -> None:
    made = engine(sa.make_url(empty_database), writes=True)
    migrate(made)
    migrate_to(made, "base")
    assert set(sa.inspect(made).get_table_names()) <= {"alembic_version"}
    assert revision(made) is None
    migrate(made)
    assert set(sa.inspect(made).get_table_names()) == {*metadata.tables, "alembic_version"}
    made.dispose()


def indexes(made: sa.Engine) -> dict[str, Any]:
    """Return the definition of every index as the database itself writes it."""
    question = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if made.dialect.name == "sqlite"
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    )
    with made.connect() as connection:
        found = {name: definition for name, definition in connection.execute(sa.text(question))}
    return {name: " ".join(found[name].split()) for name in found if not name.startswith("alembic")}


FIRST_EXPANSION = "0007"  # from here on, nodes of one release and the next run side by side
ADDS = {"create_table", "create_index", "add_column", "execute", "batch_alter_table", "bulk_insert"}


class Expanding:
    """Stands in for `alembic.op`: lets pass what only adds."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def operation(*arguments: Any, **options: Any) -> Any:
            if name not in ADDS:
                self.refused.append(name)
            if name == "add_column":
                column = arguments[-1]
                if not column.nullable and column.server_default is None:
                    self.refused.append(
                        f"{column.name}: NOT NULL without a default that older nodes leave to it"
                    )
            if name == "execute" and not str(arguments[0]).lstrip().upper().startswith(("INSERT", "UPDATE")):
                self.refused.append(str(arguments[0]))
            return nullcontext(self)

        return operation


def expansions() -> list[Any]:
    """Return the migrations that must only add, but for those that say what they need (`NEEDS`)."""
    scripts = [each.module for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    return [
        each
        for each in scripts
        if each.revision >= FIRST_EXPANSION and NEEDS not in Path(str(each.__file__)).read_text()
    ]


def test_what_a_node_of_the_release_before_works_on_is_not_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert expansions()
    for script in expansions():
        expanding = Expanding()
        monkeypatch.setattr(script, "op", expanding)
        script.upgrade()
        assert expanding.refused == [], script.revision


@pytest.mark.parametrize(
    "taken",
    [
        lambda op: op.drop_column("messages", "subject"),
        lambda op: op.alter_column("messages", "subject", new_column_name="title"),
        lambda op: op.add_column("messages", sa.Column("x", sa.Text(), nullable=False)),
        lambda op: op.execute("ALTER TABLE messages DROP COLUMN subject"),
    ],
)
def test_what_takes_away_is_recognised(taken: Callable[[Any], None]) -> None:
    expanding = Expanding()
    taken(expanding)
    assert expanding.refused


def brought_further(made: sa.Engine, needs: str | None) -> None:
    migrate(made)
    with made.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        if needs is not None:
            connection.execute(sa.insert(settings).values(key=NEEDS, value=needs))


@pytest.mark.parametrize("needs", [None, FIRST_EXPANSION])
def test_a_node_goes_on_with_a_database_that_newer_code_has_added_to(
    empty_database: str, needs: str | None
) -> None:
    made = engine(sa.make_url(empty_database), writes=True)
    brought_further(made, needs)
    before = indexes(made)
    migrate(made)
    assert (revision(made), indexes(made)) == ("9999", before)
    made.dispose()


def test_a_node_does_not_start_on_a_database_that_lacks_what_it_needs(empty_database: str) -> None:
    made = engine(sa.make_url(empty_database), writes=True)
    brought_further(made, "9999")
    with pytest.raises(Misconfigured, match="9999"):
        migrate(made)
    made.dispose()
