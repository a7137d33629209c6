"""Sign a package with a key of this hub: an enveloped XML signature inside its header, all else as it was."""

from __future__ import annotations

from pathlib import Path

import click

from hub import show
from hub.commands._click import argument, command, option
from hub.commands._keys_parts import opening
from hub.commands._parts import FILE, NAME, STANDARD_STREAM, PackageFile, read_package, write_package
from hub.commands._session import Session
from hub.commands.keys import passphrase_option
from hub.model import utc_now
from hub.show import Toned
from schemas.text import Text
from signing.keys import KeyFolder
from signing.xml import sign as signed


@command(
    "sign",
    about=Text(vi="Ký số một gói tin.", en="Sign a package."),
    more=Text(
        vi="Gói tin không đổi một byte nào ngoài khối chữ ký được thêm vào cuối edXMLHeader.",
        en="Not a byte of the package changes but for the signature that is added at the end of edXMLHeader.",
    ),
    examples=(
        (
            "edochub sign cong-van.edxml -o da-ky.edxml --key hub",
            Text(vi="Ký gói tin bằng một khóa của trục.", en="Sign a package with a key of the hub."),
        ),
    ),
)
@argument(
    "file",
    type=PackageFile(),
    value=FILE,
    about=Text(vi="Gói tin edXML; “-” là đầu vào chuẩn.", en="The edXML package; “-” is standard input."),
)
@option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    value=FILE,
    about=Text(
        vi="Ghi ra tệp này, hoặc “-”; mặc định là TÊN.signed.edxml cạnh tệp gốc.",
        en="Write to this file, or “-”; by default NAME.signed.edxml beside the original.",
    ),
)
@option(
    "--key",
    value=NAME,
    about=Text(vi="Tên khóa; mặc định theo cấu hình.", en="The key's name; the configured one by default."),
)
@passphrase_option
@click.pass_obj
def sign(
    session: Session, file: Path, output: Path | None, key: str | None, passphrase_file: Path | None
) -> None:
    """Sign one package."""
    settings = session.config
    folder = KeyFolder(settings.path(settings.keys.folder))
    secret = opening(settings, passphrase_file)
    signer = folder.load(key, secret) if key else folder.signing_at(settings.keys.signing, utc_now(), secret)
    target = output or _beside(file)
    write_package(target, signed(read_package(file), signer))
    if target != STANDARD_STREAM:
        done = Text(
            vi=f"Đã ký bằng khóa {signer.name}: {target}", en=f"Signed with the key {signer.name}: {target}"
        )
        show.line(Toned(done, "good"))


def _beside(file: Path) -> Path:
    return STANDARD_STREAM if file == STANDARD_STREAM else file.with_name(f"{file.stem}.signed{file.suffix}")
