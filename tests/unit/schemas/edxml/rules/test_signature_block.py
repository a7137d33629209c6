"""Blocks that no software can verify are said to be such."""

from __future__ import annotations

from schemas.edxml.rules.signature_block import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


def test_both_faults_of_the_samples_are_named() -> None:
    findings = found(RULE, sample("odd/placeholder-signature"))
    assert codes(findings) == ["signature-namespace", "signature-transform-unknown"]
    assert "http://www.w3.org/TR/xml-exc-c14n#" in findings[1].message.en
    assert {finding.path for finding in findings} == {"/edXML/edXMLEnvelope/edXMLHeader/Signature"}


def test_the_empty_block_of_dotnet_says_that_there_is_none() -> None:
    assert found(RULE, sample("good/document-dotnet")) == []


def test_a_real_signature_is_for_the_signing_floor() -> None:
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>'
    content = changed("good/document-new", "    </edXML:edXMLHeader>", f"{signature}</edXML:edXMLHeader>")
    assert found(RULE, content) == []
