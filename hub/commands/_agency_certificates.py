"""`edochub agencies certificate`: whose certificates are whose, for telling whether a signature fits its sender."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from cryptography import x509

from hub import show
from hub.commands import _completing
from hub.commands._click import argument, command, group, wrong_usage
from hub.commands._parts import CODE, FILE, json_option
from hub.commands._session import Session, operator
from hub.errors import NotFound, Sought
from hub.model import Agency
from hub.show import Toned
from hub.store import certificates as store
from hub.store.certificates import Registered
from schemas.text import Text
from signing import certificates
from signing.certificates import Certificate, UnreadableCertificate

if TYPE_CHECKING:
    from hub.app import Hub

NO_CERTIFICATE = Text(
    vi="tệp không chứa chứng thư đọc được (PEM hoặc DER)",
    en="the file holds no readable certificate (PEM or DER)",
)


@group(
    "certificate",
    about=Text(
        vi="Chứng thư của từng cơ quan, để biết chữ ký có phải của nơi gửi.",
        en="Certificates of agencies, to tell whether a signature is the sender's.",
    ),
)
def certificate() -> None:
    """Certificates that are known to be an agency's."""


code_argument = argument(
    "code",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(vi="Mã cơ quan.", en="The code of the agency."),
)


@command(
    "add",
    about=Text(vi="Đăng ký chứng thư cho một cơ quan.", en="Register a certificate for an agency."),
    examples=(
        (
            "edochub agencies certificate add H49.13 so-noi-vu.pem",
            Text(
                vi="Gắn chứng thư trong tệp với cơ quan.",
                en="Register the certificate in the file for the agency.",
            ),
        ),
    ),
)
@code_argument
@argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(vi="Tệp chứng thư, PEM hoặc DER.", en="The certificate, PEM or DER."),
)
@json_option
@click.pass_obj
def add(session: Session, code: str, file: Path, as_json: bool) -> None:
    """Register one certificate; the first one of the file."""
    read = _read(file)

    async def put_in(hub: Hub) -> tuple[Agency, bool]:
        agency = _agency(hub, code)
        added = await hub.store.write(
            lambda tx: store.add(tx, agency.id, read.summary, operator()), "add_certificate"
        )
        return agency, added

    agency, added = session.ask(put_in)
    if as_json:
        show.as_json({"agency": agency.code, "added": added, "certificate": read.summary.as_json()})
        return
    told = (
        Text(vi=f"Đã đăng ký cho {agency.name}.", en=f"Registered for {agency.name}.")
        if added
        else Text(vi=f"Đã đăng ký cho {agency.name} từ trước.", en=f"Registered for {agency.name} already.")
    )
    show.line(Toned(told, "good"))
    show.facts(
        [
            (Text(vi="Chủ thể", en="Subject"), read.summary.subject),
            (Text(vi="Hết hạn", en="Expires"), read.summary.not_after),
            (Text(vi="SHA-256", en="SHA-256"), read.summary.sha256),
        ]
    )


@command(
    "list",
    about=Text(vi="Liệt kê chứng thư đã đăng ký.", en="List the registered certificates."),
    examples=(
        (
            "edochub agencies certificate list H49.13",
            Text(vi="Chứng thư đã gắn với cơ quan này.", en="List the certificates of this agency."),
        ),
    ),
)
@argument(
    "code",
    value=CODE,
    shell_complete=_completing.agencies,
    required=False,
    about=Text(vi="Chỉ của cơ quan này.", en="Only of this agency."),
)
@json_option
@click.pass_obj
def listed(session: Session, code: str | None, as_json: bool) -> None:
    """List those of one agency, or all."""

    async def look(hub: Hub) -> tuple[list[Registered], dict[str, Agency]]:
        only = _agency(hub, code).id if code else None
        found = await hub.store.read(lambda connection: store.listed(connection, only))
        return found, {agency.id: agency for agency in hub.directory.agencies}

    found, agencies = session.ask(look)
    if as_json:
        show.as_json(
            {"certificates": [{"agency": agencies[each.agency].code, **each.as_json()} for each in found]}
        )
        return
    columns = [
        Text(vi="Mã", en="Code"),
        Text(vi="Cơ quan", en="Agency"),
        Text(vi="Chủ thể", en="Subject"),
        Text(vi="Hết hạn", en="Expires"),
        Text(vi="SHA-256", en="SHA-256"),
    ]
    rows = [
        [
            agencies[each.agency].code,
            agencies[each.agency].name,
            each.subject,
            each.not_after,
            each.sha256[:16],
        ]
        for each in found
    ]
    empty = Text(
        vi="Chưa có chứng thư nào; đăng ký bằng “edochub agencies certificate add MÃ TỆP”.",
        en="There are none; register one with “edochub agencies certificate add CODE FILE”.",
    )
    show.table(columns, rows, empty=empty)


@command(
    "remove",
    about=Text(vi="Bỏ đăng ký một chứng thư.", en="Forget that a certificate is an agency's."),
    examples=(
        (
            "edochub agencies certificate remove H49.13 9f86d081884c7d65",
            Text(
                vi="Gỡ chứng thư có mã băm bắt đầu như vậy; “certificate list” cho biết mã băm.",
                en="Forget the certificate whose digest begins so; “certificate list” shows digests.",
            ),
        ),
    ),
)
@code_argument
@argument(
    "sha256",
    value=Text(vi="SHA256", en="SHA256"),
    about=Text(vi="SHA-256 của chứng thư, hoặc phần đầu.", en="The certificate's SHA-256, or how it begins."),
)
@json_option
@click.pass_obj
def remove(session: Session, code: str, sha256: str, as_json: bool) -> None:
    """Take one certificate out."""

    async def take_out(hub: Hub) -> Agency:
        agency = _agency(hub, code)
        await hub.store.write(
            lambda tx: store.remove(tx, agency.id, sha256, operator()), "remove_certificate"
        )
        return agency

    agency = session.ask(take_out)
    if as_json:
        show.as_json({"agency": agency.code, "removed": sha256})
        return
    show.line(Toned(Text(vi=f"Đã bỏ khỏi {agency.name}.", en=f"Removed from {agency.name}."), "good"))


def _agency(hub: Hub, code: str) -> Agency:
    found = hub.directory.resolve(code)
    if found.agency is None:
        raise NotFound(found.explanation, Sought.AGENCY)
    return found.agency


def _read(file: Path) -> Certificate:
    octets = file.read_bytes()
    try:
        if b"-----BEGIN" in octets:
            return certificates.of(x509.load_pem_x509_certificate(octets))
        return certificates.load(octets)
    except (ValueError, UnreadableCertificate) as error:
        raise wrong_usage(NO_CERTIFICATE, "file") from error


for each in (add, listed, remove):
    certificate.add_command(each)
