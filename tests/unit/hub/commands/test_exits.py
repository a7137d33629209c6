"""What an error means to the caller: the exit code, a sentence, and what to do next."""

from __future__ import annotations

import errno
import json

import click
import pytest

from hub import errors
from hub.commands._advice import LOOK_FOR, advice
from hub.commands._exits import Exit, branches, ending
from hub.commands._session import WrongSettings
from hub.errors import (
    Corrupted,
    Declined,
    Fault,
    HubError,
    Malformed,
    Misconfigured,
    NoRoute,
    NotAllowed,
    NotAnswerable,
    NotFound,
    Sought,
    TooLarge,
    Unavailable,
    UntrustedSignature,
)
from schemas.findings import InvalidDocument
from schemas.text import LANGUAGES, Language, Text, speaking
from schemas.xml_findings import TRUNCATED
from signing.keys import UnusableKey
from signing.xml import SigningRefused

SAID = Text(vi="Chuyện đã xảy ra", en="It happened")
FINDING = TRUNCATED.at(7, element="edXML")

MEANINGS: list[tuple[Exception, Exit]] = [
    (Malformed([FINDING]), Exit.NO),
    (TooLarge(10), Exit.NO),
    (Corrupted("a", "b"), Exit.NO),
    (NotAllowed(SAID), Exit.NO),
    (UntrustedSignature(SAID), Exit.NO),
    (NoRoute(SAID), Exit.NO),
    (NotAnswerable(SAID), Exit.NO),
    (Declined(SAID), Exit.NO),
    (InvalidDocument((FINDING,)), Exit.NO),
    (UnusableKey(SAID), Exit.NO),
    (SigningRefused(SAID), Exit.NO),
    (NotFound(SAID), Exit.NO),
    (Unavailable(SAID), Exit.UNREACHABLE),
    (PermissionError(13, "Permission denied", "/etc/shadow"), Exit.UNREACHABLE),
    (Misconfigured(SAID), Exit.USAGE),
    (Fault(SAID), Exit.FAULT),
    (ZeroDivisionError("division by zero"), Exit.FAULT),
    (click.UsageError("?"), Exit.USAGE),
]


@pytest.mark.parametrize(("error", "code"), MEANINGS, ids=lambda value: type(value).__name__)
def test_the_branch_of_an_error_is_its_exit_code(error: Exception, code: Exit) -> None:
    assert ending(error) is code


def test_the_codes_are_those_that_were_published() -> None:
    assert {code.name: code.value for code in Exit} == {
        "YES": 0,
        "NO": 1,
        "USAGE": 2,
        "UNDETERMINED": 3,
        "UNREACHABLE": 4,
        "FAULT": 70,
        "INTERRUPTED": 130,
        "READER_GONE": 141,
    }


def test_every_branch_of_the_hubs_errors_has_a_meaning() -> None:
    known = tuple(branch for branch, _ in branches())
    declared = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, HubError)
    ]

    assert len(declared) > 10
    assert [each for each in declared if each is not HubError and not issubclass(each, known)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("error", [error for error, _ in MEANINGS if isinstance(error, HubError)], ids=repr)
def test_a_sentence_and_what_to_do_next_are_said(
    error: HubError, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    with speaking(language):
        ending(error)
        said = capsys.readouterr()
        first, *_, last = said.err.splitlines()

        assert first == str(error.message)
        assert last == str(advice(error))
        assert said.out == ""


def test_findings_of_a_refusal_say_where_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with speaking("en"):
        ending(Malformed([FINDING]))

    said = capsys.readouterr().err
    assert "[line 7]" in said
    assert FINDING.remedy.en in said


def test_json_has_the_error_on_stdout_in_the_shape_of_the_api(capsys: pytest.CaptureFixture[str]) -> None:
    ending(Malformed([FINDING]), as_json=True)

    shown = json.loads(capsys.readouterr().out)
    assert shown["error"]["code"] == "document.invalid"
    assert set(shown["error"]["message"]) == {"vi", "en"}
    assert shown["findings"] == [FINDING.as_json()]


def test_a_bug_shows_its_traceback_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    error = ZeroDivisionError("division by zero")

    ending(error)
    short = capsys.readouterr().err
    ending(error, debug=True)
    whole = capsys.readouterr().err

    assert "division by zero" not in short
    assert "ZeroDivisionError: division by zero" in whole


def test_an_interrupted_command_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(click.Abort()) is Exit.INTERRUPTED

    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (Malformed([FINDING]), "edochub check FILE"),
        (NoRoute(SAID), "edochub route CODE"),
        (NotAllowed(SAID), "edochub endpoints show ENDPOINT"),
        (UntrustedSignature(SAID), "edochub verify FILE"),
        (NotAnswerable(SAID), "edochub trace DOCUMENT"),
        (NotFound(SAID), "edochub search WORD"),
        (NotFound(SAID, Sought.ENDPOINT), "edochub endpoints list"),
        (NotFound(SAID, Sought.AGENCY), "edochub agencies list"),
        (NotFound(SAID, Sought.ROUTE), "edochub routes list"),
        (WrongSettings(SAID, missing=True), "EDOCHUB_CONFIG"),
        (WrongSettings(SAID), "edochub doctor"),
        (Misconfigured(SAID), "--help"),
        (OSError(errno.ENOSPC, "No space left on device", "/srv"), "edochub retention plan"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv"), "sudo -u edochub"),
        (OSError(errno.EADDRINUSE, "Address already in use"), "[server] port"),
    ],
    ids=repr,
)
def test_the_next_step_is_that_of_the_case(error: Exception, step: str) -> None:
    assert step in advice(error).en
    assert step.split(" ")[0] in advice(error).vi


def test_a_refusal_that_is_on_record_names_where_to_read_it() -> None:
    error = NoRoute(SAID)
    error.id = "01K9X2M7QD3N8R5T6V0W1Y4Z2B"

    assert all(
        "edochub why 01K9X2M7QD3N8R5T6V0W1Y4Z2B" in said for said in (advice(error).vi, advice(error).en)
    )


def test_whatever_is_not_found_is_looked_for_somewhere() -> None:
    assert set(LOOK_FOR) == set(Sought)
