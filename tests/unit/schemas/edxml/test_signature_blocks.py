"""Whatever calls itself a signature is named, wherever it stands."""

from __future__ import annotations

from schemas.edxml.signature_blocks import signature_blocks
from schemas.xml import parse
from tests.unit.schemas.samples import changed, sample


def test_a_placeholder_says_what_it_claims() -> None:
    (block,) = signature_blocks(parse(sample("odd/placeholder-signature")))
    assert block.in_package_namespace
    assert not block.is_xmldsig
    assert block.algorithm.endswith("rsa-sha1")
    assert block.subject == "CN=Mẫu"
    assert len(block.transforms) == 2


def test_the_empty_block_of_dotnet_is_empty() -> None:
    (block,) = signature_blocks(parse(sample("good/document-dotnet")))
    assert block.empty


def test_a_real_one_is_known_by_its_namespace() -> None:
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>'
    content = changed("good/document-new", "    </edXML:edXMLHeader>", f"{signature}</edXML:edXMLHeader>")
    (block,) = signature_blocks(parse(content))
    assert block.is_xmldsig


def test_a_package_without_any_has_none() -> None:
    assert list(signature_blocks(parse(sample("good/document-new")))) == []
