"""What people call the hub's states and levels: one table each, in both languages.

The words in JSON and in the database are those of the enums; these are for whoever reads a screen. What the standard's
own codes mean (kinds, priorities, statuses) is in `schemas.edxml.codes`, how signatures stand in `signing.verdict`.
"""

from __future__ import annotations

from hub.model import DeliveryState, Level, SignatureRule
from schemas.edxml.elements import Dialect
from schemas.text import Text

STATES: dict[DeliveryState, Text] = {
    DeliveryState.QUEUED: Text(vi="chờ gửi", en="waiting to be sent"),
    DeliveryState.SENDING: Text(vi="đang gửi", en="being sent"),
    DeliveryState.WAITING_FOR_RETRY: Text(vi="chờ gửi lại", en="waiting for the next try"),
    DeliveryState.AVAILABLE: Text(vi="chờ nơi nhận lấy về", en="in the inbox, not yet taken"),
    DeliveryState.DELIVERED: Text(vi="đã đến nơi nhận", en="delivered"),
    DeliveryState.REFUSED: Text(vi="nơi nhận từ chối", en="refused by the addressee"),
    DeliveryState.HELD: Text(vi="tạm giữ, chờ xác định nơi nhận", en="held until somebody decides where to"),
    DeliveryState.SUSPENDED: Text(vi="tạm dừng, cần người xử lý", en="suspended, a person must look"),
    DeliveryState.WITHDRAWN: Text(vi="đã rút lại", en="withdrawn"),
}

LEVELS: dict[Level, Text] = {
    Level.CENTRAL: Text(vi="trung ương", en="central"),
    Level.PROVINCE: Text(vi="cấp tỉnh", en="province"),
    Level.DISTRICT: Text(vi="cấp huyện (trước 01/7/2025)", en="district (before 2025-07-01)"),
    Level.COMMUNE: Text(vi="cấp xã", en="commune"),
    Level.OTHER: Text(vi="khác", en="other"),
}

SIGNATURE_RULES: dict[SignatureRule, Text] = {
    SignatureRule.DEFAULT: Text(vi="theo quy định chung của trục", en="as the hub's policy says"),
    SignatureRule.IGNORE: Text(vi="không xét", en="not looked at"),
    SignatureRule.REFUSE_INVALID: Text(
        vi="từ chối nếu không hợp lệ, còn lại báo kết quả", en="refused if invalid, else reported"
    ),
    SignatureRule.REPORT: Text(vi="kiểm tra và báo kết quả", en="checked and reported"),
    SignatureRule.REQUIRE: Text(vi="bắt buộc hợp lệ", en="must be valid"),
}

# Endpoint.dialect
DIALECTS: dict[Dialect, Text] = {
    "vnpt": Text(vi="vnpt: như gói tin mẫu", en="vnpt: as the samples are"),
    "dotnet": Text(vi="dotnet: như bộ .NET SDK", en="dotnet: as the .NET SDK does"),
}

# Attempt.outcome
ATTEMPTS: dict[str, Text] = {
    "delivered": Text(vi="đã đến nơi nhận", en="delivered"),
    "available": Text(vi="đã để vào hộp thư đến", en="put into the inbox"),
    "unavailable": Text(vi="không liên lạc được", en="did not answer"),
    "refused": Text(vi="nơi nhận từ chối", en="refused"),
    "fault": Text(vi="lỗi", en="fault"),
}

# StatusEntry.note
NOTES: dict[str, Text] = {
    "advanced": Text(vi="chuyển sang bước này", en="moved on to this"),
    "repeated": Text(vi="nhắc lại", en="said again"),
    "late": Text(vi="đến muộn, không đổi trạng thái", en="came late, changes nothing"),
    "request": Text(vi="yêu cầu của nơi gửi", en="the sender's request"),
    "withdrawn": Text(
        vi="rút trước khi giao, không hỏi nơi nhận", en="withdrawn before delivery, nobody asked"
    ),
    "contradicts": Text(vi="trái với trạng thái đã có", en="does not fit what was said before"),
    "reply": Text(vi="trả lời yêu cầu của nơi gửi", en="the answer to the sender's request"),
}


def word(table: dict[str, Text], key: str) -> str:
    """Return the word for a key, or the key itself if a newer hub wrote one that is not known here."""
    return str(table[key]) if key in table else key


def days(count: int) -> Text:
    """Return so many days as people say it."""
    return Text(vi=f"{count} ngày", en=f"{count} day{'' if count == 1 else 's'}")
