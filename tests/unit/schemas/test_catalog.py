"""The catalogue knows which standard a package is written in, and says why it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from lxml import etree

from schemas.catalog import Catalog
from schemas.ebms.codes import NAMESPACE as EBMS
from schemas.ebms.codes import SOAP_NAMESPACE
from schemas.edxml.codes import NAMESPACE
from schemas.findings import Finding, InvalidDocument
from tests.unit.schemas.samples import TODAY


def tree(root: str) -> etree._ElementTree:
    return etree.fromstring(root).getroottree()


def refused(root: str, catalog: Catalog | None = None, today: date = TODAY) -> Finding:
    with pytest.raises(InvalidDocument) as caught:
        (catalog or Catalog.standard()).find(tree(root), today)
    (finding,) = caught.value.findings
    return finding


def test_the_catalogue_is_compiled_once() -> None:
    assert Catalog.standard() is Catalog.standard()


def test_a_package_is_known_by_namespace_and_root_whatever_the_prefix() -> None:
    catalog = Catalog.standard()
    assert catalog.find(tree(f'<edXML xmlns="{NAMESPACE}"/>'), TODAY).version == "2016"
    assert catalog.find(tree(f'<q:edXML xmlns:q="{NAMESPACE}"/>'), TODAY).version == "2016"


def test_the_format_of_2014_is_refused_by_name() -> None:
    finding = refused('<edXML xmlns="http://www.e-doc.vn/Schema/"/>')
    assert finding.code == "retired-namespace"
    assert "2014" in finding.message.vi
    assert NAMESPACE in finding.remedy.en


def test_an_unknown_namespace_is_refused_with_expected_and_got() -> None:
    finding = refused('<edXML xmlns="http://www.go.vn/eDoc"/>')
    assert finding.code == "wrong-namespace"
    assert NAMESPACE in finding.message.en
    assert "http://www.go.vn/eDoc" in finding.message.en


def test_no_namespace_is_said_in_words() -> None:
    finding = refused("<edXML/>")
    assert finding.code == "wrong-namespace"
    assert "got “none”" in finding.message.en
    assert "không có" in finding.message.vi


def test_a_wrong_root_is_refused_with_expected_and_got() -> None:
    assert refused("<Envelope/>").message.en == "The root element must be “edXML”, got “Envelope”."
    assert refused(f'<edXMLEnvelope xmlns="{NAMESPACE}"/>').code == "wrong-root"


def test_a_later_standard_takes_over_on_its_first_day() -> None:
    (present,) = Catalog.standard().deliverables
    later = replace(present, version="2030", valid_from=date(2030, 1, 1))
    catalog = Catalog(standards=(replace(present, valid_until=date(2030, 6, 30)), later))
    package = tree(f'<edXML xmlns="{NAMESPACE}"/>')
    assert catalog.find(package, date(2029, 12, 31)).version == "2016"
    assert catalog.find(package, date(2030, 1, 1)).version == "2030"


def test_a_standard_that_has_ended_is_refused_with_the_day() -> None:
    (present,) = Catalog.standard().deliverables
    ended = Catalog(standards=(replace(present, valid_until=date(2026, 1, 31)),))
    finding = refused(f'<edXML xmlns="{NAMESPACE}"/>', ended)
    assert finding.code == "standard-not-in-force"
    assert "21/11/2026" in finding.message.vi


def test_a_header_is_known_alone_and_in_its_envelope() -> None:
    catalog = Catalog.standard()
    assert catalog.find(tree(f'<x:Messaging xmlns:x="{EBMS}"/>'), TODAY).id == "ebms-3"
    assert catalog.find(tree(f'<S:Envelope xmlns:S="{SOAP_NAMESPACE}"/>'), TODAY).id == "ebms-3-soap"
    assert refused(f'<x:UserMessage xmlns:x="{EBMS}"/>').message.en.startswith(
        "The root element must be “Messaging”"
    )


def test_only_packages_are_deliverable() -> None:
    catalog = Catalog.standard()
    assert [standard.id for standard in catalog.deliverables] == ["qcvn-102-2016"]
    assert len(catalog.standards) == 3
    with pytest.raises(ValueError, match="deliverable"):
        Catalog(standards=tuple(other for other in catalog.standards if other not in catalog.deliverables))


def test_what_explains_refusals_can_be_loaded_beforehand() -> None:
    catalog = Catalog.standard()
    catalog.prepare()
    assert all("_explainer" in vars(standard.schema) for standard in catalog.deliverables)


def test_rules_of_all_standards_are_listed_once() -> None:
    ids = [rule.id for rule in Catalog.standard().rules]
    assert len(ids) == len(set(ids))
    assert {"secrecy", "attachment-content", "ebms-parts"} <= set(ids)
