"""edochub.toml, and how it complains."""

from pathlib import Path
from typing import Any

import pytest

from hub.commands import _settings_page
from hub.config import Config, load, parse
from hub.errors import Misconfigured

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "edochub.toml"
    file.write_text("")
    assert load(file) == Config(folder=tmp_path)


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    config = parse({"storage": {"payloads": "kho"}}, tmp_path)
    assert config.path(config.storage.payloads) == tmp_path / "kho"
    assert config.database_url == f"sqlite:///{tmp_path}/edochub.db"


def test_an_absolute_database_stays_where_it_is(tmp_path: Path) -> None:
    assert (
        parse({"storage": {"database": "sqlite:////srv/x.db"}}, tmp_path).database_url
        == "sqlite:////srv/x.db"
    )


@pytest.mark.parametrize(
    ("url", "embedded"), [("sqlite:///edochub.db", True), ("postgresql+psycopg://u@h/n", False)]
)
def test_a_database_file_of_our_own_is_embedded(url: str, embedded: bool, tmp_path: Path) -> None:
    assert parse({"storage": {"database": url}}, tmp_path).embedded is embedded


@pytest.mark.parametrize(
    ("raw", "key", "expected"),
    [
        ({"sever": {}}, "sever", "[server]"),
        ({"server": {"prot": 1}}, "server.prot", "port"),
        ({"server": {"port": "8080"}}, "server.port", "a whole number"),
        ({"server": {"port": True}}, "server.port", "a whole number"),
        ({"server": {"port": -1}}, "server.port", "a whole number"),
        ({"retry": {"jitter": "much"}}, "retry.jitter", "a number"),
        ({"trust": {"require_revocation": 1}}, "trust.require_revocation", "true or false"),
        ({"storage": {"payloads": ""}}, "storage.payloads", "a path"),
        ({"policy": {"signatures": "maybe"}}, "policy.signatures", "'require'"),
        ({"hub": {"name": 5}}, "hub.name", "a string"),
        ({"timestamps": {"urls": "http://tsa"}}, "timestamps.urls", "a list of strings"),
        ({"ledger": {"witnesses": ["a", 5]}}, "ledger.witnesses", "a list of strings"),
        ({"ledger": {"witnesses": [""]}}, "ledger.witnesses", "a list of strings"),
        ({"hub": 5}, "hub", "a table"),
    ],
)
def test_a_complaint_names_the_key_and_what_was_expected(
    raw: dict[str, Any], key: str, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured) as caught:
        parse(raw, tmp_path)
    assert f"edochub.toml: {key}: expected" in caught.value.message.en
    assert f"edochub.toml: {key}: cần" in caught.value.message.vi
    assert expected in caught.value.message.en


def test_a_whole_number_will_do_where_a_number_is_wanted(tmp_path: Path) -> None:
    assert parse({"retry": {"first_seconds": 3}}, tmp_path).retry.first_seconds == 3.0


def test_a_list_of_strings_is_kept_in_order(tmp_path: Path) -> None:
    assert parse({"timestamps": {"urls": ["b", "a"]}}, tmp_path).timestamps.urls == ("b", "a")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="edochub init"):
        load(tmp_path / "edochub.toml")


def test_what_is_not_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "edochub.toml"
    file.write_text("[hub\n")
    with pytest.raises(Misconfigured, match="TOML"):
        load(file)


def test_the_page_of_settings_is_current() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == _settings_page.page()
