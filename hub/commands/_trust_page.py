"""How the commands of `edochub trust` show certificates, paths and what is known of revocation."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any

from hub import show
from hub.commands._trust_look import Look
from hub.show import Toned
from schemas.text import Text
from signing import certificates
from signing.certificates import Certificate
from signing.trust import TrustStore
from signing.trust_folder import AnchorClass, Laid
from signing.verdict import Outcome

CLASS_NAMES = {
    AnchorClass.OFFICIAL_DUTY: Text(vi="chuyên dùng công vụ", en="official duty"),
    AnchorClass.PUBLIC: Text(vi="công cộng", en="public"),
    AnchorClass.FOREIGN: Text(vi="nước ngoài", en="foreign"),
    AnchorClass.TIMESTAMP: Text(vi="dấu thời gian", en="time stamps"),
    AnchorClass.OTHER: Text(vi="khác", en="other"),
    None: Text(vi="trung gian", en="intermediate"),
}
REVOCATION = {
    Outcome.VALID: Toned(Text(vi="chưa bị thu hồi", en="not revoked"), "good"),
    Outcome.INVALID: Toned(Text(vi="ĐÃ BỊ THU HỒI", en="REVOKED"), "bad"),
    Outcome.UNDETERMINED: Toned(Text(vi="chưa xác định được", en="not known"), "warning"),
}


def facts(certificate: Certificate) -> list[tuple[Text, object]]:
    """Return what an operator compares before trusting a certificate."""
    summary = certificate.summary
    return [
        (Text(vi="Chủ thể", en="Subject"), summary.subject),
        (Text(vi="Cấp bởi", en="Issued by"), summary.issuer),
        (Text(vi="Hiệu lực từ", en="Valid from"), summary.not_before),
        (Text(vi="Hết hạn", en="Valid until"), summary.not_after),
        (Text(vi="Dấu vân tay SHA-256", en="SHA-256 fingerprint"), summary.sha256),
    ]


def shape(laid: Laid, store: TrustStore) -> dict[str, Any]:
    """Return what `trust list --json` publishes of one certificate."""
    made = list_date(laid.certificate, store)
    return {
        "class": str(laid.kind) if laid.kind else "intermediate",
        "file": laid.file.name,
        "certificate": laid.certificate.summary.as_json(),
        "revocation_list_of": made.isoformat() if made else None,
    }


def list_date(certificate: Certificate, store: TrustStore) -> datetime | None:
    """Return the date of the newest list that an authority signed, or None if there is none."""
    made = (crl.this_update for crl in store.revocation.lists if crl.issued_by(certificate.x509))
    return max(made, default=None)


def say(looked: Look) -> None:
    """Print the path found and what is known of revocation, or why there is no path."""
    show.facts([*facts(looked.certificate), (Text(vi="Xét tại", en="Looked at for"), looked.at)])
    if looked.chain is None or looked.revocation is None:
        show.line(Toned(Text(vi="Không được tin cậy:", en="Not trusted:"), "bad"))
        for reason in looked.doubts:
            show.line(f"  - {reason.message} ({reason.code})")
        return
    kind = CLASS_NAMES[looked.chain.kind]
    show.heading(Text(vi=f"Đường dẫn tới gốc tin cậy ({kind.vi})", en=f"Path to the anchor ({kind.en})"))
    for number, each in enumerate(looked.chain.certificates):
        show.line("  " * number + certificates.of(each).summary.subject)
    show.heading(Text(vi="Thu hồi", en="Revocation"))
    show.line(REVOCATION[looked.revocation.outcome])
    for reason in looked.revocation.reasons:
        show.line(f"  - {reason.message} ({reason.code})")
    for serial, source in looked.revocation.evidence.items():
        show.line(f"  {serial}: {source}")


def file_name(certificate: Certificate) -> str:
    """Return a name for the file of a certificate: what it is called, and enough of its fingerprint."""
    plain = unicodedata.normalize("NFKD", certificate.name.replace("đ", "d").replace("Đ", "D"))
    words = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")[:40]
    return f"{words or 'certificate'}-{certificate.summary.sha256[:16]}.der"
