"""Fetch one document from an inbox: exactly the bytes that the sender handed in.

With `--take` the hub is told, after the file is safely written, that the addressee has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing
from hub.commands._click import argument, command, option
from hub.commands._parts import DELIVERY, FILE, STANDARD_STREAM, write_package
from hub.commands._session import Session
from hub.commands.take import endpoint_of
from hub.model import Parcel
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


@command(
    "fetch",
    about=Text(vi="Lấy một gói tin từ hộp thư đến ra tệp.", en="Fetch a document from an inbox into a file."),
    more=Text(
        vi="Đúng từng byte như bên gửi đã giao. Lấy ra chưa phải là đã nhận: dùng --take hoặc “edochub take”.",
        en="Byte for byte what the sender handed in. Fetching is not taking: use --take, or “edochub take”.",
    ),
    examples=(
        (
            "edochub fetch 01K9X2M7QD3N8R5T6V0W1Y4Z2B -o van-ban.edxml --take",
            Text(
                vi="Lấy văn bản ra tệp và xác nhận đã nhận.",
                en="Fetch the document into a file and say that it is taken.",
            ),
        ),
    ),
)
@argument(
    "delivery",
    value=DELIVERY,
    shell_complete=_completing.deliveries,
    about=Text(vi="Mã lượt chuyển.", en="The delivery's id."),
)
@option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    value=FILE,
    about=Text(vi="Ghi ra tệp này; “-” là đầu ra chuẩn.", en="Write to this file; “-” is standard output."),
)
@option(
    "--take",
    "taking",
    is_flag=True,
    about=Text(vi="Ghi xong thì báo là đã nhận.", en="Once it is written, say that it is taken."),
)
@click.pass_obj
def fetch(session: Session, delivery: str, output: Path, taking: bool) -> None:
    """Write one document to a file, durably, and then perhaps take it."""

    async def bring(hub: Hub) -> Parcel:
        endpoint = await endpoint_of(hub, delivery)
        parcel = await hub.fetch(endpoint, delivery)
        write_package(output, parcel.content)
        if taking:  # only now: if the power goes before, it is still in the inbox
            await hub.take(endpoint, delivery)
        return parcel

    parcel = session.ask(bring)
    if output == STANDARD_STREAM:
        return
    size = len(parcel.content)
    show.line(Toned(Text(vi=f"Đã ghi {output} ({size} byte).", en=f"Wrote {output} ({size} bytes)."), "good"))
    if taking:
        show.line(Text(vi="Đã báo là đã nhận.", en="The hub knows that it is taken."))
