"""What a shell is told when the Tab key is pressed: the script, commands, options, values, and never a complaint."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from hub.adapter import adapter_names
from hub.commands import ASKING, _completing, build, run
from hub.commands.completion import SHELLS, script
from schemas.text import Language, speaking
from tests.unit.hub.commands.door import Command

KINDS: tuple[type[ShellComplete], ...] = (BashComplete, ZshComplete, FishComplete)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test waits for the database as long as it takes."""
    monkeypatch.setattr(_completing, "WAIT_SECONDS", 60.0)


def offered(*words: str, language: Language = "en") -> dict[str, str | None]:
    """Return what may stand in place of the last word, with its help."""
    *before, begun = words
    with speaking(language):
        asked = BashComplete(build(), {}, "edochub", ASKING).get_completions(before, begun)
        return {each.value: each.help for each in asked}


def config(folder: Path) -> tuple[str, str]:
    return "--config", str(folder / "edochub.toml")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_script_of_each_shell_is_printed(
    kind: type[ShellComplete], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["completion", kind.name]) == 0

    printed = capsys.readouterr().out
    assert printed == script(build(), kind.name)
    assert f"{ASKING}={kind.name}_complete" in printed


def test_every_shell_that_is_offered_is_tried_here() -> None:
    assert {kind.name for kind in KINDS} == set(SHELLS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_shell_is_answered_in_its_own_shape(
    kind: type[ShellComplete], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMP_WORDS", "edochub tra")
    monkeypatch.setenv("COMP_CWORD", "tra" if kind is FishComplete else "1")

    with speaking("en"):
        answer = kind(build(), {}, "edochub", ASKING).complete()

    assert answer.startswith(("plain,trace", "plain\ntrace\n"))
    assert ("Show where documents are" in answer) is (kind is not BashComplete)


def test_commands_and_those_below_are_offered_in_the_language_of_the_reader() -> None:
    assert offered("tra") == {"trace": "Show where documents are and what happened to them."}
    assert offered("tra", language="vi") == {"trace": "Tra cứu hành trình của văn bản."}
    assert list(offered("agencies", "certificate", "")) == ["add", "list", "remove"]


def test_options_are_offered_with_their_help() -> None:
    assert offered("resume", "--t")["--to"] == (
        "The agency that gets it, when a closed code has several successors."
    )
    assert offered("resume", "--j", language="vi") == {
        "--json": "Trả kết quả dạng JSON cho chương trình đọc."
    }


def test_choices_and_adapters_are_offered_without_a_hub() -> None:
    assert list(offered("deliveries", "--state", "w")) == ["waiting_for_retry", "withdrawn"]
    assert list(offered("endpoints", "add", "x", "--adapter", "")) == list(adapter_names())


def test_endpoints_and_codes_come_from_the_database(hub_folder: Path) -> None:
    here = config(hub_folder)

    assert offered(*here, "inbox", "so") == {"so-noi-vu": "http"}
    assert offered(*here, "deliveries", "--endpoint", "") == {"so-noi-vu": "http", "xa-binh-thu": "http"}
    assert offered(*here, "route", "Z99.6") == {"Z99.61": "UBND xã Bình Thử", "Z99.62": "UBND xã An Thử"}
    assert offered(*here, "trace", "--agency", "%") == {}


def test_deliveries_that_have_not_ended_are_offered(edochub: Command, hub_folder: Path, letter: Path) -> None:
    sent = edochub("send", letter, "--as", "so-noi-vu", "--json").json["documents"][0]
    (delivery,) = (each["id"] for each in sent["deliveries"])
    here = config(hub_folder)

    for command in ("why", "take", "hold", "release", "withdraw", "resume"):
        assert offered(*here, command, delivery[:12].lower()) == {delivery: "Z99.61, available"}, command
    assert offered(*here, "why", "01ZZ") == {}
    edochub("take", delivery)
    assert offered(*here, "why", delivery[:12]) == {}


def test_no_more_than_so_many_are_offered(hub_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_completing, "MOST", 2)

    assert list(offered(*config(hub_folder), "route", "Z99")) == ["Z99", "Z99.13"]


def test_asking_makes_no_database(hub_folder: Path) -> None:
    (hub_folder / "edochub.db").unlink()

    assert offered(*config(hub_folder), "inbox", "") == {}
    assert not (hub_folder / "edochub.db").exists()


def test_without_a_usable_configuration_nothing_is_offered_and_nothing_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "edochub.toml").write_text("[hub\n", encoding="utf-8")

    assert offered(*config(tmp_path), "inbox", "") == {}
    assert offered(*config(tmp_path / "nowhere"), "route", "H") == {}
    assert capfd.readouterr() == ("", "")


def test_a_database_that_does_not_answer_in_time_is_not_waited_for(
    hub_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_completing, "WAIT_SECONDS", 0)
    answered = threading.Event()
    monkeypatch.setattr(_completing, "_rows", lambda *_: [("too", "late")] if answered.wait() else [])

    assert offered(*config(hub_folder), "inbox", "") == {}
    answered.set()


def test_a_fault_while_completing_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ASKING, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "edochub")
    monkeypatch.setenv("COMP_CWORD", "no number")

    assert run([]) == 70
    assert capsys.readouterr() == ("", "")


def test_a_real_bash_sources_the_script_and_completes(tmp_path: Path) -> None:
    program = tmp_path / "edochub"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    lines = (
        'eval "$(edochub completion bash)"',
        "COMP_WORDS=(edochub keys c) COMP_CWORD=2",
        "_edochub_completion edochub",
        'echo "${COMPREPLY[@]}"',
        "complete -p edochub",
    )

    ran = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.splitlines()[0] == "certificate connect"
    assert "_edochub_completion" in ran.stdout.splitlines()[1]
    assert ran.stderr == ""


@pytest.fixture
def on_path(tmp_path: Path) -> dict[str, str]:
    """The environment of a shell that finds `edochub`."""
    program = tmp_path / "edochub"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    named = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "EDOCHUB_LANG": "en", "HOME": str(tmp_path)}
    return {**os.environ, **named}


@pytest.mark.programs
def test_a_real_fish_sources_the_script_and_completes_with_whole_explanations(
    on_path: dict[str, str],
) -> None:
    def completed(line: str) -> list[str]:
        asked = f"edochub completion fish | source; complete -C '{line}'"
        ran = subprocess.run(
            ["fish", "--no-config", "-c", asked], env=on_path, capture_output=True, text=True, check=True
        )
        assert ran.stderr == ""
        return ran.stdout.splitlines()

    assert completed("edochub rele") == ["release\tLet deliveries that stopped go on, now."]
    assert completed("edochub why --j") == ["--json\tAnswer in JSON, for programs."]
    assert completed("edochub deliveries --state wi") == ["withdrawn"]


DRIVEN = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D
bindkey "^I" complete-word; eval "$(edochub completion zsh)"; print rea\\dy'
zpty -r shell seen '*ready*'
for typed shown in 'edochub rele' release 'edochub deliveries --state wi' withdrawn 'edochub why --j' --json; do
    zpty -n -w shell "$typed"$'\t'
    zpty -r shell seen "*$shown*" && print -r -- "$shown"
    zpty -n -w shell $'\\C-u'
done
zpty -d shell
"""


@pytest.mark.programs
def test_a_real_zsh_sources_the_script_and_completes_what_is_typed(
    on_path: dict[str, str], tmp_path: Path
) -> None:
    driver = tmp_path / "driver.zsh"
    driver.write_text(DRIVEN, encoding="utf-8")

    ran = subprocess.run(
        ["zsh", "-f", str(driver)], env=on_path, capture_output=True, text=True, check=False, timeout=300
    )

    assert ran.stdout.split() == ["release", "withdrawn", "--json"], ran.stderr


def test_help_says_in_both_languages_where_the_script_belongs(edochub: Command) -> None:
    for language in ("vi", "en"):
        told = edochub("completion", "--help", language=language).out
        assert "~/.local/share/bash-completion/completions/edochub" in told
        assert "~/.config/fish/completions/edochub.fish" in told
        assert "${fpath[1]}/_edochub" in told
