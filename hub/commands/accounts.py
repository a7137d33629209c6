"""The people who may sign in to the console: add, list, change, remove one; give one another password.

A password is asked for on the terminal, or read from a file; never an option, which everybody on the machine may see.
"""

from __future__ import annotations

import getpass
import warnings
from typing import IO, TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing
from hub.commands._click import argument, command, group, option, wrong_usage
from hub.commands._parts import CODE, FILE, NAME, json_option
from hub.commands._session import Session, operator
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.accounts import Account
    from hub.app import Hub
    from hub.directory import Directory

NO_TERMINAL = Text(
    vi="không có màn hình để gõ mật khẩu; hãy dùng --password-file TỆP, “-” là đầu vào chuẩn",
    en="there is no terminal to type a password on; use --password-file FILE, “-” is standard input",
)
ROLE_NAMES = ("administrator", "operator", "manager", "auditor", "agency")

name_argument = argument("name", value=NAME, about=Text(vi="Tên tài khoản.", en="The account's name."))
role_about = Text(
    vi="administrator quản trị, operator vận hành, manager quản lý, auditor kiểm toán, agency cơ quan.",
    en="What the account may do: administrator, operator, manager, auditor, agency.",
)
agency_option = option(
    "--agency",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(
        vi="Mã cơ quan, cho vai trò agency: chỉ thấy văn bản của cơ quan này.",
        en="The agency's code, for the role agency: it sees this agency's documents only.",
    ),
)
password_file_option = option(
    "--password-file",
    type=click.File(encoding="utf-8"),
    value=FILE,
    about=Text(
        vi="Đọc mật khẩu từ dòng đầu của tệp thay vì hỏi; “-” là đầu vào chuẩn.",
        en="Read the password from a file's first line instead of asking; “-” is standard input.",
    ),
)


@group("accounts", about=Text(vi="Tài khoản của bảng điều khiển web.", en="The accounts of the web console."))
def accounts() -> None:
    """People, not systems: those are endpoints."""


@command(
    "add",
    about=Text(vi="Thêm một tài khoản.", en="Add an account."),
    examples=(
        (
            'edochub accounts add lan.nguyen --role operator --person "Lan Nguyen"',
            Text(vi="Tạo tài khoản cho một người vận hành.", en="Add an account for an operator."),
        ),
        (
            "edochub accounts add so-noi-vu --role agency --agency H49.13",
            Text(
                vi="Tạo tài khoản chỉ xem văn bản của cơ quan mình.",
                en="Add an account that sees its own agency's documents.",
            ),
        ),
    ),
)
@name_argument
@option("--role", required=True, type=click.Choice(ROLE_NAMES), about=role_about)
@option(
    "--person",
    default="",
    value=NAME,
    about=Text(vi="Họ tên, hiện trên trang.", en="The person's name, as pages show it."),
)
@agency_option
@password_file_option
@json_option
@click.pass_obj
def add(
    session: Session,
    name: str,
    role: str,
    person: str,
    agency: str | None,
    password_file: IO[str] | None,
    as_json: bool,
) -> None:
    """Add one account."""
    from hub import accounts_changes
    from hub.accounts import Role, hashed, proper_name

    proper_name(name)
    password = password_from(password_file)
    hashed(password, name)  # a weak one is said before the database is opened

    async def put_in(hub: Hub) -> tuple[Account, Directory]:
        made = await accounts_changes.add(hub, name, person, Role(role), password, operator(), agency)
        return made, hub.directory

    _tell(*session.ask(put_in), as_json=as_json)


@command(
    "list",
    about=Text(vi="Liệt kê các tài khoản.", en="List the accounts."),
    examples=(
        ("edochub accounts list", Text(vi="Các tài khoản đang có.", en="List the accounts there are.")),
    ),
)
@json_option
@click.pass_obj
def listed(session: Session, as_json: bool) -> None:
    """List all accounts."""
    from hub.accounts import ROLES
    from hub.store import accounts as store

    async def look(hub: Hub) -> tuple[list[Account], Directory]:
        return await hub.store.read(store.every), hub.directory

    found, directory = session.ask(look)
    if as_json:
        show.as_json({"accounts": [_as_json(each, directory) for each in found]})
        return
    columns = [
        Text(vi="Tài khoản", en="Account"),
        Text(vi="Họ tên", en="Person"),
        Text(vi="Vai trò", en="Role"),
        Text(vi="Cơ quan", en="Agency"),
        Text(vi="Đăng nhập bằng", en="Signs in by"),
        Text(vi="Tình trạng", en="State"),
    ]
    rows = [
        [each.name, each.person, ROLES[each.role], _code(each, directory), _way(each), _state(each)]
        for each in found
    ]
    empty = Text(
        vi="Chưa có tài khoản nào; thêm bằng “edochub accounts add TÊN --role administrator”.",
        en="There are no accounts; add one with “edochub accounts add NAME --role administrator”.",
    )
    show.table(columns, rows, empty=empty)


@command(
    "set",
    about=Text(vi="Sửa một tài khoản.", en="Change an account."),
    examples=(
        (
            "edochub accounts set lan.nguyen --role auditor",
            Text(vi="Đổi vai trò của tài khoản.", en="Change the role of an account."),
        ),
    ),
)
@name_argument
@option("--role", type=click.Choice(ROLE_NAMES), about=role_about)
@option("--person", value=NAME, about=Text(vi="Họ tên, hiện trên trang.", en="The person's name."))
@agency_option
@option(
    "--disable/--enable",
    "disabled",
    default=None,
    about=Text(vi="Khóa hoặc mở lại.", en="Switch it off, or on again."),
)
@json_option
@click.pass_obj
def set_(
    session: Session,
    name: str,
    role: str | None,
    person: str | None,
    agency: str | None,
    disabled: bool | None,
    as_json: bool,
) -> None:
    """Change one account; its sessions end."""
    from hub import accounts_changes
    from hub.accounts import Role

    async def change(hub: Hub) -> tuple[Account, Directory]:
        changed = await accounts_changes.change(
            hub,
            name,
            operator(),
            person=person,
            role=Role(role) if role else None,
            agency=agency,
            disabled=disabled,
        )
        return changed, hub.directory

    _tell(*session.ask(change), as_json=as_json)


@command(
    "remove",
    about=Text(vi="Xóa một tài khoản.", en="Remove an account."),
    examples=(("edochub accounts remove lan.nguyen", Text(vi="Xóa tài khoản.", en="Remove the account.")),),
)
@name_argument
@click.pass_obj
def remove(session: Session, name: str) -> None:
    """Remove one account; its sessions end."""
    from hub import accounts_changes

    async def take_out(hub: Hub) -> None:
        await accounts_changes.remove(hub, name, operator())

    session.ask(take_out)
    show.line(Toned(Text(vi=f"Đã xóa tài khoản {name}.", en=f"The account {name} is removed."), "good"))


@command(
    "password",
    about=Text(vi="Đặt mật khẩu mới cho một tài khoản.", en="Give an account a new password."),
    examples=(
        (
            "edochub accounts password lan.nguyen --password-file -",
            Text(vi="Đặt mật khẩu đọc từ đầu vào chuẩn.", en="Set the password that standard input gives."),
        ),
    ),
)
@name_argument
@password_file_option
@click.pass_obj
def password(session: Session, name: str, password_file: IO[str] | None) -> None:
    """Set one account's password; its sessions end."""
    from hub import accounts_changes

    new = password_from(password_file)

    async def change(hub: Hub) -> None:
        await accounts_changes.set_password(hub, name, new, operator())

    session.ask(change)
    show.line(Toned(Text(vi="Đã đặt mật khẩu mới.", en="The new password is set."), "good"))


def password_from(file: IO[str] | None) -> str:
    """Return the first line of a file, or what is typed twice, unseen. Raises what click says where nobody can type."""
    if file is not None:
        return file.readline().rstrip("\r\n")
    asked = str(Text(vi="Mật khẩu", en="Password"))
    again = str(Text(vi="Nhập lại mật khẩu", en="The same password again"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)  # it would show what is typed
        try:
            typed: str = click.prompt(asked, hide_input=True, confirmation_prompt=again, err=True)
        except getpass.GetPassWarning as error:
            raise wrong_usage(NO_TERMINAL, "password_file") from error
    return typed


def _tell(account: Account, directory: Directory, *, as_json: bool) -> None:
    from hub.accounts import ROLES

    if as_json:
        show.as_json(_as_json(account, directory))
        return
    show.facts(
        [
            (Text(vi="Tài khoản", en="Account"), account.name),
            (Text(vi="Họ tên", en="Person"), account.person),
            (Text(vi="Vai trò", en="Role"), ROLES[account.role]),
            (Text(vi="Cơ quan", en="Agency"), _code(account, directory)),
            (Text(vi="Đăng nhập bằng", en="Signs in by"), _way(account)),
            (Text(vi="Tình trạng", en="State"), _state(account)),
        ]
    )


def _as_json(account: Account, directory: Directory) -> dict[str, object]:
    return {
        "name": account.name,
        "person": account.person,
        "role": str(account.role),
        "agency": _code(account, directory),
        "password": account.password is not None,
        "identity_provider": account.subject is not None,
        "disabled": account.disabled,
    }


def _code(account: Account, directory: Directory) -> str | None:
    from hub.errors import NotFound

    if account.agency is None:
        return None
    try:
        return directory.agency(account.agency).code
    except NotFound:
        return account.agency


def _way(account: Account) -> Text | None:
    if account.subject:
        return Text(vi="nhà cung cấp định danh", en="identity provider")
    return Text(vi="mật khẩu", en="password") if account.password else None


def _state(account: Account) -> Toned:
    if account.disabled:
        return Toned(Text(vi="đã khóa", en="disabled"), "bad")
    return Toned(Text(vi="hoạt động", en="active"), "good")


for each in (add, listed, set_, remove, password):
    accounts.add_command(each)
