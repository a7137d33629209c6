"""Answer a document, as an addressee whose own system does not: the hub writes the status package and sends it.

The sender of a document may say 13 here: it asks for the document back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing, _tables
from hub.commands._click import argument, command, option
from hub.commands._parts import CODE, as_endpoint, json_option
from hub.commands._session import Session
from hub.model import Accepted
from hub.show import Toned
from hub.words import NOTES
from schemas.edxml.codes import STATUSES, status_name
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


WITHOUT_EFFECT = frozenset(
    {"late", "repeated", "contradicts"}
)  # notes of answers that leave the state as it was


@command(
    "status",
    about=Text(vi="Gửi thông báo trạng thái xử lý cho một văn bản.", en="Answer a document with a status."),
    more=Text(
        vi="Mã trạng thái: " + "; ".join(f"{code} {name.vi}" for code, name in STATUSES.items()) + ".",
        en="Status codes: " + "; ".join(f"{code} {name.en}" for code, name in STATUSES.items()) + ".",
    ),
    examples=(
        (
            'edochub status 01K9X2M7QD3N8R5T6V0W1Y4Z2B 03 --as ha-long -m "Da tiep nhan"',
            Text(
                vi="Báo cho bên gửi: đã tiếp nhận (mã 03).",
                en="Tell the sender that it was received (code 03).",
            ),
        ),
    ),
)
@argument(
    "document",
    value=Text(vi="VĂN_BẢN", en="DOCUMENT"),
    about=Text(vi="Mã của trục hoặc DocumentId.", en="The hub's id of it, or its DocumentId."),
)
@argument("code", value=CODE, about=Text(vi="Mã trạng thái, hai chữ số.", en="The status code, two digits."))
@as_endpoint
@option(
    "-m",
    "--message",
    "description",
    default="",
    value=Text(vi="DIỄN_GIẢI", en="DESCRIPTION"),
    about=Text(
        vi="Diễn giải gửi kèm, ví dụ lý do từ chối.",
        en="A description to go with it, such as the reason of a refusal.",
    ),
)
@option(
    "--to",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(
        vi="Với mã 13: hỏi nơi nhận này, khi văn bản có nhiều nơi nhận.",
        en="With 13: the addressee that is asked, when the document has several.",
    ),
)
@option(
    "--from",
    "speaker",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(
        vi="Trả lời với tư cách nơi nhận này, khi điểm kết nối là nhiều nơi nhận của văn bản.",
        en="The addressee that answers, when the endpoint is several of the document's addressees.",
    ),
)
@json_option
@click.pass_obj
def status(
    session: Session,
    document: str,
    code: str,
    endpoint_id: str,
    description: str,
    to: str | None,
    speaker: str | None,
    as_json: bool,
) -> None:
    """Have the hub write and send the answer."""

    async def answer(hub: Hub) -> tuple[Accepted, str]:
        accepted = await hub.answer(await hub.endpoint(endpoint_id), document, code, description, to, speaker)
        if accepted.duplicate:
            return accepted, "repeated"
        traces = await hub.trace(accepted.message.about) if accepted.message.about else []
        said = [entry for trace in traces for entry in trace.statuses if entry.id == accepted.message.id]
        return accepted, said[0].note if said else ""

    accepted, note = session.ask(answer)
    if as_json:
        show.as_json(accepted.as_json())
        return
    meant = status_name(code)
    done = Text(vi=f"Đã ghi nhận: {code} – {meant.vi}", en=f"Recorded: {code} – {meant.en}")
    show.line(Toned(f"{done} ({accepted.message.id})", "good"))
    if note in WITHOUT_EFFECT:
        known = NOTES[note]
        show.complain(Toned(Text(vi=f"Lưu ý: {known.vi}.", en=f"Note: {known.en}."), "warning"))
    _tables.deliveries(accepted.deliveries, message=False)
