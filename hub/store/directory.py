"""The directory in the database: agencies, endpoints with their secrets, routes. Here a snapshot is taken.

`agencies.py`, `endpoints.py` and `routes.py` beside this file read and change their tables; their verbs are offered
here too. Every change raises the directory's version, in the same transaction.
"""

from __future__ import annotations

import sqlalchemy as sa

from hub.directory import Directory
from hub.model import Clock, utc_now
from hub.store import agencies, certificates, endpoints, routes
from hub.store.agencies import ImportReport, import_agencies
from hub.store.directory_version import bump, version
from hub.store.endpoints import (
    add_credential,
    add_endpoint,
    credential,
    sealed_secret,
    set_dialect,
    set_limits,
    set_signature_rules,
    switch_endpoint,
)

__all__ = [
    "ImportReport",
    "add_credential",
    "add_endpoint",
    "bump",
    "credential",
    "import_agencies",
    "load",
    "sealed_secret",
    "set_dialect",
    "set_limits",
    "set_signature_rules",
    "switch_endpoint",
    "version",
]


def load(connection: sa.Connection, clock: Clock = utc_now) -> Directory:
    """Take a snapshot."""
    as_of = version(connection)
    return Directory(
        agencies=agencies.read(connection),
        endpoints=endpoints.read(connection),
        version=as_of,
        clock=clock,
        routes=routes.read(connection),
        certificates=certificates.read(connection),
    )
