"""The whole story in one process: it ends well with our hub, and is not fooled by one that does wrong."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.demo import cast, ground, stage, troubles
from hub.demo.board import Board
from hub.demo.display import Display
from hub.demo.ending import suggestions, tell
from hub.demo.play import CHAPTERS, Played, play
from hub.directory import Candidate, Directory, Resolution, Succession
from hub.exchange import Bearing
from hub.model import utc_now
from hub.store.payloads import Payloads
from hub.web_sockets import bound

REAL_LOOK = Payloads.look


class Scene:
    """A ground of its own, and a play on it."""

    def __init__(self, folder: Path) -> None:
        players = cast.load()
        self.sockets = bound("127.0.0.1", 0)
        self.ground = ground.make(folder / "demo", self.sockets[0].getsockname()[1], players, utc_now())
        self.board = Board(players)

    async def played(self) -> Played:
        return await play(self.ground, Display(self.board), self.sockets)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PATIENCE_SECONDS", 10.0)


async def test_everything_happens_as_it_should(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    played = await scene.played()
    assert played.checks.differences == []
    assert played.checks.held > 100
    assert played.sum is not None
    assert played.sum.tries >= troubles.LEAST_TRIES
    told = capsys.readouterr().out
    assert all(f"/{len(CHAPTERS) + 1} {chapter.title}" in told for chapter in CHAPTERS)
    for status in ("01", "02", "03", "04", "05", "06", "13", "15", "16"):
        assert f": {status} – " in told
    tell(played, scene.ground, scene.board, 1.0)
    last = capsys.readouterr().out
    assert f"✓ {played.checks.held} điều kiểm tra" in last
    assert all(words in last for _, words in suggestions(played, scene.ground))


@pytest.mark.usefixtures("impatient")
async def test_a_hub_that_alters_what_it_carries_is_found_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def altered(self: Payloads, connection: sa.Connection, sha256: str) -> bytes:
        found = REAL_LOOK(self, connection, sha256)
        assert isinstance(found, bytes)
        return found + b"\n"

    monkeypatch.setattr(Payloads, "look", altered)
    played = await scene.played()
    assert any("byte" in difference.en for difference in played.checks.differences)
    tell(played, scene.ground, scene.board, 1.0)
    assert "✗" in capsys.readouterr().err


@pytest.mark.usefixtures("impatient")
async def test_a_hub_that_takes_altered_packages_is_found_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lenient(*arguments: Any) -> tuple[()]:
        return ()

    monkeypatch.setattr("hub.steps.verify.judged", lenient)
    played = await scene.played()
    assert "The altered package was taken all the same" in [text.en for text in played.checks.differences]


@pytest.mark.usefixtures("impatient")
async def test_a_hub_that_loses_what_an_answer_is_about_is_found_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(*arguments: Any, **named: Any) -> Bearing:
        return Bearing()

    monkeypatch.setattr("hub.exchange.bearing_of_answer", forgetful)
    played = await scene.played()
    assert any("answers to 1250/UBND-TH" in text.en for text in played.checks.differences)


@pytest.mark.usefixtures("impatient")
async def test_a_hub_that_forwards_without_a_word_to_the_sender_is_found_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.steps.route._notes", lambda made: [])
    played = await scene.played()
    assert any("What the sender is told of the old codes" in text.en for text in played.checks.differences)


@pytest.mark.usefixtures("impatient")
async def test_a_hub_that_does_not_know_who_took_over_is_found_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Directory.succession

    def mistaken(self: Directory, resolution: Resolution) -> Succession:
        if resolution.code != cast.HUC_DONG:
            return real(self, resolution)
        return Succession((Candidate(cast.TIEN_YEN, self.resolve(cast.TIEN_YEN).agency),))

    monkeypatch.setattr(Directory, "succession", mistaken)
    played = await scene.played()
    found = [text.en for text in played.checks.differences]
    assert any("Who has the letter to the old codes" in text for text in found)
