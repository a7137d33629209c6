"""The console: the hub's pages for people. Operators mend, managers look, auditors verify, agencies see their own.

    routes        every address, what it does, and the right that it takes
    visit         one request of somebody who signed in (or has not yet): language, CSRF, the answer
    sessions      who a browser belongs to, and for how long
    attempts      how often somebody may try a password
    signing_in    password, and the way out
    oidc          signing in at an identity provider
    rendering     templates, and how values are written for people
    words         every string of the templates, in both languages; singular what English says of one thing
    steps codes   what to do about what is in the way; what the codes of refusals are called
    home documents document stuck endpoints directory audit people    the pages
    pictures      today's flow and completion as SVG

Pages are made on the server; `static/console.js` only fetches the marked parts anew. docs/console.md, docs/adr/0024.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.adapter import Mount

if TYPE_CHECKING:
    from hub.app import Hub

PREFIX = "/console"


def mounted(hub: Hub) -> Sequence[Mount]:
    """Return the console of a hub, to be put on its web server; nothing if the settings say so."""
    if not hub.config.console.enabled:
        return ()
    from adapters.console.server import Console

    return (Mount(prefix=PREFIX, application=Console(hub)),)
