"""What the commands of `edochub endpoints` have in common: which endpoint, what it must sign, how it is written to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import IO, Any

import click

from hub.commands import _completing
from hub.commands._click import Decorated, argument, option, wrong_usage
from hub.commands._parts import ENDPOINT, FILE
from hub.limits import EndpointLimits
from hub.model import SignatureRule
from schemas.edxml.elements import DIALECTS
from schemas.text import Sentence, Text

LONGEST_SECRET = 65_536  # characters: a private key has a few thousand
LONGEST_NUMBER = 15  # digits
LIMITS = ", ".join(each.name for each in fields(EndpointLimits))
WRONG_LIMIT = Sentence(
    vi="cần TÊN=SỐ (0 là không giới hạn) hoặc TÊN=default, TÊN là một trong: {known}; nhưng gặp {got}",
    en="expected NAME=NUMBER (0: no limit) or NAME=default, NAME one of: {known}; got {got}",
)
EMPTY = Text(vi="tệp không có mã bí mật nào", en="there is no secret in the file")

endpoint_argument = argument(
    "endpoint_id",
    value=ENDPOINT,
    shell_complete=_completing.endpoints,
    about=Text(vi="Điểm kết nối.", en="The endpoint."),
)


def secret_file_option() -> Callable[[Decorated], Decorated]:
    """Return the option that names the file with a secret which the far side dictates."""
    return option(
        "--secret-file",
        type=click.File("r", encoding="utf-8"),
        value=FILE,
        about=Text(
            vi="Dùng mã bí mật trong tệp này, “-” là đầu vào chuẩn: khi hệ thống kia đặt mã (sftp, amqp, email, soap, "
            "lgsp, vxp). Dấu xuống dòng ở cuối không tính.",
            en="Use the secret in this file, “-” is standard input: for far sides that dictate theirs (sftp, amqp, "
            "email, soap, lgsp, vxp). A line break at its end does not count.",
        ),
    )


def secret_in(file: IO[str] | None) -> str | None:
    """Return the secret in a file; None without a file. Raises click's complaint for one that is empty."""
    if file is None:
        return None
    secret = file.read(LONGEST_SECRET).rstrip("\r\n")
    if not secret.strip():
        raise wrong_usage(EMPTY, "secret_file")
    return secret


def address_option(**more: Any) -> Callable[[Decorated], Decorated]:
    """Return the option that says where an endpoint's system is now."""
    return option(
        "--address",
        value=Text(vi="ĐỊA_CHỈ", en="ADDRESS"),
        about=Text(
            vi="Địa chỉ mới của hệ thống (URL, máy chủ, thư mục… tùy bộ kết nối); để rỗng (“”) nếu từ nay nó tự đến "
            "lấy. Văn bản đang chờ đi theo địa chỉ mới.",
            en="Where its system is now (URL, host, folder: as the adapter has it); empty (“”) if it fetches from now "
            "on. What waits goes by the new address.",
        ),
        **more,
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


def limit_option() -> Callable[[Decorated], Decorated]:
    """Return the option that gives an endpoint limits of its own."""
    return option(
        "--limit",
        "limits",
        multiple=True,
        value=Text(vi="TÊN=SỐ", en="NAME=NUMBER"),
        about=Text(
            vi=f"Hạn mức riêng thay cho [limits], ghi nhiều lần được: {LIMITS}. 0 là không giới hạn, “default” là theo "
            "[limits].",
            en=f"A limit of its own in place of [limits], several times: {LIMITS}. 0: none, “default”: as [limits] "
            "says.",
        ),
    )


def limits_over(known: EndpointLimits, given: Sequence[str]) -> EndpointLimits:
    """Return limits with those that were given in their place. Raises click's complaint."""
    for each in given:
        name, _, value = each.partition("=")
        number = value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER
        if name not in LIMITS.split(", ") or not (number or value == "default"):
            raise wrong_usage(WRONG_LIMIT.say(known=LIMITS, got=each), "limits")
        known = replace(known, **{name: int(value) if number else None})
    return known
