"""The routes to other hubs in the database."""

from __future__ import annotations

import sqlalchemy as sa

from hub.errors import Misconfigured, NotFound, Sought
from hub.routes import Route, meaning
from hub.store import tables
from hub.store.directory_version import bump
from hub.store.writer import Transaction
from schemas.findings import shortened
from schemas.text import Text


def read(connection: sa.Connection) -> tuple[Route, ...]:
    """Return all routes, in the order of what they cover."""
    rows = connection.execute(sa.select(tables.routes))
    found = (Route(pattern=row.pattern, endpoint=row.endpoint) for row in rows)
    return tuple(sorted(found, key=lambda route: meaning(route.pattern)))


def add(tx: Transaction, route: Route, actor: str) -> Route:
    """Add a route; return it as stored. The same one again changes nothing.

    Raises `Misconfigured` if its pattern is none, another route for it leads elsewhere, or its endpoint is not there.
    """
    stored = Route(route.pattern.strip().upper(), route.endpoint)
    wanted = meaning(stored.pattern)
    tx.flush()
    other = next((each for each in read(tx.connection) if meaning(each.pattern) == wanted), None)
    if other is not None:
        if other.endpoint == stored.endpoint:
            return other
        raise _taken(stored, other)
    _endpoint_there(tx, stored)
    tx.insert(tables.routes, {"pattern": stored.pattern, "endpoint": stored.endpoint})
    bump(tx)
    tx.trace("directory.route-added", actor=actor, pattern=stored.pattern, endpoint=stored.endpoint)
    return stored


def remove(tx: Transaction, pattern: str, actor: str) -> Route:
    """Remove a route, by its pattern in either notation. Raises `NotFound` and `Misconfigured`."""
    wanted = meaning(pattern)
    tx.flush()
    route = next((each for each in read(tx.connection) if meaning(each.pattern) == wanted), None)
    if route is None:
        shown = shortened(pattern)
        raise NotFound(Text(vi=f"Không có tuyến {shown}", en=f"There is no route {shown}"), Sought.ROUTE)
    tx.execute(sa.delete(tables.routes).where(tables.routes.c.pattern == route.pattern))
    bump(tx)
    tx.trace("directory.route-removed", actor=actor, pattern=route.pattern, endpoint=route.endpoint)
    return route


def _endpoint_there(tx: Transaction, route: Route) -> None:
    endpoints = tables.endpoints
    if route.endpoint is None:
        return
    if not tx.execute(sa.select(endpoints.c.id).where(endpoints.c.id == route.endpoint)).first():
        shown = shortened(route.endpoint)
        raise Misconfigured(
            Text(
                vi=f"Không có điểm kết nối “{shown}”; thêm bằng “edochub endpoints add”",
                en=f"There is no endpoint “{shown}”; add it with “edochub endpoints add”",
            )
        )


def _taken(route: Route, other: Route) -> Misconfigured:
    vi = f"qua điểm kết nối “{other.endpoint}”" if other.endpoint else "ở trục này"
    en = f"to the endpoint “{other.endpoint}”" if other.endpoint else "nowhere: it is this hub's own"
    return Misconfigured(
        Text(
            vi=f"Tuyến {route.pattern} đã có ({other.pattern}, {vi}); hãy bỏ tuyến đó trước",
            en=f"There is a route {route.pattern} already ({other.pattern}, {en}); remove that one first",
        )
    )
