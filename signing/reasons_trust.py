"""Reasons of the trust store and of what is known about revocations. The codes never change once published."""

from __future__ import annotations

from schemas.text import Sentence
from signing.verdict import ReasonKind

GOOD = ReasonKind(
    "revocation.good",
    Sentence(
        vi="Không chứng thư nào trên đường dẫn bị thu hồi (dữ liệu ngày {date}).",
        en="No certificate of the path was revoked (data of {date}).",
    ),
)
NOTHING_TO_CHECK = ReasonKind(
    "revocation.trusted-directly",
    Sentence(
        vi="Chứng thư {subject} do đơn vị vận hành tin cậy trực tiếp; không có gì để kiểm tra thu hồi.",
        en="The operator trusts the certificate {subject} itself; there is no revocation to look for.",
    ),
)
REVOKED = ReasonKind(
    "certificate.revoked",
    Sentence(
        vi="Chứng thư của {subject} đã bị thu hồi từ {date} (lý do: {reason}).",
        en="The certificate of {subject} was revoked on {date} (reason: {reason}).",
    ),
    remedy=Sentence(
        vi="Ký lại bằng chứng thư còn hiệu lực, chưa bị thu hồi, rồi gửi lại.",
        en="Sign again with a certificate that has not been revoked, and send it again.",
    ),
)
REVOKED_LATER = ReasonKind(
    "certificate.revoked-later",
    Sentence(
        vi="Chứng thư của {subject} bị thu hồi ngày {date}, sau thời điểm được xét (lý do: {reason}).",
        en="The certificate of {subject} was revoked on {date}, after the time in question (reason: {reason}).",
    ),
)
ON_HOLD = ReasonKind(
    "certificate.on-hold",
    Sentence(
        vi="Chứng thư của {subject} bị tạm dừng từ {date}.",
        en="The certificate of {subject} is on hold since {date}.",
    ),
    remedy=Sentence(
        vi="Đề nghị nơi cấp khôi phục hoặc thu hồi hẳn chứng thư; trục sẽ xét lại khi có dữ liệu mới.",
        en="Ask the issuer to release or revoke the certificate; the hub looks again when there is newer data.",
    ),
)
STALE = ReasonKind(
    "revocation.stale",
    Sentence(
        vi="Dữ liệu thu hồi cho chứng thư của {subject} đã cũ: lập ngày {date}, chỉ dùng được đến {until}.",
        en="The revocation data for the certificate of {subject} is too old: of {date}, good until {until}.",
    ),
    remedy=Sentence(
        vi="Chờ trục lấy dữ liệu thu hồi mới; không cần gửi lại. Đơn vị vận hành: chạy “edochub trust refresh”.",
        en="Wait until the hub has newer revocation data; no need to send again. Operator: “edochub trust refresh”.",
    ),
)
UNKNOWN = ReasonKind(
    "revocation.unknown",
    Sentence(
        vi="Nơi cấp trả lời rằng không biết chứng thư của {subject}.",
        en="The issuer answers that it does not know the certificate of {subject}.",
    ),
    remedy=Sentence(
        vi="Hỏi nơi cấp về chứng thư này; nếu mới cấp, chờ nơi cấp cập nhật rồi trục sẽ xét lại.",
        en="Ask the issuer about the certificate; if it is new, wait until the issuer knows it: the hub looks again.",
    ),
)
NOT_FOR_TIME_STAMPS = ReasonKind(
    "certificate.not-for-time-stamps",
    Sentence(
        vi="Chứng thư của {subject} không dùng để cấp dấu thời gian: cần riêng timeStamping (quan trọng), "
        "nhận được {got}.",
        en="The certificate of {subject} is not for time stamps: expected timeStamping alone, critical, got {got}.",
    ),
    remedy=Sentence(
        vi="Dùng dịch vụ dấu thời gian có chứng thư đúng theo RFC 3161, mục 2.3.",
        en="Use a time-stamping service whose certificate keeps to RFC 3161, 2.3.",
    ),
)
