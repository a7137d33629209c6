"""Bring a backup back to where the settings say: an empty place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands._click import argument, command, option
from hub.commands._exits import Exit
from hub.commands._parts import FOLDER
from hub.commands._session import Session, WrongSettings, operator
from hub.config import FILE_NAME, Config
from hub.show import Toned
from schemas.text import Sentence, Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub

NONE_YET = Sentence(
    vi="Không tìm thấy tệp cấu hình {path}. Bản sao lưu có cấu hình của nó: chép {theirs} vào thư mục mới của trục, "
    "sửa đường dẫn nếu cần, rồi gõ “edochub --config THƯ_MỤC/edochub.toml restore {backup}”",
    en="There is no configuration file {path}. The backup has its own: copy {theirs} into the hub's new folder, mend "
    "its paths if need be, then “edochub --config DIR/edochub.toml restore {backup}”",
)


@command(
    "restore",
    about=Text(vi="Khôi phục một bản sao lưu vào chỗ trống.", en="Bring a backup back to an empty place."),
    more=Text(
        vi=(
            "Kiểm tra mã băm, khóa và chỗ trống trước khi ghi; không ghi đè gì. Sau đó chạy “edochub ledger verify”. "
            "Văn bản tiếp nhận sau lúc sao lưu không có ở đây: đề nghị bên gửi gửi lại, gửi trùng không sao."
        ),
        en=(
            "Digests, keys and the empty place are checked before anything is written; nothing is overwritten. Then "
            "run “edochub ledger verify”. What was accepted after the backup is not in it: ask senders to send again, "
            "which does no harm."
        ),
    ),
    examples=(
        (
            "edochub --config /srv/edochub/edochub.toml restore /backup/2026-11-02",
            Text(
                vi="Khôi phục vào nơi mà cấu hình nêu.", en="Bring it back to where the configuration says."
            ),
        ),
    ),
)
@argument(
    "backup",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    value=FOLDER,
    about=Text(vi="Thư mục của một bản sao lưu.", en="The folder of one backup."),
)
@option(
    "--keys",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    value=FOLDER,
    about=Text(vi="Thư mục khóa đã cất riêng.", en="The keys that were kept apart."),
)
@click.pass_obj
def restore(session: Session, backup: Path, keys: Path | None) -> int:
    """Bring it back, note it in the ledger, say what to do next."""
    from hub.running import restore as running

    made = running.bring_back(_settings(session, backup), backup, keys)

    async def note(hub: Hub) -> None:
        await running.note(hub, made.manifest, operator())

    session.ask(note)
    at = made.manifest.at[:19]
    show.line(
        Toned(
            Text(
                vi=f"Đã khôi phục bản sao lưu lúc {at}Z: {made.manifest.events} sự kiện, {made.files} tệp gói tin",
                en=f"Restored the backup of {at}Z: {so_many(made.manifest.events, 'event', 'events')}, "
                f"{so_many(made.files, 'package file', 'package files')}",
            ),
            "good",
        )
    )
    show.line(
        Text(
            vi="Tiếp theo: “edochub ledger verify”, “edochub doctor”, rồi “edochub serve”.",
            en="Next: “edochub ledger verify”, “edochub doctor”, then “edochub serve”.",
        )
    )
    if session.config.ledger.publish is not None:
        words = Text(
            vi="Mốc niêm phong đã công bố có thể mới hơn bản này; khi đó trục không ký mốc mới: docs/running.md",
            en="Published checkpoints may be newer than this; the hub then signs no new ones: docs/running.md",
        )
        show.line(Toned(words, "warning"))
    return Exit.YES


def _settings(session: Session, backup: Path) -> Config:
    """Return the settings that say where to. Where there are none, the backup's own are what is needed next."""
    try:
        return session.config
    except WrongSettings as error:
        theirs = backup / FILE_NAME
        if not error.missing or not theirs.is_file():
            raise
        words = NONE_YET.say(path=session.config_path, theirs=theirs, backup=backup)
        raise WrongSettings(words, missing=True) from error
