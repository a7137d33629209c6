"""What a shell may offer where a value stands: endpoints, adapters, codes of agencies, deliveries.

Commands, options and choices are click's to complete. What is here asks the hub's database, read-only and without
opening the hub. Whoever presses the key waits for it: at most `MOST` answers, at most `WAIT_SECONDS`, and silence if
there is no configuration, no database, or anything else is wrong.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from hub.config import FILE_NAME, Config, load

if TYPE_CHECKING:
    import sqlalchemy as sa

MOST = 50
WAIT_SECONDS = 0.3  # for the database, once its library is loaded

Items = list[CompletionItem[str]]


def endpoints(context: click.Context, _parameter: click.Parameter, begun: str) -> Items:
    """Return the endpoints whose names begin so, each with its adapter."""

    def query() -> sa.Select[Any]:
        import sqlalchemy as sa

        from hub.store.tables import endpoints as known

        begins = known.c.id.startswith(begun, autoescape=True)
        return sa.select(known.c.id, known.c.adapter).where(begins).order_by(known.c.id)

    return _answers(context, query)


def agencies(context: click.Context, _parameter: click.Parameter, begun: str) -> Items:
    """Return the codes that begin so, each with the name of its agency. `CODE=NAME` is completed up to the code."""

    def query() -> sa.Select[Any]:
        import sqlalchemy as sa

        from hub.store.tables import agencies as known
        from hub.store.tables import agency_codes as codes

        joined = codes.join(known, known.c.id == codes.c.agency)
        begins = codes.c.value.startswith(begun, autoescape=True)
        return (
            sa.select(codes.c.value, known.c.name).select_from(joined).where(begins).order_by(codes.c.value)
        )

    return _answers(context, query)


def deliveries(context: click.Context, _parameter: click.Parameter, begun: str) -> Items:
    """Return the ids of deliveries that have not ended and begin so, the newest first, each with where it goes."""

    def query() -> sa.Select[Any]:
        import sqlalchemy as sa

        from hub.store.deliveries import in_states
        from hub.store.tables import OPEN_STATES, STUCK_STATES
        from hub.store.tables import deliveries as known

        open_ones = sa.or_(in_states(OPEN_STATES), in_states(STUCK_STATES))
        begins = known.c.id.startswith(begun.upper(), autoescape=True)
        about = known.c.addressee + ", " + known.c.state
        return sa.select(known.c.id, about).where(open_ones, begins).order_by(known.c.id.desc())

    return _answers(context, query)


def adapters(_context: click.Context, _parameter: click.Parameter, begun: str) -> Items:
    """Return the names of the adapters that are installed."""
    from hub.adapter import adapter_names

    return [CompletionItem(name) for name in adapter_names() if name.startswith(begun)]


def _answers(context: click.Context, query: Callable[[], sa.Select[Any]]) -> Items:
    """Return what the database answers in time: first the value, then what it is."""
    found: Items = []

    def ask() -> None:
        with contextlib.suppress(Exception):  # a complaint would land in the line that is being typed
            found.extend(CompletionItem(value, help=about) for value, about in _rows(config, statement))

    try:
        path = context.find_root().params.get("config") or FILE_NAME
        config = load(Path(path))
        statement = query().limit(MOST)
    except Exception:
        return []
    asking = Thread(target=ask, daemon=True)  # the process ends without it when the database is silent
    asking.start()
    asking.join(WAIT_SECONDS)
    return [] if asking.is_alive() else found


def _rows(config: Config, statement: sa.Select[Any]) -> list[tuple[str, str]]:
    import sqlalchemy as sa

    url = sa.make_url(config.database_url)
    if config.embedded:  # a file that is not there must not be made
        url = url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [(str(value), str(about)) for value, about in connection.execute(statement)]
