"""The folder that the demo makes, and those that it leaves alone."""

import asyncio
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.app import Hub, only_server
from hub.commands._settings import commented
from hub.config import Config, load
from hub.demo import cast, ground
from hub.demo.cast import CONNECTED
from hub.directory import Directory
from hub.errors import Unavailable

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def test_a_folder_that_is_not_there_or_is_empty_may_be_taken(tmp_path: Path) -> None:
    assert ground.obstacle(tmp_path / "new") is None
    assert ground.obstacle(tmp_path) is None


def test_a_folder_that_somebody_else_filled_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    (tmp_path / ground.MARK).write_text("not our mark")
    problem = ground.obstacle(tmp_path)
    assert problem is not None
    assert str(tmp_path) in problem.vi
    assert str(tmp_path) in problem.en


def test_a_file_or_a_link_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    assert all(ground.obstacle(tmp_path / name) for name in ("file", "link", "nowhere"))


def test_the_demo_replaces_what_it_made_itself(tmp_path: Path) -> None:
    folder, players = tmp_path / "demo", cast.load()
    ground.make(folder, 8081, players, NOW)
    (folder / "documents" / "old.edxml").touch()
    assert ground.obstacle(folder) is None
    made = ground.make(folder, 8082, players, NOW)
    assert load(folder / "edochub.toml").server.port == 8082
    assert list(made.documents.iterdir()) == []


def test_the_folder_of_a_running_server_is_not_taken_from_under_it(tmp_path: Path) -> None:
    folder, players = tmp_path / "demo", cast.load()
    made = ground.make(folder, 8081, players, NOW)
    with only_server(made.config), pytest.raises(Unavailable):
        ground.make(folder, 8082, players, NOW)
    assert load(folder / "edochub.toml").server.port == 8081


async def known(made: ground.Ground) -> tuple[Directory, list[str], int]:
    """Return the directory of the hub, whom each secret belongs to, and how many roots it trusts."""
    async with Hub.open(made.config) as hub:
        secrets = await ground.populate(hub, made, "http://127.0.0.1:9/edoc")
        holders = [await hub.authenticate(secret) for secret in secrets.values()]
        assert [holder.id for holder in holders if holder] == list(secrets)
        return hub.directory, list(secrets), len(hub.trust.anchors)


def test_the_hub_in_it_knows_every_agency_and_system(tmp_path: Path) -> None:
    players = cast.load()
    made = ground.make(tmp_path / "demo", 8081, players, NOW)
    directory, holders, roots = asyncio.run(known(made))
    assert holders == [each.id for each in CONNECTED]
    assert {endpoint.id for endpoint in directory.endpoints} == set(holders)
    assert len(directory.agencies) == len(players.agencies.rows)
    assert roots == 1
    polls = {endpoint.id: endpoint.polls for endpoint in directory.endpoints}
    assert (polls["bo-noi-vu"], polls["xa-hai-son"], polls["dac-khu-co-to"]) == (True, False, False)
    assert (made.folder / "secrets.json").stat().st_mode & 0o077 == 0


def test_changed_settings_take_the_place_of_their_defaults() -> None:
    content = ground.with_settings(commented(), {"server.port": "1234", "hub.name": '"một trục"'})
    raw = tomllib.loads(content)
    assert raw["server"] == {"port": 1234}
    assert raw["hub"] == {"name": "một trục"}
    assert content.count("\n") == commented().count("\n")


def test_a_setting_that_does_not_exist_is_a_mistake_of_ours() -> None:
    with pytest.raises(LookupError, match=r"server\.prot"):
        ground.with_settings(commented(), {"server.prot": "1"})


def test_every_setting_of_the_demo_is_one_that_the_hub_has(tmp_path: Path) -> None:
    file = tmp_path / "edochub.toml"
    file.write_text(ground.with_settings(commented(), ground.SETTINGS), encoding="utf-8")
    assert load(file).retry.longest_seconds < Config().retry.first_seconds
