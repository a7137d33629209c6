"""Reasons that speak of time stamps, of XAdES signatures and of the containers that hold them.

The codes never change once published; `docs/evidence-format.md` says which rule each one stands for.
"""

from __future__ import annotations

from schemas.text import Sentence
from signing.verdict import ReasonKind

_ASK_FOR_THE_ORIGINAL = Sentence(
    vi="Lấy lại tệp gốc từ nơi đã lập hoặc từ bản lưu, không sửa và không nén lại.",
    en="Get the original file again from who made it or from a copy, neither edited nor packed anew.",
)
_TRUST_THE_AUTHORITY = Sentence(
    vi="Nếu tin cậy cơ quan cấp dấu thời gian này, bổ sung chứng thư gốc của họ vào thư mục tin cậy.",
    en="If this time-stamping authority is to be trusted, add its root to the trust folder.",
)
_STAMP_AGAIN = Sentence(
    vi="Xin dấu thời gian mới từ cơ quan cấp dấu thời gian khác.",
    en="Get a new time stamp from another authority.",
)
_OTHER_TOOL = Sentence(
    vi="Kiểm tra bằng công cụ của nơi lập, hoặc đề nghị ký lại theo docs/evidence-format.md.",
    en="Check it with the maker's own tool, or ask for a signature as docs/evidence-format.md describes.",
)


def _reason(code: str, vi: str, en: str, remedy: Sentence | None = None) -> ReasonKind:
    return ReasonKind(code, Sentence(vi=vi, en=en), remedy=remedy)


# Time stamps

TIMESTAMP_HOLDS = _reason(
    "timestamp.holds",
    "Dấu thời gian của {authority} chứng minh nội dung đã có trước {time}.",
    "A time stamp of {authority} proves that this existed at {time}.",
)
TIMESTAMP_MALFORMED = _reason(
    "timestamp.malformed",
    "Dấu thời gian sai cấu trúc: cần {expected}, nhận được {got}.",
    "The time stamp is malformed: expected {expected}, got {got}.",
    _ASK_FOR_THE_ORIGINAL,
)
TIMESTAMP_OF_SOMETHING_ELSE = _reason(
    "timestamp.of-something-else",
    "Dấu thời gian được cấp cho nội dung khác.",
    "The time stamp was made for something else.",
    _ASK_FOR_THE_ORIGINAL,
)
TIMESTAMP_VALUE_WRONG = _reason(
    "timestamp.value-wrong",
    "Chữ ký trong dấu thời gian không đúng.",
    "The signature within the time stamp does not hold.",
    _ASK_FOR_THE_ORIGINAL,
)
TIMESTAMP_ALGORITHM_FORBIDDEN = _reason(
    "timestamp.algorithm-forbidden",
    "Dấu thời gian dùng thuật toán không được phép: {algorithm}.",
    "The time stamp uses an algorithm that is not allowed: {algorithm}.",
    _STAMP_AGAIN,
)
TIMESTAMP_UNBOUND = _reason(
    "timestamp.unbound",
    "Dấu thời gian không gắn với chứng thư của nơi cấp (thiếu hoặc sai signingCertificate).",
    "The time stamp is not bound to its authority's certificate (signingCertificate is missing or wrong).",
    _STAMP_AGAIN,
)
TIMESTAMP_WRONG_PURPOSE = _reason(
    "timestamp.wrong-purpose",
    "Chứng thư của {authority} không chỉ dành cho cấp dấu thời gian (ExtendedKeyUsage phải là timeStamping, "
    "critical).",
    "The certificate of {authority} is not for time stamping alone (ExtendedKeyUsage must be timeStamping, "
    "critical).",
    _STAMP_AGAIN,
)
TIMESTAMP_UNTRUSTED = _reason(
    "timestamp.untrusted",
    "Chứng thư của {authority} không dẫn tới gốc tin cậy nào vào lúc {time}.",
    "The certificate of {authority} led to no trusted root at {time}.",
    _TRUST_THE_AUTHORITY,
)
TIMESTAMP_EXPIRED = _reason(
    "timestamp.expired",
    "Chứng thư của {authority} đã hết hạn từ {date} và không có dấu thời gian lưu trữ nào được cấp trước đó.",
    "The certificate of {authority} expired on {date}, and no archive time stamp was made before.",
    Sentence(
        vi="Gia hạn tệp bằng dấu thời gian lưu trữ trước khi chứng thư của nơi cấp hết hạn.",
        en="Renew files with an archive time stamp before the authority's certificate expires.",
    ),
)
TIMESTAMP_IN_FUTURE = _reason(
    "timestamp.in-future",
    "Dấu thời gian ghi {time}, sau thời điểm kiểm tra.",
    "The time stamp says {time}, which is after the time of the check.",
    Sentence(vi="Kiểm tra đồng hồ của máy này.", en="Check this machine's clock."),
)
TIMESTAMP_REVOKED = _reason(
    "timestamp.revoked",
    "Chứng thư của {authority} đã bị thu hồi; dấu thời gian không còn chứng minh được điều gì.",
    "The certificate of {authority} was revoked; its time stamp proves nothing any more.",
    _STAMP_AGAIN,
)
TIMESTAMP_REVOCATION_UNKNOWN = _reason(
    "timestamp.revocation-unknown",
    "Chưa biết chứng thư của {authority} đã bị thu hồi hay chưa.",
    "Whether the certificate of {authority} was revoked is not known.",
    Sentence(vi="Bổ sung CRL hoặc OCSP của nơi cấp.", en="Add the CRL or OCSP answers of its issuer."),
)

# XAdES signatures

SEALED = _reason(
    "xades.intact",
    "{count} tệp nguyên vẹn từ khi ký.",
    "{count} files are as they were signed.",
)
FILE_ALTERED = _reason(
    "xades.file-altered",
    "Tệp {file} đã bị thay đổi sau khi ký.",
    "The file {file} was changed after it was signed.",
    _ASK_FOR_THE_ORIGINAL,
)
FILE_MISSING = _reason(
    "xades.file-missing",
    "Chữ ký nói tới tệp {file}, nhưng tệp chứa không có tệp này.",
    "The signature refers to the file {file}, which the container does not have.",
    _ASK_FOR_THE_ORIGINAL,
)
FILE_NOT_SIGNED = _reason(
    "xades.file-not-signed",
    "Chữ ký không bảo vệ tệp {file}.",
    "The signature does not cover the file {file}.",
    Sentence(
        vi="Không dựa vào tệp này; lấy lại tệp chứa gốc.",
        en="Do not rely on that file; get the original container.",
    ),
)
ALL_FILES_SIGNED = _reason(
    "xades.all-files-signed",
    "Chữ ký bảo vệ mọi tệp dữ liệu trong tệp chứa.",
    "The signature covers every data file of the container.",
)
XADES_MALFORMED = _reason(
    "xades.malformed",
    "Chữ ký XAdES sai cấu trúc ở {element}: cần {expected}, nhận được {got}.",
    "The XAdES signature is malformed at {element}: expected {expected}, got {got}.",
    _ASK_FOR_THE_ORIGINAL,
)
XADES_UNSUPPORTED = _reason(
    "xades.unsupported",
    "Chữ ký XAdES dùng {what} mà trục chưa kiểm tra được; chưa thể kết luận.",
    "The XAdES signature uses {what}, which this hub cannot check; nothing can be concluded.",
    _OTHER_TOOL,
)
PROPERTIES_ALTERED = _reason(
    "xades.properties-altered",
    "Các thuộc tính đã ký (thời điểm ký, chứng thư) đã bị thay đổi.",
    "The signed properties (time of signing, certificate) were changed.",
    _ASK_FOR_THE_ORIGINAL,
)
OTHER_CERTIFICATE = _reason(
    "xades.other-certificate",
    "Chứng thư trong KeyInfo không phải chứng thư mà người ký đã ký kèm (SigningCertificate).",
    "The certificate in KeyInfo is not the one that the signer signed with it (SigningCertificate).",
    _ASK_FOR_THE_ORIGINAL,
)
TIME_CLAIMED = _reason(
    "time.claimed",
    "Thời điểm ký {time} do người ký tự khai, không có dấu thời gian.",
    "The time of signing, {time}, is the signer's own word; there is no time stamp.",
)
TIME_MISSING = _reason(
    "time.missing",
    "Chữ ký không cho biết thời điểm ký.",
    "The signature does not say when it was made.",
    _OTHER_TOOL,
)
TIME_CONTRADICTED = _reason(
    "time.contradicted",
    "Người ký khai ký lúc {claimed}, muộn hơn thời điểm đã chứng minh {proven}.",
    "The signer claims to have signed at {claimed}, which is later than the proven {proven}.",
    Sentence(vi="Hỏi người ký về đồng hồ của họ.", en="Ask the signer about their clock."),
)

# Containers

CONTAINER_BROKEN = _reason(
    "container.broken",
    "Phần {part} của tệp chứa bị hỏng: {detail}.",
    "The part {part} of the container is damaged: {detail}.",
    _ASK_FOR_THE_ORIGINAL,
)
CONTAINER_TOO_LARGE = _reason(
    "container.too-large",
    "Phần {part} của tệp chứa vượt giới hạn {limit}.",
    "The part {part} of the container is over the limit of {limit}.",
    Sentence(vi="Không mở tệp này.", en="Do not open this file."),
)
CONTAINER_NOT_CANONICAL = _reason(
    "container.not-canonical",
    "Phần {part} khác với phần mà trục đã ghi, dù chữ ký không bảo vệ chỗ khác đó.",
    "The part {part} differs from what the hub wrote, in a place that no signature covers.",
    _ASK_FOR_THE_ORIGINAL,
)
VALUE_NOT_PROVEN = _reason(
    "container.value-not-proven",
    "Phần {part} kèm {what} mà không nơi cấp nào đã biết ký.",
    "The part {part} carries {what} that no known issuer signed.",
    _ASK_FOR_THE_ORIGINAL,
)
NO_SIGNATURE = _reason(
    "container.no-signature",
    "Tệp chứa không có chữ ký nào.",
    "The container has no signature.",
    _ASK_FOR_THE_ORIGINAL,
)
