from __future__ import annotations

import errno
import hashlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard

from hub.errors import Fault, Unavailable
from hub.store.payloads import Elsewhere, Payloads, care, coding
from hub.store.payloads.folder import Folder
from hub.store.payloads.spool import Spools
from schemas.spooled import Spooled

LONG_AGO = datetime.now(UTC) - timedelta(days=9)


def store(folder: Path) -> Payloads:
    return Payloads(Folder(folder), Spools(folder), inline_bytes=100, memory_bytes=10_000)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def spooled(folder: Path, content: bytes) -> Spooled:
    spool = Spools(folder).new()
    spool.write(content[at : at + 999] for at in range(0, len(content), 999))
    return spool.package()


def test_base64_is_kept_as_three_quarters_and_read_again() -> None:
    text = secrets.token_bytes(30_000).hex().encode()
    kept, encoding = coding.encoded(text)
    assert len(kept) < 0.6 * len(text)
    assert coding.decoded(kept, encoding, len(text)) == text


def test_what_does_not_get_smaller_is_kept_as_it_came() -> None:
    noise = secrets.token_bytes(5_000)
    assert coding.encoded(noise) == (noise, None)
    assert coding.decoded(noise, None, 5_000) == noise


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, zstandard.compress(b"x" * 99), b"cut"])
def test_what_cannot_be_decoded_is_not_taken_for_a_package(damage: bytes) -> None:
    assert coding.decoded(damage, coding.ZSTD, 100) is None


@pytest.mark.parametrize("size", [101, 9_999, 300_001])
def test_a_large_package_comes_back_in_memory_or_not_as_its_size_asks_for(tmp_path: Path, size: int) -> None:
    content = secrets.token_bytes(size)
    kept = store(tmp_path)
    for package in (content, spooled(tmp_path, content)):
        assert kept.put(package, digest(content)).content is None
        found = kept.open(Elsewhere(digest(content), size))
        assert isinstance(found, Spooled) is (size > 10_000)
        assert (found.read() if isinstance(found, Spooled) else found) == content


def test_a_spool_is_read_from_anywhere_by_several_and_leaves_no_file(tmp_path: Path) -> None:
    content = secrets.token_bytes(700_000)
    package = spooled(tmp_path, content)
    with package.opened() as one, package.opened() as other:
        assert one.read(10) == content[:10]
        assert other.read(20) == content[:20]
        assert one.read() == content[10:]
    assert b"".join(package.between(650_000, 690_000)) == content[650_000:690_000]
    assert package.sha256 == digest(content)
    assert list(tmp_path.iterdir()) == []


def test_files_of_older_versions_are_read(tmp_path: Path) -> None:
    content = secrets.token_bytes(20_000)
    old = Folder(tmp_path, compress=False)
    old.put(content, digest(content))
    assert [each.name for each in Folder(tmp_path).held()] == [_old_name(content)]
    Folder(tmp_path).check(digest(content), len(content))


@pytest.mark.parametrize("size", [2_000, 20_000])
@pytest.mark.parametrize("harm", ["gone", "cut", "changed", "another"])
def test_a_damaged_file_is_a_fault_before_anything_of_it_is_given(
    tmp_path: Path, size: int, harm: str
) -> None:
    content = secrets.token_bytes(size)
    kept = store(tmp_path)
    kept.put(content, digest(content))
    path = Folder(tmp_path).path(digest(content))
    was = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        other = zstandard.compress(content + b"!")
        path.write_bytes(
            {"cut": was[:-9], "changed": was[:99] + b"\xff" * 9 + was[108:], "another": other}[harm]
        )
    with pytest.raises(Fault):
        kept.open(Elsewhere(digest(content), size))


def test_a_full_disk_is_unavailable_and_heals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = secrets.token_bytes(50_000)
    kept = store(tmp_path)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def refuse(*_: object, **__: object) -> int:
        raise full

    for call in ("mkstemp",):
        with monkeypatch.context() as patched:
            patched.setattr(f"tempfile.{call}", refuse)
            with pytest.raises(Unavailable):
                kept.spools.new()
    for call in ("open", "fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(os, call, refuse)
            with pytest.raises(Unavailable) as caught:
                kept.put(content, digest(content))
        assert caught.value.retry_after
        assert "No space" in caught.value.message.en
    with monkeypatch.context() as patched:
        spool = kept.spools.new()
        patched.setattr(os, "write", refuse)
        with pytest.raises(Unavailable):
            spool.write([content])
    kept.put(content, digest(content))
    assert [each.sha256 for each in Folder(tmp_path).held()] == [digest(content)]


def test_nothing_is_removed_that_was_written_anew_since_it_was_looked_at(tmp_path: Path) -> None:
    folder, content = Folder(tmp_path), secrets.token_bytes(200)
    folder.put(content, digest(content))
    path = folder.path(digest(content))
    os.utime(path, (0, 0))
    (held,) = folder.held()
    folder.put(content, digest(content))
    assert not folder.remove(held, LONG_AGO)
    os.utime(path, (0, 0))
    assert folder.remove(held, LONG_AGO)
    assert folder.remove(held, LONG_AGO)
    assert list(folder.held()) == []


@pytest.mark.parametrize(
    ("start", "percent"), [(0, 100), (5, 100), (0, 10), (care.SPACE - 1, 10), (care.SPACE // 2, 50)]
)
def test_a_part_of_all_digests_is_as_large_as_asked_for(start: int, percent: float) -> None:
    covered = 0
    for low, high in care.part(start, percent):
        covered += (care.SPACE if high == "g" else int(high, 16)) - int(low, 16)
    assert covered == pytest.approx(care.SPACE * percent / 100, abs=1)


def _old_name(content: bytes) -> str:
    name = digest(content)
    return f"{name[:2]}/{name[2:4]}/{name}"
