"""Say whom the hub trusts: add and remove certificates, fetch revocation data, and find out why one is not trusted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from hub import show
from hub.commands._click import argument, command, group, option, wrong_usage
from hub.commands._exits import Exit
from hub.commands._parts import FILE, json_option
from hub.commands._session import Session
from hub.commands._trust_look import certificates_in, chosen, look, moment
from hub.commands._trust_page import (
    CLASS_NAMES,
    facts,
    file_name,
    list_date,
    say,
    say_refreshed,
    shape,
    warn_if_issued_by_another,
)
from hub.model import utc_now
from hub.show import Toned
from schemas.text import Text
from signing import trust_folder
from signing.certificates import Certificate, UnreadableCertificate
from signing.trust import TrustStore
from signing.trust_folder import AnchorClass

INTERMEDIATE = "intermediate"
CLASSES = (*(str(kind) for kind in AnchorClass if kind is not AnchorClass.OTHER), INTERMEDIATE)

yes_option = option(
    "--yes",
    is_flag=True,
    about=Text(vi="Thực hiện thật, không chỉ hiện ra.", en="Do it, do not only show it."),
)


@group("trust", about=Text(vi="Trục tin cậy chứng thư nào.", en="Whom the hub trusts."))
def trust() -> None:
    """Certificates are in the folder that `[trust]` names."""


@command(
    "add",
    about=Text(vi="Thêm chứng thư của tổ chức chứng thực.", en="Add certificates of authorities."),
    more=Text(
        vi="Hãy đối chiếu dấu vân tay SHA-256 với nơi cấp qua một kênh khác, rồi chạy lại với --yes.",
        en="Compare the SHA-256 fingerprint with the authority by another way, then run again with --yes.",
    ),
    examples=(
        (
            "edochub trust add ca.pem --class official-duty",
            Text(
                vi="Tin một cơ quan chứng thực chuyên dùng công vụ.",
                en="Trust an authority of official duty.",
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
    about=Text(vi="Tệp chứng thư, PEM hoặc DER.", en="A file of certificates, PEM or DER."),
)
@option(
    "--class",
    "kind",
    type=click.Choice(CLASSES),
    required=True,
    about=Text(
        vi="Loại: chuyên dùng công vụ, công cộng, nước ngoài, dấu thời gian, hoặc trung gian (không phải gốc).",
        en="Its class: official duty, public, foreign, time stamps, or intermediate (no anchor).",
    ),
)
@yes_option
@click.pass_obj
def add(session: Session, files: Sequence[Path], kind: str, yes: bool) -> int:
    """Show each certificate; add them all, or none."""
    found = [certificate for file in files for certificate in _readable(file)]
    for certificate in found:
        show.facts(facts(certificate))
        if certificate.summary.not_after < utc_now():
            show.complain(
                Toned(Text(vi="Chứng thư này đã hết hạn.", en="This certificate has expired."), "warning")
            )
    if kind != INTERMEDIATE:
        for certificate in found:
            warn_if_issued_by_another(certificate)
    unfit = [certificate for certificate in found if not certificate.is_authority]
    for certificate in unfit:
        show.complain(
            Text(
                vi=f"{certificate.summary.subject}: không phải chứng thư của tổ chức chứng thực.",
                en=f"{certificate.summary.subject}: not the certificate of an authority.",
            )
        )
    if unfit:
        return Exit.NO
    if not yes:
        show.line(
            Text(
                vi="Chưa thêm gì. Đối chiếu dấu vân tay rồi chạy lại với --yes.",
                en="Nothing was added yet. Compare the fingerprints, then run again with --yes.",
            )
        )
        return Exit.NO
    # Only a command that writes needs it.
    from hub.durable import write_durably

    folder = _folder(session) / (trust_folder.INTERMEDIATES if kind == INTERMEDIATE else kind)
    folder.mkdir(parents=True, exist_ok=True)
    new = [certificate for certificate in found if not (folder / file_name(certificate)).exists()]
    for certificate in new:
        write_durably(folder / file_name(certificate), certificate.der)
    said = Text(vi=f"Đã thêm {len(new)} chứng thư.", en=f"Added certificates: {len(new)}.")
    if (there := len(found) - len(new)) > 0:
        said = Text(vi=f"{said.vi} Đã có từ trước: {there}.", en=f"{said.en} There already: {there}.")
    show.line(Toned(said, "good"))
    return Exit.YES


@command(
    "list",
    about=Text(vi="Liệt kê chứng thư tin cậy.", en="List the certificates that are trusted."),
    examples=(("edochub trust list", Text(vi="Các chứng thư được tin cậy.", en="List what is trusted.")),),
)
@json_option
@click.pass_obj
def listed(session: Session, as_json: bool) -> None:
    """List what was laid down, and how fresh what is known of revocations is."""
    contents, store = trust_folder.read(_folder(session)), _store(session)
    if as_json:
        show.as_json(
            {
                "certificates": [shape(laid, store) for laid in contents.laid],
                "fetched": [each.summary.as_json() for each in store.fetched],
                "ocsp_answers": len(store.revocation.responses),
                "problems": [
                    {"file": each.file, "message": each.message.as_json()} for each in store.problems
                ],
            }
        )
        return
    columns = [
        Text(vi="Loại", en="Class"),
        Text(vi="Chủ thể", en="Subject"),
        Text(vi="Hết hạn", en="Valid until"),
        Text(vi="SHA-256", en="SHA-256"),
        Text(vi="Danh sách thu hồi ngày", en="Revocation list of"),
    ]
    rows = [
        [
            CLASS_NAMES[laid.kind],
            laid.certificate.summary.subject,
            laid.certificate.summary.not_after,
            laid.certificate.summary.sha256[:16],
            list_date(laid.certificate, store),
        ]
        for laid in contents.laid
    ]
    show.table(
        columns,
        rows,
        empty=Text(
            vi="Chưa tin cậy chứng thư nào; thêm bằng “edochub trust add TỆP --class …”.",
            en="Nobody is trusted yet; add with “edochub trust add FILE --class …”.",
        ),
    )
    for problem in store.problems:
        show.complain(problem.message)


@command(
    "refresh",
    about=Text(vi="Lấy dữ liệu thu hồi ngay bây giờ.", en="Fetch revocation data now."),
    more=Text(
        vi="Tiến trình phục vụ tự làm việc này đều đặn, cho những người ký mà trục đã gặp. Nêu TỆP để lấy cả "
        "dữ liệu cho chứng thư chưa gặp. Mã kết thúc 4 nếu có nơi không trả lời đúng.",
        en="The server does this by itself, for the signers that it has seen. Name a FILE to fetch for a certificate "
        "that was not seen yet. Exit code 4 if an address gave nothing usable.",
    ),
    examples=(
        ("edochub trust refresh", Text(vi="Tải ngay dữ liệu thu hồi.", en="Fetch revocation data now.")),
    ),
)
@argument(
    "files",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(vi="Tệp chứng thư, hoặc gói tin đã ký.", en="A file of certificates, or a signed package."),
)
@json_option
@click.pass_obj
def refresh(session: Session, files: Sequence[Path], as_json: bool) -> int:
    """Fetch lists, OCSP answers and missing issuers into the folder."""
    # Only this command needs the network.
    from hub.trusting import Trusting

    trusting = Trusting(session.config, utc_now)
    store = trusting.load()
    for found in map(certificates_in, files):
        if found:
            look(found, store, utc_now())  # the store keeps the paths that it was asked for
    done = asyncio.run(trusting.fetch(store))
    if as_json:
        failures = [{"url": each.url, "message": each.message.as_json()} for each in done.failures]
        show.as_json({"updated": done.updated, "unchanged": done.unchanged, "failures": failures})
    else:
        say_refreshed(done)
    return Exit.UNREACHABLE if done.failures else Exit.YES


@command(
    "check",
    about=Text(
        vi="Xem một chứng thư có được tin cậy không, và vì sao.",
        en="See whether a certificate is trusted, and why or why not.",
    ),
    more=Text(
        vi="Không dùng mạng. Mã kết thúc: 0 được, 1 không được hoặc đã thu hồi, 3 chưa biết có bị thu hồi không.",
        en="Uses no network. Exit codes: 0 yes, 1 no or revoked, 3 not known whether it was revoked.",
    ),
    examples=(
        (
            "edochub trust check so-noi-vu.pem --at 2026-11-02",
            Text(
                vi="Ngày ấy chứng thư có được tin không, vì sao.",
                en="Was the certificate trusted on that day, and why.",
            ),
        ),
    ),
)
@argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(vi="Tệp chứng thư, hoặc gói tin đã ký.", en="A file of certificates, or a signed package."),
)
@option(
    "--at",
    "at_text",
    value=Text(vi="NGÀY", en="DATE"),
    about=Text(
        vi="Xét tại ngày (hoặc giờ) này; mặc định là bây giờ.", en="At that day (or time); now, by default."
    ),
)
@json_option
@click.pass_obj
def check(session: Session, file: Path, at_text: str | None, as_json: bool) -> int:
    """Show the path found and what is known of revocation, or every reason why there is none."""
    try:
        at = moment(at_text) if at_text else utc_now()
    except ValueError as error:
        wanted = Text(vi="cần một ngày như 2026-11-22", en="expected a date such as 2026-11-22")
        raise wrong_usage(wanted, "at_text") from error
    found = certificates_in(file)
    if not found:
        show.complain(
            Text(
                vi=f"Không có chứng thư nào đọc được trong {file}.",
                en=f"There is no readable certificate in {file}.",
            )
        )
        return Exit.NO
    looked = look(found, _store(session), at)
    if as_json:
        show.as_json(looked.as_json())
    else:
        say(looked)
    return looked.exit


@command(
    "remove",
    about=Text(vi="Thôi tin cậy một chứng thư.", en="Trust a certificate no longer."),
    examples=(
        (
            "edochub trust remove 9f86d081884c7d65",
            Text(
                vi="Không tin chứng thư này nữa; “trust list” cho biết mã băm.",
                en="Trust it no longer; “trust list” shows fingerprints.",
            ),
        ),
    ),
)
@argument(
    "fingerprint",
    value=Text(vi="DẤU_VÂN_TAY", en="FINGERPRINT"),
    about=Text(
        vi="SHA-256 của nó, hoặc phần đầu từ 8 ký tự.", en="Its SHA-256, or the first 8 characters or more."
    ),
)
@yes_option
@click.pass_obj
def remove(session: Session, fingerprint: str, yes: bool) -> int:
    """Remove the file of one certificate."""
    wanted = fingerprint.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{8,64}", wanted):
        raise wrong_usage(
            Text(vi="cần 8 đến 64 chữ số thập lục phân", en="expected 8 to 64 hex digits"), "fingerprint"
        )
    found = chosen(trust_folder.read(_folder(session)).laid, wanted)
    if isinstance(found, Text):
        show.complain(found)
        return Exit.NO
    show.facts(facts(found[0].certificate))
    if not yes:
        show.line(
            Text(vi="Chưa xóa gì. Chạy lại với --yes.", en="Nothing was removed yet. Run again with --yes.")
        )
        return Exit.NO
    from hub.durable import sync_folder

    for file in {each.file for each in found}:
        file.unlink()
        sync_folder(file.parent)
    show.line(Toned(Text(vi="Đã xóa.", en="Removed."), "good"))
    return Exit.YES


def _folder(session: Session) -> Path:
    settings = session.config
    return settings.path(settings.trust.anchors)


def _store(session: Session) -> TrustStore:
    seconds = session.config.trust.revocation_age_seconds
    return TrustStore.from_folder(_folder(session), revocation_age=timedelta(seconds=seconds))


def _readable(file: Path) -> Sequence[Certificate]:
    try:
        return trust_folder.read_certificates(file)
    except (ValueError, UnreadableCertificate) as error:
        unreadable = Text(
            vi=f"{file} không phải chứng thư đọc được", en=f"{file} is not a readable certificate"
        )
        raise wrong_usage(unreadable, "files") from error


for each in (add, listed, refresh, check, remove):
    trust.add_command(each)
