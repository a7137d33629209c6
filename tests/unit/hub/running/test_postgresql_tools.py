"""pg_dump of another version than the server's makes a backup that nobody can bring back: that is said beforehand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.commands import _checkup_running as checkup
from hub.commands._checkup import Health
from hub.config import StorageSettings
from hub.running import postgresql_tools as tools
from hub.testing import hub_in_a_box, settings


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ("pg_dump (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)\n", 17),
        ("pg_dump (PostgreSQL) 15.20\n", 15),
        ("pg_dump (PostgreSQL) 19beta1\n", 19),
        ("", None),
    ],
)
def test_the_version_is_read(told: str, version: int | None) -> None:
    assert tools.major(told) == version


@pytest.mark.parametrize(
    ("here", "words"), [(15, None), (None, "no pg_dump"), (14, "back up"), (17, "brought back")]
)
def test_what_does_not_fit_is_said(here: int | None, words: str | None) -> None:
    wrong = tools.misfit(here, 15)
    assert (wrong is None) if words is None else (wrong is not None and words in wrong.en)


def test_a_program_that_is_not_there_has_no_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tools.installed() is None


async def test_an_embedded_database_needs_none(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        assert await checkup.backup_tools(box.hub) == []


@pytest.mark.services
async def test_the_doctor_says_how_to_mend_it(
    tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = replace(settings(tmp_path), storage=StorageSettings(database=postgresql))
    async with hub_in_a_box(tmp_path, config=made) as box:
        server = await box.hub.store.read(tools.of_server)
        monkeypatch.setattr(tools, "installed", lambda: server)
        [fits] = await checkup.backup_tools(box.hub)
        monkeypatch.setattr(tools, "installed", lambda: server + 1)
        [newer] = await checkup.backup_tools(box.hub)
    assert fits.health is Health.OK
    assert newer.health is Health.WARNING
    assert newer.remedy is not None
    assert f"postgresql-client-{server}" in newer.remedy.vi
