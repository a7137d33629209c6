"""Look at everything that a hub needs, and say of each how it is and how to mend it. Changes nothing.

Exit codes: 0 nothing is wrong (there may be warnings), 1 something is.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from hub import show
from hub.commands import _checkup, _checkup_hub, _checkup_running
from hub.commands._checkup import Health, Line
from hub.commands._click import command
from hub.commands._exits import Exit
from hub.commands._parts import json_option
from hub.commands._session import Session
from hub.errors import HubError
from hub.model import utc_now
from hub.show import Tone, Toned
from schemas.text import Text

SAID: dict[Health, tuple[Text, Tone]] = {
    Health.OK: (Text(vi="tốt", en="ok"), "good"),
    Health.WARNING: (Text(vi="lưu ý", en="warning"), "warning"),
    Health.PROBLEM: (Text(vi="LỖI", en="PROBLEM"), "bad"),
}
NAMES: dict[str, Text] = {
    "config": Text(vi="cấu hình", en="configuration"),
    "libraries": Text(vi="thư viện", en="libraries"),
    "master key": Text(vi="khóa chủ", en="master key"),
    "signing key": Text(vi="khóa ký", en="signing key"),
    "signing certificate": Text(vi="chứng thư ký", en="signing certificate"),
    "trust": Text(vi="chứng thư tin cậy", en="trust"),
    "disk": Text(vi="đĩa", en="disk"),
    "database": Text(vi="cơ sở dữ liệu", en="database"),
    "hub": Text(vi="trục", en="hub"),
    "ledger": Text(vi="sổ nhật ký", en="ledger"),
    "clock": Text(vi="đồng hồ", en="clock"),
    "deliveries": Text(vi="lượt chuyển", en="deliveries"),
    "directory": Text(vi="danh bạ", en="directory"),
    "comparison": Text(vi="đối chiếu với trục", en="comparison with"),
    "endpoint": Text(vi="điểm kết nối", en="endpoint"),
    "broker": Text(vi="bộ môi giới thông điệp", en="broker"),
    "tls": Text(vi="chứng thư TLS", en="TLS certificate"),
    "port": Text(vi="cổng", en="port"),
    "metrics port": Text(vi="cổng số đo", en="metrics port"),
    "clock offset": Text(vi="độ lệch đồng hồ", en="clock offset"),
    "time stamps": Text(vi="dấu thời gian", en="time stamps"),
    "backup": Text(vi="sao lưu", en="backup"),
    "backup tools": Text(vi="công cụ sao lưu", en="backup tools"),
    "alerts": Text(vi="cảnh báo", en="alerts"),
}


@command(
    "doctor",
    about=Text(vi="Kiểm tra mọi thứ mà trục cần.", en="Check everything that the hub needs."),
    more=Text(
        vi="Mỗi mục: tốt, lưu ý hoặc lỗi, kèm cách khắc phục. Không thay đổi gì. Mã kết thúc 1 nếu có lỗi.",
        en="Each line is ok, a warning or a problem, with how to mend it. Changes nothing. Exit code 1 for a problem.",
    ),
    examples=(
        (
            "edochub doctor",
            Text(vi="Kiểm tra mọi thứ mà trục cần.", en="Check everything that the hub needs."),
        ),
    ),
)
@json_option
@click.pass_obj
def doctor(session: Session, as_json: bool) -> int:
    """Look at everything, as far as one thing allows the next."""
    lines = list(look(session))
    code = Exit.NO if any(line.health is Health.PROBLEM for line in lines) else Exit.YES
    if as_json:
        show.as_json({"healthy": code is Exit.YES, "checks": [line.as_json() for line in lines]})
        return code
    for line in lines:
        word, tone = SAID[line.health]
        show.line(Toned(f"{word}  {named(line)}: {line.found}", tone))
        if line.remedy:
            show.line(f"    → {line.remedy}")
    return code


def look(session: Session) -> Iterator[Line]:
    """Yield a line for each thing that can be looked at."""
    yield from _checkup.programs()
    try:
        config = session.config
    except HubError as error:
        yield Line("config", Health.PROBLEM, error.message, MEND_CONFIG)
        return
    yield Line("config", Health.OK, _checkup.same(str(session.config_path)))
    lines = [
        *_checkup.keys(config, utc_now()),
        *_checkup.trust(config),
        *_checkup.disk(config),
        *_checkup_running.looked_at(config),
        _checkup_hub.shape(config),
    ]
    yield from lines
    needed = ("master key", "database")
    if any(line.name in needed and line.health is Health.PROBLEM for line in lines):
        return
    try:
        yield from session.ask(_checkup_hub.opened)
        yield from session.ask(_checkup_running.hub_kept)
    except HubError as error:
        yield Line("hub", Health.PROBLEM, error.message, MEND_CONFIG)


MEND_CONFIG = Text(
    vi="Hãy sửa điều nêu trên; “edochub init THƯ_MỤC” tạo cấu hình mới, --config chỉ tới cấu hình đã có.",
    en="Mend what is named; “edochub init DIR” makes a new configuration, --config names one that exists.",
)


def named(line: Line) -> str:
    """Return what people call the thing that was looked at."""
    if line.name in NAMES:
        return str(NAMES[line.name])
    kind, _, rest = line.name.partition(" ")
    return f"{NAMES[kind]} {rest}" if kind in NAMES and rest else line.name
