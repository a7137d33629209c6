"""Manifest and attachments name the same files, each once. Compared by ContentId, with or without `cid:`.

Where the two say different things of a file, real packages are right in the attachment: a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.edxml.package import Package, Parts, first, text_of, words
from schemas.edxml.reader import content_id_of
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import local_name, place_of
from schemas.text import Sentence, Text

_FIX = Sentence(
    vi="Ghi mỗi tệp đính kèm đúng một lần ở «edXMLManifest» và một lần ở «AttachmentEncoded», cùng «ContentId».",
    en="Name each attachment once in “edXMLManifest” and once in “AttachmentEncoded”, with one “ContentId”.",
)
ATTACHMENT_MISSING = Kind(
    "attachment-missing",
    Severity.ERROR,
    Sentence(
        vi="Danh mục có tệp «{content_id}» nhưng gói tin không chứa tệp đó.",
        en="The manifest names the file “{content_id}”, but the package does not contain it.",
    ),
    _FIX,
)
ATTACHMENT_UNLISTED = Kind(
    "attachment-unlisted",
    Severity.ERROR,
    Sentence(
        vi="Gói tin chứa tệp «{content_id}» không có trong danh mục «edXMLManifest».",
        en="The package contains the file “{content_id}”, which “edXMLManifest” does not name.",
    ),
    _FIX,
)
CONTENT_ID_TWICE = Kind(
    "content-id-twice",
    Severity.ERROR,
    Sentence(
        vi="«ContentId» «{content_id}» xuất hiện nhiều hơn một lần.",
        en="The “ContentId” “{content_id}” occurs more than once.",
    ),
    _FIX,
)
CONTENT_ID_MISSING = Kind(
    "content-id-missing",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» không có «ContentId».",
        en="The element “{element}” has no “ContentId”.",
    ),
    _FIX,
)
MANIFEST_DIFFERS = Kind(
    "manifest-differs",
    Severity.WARNING,
    Sentence(
        vi="Danh mục ghi «{element}» của tệp «{content_id}» là «{listed}», còn tệp đính kèm ghi «{got}»; lấy theo tệp.",
        en="The manifest has “{listed}” as “{element}” of “{content_id}”, the attachment “{got}”; the latter counts.",
    ),
    Sentence(
        vi="Ghi cùng một «{element}» ở «edXMLManifest» và ở «AttachmentEncoded».",
        en="Write the same “{element}” in “edXMLManifest” and in “AttachmentEncoded”.",
    ),
)

_COMPARED = ("AttachmentName", "ContentType")

Named = list[tuple[str, etree._Element]]


def check(package: Package) -> Iterator[Finding]:
    """Yield a finding for each ContentId that is missing, repeated, or on one side only."""
    parts = package.parts
    listed = [(content_id_of(parts, element), element) for element in parts.references]
    enclosed = [(content_id_of(parts, element), element) for element in parts.attachments]
    yield from _each_once(listed)
    yield from _each_once(enclosed)
    here, there = dict(listed), dict(enclosed)
    if here.keys() != there.keys():
        yield from _missing(listed, enclosed, ATTACHMENT_MISSING)
        yield from _missing(enclosed, listed, ATTACHMENT_UNLISTED)
    yield from _different(parts, here, there)


def _each_once(named: Named) -> Iterator[Finding]:
    seen: set[str] = set()
    for content_id, element in named:
        if not content_id:
            yield CONTENT_ID_MISSING.at(*place_of(element), element=local_name(element))
        elif content_id in seen:
            yield CONTENT_ID_TWICE.at(*place_of(element), content_id=content_id)
        seen.add(content_id)


def _missing(here: Named, there: Named, kind: Kind) -> Iterator[Finding]:
    known = {content_id for content_id, _ in there}
    for content_id, element in here:
        if content_id and content_id not in known:
            yield kind.at(*place_of(element), content_id=content_id)


def _different(
    parts: Parts, listed: dict[str, etree._Element], enclosed: dict[str, etree._Element]
) -> Iterator[Finding]:
    for content_id, element in listed.items():
        there = parts.of(enclosed.get(content_id))
        for name in _COMPARED:
            says, got = first(parts.of(element), name), words(there, name)
            if says is not None and got and text_of(says) not in ("", got):
                yield MANIFEST_DIFFERS.at(
                    *place_of(says), element=name, content_id=content_id, listed=text_of(says), got=got
                )


RULE = PackageRule(
    id="manifest",
    about=Text(
        vi="Danh mục và các tệp đính kèm nói về cùng những tệp, mỗi tệp một lần, với cùng tên và kiểu.",
        en="Manifest and attachments name the same files, each once, by the same names and types.",
    ),
    citation=qcvn("danh mục tệp đính kèm", "manifest"),
    effective=STANDARD_SINCE,
    kinds=(ATTACHMENT_MISSING, ATTACHMENT_UNLISTED, CONTENT_ID_TWICE, CONTENT_ID_MISSING, MANIFEST_DIFFERS),
    check=check,
)
