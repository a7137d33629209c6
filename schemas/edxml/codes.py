"""The code tables of QCVN 102:2016/BTTTT, and the syntax of agency codes. What a code means to people is here only.

No official table of DocumentType/TypeDetail was found, so it is not here; TypeName is what people read. What the
sources disagree about is said beside the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from schemas.edxml.envelope import PackageKind, Priority
from schemas.text import Text

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

STATUSES: Mapping[str, Text] = {
    "01": Text(vi="Đã đến", en="Arrived"),
    "02": Text(vi="Từ chối tiếp nhận", en="Refused"),
    "03": Text(vi="Đã tiếp nhận", en="Accepted"),
    "04": Text(vi="Phân công xử lý", en="Assigned"),
    "05": Text(vi="Đang xử lý", en="In progress"),
    "06": Text(vi="Hoàn thành", en="Done"),
    "13": Text(vi="Yêu cầu lấy lại", en="Asks to take back"),
    "15": Text(vi="Đồng ý cập nhật, lấy lại", en="Agrees to update or take back"),
    "16": Text(vi="Từ chối cập nhật, lấy lại", en="Refuses update or take back"),
}
# The .NET sample called "_15" writes 14. No source gives 14 a meaning of its own.
STATUS_ALIASES: Mapping[str, str] = {"14": "15"}
STATUSES_WITH_REASON = frozenset({"02", "13", "16"})

KINDS_OF_PACKAGE: Mapping[str, PackageKind] = {
    "0": PackageKind.NEW,
    "1": PackageKind.REVOKE,
    "2": PackageKind.UPDATE,
    "3": PackageKind.REPLACE,
}
KIND_CODES: Mapping[PackageKind, str] = {kind: code for code, kind in KINDS_OF_PACKAGE.items()}
KIND_NAMES: Mapping[PackageKind, Text] = {
    PackageKind.NEW: Text(vi="Văn bản mới", en="New document"),
    PackageKind.REVOKE: Text(vi="Thu hồi văn bản", en="Revocation"),
    PackageKind.UPDATE: Text(vi="Cập nhật văn bản", en="Update"),
    PackageKind.REPLACE: Text(vi="Thay thế văn bản", en="Replacement"),
    PackageKind.STATUS: Text(vi="Trạng thái xử lý văn bản", en="Status of a document"),
}
PRIORITY_NAMES: Mapping[Priority, Text] = {
    Priority.NORMAL: Text(vi="Thường", en="Normal"),
    Priority.URGENT: Text(vi="Khẩn", en="Urgent"),
    Priority.VERY_URGENT: Text(vi="Thượng khẩn", en="Very urgent"),
    Priority.EXPRESS: Text(vi="Hỏa tốc", en="Express"),
    Priority.TIMED_EXPRESS: Text(vi="Hỏa tốc hẹn giờ", en="Timed express"),
}

# Sources disagree: one has no 0, another means by 0 what this one means by 1. 0 and 1 are treated alike.
STEERING: Mapping[str, Text] = {
    "0": Text(vi="Không chỉ đạo", en="Not steering"),
    "1": Text(vi="Không chỉ đạo", en="Not steering"),
    "2": Text(vi="Văn bản chỉ đạo", en="Steering document"),
    "3": Text(vi="Báo cáo thực hiện chỉ đạo", en="Report on a steering document"),
}
# Unreliable: the Java SDK writes 1 for any document, the .NET SDK the number of the kind in a list (18 for công văn).
DOCUMENT_CLASSES: Mapping[str, Text] = {
    "1": Text(vi="Văn bản quy phạm pháp luật", en="Legal normative document"),
    "2": Text(vi="Văn bản hành chính", en="Administrative document"),
}
PAPER: Mapping[str, Text] = {
    "0": Text(vi="Không gửi bản giấy", en="No paper copy"),
    "1": Text(vi="Có gửi bản giấy", en="A paper copy follows"),
}
DIRECTIONS: Mapping[str, Text] = {
    "true": Text(vi="Có", en="Yes"),
    "false": Text(vi="Không", en="No"),
}

# The 29 kinds of administrative document of NĐ 30/2020/NĐ-CP with their abbreviations; two have none.
ADMINISTRATIVE_KINDS: Mapping[str, str] = {
    "nghị quyết": "NQ", "quyết định": "QĐ", "chỉ thị": "CT", "quy chế": "QC", "quy định": "QyĐ",
    "thông cáo": "TC", "thông báo": "TB", "hướng dẫn": "HD", "chương trình": "CTr", "kế hoạch": "KH",
    "phương án": "PA", "đề án": "ĐA", "dự án": "DA", "báo cáo": "BC", "biên bản": "BB", "tờ trình": "TTr",
    "hợp đồng": "HĐ", "công văn": "", "công điện": "CĐ", "bản ghi nhớ": "BGN", "bản thỏa thuận": "BTT",
    "giấy ủy quyền": "GUQ", "giấy mời": "GM", "giấy giới thiệu": "GGT", "giấy nghỉ phép": "GNP",
    "phiếu gửi": "PG", "phiếu chuyển": "PC", "phiếu báo": "PB", "thư công": "",
}  # fmt: skip
NORMATIVE_KINDS = frozenset({
    "hiến pháp", "bộ luật", "luật", "pháp lệnh", "lệnh", "nghị quyết", "nghị quyết liên tịch", "nghị định",
    "quyết định", "thông tư", "thông tư liên tịch",
})  # fmt: skip


def normal_status(code: str) -> str | None:
    """Return the status code to act on: 14 is read as 15, and None means that nobody knows the code."""
    code = STATUS_ALIASES.get(code, code)
    return code if code in STATUSES else None


def status_name(code: str) -> Text:
    """Return what a status code means, for any code."""
    known = normal_status(code)
    if known is None:
        return Text(vi=f"Trạng thái không rõ ({code or 'trống'})", en=f"Unknown status ({code or 'empty'})")
    return STATUSES[known]


def kind_name(kind: PackageKind) -> Text:
    """Return what a package does."""
    return KIND_NAMES[kind]


def priority_of(text: str) -> Priority | None:
    """Return the priority that a value names, or None."""
    return Priority(int(text)) if text in {"0", "1", "2", "3", "4"} else None


class Scheme(StrEnum):
    """How an agency code is built."""

    QCVN102 = "qcvn102"  # 000.00.13.H49: four groups, level 1 on the right, zeros for levels not used
    QD20 = "qd20"  # H49.13: level 1 on the left, no zeros; at most 35 characters
    PROVISIONAL = "provisional"  # made up by this hub (H49.X06652): nobody outside of it knows the code
    UNKNOWN = "unknown"  # test systems, old registers: only the registry can tell


LONGEST_CODE = 35  # QĐ 20/2020/QĐ-TTg
_FOUR_GROUPS = re.compile(r"[0-9A-Z]{3}(?:\.[0-9A-Z]{2}){2}\.[A-Z][0-9]{2}")
_LEVEL_1 = re.compile(r"[A-Z][0-9]{2}")
_QD20 = re.compile(r"[0-9A-Z]+(?:\.[0-9A-Z]+)*")
_WIDTHS = (2, 2, 3)  # of the groups left of level 1, from the right


def scheme_of(code: str) -> Scheme:
    """Return the scheme that the syntax of a code tells. The registry, not this, says whether it exists."""
    groups = code.split(".")
    if _FOUR_GROUPS.fullmatch(code):
        return Scheme.QCVN102
    if len(groups) > 1 and _LEVEL_1.fullmatch(groups[-1]) and not _LEVEL_1.fullmatch(groups[0]):
        return Scheme.QCVN102  # cut down, like 28.22.H17 in an official sample
    if len(code) <= LONGEST_CODE and _QD20.fullmatch(code):
        return Scheme.QD20
    return Scheme.UNKNOWN


def mirrored(code: str) -> str:
    """Return the same code in the other scheme: 000.20.32.H53 <-> H53.32.20.

    A proposal for matching only: agencies were free to renumber when QĐ 20/2020 came, so the registry decides. A code
    that has no form in the other scheme is returned as it is.
    """
    groups = code.split(".")
    if scheme_of(code) is Scheme.QCVN102:
        return ".".join(group for group in reversed(groups) if group.strip("0"))
    if not _LEVEL_1.fullmatch(groups[0]) or len(groups) > 1 + len(_WIDTHS):
        return code
    lower = groups[1:] + [""] * (1 + len(_WIDTHS) - len(groups))
    if any(len(group) not in (0, width) for group, width in zip(lower, _WIDTHS, strict=True)):
        return code
    filled = [group or "0" * width for group, width in zip(lower, _WIDTHS, strict=True)]
    return ".".join([*reversed(filled), groups[0]])
