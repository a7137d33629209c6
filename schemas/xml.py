"""The only XML parser we ever build.

Cheap looks at the bytes come first: they refuse whatever has no place in a package before a parser sees it,
and they are linear, whatever the bytes are. Then one parse, without DTD, entities, network or recovery. Then
limits on the tree.

1. Bytes: not empty, not too large, UTF-8 (a UTF-8 BOM is accepted), a prolog without DOCTYPE, comment or
   processing instruction, at most so many tags and namespaces.
2. Parse. What the parser complains of becomes one finding in our own words.
3. Tree: no comments, no processing instructions, limited depth, attributes and lengths.

Comments and processing instructions are refused because they split text nodes: what a reader sees and what
was signed can then differ. CDATA is accepted: the parser turns it into plain text, as canonicalisation does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml import etree

from schemas import xml_findings as kinds
from schemas.findings import Finding, InvalidDocument, Kind
from schemas.paths import line_of, local_name, place_of
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may ask of us. Honest ones need a tenth of each, at most."""

    bytes: int = 100 * 1024 * 1024
    tags: int = 400_000  # every "<": two for most elements
    depth: int = 64
    prefixes: int = 64  # different prefixes declared
    declarations: int = 4096  # every "xmlns": the official form repeats one for each attachment
    attributes: int = 32  # on one element
    attribute_length: int = 65_536


LIMITS = Limits()


def parse(content: bytes, limits: Limits = LIMITS, *, whole: int | None = None) -> etree._ElementTree:
    """Return the tree of a package, or raise InvalidDocument with the one thing that is wrong.

    `whole` is how many octets the package has if `content` only stands for it (`schemas.skeleton`).
    """
    if whole is None:
        whole = len(content)
        if whole > limits.bytes:
            raise InvalidDocument((kinds.TOO_LARGE.at(expected=limits.bytes, got=whole),))
    signs = _check_bytes(content, limits, whole)
    tree = _parsed(content)
    # An attribute, and the declaration of a namespace, costs an "=": honest packages have few, and are not searched.
    crowded = signs > limits.attributes or whole > limits.attribute_length
    _check_tree(tree, limits, attributes=crowded)
    return tree


# 1. The bytes

BOM = b"\xef\xbb\xbf"
# Possessive quantifiers (*+): a megabyte of blanks must not make the pattern try every way to split it.
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?+(?:<\?xml\s[^>]{0,200}\?>)?+\s*+<[A-Za-z_:\x80-\xff]")
_ENCODING = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([^\"'>]{0,80})")
_PREFIX = re.compile(rb"xmlns(?::[^\s=]++)?+")


def _check_bytes(content: bytes, limits: Limits, whole: int) -> int:
    """Refuse what needs no parser; return how many "=" there are, counted no further than is of interest."""
    if not content:
        raise InvalidDocument((kinds.EMPTY.at(),))
    _check_encoding(content)
    if not _PROLOG.match(content):
        raise InvalidDocument((_wrong_prolog(content),))
    _check_tags(content, limits, whole)
    signs = _count(content, b"=", limits.prefixes)
    if signs > limits.prefixes:
        if content.count(b"xmlns") > limits.prefixes:
            _check_namespaces(content, limits)
        _check_attribute_count(content, limits, whole)
    return signs


def _check_encoding(content: bytes) -> None:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:4]:
        raise InvalidDocument((kinds.NOT_UTF8.at(1, got="UTF-16/UTF-32"),))
    declared = _ENCODING.match(content)
    if declared and declared[1].upper() not in (b"UTF-8", b"UTF8"):
        raise InvalidDocument((kinds.NOT_UTF8.at(1, got=_shown(declared[1])),))


def _wrong_prolog(content: bytes) -> Finding:
    """Return why the content does not open with `declaration? blank* <root`."""
    head = content[:65_536].removeprefix(BOM)
    body = head.lstrip()
    if not body and len(content) <= len(head) + len(BOM):
        return kinds.EMPTY.at(1)
    if body != head and body.startswith(b"<?xml"):
        blanks = Text(vi="khoảng trắng", en="white space")
        return kinds.BYTES_BEFORE_XML.at(1, got=blanks)
    if body.startswith(b"<?xml") and b"?>" in body:
        body = body.partition(b"?>")[2].lstrip()
    line = 1 + head[: len(head) - len(body)].count(b"\n")
    if body[:9].upper() == b"<!DOCTYPE":
        return kinds.DOCTYPE.at(line)
    if body.startswith(b"<!--"):
        return kinds.COMMENT.at(line)
    if body.startswith(b"<?") and not body.startswith(b"<?xml"):
        return kinds.PROCESSING_INSTRUCTION.at(line, target=_shown(body[2:42].partition(b" ")[0].strip()))
    return _stray(body, line)


def _stray(body: bytes, line: int) -> Finding:
    before = re.match(rb"[^<]{1,1024}+(?=<\?xml\s|<[A-Za-z_])", body)
    if before:
        return kinds.BYTES_BEFORE_XML.at(line, got=_shown(before[0].strip()))
    if b">" not in body:
        return kinds.TRUNCATED.at(line, element="…") if body.startswith(b"<") else _no_tags(body, line)
    return _no_tags(body, line)


def _no_tags(body: bytes, line: int) -> Finding:
    return kinds.NOT_XML.at(line, detail=_shown(body[:30]))


_FEW = 10_000  # tags, or equals signs, that any package may have
_OCTETS_PER_TAG = 8  # honest ones take fifteen and more: <edXML:Fax>1</edXML:Fax>
_OCTETS_PER_SIGN = 16


def _check_tags(content: bytes, limits: Limits, whole: int) -> None:
    """Refuse what is little but tags: each element costs the parser a hundred octets and more, however short it is."""
    most = min(limits.tags, max(_FEW, whole // _OCTETS_PER_TAG))
    # So short that it cannot hold as many: a tag and its share of the end take 3.5.
    if len(content) >= 3 * most and _count(content, b"<", most) > most:
        raise InvalidDocument((kinds.TOO_MANY_TAGS.at(expected=most),))


def _check_attribute_count(content: bytes, limits: Limits, whole: int) -> None:
    """Refuse what is little but attributes, which take twenty times their size in a tree."""
    most = max(_FEW, whole // _OCTETS_PER_SIGN)
    if len(content) > most and _count(content, b"=", most) > most:
        raise InvalidDocument((kinds.TOO_MANY_ATTRIBUTES.at(element="…", expected=limits.attributes),))


_DENSE = 4096


def _count(content: bytes, byte: bytes, most: int) -> int:
    """Return how often a byte occurs, or one more than `most`: searching for a byte is much faster than counting."""
    found, position = 0, content.find(byte)
    while position >= 0 and found <= most:
        if found == _DENSE:  # so many that counting the rest is faster after all
            return found + content.count(byte, position)
        found += 1
        position = content.find(byte, position + 1)
    return found


def _check_namespaces(content: bytes, limits: Limits) -> None:
    """Count before anything walks them: inclusive canonicalisation of 63 KB of namespaces takes 28 s."""
    found = [match[0] for match in islice(_PREFIX.finditer(content), limits.declarations + 1)]
    if len(found) > limits.declarations or len(set(found)) > limits.prefixes:
        raise InvalidDocument((kinds.TOO_MANY_NAMESPACES.at(expected=limits.prefixes),))


def _shown(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


# 2. The parse


def _parsed(content: bytes) -> etree._ElementTree:
    # A parser of its own for every document (4 us): a shared one would make threads wait for each other.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=True,  # attachments are longer than 10 MB; the limit on entity amplification stays
        collect_ids=False,
        recover=False,
    )
    try:
        return etree.fromstring(content, parser).getroottree()
    except etree.XMLSyntaxError as error:
        raise InvalidDocument((_in_our_words(error, content),)) from error


_ERRORS = etree.ErrorTypes
_PREFIX_MESSAGE = re.compile(r"Namespace prefix (\S+)")
_TAG_MESSAGE = re.compile(r"(?:in tag|Start Tag) (\S+)")
_ENTITY_MESSAGE = re.compile(r"Entity '([^']+)'")
_MISMATCH_MESSAGE = re.compile(r"mismatch: (\S+) line \d+ and (\S+?),")


def _in_our_words(error: etree.XMLSyntaxError, content: bytes) -> Finding:
    """Return our finding for libxml2's error code; of its English text only names are used."""
    message, line = error.msg or "", error.lineno or 1
    code: int = error.code  # type: ignore[attr-defined]  # missing in the stubs
    if code == _ERRORS.NS_ERR_UNDEFINED_NAMESPACE:
        return kinds.UNDECLARED_PREFIX.at(line, prefix=_word(_PREFIX_MESSAGE, message))
    if code == _ERRORS.ERR_DOCUMENT_END:
        return kinds.CONTENT_AFTER_XML.at(line)
    if code == _ERRORS.ERR_TAG_NOT_FINISHED or not content.endswith((b">", b"\n", b"\r", b" ", b"\t")):
        return kinds.TRUNCATED.at(line, element=_word(_TAG_MESSAGE, message))
    if code in (_ERRORS.ERR_INVALID_ENCODING, _ERRORS.ERR_UNSUPPORTED_ENCODING):
        return kinds.NOT_UTF8.at(line, got=Text(vi="byte không thuộc UTF-8", en="bytes that are not UTF-8"))
    if code == _ERRORS.ERR_UNDECLARED_ENTITY:
        return kinds.ENTITY.at(line, entity=_word(_ENTITY_MESSAGE, message))
    if code == _ERRORS.ERR_INVALID_CHAR:
        return kinds.ILLEGAL_CHARACTER.at(line)
    if code == _ERRORS.ERR_RESOURCE_LIMIT and "depth" in message:
        return kinds.TOO_DEEP.at(line, expected=LIMITS.depth)
    if tags := _MISMATCH_MESSAGE.search(message):
        return kinds.TAGS_DO_NOT_MATCH.at(line, expected=tags[1], got=tags[2])
    # Further lines would quote the document.
    return kinds.NOT_XML.at(line, detail=message.partition("\n")[0].split(", line ")[0][:60])


def _word(pattern: re.Pattern[str], message: str) -> str:
    found = pattern.search(message)
    return found[1] if found else "…"


# 3. The tree

_ATTRIBUTES_TO_LOOK_AT = etree.XPath("count(//@*) > $most or boolean(//@*[string-length() > $length])")
_CROWDED = etree.XPath("//*[count(@*) > $most]")
_LONG = etree.XPath("//*[@*[string-length() > $length]]")
_ASIDES: tuple[Any, ...] = (etree.Comment, etree.ProcessingInstruction, etree.Entity)
_DEEPER: dict[int, etree.XPath] = {}
_USUAL_DEPTH = 12


def _check_tree(tree: etree._ElementTree, limits: Limits, *, attributes: bool) -> None:
    if tree.docinfo.doctype:  # type: ignore[attr-defined]  # missing in the stubs
        raise InvalidDocument((kinds.DOCTYPE.at(1),))
    _check_asides(tree)
    _check_depth(tree, limits.depth)
    if attributes:
        _check_attributes(tree, limits)


def _check_asides(tree: etree._ElementTree) -> None:
    """Refuse comments and processing instructions, inside the root element and after it."""
    inside: etree._Element | None = next(tree.iter(*_ASIDES), None)
    aside = tree.getroot().getnext() if inside is None else inside
    if aside is None:
        return
    line, tag = line_of(aside), _ASIDES.index(aside.tag)
    if tag == 0:
        raise InvalidDocument((kinds.COMMENT.at(line),))
    if tag == 1:
        target = str(getattr(aside, "target", "?"))
        raise InvalidDocument((kinds.PROCESSING_INSTRUCTION.at(line, target=target),))
    raise InvalidDocument((kinds.ENTITY.at(line, entity=str(aside.text).strip("&;")),))


def _check_depth(tree: etree._ElementTree, most: int) -> None:
    """Look in two steps: hardly any package is as deep as twelve, and each level looked at costs."""
    if _is_deeper(tree, min(most, _USUAL_DEPTH)) and _is_deeper(tree, most):
        element = _elements(tree.xpath("/*" * (most + 1)))[0]
        raise InvalidDocument((kinds.TOO_DEEP.at(line_of(element), expected=most),))


def _is_deeper(tree: etree._ElementTree, most: int) -> bool:
    if most not in _DEEPER:
        path = "/*" * (most + 1)
        _DEEPER[most] = etree.XPath(f"boolean({path})")  # a node set would cost forty times as much
    return bool(_DEEPER[most](tree))


def _check_attributes(tree: etree._ElementTree, limits: Limits) -> None:
    if not _ATTRIBUTES_TO_LOOK_AT(tree, most=limits.attributes, length=limits.attribute_length):
        return
    for element in _elements(_LONG(tree, length=limits.attribute_length)):
        raise InvalidDocument((_about(kinds.ATTRIBUTE_TOO_LONG, element, limits.attribute_length),))
    for element in _elements(_CROWDED(tree, most=limits.attributes)):
        raise InvalidDocument((_about(kinds.TOO_MANY_ATTRIBUTES, element, limits.attributes),))


def _about(kind: Kind, element: etree._Element, expected: int) -> Finding:
    return kind.at(*place_of(element), element=local_name(element), expected=expected)


def _elements(found: Any) -> list[etree._Element]:
    return list(found)
