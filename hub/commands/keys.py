"""Make and list the keys that this hub signs with.

A new key comes with a certificate that it signed itself: good for a first trial and for the hub's own receipts. For
documents of an agency, have an authority certify it.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from hub import show
from hub.commands._click import argument, command, group, option
from hub.commands._exits import Exit
from hub.commands._parts import FILE, NAME, json_option
from hub.commands._session import Session
from hub.model import utc_now
from hub.show import Toned
from schemas.text import Text
from signing.keys import Algorithm, KeyFolder, KeySummary, generate

passphrase_option = option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(
        vi="Tệp chứa mật khẩu bảo vệ khóa (dòng đầu).",
        en="A file whose first line is the passphrase of the key.",
    ),
)


@group("keys", about=Text(vi="Tạo và liệt kê khóa ký của trục.", en="Make and list the hub's signing keys."))
def keys() -> None:
    """Keys are in the folder that `[keys]` names."""


@command(
    "new",
    about=Text(vi="Tạo khóa mới cùng chứng thư tự ký.", en="Make a new key with a self-signed certificate."),
    more=Text(
        vi="Khóa đã có không bao giờ bị ghi đè. Chứng thư tự ký chỉ được tin cậy khi được chép vào thư mục tin cậy.",
        en="An existing key is never replaced. A self-signed certificate is trusted only from a trust folder.",
    ),
)
@argument(
    "name", value=NAME, about=Text(vi="Tên khóa: chữ thường, chữ số, . _ -", en="Its name: a-z, 0-9, . _ -")
)
@option(
    "--subject",
    value=NAME,
    about=Text(
        vi="Tên chủ thể trong chứng thư; mặc định là tên trục.",
        en="Whom the certificate names; the hub, by default.",
    ),
)
@option(
    "--algorithm",
    type=click.Choice(get_args(Algorithm)),
    default="ecdsa-p256",
    show_default=True,
    about=Text(vi="Loại khóa.", en="The kind of key."),
)
@passphrase_option
@json_option
@click.pass_obj
def new(
    session: Session,
    name: str,
    subject: str | None,
    algorithm: Algorithm,
    passphrase_file: Path | None,
    as_json: bool,
) -> int:
    """Make a key, and refuse to replace one."""
    settings = session.config
    folder = KeyFolder(settings.path(settings.keys.folder))
    if any(key.name == name for key in folder.list()):
        show.complain(
            Text(
                vi=f"Đã có khóa tên {name}; hãy chọn tên khác.",
                en=f"There is a key named {name} already; choose another name.",
            )
        )
        return Exit.NO
    folder.save(
        generate(name, subject or settings.hub.name, utc_now(), algorithm), passphrase(passphrase_file)
    )
    made = next(key for key in folder.list() if key.name == name)
    if as_json:
        show.as_json(summary(made))
    else:
        show.line(Toned(Text(vi=f"Đã tạo khóa {name}.", en=f"The key {name} is made."), "good"))
        show.facts(facts(made))
    return Exit.YES


@command("list", about=Text(vi="Liệt kê các khóa.", en="List the keys."))
@json_option
@click.pass_obj
def listed(session: Session, as_json: bool) -> None:
    """List what is in the folder, without opening any key."""
    settings = session.config
    found = KeyFolder(settings.path(settings.keys.folder)).list()
    if as_json:
        show.as_json({"keys": [summary(key) for key in found]})
        return
    columns = [
        Text(vi="Khóa", en="Key"),
        Text(vi="Thuật toán", en="Algorithm"),
        Text(vi="Mật khẩu", en="Passphrase"),
        Text(vi="Chủ thể", en="Subject"),
        Text(vi="Cấp bởi", en="Issued by"),
        Text(vi="Hết hạn", en="Valid until"),
    ]
    rows = [
        [
            key.name,
            key.algorithm,
            Text(vi="có", en="yes") if key.encrypted else Text(vi="không", en="no"),
            key.certificate.subject,
            key.certificate.issuer,
            key.certificate.not_after,
        ]
        for key in found
    ]
    empty = Text(
        vi="Chưa có khóa nào; tạo bằng “edochub keys new TÊN”.",
        en="There are no keys; make one with “edochub keys new NAME”.",
    )
    show.table(columns, rows, empty=empty)


def passphrase(file: Path | None) -> bytes | None:
    """Return the first line of a file, without its end."""
    return file.read_bytes().split(b"\n", 1)[0].rstrip(b"\r") or None if file else None


def summary(key: KeySummary) -> dict[str, object]:
    """Return the shape that `--json` publishes."""
    return {
        "name": key.name,
        "algorithm": key.algorithm,
        "encrypted": key.encrypted,
        "certificate": key.certificate.as_json(),
    }


def facts(key: KeySummary) -> list[tuple[Text, object]]:
    """Return what people want to know of a key."""
    return [
        (Text(vi="Chủ thể", en="Subject"), key.certificate.subject),
        (Text(vi="Thuật toán", en="Algorithm"), key.algorithm),
        (Text(vi="Hết hạn", en="Valid until"), key.certificate.not_after),
        (Text(vi="Dấu vân tay SHA-256", en="SHA-256 fingerprint"), key.certificate.sha256),
    ]


keys.add_command(new)
keys.add_command(listed)
