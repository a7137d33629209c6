"""What to do next about an error, for the case at hand: the last line that a command prints when it cannot do its work.

What happened is the error's own sentence; how what is in the way is cleared is in `_hints`. Here stands where to look.
"""

from __future__ import annotations

import errno

from hub.commands._session import WrongSettings
from hub.errors import (
    Busy,
    Corrupted,
    Fault,
    Looped,
    Malformed,
    Misconfigured,
    NoRoute,
    NotAllowed,
    NotAnswerable,
    NotFound,
    Refusal,
    Sought,
    TooLarge,
    Unavailable,
    UntrustedSignature,
)
from schemas.findings import InvalidDocument
from schemas.text import Text

MEND = Text(
    vi="Hãy sửa điều nêu trên rồi làm lại; để nguyên như vậy thì kết quả không đổi.",
    en="Mend what is named above and try again; as it is, the answer stays the same.",
)
CHECK_IT = Text(
    vi="Hãy sửa gói tin theo những điều nêu trên rồi làm lại; “edochub check TỆP” kiểm tra trước khi gửi.",
    en="Mend the package as named above and try again; “edochub check FILE” checks it before it is sent.",
)
OF_REFUSALS: tuple[tuple[type[Exception], Text], ...] = (
    (Malformed, CHECK_IT),
    (InvalidDocument, CHECK_IT),
    (
        TooLarge,
        Text(
            vi="Hãy bỏ bớt hoặc chia nhỏ tệp đính kèm; giới hạn là [server] package_bytes trong tệp cấu hình.",
            en="Split the attachments or leave some out; the limit is [server] package_bytes of the configuration.",
        ),
    ),
    (
        Corrupted,
        Text(
            vi="Gói tin hỏng trên đường truyền: hãy gửi lại đúng tệp gốc cùng mã băm của nó.",
            en="The package was damaged on its way: send the original again, with its own digest.",
        ),
    ),
    (
        NotAllowed,
        Text(
            vi="“edochub endpoints show ĐIỂM_KẾT_NỐI” cho biết điểm kết nối được gửi thay những cơ quan nào.",
            en="“edochub endpoints show ENDPOINT” shows for which agencies an endpoint speaks.",
        ),
    ),
    (
        UntrustedSignature,
        Text(
            vi="“edochub verify TỆP” giải thích từng chữ ký; “edochub trust list” cho biết trục tin những ai.",
            en="“edochub verify FILE” explains each signature; “edochub trust list” shows whom the hub trusts.",
        ),
    ),
    (
        NoRoute,
        Text(
            vi="“edochub route MÃ” giải thích từng bước một mã dẫn tới đâu; “edochub agencies list” liệt kê danh bạ.",
            en="“edochub route CODE” explains step by step where a code leads; “edochub agencies list” shows the "
            "directory.",
        ),
    ),
    (
        NotAnswerable,
        Text(
            vi="“edochub trace VĂN_BẢN” cho biết văn bản đã đến những ai và ai được trả lời.",
            en="“edochub trace DOCUMENT” shows who has the document, and may answer it.",
        ),
    ),
    (
        Looped,
        Text(
            vi="“edochub routes list” liệt kê các tuyến; hãy sửa tuyến dẫn ngược lại trục đã gửi đến.",
            en="“edochub routes list” shows the routes; mend the one that leads back to the hub it came from.",
        ),
    ),
)

# What was not found, by `NotFound.what`.
LOOK_FOR: dict[Sought, Text] = {
    Sought.DOCUMENT: Text(
        vi="Hãy kiểm tra lại mã đã nhập. Chỉ nhớ mang máng thì “edochub search TỪ…”; gói tin vừa bị từ chối thì "
        "“edochub board --once”; “edochub trace --help” cho biết tra được bằng những gì.",
        en="Check what you typed. What is half remembered is found by “edochub search WORD…”, what was just refused by "
        "“edochub board --once”; “edochub trace --help” tells what else a document is found by.",
    ),
    Sought.DELIVERY: Text(
        vi="Hãy kiểm tra lại mã lượt chuyển: “edochub deliveries” liệt kê các lượt, “edochub trace VĂN_BẢN” cho biết "
        "các lượt của một văn bản.",
        en="Check the delivery's id: “edochub deliveries” lists deliveries, “edochub trace DOCUMENT” shows those of a "
        "document.",
    ),
    Sought.ENDPOINT: Text(
        vi="“edochub endpoints list” liệt kê các điểm kết nối.",
        en="“edochub endpoints list” lists the endpoints.",
    ),
    Sought.AGENCY: Text(
        vi="“edochub agencies list” liệt kê các cơ quan; “edochub route MÃ” giải thích một mã.",
        en="“edochub agencies list” lists the agencies; “edochub route CODE” explains a code.",
    ),
    Sought.CERTIFICATE: Text(
        vi="“edochub agencies certificate list MÃ” liệt kê các chứng thư đã đăng ký của một cơ quan.",
        en="“edochub agencies certificate list CODE” lists the certificates that are registered for an agency.",
    ),
    Sought.ACCOUNT: Text(
        vi="“edochub accounts list” liệt kê các tài khoản.", en="“edochub accounts list” lists the accounts."
    ),
    Sought.ROUTE: Text(
        vi="“edochub routes list” liệt kê các tuyến.", en="“edochub routes list” lists the routes."
    ),
    Sought.EVENT: Text(
        vi="“edochub ledger proof VĂN_BẢN” liệt kê các sự kiện của một văn bản kèm số của chúng.",
        en="“edochub ledger proof DOCUMENT” lists the events of a document with their numbers.",
    ),
    Sought.RECEIPT: Text(
        vi="Hãy kiểm tra lại mã: “edochub trace VĂN_BẢN” cho biết mã của văn bản và của từng lượt chuyển.",
        en="Check the id: “edochub trace DOCUMENT” shows the ids of a document and of its deliveries.",
    ),
}

NO_SETTINGS = Text(
    vi="Hãy chạy lệnh trong thư mục của trục, hoặc chỉ tệp cấu hình bằng --config TỆP hay biến EDOCHUB_CONFIG.",
    en="Run the command in the hub's folder, or name its configuration file by --config FILE or EDOCHUB_CONFIG.",
)
WRONG_SETTINGS = Text(
    vi="Hãy sửa tệp cấu hình rồi chạy lại; “edochub doctor” kiểm tra toàn bộ cấu hình.",
    en="Mend the configuration file and run again; “edochub doctor” checks the whole configuration.",
)
TYPE_AGAIN = Text(
    vi="Hãy sửa điều nêu trên rồi chạy lại; “--help” sau tên lệnh cho biết lệnh cần gì, có ví dụ; “edochub doctor” "
    "kiểm tra cấu hình.",
    en="Mend what is named above and run again; “--help” after the command tells what it expects, with examples; "
    "“edochub doctor” checks the configuration.",
)
LOOK_AT_KEYS = Text(
    vi="“edochub keys list” cho biết đang có những khóa nào; mật khẩu của khóa ở tệp mà [keys] passphrase_file hoặc "
    "--passphrase-file nêu; cách nối khóa ở thiết bị hay sau một lệnh: docs/keys.md.",
    en="“edochub keys list” shows the keys there are; a key's passphrase is in the file that [keys] passphrase_file or "
    "--passphrase-file names; docs/keys.md tells how to connect a token or a command.",
)
SOON = Text(
    vi="Hãy gửi lại sau vài giây; “edochub endpoints show ĐIỂM_KẾT_NỐI” cho biết các giới hạn.",
    en="Send again in a few seconds; “edochub endpoints show ENDPOINT” shows the limits.",
)
LATER = Text(
    vi="Hãy thử lại sau ít phút; “edochub doctor” cho biết thành phần nào không trả lời.",
    en="Try again in a few minutes; “edochub doctor” tells what does not answer.",
)
REPORT = Text(
    vi="Đây là lỗi của trục. Hãy chạy “edochub doctor”, rồi chuyển thông báo này cho người quản trị.",
    en="This is the hub's own fault. Run “edochub doctor” and pass this message on to the operator.",
)

LOOK_AT_FILES = Text(
    vi="Hãy kiểm tra đường dẫn, quyền truy cập và dung lượng đĩa.",
    en="Check the path, the permissions and the disk space.",
)
NO_ROOM = Text(
    vi="Hãy dọn chỗ trên đĩa; “edochub retention plan” cho biết những gói tin đã hết thời hạn lưu trữ.",
    en="Make room on the disk; “edochub retention plan” shows the packages whose time is over.",
)
NO_RIGHT = Text(
    vi="Hãy chạy bằng người dùng của trục (ví dụ “sudo -u edochub edochub …”), hoặc sửa quyền của tệp.",
    en="Run it as the user that the hub runs as (such as “sudo -u edochub edochub …”), or mend the file's permissions.",
)
WRONG_PATH = Text(
    vi="Hãy kiểm tra đường dẫn; đường dẫn tương đối tính từ thư mục đang đứng.",
    en="Check the path; relative ones are taken from the folder that you are in.",
)
PORT_TAKEN = Text(
    vi="Chương trình khác, hoặc chính trục này, đang dùng cổng ấy: hãy dừng nó, hoặc đổi [server] port.",
    en="Another program, or this hub itself, uses that port: stop it, or change [server] port.",
)
OF_THE_SYSTEM = {
    errno.ENOENT: WRONG_PATH,
    errno.ENOTDIR: WRONG_PATH,
    errno.EISDIR: WRONG_PATH,
    errno.EACCES: NO_RIGHT,
    errno.EPERM: NO_RIGHT,
    errno.EROFS: NO_RIGHT,
    errno.ENOSPC: NO_ROOM,
    errno.EDQUOT: NO_ROOM,
    errno.EADDRINUSE: PORT_TAKEN,
}


def advice(error: Exception) -> Text:
    """Return what to do next about an error that was foreseen."""
    # The errors of a floor that most commands do not need; nobody waits for them here.
    from signing.keys import UnusableKey

    if isinstance(error, Refusal | InvalidDocument):
        return _of_refusal(error)
    if isinstance(error, UnusableKey):
        return LOOK_AT_KEYS
    if isinstance(error, NotFound):
        return LOOK_FOR[error.what]
    if isinstance(error, Unavailable):
        return SOON if isinstance(error, Busy) else _of_the_system(error.__cause__) or LATER
    if isinstance(error, OSError):
        return _of_the_system(error) or LOOK_AT_FILES
    if isinstance(error, WrongSettings):
        return NO_SETTINGS if error.missing else WRONG_SETTINGS
    if isinstance(error, Misconfigured):
        return TYPE_AGAIN
    return REPORT if isinstance(error, Fault) else MEND


def _of_the_system(error: BaseException | None) -> Text | None:
    """Return what is to be done about what the operating system said, if that is known."""
    return OF_THE_SYSTEM.get(error.errno or 0) if isinstance(error, OSError) else None


def _of_refusal(error: Refusal | InvalidDocument) -> Text:
    said = next((text for kind, text in OF_REFUSALS if isinstance(error, kind)), MEND)
    kept = error.id if isinstance(error, Refusal) else None
    if not kept:
        return said
    return Text(
        vi=f"{said.vi} Đã ghi lại lần từ chối này: “edochub why {kept}”.",
        en=f"{said.en} The refusal is on record: “edochub why {kept}”.",
    )
