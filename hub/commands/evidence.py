"""Write the evidence of one exchange into a file that proves it offline, without the hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands._click import argument, command, option
from hub.commands._exits import Exit
from hub.commands._parts import FILE, json_option, write_package
from hub.commands._session import Session
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.evidence import Evidence


@command(
    "evidence",
    about=Text(
        vi="Lập bằng chứng của một lần trao đổi văn bản: một tệp kiểm chứng được ngoại tuyến.",
        en="Make the evidence of an exchange: one file that can be verified offline.",
    ),
    more=Text(
        vi="Gói ASiC-E do khóa của trục đóng dấu: gói tin đúng như đã nhận, các văn bản trả lời, biên nhận, sự kiện "
        "cùng chứng minh nằm trong sổ nhật ký, chứng thư và dữ liệu thu hồi. Kiểm chứng: “edochub verify TỆP”.",
        en="An ASiC-E container sealed with the hub's key: the package as received, the answers, receipts, the "
        "events with proofs that they are in the ledger, certificates and revocation data. Verify it with "
        "“edochub verify FILE”.",
    ),
    examples=(
        (
            "edochub evidence 01K9X2M7QD3N8R5T6V0W1Y4Z2B -o chung-cu.zip",
            Text(
                vi="Ghi chứng cứ ra tệp; kiểm tra bằng “edochub verify”.",
                en="Write the evidence into a file; check it with “edochub verify”.",
            ),
        ),
    ),
)
@argument(
    "reference",
    value=Text(vi="VĂN_BẢN", en="REFERENCE"),
    about=Text(
        vi="Mã của trục, DocumentId, số/ký hiệu, hoặc mã lần từ chối.",
        en="The hub's id, a DocumentId, a number/notation, or a refusal's id.",
    ),
)
@option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    value=FILE,
    about=Text(
        vi="Tệp để ghi; mặc định là MÃ.asice trong thư mục hiện tại.",
        en="The file to write; ID.asice in the current folder by default.",
    ),
)
@json_option
@click.pass_obj
def evidence(session: Session, reference: str, output: Path | None, as_json: bool) -> int:
    """Make it, write it, say what it is."""

    async def make(hub: Hub) -> Evidence:
        from hub.evidence import make

        return await make(hub, reference)

    made = session.ask(make)
    target = output or Path(made.name)
    write_package(target, made.content)
    for note in made.notes:
        show.complain(Toned(note, "warning"))
    if as_json:
        show.as_json(
            {"file": str(target), "size": len(made.content), "notes": [n.as_json() for n in made.notes]}
        )
    elif target != Path("-"):
        show.line(
            Toned(Text(vi=f"Đã ghi bằng chứng vào {target}.", en=f"The evidence is in {target}."), "good")
        )
        show.line(Text(vi=f"Kiểm chứng: edochub verify {target}", en=f"Verify it: edochub verify {target}"))
    return Exit.YES
