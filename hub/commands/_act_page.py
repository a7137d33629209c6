"""What came of an order, for people and for programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hub import show
from hub.commands._act_options import Meant
from hub.commands._exits import Exit
from hub.commands._hints import with_hint
from hub.show import Tone, Toned
from hub.words import STATES
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.acting import Acted, Order

TONES: dict[str, Tone] = {"done": "good", "already": "quiet", "impossible": "bad"}
RESULTS: dict[str, Text] = {
    "done": Text(vi="đã làm", en="done"),
    "already": Text(vi="không đổi", en="unchanged"),
    "impossible": Text(vi="không được", en="not possible"),
}
WOULD: dict[str, Text] = {**RESULTS, "done": Text(vi="sẽ làm", en="would be done")}
NOTHING = Text(vi="Không có lượt chuyển nào khớp.", en="No delivery fits.")
DRY = Text(vi="Chạy thử: không có gì thay đổi.", en="A dry run: nothing was changed.")


def tell(acted: list[Acted], order: Order, meant: Meant, *, as_json: bool) -> Exit:
    """Print what came of an order; return the exit code: 1 if something could not be done."""
    failed = any(str(each.result) == "impossible" for each in acted)
    if as_json:
        show.as_json(
            {
                "acted": [each.as_json() for each in acted],
                "by": order.by,
                "why": order.why,
                "dry_run": order.dry_run,
                "more": meant.more,
                "stopped": meant.stopped,
            }
        )
        return Exit.NO if failed else Exit.YES
    _table(acted, dry_run=order.dry_run)
    for sentence in _remarks(acted, order, meant):
        show.line(Toned(sentence, "quiet"))
    return Exit.NO if failed else Exit.YES


def _table(acted: list[Acted], *, dry_run: bool) -> None:
    columns = [
        Text(vi="Lượt chuyển", en="Delivery"),
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Trước đó", en="Before"),
        Text(vi="Kết quả", en="Result"),
        Text(vi="Chi tiết", en="Detail"),
    ]
    words = WOULD if dry_run else RESULTS
    rows = [
        [
            each.delivery.id,
            each.delivery.addressee,
            STATES[each.before],
            Toned(words[str(each.result)], TONES[str(each.result)]),
            with_hint(each.said),
        ]
        for each in acted
    ]
    show.table(columns, rows, empty=NOTHING)


def _remarks(acted: list[Acted], order: Order, meant: Meant) -> list[Text]:
    said = []
    if len(acted) > 1:
        words = WOULD if order.dry_run else RESULTS
        counted = Counter(str(each.result) for each in acted)
        vi = ", ".join(f"{counted[name]} {word.vi}" for name, word in words.items() if counted[name])
        en = ", ".join(f"{counted[name]} {word.en}" for name, word in words.items() if counted[name])
        said.append(Text(vi=f"{len(acted)} lượt: {vi}.", en=f"{len(acted)} deliveries: {en}."))
    if meant.more > 0:
        said.append(
            Text(
                vi=f"Còn {meant.more} lượt nữa khớp bộ lọc: chạy lại lệnh này.",
                en=f"{so_many(meant.more, 'more fits', 'more fit')} the filters: run the command again.",
            )
        )
    if meant.stopped > 0:
        said.append(
            Text(
                vi=f"{meant.stopped} lượt do người vận hành dừng thì để nguyên; thêm --stopped để cho đi cả.",
                en=f"{so_many(meant.stopped, 'delivery stays', 'deliveries stay')} as a person stopped them; "
                "--stopped lets them go too.",
            )
        )
    if order.dry_run:
        said.append(DRY)
    return said
