"""Copy everything that must not be lost, while the hub works."""

from __future__ import annotations

from pathlib import Path

import click

from hub import show
from hub.commands._click import argument, command, option
from hub.commands._exits import Exit
from hub.commands._parts import FOLDER, json_option
from hub.commands._session import Session
from hub.model import utc_now
from hub.show import Toned
from schemas.text import Text, so_many


@command(
    "backup",
    about=Text(
        vi="Sao lưu cơ sở dữ liệu và kho gói tin khi trục đang chạy.",
        en="Back up the database and the stored packages while the hub works.",
    ),
    more=Text(
        vi=(
            "Mỗi lần tạo một thư mục theo giờ UTC trong THƯ_MỤC; gói tin lớn được chép một lần cho mọi bản. Khóa không "
            "nằm trong bản sao lưu, trừ khi có --with-keys: hãy cất riêng. Mã kết thúc 1 nếu có gói tin không tìm thấy."
        ),
        en=(
            "Makes a folder named by the UTC time in DIR; large packages are copied once for all backups. The keys are "
            "not part of it without --with-keys: keep them apart. Exit code 1 if a package was not found."
        ),
    ),
    examples=(
        (
            "edochub backup /backup/2026-11-02",
            Text(vi="Sao lưu khi trục vẫn chạy.", en="Back up while the hub works."),
        ),
    ),
)
@argument(
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    value=FOLDER,
    about=Text(vi="Nơi cất các bản sao lưu.", en="Where the backups are kept."),
)
@option(
    "--with-keys",
    is_flag=True,
    about=Text(
        vi="Chép cả khóa; ai có bản sao lưu này có mọi mã bí mật.",
        en="Copy the keys too; whoever has this backup has every secret.",
    ),
)
@json_option
@click.pass_obj
def backup(session: Session, folder: Path, with_keys: bool, as_json: bool) -> int:
    """Make a backup, and say what is in it."""
    # The database library is only for those who need it.
    from hub.running import backup as running
    from hub.running import postgresql_tools

    made = running.make(session.config, session.config_path, folder, utc_now(), with_keys=with_keys)
    code = Exit.NO if made.missing else Exit.YES
    if as_json:
        show.as_json(made.as_json())
        return code
    show.line(
        Toned(
            Text(
                vi=f"Đã sao lưu: {made.events} sự kiện, {len(made.large)} gói tin lớn, {made.size} byte cơ sở dữ liệu",
                en=f"Backed up: {so_many(made.events, 'event', 'events')}, "
                f"{so_many(len(made.large), 'large package', 'large packages')}, {made.size} bytes of database",
            ),
            "good",
        )
    )
    for sha256 in made.missing:
        show.line(
            Toned(Text(vi=f"Không tìm thấy gói tin {sha256}", en=f"Package {sha256} was not found"), "bad")
        )
    if made.bucket:
        words = Text(
            vi=f"Gói tin lớn ở {made.bucket} không được chép: hãy dùng phiên bản hoặc nhân bản của kho đó",
            en=f"Large packages in {made.bucket} are not copied: use that store's versions or replication",
        )
        show.line(Toned(words, "warning"))
    if made.server is not None and (wrong := postgresql_tools.misfit(made.tools, made.server)):
        show.line(Toned(wrong, "warning"))
        show.line(Toned(postgresql_tools.remedy(made.server), "warning"))
    if not with_keys:
        words = Text(
            vi=f"Khóa chưa được chép: cất riêng {session.config.path(session.config.keys.folder)}",
            en=f"The keys are not in it: keep {session.config.path(session.config.keys.folder)} apart",
        )
        show.line(Toned(words, "quiet"))
    return code
