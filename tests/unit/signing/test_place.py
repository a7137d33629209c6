"""What counts as a signature, and where it may stand. The forgeries are in test_attacks."""

from __future__ import annotations

import pytest
from lxml import etree

from schemas.xml import parse
from signing import place
from signing.reasons import Refused
from tests.unit.signing.attacks import genuine
from tests.unit.signing.packages import EDXML, codes, judge, package


def test_whatever_calls_itself_a_signature_is_found() -> None:
    header = '<Signature/><DigitalSignature/><x:Signature xmlns:x="urn:example:x"/><Signature xmlns=""/>'
    found = [str(element.tag) for element in place.signatures(parse(package(header=header)))]
    assert found == [
        f"{{{EDXML}}}Signature",
        f"{{{EDXML}}}DigitalSignature",
        "{urn:example:x}Signature",
        "Signature",
    ]


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        ("<edXML:DigitalSignature/>", "absent"),
        ("<DigitalSignature> \n </DigitalSignature>", "absent"),
        ("<DigitalSignature>x</DigitalSignature>", "invalid"),
        ("<DigitalSignature><x/></DigitalSignature>", "invalid"),
        ("<Signature/>", "invalid"),
        ('<Signature xmlns="urn:example:x"/>', "invalid"),
    ],
)
def test_only_an_empty_digital_signature_counts_as_none(header: str, outcome: str) -> None:
    assert judge(package(header=header)).outcome == outcome


def test_a_good_signature_in_its_place_passes() -> None:
    tree = parse(genuine())
    (signature,) = place.signatures(tree)
    place.check(tree, signature)
    assert [header.tag for header in place.headers(tree)] == [f"{{{EDXML}}}edXMLHeader"]


def test_a_doctype_is_not_covered_by_any_signature() -> None:
    content = genuine().replace(b"<edXML ", b"<!DOCTYPE edXML><edXML ", 1)
    tree = etree.ElementTree(etree.fromstring(content))
    (signature,) = place.signatures(tree)
    with pytest.raises(Refused) as refused:
        place.check(tree, signature)
    assert refused.value.reasons[0].code == "signature.unsigned-text"


@pytest.mark.parametrize("root", ["edXML2", "Envelope"])
def test_another_root_has_no_header(root: str) -> None:
    assert place.headers(parse(f'<{root} xmlns="{EDXML}"/>'.encode())) == []


def test_all_that_is_wrong_with_a_foreign_signature_is_named_once() -> None:
    header = '<Signature><SignatureMethod Algorithm="urn:example:md5"/><Nested/></Signature>'
    verdict = judge(package(header=header))
    assert codes(verdict) == [
        "signature.wrong-namespace",
        "signature.algorithm-forbidden",
        "signature.malformed",
    ]
    assert "urn:example:md5" in verdict.reasons[1].message.vi
