"""Show what is in a package: what it says, who it goes to, what its attachments really are; and take them out.

Any package that can be read is shown, sound or not. Needs no hub. Signatures are named, not verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from hub import show as screen
from hub.commands import _package_page as page
from hub.commands._click import argument, command, option
from hub.commands._exits import Exit
from hub.commands._extract import Extracted, extract
from hub.commands._package_shape import plain, shape
from hub.commands._parts import FILE, FOLDER, PackageFile, called, json_option, read_package
from hub.model import utc_now
from hub.show import VIETNAM, Toned
from schemas.catalog import Catalog
from schemas.edxml.contents import Content, contents
from schemas.edxml.envelope import Envelope
from schemas.edxml.signature_blocks import SignatureBlock, signature_blocks
from schemas.text import Text
from schemas.validator import Inspected, inspect


@command(
    "show",
    about=Text(vi="Xem nội dung một gói tin.", en="Show what is in a package."),
    more=Text(
        vi="Không cần trục. Tệp đính kèm được mô tả theo nội dung thật, không theo tên; --extract ghi các tệp ra đĩa.",
        en="Needs no hub. Attachments are told by what they are, not by their names; --extract takes them out safely.",
    ),
    examples=(
        ("edochub show cong-van.edxml", Text(vi="Xem nội dung gói tin.", en="See what is in a package.")),
        (
            "edochub show cong-van.edxml --extract attachments",
            Text(vi="Ghi các tệp đính kèm ra thư mục.", en="Write its attachments into a folder."),
        ),
    ),
)
@argument(
    "file",
    type=PackageFile(),
    value=FILE,
    about=Text(vi="Gói tin edXML; “-” là đầu vào chuẩn.", en="The edXML package; “-” is standard input."),
)
@option(
    "--extract",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    value=FOLDER,
    about=Text(
        vi="Ghi các tệp đính kèm vào thư mục này; không ghi đè tệp nào.",
        en="Write the attachments into this folder; nothing is overwritten.",
    ),
)
@json_option
def show(file: Path, folder: Path | None, as_json: bool) -> int:
    """Show one package, and take its attachments out if asked to."""
    inspected = inspect(read_package(file), Catalog.standard(), utc_now().astimezone(VIETNAM).date())
    is_package = isinstance(inspected.said, Envelope)
    inside = list(contents(inspected.tree)) if is_package else []
    blocks = list(signature_blocks(inspected.tree))
    extracted = extract(inspected.tree, folder) if folder is not None and is_package else []
    if as_json:
        screen.as_json(shape(called(file), inspected, inside, blocks, extracted))
    else:
        _tell(inspected, inside, blocks)
        _tell_extracted(extracted)
    return Exit.NO if any(each.path is None for each in extracted) else Exit.YES


def _tell(inspected: Inspected, inside: Sequence[Content], blocks: Sequence[SignatureBlock]) -> None:
    said = inspected.said
    if isinstance(said, Envelope):
        page.envelope(said)
        if said.status is None or inside:
            page.attachments(inside)
    else:
        screen.line(Toned(inspected.standard.summary(said), "strong"))
        screen.facts(_facts(plain(said)), indent=2)
    page.signatures(blocks)
    if inspected.findings:
        count = len(inspected.findings)
        more = Text(
            vi=f"Có {count} điều cần lưu ý; “edochub check” nêu từng điều.",
            en=f"There is something to say about it ({count}); “edochub check” tells what.",
        )
        screen.line("")
        screen.line(Toned(more, "warning" if inspected.sound else "bad"))


def _facts(value: Any, name: str = "") -> list[tuple[Text, object]]:
    """Return the values of a nested structure under their dotted names: for nouns that no page knows."""
    if isinstance(value, dict):
        return [fact for key, each in value.items() for fact in _facts(each, f"{name}.{key}".strip("."))]
    if isinstance(value, list):
        return [fact for at, each in enumerate(value, start=1) for fact in _facts(each, f"{name}.{at}")]
    return [(Text(vi=name, en=name), value)]


def _tell_extracted(extracted: Sequence[Extracted]) -> None:
    for each in extracted:
        if each.path is None:
            reason = each.findings[0].message
            failed = Text(
                vi=f"Không ghi «{each.called}»: {reason.vi}", en=f"Did not write “{each.called}”: {reason.en}"
            )
            screen.complain(Toned(failed, "bad"))
            continue
        written = Text(
            vi=f"Đã ghi {each.path} ({page.size(each.size)})",
            en=f"Wrote {each.path} ({page.size(each.size)})",
        )
        screen.line(Toned(written, "good"))
        if each.path.name != each.called:
            was = Text(vi=f"tên trong gói tin: «{each.called}»", en=f"named “{each.called}” in the package")
            screen.line(f"     {was}")
