"""A TraceHeader put in as text: one hop more, and not another octet."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.testing import package, status
from hub.trace_header import inserted
from schemas.edxml import reader
from schemas.xml import parse

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


def test_it_is_put_in_and_nothing_else_changes() -> None:
    content = package()
    longer = inserted(content, "trục-A", AT)
    start = longer.index(b"<edXML:TraceHeader>")
    stop = longer.index(b"</edXML:TraceHeader>") + len(b"</edXML:TraceHeader>")
    assert longer[:start] + longer[stop:] == content
    [hop] = reader.read(parse(longer)).trace
    assert (hop.code, hop.at) == ("trục-A", "2026/11/22 08:02:03")


def test_a_second_hub_writes_behind_the_first() -> None:
    twice = inserted(inserted(package(), "A", AT), "B", AT)
    assert [hop.code for hop in reader.read(parse(twice)).trace] == ["A", "B"]


def test_the_same_package_gets_the_same_octets() -> None:
    content = package()
    assert inserted(content, "A", AT) == inserted(content, "A", AT) != content


@pytest.mark.parametrize(
    "content",
    [
        status(sender="Z99.1", to="Z99.2", document_id="1/A", code="03"),  # it has no list
        b"<not a package",
        package().replace(
            b"<edXML:TraceHeaderList", b"<!-- <edXML:TraceHeaderList> --><edXML:TraceHeaderList", 1
        ),
    ],
)
def test_what_has_no_place_for_it_stays_as_it_is(content: bytes) -> None:
    assert inserted(content, "A", AT) == content


def test_a_name_is_written_as_text() -> None:
    [hop] = reader.read(parse(inserted(package(), "<A&B>", AT))).trace
    assert hop.code == "<A&B>"
