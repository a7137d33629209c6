"""Set a new hub up in a folder: its configuration, its keys, its trust folder and its database.

Nothing that is there already is written over. The configuration file is written last: a folder that has one is whole.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from hub import show
from hub.commands._click import argument, command
from hub.commands._exits import Exit
from hub.commands._parts import FOLDER, json_option
from hub.commands._settings import commented
from hub.config import FILE_NAME, Config
from hub.model import utc_now
from hub.show import Toned
from schemas.text import Text

TRUST_NOTE = """\
Đặt vào thư mục này chứng thư gốc (PEM hoặc DER) của các tổ chức chứng thực được tin cậy; chứng thư trung gian đặt trong
intermediates/. Ngoài các tệp ở đây, trục không tin cậy chứng thư nào.

Put the root certificates (PEM or DER) of the authorities that are trusted into this folder, and those in between into
intermediates/. Nothing else is trusted by this hub.
"""


@command(
    "init",
    about=Text(
        vi="Tạo trục mới trong một thư mục: tệp cấu hình, cơ sở dữ liệu, khóa của trục, thư mục tin cậy.",
        en="Set up a new hub in a folder: configuration, database, the hub's keys, trust folder.",
    ),
    more=Text(vi="Không ghi đè lên những gì đã có.", en="Nothing that is there already is written over."),
    examples=(
        (
            "edochub init /srv/edochub",
            Text(vi="Tạo trục mới trong thư mục này.", en="Set up a new hub in this folder."),
        ),
    ),
)
@argument(
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    value=FOLDER,
    about=Text(vi="Thư mục của trục.", en="The hub's folder."),
)
@json_option
def init(folder: Path, as_json: bool) -> int:
    """Make everything that a hub needs, or refuse."""
    config = Config(folder=folder.absolute())
    in_the_way = [path for path in places(config) if path.exists()]
    if in_the_way:
        names = ", ".join(str(path) for path in in_the_way)
        show.complain(
            Text(
                vi=f"Đã có sẵn: {names}. Không ghi đè lên trục đang có.",
                en=f"Already there: {names}. An existing hub is not written over.",
            )
        )
        show.complain(
            Text(
                vi="Hãy chọn thư mục khác, hoặc tự chuyển các tệp này đi.",
                en="Choose another folder, or move these away yourself.",
            )
        )
        return Exit.NO
    make(config)
    if as_json:
        show.as_json({"config": str(config.folder / FILE_NAME), "database": config.storage.database})
    else:
        _tell(config)
    return Exit.YES


def places(config: Config) -> tuple[Path, ...]:
    """Return the files that `make` writes and would not write over."""
    keys = config.path(config.keys.folder)
    return (
        config.folder / FILE_NAME,
        Path(config.database_url.removeprefix("sqlite:///")),
        keys / config.keys.master,
        keys / f"{config.keys.signing}.pem",
    )


def make(config: Config) -> None:
    """Write keys, trust folder, database and, last, the configuration file."""
    # The rest of the command needs neither database nor cryptography.
    from hub import ledger_key
    from hub.durable import write_durably
    from hub.private import make_private
    from hub.vault import Vault
    from signing.keys import KeyFolder, generate

    keys = config.path(config.keys.folder)
    make_private(config.folder)
    make_private(keys)
    Vault.create(keys / config.keys.master)
    KeyFolder(keys).save(generate(config.keys.signing, config.hub.name, utc_now()), None)
    ledger_key.create(keys / ledger_key.FILE_NAME)
    trust = config.path(config.trust.anchors)
    (trust / "intermediates").mkdir(parents=True, exist_ok=True)
    write_durably(trust / "README.txt", TRUST_NOTE.encode())
    asyncio.run(_migrate(config))
    write_durably(config.folder / FILE_NAME, commented().encode())


async def _migrate(config: Config) -> None:
    from hub.app import Hub

    async with Hub.open(config):
        pass  # opening brings the database to its newest shape


def _tell(config: Config) -> None:
    place = config.folder / FILE_NAME
    show.line(
        Toned(
            Text(vi=f"Đã tạo trục trong {config.folder}.", en=f"The hub is set up in {config.folder}."),
            "good",
        )
    )
    show.facts(
        [
            (Text(vi="Cấu hình", en="Configuration"), place),
            (Text(vi="Cơ sở dữ liệu", en="Database"), config.storage.database),
            (
                Text(vi="Khóa (giữ kín, sao lưu riêng)", en="Keys (keep private, back up apart)"),
                config.path(config.keys.folder),
            ),
            (Text(vi="Chứng thư tin cậy", en="Trusted certificates"), config.path(config.trust.anchors)),
        ]
    )
    show.heading(Text(vi="Tiếp theo", en="What next"))
    adding = Text(
        vi="endpoints add TÊN --adapter http --agency MÃ",
        en="endpoints add NAME --adapter http --agency CODE",
    )
    for step in ("agencies import agencies.csv", adding, "serve"):
        show.line(f"  edochub --config {place} {step}")
