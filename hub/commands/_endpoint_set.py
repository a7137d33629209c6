"""`edochub endpoints set`: change how the hub deals with an endpoint that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _endpoint_changes as changes
from hub.commands import _endpoint_page as page
from hub.commands._click import command, wrong_usage
from hub.commands._endpoint_options import (
    attachments_option,
    dialect_option,
    endpoint_argument,
    signatures_option,
)
from hub.commands._parts import json_option
from hub.commands._session import Session, operator
from hub.directory import Directory
from hub.model import Endpoint, SignatureRule
from schemas.edxml.elements import Dialect
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

NOTHING = Text(vi="cần nêu điều phải đổi, ví dụ --dialect", en="say what to change, such as --dialect")


@command(
    "set",
    about=Text(
        vi="Đổi cách trục làm việc với một điểm kết nối.", en="Change how the hub deals with an endpoint."
    ),
    more=Text(
        vi="Điều không nêu thì giữ nguyên. Văn bản của cơ quan luôn được chuyển đúng từng byte, không viết lại.",
        en="What is not named stays as it is. Agencies' documents are never rewritten: their bytes stay as they are.",
    ),
)
@endpoint_argument
@dialect_option()
@signatures_option()
@attachments_option()
@json_option
@click.pass_obj
def set_(
    session: Session,
    endpoint_id: str,
    dialect: Dialect | None,
    signatures: str | None,
    attachments: str | None,
    as_json: bool,
) -> None:
    """Change what was named, and show the endpoint."""
    if dialect is None and signatures is None and attachments is None:
        raise wrong_usage(NOTHING)

    async def change(hub: Hub) -> tuple[Endpoint, Directory]:
        changed = await hub.endpoint(endpoint_id)
        if dialect is not None:
            changed = await changes.set_dialect(hub, changed, dialect, operator())
        wanted = (
            SignatureRule(signatures or changed.signatures),
            SignatureRule(attachments or changed.attachments),
        )
        return await changes.set_signature_rules(hub, changed, *wanted, operator()), hub.directory

    endpoint, directory = session.ask(change)
    if as_json:
        show.as_json(page.as_json(endpoint, directory))
    else:
        page.tell(endpoint, directory)
