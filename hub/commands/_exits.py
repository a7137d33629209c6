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
from hub.commands._advice import advice
from hub.commands._hints import with_hint
from hub.errors import Fault, HubError, Misconfigured, NotFound, Refusal, Unavailable
from hub.obstacle import Obstacle
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


def branches() -> tuple[tuple[type[Exception], Exit], ...]:
    """Return what each kind of error means: the first that fits counts.

    A setting or an address that cannot work (`Misconfigured`) is for the caller to mend, like wrong usage.
    """
    # The errors of a floor that most commands do not need; nobody waits for them here.
    from signing.keys import UnusableKey
    from signing.xml import SigningRefused

    return (
        (Refusal, Exit.NO),
        (InvalidDocument, Exit.NO),
        (SigningRefused, Exit.NO),
        (UnusableKey, Exit.NO),
        (NotFound, Exit.NO),
        (Unavailable, Exit.UNREACHABLE),
        (OSError, Exit.UNREACHABLE),
        (Misconfigured, Exit.USAGE),
        (Fault, Exit.FAULT),
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
    for branch, code in branches():
        if isinstance(error, branch):
            if debug and code is Exit.FAULT:
                _show_traceback(error)
            _say(error, as_json=as_json)
            return code
    if debug:
        _show_traceback(error)
    _say_unplanned(error)
    return Exit.FAULT


def _say(error: Exception, *, as_json: bool) -> None:
    findings = error.findings if isinstance(error, Refusal | InvalidDocument) else ()
    if as_json:
        show.as_json({"error": _shape(error), "findings": [finding.as_json() for finding in findings]})
    show.complain(Toned(_sentence(error), "bad"))
    for finding in findings:
        show.complain(f"  - {show.place(finding)}{finding.message}")
        show.complain(f"    → {finding.remedy}")
    if not (
        isinstance(error, HubError) and isinstance(error.message, Obstacle)
    ):  # whose hint is the next step
        show.complain(advice(error))


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
        return with_hint(error.message)
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
