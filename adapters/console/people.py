"""The accounts, for administrators: who may sign in, and switching one off. The rest is `edochub accounts`."""

from __future__ import annotations

from starlette.responses import Response

from adapters.console.visit import Visit
from hub import accounts_changes
from hub.errors import Misconfigured
from hub.store import accounts as store
from schemas.text import Text

NOT_ONESELF = Text(
    vi="Không thể khóa tài khoản của chính mình", en="An account cannot be switched off by itself"
)


async def page(visit: Visit) -> Response:
    """List the accounts."""
    return visit.page("accounts.html", listed=await visit.hub.store.read(store.every))


async def change(visit: Visit) -> Response:
    """Switch an account off or on; its sessions end. Raises `NotFound` and `Misconfigured`."""
    form = await visit.form()
    name, disabled = visit.in_path("name"), form.get("disabled") == "1"
    if name == visit.account.name:
        raise Misconfigured(NOT_ONESELF)
    await accounts_changes.change(visit.hub, name, visit.account.actor, disabled=disabled)
    return visit.go("/accounts")
