"""Make, connect, list and roll over the keys that this hub signs with. docs/keys.md tells how.

A new key comes with a certificate that it signed itself: good for a first trial and for the hub's own receipts. For
documents of an agency, have an authority certify it.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from hub import show
from hub.commands._click import argument, command, group, option, wrong_usage
from hub.commands._exits import Exit
from hub.commands._keys_parts import ROLL_OVER, beginning, chain_in, follow, opening, words
from hub.commands._parts import FILE, NAME, json_option, write_package
from hub.commands._session import Session
from hub.model import utc_now
from hub.show import Toned
from schemas.text import Text
from signing.keys import Algorithm, KeyFolder, KeySummary, SigningKey, generate
from signing.keys_entry import Backend, Entry, Input, Output

passphrase_option = option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(
        vi="Tệp chứa mật khẩu bảo vệ khóa (dòng đầu).",
        en="A file whose first line is the passphrase of the key.",
    ),
)


@group("keys", about=Text(vi="Khóa ký của trục.", en="The hub's signing keys."))
def keys() -> None:
    """Keys are in the folder that `[keys]` names."""


@command(
    "new",
    about=Text(vi="Tạo khóa mới cùng chứng thư tự ký.", en="Make a new key with a self-signed certificate."),
    more=Text(
        vi="Khóa đã có không bao giờ bị ghi đè. Chứng thư tự ký chỉ được tin cậy khi được chép vào thư mục tin cậy.",
        en="An existing key is never replaced. A self-signed certificate is trusted only from a trust folder.",
    ),
    examples=(
        (
            'edochub keys new hub-2027 --subject "CN=Truc lien thong"',
            Text(vi="Tạo khóa mới với chứng thư tự ký.", en="Make a key with a self-signed certificate."),
        ),
    ),
)
@argument(
    "name", value=NAME, about=Text(vi="Tên khóa: chữ thường, chữ số, . _ -", en="Its name: a-z, 0-9, . _ -")
)
@option(
    "--subject",
    value=NAME,
    about=Text(
        vi="Tên chủ thể trong chứng thư; mặc định là tên trục.",
        en="Whom the certificate names; the hub, by default.",
    ),
)
@option(
    "--algorithm",
    type=click.Choice(get_args(Algorithm)),
    default="ecdsa-p256",
    show_default=True,
    about=Text(vi="Loại khóa.", en="The kind of key."),
)
@passphrase_option
@json_option
@click.pass_obj
def new(
    session: Session,
    name: str,
    subject: str | None,
    algorithm: Algorithm,
    passphrase_file: Path | None,
    as_json: bool,
) -> int:
    """Make a key, and refuse to replace one."""
    settings = session.config
    folder = KeyFolder(settings.path(settings.keys.folder))
    if any(key.name == name for key in folder.list()):
        show.complain(
            Text(
                vi=f"Đã có khóa tên {name}; hãy chọn tên khác.",
                en=f"There is a key named {name} already; choose another name.",
            )
        )
        return Exit.NO
    folder.save(
        generate(name, subject or settings.hub.name, utc_now(), algorithm), passphrase(passphrase_file)
    )
    made = next(key for key in folder.list() if key.name == name)
    if as_json:
        show.as_json(summary(made))
    else:
        show.line(Toned(Text(vi=f"Đã tạo khóa {name}.", en=f"The key {name} is made."), "good"))
        show.facts(facts(made))
    return Exit.YES


@command(
    "list",
    about=Text(vi="Liệt kê các khóa.", en="List the keys."),
    examples=(("edochub keys list", Text(vi="Các khóa đang có.", en="List the keys there are.")),),
)
@json_option
@click.pass_obj
def listed(session: Session, as_json: bool) -> None:
    """List what is in the folder, without opening any key."""
    settings = session.config
    found = KeyFolder(settings.path(settings.keys.folder)).list()
    if as_json:
        show.as_json({"keys": [summary(key) for key in found]})
        return
    columns = [
        Text(vi="Khóa", en="Key"),
        Text(vi="Nơi giữ", en="Kept in"),
        Text(vi="Thuật toán", en="Algorithm"),
        Text(vi="Mật khẩu", en="Passphrase"),
        Text(vi="Chủ thể", en="Subject"),
        Text(vi="Cấp bởi", en="Issued by"),
        Text(vi="Hết hạn", en="Valid until"),
        Text(vi="Khóa kế tiếp", en="Followed by"),
    ]
    rows = [
        [
            key.name,
            BACKENDS[key.backend],
            key.algorithm,
            Text(vi="có", en="yes") if key.encrypted else Text(vi="không", en="no"),
            key.certificate.subject,
            key.certificate.issuer,
            key.certificate.not_after,
            ", ".join(f"{each.key} ({show.when(each.since)})" for each in key.next),
        ]
        for key in found
    ]
    empty = Text(
        vi="Chưa có khóa nào; tạo bằng “edochub keys new TÊN”.",
        en="There are no keys; make one with “edochub keys new NAME”.",
    )
    show.table(columns, rows, empty=empty)


BACKENDS: dict[Backend, Text] = {
    "file": Text(vi="tệp", en="file"),
    "pkcs11": Text(vi="PKCS#11", en="PKCS#11"),
    "command": Text(vi="lệnh", en="command"),
}


@command(
    "connect",
    about=Text(
        vi="Dùng khóa nằm trong thiết bị PKCS#11 hoặc sau một lệnh ký.",
        en="Use a key in a PKCS#11 token or behind a signing command.",
    ),
    more=Text(
        vi="Khóa được thử ký ngay, và chỉ được ghi lại khi chữ ký khớp chứng thư.",
        en="The key signs something at once, and is kept only if its value fits the certificate.",
    ),
    examples=(
        (
            'edochub keys connect hub --certificate hub.pem --pkcs11 "pkcs11:token=hub;object=hub"',
            Text(vi="Dùng khóa trong thiết bị PKCS#11.", en="Use a key in a PKCS#11 token."),
        ),
    ),
)
@argument("name", value=NAME, about=Text(vi="Tên khóa trong trục.", en="What the hub calls the key."))
@option(
    "--certificate",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(
        vi="Chứng thư của khóa (PEM), rồi đến các chứng thư trung gian.",
        en="The key's certificate (PEM), then those in between.",
    ),
)
@option(
    "--pkcs11",
    "uri",
    value=Text(vi="ĐỊA_CHỈ", en="URI"),
    about=Text(
        vi="Theo RFC 7512: “pkcs11:token=…;object=…?module-path=…&pin-source=file:…”",
        en="As in RFC 7512: “pkcs11:token=…;object=…?module-path=…&pin-source=file:…”",
    ),
)
@option(
    "--command",
    "line",
    value=Text(vi="LỆNH", en="COMMAND"),
    about=Text(
        vi="Chương trình đọc nội dung ở đầu vào chuẩn, trả chữ ký ở đầu ra chuẩn; {hash} thành tên hàm băm.",
        en="A program: what is signed on stdin, the signature on stdout; {hash} becomes the name of the hash.",
    ),
)
@option(
    "--input",
    "given",
    type=click.Choice(get_args(Input)),
    default="octets",
    show_default=True,
    about=Text(
        vi="Lệnh nhận nội dung hay mã băm.", en="Whether the command gets the octets or their digest."
    ),
)
@option(
    "--output",
    type=click.Choice(get_args(Output)),
    default="der",
    show_default=True,
    about=Text(vi="Dạng chữ ký ECDSA mà lệnh trả về.", en="The form of the command's ECDSA value."),
)
@click.pass_obj
def connect(
    session: Session, name: str, file: Path, uri: str | None, line: str | None, given: Input, output: Output
) -> int:
    """Try the key, and keep where it is."""
    if (uri is None) == (line is None):
        raise wrong_usage(
            Text(vi="cần đúng một trong --pkcs11 và --command", en="expected one of --pkcs11 and --command")
        )
    folder = KeyFolder(session.config.path(session.config.keys.folder))
    entry = (
        Entry(backend="pkcs11", uri=uri)
        if uri is not None
        else Entry(backend="command", argv=words(line or ""), input=given, output=output)
    )
    chain = tuple(certificate.x509 for certificate in chain_in(file))
    key = SigningKey(name, folder.signer(entry, chain), chain)
    key.sign(b"edochub keys connect", hashes.SHA256())
    folder.connect(key, entry)
    show.line(Toned(Text(vi=f"Đã kết nối khóa {name}.", en=f"The key {name} is connected."), "good"))
    show.facts(facts(next(known for known in folder.list() if known.name == name)))
    return Exit.YES


@command(
    "roll",
    about=Text(vi="Chuẩn bị khóa kế tiếp của một khóa.", en="Prepare the key that follows another."),
    more=Text(
        vi="Khóa cũ vẫn ký đến thời điểm đó, và chứng thư của nó được giữ để kiểm tra những gì đã ký.",
        en="The old key signs until then, and its certificate stays, to verify what it signed.",
    ),
    examples=(
        (
            "edochub keys roll hub --from 2027-01-01",
            Text(
                vi="Chuẩn bị khóa kế tiếp, dùng từ ngày ấy.", en="Prepare the next key, in use from that day."
            ),
        ),
    ),
)
@argument("name", value=NAME, about=Text(vi="Khóa đang dùng.", en="The key in use."))
@option(
    "--from",
    "from_text",
    value=Text(vi="NGÀY", en="DATE"),
    about=Text(
        vi="Khóa mới ký từ ngày (hoặc giờ) này; mặc định sau 7 ngày, để kịp chuyển chứng thư mới cho nơi kiểm tra.",
        en="The new key signs from that day (or time); by default in 7 days, so that who verifies can have it.",
    ),
)
@option(
    "--with",
    "successor",
    value=NAME,
    about=Text(
        vi="Khóa đã có dùng làm khóa kế tiếp; mặc định là tạo khóa mới cùng loại, cùng chủ thể.",
        en="A key there is that follows; by default a new one of the same kind and subject is made.",
    ),
)
@passphrase_option
@click.pass_obj
def roll(
    session: Session, name: str, from_text: str | None, successor: str | None, passphrase_file: Path | None
) -> int:
    """Say which key signs from when on."""
    now = utc_now()
    try:
        since = beginning(from_text) if from_text else now + ROLL_OVER
    except ValueError as error:
        wanted = Text(vi="cần một ngày như 2027-01-01", en="expected a date such as 2027-01-01")
        raise wrong_usage(wanted, "from_text") from error
    if since <= now:
        raise wrong_usage(Text(vi="cần một thời điểm sau bây giờ", en="expected a time to come"), "from_text")
    folder = KeyFolder(session.config.path(session.config.keys.folder))
    coming = [each for each in folder.entry(name).next if each.since > now]
    if coming and from_text is None:
        waiting = coming[-1]
        show.complain(
            Text(
                vi=f"Khóa {waiting.key} đã chờ ký thay khóa {name} từ {show.when(waiting.since)}; chưa làm gì thêm. "
                "Muốn thêm một khóa sau đó nữa, hãy nêu --from.",
                en=f"The key {waiting.key} is to sign in place of {name} from {show.when(waiting.since)} already; "
                "nothing was done. For one more after it, give --from.",
            )
        )
        return Exit.NO
    if successor is None:
        successor = follow(folder, name, now, opening(session.config, passphrase_file))
    folder.roll(name, successor, since)
    done = Text(
        vi=f"Khóa {successor} sẽ ký thay khóa {name} từ {show.when(since)}.",
        en=f"The key {successor} signs in place of {name} from {show.when(since)}.",
    )
    show.line(Toned(done, "good"))
    show.facts(facts(next(known for known in folder.list() if known.name == successor)))
    return Exit.YES


@command(
    "certificate",
    about=Text(
        vi="Xuất chứng thư của một khóa, để gửi cho người kiểm tra.",
        en="Write out a key's certificate, to be given to whoever verifies.",
    ),
    more=Text(
        vi="Gồm chứng thư của mọi thế hệ của khóa, cũ trước mới sau; không có khóa bí mật.",
        en="Those of all its generations, the oldest first; never the private key.",
    ),
    examples=(
        (
            "edochub keys certificate hub -o hub.pem",
            Text(
                vi="Ghi chứng thư để giao cho bên kiểm tra.",
                en="Write out the certificate for whoever verifies.",
            ),
        ),
    ),
)
@argument(
    "name",
    value=NAME,
    required=False,
    about=Text(
        vi="Tên khóa; mặc định là khóa ký của trục.", en="Its name; the hub's signing key by default."
    ),
)
@option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
    value=FILE,
    about=Text(
        vi="Tệp PEM để ghi; mặc định là đầu ra chuẩn.", en="The PEM file to write; by default stdout."
    ),
)
@click.pass_obj
def certificate(session: Session, name: str | None, output: Path) -> int:
    """Write certificates in PEM."""
    settings = session.config
    found = KeyFolder(settings.path(settings.keys.folder)).certificates(name or settings.keys.signing)
    write_package(output, b"".join(each.public_bytes(Encoding.PEM) for each in found))
    return Exit.YES


def passphrase(file: Path | None) -> bytes | None:
    """Return the first line of a file, without its end."""
    return file.read_bytes().split(b"\n", 1)[0].rstrip(b"\r") or None if file else None


def summary(key: KeySummary) -> dict[str, object]:
    """Return the shape that `--json` publishes."""
    return {
        "name": key.name,
        "algorithm": key.algorithm,
        "backend": key.backend,
        "encrypted": key.encrypted,
        "certificate": key.certificate.as_json(),
        "next": [{"key": each.key, "from": each.since.isoformat()} for each in key.next],
    }


def facts(key: KeySummary) -> list[tuple[Text, object]]:
    """Return what people want to know of a key."""
    return [
        (Text(vi="Chủ thể", en="Subject"), key.certificate.subject),
        (Text(vi="Thuật toán", en="Algorithm"), key.algorithm),
        (Text(vi="Hết hạn", en="Valid until"), key.certificate.not_after),
        (Text(vi="Dấu vân tay SHA-256", en="SHA-256 fingerprint"), key.certificate.sha256),
    ]


for each in (new, listed, certificate, connect, roll):
    keys.add_command(each)
