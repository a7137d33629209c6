"""Every setting of edochub.toml explained, and the file that `edochub init` writes from the defaults in `hub.config`.

In that file each setting stands behind a `#` with its default: whoever changes one takes the mark off, and a later
version may choose better defaults for the others. A test checks that no setting is missing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from hub.commands._settings_running import EXAMPLES as RUNNING_EXAMPLES
from hub.commands._settings_running import SETTINGS as RUNNING
from hub.config import Config
from schemas.text import Text

TITLE = Text(
    vi="Cấu hình trục liên thông văn bản. Bỏ dấu # ở đầu dòng để thay giá trị mặc định.",
    en="The configuration of this document-exchange hub. Take the # off a line to change a default.",
)
PATHS = Text(
    vi="Đường dẫn tương đối được tính từ thư mục chứa tệp này.",
    en="Relative paths are taken from the folder of this file.",
)

SECTIONS: dict[str, Text] = {
    "hub": Text(vi="Trục này là ai", en="Who this hub is"),
    "storage": Text(vi="Nơi lưu dữ liệu gốc", en="Where the truth is kept"),
    "broker": Text(vi="Thành phần đánh thức tiến trình gửi", en="What wakes the workers"),
    "server": Text(vi="Máy chủ web", en="The web server"),
    "policy": Text(vi="Điều gì bắt buộc, điều gì được phép", en="What is demanded, what is let pass"),
    "retry": Text(
        vi="Gửi lại khi nơi nhận không trả lời; thời gian chờ tăng dần",
        en="Trying again when an addressee does not answer; the wait grows each time",
    ),
    "worker": Text(vi="Tiến trình gửi", en="How deliveries are worked off"),
    "limits": Text(
        vi="Hạn mức của mỗi điểm kết nối với mỗi tiến trình; 0 là không giới hạn; điểm kết nối có thể có hạn mức riêng",
        en="What one endpoint may ask of one process; 0: no limit; an endpoint may have its own",
    ),
    "trust": Text(vi="Tin cậy chứng thư nào", en="Which certificates are trusted"),
    "keys": Text(vi="Khóa của chính trục", en="The hub's own keys"),
    "ledger": Text(vi="Niêm phong và công bố sổ nhật ký", en="How the ledger is sealed, and shown to others"),
    "timestamps": Text(vi="Dịch vụ cấp dấu thời gian (RFC 3161)", en="Time-stamping services (RFC 3161)"),
    "calendar": Text(vi="Lịch làm việc", en="The working calendar"),
    "deadlines": Text(
        vi="Thời hạn mà quy định không nêu con số", en="Limits for which the law has no number"
    ),
    "axis": Text(vi="Điểm kết nối là một trục khác", en="Endpoints that are another axis"),
    "metrics": Text(
        vi="Số đo cho Prometheus, ở một địa chỉ riêng",
        en="Numbers for Prometheus, on an address of their own",
    ),
    "tracing": Text(
        vi="Gửi vết xử lý tới bộ thu OpenTelemetry (OTLP qua HTTP)",
        en="Where traces are sent (OpenTelemetry, OTLP over HTTP)",
    ),
    "alerts": Text(
        vi="Báo cho ai khi có sự cố và khi đã hết", en="Who is told of what goes wrong, and when it is over"
    ),
    "retention": Text(
        vi="Giữ nội dung gói tin bao nhiêu ngày sau khi mọi việc đã xong; 0 là giữ mãi",
        en="How many days the bytes of packages are kept once all is done; 0: for ever",
    ),
    "console": Text(
        vi="Bảng điều khiển trên web cho người vận hành, quản lý, kiểm toán",
        en="The web pages for operators, managers, auditors",
    ),
    "oidc": Text(
        vi="Đăng nhập bảng điều khiển qua nhà cung cấp định danh (OpenID Connect)",
        en="Signing in to the console at an identity provider (OpenID Connect)",
    ),
}

SETTINGS: dict[str, Text] = {
    "hub.name": Text(vi="Tên hiển thị của trục", en="The hub's name, as people see it"),
    "hub.code": Text(vi="Tên của trục trong sổ nhật ký: hub:MÃ", en="The hub's name in the ledger: hub:CODE"),
    "storage.database": Text(
        vi="Cơ sở dữ liệu; hoặc postgresql+psycopg://người_dùng@máy_chủ/tên",
        en="The database; or postgresql+psycopg://user@host/name",
    ),
    "storage.payloads": Text(
        vi="Thư mục cho các gói tin quá lớn để lưu trong cơ sở dữ liệu, và cho gói tin đang trên đường",
        en="The folder for packages too large for the database, and for those on their way",
    ),
    "storage.inline_bytes": Text(
        vi="Gói tin đến cỡ này (byte) được lưu ngay trong cơ sở dữ liệu",
        en="Packages up to this size (bytes) are kept in the database itself",
    ),
    "storage.memory_bytes": Text(
        vi="Gói tin lớn hơn cỡ này (byte) không bao giờ được giữ trọn trong bộ nhớ",
        en="Packages above this size (bytes) are never held in memory as a whole",
    ),
    "storage.compress": Text(
        vi="Nén gói tin khi lưu; tắt trong lúc còn nút chạy phiên bản cũ chưa đọc được gói tin nén",
        en="Compress packages for keeping; off while nodes of an older version run, which cannot read them",
    ),
    "storage.bucket": Text(
        vi="Kho đối tượng tương thích S3 cho các gói tin lớn, thay cho thư mục: s3://tên/tiền_tố",
        en="An S3-compatible bucket for the large packages, in place of the folder: s3://name/prefix",
    ),
    "storage.bucket_endpoint": Text(
        vi="URL của dịch vụ tương thích S3; để trống là AWS",
        en="The URL of the S3-compatible service; empty for AWS",
    ),
    "broker.url": Text(
        vi="memory: là trong tiến trình; hoặc amqp://người_dùng:mật_khẩu@máy_chủ/vhost",
        en="memory: is within the process; or amqp://user:password@host/vhost",
    ),
    "server.host": Text(vi="Địa chỉ lắng nghe", en="The address to listen on"),
    "server.port": Text(vi="Cổng lắng nghe", en="The port to listen on"),
    "server.tls_certificate": Text(
        vi="Chứng thư TLS (PEM, chứng thư của máy chủ đứng đầu)", en="The TLS certificate (PEM, leaf first)"
    ),
    "server.tls_key": Text(vi="Khóa bí mật TLS (PEM)", en="The TLS private key (PEM)"),
    "server.package_bytes": Text(
        vi="Gói tin lớn nhất được nhận (byte)", en="The largest package taken (bytes)"
    ),
    "server.body_seconds": Text(
        vi="Thời gian tối đa để bên gửi chuyển xong một gói tin (giây)",
        en="How long a client may take to send one package (seconds)",
    ),
    "server.longest_wait_seconds": Text(
        vi="Thời gian chờ lâu nhất khi hỏi hộp thư đến (giây)", en="The longest wait of a long poll (seconds)"
    ),
    "server.connections": Text(
        vi="Số kết nối mở cùng lúc tới một tiến trình; kết nối chỉ chờ sẽ nhường chỗ cho kết nối mới",
        en="Connections open at once to one process; those that only wait make room for newer ones",
    ),
    "server.workers": Text(
        vi="Số tiến trình phục vụ; 0 là mỗi lõi một tiến trình; hơn một thì cần PostgreSQL",
        en="How many processes serve; 0 is one for each core; above one needs PostgreSQL",
    ),
    "server.drain_seconds": Text(
        vi="Khi dừng, /readyz báo chưa sẵn sàng bao lâu rồi mới thôi nhận kết nối (giây)",
        en="How long /readyz says no, when stopping, before connections are taken no more (seconds)",
    ),
    "policy.signatures": Text(
        vi=(
            "Chữ ký số của gói tin: ignore là không xét, report là kiểm tra và báo kết quả, refuse-invalid là từ chối "
            "chữ ký không hợp lệ và báo phần còn lại, require là bắt buộc hợp lệ"
        ),
        en=(
            "The package's signature: ignore says nothing of it, report checks and tells, refuse-invalid refuses what "
            "is invalid and tells the rest, require demands a valid one"
        ),
    ),
    "policy.signatures_central": Text(
        vi="Chữ ký số của gói tin do cơ quan trung ương gửi; default là như quy định chung",
        en="The package's signature if the sender is of the central level; default: as the general rule",
    ),
    "policy.signatures_province": Text(
        vi="Chữ ký số của gói tin do cơ quan cấp tỉnh gửi; default là như quy định chung",
        en="The package's signature if the sender is of a province; default: as the general rule",
    ),
    "policy.signatures_commune": Text(
        vi="Chữ ký số của gói tin do cơ quan cấp xã gửi; default là như quy định chung",
        en="The package's signature if the sender is of a commune; default: as the general rule",
    ),
    "policy.attachments": Text(
        vi=(
            "Chữ ký số của tệp đính kèm: như trên; refuse-invalid và require kiểm tra ngay khi tiếp nhận, report kiểm "
            "tra sau khi tiếp nhận, ignore không kiểm tra"
        ),
        en=(
            "Signatures of attachments: as above; refuse-invalid and require judge them before the package is "
            "accepted, report afterwards, ignore not at all"
        ),
    ),
    "policy.attachments_central": Text(
        vi="Chữ ký số của tệp đính kèm do cơ quan trung ương gửi; default là như quy định chung",
        en="Signatures of attachments if the sender is of the central level; default: as the general rule",
    ),
    "policy.attachments_province": Text(
        vi="Chữ ký số của tệp đính kèm do cơ quan cấp tỉnh gửi; default là như quy định chung",
        en="Signatures of attachments if the sender is of a province; default: as the general rule",
    ),
    "policy.attachments_commune": Text(
        vi="Chữ ký số của tệp đính kèm do cơ quan cấp xã gửi; default là như quy định chung",
        en="Signatures of attachments if the sender is of a commune; default: as the general rule",
    ),
    "policy.sha1_until": Text(
        vi="Tệp đính kèm ký bằng SHA-1 từ ngày này trở đi không còn hợp lệ",
        en="Attachments signed with SHA-1 from this day on are invalid",
    ),
    "policy.unknown_answers": Text(
        vi="Trạng thái của văn bản mà trục chưa từng thấy: refuse là từ chối, carry là chuyển tiếp",
        en="Answers to documents that this hub never saw: refuse or carry them",
    ),
    "policy.successions": Text(
        vi=(
            "Văn bản gửi đến mã đã ngừng sử dụng có đúng một cơ quan kế thừa: forward là chuyển đến cơ quan đó và báo "
            "bên gửi, hold là giữ lại chờ người xác nhận, refuse là từ chối; có nhiều cơ quan kế thừa thì luôn giữ "
            "lại, trừ khi đặt refuse"
        ),
        en=(
            "Documents to a closed code that has exactly one successor: forward them and tell the sender, hold them "
            "for a person, or refuse them; with several successors they are held, unless this says refuse"
        ),
    ),
    "retry.attempts": Text(
        vi="Số lần gửi trước khi tạm dừng chờ người xử lý", en="How many tries before a person must look"
    ),
    "retry.first_seconds": Text(
        vi="Chờ sau lần đầu không gửi được (giây)", en="The wait after the first try (seconds)"
    ),
    "retry.factor": Text(vi="Mỗi lần sau chờ lâu hơn bấy nhiêu lần", en="How much longer each next wait is"),
    "retry.longest_seconds": Text(
        vi="Chờ lâu nhất giữa hai lần gửi (giây)", en="The longest wait between tries (seconds)"
    ),
    "retry.jitter": Text(
        vi="Phần thời gian chờ được lấy ngẫu nhiên, từ 0 đến 1",
        en="The part of the wait that is left to chance, 0 to 1",
    ),
    "retry.timeout_seconds": Text(
        vi="Một lần gửi được kéo dài bao lâu (giây)", en="How long one try may take (seconds)"
    ),
    "worker.at_once": Text(
        vi="Số lượt chuyển cùng lúc của một tiến trình; tới các điểm kết nối đang lỗi cũng bấy nhiêu",
        en="Deliveries under way in one process at a time, and as many to endpoints that fail",
    ),
    "worker.batch": Text(
        vi="Số lượt chuyển lấy ra mỗi lần cho một điểm kết nối",
        en="Deliveries claimed at once for one endpoint",
    ),
    "worker.sweep_seconds": Text(
        vi="Bao lâu rà lại cơ sở dữ liệu một lần (giây)",
        en="How often the database is asked for work (seconds)",
    ),
    "worker.lease_seconds": Text(
        vi="Sau thời gian này, lượt chuyển mà một nút đã nhận nhưng chưa xong được nút khác nhận (giây)",
        en="After this, a delivery that a node claimed and did not settle is anybody's (seconds)",
    ),
    "worker.silent_seconds": Text(
        vi="Nút im lặng lâu hơn thế này thì mọi việc của nó được nút khác nhận (giây)",
        en="After this without a beat, all work of a node is anybody's (seconds)",
    ),
    "limits.documents_at_once": Text(
        vi="Số văn bản đã gửi đến và đang chờ trả lời cùng lúc",
        en="Documents handed in and not yet answered, at one time",
    ),
    "limits.documents_per_minute": Text(
        vi="Số văn bản gửi đến trong một phút", en="Documents handed in within a minute"
    ),
    "limits.bytes_per_minute": Text(
        vi="Số byte gói tin gửi đến trong một phút", en="Bytes of packages handed in within a minute"
    ),
    "limits.deliveries_at_once": Text(
        vi="Số lượt trục đang chuyển cùng lúc tới điểm kết nối",
        en="Deliveries under way to the endpoint at one time",
    ),
    "limits.deliveries_per_minute": Text(
        vi="Số lượt trục chuyển tới điểm kết nối trong một phút",
        en="Deliveries tried to the endpoint within a minute",
    ),
    "trust.anchors": Text(
        vi="Thư mục chứng thư gốc tin cậy; ngoài thư mục này không tin cậy gì khác",
        en="The folder of trusted root certificates; nothing else is trusted",
    ),
    "trust.require_revocation": Text(
        vi="Bắt buộc kiểm tra được tình trạng thu hồi thì chữ ký mới hợp lệ",
        en="A signature is valid only if its revocation could be checked",
    ),
    "trust.revocation_age_seconds": Text(
        vi="Câu trả lời “chưa bị thu hồi” dùng được bao lâu (giây); luôn dùng được đến nextUpdate của nó",
        en="How long “not revoked” counts (seconds); it counts until its nextUpdate in any case",
    ),
    "trust.refresh_seconds": Text(
        vi="Bao lâu lấy dữ liệu thu hồi một lần (giây); 0 là không bao giờ",
        en="How often revocation data is fetched (seconds); 0 is never",
    ),
    "trust.fetch_timeout_seconds": Text(
        vi="Một lần lấy dữ liệu được kéo dài bao lâu (giây)", en="How long one fetch may take (seconds)"
    ),
    "trust.proxy": Text(
        vi="Máy chủ trung gian (proxy) để ra Internet", en="The proxy through which to fetch"
    ),
    "trust.hosts": Text(
        vi="Tên máy chủ chỉ có trong mạng khác, và tên dùng thay ở đây",
        en="Host names that exist only in another network, and what stands for them here",
    ),
    "keys.folder": Text(
        vi="Thư mục khóa; giữ kín, sao lưu riêng", en="The folder of keys; keep it private, back it up apart"
    ),
    "keys.signing": Text(
        vi="Khóa dùng để ký khi không nêu khóa nào khác", en="The key that signs when no other is named"
    ),
    "keys.passphrase_file": Text(
        vi="Tệp có dòng đầu là mật khẩu mở khóa ký, nếu khóa được mã hóa",
        en="A file whose first line opens the signing key, if it is encrypted",
    ),
    "keys.master": Text(
        vi="Khóa chủ, niêm phong mã bí mật của các điểm kết nối; không để chung với bản sao lưu cơ sở dữ liệu",
        en="The master key seals the endpoints' secrets; keep it apart from backups of the database",
    ),
    "ledger.origin": Text(
        vi="Tên của sổ trong các mốc niêm phong, dạng địa chỉ không có https://; mặc định là hub.code",
        en="The log's name in its checkpoints, an address without https://; hub.code by default",
    ),
    "ledger.checkpoint_seconds": Text(
        vi="Bao lâu niêm phong sổ một lần, nếu có sự kiện mới (giây)",
        en="How often the ledger is sealed by a checkpoint, if anything happened (seconds)",
    ),
    "ledger.publish": Text(
        vi="Thư mục công bố mốc niêm phong và mã băm cho người khác kiểm tra; không có nội dung sự kiện",
        en="The folder where checkpoints and hashes are published for others to check; no event's content",
    ),
    "ledger.witnesses": Text(
        vi="Khóa kiểm tra của các bên chứng kiến, ký xác nhận mốc niêm phong của trục",
        en="Verifier keys of the witnesses who countersign this hub's checkpoints",
    ),
    "ledger.former_keys": Text(
        vi="Khóa kiểm tra đã dùng trước đây để ký các mốc niêm phong cũ",
        en="Verifier keys that signed earlier checkpoints, before the ledger's key was changed",
    ),
    "timestamps.urls": Text(
        vi="Địa chỉ các dịch vụ cấp dấu thời gian, hỏi theo thứ tự này",
        en="Addresses of time-stamping services, asked in this order",
    ),
    "timestamps.timeout_seconds": Text(
        vi="Chờ mỗi dịch vụ bao lâu (giây)", en="How long each service may take (seconds)"
    ),
    "calendar.holidays": Text(
        vi="Tệp CSV bổ sung hoặc thay ngày nghỉ, ngày làm bù có sẵn",
        en="A CSV of days off and working Saturdays that adds to ours or overrides them",
    ),
    "deadlines.urgent_minutes": Text(
        vi="Văn bản khẩn phải được báo nhận “ngay”: trục tính là bấy nhiêu phút",
        en="Urgent documents are to be acknowledged “at once”: the hub takes so many minutes",
    ),
    "deadlines.look_back_days": Text(
        vi="Tìm việc quá hạn trong bấy nhiêu ngày gần đây", en="How many days back to look for what is late"
    ),
    "axis.reconcile_at": Text(
        vi="Sau giờ này mỗi ngày (giờ Việt Nam), đối chiếu sổ hôm trước với trục kia; để trống là không đối chiếu",
        en="After this time each day (Vietnam's), the day before is compared with the other axis; empty: never",
    ),
    "console.enabled": Text(
        vi="Có bảng điều khiển ở /console/; khi chưa có tài khoản thì chỉ có trang đăng nhập",
        en="Whether there is a console at /console/; without an account there is only its sign-in page",
    ),
    "console.tls_in_front": Text(
        vi="Có proxy đứng trước trục nói TLS với trình duyệt; khi đó cookie chỉ đi qua TLS",
        en="Whether a proxy before the hub speaks TLS with browsers; then cookies travel over TLS only",
    ),
    "console.idle_minutes": Text(
        vi="Phiên không dùng trong bấy nhiêu phút thì kết thúc",
        en="A session that nobody used for so many minutes ends",
    ),
    "console.longest_hours": Text(
        vi="Mọi phiên kết thúc sau bấy nhiêu giờ", en="Any session ends after so many hours"
    ),
    "oidc.issuer": Text(
        vi="Địa chỉ https của nhà cung cấp định danh; để trống là chỉ dùng mật khẩu",
        en="The identity provider's https address; empty: passwords only",
    ),
    "oidc.client_id": Text(vi="Định danh của trục tại đó", en="The hub's client id there"),
    "oidc.secret_file": Text(
        vi="Tệp có dòng đầu là mã bí mật của trục tại đó",
        en="The file whose first line is the hub's client secret there",
    ),
    "oidc.redirect": Text(
        vi="Địa chỉ đầy đủ mà trình duyệt quay về: …/console/oidc",
        en="The full address that browsers come back to: …/console/oidc",
    ),
    "oidc.name_claim": Text(vi="Trường là tên tài khoản", en="The claim that is the account's name"),
    "oidc.role_claim": Text(
        vi="Trường là vai trò: một chuỗi hoặc một danh sách",
        en="The claim that holds the roles: a string or a list",
    ),
    "oidc.agency_claim": Text(
        vi="Trường là mã cơ quan, cho vai trò agency",
        en="The claim that is the agency's code, for the role agency",
    ),
    "oidc.roles": Text(
        vi="Giá trị nào trong trường vai trò ứng với vai trò nào của bảng điều khiển",
        en="Which value of the role claim is which role of the console",
    ),
    **RUNNING,
}

# What a setting without a default may look like.
EXAMPLES: dict[str, str] = {
    "server.tls_certificate": '"tls/hub.pem"',
    "server.tls_key": '"tls/hub.key"',
    "keys.passphrase_file": '"keys/hub.passphrase"',
    "trust.proxy": '"http://proxy.example:3128"',
    "ledger.origin": '"truc.example.gov.vn/so-nhat-ky"',
    "ledger.publish": '"published"',
    "calendar.holidays": '"holidays.csv"',
    "oidc.secret_file": '"keys/oidc.secret"',
    **RUNNING_EXAMPLES,
}


def commented() -> str:
    """Return the content of a new edochub.toml: every section and setting, explained, at its default."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from _comment(TITLE)
    yield from _comment(PATHS)
    defaults = Config()
    for name, about in SECTIONS.items():
        yield ""
        yield from _comment(about)
        yield f"[{name}]"
        section = getattr(defaults, name)
        for setting in fields(section):
            key = f"{name}.{setting.name}"
            yield from _comment(SETTINGS[key])
            yield f"#{setting.name} = {_toml(key, getattr(section, setting.name))}"


def _comment(text: Text) -> tuple[str, str]:
    return f"# {text.vi}", f"# {text.en}"


def _toml(key: str, value: Any) -> str:
    """Return a default as TOML writes it."""
    if value is None:
        return EXAMPLES[key]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | Path):
        return f'"{value}"'
    if isinstance(value, tuple):
        return str(list(value))
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{name}" = "{each}"' for name, each in value.items()) + " }"
    return f"{value:_}" if isinstance(value, int) and value >= 100_000 else str(value)
