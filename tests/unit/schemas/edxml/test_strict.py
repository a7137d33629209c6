"""What keeps a package from being written as we write it is told: order, prefixes, what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from schemas.edxml.element_tables import BLOCKS, below
from schemas.edxml.elements import Dialect
from schemas.edxml.strict import dialect_of, strictly
from schemas.edxml.strict_xsd import FILES, FOLDER, schema
from schemas.xml import parse
from tests.unit.schemas.samples import OFFICIAL_SAMPLES, changed, sample

XS = "{http://www.w3.org/2001/XMLSchema}"


@pytest.mark.parametrize("name", FILES)
def test_the_schemas_are_what_the_tables_say_today(name: str) -> None:
    # Not equal? python -m schemas.edxml.strict_xsd
    assert (FOLDER / name).read_text(encoding="utf-8") == schema(*FILES[name])


@pytest.mark.parametrize(("root", "dialect"), FILES.values(), ids=FILES)
def test_the_schemas_have_the_elements_in_the_dialects_order(root: str, dialect: Dialect) -> None:
    tree = etree.fromstring(schema(root, dialect).encode())
    for name in below(root):
        found = tree.find(f"{XS}complexType[@name='{name.rpartition(':')[2]}Type']/{XS}sequence")
        assert found is not None
        listed = [element.get("name") for element in found.iter(f"{XS}element")]
        expected = [
            child
            for child in BLOCKS[name].order(dialect)
            if child != "DigitalSignature" or dialect == "dotnet"
        ]
        assert listed == expected


@pytest.mark.parametrize("path", OFFICIAL_SAMPLES, ids=lambda path: path.stem)
def test_official_samples_are_written_as_we_write(path: Path) -> None:
    assert strictly(parse(path.read_bytes())) == []


def test_each_package_is_measured_by_its_own_dialect() -> None:
    assert dialect_of(parse(sample("good/document-dotnet"))) == "dotnet"
    assert dialect_of(parse(sample("good/document-new"))) == "vnpt"
    assert strictly(parse(sample("good/document-dotnet"))) == []


def test_an_element_in_the_wrong_order_is_told_what_belongs_there() -> None:
    (finding,) = strictly(parse(sample("good/document-jar")))
    assert finding.code == "element-misplaced"
    assert finding.message.en == (
        "The element “TraceHeader” stands in the wrong order in “TraceHeaderList”; expected here: nothing more."
    )


def test_a_missing_element_is_missing_not_misplaced() -> None:
    bare = changed("good/document-new", "<edXML:CodeNumber>101</edXML:CodeNumber>", "")
    codes = {finding.code for finding in strictly(parse(bare))}
    assert codes == {"element-missing"}


def test_wrong_prefixes_are_one_finding_each_with_their_number() -> None:
    (finding,) = [
        each for each in strictly(parse(sample("odd/document-gateway"))) if each.code == "prefix-wrong"
    ]
    assert finding.line == 3
    assert "must be “edXML”, got “q1”, on “edXMLEnvelope” and 71 other elements" in finding.message.en


def test_a_prefix_outside_the_envelope_is_as_wrong_as_none_inside() -> None:
    text = sample("good/document-new").decode("utf-8")
    prefixed = text.replace("<Attachment>", "<e:Attachment>").replace("</Attachment>", "</e:Attachment>")
    prefixed = prefixed.replace(
        "<edXML xmlns=", '<edXML xmlns:e="http://www.mic.gov.vn/TBT/QCVN_102_2016" xmlns='
    )
    (finding,) = strictly(parse(prefixed.encode()))
    assert (finding.code, "got “e”" in finding.message.en) == ("prefix-wrong", True)


def test_signatures_are_left_to_those_who_made_them() -> None:
    assert strictly(parse(sample("odd/placeholder-signature"))) == []
