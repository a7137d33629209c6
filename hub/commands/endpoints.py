"""The connected systems: add one, list them, change one, give it another secret, switch it off and on.

A secret is shown once, when it is made: the database only holds what recognises it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import IO, TYPE_CHECKING

import click

from hub import show
from hub.adapter import adapter_names
from hub.commands import _completing
from hub.commands import _endpoint_changes as changes
from hub.commands import _endpoint_page as page
from hub.commands._click import argument, command, group, option, wrong_usage
from hub.commands._endpoint_changes import Added, Wanted
from hub.commands._endpoint_options import (
    attachments_option,
    dialect_option,
    endpoint_argument,
    limit_option,
    limits_over,
    secret_file_option,
    secret_in,
    signatures_option,
)
from hub.commands._endpoint_set import set_
from hub.commands._parts import CODE, ENDPOINT, json_option
from hub.commands._session import Session, operator
from hub.directory import Directory
from hub.limits import NONE_OF_ITS_OWN
from hub.model import Endpoint, SignatureRule, utc_now
from hub.show import Toned
from hub.words import SIGNATURE_RULES
from schemas.edxml.elements import Dialect
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub

ONE_SECRET = Text(vi="chỉ nêu một trong --secret, --secret-file", en="give one of --secret and --secret-file")
REPLACED = Text(vi="Đã thay mã bí mật.", en="The secret is replaced.")

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@group(
    "endpoints",
    about=Text(vi="Các hệ thống kết nối với trục.", en="The systems that are connected to the hub."),
)
def endpoints() -> None:
    """Endpoints, each with the agencies that it speaks for."""


@command(
    "add",
    about=Text(vi="Thêm một điểm kết nối và cấp mã bí mật.", en="Add an endpoint and give it a secret."),
    more=Text(
        vi="Văn bản đang tạm giữ cho các cơ quan này được chuyển ngay.",
        en="Documents that were held for these agencies go out at once.",
    ),
    examples=(
        (
            "edochub endpoints add so-noi-vu --adapter http --agency H49.13",
            Text(
                vi="Hệ thống của sở tự gửi và đến lấy qua HTTP; mã bí mật hiện một lần.",
                en="Its system sends and fetches over HTTP; the secret is shown once.",
            ),
        ),
        (
            "edochub endpoints add thanh-tra --adapter folder --agency H49.17 --address /srv/thanh-tra",
            Text(vi="Trục đặt văn bản vào thư mục.", en="The hub puts documents into a folder."),
        ),
    ),
)
@argument(
    "endpoint_id",
    value=ENDPOINT,
    about=Text(
        vi="Định danh mới: chữ cái không dấu, chữ số, . _ -", en="Its new id: letters A-Z, digits, . _ -"
    ),
)
@option(
    "--adapter",
    required=True,
    value=Text(vi="BỘ_KẾT_NỐI", en="ADAPTER"),
    shell_complete=_completing.adapters,
    about=Text(vi="Cách kết nối, ví dụ http, folder.", en="The way to reach it, such as http, folder."),
)
@option(
    "--agency",
    "codes",
    multiple=True,
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(
        vi="Mã cơ quan mà nó đại diện; ghi nhiều lần, hoặc cách nhau bằng dấu phẩy.",
        en="The code of an agency that it speaks for; several times, or separated by commas.",
    ),
)
@option(
    "--next-hub",
    is_flag=True,
    about=Text(
        vi="Điểm kết nối của trục kế tiếp: không đại diện cho cơ quan nào, chỉ có tuyến dẫn tới (edochub routes).",
        en="The endpoint of a next hub: it speaks for no agency, only routes lead to it (edochub routes).",
    ),
)
@option(
    "--address",
    value=Text(vi="ĐỊA_CHỈ", en="ADDRESS"),
    about=Text(
        vi="Nơi trục đẩy văn bản tới; bỏ trống nếu hệ thống tự đến lấy.",
        en="Where the hub pushes documents to; none if the system fetches them.",
    ),
)
@option(
    "--secret",
    value=Text(vi="MÃ_BÍ_MẬT", en="SECRET"),
    about=Text(
        vi="Dùng mã bí mật này thay vì tạo mới; --secret-file thì không ai thấy nó trong danh sách tiến trình.",
        en="Use this secret instead of a new one; with --secret-file nobody sees it in the list of processes.",
    ),
)
@secret_file_option()
@option(
    "--require-signatures",
    is_flag=True,
    about=Text(
        vi="Từ chối văn bản không có chữ ký số hợp lệ.", en="Refuse documents without a valid signature."
    ),
)
@signatures_option(default="default")
@attachments_option(default="default")
@dialect_option(default="vnpt")
@limit_option()
@json_option
@click.pass_obj
def add(
    session: Session,
    endpoint_id: str,
    adapter: str,
    codes: Sequence[str],
    next_hub: bool,
    address: str | None,
    secret: str | None,
    secret_file: IO[str] | None,
    require_signatures: bool,
    signatures: str,
    attachments: str,
    dialect: Dialect,
    limits: Sequence[str],
    as_json: bool,
) -> None:
    """Add one endpoint."""
    if secret is not None and secret_file is not None:
        raise wrong_usage(ONE_SECRET, "secret_file")
    if not codes and not next_hub:
        raise wrong_usage(
            Text(vi="cần ít nhất một mã, hoặc --next-hub", en="expected at least one code, or --next-hub"),
            "codes",
        )
    if not ID.fullmatch(endpoint_id):
        known = Text(vi="chỉ dùng chữ cái không dấu, chữ số, . _ -", en="use letters A-Z, digits, . _ - only")
        raise wrong_usage(known, "endpoint_id")
    if adapter not in adapter_names():
        known = Text(
            vi=f"cần một trong: {', '.join(adapter_names())}",
            en=f"expected one of: {', '.join(adapter_names())}",
        )
        raise wrong_usage(known, "adapter")
    wanted = Wanted(
        id=endpoint_id,
        adapter=adapter,
        agencies=frozenset(code for given in codes for code in given.split(",") if code),
        address=address,
        secret=secret if secret_file is None else secret_in(secret_file),
        signatures=SignatureRule.REQUIRE if require_signatures else SignatureRule(signatures),
        attachments=SignatureRule(attachments),
        dialect=dialect,
        limits=limits_over(NONE_OF_ITS_OWN, limits),
    )

    async def put_in(hub: Hub) -> tuple[Added, Directory]:
        return await changes.add(hub, wanted, operator()), hub.directory

    added, directory = session.ask(put_in)
    if as_json:
        released = [delivery.as_json() for delivery in added.released]
        show.as_json(
            {
                **page.as_json(added.endpoint, directory),
                "secret": None if wanted.secret else added.secret,
                "released": released,
            }
        )
        return
    show.line(
        Toned(
            Text(vi=f"Đã thêm điểm kết nối {endpoint_id}.", en=f"The endpoint {endpoint_id} is added."),
            "good",
        )
    )
    page.tell(added.endpoint, directory)
    if not wanted.secret:
        page.tell_secret(added.secret)
    if added.released:
        count = len(added.released)
        show.line(
            Text(
                vi=f"Đã chuyển tiếp {count} lượt đang tạm giữ.",
                en=f"{so_many(count, 'held delivery goes', 'held deliveries go')} on.",
            )
        )


@command(
    "list",
    about=Text(vi="Liệt kê các điểm kết nối.", en="List the endpoints."),
    examples=(
        (
            "edochub endpoints list",
            Text(vi="Các điểm kết nối và trạng thái của chúng.", en="List the endpoints and how they are."),
        ),
    ),
)
@json_option
@click.pass_obj
def listed(session: Session, as_json: bool) -> None:
    """List all endpoints."""

    async def look(hub: Hub) -> Directory:
        return hub.directory

    directory = session.ask(look)
    if as_json:
        show.as_json({"endpoints": [page.as_json(each, directory) for each in directory.endpoints]})
        return
    columns = [
        Text(vi="Điểm kết nối", en="Endpoint"),
        Text(vi="Bộ kết nối", en="Adapter"),
        Text(vi="Địa chỉ", en="Address"),
        Text(vi="Cơ quan", en="Agencies"),
        Text(vi="Chữ ký số", en="Signatures"),
        Text(vi="Cách viết", en="Dialect"),
        Text(vi="Tình trạng", en="State"),
    ]
    rows = [
        [
            each.id,
            each.adapter,
            each.address,
            ", ".join(page.codes(each, directory)),
            SIGNATURE_RULES[each.signatures],
            each.dialect,
            page.state(each),
        ]
        for each in directory.endpoints
    ]
    empty = Text(
        vi="Chưa có điểm kết nối nào; thêm bằng “edochub endpoints add”.",
        en="There are no endpoints; add one with “edochub endpoints add”.",
    )
    show.table(columns, rows, empty=empty)


@command(
    "show",
    about=Text(vi="Xem một điểm kết nối.", en="Show one endpoint."),
    examples=(
        (
            "edochub endpoints show so-noi-vu",
            Text(vi="Mọi điều về một điểm kết nối.", en="Show all about one endpoint."),
        ),
    ),
)
@endpoint_argument
@json_option
@click.pass_obj
def show_(session: Session, endpoint_id: str, as_json: bool) -> None:
    """Show one endpoint, without its secret."""

    async def look(hub: Hub) -> tuple[Endpoint, Directory]:
        return await hub.endpoint(endpoint_id), hub.directory

    endpoint, directory = session.ask(look)
    if as_json:
        show.as_json(page.as_json(endpoint, directory))
    else:
        page.tell(endpoint, directory)


@command(
    "rotate",
    about=Text(vi="Cấp mã bí mật mới.", en="Give an endpoint a new secret."),
    examples=(
        (
            "edochub endpoints rotate so-noi-vu --keep-old 24",
            Text(
                vi="Cấp mã bí mật mới; mã cũ còn dùng được 24 giờ.",
                en="Give a new secret; the old one works for 24 hours more.",
            ),
        ),
    ),
)
@endpoint_argument
@secret_file_option()
@option(
    "--keep-old",
    type=click.FloatRange(min=0),
    default=0.0,
    value=Text(vi="GIỜ", en="HOURS"),
    about=Text(
        vi="Mã cũ còn dùng được bấy nhiêu giờ nữa; mặc định là hết hiệu lực ngay.",
        en="How many hours the old secret still holds; by default it ends now.",
    ),
)
@json_option
@click.pass_obj
def rotate(
    session: Session, endpoint_id: str, secret_file: IO[str] | None, keep_old: float, as_json: bool
) -> None:
    """Make a new secret and show it once, or take the one that is given."""
    until = utc_now() + timedelta(hours=keep_old) if keep_old else None
    given = secret_in(secret_file)

    async def change(hub: Hub) -> str | None:
        made = await changes.rotate(hub, await hub.endpoint(endpoint_id), until, operator(), given)
        return None if given else made

    secret = session.ask(change)
    if as_json:
        show.as_json({"id": endpoint_id, "secret": secret, "old_until": until.isoformat() if until else None})
        return
    if secret is None:
        show.line(Toned(REPLACED, "good"))
    else:
        page.tell_secret(secret)
    if until:
        show.line(
            Text(
                vi=f"Mã cũ còn hiệu lực đến {show.when(until)}.",
                en=f"The old secret holds until {show.when(until)}.",
            )
        )


@command(
    "disable",
    about=Text(vi="Khóa một điểm kết nối.", en="Switch an endpoint off."),
    examples=(
        (
            "edochub endpoints disable so-noi-vu",
            Text(vi="Ngừng nhận từ đó và gửi tới đó.", en="Neither take from it nor deliver to it."),
        ),
    ),
)
@endpoint_argument
@json_option
@click.pass_obj
def disable(session: Session, endpoint_id: str, as_json: bool) -> None:
    """Let it neither hand in nor receive; what is for it waits."""
    _switch(session, endpoint_id, as_json=as_json, disabled=True)


@command(
    "enable",
    about=Text(vi="Mở lại một điểm kết nối.", en="Switch an endpoint on again."),
    examples=(
        (
            "edochub endpoints enable so-noi-vu",
            Text(vi="Cho điểm kết nối làm việc trở lại.", en="Let the endpoint work again."),
        ),
    ),
)
@endpoint_argument
@json_option
@click.pass_obj
def enable(session: Session, endpoint_id: str, as_json: bool) -> None:
    """Let it work again."""
    _switch(session, endpoint_id, as_json=as_json, disabled=False)


def _switch(session: Session, endpoint_id: str, *, as_json: bool, disabled: bool) -> None:
    async def change(hub: Hub) -> tuple[Endpoint, Directory]:
        changed = await changes.switch(hub, await hub.endpoint(endpoint_id), operator(), disabled=disabled)
        return changed, hub.directory

    endpoint, directory = session.ask(change)
    if as_json:
        show.as_json(page.as_json(endpoint, directory))
    else:
        page.tell(endpoint, directory)


for each in (add, listed, show_, set_, rotate, disable, enable):
    endpoints.add_command(each)
