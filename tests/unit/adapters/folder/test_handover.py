"""Handing over once. What happens when it is cut is in tests/faults/test_folder_handover.py."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.folder.handover import Handover


@pytest.fixture
def handover(tmp_path: Path) -> Handover:
    for name in ("ready", "journal", "outbox"):
        (tmp_path / name).mkdir()
    return Handover(tmp_path / "ready", tmp_path / "journal", tmp_path / "outbox")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_is_in_the_outbox_and_nothing_is_left_ready(handover: Handover) -> None:
    handover.hand_over("a.edxml", b"content")
    assert (handover.outbox / "a.edxml").read_bytes() == b"content"
    assert names(handover.ready) == []


def test_a_file_that_was_taken_away_is_not_handed_over_again(handover: Handover) -> None:
    handover.hand_over("a.edxml", b"content")
    (handover.outbox / "a.edxml").unlink()
    handover.hand_over("a.edxml", b"content")
    assert names(handover.outbox) == []


def test_other_names_are_other_files(handover: Handover) -> None:
    handover.hand_over("a.edxml", b"content")
    handover.hand_over("b.edxml", b"content")
    assert names(handover.outbox) == ["a.edxml", "b.edxml"]


def test_many_at_once_hand_one_name_over_once(handover: Handover) -> None:
    seen, stop = [], threading.Event()

    def take() -> None:
        while not stop.is_set() or names(handover.outbox):
            for path in handover.outbox.iterdir():
                seen.append(path.read_bytes())
                path.unlink()

    taker = threading.Thread(target=take, daemon=True)
    taker.start()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: handover.hand_over("a.edxml", b"content" * 1000), range(40)))
    stop.set()
    taker.join()
    assert seen == [b"content" * 1000]


def test_an_outbox_that_is_gone_is_an_error_and_the_file_follows_when_it_is_back(handover: Handover) -> None:
    handover.outbox.rmdir()
    with pytest.raises(FileNotFoundError):
        handover.hand_over("a.edxml", b"content")
    handover.outbox.mkdir()
    handover.hand_over("a.edxml", b"content")
    assert names(handover.outbox) == ["a.edxml"]


def test_a_link_in_the_journal_is_not_followed(handover: Handover, tmp_path: Path) -> None:
    (handover.journal / "a.edxml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        handover.hand_over("a.edxml", b"content")
    assert not (tmp_path / "elsewhere").exists()


def test_pruning_forgets_old_marks_and_leftovers_but_never_what_is_still_to_be_handed_over(
    handover: Handover,
) -> None:
    handover.hand_over("old.edxml", b"content")
    handover.hand_over("young.edxml", b"content")
    for path in (
        handover.ready / "waiting.edxml",
        handover.ready / ".left.tmp",
        handover.journal / "waiting.edxml",
    ):
        path.write_bytes(b"ready\n")
    for path in (*handover.ready.iterdir(), *handover.journal.iterdir()):
        if path.name != "young.edxml":
            os.utime(path, (1000, 1000))
    assert handover.prune(before=2000) == 2
    assert names(handover.journal) == ["waiting.edxml", "young.edxml"]
    assert names(handover.ready) == ["waiting.edxml"]
