"""What `edochub compose` is told of a document: the options, and the draft that they make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from hub.commands import _completing
from hub.commands._click import Decorated, option, wrong_usage
from hub.commands._parts import CODE, DAY, NAME, NUMBER, Day
from schemas.edxml.codes import KIND_NAMES, PRIORITY_NAMES
from schemas.edxml.composer import Draft
from schemas.edxml.envelope import Organization, PackageKind, Priority, Signer
from schemas.text import Text

KINDS = tuple(str(kind) for kind in PackageKind if kind is not PackageKind.STATUS)
WORDS = Text(vi="CHỮ", en="TEXT")
DOCUMENT_ID = Text(vi="ĐỊNH_DANH", en="DOCID")
ABOUT_WHAT = Text(
    vi="Gói tin cập nhật, thay thế hoặc thu hồi phải có --about và --reason.",
    en="An update, replacement or revocation needs --about and --reason.",
)
NO_CODE = Text(vi="Cần mã định danh của nơi nhận trước dấu =.", en="An agency code is needed before the =.")
_PRIORITIES = Text(
    vi="; ".join(f"{int(value)} {name.vi}" for value, name in PRIORITY_NAMES.items()),
    en="; ".join(f"{int(value)} {name.en}" for value, name in PRIORITY_NAMES.items()),
)
_KINDS = Text(
    vi="; ".join(f"{kind} {KIND_NAMES[PackageKind(kind)].vi}" for kind in KINDS),
    en="; ".join(f"{kind} {KIND_NAMES[PackageKind(kind)].en}" for kind in KINDS),
)

_OPTIONS = (
    option(
        "--from",
        "sender",
        required=True,
        value=CODE,
        shell_complete=_completing.agencies,
        about=Text(vi="Mã bên gửi.", en="The sender's code."),
    ),
    option("--from-name", default="", value=NAME, about=Text(vi="Tên bên gửi.", en="The sender's name.")),
    option(
        "--to",
        multiple=True,
        required=True,
        value=Text(vi="MÃ[=TÊN]", en="CODE[=NAME]"),
        shell_complete=_completing.agencies,
        about=Text(
            vi="Mã nơi nhận, kèm tên nếu có; ghi nhiều lần được.",
            en="A receiver's code, and name; repeatable.",
        ),
    ),
    option(
        "--number", required=True, value=NUMBER, about=Text(vi="Số văn bản.", en="The document's number.")
    ),
    option(
        "--notation",
        required=True,
        value=WORDS,
        about=Text(vi="Ký hiệu văn bản.", en="The document's notation."),
    ),
    option("--subject", required=True, value=WORDS, about=Text(vi="Trích yếu.", en="What it is about.")),
    option(
        "--date",
        "issued_on",
        type=Day(),
        value=DAY,
        about=Text(vi="Ngày ban hành; mặc định là hôm nay.", en="The day of issue; today by default."),
    ),
    option("--place", default="", value=WORDS, about=Text(vi="Nơi ban hành.", en="The place of issue.")),
    option(
        "--type-name",
        default="Công văn",
        show_default=True,
        value=WORDS,
        about=Text(vi="Tên loại văn bản.", en="The kind of document."),
    ),
    option(
        "--due",
        "due_on",
        type=Day(),
        value=DAY,
        about=Text(vi="Hạn trả lời.", en="When an answer is due."),
    ),
    option(
        "--priority",
        type=click.IntRange(min(Priority), max(Priority)),
        default=0,
        value=NUMBER,
        about=Text(vi=f"Độ khẩn: {_PRIORITIES.vi}.", en=f"The priority: {_PRIORITIES.en}."),
    ),
    option(
        "--signer",
        "full_name",
        default="",
        value=NAME,
        about=Text(vi="Họ tên người ký.", en="Who signed it."),
    ),
    option(
        "--position", default="", value=WORDS, about=Text(vi="Chức vụ người ký.", en="The signer's position.")
    ),
    option(
        "--competence",
        default="",
        value=WORDS,
        about=Text(vi="Thẩm quyền ký: TM., KT., TL., TUQ.", en="The signer's authority: TM., KT., TL., TUQ."),
    ),
    option(
        "--to-place",
        "to_places",
        multiple=True,
        value=WORDS,
        about=Text(
            vi="Một dòng của phần Nơi nhận; ghi nhiều lần được.",
            en="A line of the receivers in words; repeatable.",
        ),
    ),
    option(
        "--reply-to",
        "answers",
        multiple=True,
        value=DOCUMENT_ID,
        about=Text(
            vi="Định danh văn bản mà văn bản này trả lời; ghi nhiều lần được.",
            en="The identifier of a document that this one replies to; repeatable.",
        ),
    ),
    option("--paper", is_flag=True, about=Text(vi="Có gửi bản giấy.", en="A paper copy follows.")),
    option(
        "--document-id",
        default="",
        value=DOCUMENT_ID,
        about=Text(
            vi="Định danh văn bản; mặc định là MÃ,yyyy/MM/dd,SỐ/KÝ_HIỆU.",
            en="The identifier; CODE,yyyy/MM/dd,NUMBER/NOTATION by default.",
        ),
    ),
    option(
        "--kind",
        type=click.Choice(KINDS),
        default="new",
        about=Text(vi=f"Nghiệp vụ: {_KINDS.vi}.", en=f"What it does: {_KINDS.en}."),
    ),
    option(
        "--about",
        "acts_on",
        default="",
        value=DOCUMENT_ID,
        about=Text(vi="Định danh văn bản được tác động.", en="The identifier of the document acted on."),
    ),
    option("--reason", default="", value=WORDS, about=Text(vi="Lý do.", en="The reason.")),
)


def draft_options(command: Decorated) -> Decorated:
    """Add the options that describe a document."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def draft_of(given: Mapping[str, Any], today: date) -> Draft:
    """Return the draft that the options describe."""
    kind = PackageKind(given["kind"])
    if kind is not PackageKind.NEW and not (given["acts_on"] and given["reason"]):
        raise wrong_usage(ABOUT_WHAT, "kind")
    signer = Signer(competence=given["competence"], position=given["position"], full_name=given["full_name"])
    return Draft(
        sender=Organization(code=given["sender"], name=given["from_name"]),
        receivers=tuple(_organization(each) for each in given["to"]),
        number=given["number"],
        notation=given["notation"],
        subject=given["subject"],
        issued_on=given["issued_on"] or today,
        place=given["place"],
        type_name=given["type_name"],
        due_on=given["due_on"],
        priority=Priority(given["priority"]),
        signer=signer if signer != Signer() else None,
        to_places=tuple(given["to_places"]),
        answers=tuple(given["answers"]),
        paper=given["paper"],
        document_id=given["document_id"],
        kind=kind,
        about=given["acts_on"],
        reason=given["reason"],
    )


def _organization(given: str) -> Organization:
    code, _, name = given.partition("=")
    if not code.strip():
        raise wrong_usage(NO_CODE, "to")
    return Organization(code=code.strip(), name=name.strip())
