"""The configuration file that `init` writes: every setting, explained in both languages, at its default."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from hub.commands._settings import EXAMPLES, SECTIONS, SETTINGS, commented
from hub.config import Config, parse

FOLDER = Path("/srv/hub")


def known_settings() -> list[str]:
    """Return every `section.key` that a configuration may have."""
    defaults = Config()
    return [f"{name}.{setting.name}" for name in SECTIONS for setting in fields(getattr(defaults, name))]


def test_every_section_and_setting_is_explained_and_no_other() -> None:
    assert set(SECTIONS) == {field.name for field in fields(Config)} - {"folder"}
    assert sorted(SETTINGS) == sorted(known_settings())


def test_the_file_as_written_changes_nothing() -> None:
    assert parse(tomllib.loads(commented()), FOLDER) == Config(folder=FOLDER)


def test_the_defaults_it_shows_are_the_defaults() -> None:
    uncommented = re.sub(r"^#(?=[a-z_]+ = )", "", commented(), flags=re.MULTILINE)
    told = tomllib.loads(uncommented)
    for key in EXAMPLES:  # settings that have no default
        section, name = key.split(".")
        del told[section][name]

    assert parse(told, FOLDER) == Config(folder=FOLDER)


def test_each_setting_stands_below_its_explanation_in_both_languages() -> None:
    lines = commented().splitlines()
    for key, about in SETTINGS.items():
        name = key.split(".")[1]
        places = [at for at, line in enumerate(lines) if line.startswith(f"#{name} = ")]

        assert any(lines[at - 2 : at] == [f"# {about.vi}", f"# {about.en}"] for at in places), key
