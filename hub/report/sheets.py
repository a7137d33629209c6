"""The figures as tables, with headings in both languages: what every form of a report shows, and a recount compares.

A cell is a count, a share (0 to 1), a duration, or words; a row has a key that stays the same from report to report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta

from hub.deadlines import RULE
from hub.report.figures import Figures, Pace, Signatures, Who
from hub.words import LEVELS
from schemas.edxml.codes import kind_name
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Share:
    """A part of something, 0 to 1; None of nothing."""

    value: float | None


@dataclass(frozen=True, slots=True)
class Duration:
    """How long something takes."""

    seconds: float


Cell = int | str | Text | Share | Duration


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    key: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. `note` says how to read it."""

    key: str
    title: Text
    head: tuple[Text, ...]
    rows: tuple[Row, ...]
    note: Text | None = None


LEVEL = Text(vi="Cấp", en="Level")
ALL = Text(vi="Tổng số", en="All")
CODE = Text(vi="Mã", en="Code")
AGENCY = Text(vi="Cơ quan", en="Agency")
INSIDE = Text(vi="Trong phạm vi trục", en="Within this hub")
OUTSIDE = Text(vi="Qua trục khác", en="By another hub")
SHARE = Text(vi="Tỷ lệ", en="Share")
COUNT = Text(vi="Số lượt", en="Count")
MEDIAN = Text(vi="Trung vị", en="Median")
P95 = Text(vi="95% số lượt", en="95th percentile")
SIGNED = {
    "valid": Text(vi="Chữ ký hợp lệ", en="Valid"),
    "invalid": Text(vi="Không hợp lệ", en="Invalid"),
    "undetermined": Text(vi="Chưa xác định", en="Undetermined"),
    "none": Text(vi="Không có chữ ký", en="No signature"),
    "waiting": Text(vi="Chờ kiểm tra", en="Not checked yet"),
}


def sheets(figures: Figures) -> tuple[Sheet, ...]:
    """Return all tables of a report."""
    return (
        _kinds(figures),
        _sent(figures),
        _received(figures),
        _electronic(figures),
        _signatures(figures),
        _deadlines(figures),
        _paces(
            "to_take",
            Text(vi="Cơ quan nhận chậm nhất", en="Slowest to take what they are sent"),
            figures.slowest_to_take,
            Text(
                vi="Từ khi trục tiếp nhận văn bản đến khi hệ thống nơi nhận có văn bản. Xếp theo trung vị.",
                en="From acceptance by the hub until the addressee's system has it. In order of the median.",
            ),
        ),
        _paces(
            "to_answer",
            Text(vi="Cơ quan trả lời chậm nhất", en="Slowest to answer"),
            figures.slowest_to_answer,
            Text(
                vi="Từ khi nơi nhận có văn bản đến trạng thái trả lời đầu tiên. Xếp theo trung vị.",
                en="From when the addressee has it until its first status. In order of the median.",
            ),
        ),
        _agencies(figures),
    )


def _kinds(figures: Figures) -> Sheet:
    return Sheet(
        "kinds",
        Text(vi="Gói tin trục đã tiếp nhận", en="Packages that the hub accepted"),
        (Text(vi="Loại", en="Kind"), Text(vi="Số gói", en="Packages")),
        tuple(Row(str(kind), (kind_name(kind), count)) for kind, count in figures.kinds.items()),
        Text(
            vi="“Văn bản” trong các bảng sau là gói mới, cập nhật và thay thế.",
            en="“Documents” in the tables below are those that are new, update or replace.",
        ),
    )


def _sent(figures: Figures) -> Sheet:
    return Sheet(
        "sent",
        Text(vi="Văn bản gửi đi, theo cấp của bên gửi", en="Documents sent, by the sender's level"),
        (LEVEL, INSIDE, OUTSIDE, ALL),
        tuple(
            Row(str(each.level), (LEVELS[each.level], each.inside, each.outside, each.all))
            for each in figures.sent
        ),
    )


def _received(figures: Figures) -> Sheet:
    return Sheet(
        "received",
        Text(
            vi="Lượt nhận văn bản, theo cấp của nơi nhận", en="Documents received, by the addressee's level"
        ),
        (LEVEL, INSIDE, OUTSIDE, ALL),
        tuple(
            Row(str(each.level), (LEVELS[each.level], each.inside, each.outside, each.all))
            for each in figures.received
        ),
        Text(
            vi="Mỗi nơi nhận của một văn bản là một lượt.",
            en="Each addressee of a document is counted.",
        ),
    )


def _electronic(figures: Figures) -> Sheet:
    arrived = figures.arrived
    named = (
        (
            "delivered",
            Text(vi="Hệ thống nơi nhận đã nhận", en="The addressee's system has it"),
            arrived.delivered,
        ),
        ("waiting", Text(vi="Đang chuyển hoặc chờ lấy", en="On its way or waiting"), arrived.waiting),
        ("refused", Text(vi="Nơi nhận từ chối", en="Refused"), arrived.refused),
        ("withdrawn", Text(vi="Đã rút trước khi giao", en="Withdrawn before delivery"), arrived.withdrawn),
    )
    share = Text(vi="Tỷ lệ chuyển xong qua mạng", en="Share delivered electronically")
    return Sheet(
        "electronic",
        Text(vi="Lượt chuyển đã đến đâu", en="How far deliveries have come"),
        (Text(vi="Tình trạng", en="Standing"), COUNT),
        (
            *(Row(key, (name, count)) for key, name, count in named),
            Row("share", (share, Share(arrived.share))),
        ),
        Text(
            vi="Tỷ lệ = đã nhận / (đã nhận + đang chuyển + từ chối). Trục chỉ biết văn bản đã gửi qua trục, không biết "
            "văn bản chỉ gửi bằng giấy.",
            en="Share = has it / (has it + on its way + refused). The hub knows what was sent by it, not what went on "
            "paper alone.",
        ),
    )


def _signatures(figures: Figures) -> Sheet:
    head = (LEVEL, *SIGNED.values(), ALL, Text(vi="Tỷ lệ ký số hợp lệ", en="Share proved signed"))
    rows = [
        *(Row(str(each.level), _of_signatures(LEVELS[each.level], each)) for each in figures.signatures),
        Row("all", _of_signatures(ALL, figures.signed)),
    ]
    return Sheet(
        "signatures",
        Text(vi="Ký số, chứng minh bằng mật mã", en="Signed, as cryptography proves it"),
        head,
        tuple(rows),
        Text(
            vi="Theo kết quả kiểm tra mọi chữ ký của gói tin và tệp đính kèm; tên tệp không có ý nghĩa gì.",
            en="By the verdicts on every signature of the package and its attachments; what a file is called means "
            "nothing.",
        ),
    )


def _of_signatures(name: Text, each: Signatures) -> tuple[Cell, ...]:
    counts = [getattr(each, field.name) for field in fields(each) if field.name != "level"]
    return (name, *counts, each.all, Share(each.share))


def _deadlines(figures: Figures) -> Sheet:
    head = (
        Text(vi="Việc", en="What"),
        Text(vi="Đúng hạn", en="In time"),
        Text(vi="Quá hạn", en="Late"),
        Text(vi="Còn trong hạn", en="Not due yet"),
        Text(vi="Tỷ lệ đúng hạn", en="Share in time"),
    )
    return Sheet(
        "deadlines",
        Text(vi="Đúng hạn", en="In time"),
        head,
        tuple(
            Row(str(each.kind), (RULE[each.kind].name, each.on_time, each.late, each.open, Share(each.share)))
            for each in figures.deadlines
        ),
        Text(
            vi="Theo lịch làm việc, giờ Việt Nam; căn cứ từng thời hạn xem docs/exchange.md. "
            "Tỷ lệ = đúng hạn / (đúng hạn + quá hạn).",
            en="On the working calendar, in Vietnam's time; for who sets each deadline see docs/exchange.md. "
            "Share = in time / (in time + late).",
        ),
    )


def _paces(key: str, title: Text, paces: Sequence[Pace], note: Text) -> Sheet:
    return Sheet(
        key,
        title,
        (CODE, AGENCY, LEVEL, COUNT, MEDIAN, P95),
        tuple(
            Row(each.who.agency, (*_who(each.who), each.count, Duration(each.median), Duration(each.p95)))
            for each in paces
        ),
        note,
    )


def _who(who: Who) -> tuple[Cell, ...]:
    return (who.code, who.name, LEVELS[who.level])


def _agencies(figures: Figures) -> Sheet:
    head = (
        CODE,
        AGENCY,
        LEVEL,
        Text(vi="Gửi", en="Sent"),
        Text(vi="Nhận", en="Received"),
        *SIGNED.values(),
        Text(vi="Báo nhận đúng hạn", en="Notices in time"),
        Text(vi="Báo nhận quá hạn", en="Notices late"),
    )
    return Sheet(
        "agencies",
        Text(vi="Từng cơ quan", en="Agency by agency"),
        head,
        tuple(
            Row(
                each.who.agency,
                (
                    *_who(each.who),
                    each.sent,
                    each.received,
                    *(getattr(each, name) for name in SIGNED),
                    each.arrival.on_time,
                    each.arrival.late,
                ),
            )
            for each in figures.agencies
        ),
    )


def written(cell: Cell | None) -> str:
    """Return a cell as people read it, in the reader's language."""
    if cell is None:
        return "-"
    if isinstance(cell, Share):
        return "-" if cell.value is None else percent(cell.value)
    if isinstance(cell, Duration):
        return str(spoken(cell.seconds))
    return f"{cell:,}".replace(",", str(Text(vi=".", en=","))) if isinstance(cell, int) else str(cell)


def percent(value: float) -> str:
    """Return a share in per cent, with one digit behind the point; Vietnamese writes a comma."""
    return f"{value * 100:.1f}%".replace(".", str(Text(vi=",", en=".")))


def spoken(seconds: float) -> Text:
    """Return a duration in its two largest units."""
    length = timedelta(seconds=round(seconds))
    hours, minutes = divmod(length.seconds // 60, 60)
    if length.days:
        return Text(vi=f"{length.days} ngày {hours} giờ", en=f"{length.days} d {hours} h")
    if hours:
        return Text(vi=f"{hours} giờ {minutes} phút", en=f"{hours} h {minutes} min")
    if minutes:
        return Text(
            vi=f"{minutes} phút {length.seconds % 60} giây", en=f"{minutes} min {length.seconds % 60} s"
        )
    return Text(vi=f"{seconds:.1f} giây".replace(".", ","), en=f"{seconds:.1f} s")
