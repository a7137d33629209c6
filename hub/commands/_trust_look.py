"""Find out how a certificate stands: the path to an anchor, and whether any of it was revoked.

Certificates are taken from a file of certificates (the first is the one in question, the others may be between), or
out of a signed package.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from hub.commands._exits import Exit
from hub.commands._parts import read_package
from hub.show import VIETNAM
from schemas.findings import InvalidDocument
from schemas.text import Text
from schemas.xml import parse
from signing import certificates
from signing.certificates import Certificate, UnreadableCertificate
from signing.profile import DS
from signing.trust import Chain, Purpose, TrustStore
from signing.trust_folder import Laid, read_certificates
from signing.verdict import Aspect, Outcome, Reason

MOST = 16  # certificates of one file


@dataclass(frozen=True, slots=True)
class Look:
    """What was found out about one certificate at a time."""

    certificate: Certificate
    at: datetime
    chain: Chain | None
    doubts: tuple[Reason, ...]
    revocation: Aspect | None

    @property
    def exit(self) -> Exit:
        """Yes: a path, and nothing of it revoked. No: neither. Undetermined: revocation is not known."""
        if self.revocation is None or self.revocation.outcome is Outcome.INVALID:
            return Exit.NO
        return Exit.YES if self.revocation.outcome is Outcome.VALID else Exit.UNDETERMINED

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        path = (
            [certificates.of(each).summary.as_json() for each in self.chain.certificates]
            if self.chain
            else []
        )
        return {
            "certificate": self.certificate.summary.as_json(),
            "at": self.at.isoformat(),
            "path": path,
            "class": str(self.chain.kind) if self.chain else None,
            "reasons": [reason.as_json() for reason in self.doubts],
            "revocation": self.revocation.as_json() if self.revocation else None,
        }


def look(found: Sequence[Certificate], store: TrustStore, at: datetime) -> Look:
    """Look at the first of some certificates; the others may be on its path."""
    leaf, extra = found[0], found[1:]
    purpose = Purpose.TIME_STAMPS if _stamps(leaf) else Purpose.DOCUMENTS
    chain = store.chain(leaf, extra, at, purpose)
    if not isinstance(chain, Chain):
        return Look(leaf, at, None, chain, None)
    return Look(leaf, at, chain, (), store.revocation.status(chain.certificates, at))


def certificates_in(file: Path) -> Sequence[Certificate]:
    """Return the certificates of a file or of a package's signatures; none if there are none that can be read."""
    try:
        return list(read_certificates(file))[:MOST]
    except (ValueError, UnreadableCertificate):
        return _in_package(read_package(file))


def _in_package(content: bytes) -> list[Certificate]:
    try:
        tree = parse(content)
        found = [element.text or "" for element in tree.iter(DS + "X509Certificate")][:MOST]
        return [certificates.load(b64decode("".join(text.split()), validate=True)) for text in found]
    except (InvalidDocument, BadBase64, UnreadableCertificate):
        return []


def chosen(laid: Sequence[Laid], fingerprint: str) -> Sequence[Laid] | Text:
    """Return the certificate whose SHA-256 begins so, in each file that it is alone in, or why it cannot be removed."""
    found = [each for each in laid if each.certificate.summary.sha256.startswith(fingerprint)]
    count = len({each.certificate.summary.sha256 for each in found})
    if count != 1:
        return Text(
            vi=f"Dấu vân tay {fingerprint} ứng với {count} chứng thư; xem “edochub trust list --json”.",
            en=f"The fingerprint {fingerprint} fits {count} certificates; see “edochub trust list --json”.",
        )
    files = {each.file for each in found}
    if any(other.file in files for other in laid if other not in found):
        names = ", ".join(sorted(file.name for file in files))
        return Text(
            vi=f"Tệp {names} còn chứa chứng thư khác; hãy sửa tệp đó.",
            en=f"The file {names} holds other certificates too; edit that file.",
        )
    return found


def moment(text: str) -> datetime:
    """Read a date, which is its end in Vietnam, or a time. Raises `ValueError`."""
    if len(text) == len("2026-01-01"):
        return datetime.combine(date.fromisoformat(text), time.max, VIETNAM).astimezone(UTC)
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=VIETNAM)).astimezone(UTC)


def _stamps(certificate: Certificate) -> bool:
    try:
        extended = certificate.x509.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in extended
