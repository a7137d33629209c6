"""What `hub.durable` promises, and in which order it asks the system for it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.durable import move_durably, sync_folder, write_durably


def recording(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> list[str]:
    """Note every sync and rename, and of what: `sync file`, `sync FOLDER`, `rename`."""
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        synced = os.fstat(descriptor)
        calls.extend(f"sync {folder.name}" for folder in folders if os.path.samestat(folder.stat(), synced))
        calls.extend(["sync file"] if stat.S_ISREG(synced.st_mode) else [])
        fsync(descriptor)

    def noted_replace(source: Path, target: Path) -> None:
        calls.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    return calls


def failing(function: Callable[..., Any], number: int) -> Callable[..., Any]:
    def fail(*arguments: Any, **named: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\xff\x00\r\n" * 400_000], ids=["empty", "one byte", "1.6 MB"]
)
def test_the_file_holds_exactly_what_was_written(tmp_path: Path, content: bytes) -> None:
    write_durably(tmp_path / "a", content)
    assert (tmp_path / "a").read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


def test_the_file_is_synced_before_it_gets_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = recording(monkeypatch, tmp_path)
    write_durably(tmp_path / "a", b"content")
    assert calls == ["sync file", "rename", f"sync {tmp_path.name}"]


def test_moving_syncs_where_the_name_is_new_and_then_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    (tmp_path / "from" / "a").write_bytes(b"content")
    calls = recording(monkeypatch, tmp_path / "from", tmp_path / "to")
    move_durably(tmp_path / "from" / "a", tmp_path / "to" / "b")
    assert calls == ["rename", "sync to", "sync from"]
    assert (tmp_path / "to" / "b").read_bytes() == b"content"


def test_writing_again_replaces_the_content(tmp_path: Path) -> None:
    write_durably(tmp_path / "a", b"a long first content")
    write_durably(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"second"


def test_a_link_in_the_way_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"untouched")
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    write_durably(tmp_path / "a", b"content")
    assert (tmp_path / "elsewhere").read_bytes() == b"untouched"
    assert not (tmp_path / "a").is_symlink()


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failure_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os, broken, failing(getattr(os, broken), errno.ENOSPC))
        with pytest.raises(OSError, match="No space"):
            write_durably(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


def test_the_mode_is_what_was_asked_for(tmp_path: Path) -> None:
    write_durably(tmp_path / "key", b"secret", mode=0o600)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_name_as_long_as_the_file_system_takes_can_be_written(tmp_path: Path) -> None:
    write_durably(tmp_path / ("ệ" * 85), b"content")
    assert (tmp_path / ("ệ" * 85)).read_bytes() == b"content"


def test_a_share_that_cannot_sync_folders_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", failing(os.fsync, errno.EINVAL))
    sync_folder(tmp_path)
    monkeypatch.setattr(os, "fsync", failing(os.fsync, errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        sync_folder(tmp_path)
