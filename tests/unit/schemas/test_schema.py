"""What a schema refuses is explained in our own words, with path, line, what was expected and what was found."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from schemas.findings import Finding
from schemas.schema import MOST_FINDINGS, Schema

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="u" xmlns="u"
                    elementFormDefault="qualified">
  <xs:element name="r"><xs:complexType><xs:all>
    <xs:element name="name" type="xs:string" minOccurs="0"/>
    <xs:element name="number" minOccurs="0"><xs:simpleType><xs:restriction base="xs:token">
      <xs:pattern value="-?[0-9]{0,9}"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="day" type="xs:date" minOccurs="0"/>
    <xs:element name="flag" minOccurs="0"><xs:simpleType><xs:restriction base="xs:token">
      <xs:enumeration value="0"/><xs:enumeration value="1"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="list" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="entry" type="xs:int" minOccurs="1" maxOccurs="unbounded"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:all></xs:complexType></xs:element>
</xs:schema>"""


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    path: Path = tmp_path_factory.mktemp("xsd") / "r.xsd"
    path.write_text(XSD, encoding="utf-8")
    return Schema(path)


def tree(inside: str, attributes: str = "") -> etree._ElementTree:
    return etree.fromstring(f'<r xmlns="u" {attributes}>\n{inside}\n</r>').getroottree()


def explained(schema: Schema, inside: str, attributes: str = "") -> Finding:
    document = tree(inside, attributes)
    assert not schema.accepts(document)
    (finding,) = schema.explain(document)
    return finding


def test_what_fits_is_accepted(schema: Schema) -> None:
    assert schema.accepts(tree("<number>7</number><name>x</name>"))


def test_an_unexpected_element_is_told_what_could_still_stand_there(schema: Schema) -> None:
    finding = explained(schema, "<name/><nmae/>")
    assert (finding.code, finding.line, finding.path) == ("element-unexpected", 2, "/r/nmae")
    assert finding.message.en == "The element “nmae” may not stand in “r”; expected: number, day, flag, list."


def test_an_element_of_another_namespace_is_shown_with_it(schema: Schema) -> None:
    finding = explained(schema, '<name xmlns="v"/>')
    assert finding.code == "element-unexpected"
    assert "“{v}name”" in finding.message.en


def test_a_repeated_element_is_said_to_be_repeated(schema: Schema) -> None:
    finding = explained(schema, "<name/>\n<name/>")
    assert (finding.code, finding.line, finding.path) == ("element-repeated", 3, "/r/name[2]")


def test_a_missing_element_is_named(schema: Schema) -> None:
    finding = explained(schema, "<list/>")
    assert (finding.code, finding.path) == ("element-missing", "/r/list")
    assert "“entry”" in finding.message.en


def test_a_wrong_value_is_shown_with_what_was_expected(schema: Schema) -> None:
    assert "“7” of “flag” is wrong; expected: 0, 1" in explained(schema, "<flag>7</flag>").message.en
    assert "expected: an integer" in explained(schema, "<number>x</number>").message.en
    assert "yêu cầu: số nguyên" in explained(schema, "<number>x</number>").message.vi
    assert explained(schema, "<day>today</day>").code == "value-wrong"


def test_a_long_value_is_cut(schema: Schema) -> None:
    finding = explained(schema, f"<number>{'9' * 5000}</number>")
    assert len(finding.message.vi) < 250


def test_stray_text_attributes_and_children_have_their_own_words(schema: Schema) -> None:
    assert explained(schema, "text").code == "text-unexpected"
    assert explained(schema, "", attributes='a="b"').code == "attribute-unexpected"
    assert explained(schema, "<number><b/></number>").code == "children-unexpected"


def test_findings_are_capped(schema: Schema) -> None:
    document = tree("<list>" + "<entry>x</entry>" * 500 + "</list>")
    assert len(schema.explain(document)) == MOST_FINDINGS


def test_a_flood_of_errors_is_located_without_being_explained(schema: Schema) -> None:
    findings = schema.explain(tree("<list>" + "<entry>x</entry>" * 6000 + "</list>"))
    assert {finding.code for finding in findings} == {"structure-wrong"}
    assert len(findings) == MOST_FINDINGS
    assert findings[0].line == 2
    assert "“entry”" in findings[0].message.en


def test_where_the_explainer_gives_up_the_place_is_still_told(schema: Schema) -> None:
    finding = explained(
        schema, '<name xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="nothing"/>'
    )
    assert (finding.code, finding.line) == ("structure-wrong", 2)


LENGTHS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="u" xmlns="u"
                    elementFormDefault="qualified">
  <xs:element name="r"><xs:complexType><xs:sequence>
    <xs:element name="short"><xs:simpleType><xs:restriction base="xs:string">
      <xs:minLength value="1"/><xs:maxLength value="3"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="last" minOccurs="0"/>
    <xs:element name="named" minOccurs="0"><xs:complexType>
      <xs:attribute name="name" type="xs:string" use="required"/></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    path: Path = tmp_path_factory.mktemp("xsd") / "strict.xsd"
    path.write_text(LENGTHS, encoding="utf-8")
    return Schema(path)


def test_lengths_are_told_in_characters(strict: Schema) -> None:
    assert "expected: at most 3 characters" in explained(strict, "<short>abcd</short>").message.en
    assert "yêu cầu: không được để trống" in explained(strict, "<short/>").message.vi


def test_an_element_in_the_wrong_place_is_told_from_one_that_is_missing(strict: Schema) -> None:
    misplaced = explained(strict, "<short>a</short><named name='x'/><last/>")
    assert (misplaced.code, misplaced.path) == ("element-misplaced", "/r/last")
    missing = explained(strict, "<last/>")
    assert (missing.code, missing.path) == ("element-missing", "/r")
    assert "“short”" in missing.message.en


def test_attributes_are_named(strict: Schema) -> None:
    document = tree("<short>a</short><named one='1' two='2'/>")
    missing, strange = strict.explain(document)
    assert (missing.code, "mandatory attribute: name" in missing.message.en) == ("attribute-missing", True)
    assert (strange.code, "may not have: one, two" in strange.message.en) == ("attribute-unexpected", True)
