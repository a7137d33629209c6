"""What the commands of `edochub keys` need beside showing: reading a certificate file, a command line, a day."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from hub.commands._click import wrong_usage
from hub.config import Config
from hub.show import VIETNAM
from schemas.text import Text
from signing.certificates import Certificate, UnreadableCertificate
from signing.keys import Algorithm, KeyFolder, generate
from signing.trust_folder import read_certificates

ROLL_OVER = timedelta(days=7)  # long enough to hand the new certificate to those who verify


def chain_in(file: Path) -> Sequence[Certificate]:
    """Return the certificates of a file, the key's own first. Raises a complaint about the argument."""
    try:
        found = read_certificates(file)
    except (ValueError, UnreadableCertificate) as error:
        unreadable = Text(
            vi=f"{file} không phải chứng thư đọc được", en=f"{file} is not a readable certificate"
        )
        raise wrong_usage(unreadable, "file") from error
    return found


def words(line: str) -> tuple[str, ...]:
    """Split a command line as a shell would, without one. Raises a complaint about the argument."""
    try:
        found = tuple(shlex.split(line))
    except ValueError:
        found = ()
    if not found:
        raise wrong_usage(Text(vi="không phải một dòng lệnh", en="not a command line"), "line")
    return found


def opening(config: Config, file: Path | None) -> bytes | None:
    """Return the first line of the file that was named, else of the one in the settings; None if there is neither."""
    setting = config.keys.passphrase_file
    named = file or (config.path(setting) if setting is not None else None)
    return named.read_bytes().split(b"\n", 1)[0].rstrip(b"\r") or None if named else None


def beginning(text: str) -> datetime:
    """Read a date, which is its beginning in Vietnam, or a time. Raises `ValueError`."""
    if len(text) == len("2027-01-01"):
        return datetime.combine(date.fromisoformat(text), time.min, VIETNAM).astimezone(UTC)
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=VIETNAM)).astimezone(UTC)


def follow(folder: KeyFolder, name: str, now: datetime, passphrase: bytes | None) -> str:
    """Make and keep a key of the same kind and subject as the last of `name`, and return what it is called."""
    last = folder.certificates(name)[-1]
    common = last.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    called = folder.free_name(name)
    algorithm: Algorithm = "rsa-2048" if isinstance(last.public_key(), rsa.RSAPublicKey) else "ecdsa-p256"
    subject = str(common[0].value) if common else name
    folder.save(generate(called, subject, now, algorithm), passphrase)
    return called
