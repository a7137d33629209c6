"""The settings of metrics, traces, alerts and retention explained; `_settings.py` has the others."""

from __future__ import annotations

from schemas.text import Text

SETTINGS: dict[str, Text] = {
    "metrics.listen": Text(
        vi="Địa chỉ và cổng của /metrics; để trống là không có; không nên mở ra ngoài mạng quản trị",
        en="The address and port of /metrics; empty: none; not to be opened beyond the operators' network",
    ),
    "metrics.endpoints": Text(
        vi="Nêu tên tối đa bấy nhiêu điểm kết nối, hàng đợi dài nhất trước; phần còn lại gộp làm một",
        en="At most so many endpoints are named, the longest queues first; the others are added up",
    ),
    "tracing.url": Text(
        vi="Địa chỉ bộ thu, ví dụ http://127.0.0.1:4318/v1/traces; để trống là không gửi",
        en="The collector's address, such as http://127.0.0.1:4318/v1/traces; empty: nothing is sent",
    ),
    "tracing.share": Text(
        vi="Phần văn bản được ghi vết, từ 0 đến 1; mọi trục chọn cùng những văn bản",
        en="The part of the documents that is traced, 0 to 1; all hubs choose the same ones",
    ),
    "alerts.mail_to": Text(vi="Địa chỉ thư điện tử nhận cảnh báo", en="Who gets alerts by e-mail"),
    "alerts.mail_from": Text(vi="Địa chỉ gửi cảnh báo", en="Whom the mails are from"),
    "alerts.smtp": Text(
        vi="Máy chủ thư: smtps://máy_chủ hoặc smtp://máy_chủ (STARTTLS); không mã hóa chỉ trên chính máy này",
        en="The mail server: smtps://host or smtp://host (STARTTLS); without TLS on this machine only",
    ),
    "alerts.smtp_user": Text(vi="Tài khoản ở máy chủ thư", en="The account at the mail server"),
    "alerts.smtp_password_file": Text(
        vi="Tệp có dòng đầu là mật khẩu của tài khoản đó", en="The file whose first line is its password"
    ),
    "alerts.webhook": Text(
        vi="Địa chỉ https nhận cảnh báo bằng POST; http chỉ trên chính máy này",
        en="An https address that takes alerts by POST; http on this machine only",
    ),
    "alerts.webhook_secret_file": Text(
        vi="Tệp có dòng đầu là mã bí mật để ký nội dung gửi đến địa chỉ đó",
        en="The file whose first line is the secret that signs what is posted there",
    ),
    "alerts.language": Text(vi="Ngôn ngữ của cảnh báo: vi hoặc en", en="The language of alerts: vi or en"),
    "alerts.quiet": Text(
        vi="Giờ yên lặng theo giờ Việt Nam, ví dụ 21:00-06:00: chỉ báo việc không thể chờ",
        en="Quiet hours in Vietnam's time, such as 21:00-06:00: only what cannot wait is told",
    ),
    "alerts.every_seconds": Text(vi="Bao lâu xem xét một lần (giây)", en="How often one looks (seconds)"),
    "alerts.patience_seconds": Text(
        vi="Sự cố kéo dài chừng này mới báo (giây); hết sớm hơn thì không báo",
        en="How long something must last before it is told (seconds); what is over sooner is not",
    ),
    "alerts.queue_count": Text(
        vi="Số lượt chuyển chờ một điểm kết nối từ mức này thì báo",
        en="How many deliveries waiting for one endpoint call for an alert",
    ),
    "alerts.queue_minutes": Text(
        vi="Lượt chuyển chờ lâu hơn chừng này thì báo (phút)",
        en="How long the oldest of them may wait (minutes)",
    ),
    "alerts.checkpoint_minutes": Text(
        vi="Mốc niêm phong sổ trễ hơn chừng này thì báo (phút)",
        en="How late the ledger's checkpoint may be (minutes)",
    ),
    "alerts.disk_free_percent": Text(
        vi="Đĩa còn trống ít hơn chừng này phần trăm thì báo", en="The part of the disk that must be free (%)"
    ),
    "alerts.clock_seconds": Text(
        vi="Đồng hồ lệch quá chừng này thì báo (giây)", en="How far the clock may be off (seconds)"
    ),
    "alerts.clock_url": Text(
        vi="Địa chỉ https để so giờ theo trường Date của câu trả lời, khi máy không dùng NTP",
        en="An https address whose Date header the clock is compared with, where there is no NTP",
    ),
    "alerts.backup_hours": Text(
        vi="Bản sao lưu mới nhất được cũ tới đâu (giờ); 0 là không theo dõi",
        en="How old the newest backup may be (hours); 0: backups are not watched",
    ),
    "retention.new_days": Text(vi="Văn bản mới (ngày)", en="New documents (days)"),
    "retention.update_days": Text(vi="Văn bản cập nhật (ngày)", en="Updates (days)"),
    "retention.replace_days": Text(vi="Văn bản thay thế (ngày)", en="Replacements (days)"),
    "retention.revoke_days": Text(vi="Văn bản thu hồi (ngày)", en="Recalls (days)"),
    "retention.status_days": Text(vi="Gói tin trạng thái (ngày)", en="Status packages (days)"),
    "retention.export": Text(
        vi="Thư mục lưu hồ sơ chứng cứ (.asice) trước khi xóa nội dung; để trống là chỉ xóa",
        en="The folder where the evidence (.asice) is written before a package is removed; none: only removed",
    ),
    "retention.at": Text(
        vi="Sau giờ này mỗi ngày (giờ Việt Nam) thì thực hiện; để trống là chỉ bằng “edochub retention run”",
        en="After this time each day (Vietnam's) it is done; empty: only by “edochub retention run”",
    ),
}

EXAMPLES: dict[str, str] = {
    "alerts.smtp_password_file": '"keys/smtp.password"',
    "alerts.webhook_secret_file": '"keys/alerts.secret"',
    "retention.export": '"archive"',
}
