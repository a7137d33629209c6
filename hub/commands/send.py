"""Hand packages in, as an endpoint would: each is checked, recorded and queued, or refused with every reason.

What is accepted is safe on disk when this returns. The running server delivers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub import show
from hub.commands import _tables
from hub.commands._click import argument, command
from hub.commands._exits import Exit
from hub.commands._parts import FILE, PackageFile, as_endpoint, called, json_option, read_package
from hub.commands._session import Session
from hub.errors import Refusal
from hub.model import Accepted
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one package."""

    file: str
    outcome: Accepted | Refusal

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes: the API's answer, and which file it is about."""
        if isinstance(self.outcome, Accepted):
            return {"file": self.file, **self.outcome.as_json()}
        return {
            "file": self.file,
            "id": self.outcome.id,
            "state": "refused",
            "error": self.outcome.as_json(),
            "findings": [finding.as_json() for finding in self.outcome.findings],
        }


@command(
    "send",
    about=Text(vi="Gửi gói tin với tư cách một điểm kết nối.", en="Hand in packages as an endpoint."),
    more=Text(
        vi="Gửi lại cùng một gói tin không gây hại: trục trả về mã cũ và không chuyển thêm lần nào.",
        en="Sending the same package again does no harm: the hub gives the first id back and delivers nothing more.",
    ),
    examples=(
        (
            "edochub send 12-qd-ubnd.edxml --as so-noi-vu",
            Text(vi="Gửi một gói tin với tư cách điểm kết nối.", en="Send a package as this endpoint."),
        ),
    ),
)
@argument(
    "files",
    nargs=-1,
    required=True,
    type=PackageFile(),
    value=FILE,
    about=Text(vi="Các gói tin edXML; “-” là đầu vào chuẩn.", en="edXML packages; “-” is standard input."),
)
@as_endpoint
@json_option
@click.pass_obj
def send(session: Session, files: Sequence[Path], endpoint_id: str, as_json: bool) -> int:
    """Hand in each package; exit code 1 if one is refused."""

    async def hand_in(hub: Hub) -> list[Sent]:
        endpoint = await hub.endpoint(endpoint_id)
        sent = []
        for path in files:
            content = read_package(path, hub.config.server.package_bytes)
            try:
                sent.append(Sent(called(path), await hub.accept(endpoint, content)))
            except Refusal as refusal:
                sent.append(Sent(called(path), refusal))
        return sent

    sent = session.ask(hand_in)
    if as_json:
        show.as_json({"documents": [each.as_json() for each in sent]})
    else:
        for each in sent:
            _tell(each)
    return Exit.YES if all(isinstance(each.outcome, Accepted) for each in sent) else Exit.NO


def _tell(sent: Sent) -> None:
    outcome = sent.outcome
    if isinstance(outcome, Refusal):
        refused = Text(
            vi=f"{sent.file}: bị từ chối. {outcome.message.vi}",
            en=f"{sent.file}: refused. {outcome.message.en}",
        )
        show.complain(Toned(refused, "bad"))
        for line in _reasons(outcome):
            show.complain(line)
        return
    again = Text(vi=" (đã gửi trước đó)", en=" (sent before)") if outcome.duplicate else ""
    accepted = Text(vi="đã tiếp nhận", en="accepted")
    show.line(Toned(f"{sent.file}: {accepted}, {outcome.message.id}{again}", "good"))
    _tables.findings(outcome.message.findings)
    _tables.deliveries(outcome.deliveries, message=False)


def _reasons(refusal: Refusal) -> list[str]:
    lines = []
    for finding in refusal.findings:
        if len(refusal.findings) > 1 or finding.message != refusal.message or finding.path:
            lines.append(f"  - {show.place(finding)}{finding.message}")
        lines.append(f"    → {finding.remedy} ({finding.code})")
    if refusal.id:
        lines.append(
            str(
                Text(
                    vi=f"  Xem lại: edochub trace {refusal.id}", en=f"  See again: edochub trace {refusal.id}"
                )
            )
        )
    return lines
