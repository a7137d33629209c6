"""A decision of `destination.py` in words: one sentence for whoever wrote the code, and every step for an operator.

    as written -> trimmed -> other notation -> agency -> the days -> succession -> the way there -> decision

Worked out only when somebody asks; a document that is delivered as addressed needs none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hub.destination import Case, Destination, Outcome
from hub.model import AgencyCode
from hub.resolution import Candidate, Standing, spoken
from schemas.edxml.codes import mirrored
from schemas.findings import shortened
from schemas.text import Sentence, Text

MOST_NAMED = 20  # candidates that one sentence names

CHANGED = Sentence(
    vi="Mã {code} không phải mã hiện hành của {name}; mã hiện hành: {present}",
    en="The code {code} is not the present code of {name}, which is {present}",
)
FORWARDED = Sentence(
    vi="Mã {code} của {name} đã ngừng sử dụng từ ngày {day}; cơ quan kế thừa duy nhất: {successor}",
    en="The code {code} of {name} closed on {day}; its one successor is {successor}",
)
SPLIT = Sentence(
    vi="Mã {code} của {name} đã ngừng sử dụng từ ngày {day}; cần người xác định nơi nhận trong số: {candidates}",
    en="The code {code} of {name} closed on {day}; a person must decide which agency gets it: {candidates}",
)
DOUBTFUL = Sentence(
    vi="Mã {code} của {name} đã ngừng sử dụng từ ngày {day}; cần người xác nhận chuyển đến {candidates}",
    en="The code {code} of {name} closed on {day}; a person must confirm that it goes to {candidates}",
)
ELSEWHERE = Sentence(
    vi="Mã {code} không có trong danh bạ của trục này", en="The code {code} is not in this hub's directory"
)
BY_ENDPOINT = Sentence(vi="chuyển qua điểm kết nối {endpoint}", en="it goes through the endpoint {endpoint}")
BY_ROUTE = Sentence(
    vi="chuyển tiếp qua điểm kết nối {endpoint} theo tuyến {pattern}",
    en="it is sent on through the endpoint {endpoint} by the route {pattern}",
)
NO_WAY = Sentence(
    vi="{name} chưa có điểm kết nối và không có tuyến nào tới; văn bản được giữ lại",
    en="{name} has no endpoint yet and no route leads there; the document is held",
)
BOTH = Sentence(vi="{one}; {other}", en="{one}; {other}")

DECISIONS: dict[Outcome, Text] = {
    Outcome.DELIVERED: Text(vi="Chuyển", en="Delivered"),
    Outcome.HELD: Text(vi="Giữ lại", en="Held"),
    Outcome.REFUSED: Text(vi="Từ chối", en="Refused"),
}

TITLES: dict[str, Text] = {
    "written": Text(vi="Mã như đã ghi", en="As written"),
    "trimmed": Text(vi="Bỏ khoảng trắng, viết hoa", en="Trimmed, in capitals"),
    "mirror": Text(vi="Dạng mã còn lại", en="Other notation"),
    "agency": Text(vi="Cơ quan", en="Agency"),
    "validity": Text(vi="Hiệu lực", en="Validity"),
    "succession": Text(vi="Kế thừa", en="Succession"),
    "way": Text(vi="Đường chuyển", en="The way there"),
    "decision": Text(vi="Kết luận", en="Decision"),
}

SAME = Text(vi="không đổi", en="nothing to change")
NO_MIRROR = Text(vi="mã này không có dạng khác", en="the code has no other notation")
NOT_NEEDED = Text(vi="không cần xét", en="not needed")
NO_AGENCY = Text(vi="không có trong danh bạ", en="not in the directory")
NOWHERE = Text(vi="không có", en="none")
ALWAYS = Text(vi="không giới hạn thời gian", en="without limits of time")
HOLDS = Sentence(
    vi="{span}; ngày văn bản {written}: {then}; hôm nay {today}: {now}",
    en="{span}; on the document's day {written}: {then}; today {today}: {now}",
)
SPAN = Sentence(vi="từ {start} đến trước {end}", en="from {start} until before {end}")
OPEN = Text(vi="còn hiệu lực", en="it holds")
SHUT = Text(vi="không có hiệu lực", en="it does not hold")
NO_LIMIT = Text(vi="không rõ", en="no known day")
OWN = Sentence(
    vi="tuyến {pattern} giữ mã này ở trục này", en="the route {pattern} keeps the code at this hub"
)
LOST = Sentence(
    vi="{candidates}; không rõ ai kế thừa {lost}", en="{candidates}; it is not known who succeeded {lost}"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a decision: what was looked at, and what was found."""

    name: str
    found: Text

    @property
    def title(self) -> Text:
        """What was looked at."""
        return TITLES[self.name]

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {"step": self.name, "title": self.title.as_json(), "found": self.found.as_json()}


def explanation(made: Destination) -> Text:
    """Return the decision and its reason as a sentence."""
    why = _why(made)
    if made.case in {Case.UNKNOWN, Case.CLOSED, Case.NOT_YET, Case.SPLIT, Case.DOUBTFUL}:
        return why
    return BOTH.say(one=why, other=_way(made))


def steps(made: Destination) -> list[Step]:
    """Return every step on the way to a decision."""
    return [Step(name, found) for name, found in _steps(made)]


def as_json(made: Destination) -> dict[str, Any]:
    """Return the shape that `--json` publishes."""
    return {
        "code": made.code,
        "date": made.written_on.isoformat(),
        "today": made.today.isoformat(),
        "decision": str(made.outcome),
        "case": str(made.case),
        "explanation": explanation(made).as_json(),
        "agency": {"code": made.reached, "name": made.agency.name} if made.agency else None,
        "endpoint": made.endpoint.id if made.endpoint else None,
        "route": made.route.pattern if made.route else None,
        "candidates": [
            {"code": each.code, "name": each.agency.name if each.agency else None} for each in made.candidates
        ],
        "steps": [step.as_json() for step in steps(made)],
    }


def candidates_text(candidates: tuple[Candidate, ...]) -> Text:
    """Return candidates as a list, cut where it becomes too long to read."""
    named = ", ".join(str(each) for each in candidates[:MOST_NAMED])
    further = len(candidates) - MOST_NAMED
    if further <= 0:
        return Text(vi=named or "-", en=named or "-")
    return Text(vi=f"{named} và {further} nơi khác", en=f"{named} and {further} more")


def _why(made: Destination) -> Text:
    found = made.resolution
    if found.agency is None or found.entry is None:
        return ELSEWHERE.say(code=shortened(made.code)) if made.route else found.explanation
    known = {"code": shortened(made.code), "name": found.agency.name, "day": spoken(found.entry.valid_to)}
    if made.case is Case.CHANGED:
        return CHANGED.say(**known, present=made.reached)
    if made.case is Case.FORWARDED and made.agency is not None:
        return FORWARDED.say(**known, successor=f"{made.reached} ({made.agency.name})")
    if made.case is Case.SPLIT:
        return SPLIT.say(**known, candidates=_succession(made))
    if made.case is Case.DOUBTFUL:
        return DOUBTFUL.say(**known, candidates=candidates_text(made.candidates))
    return found.explanation if made.case is not Case.KNOWN else _known(made)


def _known(made: Destination) -> Text:
    assert made.agency is not None
    return Text(
        vi=f"Mã {shortened(made.code)} là của {made.agency.name}",
        en=f"The code {shortened(made.code)} belongs to {made.agency.name}",
    )


def _way(made: Destination) -> Text:
    if made.endpoint is None:
        return NO_WAY.say(name=made.agency.name if made.agency else made.code)
    if made.route is None:
        return BY_ENDPOINT.say(endpoint=made.endpoint.id)
    return BY_ROUTE.say(endpoint=made.endpoint.id, pattern=made.route.pattern)


def _succession(made: Destination) -> Text:
    named = candidates_text(made.candidates)
    lost = made.resolution.succession.lost
    return LOST.say(candidates=named, lost=", ".join(lost)) if lost else named


def _steps(made: Destination) -> Iterator[tuple[str, Text]]:
    found = made.resolution
    tidy = made.code.strip().upper()
    other = mirrored(tidy)
    yield "written", same(made.code)
    yield "trimmed", same(tidy) if tidy != made.code else SAME
    yield "mirror", same(other) if other != tidy else NO_MIRROR
    if found.agency is None or found.entry is None:
        yield "agency", NO_AGENCY
        yield "validity", NOT_NEEDED
        yield "succession", NOT_NEEDED
    else:
        named = f"{found.agency.name} ({found.entry.value}, {found.entry.scheme})"
        yield "agency", Text(vi=named, en=named)
        yield "validity", _validity(made, found.entry)
        yield "succession", _succession(made) if _is_followed(made) else NOT_NEEDED
    yield "way", _way_or_none(made)
    yield "decision", BOTH.say(one=DECISIONS[made.outcome], other=explanation(made))


def _is_followed(made: Destination) -> bool:
    return made.resolution.state is Standing.CLOSED and made.case is not Case.KNOWN


def _validity(made: Destination, entry: AgencyCode) -> Text:
    span = ALWAYS
    if entry.valid_from or entry.valid_to:
        start = spoken(entry.valid_from) if entry.valid_from else NO_LIMIT
        span = SPAN.say(start=start, end=spoken(entry.valid_to) if entry.valid_to else NO_LIMIT)
    return HOLDS.say(
        span=span,
        written=spoken(made.written_on),
        then=OPEN if entry.open_on(made.written_on) else SHUT,
        today=spoken(made.today),
        now=OPEN if entry.open_on(made.today) else SHUT,
    )


def _way_or_none(made: Destination) -> Text:
    if made.outcome is Outcome.DELIVERED:
        return _way(made)
    if made.outcome is Outcome.HELD and made.case not in {Case.SPLIT, Case.DOUBTFUL}:
        return _way(made)
    own = made.resolution.directory.route_for(made.code)
    if own is not None and own.endpoint is None:
        return OWN.say(pattern=own.pattern)
    return NOWHERE


def same(said: str) -> Text:
    """Return a stranger's code, which is the same in both languages."""
    shown = shortened(said) or "-"
    return Text(vi=shown, en=shown)
