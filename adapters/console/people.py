"""The accounts, for administrators: who may sign in, adding somebody, another role, another password, off and on.

A password is typed twice into a form and never shown. Whoever is changed loses every session, and each change is an
event in the ledger (`hub.accounts_changes`, as for `edochub accounts`). What takes somebody's way in is asked about
first. Nobody changes the account that they sign in with: a slip there would lock the door from inside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.datastructures import FormData
from starlette.responses import Response

from adapters.console.signing_in import IN_THE_CLEAR, confidential, counted_address, is_right
from adapters.console.visit import Forbidden, Visit
from hub import accounts_changes
from hub.accounts import Account, Role
from hub.errors import HubError, Misconfigured, NotFound
from hub.store import accounts as store
from schemas.text import Text

NOT_ONESELF = Text(
    vi="Không thể thay đổi tài khoản mà mình đang dùng; hãy nhờ một quản trị viên khác",
    en="Nobody changes the account that they are signed in with; ask another administrator",
)
NOT_THE_SAME = Text(vi="Hai lần nhập mật khẩu không giống nhau", en="The two passwords differ")
NO_ROLE = Text(vi="Hãy chọn một vai trò", en="Choose a role")
NEEDS_AGENCY = Text(
    vi="Vai trò cơ quan cần mã của một cơ quan trong danh bạ",
    en="The role agency needs the code of an agency in the directory",
)
NO_PASSWORD_HERE = Text(
    vi="Người này đăng nhập qua cổng định danh, trục không giữ mật khẩu",
    en="This person signs in at the identity provider; the hub keeps no password",
)
NOT_THE_OLD = Text(vi="Mật khẩu đang dùng không đúng", en="The password you have now is wrong")
WAIT = Text(
    vi="Sai mật khẩu quá nhiều lần; hãy thử lại sau ít phút",
    en="Too many wrong passwords; try again in a few minutes",
)
DONE: dict[str, Text] = {
    "added": Text(vi="Đã thêm tài khoản", en="The account was added"),
    "changed": Text(vi="Đã đổi; mọi phiên của người này đã kết thúc", en="Changed; all sessions have ended"),
    "password": Text(
        vi="Đã đặt mật khẩu mới; mọi phiên của người này đã kết thúc",
        en="The new password is set; all sessions have ended",
    ),
    "removed": Text(vi="Đã xóa tài khoản", en="The account was removed"),
}
ASKED = ("disable", "remove")  # before these it is asked whether they are meant


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form of an account. Passwords are not among it: they are never sent back."""

    name: str = ""
    person: str = ""
    role: str = ""
    agency: str = ""

    @property
    def chosen(self) -> Role:
        """The role. Raises `Misconfigured` if none is chosen."""
        if self.role not in set(Role):
            raise Misconfigured(NO_ROLE)
        return Role(self.role)

    @property
    def code(self) -> str | None:
        """The agency's code, for the role that has one. Raises `Misconfigured` if it is missing."""
        if self.chosen is not Role.AGENCY:
            return None
        if not self.agency:
            raise Misconfigured(NEEDS_AGENCY)
        return self.agency


async def page(visit: Visit) -> Response:
    """List the accounts; say what has just been done."""
    listed = await visit.hub.store.read(store.every)
    return visit.page("accounts.html", listed=listed, done=DONE.get(visit.asked("done")))


async def blank(visit: Visit) -> Response:
    """Show the form of a new account."""
    return _form(visit, Filled(role=Role.OPERATOR))


async def add(visit: Visit) -> Response:
    """Add an account; show the form again with what is wrong."""
    form = await visit.form()
    filled = _filled(form, str(form.get("name", "")).strip())
    try:
        password = _password(visit, form)
        async with visit.console.hashing:
            await accounts_changes.add(
                visit.hub,
                filled.name,
                filled.person,
                filled.chosen,
                password,
                visit.account.actor,
                filled.code,
            )
    except (Misconfigured, NotFound) as error:
        return _form(visit, filled, said=error)
    return visit.go("/accounts", done="added")


async def one(visit: Visit) -> Response:
    """Show an account, with what can be changed. Raises `NotFound`."""
    return _shown(visit, await _known(visit))


async def change(visit: Visit) -> Response:
    """Give an account another name of a person, role or agency. Raises `NotFound` and `Misconfigured`."""
    form = await visit.form()
    account = await _other(visit)
    filled = _filled(form, account.name)
    try:
        await accounts_changes.change(
            visit.hub,
            account.name,
            visit.account.actor,
            person=filled.person or account.name,
            role=filled.chosen,
            agency=filled.code,
        )
    except (Misconfigured, NotFound) as error:
        return _shown(visit, account, filled, error)
    return visit.go("/accounts", done="changed")


async def password(visit: Visit) -> Response:
    """Give an account another password. Raises `NotFound` and `Misconfigured`."""
    form = await visit.form()
    account = await _other(visit)
    if account.subject is not None:
        raise Misconfigured(NO_PASSWORD_HERE)
    try:
        given = _password(visit, form)
        async with visit.console.hashing:
            await accounts_changes.set_password(visit.hub, account.name, given, visit.account.actor)
    except Misconfigured as error:
        return _shown(visit, account, said=error)
    return visit.go("/accounts", done="password")


async def switch(visit: Visit) -> Response:
    """Switch an account off or on, or take it out; what cannot be taken lightly is asked about first."""
    form = await visit.form()
    account, wish = await _other(visit), str(form.get("wish", ""))
    if wish in ASKED and form.get("sure") != "1":
        return visit.page("account_sure.html", other=account, wish=wish)
    if wish == "remove":
        await accounts_changes.remove(visit.hub, account.name, visit.account.actor)
        return visit.go("/accounts", done="removed")
    await accounts_changes.change(visit.hub, account.name, visit.account.actor, disabled=wish == "disable")
    return visit.go("/accounts", done="changed")


async def own(visit: Visit) -> Response:
    """Show the form in which somebody chooses another password."""
    return _own(visit)


async def own_password(visit: Visit) -> Response:
    """Let somebody who knows the old password choose another one; all sessions end, this one too."""
    form = await visit.form()
    account, address = visit.account, counted_address(visit)
    attempts = visit.console.attempts
    if attempts.wait_seconds(account.name, address):
        return _own(visit, Misconfigured(WAIT), 429)
    attempts.failed(account.name, address)
    if not await is_right(visit, account, str(form.get("old", ""))):
        return _own(visit, Misconfigured(NOT_THE_OLD))
    attempts.succeeded(account.name, address)
    try:
        given = _password(visit, form)
        async with visit.console.hashing:
            await accounts_changes.set_password(visit.hub, account.name, given, account.actor)
    except Misconfigured as error:
        return _own(visit, error)
    return visit.go("/login")


def _own(visit: Visit, said: HubError | None = None, status: int = 422) -> Response:
    return visit.page("password.html", status if said else 200, said=said.message if said else None)


async def _known(visit: Visit) -> Account:
    name = visit.in_path("name")
    return await visit.hub.store.read(lambda connection: accounts_changes.known(connection, name))


async def _other(visit: Visit) -> Account:
    """Return the account that is meant, if it is not one's own. Raises `NotFound` and `Misconfigured`."""
    if visit.in_path("name") == visit.account.name:
        raise Misconfigured(NOT_ONESELF)
    return await _known(visit)


def _filled(form: FormData, name: str) -> Filled:
    return Filled(
        name=name[:64],
        person=str(form.get("person", "")).strip()[:200],
        role=str(form.get("role", "")),
        agency=str(form.get("agency", "")).strip()[:64],
    )


def _password(visit: Visit, form: FormData) -> str:
    if not confidential(visit):
        raise Forbidden(IN_THE_CLEAR)
    given = str(form.get("password", ""))
    if given != str(form.get("password_again", "")):
        raise Misconfigured(NOT_THE_SAME)
    return given


def _form(visit: Visit, filled: Filled, said: HubError | None = None) -> Response:
    return visit.page(
        "account_new.html", 422 if said else 200, filled=filled, said=said.message if said else None
    )


def _shown(
    visit: Visit, account: Account, filled: Filled | None = None, said: HubError | None = None
) -> Response:
    stands = Filled(account.name, account.person, account.role, _code(visit, account))
    return visit.page(
        "account.html",
        422 if said else 200,
        other=account,
        own=account.name == visit.account.name,
        filled=replace(filled, name=account.name) if filled else stands,
        said=said.message if said else None,
    )


def _code(visit: Visit, account: Account) -> str:
    """Return the code under which the agency of an account is found today."""
    if account.agency is None:
        return ""
    try:
        return visit.hub.directory.agency(account.agency).code
    except NotFound:
        return account.agency
