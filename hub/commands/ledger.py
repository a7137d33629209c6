"""Prove that the ledger is whole: every event there, unaltered, in order, and in agreement with the hub's tables.

`checkpoint` seals it and publishes the hashes, `verify` recomputes all of it, `proof` shows that one event is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands._click import argument, command, group, option
from hub.commands._exits import Exit
from hub.commands._parts import json_option
from hub.commands._session import Session
from hub.ledger import LedgerReport
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.model import TraceEvent
    from hub.proofs import Proof
    from hub.published import Published
    from hub.store.checkpoints import Sealed

FOLDER = Text(vi="THƯ_MỤC", en="DIR")
PATH = Text(vi="TỆP|THƯ_MỤC", en="FILE|DIR")
KEY = Text(vi="KHÓA", en="KEY")
EVENT = Text(vi="SỰ_KIỆN|VĂN_BẢN", en="EVENT|REF")


@group(
    "ledger",
    about=Text(vi="Sổ nhật ký không thể sửa đổi.", en="The ledger, which nobody can alter unnoticed."),
)
def ledger() -> None:
    """The append-only trace of everything that happened."""


@command(
    "verify",
    about=Text(
        vi="Tính lại toàn bộ sổ nhật ký: chuỗi băm, cây Merkle, các mốc niêm phong.",
        en="Recompute the whole ledger: hash chain, Merkle tree, checkpoints.",
    ),
    more=Text(
        vi=(
            "Mã kết thúc 1 nếu có sự kiện bị sửa, xóa, thêm hoặc đổi chỗ. Người có cả cơ sở dữ liệu và khóa của sổ chỉ "
            "bị phát hiện nhờ mốc niêm phong đã công bố trước đó: dùng --checkpoints với bản lưu của bên kiểm tra."
        ),
        en=(
            "Exit code 1 if an event was altered, removed, added or moved. Somebody who has both the database and the "
            "ledger's key is found only by checkpoints published before: give your own copy of them as --checkpoints."
        ),
    ),
    examples=(
        ("edochub ledger verify", Text(vi="Tính lại toàn bộ sổ nhật ký.", en="Recompute the whole ledger.")),
        (
            "edochub ledger verify --checkpoints published",
            Text(
                vi="Đối chiếu với các điểm chốt đã công bố.",
                en="Hold it against checkpoints that were published.",
            ),
        ),
    ),
)
@option(
    "--checkpoints",
    type=click.Path(exists=True, path_type=Path),
    value=PATH,
    about=Text(
        vi="Mốc niêm phong đã công bố: một tệp, hoặc cả thư mục công bố.",
        en="Published checkpoints: one file, or the whole published folder.",
    ),
)
@option(
    "--key",
    value=KEY,
    about=Text(
        vi="Chỉ tin khóa kiểm tra này của sổ, không tin khóa mà trục nêu.",
        en="Believe this verifier key of the ledger only, not the one that the hub names.",
    ),
)
@json_option
@click.pass_obj
def verify(session: Session, checkpoints: Path | None, key: str | None, as_json: bool) -> int:
    """Recompute, and name what is broken."""

    folder = checkpoints if checkpoints and checkpoints.is_dir() else None

    async def recompute(hub: Hub) -> tuple[LedgerReport, list[Published]]:
        from hub import published
        from hub.ledger_key import verifier

        keys = (verifier("key", key),) if key else hub.notary.log_keys()
        shown = published.read(checkpoints, keys, hub.notary.witnesses) if checkpoints else []
        return await hub.verify_ledger(shown, folder, keys), shown

    from signing.notes import BadNote

    try:
        report, shown = session.ask(recompute)
    except BadNote as error:
        show.complain(error.text)
        return Exit.NO
    code = Exit.NO if report.broken else Exit.YES
    if as_json:
        show.as_json(_as_json(report, shown))
        return code
    if report.broken:
        show.line(Toned(Text(vi="Sổ nhật ký KHÔNG còn nguyên vẹn.", en="The ledger is NOT whole."), "bad"))
    else:
        show.line(Toned(Text(vi="Sổ nhật ký nguyên vẹn.", en="The ledger is whole."), "good"))
    for text in (*report.broken, *report.doubts):
        show.line(f"  - {text}")
    show.facts(
        [
            (Text(vi="Số sự kiện", en="Events"), report.events),
            (Text(vi="Mã băm cuối", en="Last hash"), report.head),
            (Text(vi="Mã gốc của cây", en="Root of the tree"), report.root),
            *(
                [
                    (
                        Text(vi="Gói tin đã xóa theo thời hạn lưu trữ", en="Packages removed by policy"),
                        len(report.removed),
                    )
                ]
                if report.removed
                else []
            ),
            (Text(vi="Mốc niêm phong khớp", en="Checkpoints that hold"), report.held),
            (Text(vi="Dấu thời gian mới nhất", en="Newest time stamp"), report.stamped or "-"),
            (Text(vi="Bên chứng kiến", en="Witnesses"), ", ".join(_witnesses(shown)) or "-"),
        ]
    )
    return code


def _witnesses(shown: Sequence[Published]) -> list[str]:
    """Return who cosigned the newest checkpoint that was shown."""
    return [signed.key.name for signed in shown[-1].signed if signed.at] if shown else []


def _as_json(report: LedgerReport, shown: Sequence[Published]) -> dict[str, object]:
    return {
        "events": report.events,
        "head": report.head,
        "root": report.root,
        "checkpoints": report.held,
        "removed": len(report.removed),
        "stamped": report.stamped.isoformat() if report.stamped else None,
        "witnesses": _witnesses(shown),
        "broken": [text.as_json() for text in report.broken],
        "doubts": [text.as_json() for text in report.doubts],
    }


@command(
    "checkpoint",
    about=Text(
        vi="Niêm phong sổ nhật ký ngay bây giờ, và công bố nếu cần.",
        en="Seal the ledger now, and publish what others need to check it.",
    ),
    more=Text(
        vi="Chỉ mã băm và chữ ký được ghi ra, không có nội dung sự kiện. Chạy lại thì ghi tiếp phần còn thiếu.",
        en="Only hashes and signatures are written, no event. Run it again and it goes on where it was interrupted.",
    ),
    examples=(
        (
            "edochub ledger checkpoint --publish published",
            Text(
                vi="Chốt sổ và ghi ra thư mục để công bố.",
                en="Seal the ledger and write what is published into a folder.",
            ),
        ),
    ),
)
@option(
    "--publish",
    type=click.Path(file_okay=False, path_type=Path),
    value=FOLDER,
    about=Text(
        vi="Ghi vào thư mục này; mặc định là ledger.publish nếu có.",
        en="Write into this folder; by default into ledger.publish, if that is set.",
    ),
)
@json_option
@click.pass_obj
def checkpoint(session: Session, publish: Path | None, as_json: bool) -> int:
    """Seal and publish."""

    folder = publish.absolute() if publish else None

    async def work(hub: Hub) -> tuple[Sealed | None, int, str]:
        sealed = await hub.notary.seal()
        written = await (hub.notary.publish_to(folder) if folder else hub.notary.publish())
        return sealed, written, ", ".join(map(str, hub.notary.log_keys()[:1]))

    sealed, written, key = session.ask(work)
    if as_json:
        told = {"size": sealed.size, "root": sealed.root, "note": sealed.note} if sealed else {}
        show.as_json({**told, "key": key, "published": written})
        return Exit.YES
    if sealed is None:
        show.line(Text(vi="Sổ nhật ký còn trống.", en="The ledger is empty."))
        return Exit.YES
    show.facts(
        [
            (Text(vi="Số sự kiện", en="Events"), sealed.size),
            (Text(vi="Mã gốc của cây", en="Root of the tree"), sealed.root),
            (Text(vi="Niêm phong lúc", en="Sealed at"), sealed.at),
            (Text(vi="Mốc đã công bố lần này", en="Checkpoints published now"), written),
            (Text(vi="Khóa kiểm tra của sổ", en="The ledger's verifier key"), key),
        ]
    )
    return Exit.YES


@command(
    "proof",
    about=Text(vi="Chứng minh một sự kiện nằm trong sổ nhật ký.", en="Prove that an event is in the ledger."),
    more=Text(
        vi=(
            "Với số sự kiện: in chứng minh theo C2SP tlog-proof, kiểm tra được chỉ với khóa kiểm tra của sổ. "
            "Với văn bản: liệt kê các sự kiện của nó."
        ),
        en=(
            "For an event's number: a proof as C2SP tlog-proof, which the ledger's verifier key is enough to check. "
            "For a document: the list of its events."
        ),
    ),
    examples=(
        (
            "edochub ledger proof 1024 --json",
            Text(vi="Chứng minh sự kiện số 1024 có trong sổ.", en="Prove that event 1024 is in the ledger."),
        ),
    ),
)
@argument(
    "reference",
    value=EVENT,
    about=Text(
        vi="Số sự kiện; hoặc định danh, DocumentId, số/ký hiệu văn bản.",
        en="An event's number; or a document's id, DocumentId or number/notation.",
    ),
)
@json_option
@click.pass_obj
def proof(session: Session, reference: str, as_json: bool) -> int:
    """Print the proof of one event, or say which events there are."""
    if not reference.isdecimal():
        return _listed(session, reference, as_json)

    async def ask(hub: Hub) -> Proof:
        from hub.proofs import prove

        return await hub.store.read(lambda connection: prove(connection, int(reference[:18])))

    found = session.ask(ask)
    if as_json:
        show.as_json(found.as_json())
    else:
        click.echo(str(found), nl=False)
    return Exit.YES


def _listed(session: Session, reference: str, as_json: bool) -> int:
    async def ask(hub: Hub) -> list[TraceEvent]:
        return [event for trace in await hub.trace(reference) for event in trace.events]

    events = session.ask(ask)
    if as_json:
        show.as_json({"events": [event.as_json() for event in events]})
        return Exit.YES if events else Exit.NO
    if not events:
        show.complain(Text(vi=f"Không tìm thấy {reference}", en=f"{reference} is not here"))
        return Exit.NO
    from hub.events import sentence

    headings = [Text(vi="Sự kiện", en="Event"), Text(vi="Lúc", en="At"), Text(vi="Nội dung", en="What")]
    show.table(headings, [[event.seq, event.at, sentence(event)] for event in events])
    return Exit.YES


ledger.add_command(verify)
ledger.add_command(checkpoint)
ledger.add_command(proof)
