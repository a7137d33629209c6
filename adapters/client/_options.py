"""The options of `edochub client`: which hub, who we are there, and where packages are kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from adapters.client.client import Client
from adapters.client.patience import Patience
from hub.commands._click import Decorated, option, wrong_usage
from hub.commands._parts import FILE, FOLDER
from schemas.text import Text

NO_TOKEN = Text(
    vi="cần mã bí mật: --token-file, hoặc biến EDOCHUB_TOKEN",
    en="the secret is needed: --token-file, or the variable EDOCHUB_TOKEN",
)


def connected(function: Decorated) -> Decorated:
    """Add the options that say which hub, and who we are there."""
    for add in (
        option(
            "--tries",
            type=click.IntRange(min=1),
            default=6,
            show_default=True,
            value=Text(vi="SỐ", en="NUMBER"),
            about=Text(
                vi="Số lần thử khi trục chưa phục vụ được; giữa các lần có chờ, lâu dần.",
                en="How often to try while the hub is not available; with pauses that grow.",
            ),
        ),
        option(
            "--token-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            envvar="EDOCHUB_TOKEN_FILE",
            value=FILE,
            about=Text(
                vi="Tệp chứa mã bí mật của điểm kết nối; hoặc biến EDOCHUB_TOKEN.",
                en="The file with the endpoint's secret; or the variable EDOCHUB_TOKEN.",
            ),
        ),
        option(
            "--url",
            required=True,
            envvar="EDOCHUB_URL",
            value=Text(vi="ĐỊA_CHỈ", en="URL"),
            about=Text(
                vi="Địa chỉ của trục, như https://truc.example.vn; hoặc biến EDOCHUB_URL.",
                en="The hub's address, such as https://truc.example.vn; or the variable EDOCHUB_URL.",
            ),
        ),
    ):
        function = add(function)
    return function


def outbox_option(**more: Any) -> Callable[[Decorated], Decorated]:
    """Return the option that names the folder of what is not yet answered for."""
    return option(
        "--outbox",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="EDOCHUB_OUTBOX",
        value=FOLDER,
        about=Text(
            vi="Thư mục giữ gói tin cho đến khi trục trả lời; mất điện thì “client resume” gửi tiếp.",
            en="A folder that keeps packages until the hub has answered; “client resume” goes on after a power cut.",
        ),
        **more,
    )


def opened(url: str, token_file: Path | None, tries: int) -> Client:
    """Return the client for the options."""
    written = token_file.read_text("utf-8") if token_file else os.environ.get("EDOCHUB_TOKEN", "")
    if not written.strip():
        raise wrong_usage(NO_TOKEN)
    return Client(url, written.strip(), patience=Patience(tries=tries))
