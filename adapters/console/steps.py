"""How what is in the way is cleared at the console: the button or the place for each step that the hub names.

Steps that the console has no page for are taken on the hub's machine, and these words say so.
"""

from __future__ import annotations

from hub.obstacle import Obstacle, Step
from schemas.text import Text

STEPS: dict[Step, Text] = {
    Step.CONNECT: Text(
        vi="người quản trị máy chủ của trục thêm điểm kết nối cho cơ quan này",
        en="whoever runs the hub's machine adds an endpoint for that agency",
    ),
    Step.CHOOSE: Text(
        vi="chọn nơi nhận ở ô “Nơi nhận được chọn”", en="choose who gets it in “The agency that gets it”"
    ),
    Step.AGAIN: Text(
        vi="đánh dấu ô “vẫn gửi lại” nếu muốn gửi thêm lần nữa",
        en="tick “send it all the same” to send it once more",
    ),
    Step.RELEASE: Text(vi="dùng thao tác “Cho đi tiếp”", en="use “Let it go on”"),
    Step.RESEND: Text(vi="dùng thao tác “Gửi lại”", en="use “Send again”"),
    Step.SWITCH_ON: Text(
        vi="người quản trị máy chủ của trục mở lại điểm kết nối",
        en="whoever runs the hub's machine switches it on",
    ),
    Step.SEE_ACCOUNTS: Text(vi="xem trang Tài khoản", en="see the page Accounts"),
    Step.NAME_AGENCY: Text(vi="ghi mã cơ quan", en="fill in the agency's code"),
    Step.NO_AGENCY: Text(vi="để trống mã cơ quan", en="leave the agency's code empty"),
}


def next_step(said: Text) -> Text | None:
    """Return what to do about what was said, if there is something to do."""
    return STEPS[said.step] if isinstance(said, Obstacle) else None
