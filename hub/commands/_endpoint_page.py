"""How an endpoint is shown: to people, and in JSON. A secret only right after it was made."""

from __future__ import annotations

from typing import Any

from hub import show
from hub.directory import Directory
from hub.model import Endpoint
from hub.show import Toned
from hub.words import DIALECTS, SIGNATURE_RULES
from schemas.text import Text

ONCE = Text(
    vi="Mã bí mật chỉ hiện lần này; hãy lưu lại ngay, trục không thể cho xem lại.",
    en="The secret is shown this once; keep it now, the hub cannot show it again.",
)


def tell(endpoint: Endpoint, directory: Directory) -> None:
    """Print one endpoint, without its secret."""
    of_agencies = codes(endpoint, directory)
    names = [directory.agency(agency).name for agency in sorted(endpoint.agencies)]
    show.facts(
        [
            (Text(vi="Điểm kết nối", en="Endpoint"), endpoint.id),
            (Text(vi="Bộ kết nối", en="Adapter"), endpoint.adapter),
            (Text(vi="Địa chỉ", en="Address"), endpoint.address),
            (Text(vi="Nhận văn bản", en="Documents"), POLLS if endpoint.polls else PUSHED),
            (Text(vi="Cơ quan", en="Agencies"), ", ".join(of_agencies)),
            (Text(vi="Tên cơ quan", en="Named"), "; ".join(names)),
            (Text(vi="Chữ ký số", en="Signatures"), SIGNATURE_RULES[endpoint.signatures]),
            (Text(vi="Chữ ký tệp đính kèm", en="Attachments"), SIGNATURE_RULES[endpoint.attachments]),
            (Text(vi="Trạng thái trục viết", en="The hub's statuses"), DIALECTS[endpoint.dialect]),
            (Text(vi="Hạn mức riêng", en="Own limits"), limits(endpoint)),
            (Text(vi="Tình trạng", en="State"), state(endpoint)),
        ]
    )


POLLS = Text(vi="tự đến lấy trong hộp thư đến", en="fetched by the system from its inbox")
PUSHED = Text(vi="trục chuyển đến", en="brought by the hub")


def tell_secret(secret: str) -> None:
    """Print a new secret, this once, and say so."""
    show.facts([(Text(vi="Mã bí mật", en="Secret"), Toned(secret, "strong"))])
    show.complain(Toned(ONCE, "warning"))


def state(endpoint: Endpoint) -> Toned:
    """Return whether an endpoint is switched on, in words."""
    if endpoint.disabled:
        return Toned(Text(vi="đã khóa", en="disabled"), "bad")
    return Toned(Text(vi="đang mở", en="enabled"), "good")


def limits(endpoint: Endpoint) -> str | None:
    """Return the limits that an endpoint has of its own, as `--limit` takes them; None for none."""
    return ", ".join(f"{name}={value}" for name, value in endpoint.limits.own().items()) or None


def codes(endpoint: Endpoint, directory: Directory) -> list[str]:
    """Return the codes of the agencies that an endpoint speaks for."""
    return sorted(directory.agency(agency).code for agency in endpoint.agencies)


def as_json(endpoint: Endpoint, directory: Directory) -> dict[str, Any]:
    """Return the shape that `--json` publishes. Never a secret, but right after one was made."""
    return {
        "id": endpoint.id,
        "adapter": endpoint.adapter,
        "address": endpoint.address,
        "agencies": codes(endpoint, directory),
        "polls": endpoint.polls,
        "signatures": str(endpoint.signatures),
        "attachments": str(endpoint.attachments),
        "dialect": endpoint.dialect,
        "disabled": endpoint.disabled,
        "limits": endpoint.limits.own(),
    }
