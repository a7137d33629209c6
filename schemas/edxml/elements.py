"""What an element of a package is: its name, what people call it, how often it stands, how long it may be.

The tables themselves are `element_tables`; reader, writer, rules, the strict schemas' test and `docs/format.md` all
look there, so that none of them can say something else. The text of the standard is not public: presence and lengths
are what real checkers and Annex VI of NĐ 30/2020/NĐ-CP ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, get_args

from schemas.text import Text

# Whose order of elements a package is written in: the Java SDK's and the official samples', or the .NET SDK's, which
# is that of the regulation's paragraphs.
Dialect = Literal["vnpt", "dotnet"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)


class Presence(StrEnum):
    """How much an element is missed."""

    REQUIRED = "required"  # refused without it
    ADVISED = "advised"  # a warning without it
    EXPECTED = "expected"  # the official form has it, and nobody complains
    CONDITIONAL = "conditional"  # needed by what else the package says
    OPTIONAL = "optional"


class Form(StrEnum):
    """What the value of an element looks like."""

    GROUP = "group"  # elements, no value
    WORDS = "words"
    AGENCY_CODE = "agency-code"
    DAY = "day"
    MOMENT = "moment"
    INTEGER = "integer"
    COUNT = "count"
    FLAG = "flag"
    BOOLEAN = "boolean"
    CODE = "code"  # of a table in `codes`
    CONTENT_ID = "content-id"
    MEDIA_TYPE = "media-type"
    BASE64 = "base64"


PRESENCES: Mapping[Presence, Text] = {
    Presence.REQUIRED: Text(vi="bắt buộc", en="required"),
    Presence.ADVISED: Text(vi="nên có (cảnh báo nếu thiếu)", en="advised (a warning without)"),
    Presence.EXPECTED: Text(vi="mẫu có, được phép trống", en="in the form, may be empty"),
    Presence.CONDITIONAL: Text(vi="có điều kiện", en="conditional"),
    Presence.OPTIONAL: Text(vi="tùy chọn", en="optional"),
}
FORMS: Mapping[Form, Text] = {
    Form.GROUP: Text(vi="nhóm phần tử", en="elements"),
    Form.WORDS: Text(vi="chữ", en="text"),
    Form.AGENCY_CODE: Text(vi="mã định danh", en="agency code"),
    Form.DAY: Text(vi="ngày yyyy/MM/dd", en="day yyyy/MM/dd"),
    Form.MOMENT: Text(
        vi="thời điểm yyyy/MM/dd HH:mm:ss, giờ Việt Nam", en="time yyyy/MM/dd HH:mm:ss, Vietnam's time"
    ),
    Form.INTEGER: Text(vi="số nguyên", en="integer"),
    Form.COUNT: Text(vi="số từ 0 đến 999", en="number from 0 to 999"),
    Form.FLAG: Text(vi="0 hoặc 1", en="0 or 1"),
    Form.BOOLEAN: Text(vi="true hoặc false", en="true or false"),
    Form.CODE: Text(vi="mã, xem bảng mã", en="code, see the tables"),
    Form.CONTENT_ID: Text(vi="cid: và một mã", en="cid: and a token"),
    Form.MEDIA_TYPE: Text(vi="kiểu MIME", en="MIME type"),
    Form.BASE64: Text(vi="base64", en="base64"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element in its block. `of` is the block that it holds, "" for a value."""

    name: str
    about: Text
    clause: str = ""  # paragraph of the regulation, as far as it is known
    presence: Presence = Presence.OPTIONAL
    repeats: bool = False
    longest: int | None = None
    form: Form = Form.WORDS
    of: str = ""
    added: bool = False  # by a vendor; the regulation does not have it


@dataclass(frozen=True, slots=True)
class Block:
    """Elements that stand together, in the order of the official samples."""

    name: str
    about: Text
    elements: tuple[Element, ...]
    dotnet: tuple[str, ...] = ()  # the .NET SDK's order, where it is another one

    def order(self, dialect: Dialect) -> tuple[str, ...]:
        """Return the names of the elements in the order of a dialect."""
        return (self.dotnet if dialect == "dotnet" else ()) or tuple(
            element.name for element in self.elements
        )

    def names(self) -> frozenset[str]:
        """Return the names of the elements."""
        return frozenset(element.name for element in self.elements)

    def repeating(self) -> frozenset[str]:
        """Return the names of the elements that may stand more often than once."""
        return frozenset(element.name for element in self.elements if element.repeats)


def value(name: str, vi: str, en: str, presence: Presence = Presence.OPTIONAL, **more: object) -> Element:
    """Return an element with a value."""
    return Element(name=name, about=Text(vi=vi, en=en), presence=presence, **more)  # type: ignore[arg-type]


def group(
    name: str, vi: str, en: str, of: str, presence: Presence = Presence.OPTIONAL, **more: object
) -> Element:
    """Return an element that holds a block."""
    about = Text(vi=vi, en=en)
    return Element(name=name, about=about, of=of, presence=presence, form=Form.GROUP, **more)  # type: ignore[arg-type]


def walk(blocks: Mapping[str, Block], block: str, parent: str) -> Iterator[tuple[str, Element]]:
    """Yield every element of a block and below, each with the name of its parent element, from the top down."""
    for element in blocks[block].elements:
        yield parent, element
        if element.of:
            yield from walk(blocks, element.of, element.name)
