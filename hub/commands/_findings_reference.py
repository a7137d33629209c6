"""`docs/findings.md`: everything that can be found wrong with a document, made from the declarations themselves.

    python -m hub.commands._findings_reference > docs/findings.md

A test compares the file with what this makes, so the document cannot fall behind.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType

import hub.findings
import signing
from schemas import catalog, structure_findings, validator, xml_findings
from schemas.catalog import Catalog
from schemas.edxml import strict
from schemas.findings import KINDS, Kind
from schemas.text import Text
from signing import policy
from signing.verdict import REASONS

INTRODUCTION = """\
# Những điều có thể tìm thấy · What can be found

Trang này được tạo ra từ chính chương trình; đừng sửa tay. This page is made from the program itself; do not edit it.

    python -m hub.commands._findings_reference > docs/findings.md

Mã không bao giờ đổi: phần mềm bên gửi dựa vào đó. Codes never change: senders' software matches on them.
Phần trong ngoặc nhọn được thay bằng giá trị cụ thể. What stands in braces is filled in.

**error · lỗi**: văn bản bị từ chối · the document is refused.
**warning · lưu ý**: văn bản vẫn được chuyển · it is carried.
"""


def reference() -> str:
    """Return the whole document."""
    return INTRODUCTION + "".join(_chapters()) + "".join(_reasons())


def groups() -> Iterator[tuple[Text, tuple[Kind, ...]]]:
    """Yield every kind once, by what finds it."""
    seen: set[str] = set()
    for title, kinds in _grouped():
        fresh = tuple(kind for kind in dict.fromkeys(kinds) if kind.code not in seen)
        seen.update(kind.code for kind in fresh)
        yield title, fresh


def _grouped() -> Iterator[tuple[Text, Iterable[Kind]]]:
    yield Text(vi="Không đọc được", en="Not readable"), _declared(xml_findings)
    yield (
        Text(vi="Không rõ chuẩn", en="Not of a known standard"),
        [*_declared(catalog), *_declared(validator)],
    )
    yield Text(vi="Cấu trúc", en="Structure"), _declared(structure_findings)
    for rule in Catalog.standard().rules:
        title = Text(vi=f"Quy tắc `{rule.id}`: {rule.about.vi}", en=f"Rule `{rule.id}`: {rule.about.en}")
        yield title, rule.kinds
    yield (
        Text(vi="Viết không đúng mẫu (--strict)", en="Not as the samples are written (--strict)"),
        _declared(strict),
    )
    yield Text(vi="Chữ ký số", en="Signatures"), [policy.NOT_JUDGED, *policy.KIND_OF.values()]
    yield Text(vi="Ai gửi, gửi cho ai", en="Who sends to whom"), _declared(hub.findings)
    yield Text(vi="Khác", en="Others"), KINDS.values()


def _declared(module: ModuleType) -> list[Kind]:
    return [value for value in vars(module).values() if isinstance(value, Kind)]


def _chapters() -> Iterator[str]:
    for title, kinds in groups():
        if not kinds:
            continue
        yield f"\n## {title.vi} · {title.en}\n\n| | | vi | en |\n|---|---|---|---|\n"
        for kind in kinds:
            sentence, remedy = kind.message, kind.remedy
            yield (
                f"| `{kind.code}` | {kind.severity} | {_cell(sentence.vi)}<br>→ {_cell(remedy.vi)} "
                f"| {_cell(sentence.en)}<br>→ {_cell(remedy.en)} |\n"
            )


REASONS_CHAPTER = """
## Lý do trong kết quả kiểm tra chữ ký · Reasons of verdicts on signatures

Mỗi chữ ký có kết quả riêng với các lý do sau; dòng không có mũi tên là tin tốt hoặc ghi chú.
Each signature has a verdict of its own, with these reasons; those without an arrow are good news, or notes.

| vi | en | |
|---|---|---|
"""


def _reasons() -> Iterator[str]:
    """Yield every reason that a verdict can have, in whatever module of `signing` it is declared."""
    for module in pkgutil.iter_modules(signing.__path__):
        if module.name.startswith("reasons"):
            importlib.import_module(f"signing.{module.name}")
    yield REASONS_CHAPTER
    for code, reason in sorted(REASONS.items()):
        known = policy.KIND_OF.get(code)
        remedy = reason.remedy or (known.remedy if known else None)
        vi, en = _cell(reason.message.vi), _cell(reason.message.en)
        if remedy is not None:
            vi, en = f"{vi}<br>→ {_cell(remedy.vi)}", f"{en}<br>→ {_cell(remedy.en)}"
        yield f"| {vi} | {en} | `{code}` |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(reference())
