"""The canonical form is the one that others compute, and the cut leaves what removal would."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from schemas.findings import InvalidDocument
from schemas.xml import parse
from signing import canonical, place
from signing.reasons import Refused
from signing.xml import sign
from tests.unit.signing import mutations
from tests.unit.signing.attacks import genuine
from tests.unit.signing.packages import DS, judge, package, signer


def test_the_prefixes_of_a_namespace_bound_twice_are_kept() -> None:
    octets = canonical.octets(parse(package()))
    assert b"<edXML:edXMLHeader>" in octets
    assert b"<AttachmentEncoded>" in octets


def test_the_document_node_is_canonicalised_not_only_the_root() -> None:
    tree = etree.ElementTree(etree.fromstring(b"<?before it?><a/>"))
    assert canonical.octets(tree) == b"<?before it?>\n<a></a>"


@pytest.mark.parametrize("prefixed", [True, False])
def test_cutting_the_signature_out_gives_what_removing_it_gives(prefixed: bool) -> None:
    content = genuine() if prefixed else genuine().replace(b"ds:", b"").replace(b"xmlns:ds=", b"xmlns=")
    tree = parse(content)
    (signature,) = place.signatures(tree)
    assert (signature.prefix == "ds") is prefixed
    assert signature.tag == f"{{{DS}}}Signature"
    expected = hashlib.sha256(canonical.octets(parse(package()))).digest()
    assert canonical.digest(tree, "sha256", signature) == expected


def test_an_ambiguous_cut_is_an_error() -> None:
    tree = etree.ElementTree(etree.fromstring(b"<a><b/><b c='1'/></a>"))
    with pytest.raises(ValueError, match="expected one element b, got 2"):
        canonical.digest(tree, "sha256", tree.getroot()[0])


# Long texts


words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&\ufffe\uffff"), max_size=60
)
PLAIN = "x" * 40


@pytest.fixture
def short_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything of eight octets counts as long."""
    monkeypatch.setattr(canonical, "LONG", 8)


def both(content: bytes) -> tuple[bytes, bytes]:
    """The digest with the long texts taken from the octets, and the plain one."""
    tree = parse(content)
    return canonical.digest(tree, "sha256", content=content), hashlib.sha256(canonical.octets(tree)).digest()


@pytest.mark.usefixtures("short_is_long")
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(words, words, st.sampled_from(["text", "cdata", "attribute", "entity", "return"]))))
def test_long_texts_change_no_digest(pieces: list[tuple[str, str, str]]) -> None:
    inside = ""
    for first, second, kind in pieces:
        plain = first.replace("]]>", "")
        inside += {
            "text": f"<a>{plain}<b/>{second.replace(']]>', '')}</a>",
            "cdata": f"{plain}<![CDATA[<{plain}>{PLAIN}<{plain}>]]>{PLAIN}",
            "attribute": f"<a b='>{first.replace(chr(39), '')}>{PLAIN}'>{PLAIN}</a>",
            "entity": f"<a>{plain}&amp;{PLAIN}&#60;{PLAIN}</a>",
            "return": f"<a>{plain}\r\n{PLAIN}\r{PLAIN}</a>",
        }[kind]
    found, expected = both(f"<root>{inside}</root>".encode())
    assert found == expected


@pytest.mark.usefixtures("short_is_long")
@pytest.mark.parametrize("change", [mutations.of_octets, mutations.of_elements, mutations.of_spelling])
def test_no_mutation_has_two_digests(change: Callable[[bytes], Iterator[bytes]]) -> None:
    compared = 0
    for content in change(genuine()):
        try:
            found, expected = both(content)
        except (InvalidDocument, Refused):
            continue
        assert found == expected, content
        compared += 1
    assert compared >= 11


@pytest.mark.usefixtures("short_is_long")
def test_long_texts_are_found_and_the_signature_is_cut_out_all_the_same() -> None:
    content = genuine()
    texts = [content[start:end] for start, end in canonical.long_texts(content)]
    assert b"QW5oIGNoYW8=" in texts
    tree = parse(content)
    (signature,) = place.signatures(tree)
    expected = hashlib.sha256(canonical.octets(parse(package()))).digest()
    assert canonical.digest(tree, "sha256", signature, content) == expected


@pytest.mark.usefixtures("short_is_long")
@pytest.mark.parametrize("text", ["xxxxxxxx&#65;", "xxxxxxxx\r", "xxxxxxx>", ">>>>>>>>"])
def test_what_canonicalisation_writes_otherwise_is_left_to_it(text: str) -> None:
    content = f"<a>{text}</a>".encode()
    assert list(canonical.long_texts(content)) == []
    assert both(content)[0] == both(content)[1]


def test_a_large_package_is_protected_octet_by_octet() -> None:
    """Past the size from which texts are taken from the octets."""
    content = sign(package(attachment="QUJD" * 50_000), signer())
    assert len(list(canonical.long_texts(content))) == 1
    assert judge(content).outcome == "valid"
    middle = len(content) - 100_000
    assert content[middle : middle + 1].isalpha()
    for changed in (b"D", b"", b"A\n", b"<!--x-->", b"<x/>", b"&#65;", b"\r\n", b"<![CDATA[A]]>"):
        other = content[:middle] + changed + content[middle + 1 :]
        if other == content or b"<!--" in changed:
            continue
        same = changed in (b"&#65;", b"<![CDATA[A]]>") and content[middle : middle + 1] == b"A"
        assert judge(other).outcome == ("valid" if same else "invalid"), changed


def test_a_package_of_many_tags_is_canonicalised_as_it_is() -> None:
    content = sign(package(header="<edXML:A>x</edXML:A>" * 5000, attachment="QUJD" * 50_000), signer())
    assert judge(content).outcome == "valid"
