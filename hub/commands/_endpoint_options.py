"""What the commands of `edochub endpoints` have in common: which endpoint, what it must sign, how it is written to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from hub.commands._click import Decorated, argument, option
from hub.commands._parts import ENDPOINT
from hub.model import SignatureRule
from schemas.edxml.elements import DIALECTS
from schemas.text import Text

endpoint_argument = argument(
    "endpoint_id", value=ENDPOINT, about=Text(vi="Điểm kết nối.", en="The endpoint.")
)


def dialect_option(**more: Any) -> Callable[[Decorated], Decorated]:
    """Return the option that names the order of elements in which the hub writes to an endpoint."""
    return option(
        "--dialect",
        type=click.Choice(DIALECTS),
        about=Text(
            vi="Cách trục viết gói tin trạng thái gửi tới đó: vnpt như gói tin mẫu (mặc định), dotnet như bộ .NET SDK.",
            en="How the hub writes status packages that go there: vnpt as the samples are (the default), dotnet as the "
            ".NET SDK does.",
        ),
        **more,
    )


def signatures_option(**more: Any) -> Callable[[Decorated], Decorated]:
    """Return the option that says what the signatures of an endpoint's packages must be."""
    return option(
        "--signatures",
        type=click.Choice([str(rule) for rule in SignatureRule]),
        about=Text(
            vi="Yêu cầu với chữ ký số của gói tin; “default” là theo quy định chung của trục.",
            en="What is demanded of the signature of its packages; “default”: as the hub's policy says.",
        ),
        **more,
    )


def attachments_option(**more: Any) -> Callable[[Decorated], Decorated]:
    """Return the option that says what the signatures of an endpoint's attachments must be."""
    return option(
        "--attachments",
        type=click.Choice([str(rule) for rule in SignatureRule]),
        about=Text(
            vi="Yêu cầu với chữ ký số của tệp đính kèm; “refuse-invalid” và “require” kiểm tra ngay khi tiếp nhận.",
            en="What is demanded of signatures in attachments; “refuse-invalid” and “require” judge them at once.",
        ),
        **more,
    )
