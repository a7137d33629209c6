"""Every reason that a verdict on a signature can have, in both languages.

The codes never change once published. `policy` turns each of them into a finding with a remedy;
`docs/signature-profile.md` says which rule of the profile each one stands for.
"""

from __future__ import annotations

from schemas.text import Sentence
from signing.verdict import Reason, ReasonKind


class Refused(Exception):
    """A signature does not keep to the profile. Carries the reasons, the weightiest first."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(" ".join(str(reason.message) for reason in reasons))
        self.reasons = reasons


def _reason(code: str, vi: str, en: str, *, remedy: Sentence | None = None) -> ReasonKind:
    return ReasonKind(code, Sentence(vi=vi, en=en), remedy)


# Good, or nothing to judge

INTACT = _reason(
    "signature.intact",
    "Nội dung nguyên vẹn từ khi ký; chứng thư được cấp dưới gốc tin cậy {anchor}.",
    "The content is as it was signed; the certificate was issued under the trusted root {anchor}.",
)
NOT_CHECKED = _reason(
    "revocation.not-checked",
    "Chưa kiểm tra được chứng thư đã bị thu hồi hay chưa vì không có dữ liệu thu hồi.",
    "Whether the certificate has been revoked was not checked: no revocation data is available.",
)
ABSENT = _reason(
    "signature.absent",
    "Gói tin không có chữ ký số.",
    "The package carries no digital signature.",
)
EMPTY = _reason(
    "signature.empty",
    "Phần tử {element} để trống, không chứa chữ ký số.",
    "The element {element} is empty and holds no digital signature.",
)

# Where it stands, and what else stands there

WRAPPED = _reason(
    "signature.wrapped",
    "Chữ ký số đặt sai vị trí {path}; cần là phần tử con cuối cùng của edXMLHeader duy nhất.",
    "The signature stands at {path}; it must be the last child of the package's only edXMLHeader.",
)
MORE_THAN_ONE = _reason(
    "signature.more-than-one",
    "Gói tin có nhiều hơn một phần tử chữ ký số ({count}).",
    "The package has more than one signature element ({count}).",
)
UNSIGNED_TEXT = _reason(
    "signature.unsigned-text",
    "Gói tin chứa chú thích, chỉ thị xử lý hoặc DOCTYPE mà chữ ký số không bảo vệ.",
    "The package has comments, processing instructions or a DOCTYPE, which no signature protects.",
)
DUPLICATE_ID = _reason(
    "signature.duplicate-id",
    "Giá trị Id {value} xuất hiện nhiều lần trong gói tin.",
    "The Id value {value} occurs more than once in the package.",
)

# Its form

WRONG_NAMESPACE = _reason(
    "signature.wrong-namespace",
    "Phần tử {element} thuộc không gian tên {namespace}, cần http://www.w3.org/2000/09/xmldsig#.",
    "The element {element} is in the namespace {namespace}, expected http://www.w3.org/2000/09/xmldsig#.",
)
PLACEHOLDER = _reason(
    "signature.placeholder",
    "Chữ ký số chỉ là mẫu minh họa, không có chứng thư thật, không chứng minh được điều gì.",
    "The signature is a placeholder without a real certificate; it proves nothing.",
)
MALFORMED = _reason(
    "signature.malformed",
    "Phần tử {element} của chữ ký số sai cấu trúc: cần {expected}, nhận được {got}.",
    "The element {element} of the signature is malformed: expected {expected}, got {got}.",
)
TOO_LARGE = _reason(
    "signature.too-large",
    "Khối chữ ký số dài {size} ký tự, tối đa {most}.",
    "The signature block has {size} characters, at most {most} are allowed.",
)
CANONICALISATION_FORBIDDEN = _reason(
    "signature.canonicalisation-forbidden",
    "Phương pháp chuẩn hóa {algorithm} không được phép; chỉ dùng Exclusive C14N không chú thích.",
    "The canonicalisation method {algorithm} is not allowed; only Exclusive C14N without comments is.",
)
ALGORITHM_FORBIDDEN = _reason(
    "signature.algorithm-forbidden",
    "Thuật toán {algorithm} không được phép; chỉ dùng RSA-SHA256, ECDSA-SHA256, ECDSA-SHA384 và băm SHA-2.",
    "The algorithm {algorithm} is not allowed; only RSA-SHA256, ECDSA-SHA256, ECDSA-SHA384 and SHA-2 are.",
)
REFERENCE_FORBIDDEN = _reason(
    "signature.reference-forbidden",
    'Tham chiếu không được phép: chỉ nhận một URI="" tới toàn bộ gói tin và mỗi tệp đính kèm một "cid:", '
    "nhận được {got}.",
    'Reference not allowed: expected one URI="" to the whole package, and one "cid:" for an attachment, got {got}.',
)
REFERENCE_UNRESOLVED = _reason(
    "signature.reference-unresolved",
    "Chữ ký số tham chiếu {uri} nhưng gói tin có {count} tệp đính kèm mang ContentId đó, cần đúng một.",
    "The signature refers to {uri}, but {count} attachments of the package have that ContentId, expected one.",
    remedy=Sentence(
        vi='Gửi lại gói tin với đủ các tệp đã ký, mỗi tệp một ContentId; hoặc ký toàn bộ gói tin (URI="").',
        en="Send the package with all the files that were signed, each with a ContentId of its own; or sign the "
        'whole package (URI="").',
    ),
)
PARTIAL = _reason(
    "signature.partial",
    "Chữ ký số chỉ bao trùm tệp đính kèm {covered}; phần đầu và các phần khác của gói tin không được ký.",
    "The signature covers only the attachments {covered}; the header and the rest of the package are not signed.",
    remedy=Sentence(
        vi='Ký toàn bộ gói tin: thêm tham chiếu URI="" với enveloped-signature và Exclusive C14N.',
        en='Sign the whole package: add a reference URI="" with enveloped-signature and Exclusive C14N.',
    ),
)
TRANSFORM_MISNAMED = _reason(
    "signature.transform-misnamed",
    "Phép biến đổi {uri} không tồn tại, được hiểu là Exclusive C14N; phần mềm khác sẽ không công nhận chữ ký này.",
    "The transform {uri} does not exist and was read as Exclusive C14N; other software will not accept this "
    "signature.",
    remedy=Sentence(
        vi="Sửa phần mềm ký: định danh đúng của Exclusive C14N là http://www.w3.org/2001/10/xml-exc-c14n#.",
        en="Correct the signing software: the name of Exclusive C14N is http://www.w3.org/2001/10/xml-exc-c14n#.",
    ),
)
TRANSFORM_FORBIDDEN = _reason(
    "signature.transform-forbidden",
    "Phép biến đổi không được phép: cần enveloped-signature rồi Exclusive C14N, nhận được {got}.",
    "Transforms not allowed: expected enveloped-signature, then Exclusive C14N, got {got}.",
)
NO_CERTIFICATE = _reason(
    "signature.no-certificate",
    "KeyInfo phải có đúng một X509Data chứa từ 1 đến {most} chứng thư, nhận được {got}.",
    "KeyInfo must have exactly one X509Data with 1 to {most} certificates, got {got}.",
)

# Its key and its arithmetic

KEY_MISMATCH = _reason(
    "signature.key-mismatch",
    "Khóa trong chứng thư ({got}) không dùng được cho thuật toán {algorithm}.",
    "The key in the certificate ({got}) does not fit the algorithm {algorithm}.",
)
KEY_WEAK = _reason(
    "signature.key-weak",
    "Khóa RSA {size} bit với số mũ {exponent} bit nằm ngoài giới hạn: 2048 đến 4096 bit, số mũ tối đa 32 bit.",
    "The RSA key of {size} bits with an exponent of {exponent} is out of bounds: 2048 to 4096 bits, up to 32.",
)
VALUE_MALFORMED = _reason(
    "signature.value-malformed",
    "Giá trị {element} không đọc được: cần {expected}, nhận được {got}.",
    "The value of {element} cannot be read: expected {expected}, got {got}.",
)
NOT_IN_CONTENT = _reason(
    "signature.not-in-content",
    "Giá trị chữ ký không có trong nội dung gói tin dưới dạng base64 thông thường.",
    "The signature value does not stand in the octets of the package as plain base64.",
)
VALUE_WRONG = _reason(
    "signature.value-wrong",
    "Giá trị chữ ký không phải do khóa của chứng thư kèm theo tạo ra trên SignedInfo này.",
    "The signature value was not made by the key of the enclosed certificate over this SignedInfo.",
)
NO_CANONICAL_FORM = _reason(
    "signature.no-canonical-form",
    "Gói tin không có dạng chuẩn hóa vì khai báo không gian tên bằng URI tương đối.",
    "The package has no canonical form: it declares a namespace with a relative URI.",
)
ALTERED = _reason(
    "signature.altered",
    "Nội dung gói tin đã bị thay đổi sau khi ký.",
    "The content of the package was changed after it was signed.",
)
ATTACHMENT_ALTERED = _reason(
    "signature.attachment-altered",
    "Tệp đính kèm {attachment} đã bị thay đổi sau khi ký.",
    "The attachment {attachment} was changed after it was signed.",
    remedy=Sentence(
        vi="Ký lại gói tin gốc và gửi nguyên vẹn các tệp đính kèm.",
        en="Sign the original package anew and send its attachments untouched.",
    ),
)
ALTERED_BY_TRACE_HEADER = _reason(
    "signature.altered-by-trace-header",
    "Sau khi ký, hệ thống trên đường đi đã chèn thêm {hops} TraceHeader (cuối cùng là {last}); bỏ phần đó ra thì "
    "chữ ký khớp.",
    "After signing, a system on the way added {hops} TraceHeader (the last says {last}); without that the signature "
    "fits.",
    remedy=Sentence(
        vi="Yêu cầu hệ thống đã chèn thêm chuyển nguyên vẹn gói tin đã ký, hoặc gửi thẳng tới trục.",
        en="Ask the system that added it to forward signed packages untouched, or send to the hub directly.",
    ),
)

# Its certificate

CERTIFICATE_UNREADABLE = _reason(
    "certificate.unreadable",
    "Không đọc được chứng thư số thứ {number} trong chữ ký.",
    "Certificate number {number} in the signature cannot be read.",
)
CERTIFICATE_UNTRUSTED = _reason(
    "certificate.untrusted",
    "Chứng thư của {subject} không dẫn tới gốc tin cậy nào của trục (nơi cấp: {issuer}).",
    "The certificate of {subject} leads to no root that this hub trusts (issuer: {issuer}).",
)
CERTIFICATE_EXPIRED = _reason(
    "certificate.expired",
    "Chứng thư của {subject} đã hết hạn từ {date}.",
    "The certificate of {subject} expired on {date}.",
)
CERTIFICATE_NOT_YET_VALID = _reason(
    "certificate.not-yet-valid",
    "Chứng thư của {subject} chỉ có hiệu lực từ {date}.",
    "The certificate of {subject} is valid only from {date}.",
)
ISSUER_EXPIRED = _reason(
    "certificate.issuer-expired",
    "Chứng thư của cơ quan cấp {issuer} không còn hiệu lực tại thời điểm kiểm tra.",
    "The certificate of the issuing authority {issuer} was not valid at the time of the check.",
)
CERTIFICATE_OF_AUTHORITY = _reason(
    "certificate.is-authority",
    "Chứng thư của {subject} là chứng thư của tổ chức cấp, không được dùng để ký văn bản.",
    "The certificate of {subject} is that of a certification authority and may not sign documents.",
)
CERTIFICATE_WRONG_USAGE = _reason(
    "certificate.wrong-usage",
    "Chứng thư của {subject} không dùng để ký văn bản: cần digitalSignature hoặc nonRepudiation, "
    "nhận được {got}.",
    "The certificate of {subject} is not for signing documents: expected digitalSignature or nonRepudiation, "
    "got {got}.",
)
