"""The reading process: bounded, replaced when it breaks, ended with its owner."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from signing import facts, reading_process
from signing.facts import BadFacts, FileFacts
from signing.reading_process import Closed, ReadingProcess, answer
from tests.unit.signing import pdfs


@pytest.fixture(scope="module")
def signed() -> bytes:
    return pdfs.sign(pdfs.blank(), pdfs.agency())


@pytest.fixture
def reader() -> Iterator[ReadingProcess]:
    made = ReadingProcess()
    yield made
    made.close()


def test_it_reads_as_this_process_would(reader: ReadingProcess, signed: bytes) -> None:
    assert reader.pdf(signed) == answer("pdf", [signed])
    made = pdfs.cms_of(b"x", pdfs.agency())
    assert reader.cms(made, b"x") == answer("cms", [made, b"x"])
    assert reader.cms(made) == answer("cms", [made])


def test_it_is_killed_when_it_takes_too_long_and_the_next_file_gets_another(
    reader: ReadingProcess, signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(reader.pdf(signed).signatures) == 1
    monkeypatch.setattr(reader, "_seconds", 0.0)
    assert reader.pdf(signed * 40) == FileFacts(problem="too-slow")
    monkeypatch.setattr(reader, "_seconds", 20.0)
    assert len(reader.pdf(signed).signatures) == 1


def test_it_is_replaced_when_it_dies(reader: ReadingProcess, signed: bytes) -> None:
    assert len(reader.pdf(signed).signatures) == 1
    assert reader._child is not None
    reader._child.kill()
    reader._child.wait()
    assert len(reader.pdf(signed).signatures) == 1


def test_what_needs_too_much_memory_is_given_up(signed: bytes) -> None:
    small = ReadingProcess(memory=16 * 1024 * 1024)
    try:
        assert small.pdf(signed) == FileFacts(problem="died")
    finally:
        small.close()


def test_what_is_too_large_is_not_sent(reader: ReadingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_process, "LARGEST", 10)
    assert reader.pdf(b"%PDF-1.7 ..") == FileFacts(problem="too-large", detail="11")
    assert reader._child is None


def test_closing_ends_whoever_waits(reader: ReadingProcess, signed: bytes) -> None:
    begun = threading.Event()
    ended: list[type[Exception] | None] = []

    def ask() -> None:
        try:
            while True:
                reader.pdf(signed)
                begun.set()
        except Closed:
            ended.append(Closed)

    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(30)
    reader.close()
    thread.join(30)
    assert ended == [Closed]
    with pytest.raises(Closed):
        reader.pdf(signed)


def test_an_answer_that_is_none_is_not_believed(reader: ReadingProcess, signed: bytes) -> None:
    assert facts.write(FileFacts()) != b""
    with pytest.raises(BadFacts):
        facts.read(b'{"signatures": [{"evil": 1}], "document_stamps": []}')
    with pytest.raises(BadFacts):
        facts.read(b"[]")
