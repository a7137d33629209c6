"""The canonical form is the one that others compute, and the cut leaves what removal would."""

from __future__ import annotations

import hashlib

import pytest
from lxml import etree

from schemas.xml import parse
from signing import canonical, place
from tests.unit.signing.attacks import genuine
from tests.unit.signing.packages import DS, package


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
