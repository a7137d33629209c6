"""Why a document is where it is: one sentence what happened, one what to do next, and the command for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing
from hub.commands._click import argument, command
from hub.commands._exits import Exit
from hub.commands._parts import json_option
from hub.commands._session import Session
from hub.errors import NotFound
from hub.show import Tone, Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.why import Why

FINE = frozenset({"delivered", "done", "queued", "sending", "withdrawn.sender", "withdrawn.operator"})


@command(
    "why",
    about=Text(
        vi="Vì sao văn bản chưa đến nơi, và cần làm gì.",
        en="Why a document is not there, and what to do about it.",
    ),
    more=Text(
        vi="Với mã lượt chuyển thì nói về lượt ấy; với mã văn bản, DocumentId, số và ký hiệu thì nói về từng lượt chưa "
        "xong; với mã của lần bị từ chối, hoặc số và ký hiệu của gói tin ấy, thì nói vì sao trục từ chối.",
        en="Of a delivery's id it tells about that one; of a document's id, DocumentId or number about each delivery "
        "that is not done; of the id of a refusal, or the number of such a package, why the hub refused it.",
    ),
    examples=(
        (
            "edochub why 01K9X2M7QD3N8R5T6V0W1Y4Z2B",
            Text(
                vi="Văn bản dừng ở đâu, vì sao và làm gì tiếp.",
                en="Where it stands, why, and what to do next.",
            ),
        ),
    ),
)
@argument(
    "references",
    nargs=-1,
    required=True,
    value=Text(vi="LƯỢT_CHUYỂN", en="DELIVERY"),
    shell_complete=_completing.deliveries,
    about=Text(
        vi="Mã lượt chuyển, mã văn bản, DocumentId hoặc số và ký hiệu.",
        en="The id of a delivery or a document, a DocumentId or a number/notation.",
    ),
)
@json_option
@click.pass_obj
def why(session: Session, references: Sequence[str], as_json: bool) -> Exit:
    """Tell why, of each reference."""

    async def ask(hub: Hub) -> list[tuple[str, list[Why] | NotFound]]:
        from hub import why as reasons

        told: list[tuple[str, list[Why] | NotFound]] = []
        for reference in dict.fromkeys(references):
            try:
                told.append((reference, await reasons.why(hub, reference)))
            except NotFound as error:
                if len(references) == 1:
                    raise
                told.append((reference, error))
        return told

    told = session.ask(ask)
    unknown = any(isinstance(found, NotFound) for _, found in told)
    if as_json:
        show.as_json(
            {
                "why": [each.as_json() for _, found in told if isinstance(found, list) for each in found],
                "unknown": [reference for reference, found in told if isinstance(found, NotFound)],
            }
        )
        return Exit.NO if unknown else Exit.YES
    for number, (_, found) in enumerate(told):
        if number:
            show.line("")
        if isinstance(found, NotFound):
            show.complain(Toned(found.message, "bad"))
        else:
            _tell(found)
    return Exit.NO if unknown else Exit.YES


def _tell(found: Sequence[Why]) -> None:
    several = len({each.message for each in found}) > 1
    for number, each in enumerate(found):
        if number:
            show.line("")
        tone: Tone = "good" if each.kind in FINE else "bad"
        if several and each.delivery is None and each.message:
            show.line(Toned(each.message, "quiet"))
        if each.delivery is not None:
            show.line(Toned(f"{each.delivery.addressee}  {each.delivery.id}", "quiet"))
        show.line(Toned(each.happened, tone))
        show.line(f"→ {each.next}")
        for typed in each.before:
            show.line(Toned(f"  {typed}", "strong"))
        if each.command:
            show.line(Toned(f"  {each.command}", "strong"))
