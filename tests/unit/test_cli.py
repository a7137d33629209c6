"""The door: which language a command speaks."""

from __future__ import annotations

import pytest

from cli import language_of


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "vi"),
        ([], {"LANG": "en_GB.UTF-8"}, "en"),
        ([], {"LANG": "C.UTF-8"}, "vi"),
        ([], {"LANG": "en_GB.UTF-8", "LC_ALL": "vi_VN.UTF-8"}, "vi"),
        ([], {"LANG": "en_GB.UTF-8", "EDOCHUB_LANG": "vi"}, "vi"),
        ([], {"EDOCHUB_LANG": "EN"}, "en"),
        ([], {"EDOCHUB_LANG": "fr", "LANG": "en_GB.UTF-8"}, "en"),
        (["--lang", "en", "trace", "x"], {"EDOCHUB_LANG": "vi"}, "en"),
        (["--lang=en", "trace", "x"], {}, "en"),
        (["--config", "hub.toml", "--lang", "en", "trace"], {}, "en"),
        (["--config", "--lang", "trace", "x"], {}, "vi"),
        (["status", "x", "03", "-m", "--lang", "en"], {}, "vi"),
        (["--lang", "fr"], {"EDOCHUB_LANG": "en"}, "en"),
    ],
)
def test_the_language_is_the_first_that_is_named(
    arguments: list[str], environment: dict[str, str], language: str
) -> None:
    assert language_of(arguments, environment) == language
