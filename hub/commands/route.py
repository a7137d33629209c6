"""Say what would become of a document to a code, and every step on the way to that answer. Nothing is sent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from hub import destination_words, show
from hub.commands import _completing
from hub.commands._click import argument, command, option
from hub.commands._exits import Exit
from hub.commands._parts import CODE, DAY, Day, json_option
from hub.commands._session import Session
from hub.destination import Destination, Outcome, decide
from hub.show import Tone, Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

ENDINGS = {Outcome.DELIVERED: Exit.YES, Outcome.REFUSED: Exit.NO, Outcome.HELD: Exit.UNDETERMINED}
TONES: dict[Outcome, Tone] = {Outcome.DELIVERED: "good", Outcome.REFUSED: "bad", Outcome.HELD: "warning"}


@command(
    "route",
    about=Text(
        vi="Giải thích văn bản gửi đến một mã sẽ đi đâu, từng bước.",
        en="Explain step by step where a document to a code goes.",
    ),
    more=Text(
        vi="Không gửi gì. Mã kết thúc: 0 sẽ chuyển, 1 sẽ từ chối, 3 sẽ giữ lại chờ người quyết định.",
        en="Nothing is sent. Exit code: 0 it is delivered, 1 refused, 3 held for a person.",
    ),
    examples=(
        (
            "edochub route H49.61.12 --date 2025-07-01",
            Text(
                vi="Văn bản tới mã này vào ngày ấy đi đâu, vì sao.",
                en="Where a document to this code went on that day, and why.",
            ),
        ),
    ),
)
@argument(
    "code",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(vi="Mã nơi nhận, kể cả mã cũ.", en="The addressee's code, old or new."),
)
@option(
    "--date",
    "written_on",
    type=Day(),
    value=DAY,
    about=Text(
        vi="Ngày ban hành văn bản; ngày trong tương lai cho biết sẽ ra sao vào ngày đó. Mặc định: hôm nay.",
        en="The day of the document; a day to come tells what will be then. Today, if not given.",
    ),
)
@json_option
@click.pass_obj
def route(session: Session, code: str, written_on: date | None, as_json: bool) -> int:
    """Decide as the journey would."""

    async def look(hub: Hub) -> Destination:
        today = hub.directory.day(None)
        asked = written_on or today
        return decide(
            hub.directory,
            code,
            written_on=asked,
            today=max(asked, today),
            successions=hub.config.policy.successions,
        )

    made = session.ask(look)
    if as_json:
        show.as_json(destination_words.as_json(made))
        return ENDINGS[made.outcome]
    show.facts([(step.title, step.found) for step in destination_words.steps(made)[:-1]])
    _tell(made)
    return ENDINGS[made.outcome]


def _tell(made: Destination) -> None:
    decision = destination_words.DECISIONS[made.outcome]
    show.line("")
    show.line(Toned(Text(vi=f"{decision.vi}.", en=f"{decision.en}."), TONES[made.outcome]))
    show.line(destination_words.explanation(made))
