"""What `edochub doctor` looks at on this machine: programs, configuration, keys, trust, disk. Each gives lines.

What needs an open hub (database, endpoints, ledger, clock) is in `_checkup_hub.py`. Nothing here changes anything.
"""

from __future__ import annotations

import pyexpat
import re
import shutil
import sqlite3
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from hub.config import Config
from hub.errors import HubError
from hub.vault import Vault
from schemas.text import Text, so_many
from signing.keys import KeyFolder, UnusableKey
from signing.trust import TrustStore

PYTHON = (3, 11)
# CVE-2023-52425 (quadratic time on large tokens) is mended in 2.6.0. We parse with libxml2; expat is only Python's own.
EXPAT = (2, 6, 0)
SQLITE = (3, 35, 0)  # RETURNING, and the mended WAL reset
LITTLE_DISK_BYTES = 1024**3
NO_DISK_BYTES = 100 * 1024**2
EXPIRES_SOON = timedelta(days=30)


class Health(StrEnum):
    """How a line stands."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: what was found, and if it is not well, what to do."""

    name: str  # stable, for programs
    health: Health
    found: Text
    remedy: Text | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "name": self.name,
            "health": str(self.health),
            "found": self.found.as_json(),
            "remedy": self.remedy.as_json() if self.remedy else None,
        }


def same(words: str) -> Text:
    """Return what reads alike in both languages: names, versions, paths."""
    return Text(vi=words, en=words)


def programs() -> Iterator[Line]:
    """Look at Python and the libraries."""
    yield at_least("python", sys.version_info[:3], PYTHON, Health.PROBLEM)
    yield at_least("sqlite", sqlite3.sqlite_version_info, SQLITE, Health.PROBLEM)
    yield at_least("expat", pyexpat.version_info, EXPAT, Health.WARNING)
    yield Line("openssl", Health.OK, same(ssl.OPENSSL_VERSION))
    yield libraries()


def at_least(name: str, got: tuple[int, ...], expected: tuple[int, ...], otherwise: Health) -> Line:
    """Compare a version with the oldest that will do."""
    if got >= expected:
        return Line(name, Health.OK, same(f"{name} {dotted(got)}"))
    return Line(
        name,
        otherwise,
        same(f"{name} {dotted(got)}"),
        Text(
            vi=f"Hãy nâng cấp {name} lên {dotted(expected)} trở lên.",
            en=f"Upgrade {name} to {dotted(expected)} or newer.",
        ),
    )


def libraries() -> Line:
    """Compare every library with what the distribution asks for."""
    known: list[str] = []
    wrong: list[str] = []
    for requirement in requires("edochub") or ():
        found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=([0-9.]+)", requirement)
        if found is None or "extra ==" in requirement:
            continue
        try:
            got = version(found[1])
        except PackageNotFoundError:
            if "platform_system" not in requirement:  # uvloop is not for every system
                wrong.append(f"{found[1]} -")
            continue
        known.append(f"{found[1]} {got}")
        if numbers(got) < numbers(found[2]):
            wrong.append(f"{found[1]} {got} < {found[2]}")
    if not wrong:
        return Line("libraries", Health.OK, same(", ".join(known)))
    return Line(
        "libraries",
        Health.PROBLEM,
        same(", ".join(wrong)),
        Text(
            vi="Hãy cài lại: pip install --constraint constraints.txt edochub",
            en="Install again: pip install --constraint constraints.txt edochub",
        ),
    )


def numbers(written: str) -> tuple[int, ...]:
    """Return a version for comparison; what follows the numbers does not count."""
    return tuple(int(part) for part in re.findall(r"\d+", written.split("+")[0])[:3])


def dotted(parts: tuple[int, ...]) -> str:
    """Return a version as people write it."""
    return ".".join(map(str, parts))


def keys(config: Config, now: datetime) -> Iterator[Line]:
    """Look at the master key and the signing key: readable by the hub, and by nobody else."""
    folder = config.path(config.keys.folder)
    master = folder / config.keys.master
    try:
        Vault.load(master)
    except HubError as error:
        yield Line("master key", Health.PROBLEM, error.message, RESTORE_MASTER)
    else:
        yield kept("master key", master)
    yield from signing_key(config, folder, now)


RESTORE_MASTER = Text(
    vi="Hãy khôi phục khóa chủ từ bản sao lưu và đặt quyền 600; thiếu khóa này thì không dùng được mã bí mật đã cấp.",
    en="Bring the master key back from a backup, mode 600; without it no secret that was given out works.",
)


def kept(name: str, file: Path) -> Line:
    """Look at a key file's mode."""
    mode = file.stat().st_mode & 0o777
    if mode & 0o077 == 0:
        return Line(name, Health.OK, same(f"{file} ({mode:o})"))
    found = Text(
        vi=f"{file}: người khác cũng đọc được (quyền {mode:o})",
        en=f"{file}: readable by others (mode {mode:o})",
    )
    return Line(
        name, Health.WARNING, found, Text(vi=f"Hãy chạy: chmod 600 {file}", en=f"Run: chmod 600 {file}")
    )


def signing_key(config: Config, folder: Path, now: datetime) -> Iterator[Line]:
    """Look at the key that signs, and how long its certificate still holds."""
    name = "signing key"
    try:
        known = {key.name: key for key in KeyFolder(folder).list()}
        signs = KeyFolder(folder).name_at(config.keys.signing, now)  # it may have been followed by another
    except UnusableKey as error:
        yield Line(name, Health.PROBLEM, error.text, NEW_KEY)
        return
    key = known.get(signs)
    if key is None:
        missing = Text(
            vi=f"Không có khóa “{signs}” trong {folder}",
            en=f"There is no key “{signs}” in {folder}",
        )
        yield Line(name, Health.PROBLEM, missing, NEW_KEY)
        return
    yield kept(name, folder / f"{key.name}.pem")
    until = key.certificate.not_after
    if until - now < EXPIRES_SOON:
        day = f"{until:%Y-%m-%d}"
        health = Health.PROBLEM if until <= now else Health.WARNING
        ends = Text(
            vi=f"Chứng thư của khóa “{key.name}” hết hạn ngày {day}",
            en=f"The certificate of “{key.name}” ends on {day}",
        )
        yield Line("signing certificate", health, ends, NEW_KEY)


NEW_KEY = Text(
    vi="Tạo khóa mới bằng “edochub keys new TÊN” rồi ghi tên đó vào keys.signing; sắp hết hạn: “edochub keys roll”.",
    en="Make a new key with “edochub keys new NAME” and name it in keys.signing; before one ends: “edochub keys roll”.",
)


def trust(config: Config) -> Iterator[Line]:
    """Look at the trust folder: its roots, and by name the files that cannot be read."""
    folder = config.path(config.trust.anchors)
    if not folder.is_dir():
        yield Line(
            "trust",
            Health.PROBLEM,
            Text(vi=f"Không có thư mục tin cậy {folder}", en=f"There is no trust folder {folder}"),
            Text(
                vi="Hãy chép lại từ bản sao lưu (thư mục trust), hoặc thêm chứng thư gốc: edochub trust add TỆP.",
                en="Copy it back from a backup (its folder trust), or add a root certificate: edochub trust add FILE.",
            ),
        )
        return
    store = TrustStore.from_folder(folder)
    for problem in store.problems:
        yield Line(
            "trust",
            Health.PROBLEM,
            problem.message,
            Text(
                vi=f"Hãy thay hoặc bỏ tệp này khỏi {folder}; cần chứng thư dạng PEM hoặc DER.",
                en=f"Replace the file or take it out of {folder}; expected a certificate in PEM or DER.",
            ),
        )
    count = len(store.anchors)
    if count:
        yield Line(
            "trust",
            Health.OK,
            Text(
                vi=f"{count} chứng thư gốc trong {folder}",
                en=f"{so_many(count, 'root', 'roots')} in {folder}",
            ),
        )
    elif not store.problems:
        yield Line(
            "trust",
            Health.WARNING,
            Text(vi=f"Chưa có chứng thư gốc nào trong {folder}", en=f"No root certificate in {folder} yet"),
            Text(
                vi="Chưa thể công nhận chữ ký số nào; hãy chép chứng thư gốc của cơ quan chứng thực vào đó.",
                en="No signature can be valid; copy the authority's root certificate there.",
            ),
        )


def disk(config: Config) -> Iterator[Line]:
    """Look at the space where the database and the packages are."""
    folder = config.folder if config.embedded else config.path(config.storage.payloads)
    if not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free
    gigabytes = f"{free / 1024**3:.1f} GB"
    found = Text(vi=f"Còn trống {gigabytes} tại {folder}", en=f"{gigabytes} free at {folder}")
    if free >= LITTLE_DISK_BYTES:
        yield Line("disk", Health.OK, found)
        return
    health = Health.PROBLEM if free < NO_DISK_BYTES else Health.WARNING
    yield Line(
        "disk",
        health,
        found,
        Text(vi="Hãy giải phóng hoặc thêm dung lượng đĩa.", en="Free some space or add a disk."),
    )
