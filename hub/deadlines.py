"""What must happen until when, and who says so. Data: one rule for each kind of deadline.

All of it is on the working calendar of Vietnam's administration (`calendar.py`), in its time. Where the law has no
number, the limit is ours and the rule says so; an operator may change those in `[deadlines]`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from hub.calendar import DAY, VIETNAM, Calendar, vietnamese_day
from schemas.text import Text

Basis = Literal["confirmed", "memory", "ours"]

NOON = time(12)


class Kind(StrEnum):
    """What is waited for."""

    ARRIVAL = "arrival"  # any word of the addressee: 01, 02, 03 ...
    REGISTRATION = "registration"  # 03 or later, or 02
    REQUEST = "request"  # 15 or 16, to a recall
    REPLY = "reply"  # 06, or a document in reply, by DueDate
    SENT = "sent"  # the sender was late: nobody can mend it


class Turn(StrEnum):
    """Whose turn it is."""

    ADDRESSEE = "addressee"
    SENDER = "sender"


# From a moment in Vietnam (a delivery, a request; midnight of a day) to the last moment that is in time.
Limit = Callable[[datetime, Calendar], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One deadline: what, by whom, until when, and who says so."""

    id: Kind
    name: Text
    turn: Turn
    within: Text
    limit: Limit
    citation: Text
    effective: date
    basis: Basis  # confirmed: the source was read; memory: it was not; ours: the source has no number
    urgent_at_once: bool = False  # then, for urgent documents, `[deadlines] urgent_minutes`


def due(rule: Rule, since: datetime, calendar: Calendar, *, urgent: bool, urgent_minutes: float) -> datetime:
    """Return the last moment that is in time."""
    moment = since.astimezone(VIETNAM)
    if urgent and rule.urgent_at_once:
        return moment + timedelta(minutes=urgent_minutes)
    if urgent and rule.id is Kind.SENT:  # at once; but a package tells only the day of signing
        return end_of(vietnamese_day(moment))
    return rule.limit(moment, calendar)


def midnight(day: date) -> datetime:
    """Return the first moment of a day in Vietnam."""
    return datetime.combine(day, time(), VIETNAM)


def end_of(day: date) -> datetime:
    """Return the moment at which a day in Vietnam is over."""
    return midnight(day + DAY)


def same_day(since: datetime, calendar: Calendar) -> datetime:
    """Until the end of that day, or of the next working day if nobody works on it."""
    return end_of(calendar.add_working_days(vietnamese_day(since), 0))


def next_working_day(since: datetime, calendar: Calendar) -> datetime:
    """Until the end of the next working day."""
    return end_of(calendar.next_working_day(vietnamese_day(since)))


def next_working_morning(since: datetime, calendar: Calendar) -> datetime:
    """Until noon of the next working day."""
    return datetime.combine(calendar.next_working_day(vietnamese_day(since)), NOON, VIETNAM)


RULES: tuple[Rule, ...] = (
    Rule(
        id=Kind.SENT,
        name=Text(vi="gửi văn bản đi", en="sending"),
        turn=Turn.SENDER,
        within=Text(
            vi="trong ngày ký ban hành, chậm nhất trong buổi sáng của ngày làm việc tiếp theo; văn bản khẩn: ngay",
            en="on the day of signing, at the latest on the morning of the next working day; urgent ones at once",
        ),
        limit=next_working_morning,
        citation=Text(vi="Quyết định 28/2018/QĐ-TTg", en="Decision 28/2018/QĐ-TTg"),
        effective=date(2018, 9, 6),
        basis="confirmed",
    ),
    Rule(
        id=Kind.ARRIVAL,
        name=Text(vi="báo đã nhận", en="notice of arrival"),
        turn=Turn.ADDRESSEE,
        within=Text(
            vi="trong ngày nhận (01, hoặc thẳng 02, 03); văn bản khẩn: ngay",
            en="on the day of receipt (01, or straight 02 or 03); urgent ones at once",
        ),
        limit=same_day,
        citation=Text(vi="Nghị định 30/2020/NĐ-CP, Điều 21 khoản 2", en="Decree 30/2020/NĐ-CP, art. 21(2)"),
        effective=date(2020, 3, 5),
        basis="confirmed",
        urgent_at_once=True,
    ),
    Rule(
        id=Kind.REGISTRATION,
        name=Text(vi="tiếp nhận, vào sổ", en="registration"),
        turn=Turn.ADDRESSEE,
        within=Text(
            vi="trong ngày, chậm nhất ngày làm việc tiếp theo (03 hoặc 02); văn bản khẩn: ngay",
            en="on the day, at the latest on the next working day (03 or 02); urgent ones at once",
        ),
        limit=next_working_day,
        citation=Text(
            vi="Nghị định 30/2020/NĐ-CP, mục văn bản đến", en="Decree 30/2020/NĐ-CP, incoming documents"
        ),
        effective=date(2020, 3, 5),
        basis="memory",
        urgent_at_once=True,
    ),
    Rule(
        id=Kind.REQUEST,
        name=Text(vi="trả lời yêu cầu lấy lại", en="answer to a recall"),
        turn=Turn.ADDRESSEE,
        within=Text(
            vi="“kịp thời”; trục lấy mốc hết ngày làm việc tiếp theo (15 hoặc 16)",
            en="“promptly”; the hub takes the end of the next working day (15 or 16)",
        ),
        limit=next_working_day,
        citation=Text(
            vi="Quyết định 28/2018/QĐ-TTg, Điều 9: không có con số",
            en="Decision 28/2018/QĐ-TTg, art. 9: without a number",
        ),
        effective=date(2018, 9, 6),
        basis="ours",
    ),
    Rule(
        id=Kind.REPLY,
        name=Text(vi="trả lời, giải quyết", en="reply in substance"),
        turn=Turn.ADDRESSEE,
        within=Text(
            vi="hết ngày ghi tại DueDate (06, hoặc văn bản trả lời); rơi vào ngày nghỉ: ngày làm việc tiếp theo",
            en="the end of DueDate (06, or a document in reply); on a day off: of the next working day",
        ),
        limit=same_day,
        citation=Text(
            vi="DueDate của gói tin; ngày nghỉ: Bộ luật Dân sự 2015, Điều 148 khoản 5",
            en="the package's DueDate; days off: Civil Code 2015, art. 148(5)",
        ),
        effective=date(2017, 1, 1),
        basis="memory",
    ),
)
RULE: dict[Kind, Rule] = {rule.id: rule for rule in RULES}
BASES: dict[Basis, Text] = {
    "confirmed": Text(vi="đã đối chiếu nguồn", en="source read"),
    "memory": Text(vi="chưa đối chiếu nguồn", en="source not read yet"),
    "ours": Text(vi="mốc do trục đặt", en="the hub's own limit"),
}
