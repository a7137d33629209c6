"""`edochub endpoints set`: change how the hub deals with an endpoint that is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _endpoint_changes as changes
from hub.commands import _endpoint_page as page
from hub.commands._click import command, option, wrong_usage
from hub.commands._endpoint_options import (
    address_option,
    attachments_option,
    dialect_option,
    endpoint_argument,
    limit_option,
    limits_over,
    signatures_option,
)
from hub.commands._parts import json_option
from hub.commands._session import Session, operator
from hub.directory import Directory
from hub.model import Endpoint, SignatureRule
from schemas.edxml.elements import Dialect
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub

NOTHING = Text(
    vi="cần nêu điều phải đổi, ví dụ --address, --dialect",
    en="say what to change, such as --address, --dialect",
)


def moved_on(count: int) -> Text:
    """Return what is said of deliveries that wait."""
    return Text(
        vi=f"{count} lượt chuyển đang chờ đi theo địa chỉ mới.",
        en=f"{so_many(count, 'waiting delivery goes', 'waiting deliveries go')} by the new address.",
    )


@command(
    "set",
    about=Text(
        vi="Đổi cách trục làm việc với một điểm kết nối.", en="Change how the hub deals with an endpoint."
    ),
    more=Text(
        vi="Điều không nêu thì giữ nguyên. Văn bản của cơ quan luôn được chuyển đúng từng byte, không viết lại.",
        en="What is not named stays as it is. Agencies' documents are never rewritten: their bytes stay as they are.",
    ),
    examples=(
        (
            'edochub endpoints set so-noi-vu --limit documents_per_minute=600 --why "CV 12/STTTT"',
            Text(vi="Đặt hạn mức riêng, ghi rõ căn cứ.", en="Give it a limit of its own, and say why."),
        ),
    ),
)
@endpoint_argument
@address_option()
@dialect_option()
@signatures_option()
@attachments_option()
@limit_option()
@option(
    "--why",
    default="",
    value=Text(vi="LÝ_DO", en="REASON"),
    about=Text(
        vi="Vì sao đổi địa chỉ, ghi vào sổ nhật ký.", en="Why the address changes; the ledger keeps it."
    ),
)
@json_option
@click.pass_obj
def set_(
    session: Session,
    endpoint_id: str,
    address: str | None,
    dialect: Dialect | None,
    signatures: str | None,
    attachments: str | None,
    limits: Sequence[str],
    why: str,
    as_json: bool,
) -> None:
    """Change what was named, and show the endpoint."""
    if all(each is None for each in (address, dialect, signatures, attachments)) and not limits:
        raise wrong_usage(NOTHING)

    async def change(hub: Hub) -> tuple[Endpoint, Directory, int]:
        changed, moved = await hub.endpoint(endpoint_id), 0
        if address is not None:
            done = await changes.set_address(hub, changed, address, operator(), why)
            changed, moved = done.endpoint, done.deliveries
        changed = await changes.set_limits(hub, changed, limits_over(changed.limits, limits), operator())
        if dialect is not None:
            changed = await changes.set_dialect(hub, changed, dialect, operator())
        wanted = (
            SignatureRule(signatures or changed.signatures),
            SignatureRule(attachments or changed.attachments),
        )
        return await changes.set_signature_rules(hub, changed, *wanted, operator()), hub.directory, moved

    endpoint, directory, moved = session.ask(change)
    if as_json:
        show.as_json(page.as_json(endpoint, directory))
    else:
        page.tell(endpoint, directory)
        if moved:
            show.line(moved_on(moved))
