"""The hub's signed receipt for a package, a refusal or a delivery, as `openssl cms -verify` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub import show
from hub.commands._click import argument, command, option
from hub.commands._exits import Exit
from hub.commands._keys_parts import opening
from hub.commands._parts import FILE, STANDARD_STREAM, json_option, write_package
from hub.commands._session import Session
from hub.commands.keys import passphrase_option
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


@command(
    "receipt",
    about=Text(
        vi="Lấy biên nhận có ký số của một gói tin, một lần từ chối hoặc một lượt chuyển.",
        en="Get the signed receipt for a package, a refusal or a delivery.",
    ),
    more=Text(
        vi=(
            "Biên nhận là CMS SignedData (DER), bên trong là JSON kèm các sự kiện của sổ nhật ký. Kiểm tra: "
            "openssl cms -verify -binary -inform DER -in TỆP -CAfile GỐC.pem"
        ),
        en=(
            "The receipt is a CMS SignedData (DER) around JSON with the events of the ledger. To check it: "
            "openssl cms -verify -binary -inform DER -in FILE -CAfile ROOT.pem"
        ),
    ),
    examples=(
        (
            "edochub receipt 01K9X2M7QD3N8R5T6V0W1Y4Z2B -o bien-nhan.json",
            Text(vi="Lưu biên nhận đã ký ra tệp.", en="Save the signed receipt into a file."),
        ),
    ),
)
@argument(
    "reference",
    value=Text(vi="VĂN_BẢN", en="REF"),
    about=Text(
        vi="Định danh của trục, DocumentId, số/ký hiệu, định danh lượt chuyển hoặc lần từ chối.",
        en="The hub's id, a DocumentId, a number/notation, the id of a delivery or of a refusal.",
    ),
)
@option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    value=FILE,
    about=Text(
        vi="Ghi ra tệp này, hoặc “-”; mặc định là LOẠI-ĐỊNH_DANH.p7m ở thư mục hiện tại.",
        en="Write to this file, or “-”; by default KIND-ID.p7m in the present folder.",
    ),
)
@json_option
@passphrase_option
@click.pass_obj
def receipt(
    session: Session, reference: str, output: Path | None, as_json: bool, passphrase_file: Path | None
) -> int:
    """Sign a receipt and write it; or, with --json, print only what it would say."""

    async def ask(hub: Hub) -> tuple[dict[str, Any], bytes | None]:
        from hub import receipts

        said = await receipts.content(hub, reference)
        if as_json and output is None:
            return said, None
        key = hub.keys.signing_at(hub.config.keys.signing, hub.clock(), opening(hub.config, passphrase_file))
        return said, await receipts.signed(hub, said, key)

    said, made = session.ask(ask)
    target = output or Path(
        f"{said['kind']}-{said.get('delivery') or said.get('refusal') or said['message']}.p7m"
    )
    if made is not None:
        write_package(target, made)
    if as_json:
        show.as_json(said)
    elif target != STANDARD_STREAM:
        show.line(Toned(Text(vi=f"Đã ghi biên nhận: {target}", en=f"The receipt is in {target}"), "good"))
    return Exit.YES
