"""The sentences of `hub.why`: for each thing that can stop a document, what happened and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.text import Sentence


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, what to do next, and the commands that do it from a shell; without one there is nothing to type.

    The sentences name no command: they are read on pages, too. `before`: what is typed before the command itself.
    """

    happened: Sentence
    next: Sentence
    command: str = ""
    before: tuple[str, ...] = ()


def words(vi: str, en: str, next_vi: str, next_en: str, command: str = "", *before: str) -> Words:
    """Return the words for one case."""
    return Words(Sentence(vi=vi, en=en), Sentence(vi=next_vi, en=next_en), command, before)


WORDS: dict[str, Words] = {
    # queued
    "hub.not-serving": words(
        "Văn bản nằm trong hàng chờ từ {since} và không có tiến trình nào của trục đang chạy để gửi",
        "It has been in the queue since {since}, and no process of the hub is running that would send it",
        "Khởi động trục",
        "Start the hub",
        "edochub serve",
    ),
    "endpoint.gone": words(
        "Điểm kết nối {endpoint} không còn, chưa có đường nào đến {code}",
        "The endpoint {endpoint} is gone: there is no way to {code}",
        "Thêm điểm kết nối cho cơ quan này, rồi cho đi tiếp",
        "Add an endpoint for that agency, then let it go on",
        "edochub endpoints add {endpoint} --adapter http --agency {code}",
    ),
    "endpoint.disabled": words(
        "Điểm kết nối {endpoint} đang bị khóa nên không gửi gì đến {code}",
        "The endpoint {endpoint} is switched off: nothing is sent to {code}",
        "Mở lại điểm kết nối; lượt tạm dừng thì sau đó phải cho đi tiếp",
        "Switch it on; what is suspended has to be let go on after that",
        "edochub endpoints enable {endpoint}",
    ),
    "endpoint.failing": words(
        "Điểm kết nối {endpoint} đang không nhận ({error}); văn bản này xếp hàng sau các lượt chờ gửi lại",
        "The endpoint {endpoint} takes nothing at the moment ({error}); this one queues behind those that wait",
        "Khắc phục hệ thống nhận; trục tự gửi lại, muốn gửi ngay thì cho đi tiếp cả điểm kết nối",
        "Mend the receiving system; the hub tries again by itself, or at once when the endpoint is let go on",
        "edochub release --endpoint {endpoint}",
    ),
    "queued.behind": words(
        "Chờ phiên bản trước của cùng văn bản đến {code} xong đã, để giữ đúng thứ tự",
        "It waits until an earlier version of the same document to {code} is done, to keep their order",
        "Xem phiên bản trước vướng gì",
        "See what stops the earlier version",
        "edochub why {other}",
    ),
    "queued": words(
        "Văn bản đang ở hàng chờ gửi đến {code} qua {endpoint} từ {since}",
        "It has been in the queue for {code} through {endpoint} since {since}",
        "Chưa cần làm gì: trục gửi ngay khi đến lượt; xem lại sau ít phút",
        "Nothing to do: the hub sends it in its turn; look again in a few minutes",
        "edochub why {delivery}",
    ),
    "sending": words(
        "Trục đang gửi đến {code} qua {endpoint}, lần {attempt}, bắt đầu lúc {since}",
        "The hub is sending it to {code} through {endpoint}: try {attempt}, begun at {since}",
        "Chưa cần làm gì; nếu tiến trình đang gửi dừng đột ngột, trục tự gửi lại",
        "Nothing to do; should the process that sends it die, the hub sends it again by itself",
        "edochub why {delivery}",
    ),
    "retry": words(
        "Lần gửi {attempt} đến {code} không thành: {error}; trục gửi lại lúc {next_try}",
        "Try {attempt} to {code} failed: {error}; the next one is at {next_try}",
        "Khắc phục hệ thống nhận hoặc đường truyền; muốn gửi ngay, không chờ, thì cho đi tiếp cả điểm kết nối",
        "Mend the receiving system or the line; to send now instead of waiting, let the endpoint go on",
        "edochub release --endpoint {endpoint}",
    ),
    # in the inbox of an endpoint that polls
    "available.repeat": words(
        "Văn bản được gửi lại theo yêu cầu và nằm trong hộp thư đến của {endpoint} từ {since}; nơi nhận đã có một lần",
        "It was given again on request and is in the inbox of {endpoint} since {since}; the addressee had it once",
        "Nhắc {code} kết nối để lấy về; không cần nữa thì rút",
        "Remind {code} to fetch it; if it is not needed any more, withdraw it",
        'edochub withdraw {delivery} --why "…"',
    ),
    "available": words(
        "Văn bản nằm trong hộp thư đến của {endpoint} từ {since} ({days}), phần mềm của {code} chưa lấy",
        "It is in the inbox of {endpoint} since {since} ({days}); the software of {code} has not taken it",
        "Nhắc {code} kiểm tra kết nối lấy văn bản; quá lâu thì thôi chuyển và trục báo bên gửi",
        "Have {code} check how it fetches; after too long give it up, and the sender is told",
        'edochub expire {delivery} --why "…"',
    ),
    # ended
    "delivered": words(
        "{code} đã nhận văn bản lúc {since}",
        "{code} has had the document since {since}",
        "Không cần làm gì; xem việc trả lời của nơi nhận",
        "Nothing to do; see what the addressee answered",
        "edochub trace {delivery}",
    ),
    "expired": words(
        "Trục đã thôi chuyển đến {code} lúc {since} và báo bên gửi (02): {reason}",
        "The hub gave up bringing it to {code} at {since} and told the sender (02): {reason}",
        "Nếu nơi nhận nay đã sẵn sàng thì gửi lại",
        "If the addressee is ready now, send it again",
        'edochub resend {delivery} --why "…"',
    ),
    "refused": words(
        "{code} từ chối văn bản lúc {since}: {reason}; bên gửi đã được báo (02)",
        "{code} refused the document at {since}: {reason}; the sender was told (02)",
        "Bên gửi sửa theo lý do trên rồi gửi văn bản mới; nếu nơi nhận từ chối nhầm thì gửi lại",
        "The sender mends it and sends anew; if the addressee refused by mistake, send it again",
        'edochub resend {delivery} --why "…"',
    ),
    "withdrawn.sender": words(
        "Đã rút lúc {since}: {reason}",
        "It was withdrawn at {since}: {reason}",
        "Không cần làm gì; muốn chuyển lại thì bên gửi phải gửi văn bản mới",
        "Nothing to do; to bring it there after all, the sender has to send it anew",
    ),
    "withdrawn.operator": words(
        "{by} đã rút lượt chuyển này lúc {since}: {why}",
        "{by} withdrew this delivery at {since}: {why}",
        "Bên gửi không nhận được văn bản trạng thái nào, chỉ thấy lý do khi tra cứu: nên báo cho bên gửi",
        "The sender was not written to and sees the reason only in the trace: better tell the sender",
    ),
    # held
    "held.ready": words(
        "Đang giữ vì: {reason}; nay đã có đường đến {code} qua {way}",
        "It was held because: {reason}; by now there is a way to {code} through {way}",
        "Cho đi tiếp",
        "Let it go on",
        "edochub release {delivery}",
    ),
    "held.choose": words(
        "Đang giữ vì mã {code} đã chia cho nhiều cơ quan: {reason}",
        "It is held because the code {code} went to several agencies: {reason}",
        "Chọn cơ quan nhận trong số đó rồi cho đi tiếp",
        "Choose which of them gets it, and let it go on",
        "edochub release {delivery} --to {choice}",
    ),
    "held.not-connected": words(
        "Đang giữ vì {code} chưa kết nối với trục: {reason}",
        "It is held because {code} is not connected to the hub: {reason}",
        "Thêm điểm kết nối cho cơ quan này; văn bản đang giữ tự được chuyển",
        "Add an endpoint for that agency; what is held goes on by itself",
        "edochub endpoints add ID --adapter http --agency {code}",
    ),
    "held.nowhere": words(
        "Đang giữ vì không còn nơi nhận: {reason}",
        "It is held because there is nobody to take it: {reason}",
        "Bổ sung cơ quan kế thừa vào danh bạ rồi cho đi tiếp; không có ai kế thừa thì thôi chuyển, trục báo bên gửi",
        "Record the successor in the directory and release it; if there is none, give it up: the sender is told",
        'edochub expire {delivery} --why "…"',
    ),
    # suspended
    "suspended.operator": words(
        "{by} đã dừng lượt chuyển đến {code} lúc {since}: {why}",
        "{by} stopped the delivery to {code} at {since}: {why}",
        "Khi lý do không còn thì cho đi tiếp",
        "Once the reason is gone, let it go on",
        "edochub release {delivery}",
    ),
    "suspended.unreachable": words(
        "Đã gửi {attempt} lần đến {code} qua {endpoint} mà không được, lần cuối: {error}",
        "It could not be sent to {code} through {endpoint} (tries: {attempt}), at last: {error}",
        "Khắc phục hệ thống nhận hoặc đường truyền, rồi cho đi tiếp cả điểm kết nối",
        "Mend the receiving system or the line, then let everything for it go on",
        "edochub release --endpoint {endpoint}",
    ),
    "suspended.fault": words(
        "Tạm dừng sau lần gửi {attempt} đến {code} qua {endpoint}: {error}",
        "Suspended after try {attempt} to {code} through {endpoint}: {error}",
        "Kiểm tra trục và điểm kết nối {endpoint}, sửa cho đúng, rồi cho đi tiếp",
        "Check the hub and the endpoint {endpoint}, mend what is wrong, then let it go on",
        "edochub release --endpoint {endpoint}",
        "edochub doctor",
        "edochub endpoints set {endpoint} …",
    ),
    # of the package as a whole
    "package.refused": words(
        "Trục từ chối gói tin lúc {since}, không chuyển cho ai: {reason}",
        "The hub refused the package at {since} and brought it to nobody: {reason}",
        "Bên gửi: {remedy}",
        "The sender: {remedy}",
        "edochub trace {message}",
    ),
    "signature.invalid": words(
        "Gói tin được chuyển, nhưng có chữ ký số không hợp lệ: {reason}",
        "The package went out, but a signature on it is invalid: {reason}",
        "Báo nơi nhận thận trọng và bên gửi ký lại; muốn trục từ chối những gói tin như vậy thì đặt quy định",
        "Warn the addressee and have the sender sign anew; the endpoint can be set to refuse the like",
        "edochub endpoints set {endpoint} --signatures refuse-invalid",
    ),
    "signature.certificate": words(
        "Gói tin được chuyển, nhưng chứng thư của người ký không dùng được: {reason}",
        "The package went out, but the signer's certificate does not count: {reason}",
        "Bên gửi: gia hạn hoặc thay chứng thư rồi ký lại; muốn trục từ chối những gói tin như vậy thì đặt quy định",
        "The sender: renew the certificate and sign anew; the endpoint can be set to refuse the like",
        "edochub endpoints set {endpoint} --signatures require",
    ),
    "done": words(
        "Mọi nơi nhận đã có kết quả cuối cùng: {states}",
        "Every delivery has ended: {states}",
        "Không cần làm gì",
        "Nothing to do",
        "edochub trace {message}",
    ),
}
