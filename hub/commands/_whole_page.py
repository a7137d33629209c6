"""The whole way of a document as a page: at which hub it stands, every hub that tells, and one timeline of them all."""

from __future__ import annotations

from collections.abc import Sequence

from hub import show
from hub.commands import _tables
from hub.events import sentence
from hub.model import DeliveryState
from hub.show import Toned
from hub.way import Answer, Part, Stand
from hub.words import STATES
from schemas.text import Text

PASSED_ON = Text(
    vi="đã chuyển sang trục kế tiếp, trục đó không cho biết thêm",
    en="passed on to the next hub, which tells no more",
)


def tell(answer: Answer) -> None:
    """Print the whole way."""
    show.heading(Text(vi="Văn bản đang ở đâu", en="Where it stands"))
    columns = [
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Trục", en="Hub"),
        Text(vi="Trạng thái", en="State"),
        Text(vi="Từ lúc", en="Since"),
        Text(vi="Lý do", en="Why"),
    ]
    rows = [
        [stand.to, part.name, _state(stand), stand.since, stand.reason] for part, stand in answer.standing()
    ]
    show.table(columns, rows, empty=Text(vi="Không có.", en="None."))
    _hubs(answer.parts)
    _timeline(answer.parts)
    for each in answer.silent:
        said = Text(
            vi=f"Tại trục {show.clean(each.at_hub)}, không biết gì thêm từ {show.clean(each.endpoint)}: {each.why.vi}",
            en=f"At the hub {show.clean(each.at_hub)}, nothing more from {show.clean(each.endpoint)}: {each.why.en}",
        )
        show.line(Toned(said, "warning"))


def _state(stand: Stand) -> Toned:
    if stand.to_hub and stand.state is DeliveryState.DELIVERED:
        return Toned(PASSED_ON, "warning")
    return Toned(STATES[stand.state], _tables.STATE_TONES.get(stand.state, "plain"))


def _hubs(parts: Sequence[Part]) -> None:
    show.heading(Text(vi="Các trục", en="The hubs"))
    columns = [
        Text(vi="Trục", en="Hub"),
        Text(vi="Mã văn bản tại đó", en="Its id there"),
        Text(vi="Tiếp nhận lúc", en="Accepted"),
        Text(vi="Nội dung", en="Bytes"),
    ]
    first = parts[0].sha256 if parts else ""
    same, other = Text(vi="y nguyên", en="as they left"), Text(vi="khác lúc gửi", en="not as they left")
    rows = [
        [
            f"{part.name} ({part.hub})",
            part.message,
            part.accepted_at,
            Toned(same, "good") if part.sha256 == first else Toned(other, "warning"),
        ]
        for part in parts
    ]
    show.table(columns, rows)


def _timeline(parts: Sequence[Part]) -> None:
    show.heading(Text(vi="Diễn biến trên mọi trục", en="What happened, at all hubs"))
    columns = [
        Text(vi="Lúc", en="When"),
        Text(vi="Trục", en="Hub"),
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Sự kiện", en="Event"),
    ]
    moments = sorted(
        ((moment, part) for part in parts for moment in part.moments), key=lambda each: each[0].at
    )
    rows = [[moment.at, part.name, moment.to, sentence(moment.event, show.when)] for moment, part in moments]
    show.table(columns, rows, empty=Text(vi="Chưa có gì.", en="Nothing yet."))
