"""What an error means to whoever called the command: the one place where errors become exit codes.

    0 yes   1 no   2 wrong usage or configuration   3 undetermined   4 cannot reach   70 fault   130 interrupted
    141 whoever read the answer went away

On stderr stands what happened, then what to do next. With `--json` the error is on stdout too, in the API's shape.
"""

from __future__ import annotations

import traceback
from enum import IntEnum
from typing import Any

import click

from hub import show
from hub.errors import Fault, HubError, Misconfigured, NotFound, Refusal, Unavailable
from hub.show import Toned
from schemas.findings import InvalidDocument
from schemas.text import Text


class Exit(IntEnum):
    """The exit codes."""

    YES = 0
    NO = 1
    USAGE = 2
    UNDETERMINED = 3
    UNREACHABLE = 4
    FAULT = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # 128 + SIGINT, as shells count
    READER_GONE = 141  # 128 + SIGPIPE: what was asked for may not have been done to its end


def branches() -> tuple[tuple[type[Exception], Exit, Text], ...]:
    """Return what each kind of error means and what to do about it: the first that fits counts.

    A setting or an address that cannot work (`Misconfigured`) is for the caller to mend, like wrong usage.
    """
    # The errors of a floor that most commands do not need; nobody waits for them here.
    from signing.keys import UnusableKey
    from signing.xml import SigningRefused

    return (
        (Refusal, Exit.NO, MEND),
        (InvalidDocument, Exit.NO, MEND),
        (SigningRefused, Exit.NO, MEND),
        (UnusableKey, Exit.NO, LOOK_AT_KEYS),
        (NotFound, Exit.NO, LOOK_AGAIN),
        (Unavailable, Exit.UNREACHABLE, LATER),
        (OSError, Exit.UNREACHABLE, LOOK_AT_FILES),
        (Misconfigured, Exit.USAGE, CONFIGURE),
        (Fault, Exit.FAULT, REPORT),
    )


MEND = Text(
    vi="Hãy sửa điều nêu trên rồi làm lại; để nguyên như vậy thì kết quả không đổi.",
    en="Mend what is named above and try again; as it is, the answer stays the same.",
)
LOOK_AT_KEYS = Text(
    vi="“edochub keys list” cho biết đang có những khóa nào; mật khẩu của khóa ở tệp mà [keys] passphrase_file hoặc "
    "--passphrase-file nêu; cách nối khóa ở thiết bị hay sau một lệnh: docs/keys.md.",
    en="“edochub keys list” shows the keys there are; a key's passphrase is in the file that [keys] passphrase_file or "
    "--passphrase-file names; docs/keys.md tells how to connect a token or a command.",
)
LOOK_AGAIN = Text(
    vi="Hãy kiểm tra lại mã đã nhập; “edochub trace”, “deliveries” và “endpoints list” cho biết những gì đang có.",
    en="Check what you typed; “edochub trace”, “deliveries” and “endpoints list” show what there is.",
)
LATER = Text(
    vi="Hãy thử lại sau ít phút; “edochub doctor” cho biết thành phần nào không trả lời.",
    en="Try again in a few minutes; “edochub doctor” tells what does not answer.",
)
LOOK_AT_FILES = Text(
    vi="Hãy kiểm tra đường dẫn, quyền truy cập và dung lượng đĩa.",
    en="Check the path, the permissions and the disk space.",
)
CONFIGURE = Text(
    vi="Hãy sửa điều nêu trên rồi chạy lại; “edochub doctor” kiểm tra toàn bộ cấu hình.",
    en="Mend what is named above and run again; “edochub doctor” checks the whole configuration.",
)
REPORT = Text(
    vi="Đây là lỗi của trục. Hãy chạy “edochub doctor”, rồi chuyển thông báo này cho người quản trị.",
    en="This is the hub's own fault. Run “edochub doctor” and pass this message on to the operator.",
)

UNPLANNED = Text(
    vi="Hãy chạy lại với “edochub --debug …” để thấy vết lỗi, và báo cho người quản trị.",
    en="Run it again with “edochub --debug …” to see the traceback, and report it.",
)


def ending(error: BaseException, *, debug: bool = False, as_json: bool = False) -> Exit:
    """Say what went wrong and what to do next, and return the exit code."""
    if isinstance(error, click.Abort):
        return Exit.INTERRUPTED
    if isinstance(error, click.ClickException):
        error.show()
        return Exit.USAGE
    for branch, code, advice in branches():
        if isinstance(error, branch):
            if debug and code is Exit.FAULT:
                _show_traceback(error)
            _say(error, advice, as_json=as_json)
            return code
    if debug:
        _show_traceback(error)
    _say_unplanned(error)
    return Exit.FAULT


def _say(error: Exception, advice: Text, *, as_json: bool) -> None:
    findings = error.findings if isinstance(error, Refusal | InvalidDocument) else ()
    if as_json:
        show.as_json({"error": _shape(error), "findings": [finding.as_json() for finding in findings]})
    show.complain(Toned(_sentence(error), "bad"))
    for finding in findings:
        show.complain(f"  - {show.place(finding)}{finding.message} {finding.remedy}")
    show.complain(advice)


def _show_traceback(error: BaseException) -> None:
    show.complain("".join(traceback.format_exception(error)).rstrip())


def _shape(error: Exception) -> dict[str, Any]:
    """Return the error in the shape of the API."""
    if isinstance(error, HubError):
        return error.as_json()
    code = (
        "document.invalid"
        if isinstance(error, InvalidDocument)
        else "unavailable"
        if isinstance(error, OSError)
        else "refused"
    )
    return {"code": code, "message": _sentence(error).as_json()}


def _sentence(error: Exception) -> Text:
    """Return what an error says. The signing floor's errors carry their sentence as `text`."""
    if isinstance(error, HubError):
        return error.message
    if isinstance(error, InvalidDocument):
        return Text(vi="Gói tin không hợp lệ.", en="The package is invalid.")
    if isinstance(error, OSError):
        detail = f"{error.filename or '-'}: {error.strerror or type(error).__name__}"
        return Text(vi=f"Không đọc hoặc ghi được {detail}", en=f"Cannot read or write {detail}")
    said = getattr(error, "text", None)
    return said if isinstance(said, Text) else Text(vi=str(error), en=str(error))


def _say_unplanned(error: BaseException) -> None:
    kind = type(error).__name__
    show.complain(
        Text(
            vi=f"Lỗi ngoài dự kiến của chương trình ({kind}).",
            en=f"An unexpected fault of the program ({kind}).",
        )
    )
    show.complain(UNPLANNED)
