"""What stands beside a key: read strictly, written so that it is read back the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.keys_entry import Entry, Generation, parse
from signing.signing_key import UnusableKey

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x7f"), min_size=1, max_size=20
)
TIMES = st.integers(1_600_000_000, 2_800_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
NEXT = st.lists(TIMES, unique=True, max_size=3).map(
    lambda times: tuple(Generation(f"hub.{number}", at) for number, at in enumerate(sorted(times), start=2))
)
ENTRIES = st.one_of(
    st.builds(lambda later: Entry(next=later), NEXT),
    st.builds(lambda uri, later: Entry(backend="pkcs11", uri=uri, next=later), WORDS, NEXT),
    st.builds(
        lambda argv, given, output, seconds, later: Entry(
            backend="command",
            argv=tuple(argv),
            input=given,
            output=output,
            timeout_seconds=seconds,
            next=later,
        ),
        st.lists(WORDS, min_size=1, max_size=4),
        st.sampled_from(["octets", "digest"]),
        st.sampled_from(["der", "raw"]),
        st.sampled_from([0.5, 30.0, 120.0]),
        NEXT,
    ),
)


@given(entry=ENTRIES)
def test_an_entry_is_read_as_it_was_written(entry: Entry) -> None:
    assert parse("hub", entry.as_toml()) == entry


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("backend = 'floppy'", "backend"),
        ("backend = 'pkcs11'", "uri"),
        ("backend = 'command'", "argv"),
        ("backend = 'command'\nargv = 'openssl x'", "argv"),
        ("backend = 'command'\nargv = ['a']\ninput = 'all'", "input"),
        ("backend = 'command'\nargv = ['a']\noutput = 'pem'", "output"),
        ("backend = 'command'\nargv = ['a']\ntimeout_seconds = 0", "timeout_seconds"),
        ("backend = 'command'\nargv = ['a']\nshell = true", "shell"),
        ("uri = 'pkcs11:x'", "uri"),
        ("[[next]]\nkey = 'b'\nfrom = 2027-01-01T00:00:00", "from"),
        ("[[next]]\nkey = 'b'", "from"),
        ("[[next]]\nkey = 7\nfrom = 2027-01-01T00:00:00Z", "key"),
        (
            "[[next]]\nkey='b'\nfrom=2027-01-02T00:00:00Z\n[[next]]\nkey='c'\nfrom=2027-01-01T00:00:00Z",
            "next: from",
        ),
        ("next = 3", "hub.toml"),
        ("= nothing", "hub.toml"),
    ],
)
def test_what_is_wrong_is_named(content: str, named: str) -> None:
    with pytest.raises(UnusableKey) as refused:
        parse("hub", content)
    assert named in refused.value.text.en
    assert named in refused.value.text.vi
