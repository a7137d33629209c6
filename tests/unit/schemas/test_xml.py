"""The parser takes honest packages and refuses everything that has no place in one, quickly and precisely."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.findings import Finding, InvalidDocument
from schemas.xml import LIMITS, parse
from tests.unit.pace import idle_seconds

ATTRIBUTES = b"<a " + b" ".join(b'n%d="x"' % number for number in range(33)) + b"/>"


def refused(content: bytes) -> Finding:
    with pytest.raises(InvalidDocument) as caught:
        parse(content)
    (finding,) = caught.value.findings
    return finding


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "empty", None),
        (b" \n\n ", "empty", 1),
        (b"\xef\xbb\xbf", "empty", 1),
        (b"hello", "not-xml", 1),
        (b'{"a": 1}', "not-xml", 1),
        (b"PK\x03\x04\x14", "not-xml", 1),
        (b'1212<?xml version="1.0"?><a/>', "bytes-before-xml", 1),
        (b'\n<?xml version="1.0"?><a/>', "bytes-before-xml", 1),
        (b"junk <a/>", "bytes-before-xml", 1),
        (b"<a/>more", "content-after-xml", 1),
        (b"<a/><b/>", "content-after-xml", 1),
        (b"<a><b></a></b>", "tags-do-not-match", 1),
        (b"<a>\n<b>tex", "truncated", 2),
        (b"<a><b attr", "truncated", 1),
        (b"<a><b>text</b>\n", "truncated", 2),
        (b'<?xml version="1.0"', "truncated", 1),
        (b"<a>\n<b:c/></a>", "undeclared-prefix", 2),
        (b'<a x:y="1"/>', "undeclared-prefix", 1),
        ("<a>Hà Nội</a>".encode("utf-16"), "not-utf8", 1),
        ("<a>Hà Nội</a>".encode("utf-16-le"), "not-utf8", 1),
        ("<a>Hà Nội</a>".encode("utf-32"), "not-utf8", 1),
        (b'<?xml version="1.0" encoding="windows-1258"?><a/>', "not-utf8", 1),
        (b"<a>\n\xc3\x28</a>", "not-utf8", 2),
        (b"<a>\x01</a>", "illegal-character", 1),
        (b"<a>&#0;</a>", "illegal-character", 1),
        (b"<!DOCTYPE a><a/>", "doctype", 1),
        (b'<?xml version="1.0"?>\n\n<!doctype a SYSTEM "x"><a/>', "doctype", 3),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "doctype", 1),
        (b"<a>&b;</a>", "entity", 1),
        (b'<a b="&b;"/>', "entity", 1),
        (b"<!-- c --><a/>", "comment", 1),
        (b"<a>text<!-- c -->more</a>", "comment", 1),
        (b"<a/><!-- c -->", "comment", 1),
        (b"<?php x ?><a/>", "processing-instruction", 1),
        (b"<a>\n<?php x ?></a>", "processing-instruction", 2),
        (b"<a/><?php x ?>", "processing-instruction", 1),
        (b"<a>" * 65 + b"</a>" * 65, "too-deep", 1),
        (b"<a>" * 5000 + b"</a>" * 5000, "too-deep", 1),
        (ATTRIBUTES, "too-many-attributes", 1),
        (b'<a b="' + b"x" * 65_537 + b'"/>', "attribute-too-long", 1),
        (b"<a>a & b</a>", "not-xml", 1),
        (b'<a b="1" b="2"/>', "not-xml", 1),
    ],
)
def test_what_has_no_place_in_a_package_gets_its_own_reason(
    content: bytes, code: str, line: int | None
) -> None:
    finding = refused(content)
    assert (finding.code, finding.line) == (code, line)


def test_the_undeclared_prefix_is_named() -> None:
    finding = refused(b'<a xmlns:x="u"><xlink:b/></a>')
    assert "“xlink”" in finding.message.en
    assert "«xlink»" in finding.message.vi
    assert "xmlns:xlink" in finding.remedy.vi


def test_stray_bytes_before_the_declaration_are_shown() -> None:
    assert "“1212”" in refused(b'1212<?xml version="1.0"?><a/>').message.en


def test_the_library_speaks_only_of_what_we_have_no_words_for() -> None:
    for content in (b"<a><b></a>", b"<a>&x;</a>", b"<a><b", b"<a>\x02</a>"):
        assert "Namespace" not in refused(content).message.vi
        assert "mismatch" not in refused(content).message.vi


@pytest.mark.parametrize(
    "content",
    [
        b"<a/>",
        b"\n  <a/>\n",
        b"\xef\xbb\xbf<a/>",
        b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\n<a/>',
        b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?><a/>",
        "<tên>Hà Nội</tên>".encode(),
        b"<a><![CDATA[<!-- <? no comment & no entity ]]></a>",
        b"<a>&amp;&lt;&#225;</a>",
        b"<a>" * 64 + b"</a>" * 64,
        b'<a b="' + b"x" * 65_536 + b'"/>',
    ],
)
def test_honest_xml_is_parsed(content: bytes) -> None:
    assert parse(content).getroot().tag in ("a", "tên")


def test_cdata_becomes_plain_text() -> None:
    assert parse(b"<a>x<![CDATA[<y>]]>z</a>").getroot().text == "x<y>z"


def test_a_package_above_the_limit_is_refused_with_both_sizes() -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse(b"<a>12345</a>", replace(LIMITS, bytes=10))
    (finding,) = caught.value.findings
    assert finding.code == "too-large"
    assert "10" in finding.message.en
    assert "12" in finding.message.en


def test_many_attachments_may_each_declare_the_prefix_as_the_official_form_does() -> None:
    one = b'<b xmlns:edXML="http://x"/>'
    assert len(parse(b"<a>" + one * 1000 + b"</a>").getroot()) == 1000


BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "&a%d;&a%d;">' % (n, n - 1, n - 1) for n in range(1, 30))
    + b"]><l>&a29;</l>"
)
NAMESPACES = b"<a " + b" ".join(b'xmlns:n%d="http://n/%d"' % (n, n) for n in range(2300)) + b"/>"
NESTED_NAMESPACES = b"".join(b'<a xmlns:n%d="u">' % n for n in range(3000))
LAUGHS_IN_ATTRIBUTE = b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 50_000 + b'">]><l a="' + b"&a;" * 5000 + b'"/>'
SPACES = b" " * 1_000_000 + b"x"
UNFINISHED = b'<a b="' + b"<" * 200_000
PREFIXES = b"<a>" + b"xmlns:" * 200_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(BILLION_LAUGHS, "doctype", id="billion laughs"),
        pytest.param(LAUGHS_IN_ATTRIBUTE, "doctype", id="laughs in an attribute"),
        pytest.param(NAMESPACES, "too-many-namespaces", id="63 KB of namespaces"),
        pytest.param(NESTED_NAMESPACES, "too-many-namespaces", id="nested namespaces"),
        pytest.param(b"<a>" * 100_000, "too-many-tags", id="endless nesting"),
        pytest.param(SPACES, "not-xml", id="a megabyte of blanks"),
        pytest.param(UNFINISHED, "too-many-tags", id="an attribute that never ends"),
        pytest.param(PREFIXES, "truncated", id="xmlns over and over"),
    ],
)
def test_attacks_are_refused_in_less_time_than_an_answer_takes(content: bytes, code: str) -> None:
    assert refused(content).code == code
    assert idle_seconds(lambda: refused(content)) < 0.05


def test_a_flood_of_tags_is_refused_before_it_becomes_a_tree() -> None:
    finding = refused(b"<a>" + b"<b/>" * 500_000 + b"</a>")
    assert finding.code == "too-many-tags"


def test_a_flood_of_attributes_is_refused() -> None:
    flood = b"<a " + b" ".join(b'n%d="x"' % number for number in range(20_000)) + b"/>"
    assert refused(flood).code == "too-many-attributes"


def test_no_file_and_no_address_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr("socket.socket.connect", lambda *args: opened.append(args))
    content = (
        b'<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        b'xsi:schemaLocation="u http://127.0.0.1:9/x.xsd" xmlns:xi="http://www.w3.org/2001/XInclude">'
        b'<xi:include href="file:///etc/hostname" parse="text"/></a>'
    )
    root = parse(content).getroot()
    assert root[0].text is None
    assert opened == []
