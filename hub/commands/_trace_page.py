"""One trace as a page for a clerk: what it is, how each addressee stands, what happened, what was answered."""

from __future__ import annotations

from collections.abc import Iterator

from hub import show
from hub.commands import _tables
from hub.directory import Directory
from hub.errors import NotFound
from hub.events import actor, sentence
from hub.exchange.states import NAMES
from hub.model import Delivery, DeliveryState, Message, StoredRefusal
from hub.routes import STRANGER
from hub.show import Toned
from hub.trace import Trace
from hub.words import ATTEMPTS, NOTES, word
from schemas.edxml.codes import PRIORITY_NAMES, kind_name, status_name
from schemas.edxml.envelope import Priority
from schemas.text import Text


def tell(trace: Trace, directory: Directory) -> None:
    """Print one trace."""
    if trace.message:
        head(trace.message)
        _versions(trace)
        _addressees(trace, directory)
        _states(trace)
    if trace.refusal:
        _refusal(trace.refusal)
    _timeline(trace)
    _attempts(trace)
    _answers(trace)
    if trace.message:
        _checks(trace.message)


def head(message: Message) -> None:
    """Print what it is."""
    show.line(Toned(f"{kind_name(message.kind)} {show.clean(message.code)}", "strong"))
    show.facts(
        [
            (Text(vi="Trích yếu", en="Subject"), message.subject),
            (Text(vi="Trạng thái", en="Status"), _status(message.status_code)),
            (Text(vi="Nơi gửi", en="From"), f"{message.sender_name} ({message.sender})"),
            (Text(vi="Ngày ban hành", en="Issued on"), message.promulgated_on),
            (Text(vi="Hạn trả lời", en="Answer due on"), message.due_on),
            (Text(vi="Độ khẩn", en="Priority"), PRIORITY_NAMES[Priority(message.priority)]),
            (Text(vi="Trục tiếp nhận lúc", en="Accepted"), message.accepted_at),
            (Text(vi="Qua điểm kết nối", en="Through endpoint"), message.endpoint),
            (Text(vi="Mã của trục", en="The hub's id"), message.id),
            (Text(vi="DocumentId", en="DocumentId"), message.document_id),
            (Text(vi="Liên quan gói tin", en="About message"), message.about),
            (Text(vi="SHA-256", en="SHA-256"), message.sha256),
            (Text(vi="Kích thước", en="Size"), _bytes(message.size)),
        ]
    )


def _bytes(size: int) -> Text:
    return Text(vi=f"{size} byte", en=f"{size} bytes")


def _status(code: str | None) -> str | None:
    return f"{code} – {status_name(code)}" if code else None


def _addressees(trace: Trace, directory: Directory) -> None:
    show.heading(Text(vi="Nơi nhận", en="Addressees"))
    columns = [
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Mã", en="Code"),
        Text(vi="Trạng thái", en="State"),
        Text(vi="Từ lúc", en="Since"),
        Text(vi="Ghi chú", en="Note"),
        Text(vi="Lượt chuyển", en="Delivery"),
    ]
    rows = [
        [
            _name(each.agency, directory),
            each.addressee,
            _tables.state(each),
            each.updated_at,
            _note(each),
            each.id,
        ]
        for each in trace.deliveries
    ]
    show.table(columns, rows, empty=Text(vi="Không có.", en="None."))


def _versions(trace: Trace) -> None:
    """Print in place of which messages this one stands, and which stand in its place."""
    facts: list[tuple[Text, object]] = []
    for name, others in (
        (
            Text(vi="Thay cho gói tin", en="Supersedes"),
            [(each.older, each.agencies) for each in trace.supersedes],
        ),
        (
            Text(vi="Đã bị thay bởi", en="Superseded by"),
            [(each.newer, each.agencies) for each in trace.superseded_by],
        ),
    ):
        for message, agencies in others:
            facts.append((name, f"{message} ({', '.join(trace.codes_of(agencies)) or '-'})"))
    if facts:
        show.facts(facts)


def _states(trace: Trace) -> None:
    """Print how the document stands with each addressee, once anything was asked or said."""
    told = [each for each in trace.states if each.standing.since is not None]
    if not told:
        return
    show.heading(Text(vi="Tình trạng tại nơi nhận", en="How it stands"))
    columns = [
        Text(vi="Mã", en="Code"),
        Text(vi="Tình trạng", en="State"),
        Text(vi="Từ lúc", en="Since"),
        Text(vi="Xử lý", en="Progress"),
        Text(vi="Yêu cầu của nơi gửi", en="The sender's request"),
    ]
    rows = [
        [
            each.to,
            each.standing.name,
            each.since,
            NAMES[each.standing.progress],
            NAMES[each.standing.request],
        ]
        for each in told
    ]
    show.table(columns, rows)


def _name(agency: str, directory: Directory) -> str:
    try:
        return directory.agency(agency).name
    except NotFound:  # it went to the next hub by its code; or the directory was restored without it
        return agency.removeprefix(STRANGER)


def _note(delivery: Delivery) -> str:
    """Return why it stands there, and when something happens next."""
    parts = [str(delivery.reason)] if delivery.reason else []
    if delivery.state is DeliveryState.WAITING_FOR_RETRY and delivery.next_try_at:
        next_try = show.when(delivery.next_try_at)
        parts.append(str(Text(vi=f"gửi lại lúc {next_try}", en=f"next try at {next_try}")))
    if delivery.state in {DeliveryState.HELD, DeliveryState.SUSPENDED}:
        parts.append(f"→ edochub why {delivery.id}")
    return "; ".join(parts)


def _refusal(refusal: StoredRefusal) -> None:
    show.line(Toned(Text(vi="Gói tin bị trục từ chối", en="Refused by the hub"), "bad"))
    show.facts(
        [
            (Text(vi="Lý do", en="Why"), refusal.message),
            (Text(vi="Lúc", en="At"), refusal.at),
            (Text(vi="Qua điểm kết nối", en="Through endpoint"), refusal.endpoint),
            (Text(vi="Nơi gửi", en="From"), refusal.sender),
            (Text(vi="Số, ký hiệu", en="Number"), refusal.document_code),
            (Text(vi="DocumentId", en="DocumentId"), refusal.document_id),
            (Text(vi="Mã của trục", en="The hub's id"), refusal.id),
            (Text(vi="Kích thước", en="Size"), _bytes(refusal.size)),
            (Text(vi="SHA-256", en="SHA-256"), refusal.sha256),
        ]
    )
    _tables.findings(refusal.findings)


def _timeline(trace: Trace) -> None:
    show.heading(Text(vi="Diễn biến", en="What happened"))
    addressees = {each.id: each.addressee for each in trace.deliveries}
    columns = [
        Text(vi="Lúc", en="When"),
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Sự kiện", en="Event"),
        Text(vi="Thực hiện", en="By"),
    ]
    rows = [
        [event.at, addressees.get(event.delivery or ""), sentence(event, show.when), actor(event)]
        for event in trace.events
    ]
    show.table(columns, rows, empty=Text(vi="Chưa có gì.", en="Nothing yet."))


def _attempts(trace: Trace) -> None:
    rows = list(_attempt_rows(trace))
    if not rows:
        return
    show.heading(Text(vi="Các lần gửi", en="Tries"))
    columns = [
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Lần", en="Try"),
        Text(vi="Bắt đầu", en="Began"),
        Text(vi="Kết thúc", en="Ended"),
        Text(vi="Kết quả", en="Outcome"),
        Text(vi="Chi tiết", en="Detail"),
    ]
    show.table(columns, rows)


def _attempt_rows(trace: Trace) -> Iterator[list[object]]:
    for delivery in trace.deliveries:
        for attempt in trace.attempts.get(delivery.id, ()):
            yield [
                delivery.addressee,
                attempt.number,
                attempt.started_at,
                attempt.ended_at,
                word(ATTEMPTS, attempt.outcome),
                attempt.detail,
            ]


def _answers(trace: Trace) -> None:
    if not trace.statuses:
        return
    show.heading(Text(vi="Trả lời", en="Answers"))
    columns = [
        Text(vi="Lúc", en="When"),
        Text(vi="Từ", en="From"),
        Text(vi="Trạng thái", en="Status"),
        Text(vi="Diễn giải", en="Description"),
        Text(vi="Ghi chú", en="Note"),
        Text(vi="Gói tin", en="Message"),
    ]
    rows = [
        [
            each.stated_at or each.recorded_at,
            each.sender,
            _status(each.code),
            each.description,
            word(NOTES, each.note),
            each.id,
        ]
        for each in trace.statuses
    ]
    show.table(columns, rows)


def _checks(message: Message) -> None:
    if message.verdicts:
        show.heading(Text(vi="Chữ ký số", en="Signatures"))
        _tables.verdicts(message.verdicts)
    if message.findings:
        show.heading(Text(vi="Điều cần lưu ý", en="What was noticed"))
        _tables.findings(message.findings)
