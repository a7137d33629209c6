"""Reasons of signatures in and beside attachments: PDF, CMS, Office; and of who holds a certificate.

The codes never change once published. A reason with a remedy speaks against a signature; without one it is good news,
or a note.
"""

from __future__ import annotations

from schemas.text import Sentence
from signing.verdict import ReasonKind


def _note(code: str, vi: str, en: str) -> ReasonKind:
    return ReasonKind(code, Sentence(vi=vi, en=en))


def _bad(code: str, vi: str, en: str, remedy: Sentence) -> ReasonKind:
    return ReasonKind(code, Sentence(vi=vi, en=en), remedy)


_SIGN_AGAIN = Sentence(
    vi="Ký lại tệp gốc bằng phần mềm ký số rồi gửi lại; không sửa, không nén lại tệp sau khi ký.",
    en="Sign the original file again with signing software and send it; do not change the file after signing.",
)
_SEND_PLAIN = Sentence(
    vi="Gửi lại tệp PDF ký theo PAdES hoặc PKCS#7, không đặt mật khẩu, không lồng trong nhiều tệp nén.",
    en="Send a PDF signed as PAdES or PKCS#7, without a password and not packed into several archives.",
)
_STRONGER = Sentence(
    vi="Ký lại bằng SHA-256 trở lên với khóa RSA từ 2048 bit hoặc ECDSA từ 256 bit.",
    en="Sign again with SHA-256 or stronger and an RSA key of 2048 bits or more, or ECDSA of 256 or more.",
)
_COMPLETE = Sentence(
    vi="Khi ký, nhúng đủ chứng thư trung gian; hoặc đề nghị đơn vị vận hành trục đặt chứng thư của nơi cấp "
    "vào trust/intermediates.",
    en="Embed the intermediate certificates when signing; or ask the hub's operator to put the issuer's "
    "certificate into trust/intermediates.",
)
_CLOCK = Sentence(
    vi="Chỉnh đồng hồ máy ký theo giờ chuẩn và dùng dấu thời gian khi ký.",
    en="Set the clock of the signing machine, and have signatures time-stamped.",
)
_HOLDER = Sentence(
    vi="Ký bằng chứng thư của cơ quan gửi; nếu chứng thư đúng là của cơ quan, đề nghị đơn vị vận hành trục đăng ký "
    "bằng “edochub agencies certificate add”.",
    en="Sign with a certificate of the sending agency; if it is the agency's, ask the hub's operator to register it "
    "with “edochub agencies certificate add”.",
)

# Is it as it was signed

INTACT = _note(
    "attachment.intact",
    "Nội dung được ký còn nguyên vẹn ({digest}).",
    "What was signed is as it was signed ({digest}).",
)
ALTERED = _bad(
    "attachment.changed",
    "Nội dung đã bị thay đổi sau khi ký: mã băm không khớp ({digest}).",
    "The content was changed after it was signed: its digest does not match ({digest}).",
    _SIGN_AGAIN,
)
VALUE_WRONG = _bad(
    "attachment.value-wrong",
    "Giá trị chữ ký không phải do khóa của chứng thư kèm theo tạo ra.",
    "The signature value was not made by the key of the enclosed certificate.",
    _SIGN_AGAIN,
)
MALFORMED = _bad(
    "attachment.signature-malformed",
    "Chữ ký {name} sai cấu trúc, không đọc được ({detail}).",
    "The signature {name} is malformed and cannot be read ({detail}).",
    _SIGN_AGAIN,
)
NO_CERTIFICATE = _bad(
    "attachment.no-certificate",
    "Chữ ký {name} không kèm chứng thư của người ký.",
    "The signature {name} does not contain the signer's certificate.",
    _SIGN_AGAIN,
)
UNSUPPORTED = _bad(
    "attachment.form-unsupported",
    "Chữ ký thuộc dạng {form} mà trục chưa kiểm tra được.",
    "The signature is of the form {form}, which the hub cannot check.",
    _SEND_PLAIN,
)
NOT_SIGNED = _bad(
    "attachment.not-signed",
    "Tệp đính kèm không có chữ ký số.",
    "The attachment carries no digital signature.",
    Sentence(
        vi="Ký số tệp PDF (người có thẩm quyền, rồi cơ quan) trước khi gửi.",
        en="Sign the PDF (the official, then the agency) before sending it.",
    ),
)
OFFICE = _bad(
    "office.not-verified",
    "Tệp Office có chữ ký số bên trong, trục không kiểm tra được loại này.",
    "The Office file carries a signature inside; the hub cannot check this kind.",
    Sentence(
        vi="Gửi kèm bản PDF đã ký số; chữ ký Office cần mở bằng phần mềm Office để kiểm tra.",
        en="Send a signed PDF as well; the Office signature can be checked by opening the file in Office.",
    ),
)

# Why it was not looked into

UNREADABLE = _bad(
    "attachment.unreadable",
    "Không đọc được chữ ký trong tệp đính kèm ({detail}).",
    "The signatures in the attachment cannot be read ({detail}).",
    _SEND_PLAIN,
)
TOO_LARGE = _bad(
    "attachment.too-large",
    "Tệp đính kèm quá lớn để kiểm tra chữ ký ({size} byte).",
    "The attachment is too large for its signatures to be checked ({size} bytes).",
    _SEND_PLAIN,
)
NOT_READ = _bad(
    "attachment.not-read",
    "Việc đọc tệp đính kèm bị dừng vì tốn quá nhiều thời gian hoặc bộ nhớ.",
    "Reading the attachment was stopped: it took too much time or memory.",
    _SEND_PLAIN,
)
ENCRYPTED = _bad(
    "attachment.encrypted",
    "Tệp đính kèm được đặt mật khẩu nên không kiểm tra được chữ ký.",
    "The attachment is protected by a password; its signatures cannot be checked.",
    _SEND_PLAIN,
)
TOO_MANY = _bad(
    "attachment.too-many",
    "Có quá nhiều chữ ký hoặc tệp cần kiểm tra ({count}), hoặc mất quá nhiều thời gian; phần còn lại chưa được "
    "kiểm tra.",
    "There are too many signatures or files to check ({count}), or it takes too long; the rest was not looked at.",
    _SEND_PLAIN,
)
TOO_DEEP = _bad(
    "attachment.too-deep",
    "Tệp lồng quá sâu trong các tệp nén hoặc gói tin, không kiểm tra tiếp.",
    "The file is nested too deeply in archives or packages to be looked at.",
    _SEND_PLAIN,
)
UNSAFE = _bad(
    "attachment.unsafe",
    "Không mở tệp đính kèm để kiểm tra chữ ký (“{detail}”).",
    "The attachment was not opened to check its signatures (“{detail}”).",
    _SEND_PLAIN,
)
PACKAGE_UNREADABLE = _bad(
    "attachment.package-unreadable",
    "Gói tin bên trong không đọc được đúng chuẩn, nên không kiểm tra được chữ ký của chính gói đó (“{detail}”).",
    "The inner package cannot be read as the standard asks, so its own signature cannot be checked (“{detail}”).",
    _SIGN_AGAIN,
)
NAMED_TWICE = _bad(
    "attachment.named-twice",
    "Có {count} tệp cùng tên {name}, nên không biết chữ ký này là của tệp nào.",
    "There are {count} files named {name}: which of them this signature is of cannot be told.",
    _SIGN_AGAIN,
)
NOTHING_BESIDE = _bad(
    "attachment.nothing-beside",
    "Chữ ký rời không có tệp được ký đi kèm (cần tệp {expected}).",
    "The detached signature comes without the file that it signs (expected {expected}).",
    Sentence(
        vi="Đính kèm cả tệp được ký và tệp chữ ký, tên tệp chữ ký là tên tệp được ký thêm đuôi .p7s.",
        en="Attach the signed file too; the signature bears its name with .p7s added.",
    ),
)

# How much it covers

WHOLE = _note(
    "coverage.whole-file",
    "Chữ ký bao phủ toàn bộ tệp.",
    "The signature covers the whole file.",
)
SIGNED_ON = _note(
    "coverage.revision",
    "Chữ ký bao phủ phiên bản {revision}/{revisions}; sau đó chỉ có chữ ký hoặc dữ liệu xác thực được thêm vào.",
    "The signature covers revision {revision} of {revisions}; only signatures or validation data came later.",
)
FIELDS_FILLED = _bad(
    "coverage.fields-filled",
    "Sau chữ ký này (phiên bản {revision}/{revisions}), các ô biểu mẫu đã được điền thêm.",
    "After this signature (revision {revision} of {revisions}), fields of a form were filled in.",
    _SIGN_AGAIN,
)
CHANGED_AFTER = _bad(
    "coverage.changed-after",
    "Sau chữ ký này (phiên bản {revision}/{revisions}), nội dung tài liệu đã bị sửa hoặc thêm.",
    "After this signature (revision {revision} of {revisions}), the document was changed or added to.",
    _SIGN_AGAIN,
)
APPENDED = _bad(
    "coverage.appended",
    "Sau phần được ký còn {count} byte không thuộc phiên bản nào của tài liệu.",
    "After what is signed there are {count} bytes that belong to no revision of the document.",
    _SIGN_AGAIN,
)
COVERAGE_UNCLEAR = _bad(
    "coverage.unclear",
    "Chữ ký không bao phủ trọn một phiên bản của tệp.",
    "The signature does not cover a whole revision of the file.",
    _SIGN_AGAIN,
)

# Its certificate and its algorithms

CHAIN_INCOMPLETE = _bad(
    "certificate.chain-incomplete",
    "Thiếu chứng thư của nơi cấp {issuer}: không nhúng trong chữ ký và không có trong kho của trục.",
    "The certificate of the issuer {issuer} is missing: neither in the signature nor in the hub's store.",
    _COMPLETE,
)
PATH_HOLDS = _note(
    "certificate.path-holds",
    "Chứng thư được cấp dưới gốc tin cậy {anchor}.",
    "The certificate was issued under the trusted root {anchor}.",
)
ALGORITHM_OLD = _note(
    "algorithm.old",
    "Thuật toán {algorithm} đã lỗi thời; chấp nhận vì chữ ký lập ngày {date}, trước ngày {until}.",
    "The algorithm {algorithm} is outdated; accepted because the signature is of {date}, before {until}.",
)
ALGORITHM_ENDED = _bad(
    "algorithm.ended",
    "Thuật toán {algorithm} không còn được chấp nhận cho chữ ký lập từ ngày {until} (chữ ký này: {date}).",
    "The algorithm {algorithm} is no longer accepted for signatures from {until} on (this one: {date}).",
    _STRONGER,
)
ALGORITHM_FORBIDDEN = _bad(
    "algorithm.not-accepted",
    "Thuật toán {algorithm} không được chấp nhận.",
    "The algorithm {algorithm} is not accepted.",
    _STRONGER,
)
KEY_TOO_SHORT = _bad(
    "algorithm.key-too-short",
    "Khóa {key} quá ngắn hoặc không được chấp nhận: cần RSA từ 2048 bit hoặc ECDSA từ 256 bit.",
    "The key {key} is too short or not accepted: expected RSA of 2048 bits or ECDSA of 256 bits, or more.",
    _STRONGER,
)

# When it was made

TIME_PROVEN = _note(
    "time.proven",
    "Dấu thời gian chứng minh chữ ký đã có từ {time} (cấp bởi {authority}).",
    "A time stamp proves that the signature existed at {time} (by {authority}).",
)
TIME_CLAIMED = _note(
    "time.claimed-only",
    "Thời điểm ký {time} chỉ do người ký khai, không có dấu thời gian nào chứng minh; trục xét theo lúc tiếp nhận.",
    "The time of signing, {time}, is the signer's word only, no time stamp proves it; judged as of receipt.",
)
TIME_UNSTATED = _note(
    "time.unstated",
    "Chữ ký không nêu thời điểm ký; trục xét theo lúc tiếp nhận.",
    "The signature does not say when it was made; judged as of receipt.",
)
CLOCK_AHEAD = _bad(
    "time.signer-clock-ahead",
    "Đồng hồ của người ký nhanh {seconds} giây so với dấu thời gian.",
    "The signer's clock was {seconds} s ahead of the time stamp.",
    _CLOCK,
)
CLOCK_BEHIND = _bad(
    "time.signer-clock-behind",
    "Đồng hồ của người ký chậm {seconds} giây so với dấu thời gian, hoặc dấu thời gian được thêm muộn.",
    "The signer's clock was {seconds} s behind the time stamp, or the stamp was added late.",
    _CLOCK,
)
IN_FUTURE = _bad(
    "time.in-future",
    "Thời điểm ký {time} muộn hơn lúc trục tiếp nhận.",
    "The time of signing, {time}, is later than the receipt by the hub.",
    _CLOCK,
)
OUTSIDE_CERTIFICATE = _bad(
    "time.outside-certificate",
    "Thời điểm ký {time} nằm ngoài thời hạn hiệu lực của chứng thư.",
    "The time of signing, {time}, lies outside the certificate's validity.",
    _CLOCK,
)

# Whose certificate it is

HOLDER_REGISTERED = _note(
    "holder.registered",
    "Chứng thư đã được đăng ký cho cơ quan gửi {agency}.",
    "The certificate is registered for the sending agency {agency}.",
)
HOLDER_NAMED = _note(
    "holder.name-fits",
    "Tên trong chứng thư ({named}) khớp với cơ quan gửi {agency}; chứng thư chưa được đăng ký.",
    "The name in the certificate ({named}) fits the sending agency {agency}; it is not registered.",
)
HOLDER_MISFIT = _bad(
    "holder.does-not-fit",
    "Chứng thư thuộc về {named}, không khớp với cơ quan gửi {agency}.",
    "The certificate belongs to {named}, which does not fit the sending agency {agency}.",
    _HOLDER,
)
HOLDER_OF_ANOTHER = _bad(
    "holder.of-another",
    "Chứng thư đã được đăng ký cho cơ quan khác ({other}), không phải cơ quan gửi {agency}.",
    "The certificate is registered for another agency ({other}), not for the sending agency {agency}.",
    _HOLDER,
)
