"""Reasons that speak of evidence: whether its parts fit each other and the ledger's checkpoint.

The codes never change once published; `docs/verifying.md` says what each one means.
"""

from __future__ import annotations

from schemas.text import Sentence
from signing.verdict import ReasonKind

_ASK_FOR_THE_ORIGINAL = Sentence(
    vi="Lấy lại tệp bằng chứng gốc từ trục (“edochub evidence”) và không sửa.",
    en="Get the evidence again from the hub (“edochub evidence”) and leave it as it is.",
)
_NAME_THE_KEY = Sentence(
    vi="Chỉ định khóa kiểm của sổ nhật ký bằng --trust, lấy từ nơi vận hành trục.",
    en="Name the ledger's verifier key with --trust; the hub's operator publishes it.",
)
_ASK_WHO_THE_HUB_IS = Sentence(
    vi="Hỏi nơi vận hành trục xem chứng thư nào là của trục.",
    en="Ask the hub's operator which certificate is the hub's.",
)
_OTHER_FILE = Sentence(
    vi="Chỉ định tệp edXML, PDF, .asice, biên nhận .p7m hoặc mốc niêm phong của sổ nhật ký.",
    en="Name an edXML package, a PDF, an .asice container, a .p7m receipt or a checkpoint.",
)


def _reason(code: str, vi: str, en: str, remedy: Sentence | None = None) -> ReasonKind:
    return ReasonKind(code, Sentence(vi=vi, en=en), remedy=remedy)


# What holds

CONTAINER_WHOLE = _reason(
    "evidence.container-whole",
    "Gói chứa còn nguyên như khi lập: mọi byte đều đã được đối chiếu.",
    "The container is as it was made: every octet of it is accounted for.",
)
AS_RECORDED = _reason(
    "evidence.as-recorded",
    "Đúng từng byte như sổ nhật ký đã ghi: SHA-256 {sha256}.",
    "Octet for octet what the ledger recorded: SHA-256 {sha256}.",
)
EVENTS_PROVEN = _reason(
    "evidence.events-proven",
    "Cả {count} sự kiện đều nằm trong sổ nhật ký {origin} đúng vị trí, tại mốc niêm phong {size}.",
    "All {count} events are in the ledger {origin}, each in its place, as of checkpoint {size}.",
)
CHECKPOINT_SIGNED = _reason(
    "checkpoint.signed",
    "Mốc niêm phong {size} của {origin} do khóa {key} ký.",
    "Checkpoint {size} of {origin} was signed with the key {key}.",
)
CHECKPOINT_WITNESSED = _reason(
    "checkpoint.witnessed",
    "Nhân chứng {name} đã ký xác nhận mốc niêm phong lúc {time}.",
    "The witness {name} cosigned the checkpoint at {time}.",
)
KEY_BOUND = _reason(
    "checkpoint.key-bound",
    "Khóa của sổ nhật ký được nêu trong {parts}, do trục ký.",
    "The ledger's key is named in {parts}, which the hub signed.",
)
RECEIPT_FITS = _reason(
    "evidence.receipt-fits",
    "Biên nhận nói đúng những gì sổ nhật ký đã ghi.",
    "The receipt says what the ledger recorded.",
)
ABOUT_THIS = _reason(
    "evidence.about-this",
    "Bằng chứng nói về văn bản {code} của {sender}, mã {id}.",
    "The evidence is about the document {code} of {sender}, id {id}.",
)
VERDICTS_AS_RECORDED = _reason(
    "evidence.verdicts-as-recorded",
    "Kết quả kiểm tra chữ ký đúng như trục đã ghi vào sổ nhật ký.",
    "The verdicts on signatures are those that the hub recorded in its ledger.",
)

IS_IT_THE_HUB = _reason(
    "evidence.is-it-the-hub",
    "Con dấu thuộc về {subject}; hãy tự xác nhận đó là trục, hoặc chỉ định chứng thư của trục bằng --hub.",
    "The seal is that of {subject}; see for yourself that this is the hub, or name its certificate with --hub.",
)

# What does not hold

SEALED_BY_ANOTHER = _reason(
    "evidence.sealed-by-another",
    "Con dấu thuộc về {subject}, không phải trục đã chỉ định.",
    "The seal is that of {subject}, which is not the hub that was named.",
    _ASK_FOR_THE_ORIGINAL,
)

PART_MISSING = _reason(
    "evidence.part-missing", "Thiếu phần {part}.", "The part {part} is missing.", _ASK_FOR_THE_ORIGINAL
)
REMOVED_BY_POLICY = _reason(
    "evidence.removed-by-policy",
    "Gói tin không có ở đây: trục đã xóa nội dung lúc {at} theo thời hạn lưu trữ ({policy}), như sổ nhật ký ghi. "
    "Ai còn bản gốc có thể đối chiếu SHA-256 {sha256}.",
    "The package is not here: the hub removed it at {at} when its time was over ({policy}), as the ledger says. "
    "Whoever has a copy can hold it against the SHA-256 {sha256}.",
)
PART_UNREADABLE = _reason(
    "evidence.part-unreadable",
    "Không đọc được phần {part} (chi tiết: {detail}).",
    "The part {part} cannot be read (detail: {detail}).",
    _ASK_FOR_THE_ORIGINAL,
)
PART_DAMAGED = _reason(
    "evidence.part-damaged",
    "Phần {part} không còn như khi được đóng dấu nên không đọc tiếp.",
    "The part {part} is not as it was sealed; it was not read any further.",
    _ASK_FOR_THE_ORIGINAL,
)
DIFFERS_FROM_LEDGER = _reason(
    "evidence.differs-from-ledger",
    "Khác với sổ nhật ký: {what}, sổ ghi {expected}, ở đây là {got}.",
    "It differs from the ledger: {what}, recorded as {expected}, here {got}.",
    _ASK_FOR_THE_ORIGINAL,
)
NOT_IN_LEDGER = _reason(
    "evidence.not-in-ledger",
    "Không có sự kiện nào trong bằng chứng nói về phần này.",
    "No event in the evidence speaks of this part.",
    _ASK_FOR_THE_ORIGINAL,
)
EVENT_UNPROVEN = _reason(
    "evidence.event-unproven",
    "Sự kiện {seq} không nằm trong sổ nhật ký tại mốc niêm phong {size}.",
    "Event {seq} is not in the ledger as of checkpoint {size}.",
    _ASK_FOR_THE_ORIGINAL,
)
CHECKPOINT_NOT_SIGNED = _reason(
    "checkpoint.not-signed",
    "Mốc niêm phong không mang chữ ký đúng của sổ nhật ký (chi tiết: {detail}).",
    "The checkpoint does not carry a good signature of its ledger (detail: {detail}).",
    _ASK_FOR_THE_ORIGINAL,
)
TWO_LEDGERS = _reason(
    "checkpoint.two-ledgers",
    "Biên nhận mang một mốc niêm phong {size} khác của {origin}: sổ nhật ký đã được viết thành hai bản.",
    "The receipt carries another checkpoint {size} of {origin}: there are two versions of the ledger.",
    _ASK_FOR_THE_ORIGINAL,
)
RECEIPT_OF_ANOTHER = _reason(
    "evidence.receipt-of-another",
    "Biên nhận do {subject} ký, không phải người đóng dấu lên bằng chứng.",
    "The receipt was signed by {subject}, who is not the one that sealed the evidence.",
    _ASK_WHO_THE_HUB_IS,
)
KEY_UNKNOWN = _reason(
    "checkpoint.key-unknown",
    "Không biết khóa của sổ nhật ký {origin}, nên chưa kiểm tra được chữ ký trên mốc niêm phong.",
    "The key of the ledger {origin} is not known, so its signature could not be checked.",
    _NAME_THE_KEY,
)
NO_STAMP = _reason(
    "checkpoint.not-stamped",
    "Mốc niêm phong không có dấu thời gian của bên thứ ba; thời điểm là theo đồng hồ của trục.",
    "The checkpoint has no time stamp of a third party; times are those of the hub's clock.",
)
UNKNOWN_FILE = _reason(
    "file.unknown",
    "Không nhận ra loại tệp này.",
    "This is no kind of file that can be verified.",
    _OTHER_FILE,
)
