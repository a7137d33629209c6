"""The migrations bring both databases to exactly the shape that `hub.store.tables` describes, and back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from hub.store.database import MIGRATIONS, engine, migrate, newest, revision
from hub.store.tables import metadata


def migrate_to(made: sa.Engine, target: str) -> None:
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with made.begin() as connection:
        settings.attributes["connection"] = connection
        (command.downgrade if target == "base" else command.upgrade)(settings, target)


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
