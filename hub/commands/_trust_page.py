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
from signing.refresh import Refreshed
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
FETCH = Text(
    vi="  → Lấy dữ liệu thu hồi cho chứng thư này: “edochub trust refresh TỆP”.",
    en="  → Fetch revocation data for this certificate: “edochub trust refresh FILE”.",
)


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
    if looked.revocation.outcome is Outcome.UNDETERMINED:
        show.line(FETCH)
    for serial, source in looked.revocation.evidence.items():
        show.line(f"  {serial}: {source}")


def say_refreshed(done: Refreshed) -> None:
    """Print what came from where."""
    for url in done.updated:
        show.line(Toned(Text(vi=f"mới: {url}", en=f"new: {url}"), "good"))
    for url in done.unchanged:
        show.line(Text(vi=f"không đổi: {url}", en=f"unchanged: {url}"))
    for failure in done.failures:
        show.complain(Toned(failure.message, "bad"))
    if done == Refreshed():
        show.line(
            Text(
                vi="Không chứng thư nào nêu địa chỉ để lấy dữ liệu.",
                en="No certificate names an address to fetch from.",
            )
        )


def file_name(certificate: Certificate) -> str:
    """Return a name for the file of a certificate: what it is called, and enough of its fingerprint."""
    plain = unicodedata.normalize("NFKD", certificate.name.replace("đ", "d").replace("Đ", "D"))
    words = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")[:40]
    return f"{words or 'certificate'}-{certificate.summary.sha256[:16]}.der"


def warn_if_issued_by_another(certificate: Certificate) -> None:
    """Say that a certificate is no root, before somebody trusts it as one."""
    summary = certificate.summary
    if summary.subject != summary.issuer:
        show.complain(
            Toned(
                Text(
                    vi="Chứng thư này do nơi khác cấp, không phải chứng thư gốc. Nếu là tổ chức trung gian, hãy dùng "
                    "--class intermediate; thêm như trên thì nó được tin mà không xét nơi cấp.",
                    en="This certificate was issued by another authority: it is no root. If it is in between, use "
                    "--class intermediate; as it is, it is trusted whatever its issuer says.",
                ),
                "warning",
            )
        )
