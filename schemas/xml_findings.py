"""What can be wrong with bytes before they are a document at all: the kinds that `schemas.xml` finds.

The first thing wrong ends the reading, so a sender gets exactly one of these.
"""

from __future__ import annotations

from schemas.findings import Kind, Severity
from schemas.text import Sentence

EMPTY = Kind(
    "empty",
    Severity.ERROR,
    Sentence(vi="Gói tin rỗng, không có byte nào.", en="The package is empty: it has no bytes."),
    Sentence(
        vi="Kiểm tra tệp trước khi gửi rồi gửi lại toàn bộ gói tin.",
        en="Check the file before sending, then send the whole package again.",
    ),
)
TOO_LARGE = Kind(
    "too-large",
    Severity.ERROR,
    Sentence(
        vi="Gói tin quá lớn: cho phép tối đa {expected} byte, nhận được {got} byte.",
        en="The package is too large: expected at most {expected} bytes, got {got}.",
    ),
    Sentence(
        vi="Giảm dung lượng tệp đính kèm (ví dụ quét ở 200 dpi) hoặc tách thành nhiều gói tin.",
        en="Make the attachments smaller (scan at 200 dpi, for example) or send several packages.",
    ),
)
TOO_MUCH_BESIDE = Kind(
    "too-much-beside-attachments",
    Severity.ERROR,
    Sentence(
        vi="Ngoài base64 của tệp đính kèm, gói tin có quá nhiều nội dung: cho phép tối đa {expected} byte.",
        en="Besides the base64 of its attachments the package has too much: expected at most {expected} bytes.",
    ),
    Sentence(
        vi="Chuyển nội dung dài thành tệp đính kèm; mã hóa tệp bằng base64 chuẩn (RFC 4648, mục 4).",
        en="Make attachments of what is long; encode them in standard base64 (RFC 4648, section 4).",
    ),
)
NOT_UTF8 = Kind(
    "not-utf8",
    Severity.ERROR,
    Sentence(
        vi="Gói tin phải dùng bảng mã UTF-8, nhưng lại là {got}.",
        en="The package must be in UTF-8, but it is {got}.",
    ),
    Sentence(
        vi='Ghi tệp bằng UTF-8 và khai báo encoding="UTF-8" ở dòng đầu.',
        en='Write the file in UTF-8 and declare encoding="UTF-8" in its first line.',
    ),
)
BYTES_BEFORE_XML = Kind(
    "bytes-before-xml",
    Severity.ERROR,
    Sentence(
        vi="Có nội dung thừa «{got}» trước khai báo XML; khai báo XML phải nằm ở đầu tệp.",
        en="There is stray content “{got}” before the XML; the XML declaration must open the file.",
    ),
    Sentence(
        vi="Xóa mọi ký tự đứng trước «<?xml» rồi gửi lại.",
        en="Remove everything before “<?xml” and send again.",
    ),
)
NOT_XML = Kind(
    "not-xml",
    Severity.ERROR,
    Sentence(
        vi="Nội dung không phải là XML đúng cú pháp (chi tiết: {detail}).",
        en="The content is not well-formed XML (detail: {detail}).",
    ),
    Sentence(
        vi="Mở tệp bằng một trình đọc XML, sửa lỗi tại dòng đã nêu rồi gửi lại.",
        en="Open the file in an XML reader, correct it at the line named, and send again.",
    ),
)
TAGS_DO_NOT_MATCH = Kind(
    "tags-do-not-match",
    Severity.ERROR,
    Sentence(
        vi="Thẻ đóng không khớp với thẻ mở: cần đóng «{expected}», gặp «{got}».",
        en="A closing tag does not match its opening tag: expected “{expected}”, got “{got}”.",
    ),
    Sentence(vi="Sửa cặp thẻ tại dòng đã nêu.", en="Correct the pair of tags at the line named."),
)
CONTENT_AFTER_XML = Kind(
    "content-after-xml",
    Severity.ERROR,
    Sentence(
        vi="Có nội dung thừa sau thẻ đóng của phần tử gốc.",
        en="There is stray content after the end of the root element.",
    ),
    Sentence(
        vi="Xóa mọi nội dung đứng sau thẻ đóng cuối cùng; mỗi lần gửi một gói tin.",
        en="Remove everything after the last closing tag; send one package at a time.",
    ),
)
TRUNCATED = Kind(
    "truncated",
    Severity.ERROR,
    Sentence(
        vi="Gói tin bị cắt cụt: tệp kết thúc khi vẫn còn phần tử chưa đóng («{element}»).",
        en="The package is truncated: it ends while elements are still open (“{element}”).",
    ),
    Sentence(
        vi="Kiểm tra quá trình truyền và dung lượng tệp, rồi gửi lại toàn bộ gói tin.",
        en="Check the transfer and the size of the file, then send the whole package again.",
    ),
)
DOCTYPE = Kind(
    "doctype",
    Severity.ERROR,
    Sentence(
        vi="Gói tin có khai báo DOCTYPE; trục liên thông không nhận DOCTYPE.",
        en="The package has a DOCTYPE declaration; the hub accepts none.",
    ),
    Sentence(
        vi="Bỏ khai báo DOCTYPE cùng mọi khai báo thực thể (ENTITY) rồi gửi lại.",
        en="Remove the DOCTYPE and every ENTITY declaration, and send again.",
    ),
)
ENTITY = Kind(
    "entity",
    Severity.ERROR,
    Sentence(
        vi="Gói tin dùng thực thể «&{entity};» không được phép.",
        en="The package uses the entity “&{entity};”, which is not allowed.",
    ),
    Sentence(
        vi="Chỉ dùng thực thể có sẵn của XML (&amp; &lt; &gt; &quot; &apos;); viết ký tự khác bằng UTF-8.",
        en="Use only XML's own entities (&amp; &lt; &gt; &quot; &apos;); write other characters in UTF-8.",
    ),
)
UNDECLARED_PREFIX = Kind(
    "undeclared-prefix",
    Severity.ERROR,
    Sentence(
        vi="Tiền tố «{prefix}» được dùng nhưng chưa khai báo không gian tên (xmlns:{prefix}).",
        en="The prefix “{prefix}” is used, but no namespace is declared for it (xmlns:{prefix}).",
    ),
    Sentence(
        vi="Khai báo xmlns:{prefix} trên phần tử đó hoặc trên phần tử bao ngoài.",
        en="Declare xmlns:{prefix} on that element or on one around it.",
    ),
)
ILLEGAL_CHARACTER = Kind(
    "illegal-character",
    Severity.ERROR,
    Sentence(
        vi="Có ký tự điều khiển mà XML không cho phép.",
        en="There is a control character that XML does not allow.",
    ),
    Sentence(
        vi="Loại bỏ ký tự điều khiển tại dòng đã nêu rồi gửi lại.",
        en="Remove the control character at the line named, and send again.",
    ),
)
COMMENT = Kind(
    "comment",
    Severity.ERROR,
    Sentence(
        vi="Gói tin có chú thích XML (<!-- … -->); chú thích có thể làm sai lệch nội dung được ký.",
        en="The package has an XML comment (<!-- … -->); a comment can falsify what was signed.",
    ),
    Sentence(vi="Xóa chú thích, ký lại rồi gửi.", en="Remove the comment, sign anew, and send."),
)
PROCESSING_INSTRUCTION = Kind(
    "processing-instruction",
    Severity.ERROR,
    Sentence(
        vi="Gói tin có chỉ thị xử lý XML (<?{target} … ?>) không được phép.",
        en="The package has an XML processing instruction (<?{target} … ?>), which is not allowed.",
    ),
    Sentence(
        vi="Xóa chỉ thị xử lý, chỉ giữ lại khai báo XML ở dòng đầu.",
        en="Remove the processing instruction; keep only the XML declaration in the first line.",
    ),
)
TOO_DEEP = Kind(
    "too-deep",
    Severity.ERROR,
    Sentence(
        vi="Các phần tử lồng nhau quá sâu: cho phép tối đa {expected} cấp.",
        en="The elements are nested too deeply: expected at most {expected} levels.",
    ),
    Sentence(
        vi="Gói edXML hợp lệ lồng nhau không quá 10 cấp; kiểm tra lại phần mềm tạo gói tin.",
        en="A sound edXML package nests no deeper than 10 levels; check the software that made it.",
    ),
)
TOO_MANY_TAGS = Kind(
    "too-many-tags",
    Severity.ERROR,
    Sentence(
        vi="Gói tin có quá nhiều thẻ: cho phép tối đa {expected}.",
        en="The package has too many tags: expected at most {expected}.",
    ),
    Sentence(
        vi="Kiểm tra lại phần mềm tạo gói tin; tách thành nhiều gói nếu có quá nhiều nơi nhận.",
        en="Check the software that made it; send several packages if there are that many receivers.",
    ),
)
TOO_MANY_NAMESPACES = Kind(
    "too-many-namespaces",
    Severity.ERROR,
    Sentence(
        vi="Gói tin khai báo quá nhiều không gian tên (xmlns): cho phép tối đa {expected}.",
        en="The package declares too many namespaces (xmlns): expected at most {expected}.",
    ),
    Sentence(
        vi="Chỉ khai báo các không gian tên thực sự dùng; gói edXML cần một hoặc hai.",
        en="Declare only the namespaces that are used; an edXML package needs one or two.",
    ),
)
TOO_MANY_ATTRIBUTES = Kind(
    "too-many-attributes",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» có quá nhiều thuộc tính: cho phép tối đa {expected}.",
        en="The element “{element}” has too many attributes: expected at most {expected}.",
    ),
    Sentence(
        vi="Bỏ các thuộc tính không thuộc chuẩn.", en="Remove the attributes that the standard does not know."
    ),
)
ATTRIBUTE_TOO_LONG = Kind(
    "attribute-too-long",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» có thuộc tính quá dài: cho phép tối đa {expected} ký tự.",
        en="The element “{element}” has too long an attribute: expected at most {expected} characters.",
    ),
    Sentence(
        vi="Đưa nội dung vào phần tử thay vì thuộc tính.",
        en="Put the content in an element, not in an attribute.",
    ),
)
