"""When a file counts as complete, how it is claimed, and what is never read."""

from __future__ import annotations

import os
import socket
import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.folder import arrivals
from adapters.folder.arrivals import (
    Arrivals,
    NotAFile,
    Restless,
    Unreadable,
    original_name,
    plain_name,
    read_plain,
    renamed_names,
)
from hub.errors import TooLarge


@pytest.fixture
def folder(tmp_path: Path) -> Arrivals:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "working").mkdir()
    return Arrivals(tmp_path / "inbox", tmp_path / "working", quiet_seconds=1.0)


def drop(folder: Arrivals, name: str, content: bytes = b"<a/>") -> Path:
    path = folder.inbox / name
    path.write_bytes(content)
    return path


def claimed_names(folder: Arrivals) -> list[str]:
    return [original_name(path) for path in folder.claimed()]


def test_a_file_that_stays_the_same_is_claimed_after_a_moment(folder: Arrivals) -> None:
    drop(folder, "a.xml")
    assert folder.claim(now=10.0) is True
    assert folder.claim(now=10.9) is True
    assert claimed_names(folder) == []
    assert folder.claim(now=11.0) is False
    assert claimed_names(folder) == ["a.xml"]


def test_a_file_that_grows_is_waited_for(folder: Arrivals) -> None:
    path = drop(folder, "a.xml")
    folder.claim(now=10.0)
    with path.open("ab") as file:
        file.write(b"more")
    folder.claim(now=11.0)
    assert claimed_names(folder) == []
    folder.claim(now=12.0)
    assert claimed_names(folder) == ["a.xml"]


def test_a_file_that_is_written_anew_with_the_same_size_is_waited_for(folder: Arrivals) -> None:
    path = drop(folder, "a.xml", b"<a/>")
    os.utime(path, ns=(1, path.stat().st_ctime_ns - 1))
    folder.claim(now=10.0)
    path.write_bytes(b"<b/>")
    folder.claim(now=11.5)
    assert claimed_names(folder) == []


def test_a_file_known_to_be_renamed_is_claimed_at_once(folder: Arrivals) -> None:
    drop(folder, "a.xml")
    assert folder.claim(now=10.0, renamed={"a.xml"}) is False
    assert claimed_names(folder) == ["a.xml"]


def test_a_file_that_was_moved_in_a_while_after_it_was_written_is_claimed_at_once(folder: Arrivals) -> None:
    path = drop(folder, "a.xml")
    os.utime(path, (1_000_000, 1_000_000))  # ctime is now: it was moved here long after its last write
    folder.claim(now=10.0)
    assert claimed_names(folder) == ["a.xml"]


@pytest.mark.parametrize("name", ["a.xml.tmp", "a.TMP", "a.xml.part", ".a.xml", ".tmp"])
def test_an_unfinished_name_is_never_claimed(folder: Arrivals, name: str) -> None:
    drop(folder, name)
    for now in range(5):
        folder.claim(now=float(now))
    assert claimed_names(folder) == []
    assert (folder.inbox / name).exists()


def test_what_is_not_a_plain_file_is_left_where_it_is(folder: Arrivals, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (folder.inbox / "link.xml").symlink_to(tmp_path / "secret")
    (folder.inbox / "folder.xml").mkdir()
    os.mkfifo(folder.inbox / "pipe.xml")
    for now in range(5):
        assert folder.claim(now=float(now)) is False
    assert claimed_names(folder) == []


def test_files_are_claimed_in_the_order_of_writing(folder: Arrivals) -> None:
    for second, name in enumerate(["c.xml", "a.xml", "b.xml"]):
        os.utime(drop(folder, name), (1000 + second, 1000 + second))
    folder.claim(now=0.0)
    assert claimed_names(folder) == ["c.xml", "a.xml", "b.xml"]


def test_two_files_of_one_name_are_both_kept(folder: Arrivals) -> None:
    for content in (b"<first/>", b"<second/>"):
        drop(folder, "a.xml", content)
        folder.claim(now=0.0, renamed={"a.xml"})
    assert sorted(path.read_bytes() for path in folder.claimed()) == [b"<first/>", b"<second/>"]


def test_a_file_that_another_hub_claimed_first_is_let_go(folder: Arrivals) -> None:
    drop(folder, "a.xml")
    other = Arrivals(folder.inbox, folder.working, 1.0)
    folder.claim(now=0.0)
    other.claim(now=0.0)
    other.claim(now=2.0)
    folder.claim(now=2.0)
    assert claimed_names(folder) == ["a.xml"]


@pytest.mark.parametrize(
    ("gone", "come", "renamed"),
    [
        ({"a.xml.tmp"}, {"a.xml"}, {"a.xml"}),
        ({".a.xml.part"}, {"a.xml"}, {"a.xml"}),
        ({".a.xml"}, {"a.xml"}, {"a.xml"}),
        ({"b.xml.tmp"}, {"a.xml"}, set()),
        ({"a.xml"}, {"a.xml"}, set()),
        (set(), {"a.xml"}, set()),
    ],
)
def test_a_name_is_known_to_be_renamed_when_its_unfinished_form_went(
    gone: set[str], come: set[str], renamed: set[str]
) -> None:
    assert renamed_names(gone, come) == renamed


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Công văn 12 (khẩn).xml", "Công văn 12 (khẩn).xml"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\a.xml", "a.xml"),
        ("..", "package"),
        ("a\nb\x1b[2J.xml", "a_b__2J.xml"),
        ("a\udcff.xml", "a_.xml"),
        (".hidden", "hidden"),
        ("con. ", "con"),
    ],
)
def test_a_name_of_a_stranger_becomes_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_name_becomes_one_that_can_stand_in_a_folder(name: str) -> None:
    plain = plain_name(name)
    assert plain
    assert len(plain.encode()) <= arrivals.LONGEST_NAME_BYTES
    assert not plain.startswith(".")
    assert "/" not in plain
    assert all(unicodedata.category(char)[0] in "LNPZ" for char in plain)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{plain}.json").write_bytes(b"")


def test_reading_gives_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\x00\r\n")
    assert read_plain(tmp_path / "a", 4) == b"\xff\x00\r\n"


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(10**12)  # a hole: it takes no room on the disk, and would take all memory
    with pytest.raises(TooLarge):
        read_plain(tmp_path / "a", 10**6)


def test_a_file_that_is_written_to_while_it_is_read_is_left_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"half")
    real = os.fstat
    calls = []

    def grown(descriptor: int) -> os.stat_result:
        calls.append(descriptor)
        if len(calls) == 3:  # after the reading
            (tmp_path / "a").write_bytes(b"half and more")
        return real(descriptor)

    monkeypatch.setattr(os, "fstat", grown)
    with pytest.raises(Restless):
        read_plain(tmp_path / "a", 100)


def test_links_folders_pipes_and_sockets_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name in ("link", "folder", "pipe", "socket"):
            with pytest.raises(NotAFile):
                read_plain(tmp_path / name, 100)


def test_a_file_that_may_not_be_read_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(Unreadable, match="quyền đọc"):
        read_plain(tmp_path / "a", 100)
