"""Our schemas: every dialect fits the lenient one, what we write fits the strict ones, and two libraries agree."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import xmlschema

from schemas.edxml.element_tables import NAMES
from schemas.edxml.envelope import PackageKind
from schemas.edxml.package import parts_of
from schemas.edxml.reader import read
from schemas.edxml.standard import XSD, examine, qcvn_102_2016
from schemas.edxml.strict import strict_schema
from schemas.xml import parse
from tests.unit.schemas.samples import GOOD, ODD, OFFICIAL, OFFICIAL_SAMPLES, SAMPLES, TODAY, changed, sample

LENIENT = qcvn_102_2016().schema


@pytest.mark.parametrize("name", GOOD + ODD)
def test_every_dialect_fits_the_lenient_schema(name: str) -> None:
    assert LENIENT.accepts(parse((SAMPLES / name).read_bytes()))


@pytest.mark.parametrize("path", OFFICIAL_SAMPLES, ids=lambda path: path.stem)
def test_official_samples_fit_both_schemas(path: Path) -> None:
    tree = parse(path.read_bytes())
    assert LENIENT.accepts(tree)
    assert strict_schema(read(tree).kind).accepts(tree)


@pytest.mark.parametrize("path", sorted(XSD.glob("*.xsd")), ids=lambda path: path.stem)
def test_a_second_library_finds_no_fault_with_our_schemas(path: Path) -> None:
    made = xmlschema.XMLSchema10(str(path), allow="sandbox", base_url=str(XSD))
    assert made.all_errors == []


@pytest.mark.parametrize("name", ["good/document-dotnet", "good/document-jar", "odd/document-gateway"])
def test_dialects_do_not_fit_the_strict_schema(name: str) -> None:
    assert not strict_schema(PackageKind.NEW).accepts(parse(sample(name)))


def test_each_dialect_fits_its_own_strict_schema_only() -> None:
    ours, dotnet = parse(sample("good/document-new")), parse(sample("good/document-dotnet"))
    assert strict_schema(PackageKind.NEW, "dotnet").accepts(dotnet)
    assert not strict_schema(PackageKind.NEW, "dotnet").accepts(ours)


def test_the_strict_schema_keeps_lengths_and_dates() -> None:
    strict = strict_schema(PackageKind.NEW)
    assert strict.accepts(parse(sample("good/document-new")))
    assert not strict.accepts(
        parse(changed("good/document-new", "<edXML:Place>T", f"<edXML:Place>{'T' * 50}"))
    )
    assert not strict.accepts(parse(sample("bad/date-day-first")))


def test_a_signature_stands_in_the_header_and_nowhere_else() -> None:
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>'
    inside = changed("good/document-new", "    </edXML:edXMLHeader>", f"{signature}</edXML:edXMLHeader>")
    outside = changed("good/document-new", "  <AttachmentEncoded>", f"{signature}<AttachmentEncoded>")
    assert LENIENT.accepts(parse(inside))
    assert not LENIENT.accepts(parse(outside))


def test_a_package_without_a_header_is_examined_without_rules() -> None:
    envelope, findings = examine(parse(sample("bad/no-envelope")), TODAY)
    assert findings == []
    assert envelope.receivers == ()


def test_children_are_walked_once() -> None:
    parts = parts_of(parse(sample("good/document-new")))
    assert parts.of(parts.message_header) is parts.header


@pytest.mark.parametrize("table", sorted(OFFICIAL.parents[1].glob("reference/edxml-elements.csv")))
def test_every_element_of_the_reference_table_is_known(table: Path) -> None:
    with table.open(encoding="utf-8") as lines:
        paths = [row["path"] for row in csv.DictReader(lines)]
    names = {path.rpartition("/")[2] for path in paths if "@" not in path and "/Signature/" not in path}
    assert names - {"edXML"} <= set(NAMES)
