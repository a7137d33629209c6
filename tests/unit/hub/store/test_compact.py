"""Verdicts and findings are kept small, word for word, and what was written once can be read for ever."""

import hashlib
from importlib.resources import files

import pytest

from hub.errors import Fault
from hub.store import compact, messages
from schemas.findings import Finding, Severity
from schemas.text import Text

SAID = [{"code": "signature.intact", "message": {"vi": "Nội dung nguyên vẹn", "en": "As it was signed"}}]
FINDING = Finding(
    "attachment-empty", Severity.WARNING, Text(vi="rỗng", en="empty"), Text(vi="sửa", en="mend")
)


def test_the_words_of_a_version_never_change() -> None:
    """What was made small with them can be read with them only: better words go into a file of their own."""
    words = (files("hub.store") / "words-1.json").read_bytes()
    assert (
        hashlib.sha256(words).hexdigest()
        == "79f6e61511b3cf837fa33aea0e56458a5165dbc5265b349a7b8f8a552a22cea0"
    )


def test_what_one_version_wrote_is_read_by_the_next() -> None:
    assert (
        compact.read("[]", bytes.fromhex("0128b52ffd2061ad00002841227d7d5d0400432400e37b0190dc9d63336110"))
        == SAID
    )


@pytest.mark.parametrize("value", [[], SAID, SAID * 500], ids=["nothing", "one", "many"])
def test_what_is_read_is_what_was_written(value: list[object]) -> None:
    assert compact.read("[]", compact.small(value)) == value


def test_sentences_that_are_known_cost_next_to_nothing() -> None:
    known = [{"code": "signature.absent", "message": {"en": "The package carries no digital signature."}}]
    assert len(compact.small(known)) < len(compact.text(known)) / 2


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda kept: b"", id="gone"),
        pytest.param(lambda kept: kept[:-4], id="cut"),
        pytest.param(lambda kept: b"\xff" + kept[1:], id="words of another version"),
        pytest.param(lambda kept: kept[:1] + b"[]", id="not compressed"),
    ],
)
def test_what_is_damaged_is_a_fault(damage: object) -> None:
    assert callable(damage)
    with pytest.raises(Fault):
        compact.read("[]", damage(compact.small(SAID)))


@pytest.mark.parametrize("compress", [True, False])
def test_findings_are_read_from_either_column(compress: bool) -> None:
    kept = messages.told("findings", [FINDING.as_json()], compress=compress)
    assert (kept["findings"] == "[]") is compress
    text, small = kept["findings"], kept["findings_small"]
    assert isinstance(text, str)
    assert small is None or isinstance(small, bytes)
    assert messages.read_findings(text, small) == (FINDING,)


def test_no_findings_take_no_room() -> None:
    assert messages.told("findings", [], compress=True) == {"findings": "[]", "findings_small": None}


def test_what_is_kept_is_read_when_somebody_looks() -> None:
    damaged = compact.Kept("[]", b"\xff", dict)
    with pytest.raises(Fault):
        len(damaged)


def test_what_is_kept_is_the_same_as_what_was_told() -> None:
    kept = compact.Kept("[]", compact.small([FINDING.as_json()]), Finding.from_json)
    assert kept == (FINDING,)
    assert kept != ()
    assert [*kept] == [FINDING]
    assert len(compact.Kept("[]", None, dict)) == 0
