"""`edochub client`: what an integrator's system does with a hub, from a shell, without one of its own.

It needs the hub's address and the endpoint's secret, and no configuration. What is sent with an outbox, and what is
polled, survives a power cut at any moment: see `outbox.py` and `intake.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from adapters.client import _page as page
from adapters.client._options import connected, opened, outbox_option
from adapters.client.client import Client
from adapters.client.intake import Intake
from adapters.client.outbox import Outbox, Outcome
from hub import show
from hub.commands._click import argument, command, group, option
from hub.commands._parts import CODE, DELIVERY, FILE, FOLDER, json_option, write_package
from hub.errors import Refusal, Unavailable
from hub.show import Toned
from schemas.edxml.codes import status_name
from schemas.text import Text

DOCUMENT = Text(vi="VĂN_BẢN", en="DOCUMENT")
SECONDS = Text(vi="GIÂY", en="SECONDS")


@group(
    "client",
    about=Text(
        vi="Gửi, lấy, trả lời văn bản qua API của một trục ở nơi khác.",
        en="Send, fetch and answer documents through the API of a hub elsewhere.",
    ),
)
def client() -> None:
    """An integrator's side of the API."""


@command(
    "send",
    about=Text(vi="Gửi gói tin.", en="Send packages."),
    more=Text(
        vi="Gửi lại cùng một gói tin không gây trùng. Mã kết thúc: 1 nếu có gói bị từ chối, 4 nếu chưa gửi được.",
        en="Sending the same package again does it once. Exit code: 1 if one is refused, 4 if one is not sent yet.",
    ),
    examples=(
        (
            "edochub client send van-ban.edxml --outbox outbox --url https://truc.example.vn --token-file token",
            Text(
                vi="Gửi; nếu mất kết nối thì văn bản chờ trong thư mục.",
                en="Send; without a connection it waits in the folder.",
            ),
        ),
    ),
)
@argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(vi="Các gói tin edXML.", en="edXML packages."),
)
@outbox_option()
@connected
@json_option
def send(
    files: Sequence[Path], outbox: Path | None, url: str, token_file: Path | None, tries: int, as_json: bool
) -> int:
    """Send each; with an outbox, everything that waits there too."""
    with opened(url, token_file, tries) as hub:
        if outbox is None:
            return page.outcomes([_sent(hub, each) for each in files], as_json=as_json)
        kept = Outbox(outbox)
        names = {kept.put(each): each for each in files}
        outcomes = [
            Outcome(names.get(each.package, each.package), each.result) for each in kept.work_off(hub)
        ]
        return page.outcomes(outcomes, as_json=as_json)


@command(
    "resume",
    about=Text(vi="Gửi tiếp những gì còn trong hộp gửi đi.", en="Send what still waits in the outbox."),
    more=Text(
        vi="Chạy sau khi mất điện, mất mạng, hoặc theo lịch.",
        en="Run it after a power cut or a lost network, or by a timer.",
    ),
    examples=(
        (
            "edochub client resume --outbox outbox --url https://truc.example.vn --token-file token",
            Text(vi="Gửi tiếp những gì còn chờ.", en="Send what still waits."),
        ),
    ),
)
@outbox_option(required=True)
@connected
@json_option
def resume(outbox: Path, url: str, token_file: Path | None, tries: int, as_json: bool) -> int:
    """Work the outbox off."""
    with opened(url, token_file, tries) as hub:
        return page.outcomes(list(Outbox(outbox).work_off(hub)), as_json=as_json)


@command(
    "poll",
    about=Text(vi="Lấy văn bản đến vào một thư mục.", en="Bring what has come into a folder."),
    more=Text(
        vi="Mỗi văn bản là MÃ_LƯỢT_CHUYỂN.edxml và .json; thấy tệp .edxml là trục đã ghi nhận xong, có thể đọc và "
        "chuyển đi ngay.",
        en="Each document is DELIVERY.edxml and .json; once the .edxml is there the hub knows that it is taken: it can "
        "be read and moved away.",
    ),
    examples=(
        (
            "edochub client poll --into inbox --follow --url https://truc.example.vn --token-file token",
            Text(
                vi="Nhận văn bản đến vào thư mục, liên tục.", en="Bring what comes into a folder, on and on."
            ),
        ),
    ),
)
@option(
    "--into",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    value=FOLDER,
    about=Text(vi="Thư mục nhận.", en="The folder."),
)
@option(
    "--follow", is_flag=True, about=Text(vi="Chờ và lấy mãi, đến khi bị ngắt.", en="Go on until interrupted.")
)
@option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0, 86_400),
    value=SECONDS,
    about=Text(
        vi="Chờ bao lâu nếu chưa có gì; mặc định 0, với --follow là 30.",
        en="How long to wait while there is nothing; 0 by default, 30 with --follow.",
    ),
)
@connected
def poll(
    into: Path, follow: bool, wait_seconds: float | None, url: str, token_file: Path | None, tries: int
) -> None:
    """Bring what waits, once or for as long as we run; print the packages as they come."""
    intake = Intake(into)
    wait = wait_seconds if wait_seconds is not None else (30.0 if follow else 0.0)
    with opened(url, token_file, tries) as hub:
        while True:
            try:
                for package in intake.poll(hub, wait_seconds=wait):
                    show.line(package)
                    show.flush()
            except Unavailable as error:
                if not follow:
                    raise
                show.complain(Toned(error.message, "warning"))
            if not follow:
                return


@command(
    "answer",
    about=Text(
        vi="Trả lời một văn bản bằng mã trạng thái 01 đến 16.", en="Answer a document, with 01 to 16."
    ),
    examples=(
        (
            "edochub client answer 01K9X2M7QD3N8R5T6V0W1Y4Z2B 03 --url https://truc.example.vn --token-file token",
            Text(vi="Báo đã tiếp nhận (mã 03).", en="Say that it was received (code 03)."),
        ),
    ),
)
@argument(
    "document",
    value=DOCUMENT,
    about=Text(
        vi="Định danh của trục (“message” trong tệp .json) hoặc DocumentId.",
        en="The hub's id (“message” in the .json) or the DocumentId.",
    ),
)
@argument("code", value=CODE, about=Text(vi="Mã trạng thái, hai chữ số.", en="The status code, two digits."))
@option(
    "-m",
    "--message",
    "description",
    default="",
    value=Text(vi="DIỄN_GIẢI", en="DESCRIPTION"),
    about=Text(vi="Diễn giải; 02, 13, 16 phải có.", en="A description; 02, 13 and 16 need one."),
)
@option(
    "--to", value=CODE, about=Text(vi="Với 13: hỏi nơi nhận này.", en="With 13: the addressee that is asked.")
)
@option(
    "--from",
    "speaker",
    value=CODE,
    about=Text(
        vi="Nơi nhận trả lời, khi hệ thống là nhiều nơi nhận.", en="Which addressee answers, of several."
    ),
)
@connected
@json_option
def answer(
    document: str,
    code: str,
    description: str,
    to: str | None,
    speaker: str | None,
    url: str,
    token_file: Path | None,
    tries: int,
    as_json: bool,
) -> None:
    """Have the hub write and send a status."""
    with opened(url, token_file, tries) as hub:
        sent = hub.answer(document, code, description, to=to, speaker=speaker)
    if as_json:
        show.as_json(dict(sent.json))
        return
    meant = status_name(code)
    done = Text(vi=f"Đã ghi nhận: {code} – {meant.vi}", en=f"Recorded: {code} – {meant.en}")
    show.line(Toned(f"{done} ({sent.id})", "good"))


@command(
    "decline",
    about=Text(
        vi="Từ chối một lượt chuyển; bên gửi được báo lý do.", en="Refuse a delivery; its sender is told why."
    ),
    examples=(
        (
            'edochub client decline 01K9X2M7QD3N8R5T6V0W1Y4Z2B -m "sai noi nhan" '
            "--url https://truc.example.vn --token-file token",
            Text(vi="Từ chối và cho bên gửi biết lý do.", en="Refuse it and tell the sender why."),
        ),
    ),
)
@argument("delivery", value=DELIVERY, about=Text(vi="Mã lượt chuyển.", en="The delivery's id."))
@option(
    "-m",
    "--message",
    "reason",
    required=True,
    value=Text(vi="LÝ_DO", en="REASON"),
    about=Text(vi="Lý do.", en="The reason."),
)
@connected
def decline(delivery: str, reason: str, url: str, token_file: Path | None, tries: int) -> None:
    """Refuse one delivery."""
    with opened(url, token_file, tries) as hub:
        ended = hub.decline(delivery, reason)
    show.line(f"{ended.id}: {page.state(ended)}")


@command(
    "status",
    about=Text(vi="Xem một văn bản đã gửi đang ở đâu.", en="See how a document stands."),
    examples=(
        (
            "edochub client status 01K9X2M7QD3N8R5T6V0W1Y4Z2B --url https://truc.example.vn --token-file token",
            Text(vi="Văn bản đang ở trạng thái nào.", en="See how the document stands."),
        ),
    ),
)
@argument(
    "document",
    value=DOCUMENT,
    about=Text(vi="Định danh của trục hoặc DocumentId.", en="The hub's id or the DocumentId."),
)
@connected
@json_option
def status(document: str, url: str, token_file: Path | None, tries: int, as_json: bool) -> None:
    """Ask how a document stands."""
    with opened(url, token_file, tries) as hub:
        sent = hub.state(document)
    if as_json:
        show.as_json(dict(sent.json))
    else:
        page.standing(document, sent)


@command(
    "receipt",
    about=Text(
        vi="Lấy biên nhận có ký số của văn bản, lần từ chối hoặc lượt chuyển.",
        en="Get the signed receipt for a document, a refusal or a delivery.",
    ),
    more=Text(
        vi="Kiểm tra: openssl cms -verify -binary -inform DER -in TỆP -CAfile GỐC.pem",
        en="To check it: openssl cms -verify -binary -inform DER -in FILE -CAfile ROOT.pem",
    ),
    examples=(
        (
            "edochub client receipt 01K9X2M7QD3N8R5T6V0W1Y4Z2B -o bien-nhan.json "
            "--url https://truc.example.vn --token-file token",
            Text(vi="Lấy biên nhận đã ký.", en="Get the signed receipt."),
        ),
    ),
)
@argument("reference", value=DOCUMENT, about=Text(vi="Định danh.", en="Its id."))
@option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    value=FILE,
    about=Text(vi="Ghi ra tệp này, hoặc “-”.", en="Write to this file, or “-”."),
)
@connected
def receipt(reference: str, output: Path, url: str, token_file: Path | None, tries: int) -> None:
    """Fetch a receipt and write it."""
    with opened(url, token_file, tries) as hub:
        made = hub.receipt(reference)
    write_package(output, made)


def _sent(hub: Client, package: Path) -> Outcome:
    try:
        return Outcome(package, hub.send(package))
    except (Refusal, Unavailable) as error:
        return Outcome(package, error)


for each in (send, resume, poll, answer, decline, status, receipt):
    client.add_command(each)
