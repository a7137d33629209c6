"""Statements that every document needs, compiled once and handed to the driver as they are.

SQLAlchemy prepares each execution anew: it looks the compiled statement up, orders and converts parameters, wraps
cursor and rows. For a look-up by key that is fifteen times the work of the look-up itself (docs/adr/0020). A `Prepared`
is made of an ordinary statement, so tables, types and dialects are SQLAlchemy's all the same, and it runs on its
caller's connection, in its transaction; only the way from parameters to rows is short.

Not for lists of unknown length (`IN`): those stay with `Connection.execute`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

Parameters = Mapping[str, Any]
Convert = Callable[[Any], Any]


class Prepared:
    """One statement; it is compiled when a dialect first needs it. Raises what `Connection.execute` would raise."""

    def __init__(self, statement: sa.Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns  # of an INSERT: those that are given
        self._compiled: dict[str, _Compiled] = {}

    def first(self, connection: sa.Connection, parameters: Parameters) -> Any | None:
        """Run it; return the first row, None if there is none."""
        compiled = self._for(connection.dialect)
        cursor = compiled.run(connection, parameters)
        found = cursor.fetchone()
        cursor.close()
        return None if found is None else compiled.row(found)

    def all(self, connection: sa.Connection, parameters: Parameters) -> list[Any]:
        """Run it; return all rows."""
        compiled = self._for(connection.dialect)
        cursor = compiled.run(connection, parameters)
        found = [compiled.row(each) for each in cursor.fetchall()]
        cursor.close()
        return found

    def changed(self, connection: sa.Connection, parameters: Parameters) -> int:
        """Run it; return how many rows it touched."""
        cursor = self._for(connection.dialect).run(connection, parameters)
        touched: int = cursor.rowcount
        cursor.close()
        return touched

    def many(self, connection: sa.Connection, rows: Iterable[Parameters]) -> None:
        """Run it for each of many parameters, in one go."""
        self._for(connection.dialect).run_many(connection, rows)

    def _for(self, dialect: sa.Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, self._columns, dialect)
        return compiled


class _Compiled:
    """A statement in the words of one dialect, and what turns parameters and rows into its driver's types and back."""

    def __init__(self, statement: sa.Executable, columns: Sequence[str] | None, dialect: sa.Dialect) -> None:
        assert isinstance(statement, sa.ClauseElement)
        made = statement.compile(dialect=dialect, column_keys=list(columns) if columns is not None else None)
        assert isinstance(made, SQLCompiler)
        assert not made.post_compile_params, "a list of unknown length is not for Prepared"
        self._sql = str(made)
        self._dialect = dialect
        self._names: tuple[str, ...] = tuple(made.positiontup or made.bind_names.values())
        self._positional = made.positional
        self._given = {**_written_in(made), **_defaults(made)}
        self._binds = [(name, _bind_processor(made, name, dialect)) for name in self._names]
        returned = _returned(statement)
        self._converts = [_result_processor(column, dialect) for column in returned]
        self._plain = not any(self._converts)
        self._make: Convert = tuple
        if returned:
            self._make = namedtuple("Row", [str(column.key) for column in returned])._make  # type: ignore[attr-defined]

    def run(self, connection: sa.Connection, parameters: Parameters) -> Any:
        """Return a cursor that has run it."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, self._bound(parameters))
        except self._dialect.loaded_dbapi.Error as error:
            cursor.close()
            raise self._translated(error) from error
        return cursor

    def run_many(self, connection: sa.Connection, rows: Iterable[Parameters]) -> None:
        """Run it for each row."""
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(self._sql, [self._bound(row) for row in rows])
        except self._dialect.loaded_dbapi.Error as error:
            raise self._translated(error) from error
        finally:
            cursor.close()

    def row(self, found: Sequence[Any]) -> Any:
        """Return a row with its columns' names."""
        if self._plain:
            return self._make(found)
        return self._make(
            value if convert is None else convert(value)
            for value, convert in zip(found, self._converts, strict=True)
        )

    def _bound(self, parameters: Parameters) -> Any:
        given = {**self._given, **parameters} if self._given else parameters
        if self._positional:
            return [given[name] if convert is None else convert(given[name]) for name, convert in self._binds]
        return {
            name: given[name] if convert is None else convert(given[name]) for name, convert in self._binds
        }

    def _translated(self, error: Exception) -> BaseException:
        dbapi_error = self._dialect.loaded_dbapi.Error
        return sa.exc.DBAPIError.instance(
            self._sql, None, error, dbapi_error, hide_parameters=True, dialect=self._dialect
        )


def _returned(statement: Any) -> list[Any]:
    return list(statement.exported_columns)  # of a SELECT; of anything else what stands in RETURNING


def _written_in(made: SQLCompiler) -> dict[str, Any]:
    """Return the values that stand in the statement itself."""
    return {name: bind.value for bind, name in made.bind_names.items() if not bind.required}


def _defaults(made: SQLCompiler) -> dict[str, Any]:
    """Return the values of columns that an INSERT leaves out and our tables fill in."""
    return {
        str(column.key): column.default.arg
        for column in (made.insert_prefetch or ())
        if isinstance(column.default, sa.ColumnDefault) and column.default.is_scalar
    }


def _bind_processor(made: SQLCompiler, name: str, dialect: sa.Dialect) -> Convert | None:
    found: Convert | None = made.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
    return found


def _result_processor(column: Any, dialect: sa.Dialect) -> Convert | None:
    found: Convert | None = column.type.dialect_impl(dialect).result_processor(dialect, None)
    return found
