"""Codes that stand in pages, as people call them: why a package was refused; what a command is for.

A code that is not listed is shown as it is: it is still the one to look up in docs/findings.md.
"""

from __future__ import annotations

from schemas.text import Text

REFUSALS: dict[str, Text] = {
    "refused": Text(vi="bị từ chối", en="refused"),
    "document.invalid": Text(vi="gói tin không hợp lệ", en="package not valid"),
    "document.too-large": Text(vi="gói tin quá lớn", en="package too large"),
    "document.digest-mismatch": Text(vi="sai giá trị băm", en="digest does not match"),
    "document.declined": Text(vi="trục khác từ chối", en="declined elsewhere"),
    "sender.not-allowed": Text(vi="bên gửi không được phép", en="sender not allowed"),
    "signature.required": Text(vi="chữ ký số không đạt", en="signature does not do"),
    "addressee.unknown": Text(vi="không có nơi nhận", en="no such addressee"),
    "answer.not-expected": Text(vi="trả lời không phù hợp", en="answer does not fit"),
    "route.loop": Text(vi="đi vòng giữa các trục", en="loop between hubs"),
    "endpoint.busy": Text(vi="điểm kết nối quá tải", en="endpoint too busy"),
}
# Commands whose work the console does itself, with a button or a page.
HERE = frozenset({"release", "resend", "withdraw", "expire", "hold", "why", "trace"})


def refusal_name(code: str) -> str:
    """Return what people call the code of a refusal."""
    return str(REFUSALS.get(code, code))


def by_machine(command: str) -> bool:
    """Tell whether a command has to be typed on the hub's machine, because the console has nothing for it."""
    return bool(command) and command.split()[1:2] != [] and command.split()[1] not in HERE
