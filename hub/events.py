"""Every kind of event that the ledger holds, as a sentence for people.

The ledger keeps kinds and details; this table says them. A kind that is not here (a newer hub wrote it, or a stranger's
adapter) is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.model import TraceEvent
from schemas.edxml.codes import status_name
from schemas.text import Sentence, Text


@dataclass(frozen=True, slots=True)
class Told:
    """How an event is told: its sentence, and which of its details belong to it, each under the name of its form."""

    said: Text
    details: tuple[tuple[str, str], ...] = ()


def told(vi: str, en: str, **details: str) -> Told:
    """Return how an event is told. `details` are names of `FORMS`, each with the event's name for the value."""
    return Told(Text(vi=vi, en=en), tuple(details.items()))


FORMS: dict[str, Sentence] = {
    "attempt": Sentence(vi="lần {value}", en="try {value}"),
    "answer": Sentence(vi="{value}", en="{value}"),
    "endpoint": Sentence(vi="điểm kết nối {value}", en="endpoint {value}"),
    "certificate": Sentence(vi="chứng thư {value}", en="certificate {value}"),
    "outcomes": Sentence(vi="{value}", en="{value}"),
    "rule": Sentence(vi="gói tin: {value}", en="package: {value}"),
    "attachments": Sentence(vi="tệp đính kèm: {value}", en="attachments: {value}"),
    "dialect": Sentence(vi="cách viết {value}", en="dialect {value}"),
    "destination": Sentence(vi="đến {value}", en="to {value}"),
    "pattern": Sentence(vi="mẫu {value}", en="pattern {value}"),
    "remote": Sentence(vi="mã phía nhận {value}", en="known there as {value}"),
    "given": Sentence(
        vi="bản giao có thêm TraceHeader, SHA-256 {value}", en="with a TraceHeader, SHA-256 {value}"
    ),
    "error": Sentence(vi="mã lỗi {value}", en="code {value}"),
    "reason": Sentence(vi="lý do: {value}", en="reason: {value}"),
    "why": Sentence(vi="vì: {value}", en="because: {value}"),
    "repeat": Sentence(vi="lần gửi lại {value}", en="repeat {value}"),
    "first_error": Sentence(vi="lỗi đầu tiên: {value}", en="first error: {value}"),
    "next": Sentence(vi="gửi lại lúc {value}", en="next try at {value}"),
    "account": Sentence(vi="{value}", en="{value}"),
    "backup": Sentence(vi="bản lúc {value}", en="the one of {value}"),
    "policy": Sentence(vi="thời hạn {value}", en="policy {value}"),
    "exported": Sentence(vi="chứng cứ ở {value}", en="evidence in {value}"),
    "role": Sentence(vi="vai trò {value}", en="role {value}"),
    "way": Sentence(vi="bằng {value}", en="by {value}"),
    "added": Sentence(vi="thêm {value}", en="{value} added"),
    "changed": Sentence(vi="sửa {value}", en="{value} changed"),
}

EVENTS: dict[str, Told] = {
    # a document's
    "document.accepted": told(
        "Trục đã tiếp nhận và lưu gói tin", "The hub accepted and recorded the package"
    ),
    "document.duplicate": told(
        "Gói tin được gửi lặp lại, không chuyển thêm", "The same package came again; nothing more was sent"
    ),
    "document.refused": told("Trục từ chối gói tin", "The hub refused the package", error="code"),
    "hub.restored": told("Khôi phục từ bản sao lưu", "Brought back from a backup", backup="backup"),
    "payload.removed": told(
        "Xóa nội dung gói tin theo thời hạn lưu trữ; sổ và kết luận về chữ ký vẫn còn",
        "The package was removed when its time was over; the ledger and the verdicts stay",
        policy="policy",
        exported="exported",
    ),
    # a delivery's
    "delivery.held": told(
        "Tạm giữ: nơi nhận chưa kết nối với trục",
        "Held: the addressee is not connected to the hub yet",
        reason="reason",
    ),
    "delivery.queued": told("Đưa vào hàng chờ gửi", "Put in the queue", endpoint="endpoint"),
    "delivery.claimed": told("Bắt đầu gửi", "Sending began", attempt="attempt"),
    "delivery.sending": told("Bắt đầu gửi", "Sending began", attempt="attempt"),
    "delivery.put-back": told(
        "Lần gửi bị ngắt giữa chừng, sẽ gửi lại", "The try was cut off; it will be repeated"
    ),
    "delivery.interrupted": told(
        "Lần gửi bị ngắt giữa chừng, sẽ gửi lại", "The try was cut off; it will be repeated"
    ),
    "delivery.attempted": told(
        "Chưa gửi được, sẽ gửi lại",
        "The try failed; there will be another",
        attempt="attempt",
        next="next_try_at",
        reason="reason",
    ),
    "delivery.waiting": told(
        "Chưa gửi được, sẽ gửi lại",
        "The try failed; there will be another",
        attempt="attempt",
        next="next_try_at",
        reason="reason",
    ),
    "delivery.available": told(
        "Đã để vào hộp thư đến của nơi nhận", "Put into the addressee's inbox", endpoint="endpoint"
    ),
    "delivery.processing": told("Hệ thống nhận đang xử lý", "The addressee's system is at work on it"),
    "delivery.trace-header": told(
        "Chèn thêm TraceHeader vào bản giao cho nơi nhận",
        "A TraceHeader was put into what the addressee is given",
        given="given_sha256",
    ),
    "delivery.delivered": told(
        "Nơi nhận đã nhận",
        "The addressee has it",
        attempt="attempt",
        remote="remote_id",
        given="given_sha256",
    ),
    "delivery.refused": told(
        "Nơi nhận từ chối", "The addressee refused it", attempt="attempt", reason="reason"
    ),
    "delivery.suspended": told(
        "Tạm dừng, cần người xử lý", "Suspended: a person must look", attempt="attempt", reason="reason"
    ),
    "delivery.resumed": told(
        "Cho gửi tiếp", "It may go on", destination="to", endpoint="endpoint", why="why"
    ),
    "delivery.withdrawn": told(
        "Đã rút lại trước khi giao", "Withdrawn before it was delivered", reason="reason"
    ),
    "delivery.stopped": told("Người vận hành dừng lượt chuyển", "An operator stopped it", why="why"),
    "delivery.resent": told(
        "Gửi lại theo yêu cầu",
        "Sent again on request",
        repeat="repeat",
        destination="to",
        first_error="first_error",
        why="why",
    ),
    "delivery.expired": told(
        "Quá lâu không ai nhận, trục thôi chuyển", "Nobody took it in time; the hub gave up", why="why"
    ),
    "delivery.repeat-ended": told(
        "Thôi gửi lại; nơi nhận giữ bản đã nhận", "Not sent again; the addressee keeps what it has", why="why"
    ),
    # signatures
    "signatures.judged": told(
        "Đã kiểm tra chữ ký số, kể cả của tệp đính kèm",
        "Signatures were judged, those of attachments too",
        outcomes="outcomes",
    ),
    "signatures.settled": told(
        "Kết quả kiểm tra chữ ký số thay đổi theo dữ liệu mới",
        "What is known of the signatures changed with newer data",
        outcomes="outcomes",
    ),
    # answers
    "answer.recorded": told("Ghi nhận thông báo trạng thái", "An answer was recorded", answer="code"),
    # the hub's own
    "directory.imported": told(
        "Nhập danh bạ cơ quan", "Agencies were imported", added="added", changed="changed"
    ),
    "directory.route-added": told(
        "Thêm tuyến chuyển tiếp", "A route was added", pattern="pattern", endpoint="endpoint"
    ),
    "directory.route-removed": told(
        "Bỏ tuyến chuyển tiếp", "A route was removed", pattern="pattern", endpoint="endpoint"
    ),
    "directory.certificate-added": told(
        "Đăng ký chứng thư của cơ quan", "A certificate was registered for an agency", certificate="subject"
    ),
    "directory.certificate-removed": told(
        "Bỏ đăng ký chứng thư của cơ quan",
        "A certificate is no longer registered for an agency",
        certificate="subject",
    ),
    "endpoint.added": told("Thêm điểm kết nối", "An endpoint was added", endpoint="endpoint"),
    "endpoint.secret-rotated": told(
        "Đổi mã bí mật của điểm kết nối", "An endpoint's secret was changed", endpoint="endpoint"
    ),
    "endpoint.dialect-set": told(
        "Đổi cách viết gói tin gửi điểm kết nối",
        "How packages to an endpoint are written was changed",
        endpoint="endpoint",
        dialect="dialect",
    ),
    "endpoint.signatures-set": told(
        "Đổi yêu cầu chữ ký số của điểm kết nối",
        "What is demanded of an endpoint's signatures was changed",
        endpoint="endpoint",
        rule="signatures",
        attachments="attachments",
    ),
    "endpoint.address-set": told(
        "Đổi địa chỉ của điểm kết nối", "An endpoint's address was changed", endpoint="endpoint", why="why"
    ),
    "endpoint.limits-set": told(
        "Đổi hạn mức riêng của điểm kết nối", "An endpoint's own limits were changed", endpoint="endpoint"
    ),
    "endpoint.agency-registered": told(
        "Hệ thống đăng ký đơn vị trực thuộc", "A system registered a unit of its own", endpoint="endpoint"
    ),
    "endpoint.disabled": told("Khóa điểm kết nối", "An endpoint was disabled", endpoint="endpoint"),
    "endpoint.enabled": told("Mở lại điểm kết nối", "An endpoint was enabled", endpoint="endpoint"),
    "account.added": told("Thêm tài khoản", "An account was added", account="account", role="role"),
    "account.changed": told("Sửa tài khoản", "An account was changed", account="account", role="role"),
    "account.removed": told("Xóa tài khoản", "An account was removed", account="account"),
    "account.password-set": told(
        "Đặt mật khẩu của tài khoản", "An account's password was set", account="account"
    ),
    "account.signed-in": told("Đăng nhập bảng điều khiển", "Signed in to the console", way="way"),
    "account.signed-out": told("Đăng xuất bảng điều khiển", "Signed out of the console"),
    "document.downloaded": told("Tải gói tin về máy", "The package was downloaded"),
    "document.evidenced": told("Lập và tải bằng chứng", "Evidence was made and downloaded"),
    "hub.ledger-alarm": told(
        "Cảnh báo: không niêm phong được sổ nhật ký",
        "Alarm: the ledger cannot be sealed",
        reason="reason",
    ),
    "hub.started": told("Trục khởi động", "The hub started"),
    "hub.stopped": told("Trục dừng", "The hub stopped"),
}

ACTORS: dict[str, Sentence] = {
    "endpoint": Sentence(vi="điểm kết nối {name}", en="endpoint {name}"),
    "hub": Sentence(vi="trục {name}", en="hub {name}"),
    "operator": Sentence(vi="người vận hành {name}", en="operator {name}"),
    "account": Sentence(vi="tài khoản {name}", en="account {name}"),
}


def sentence(event: TraceEvent, when: Callable[[datetime], str] = datetime.isoformat) -> str:
    """Return what happened, in the reader's language; `when` writes the times in it."""
    if event.kind not in EVENTS:
        return event.kind
    known = EVENTS[event.kind]
    details = [
        str(FORMS[form].say(value=_value(form, event.details[name], when)))
        for form, name in known.details
        if event.details.get(name) not in (None, "")
    ]
    return f"{known.said} ({'; '.join(details)})" if details else str(known.said)


def actor(event: TraceEvent) -> str:
    """Return who did it, in the reader's language."""
    kind, _, name = event.actor.partition(":")
    return str(ACTORS[kind].say(name=name)) if kind in ACTORS and name else event.actor


def _value(form: str, detail: Any, when: Callable[[datetime], str]) -> Any:
    """Return a detail as a value for a sentence: the ledger keeps texts as `{"vi", "en"}` and times in ISO 8601."""
    if form == "answer":
        return f"{detail} – {status_name(detail)}"
    if form == "next":
        return when(datetime.fromisoformat(detail))
    if isinstance(detail, dict) and {"vi", "en"} <= set(detail):
        return Text.from_json(detail)
    return detail
