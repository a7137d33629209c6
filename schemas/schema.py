"""One XML schema: accepted by lxml in microseconds, explained by xmlschema when it refuses.

lxml's verdict decides. xmlschema is a hundred times slower and only finds the words; where it has none (the two
differ in corners of XSD), lxml's own record says at least where the trouble is. Neither library's sentences are
shown: theirs are English and may be as long as the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from lxml import etree

from schemas import structure_findings as kinds
from schemas.findings import Finding
from schemas.paths import local_name, place_of
from schemas.text import Text

MOST_FINDINGS = 50
NOTHING = Text(vi="không còn phần tử nào", en="nothing more")
_DAY = "[0-9]{4}/(0[1-9]|1[0-2])/(0[1-9]|[12][0-9]|3[01])"
# What the patterns in our schemas mean to people.
PATTERNS = {
    "-?[0-9]{0,9}": Text(vi="số nguyên", en="an integer"),
    "-?[0-9]{1,9}": Text(vi="số nguyên", en="an integer"),
    "[0-9]{1,3}": Text(vi="số từ 0 đến 999", en="a number from 0 to 999"),
    "[01]": Text(vi="0 hoặc 1", en="0 or 1"),
    "[0-9A-Za-z.]{1,35}": Text(
        vi="mã định danh, tối đa 35 ký tự", en="an agency code of at most 35 characters"
    ),
    "cid:\\S+": Text(vi="cid: và một mã không có khoảng trắng", en="cid: and a token without blanks"),
    _DAY: Text(vi="yyyy/MM/dd", en="yyyy/MM/dd"),
    f"{_DAY} ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]": Text(
        vi="yyyy/MM/dd HH:mm:ss", en="yyyy/MM/dd HH:mm:ss"
    ),
}
# xmlschema takes about 30 us an element: beyond this many it would take longer than a sender should wait.
MOST_ELEMENTS_EXPLAINED = 5_000


@dataclass(frozen=True)
class Schema:
    """An XSD file, compiled at once by lxml and on the first refusal by xmlschema."""

    path: Path
    _compiled: etree.XMLSchema = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiled", self._compile())

    def _compile(self) -> etree.XMLSchema:
        return etree.XMLSchema(etree.parse(self.path))

    def accepts(self, tree: etree._ElementTree) -> bool:
        """Return whether the tree fits the schema."""
        return bool(self._compiled.validate(tree))

    def prepare(self) -> None:
        """Load what `explain` needs. It takes a second, which the first sender of a faulty document else waits for."""
        self._explainer  # noqa: B018

    def explain(self, tree: etree._ElementTree) -> tuple[Finding, ...]:
        """Return what is wrong with a tree that does not fit: at least one finding, at most 50."""
        few = etree.XPath(f"count(//*) <= {MOST_ELEMENTS_EXPLAINED}")(tree)
        return (self._explained(tree) if few else ()) or self._located(tree)

    @cached_property
    def _explainer(self) -> Any:
        # Imported late: it takes longer to load than all our own code, and honest packages never need it.
        import xmlschema

        return xmlschema.XMLSchema10(str(self.path), allow="sandbox", base_url=str(self.path.parent))

    def _explained(self, tree: etree._ElementTree) -> tuple[Finding, ...]:
        from xmlschema.exceptions import XMLSchemaException

        findings: list[Finding] = []
        try:
            for error in islice(self._explainer.iter_errors(tree), MOST_FINDINGS):
                findings.extend(_in_our_words(error))
        except (XMLSchemaException, ValueError, TypeError, KeyError):
            # It raises instead of reporting in some corners (an xsi:type that names nothing): lxml's record will do.
            return ()
        return tuple(dict.fromkeys(findings))[:MOST_FINDINGS]

    def _located(self, tree: etree._ElementTree) -> tuple[Finding, ...]:
        schema = self._compile()  # its own: the log of the shared one may be another thread's
        schema.validate(tree)
        log: Any = schema.error_log
        entries = list(islice(log, MOST_FINDINGS))
        return tuple(_from_log(entry) for entry in entries) or (
            kinds.STRUCTURE_WRONG.at(1, element=local_name(tree.getroot()), detail="XSD"),
        )


def _from_log(entry: Any) -> Finding:
    element = entry.message.partition("'")[2].partition("'")[0].rpartition("}")[2]
    detail = str(entry.type_name).removeprefix("SCHEMAV_").replace("_", " ").lower()
    return kinds.STRUCTURE_WRONG.at(entry.line, element=element or "?", detail=detail)


def _in_our_words(error: Any) -> Iterator[Finding]:
    """Yield our findings for an error of xmlschema, recognised by its type and validator, not by its words."""
    from xmlschema.validators import XsdAttributeGroup

    if getattr(error, "invalid_tag", None):
        yield _unexpected_child(error, error.elem[error.index])
    elif isinstance(error.validator, XsdAttributeGroup):
        yield from _attributes(error.elem, error.validator)
    else:
        yield _of_element(error)


def _of_element(error: Any) -> Finding:
    from xmlschema.validators import XsdElement, XsdGroup, XsdSimpleType

    element: etree._Element = error.elem
    place, name = place_of(element), local_name(element)
    if getattr(error, "expected", None):
        expected = ", ".join(_names(error.expected))
        return kinds.ELEMENT_MISSING.at(*place, element=expected, parent=name)
    if isinstance(error.validator, XsdGroup) and _stray_text(element):
        return kinds.TEXT_UNEXPECTED.at(*place, element=name)
    if isinstance(error.validator, XsdElement) and len(element):
        return kinds.CHILDREN_UNEXPECTED.at(*place, element=name)
    values = _values(error.validator)
    if values or isinstance(error.validator, XsdSimpleType):
        expected_value = values or Text(vi="giá trị đúng kiểu dữ liệu", en="a value of the right type")
        return kinds.VALUE_WRONG.at(*place, element=name, got=str(error.obj).strip(), expected=expected_value)
    return kinds.STRUCTURE_WRONG.at(*place, element=name, detail=type(error.validator).__name__)


def _attributes(element: etree._Element, known: Any) -> Iterator[Finding]:
    """Yield what is wrong with an element's attributes: all that are missing in one finding, all strangers in one."""
    place, name = place_of(element), local_name(element)
    missing = [required for required in known.iter_required() if required not in element.attrib]
    strangers = [str(attribute) for attribute in element.attrib if attribute not in known]
    if missing:
        yield kinds.ATTRIBUTE_MISSING.at(*place, element=name, expected=", ".join(missing))
    if strangers:
        shown = ", ".join(attribute.rpartition("}")[2] for attribute in strangers)
        yield kinds.ATTRIBUTE_UNEXPECTED.at(*place, element=name, got=shown)
    if not missing and not strangers:
        yield kinds.STRUCTURE_WRONG.at(*place, element=name, detail="attribute")


def _unexpected_child(error: Any, child: etree._Element) -> Finding:
    parent, name = error.elem, local_name(child)
    allowed = _names(error.validator.iter_elements())
    present = {local_name(sibling) for sibling in parent}
    place = place_of(child)
    before = sum(1 for _ in child.itersiblings(str(child.tag), preceding=True))
    ours = etree.QName(child).namespace == etree.QName(parent).namespace
    if ours and before and name in allowed:
        return kinds.ELEMENT_REPEATED.at(*place, element=name, parent=local_name(parent))
    missing = [wanted for wanted in _names(error.expected or ()) if wanted not in present]
    if missing and name in allowed:
        return kinds.ELEMENT_MISSING.at(
            *place_of(parent), element=", ".join(missing), parent=local_name(parent)
        )
    if ours and name in allowed:
        expected = _names(error.expected or ()) or _after(allowed, child)
        return kinds.ELEMENT_MISPLACED.at(
            *place, element=name, parent=local_name(parent), expected=", ".join(expected) or NOTHING
        )
    return kinds.ELEMENT_UNEXPECTED.at(
        *place,
        element=name if ours else str(child.tag),
        parent=local_name(parent),
        expected=", ".join(name for name in allowed if name not in present) or NOTHING,
    )


def _after(allowed: list[str], child: etree._Element) -> list[str]:
    """Return what may follow the sibling before a child."""
    previous = child.getprevious()
    name = "" if previous is None else local_name(previous)
    return allowed[allowed.index(name) + 1 :] if name in allowed else allowed


def _names(particles: Any) -> list[str]:
    return [str(getattr(particle, "local_name", None) or "*") for particle in particles]


def _stray_text(element: etree._Element) -> bool:
    pieces = [element.text, *(child.tail for child in element)]
    return any(piece and piece.strip() for piece in pieces)


def _values(validator: Any) -> str | Text:
    """Return what a facet allows: its enumeration, its pattern or its length."""
    from xmlschema.validators.facets import XsdMaxLengthFacet, XsdMinLengthFacet

    if values := getattr(validator, "enumeration", None):
        return ", ".join(str(value) for value in values)
    if patterns := getattr(validator, "regexps", None):
        return PATTERNS.get(patterns[0], ", ".join(patterns))
    if isinstance(validator, XsdMaxLengthFacet):
        most = validator.value
        return Text(vi=f"tối đa {most} ký tự", en=f"at most {most} characters")
    if isinstance(validator, XsdMinLengthFacet):
        return Text(vi="không được để trống", en="not empty")
    return ""
