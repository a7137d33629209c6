"""What can be wrong with a container, part by part, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.text import Text
from signing import reasons_container as reasons
from signing.verdict import Reason

WHOLE = "ZIP"  # the name of what belongs to no part

# What can be wrong with a part

END = Text(vi="phần cuối mục lục", en="the end of the directory")
BETWEEN = Text(vi="có byte nằm ngoài các phần", en="there are octets between the parts")
DIRECTORY = Text(vi="mục lục", en="its entry in the directory")
LINK = Text(vi="là liên kết tượng trưng", en="it is a symbolic link")
HEADER = Text(vi="phần đầu", en="its header")
LENGTH = Text(vi="độ dài", en="its length")
DESCRIPTOR = Text(vi="phần mô tả dữ liệu", en="its data descriptor")
METHOD = Text(
    vi="được mã hóa hoặc nén theo cách không dùng được", en="it is encrypted or compressed in an unusable way"
)
FOLDER = Text(vi="là thư mục mà lại có nội dung", en="it is a folder and has content")
DEFLATE = Text(vi="không giải nén được", en="it cannot be decompressed")
TWICE = Text(vi="tên lặp lại", en="its name occurs twice")
CHECKSUM = Text(vi="mã kiểm tra CRC-32 sai", en="its CRC-32 does not fit")
BAD_NAME = Text(vi="tên không được phép", en="its name is not allowed")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a part of a container, by the part's name."""

    part: str
    reason: Reason


class Broken(Exception):
    """The part cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.part)
        self.problem = problem


def problem(part: str, detail: Text) -> Problem:
    """Return that a part is damaged, and where."""
    return Problem(part, reasons.CONTAINER_BROKEN.because(part=part, detail=detail))


def broken(part: str, detail: Text) -> Broken:
    """Return the exception."""
    return Broken(problem(part, detail))


def too_large(part: str, limit: str) -> Problem:
    """Return that a part asks too much of us."""
    return Problem(part, reasons.CONTAINER_TOO_LARGE.because(part=part, limit=limit))


def names_of(problems: Sequence[Problem]) -> tuple[str, ...]:
    """Return the names of the parts, each once."""
    return tuple(dict.fromkeys(problem.part for problem in problems))
