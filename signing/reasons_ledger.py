"""The reasons that a verdict on a receipt can have beside those of its signature. Codes never change."""

from __future__ import annotations

from schemas.text import Sentence
from signing.verdict import ReasonKind

RECEIPT_MALFORMED = ReasonKind(
    "receipt.malformed",
    Sentence(
        vi="Nội dung được ký không phải biên nhận của trục: {detail}.",
        en="What was signed is not a receipt of the hub: {detail}.",
    ),
    Sentence(
        vi="Xin lại biên nhận từ trục.",
        en="Ask the hub for the receipt again.",
    ),
)
RECEIPT_NOT_IN_LEDGER = ReasonKind(
    "receipt.not-in-ledger",
    Sentence(
        vi="Sự kiện {seq} trong biên nhận không có trong mốc niêm phong mà biên nhận nêu.",
        en="The event {seq} of the receipt is not in the checkpoint that the receipt names.",
    ),
    Sentence(
        vi="Không dùng biên nhận này; đối chiếu với mốc niêm phong đã công bố và báo người vận hành trục.",
        en="Do not rely on this receipt; compare published checkpoints and tell the hub's operator.",
    ),
)
RECEIPT_IN_LEDGER = ReasonKind(
    "receipt.in-ledger",
    Sentence(
        vi="Các sự kiện của biên nhận nằm trong mốc niêm phong {size} của sổ {origin}.",
        en="The receipt's events are in the checkpoint at {size} of the ledger {origin}.",
    ),
)
RECEIPT_NOT_SEALED = ReasonKind(
    "receipt.not-sealed",
    Sentence(
        vi="Khi lập biên nhận, sổ {origin} chưa được niêm phong đến các sự kiện này.",
        en="When the receipt was made, the ledger {origin} was not yet sealed up to its events.",
    ),
)
