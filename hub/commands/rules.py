"""List the rules that documents are checked by, or tell one of them with all that it can find."""

from __future__ import annotations

from typing import Any

from hub import show
from hub.commands._click import argument, command, wrong_usage
from hub.commands._exits import Exit
from hub.commands._parts import json_option
from hub.commands._tables import SEVERITIES
from hub.show import Toned
from schemas.catalog import Catalog
from schemas.findings import Kind
from schemas.rule import Rule
from schemas.text import Sentence, Text

COLUMNS = (
    Text(vi="Quy tắc", en="Rule"),
    Text(vi="Mức", en="Severity"),
    Text(vi="Từ ngày", en="Since"),
    Text(vi="Căn cứ", en="Clause"),
    Text(vi="Nội dung", en="What must be so"),
)


@command(
    "rules",
    about=Text(
        vi="Liệt kê các quy tắc kiểm tra văn bản.", en="List the rules that documents are checked by."
    ),
    more=Text(
        vi="Kèm mã quy tắc: nêu mọi điều quy tắc đó có thể tìm thấy và cách sửa từng điều.",
        en="With the id of one: everything that it can find, and the remedy for each.",
    ),
    examples=(
        (
            "edochub rules",
            Text(vi="Các quy tắc kiểm tra văn bản.", en="List the rules that documents are checked by."),
        ),
    ),
)
@argument(
    "rule_id",
    required=False,
    value=Text(vi="QUY_TẮC", en="RULE"),
    about=Text(
        vi="Chỉ quy tắc này, với mọi lỗi và cách sửa.", en="This rule only, with its findings and remedies."
    ),
)
@json_option
def rules(rule_id: str | None, as_json: bool) -> int:
    """Tell all rules, or one."""
    known = Catalog.standard().rules
    if rule_id is None:
        _tell_all(known, as_json=as_json)
        return Exit.YES
    _tell_one(_found(rule_id, known), as_json=as_json)
    return Exit.YES


def _found(rule_id: str, known: tuple[Rule[Any], ...]) -> Rule[Any]:
    """Return the rule of that id, or the one that finds what is so called; people copy both from a report."""
    for rule in known:
        if rule.id == rule_id:
            return rule
    for rule in known:
        if any(kind.code == rule_id for kind in rule.kinds):
            return rule
    names = ", ".join(rule.id for rule in known)
    there_are = Text(vi=f"không có quy tắc này; đang có: {names}", en=f"no such rule; there are: {names}")
    raise wrong_usage(there_are, "rule_id")


def _tell_all(known: tuple[Rule[Any], ...], *, as_json: bool) -> None:
    if as_json:
        show.as_json({"rules": [rule.as_json() for rule in known]})
        return
    rows = [[rule.id, SEVERITIES[rule.severity], rule.effective, rule.citation, rule.about] for rule in known]
    show.table(COLUMNS, rows)


def _tell_one(rule: Rule[Any], *, as_json: bool) -> None:
    if as_json:
        show.as_json(rule.as_json())
        return
    show.line(Toned(f"{rule.id}: {rule.about}", "strong"))
    show.facts([(COLUMNS[3], rule.citation), (COLUMNS[2], rule.effective)], indent=2)
    for kind in rule.kinds:
        _tell_kind(kind)


def _tell_kind(kind: Kind) -> None:
    severity = SEVERITIES[kind.severity]
    show.line(Toned(f"  {severity.value}: {kind.code}", severity.tone))
    show.line(f"     {_spoken(kind.message)}")
    show.line(f"     → {_spoken(kind.remedy)}")


def _spoken(sentence: Sentence) -> str:
    """Return a sentence with its blanks as they are: in braces, each by its name."""
    return str(Text(vi=sentence.vi, en=sentence.en))
