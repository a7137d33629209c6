"""The sentences of `docs/format.*.md` that no table says."""

from __future__ import annotations

from schemas.text import Sentence, Text

TITLE = Text(vi="Định dạng như trục đọc và viết", en="The format as the hub reads and writes it")
INTRODUCTION = Text(
    vi=(
        "Trang này được tạo ra từ chính các bảng mà chương trình dùng (`python -m schemas.reference`); đừng "
        "sửa tay. Chưa có lược đồ XML nào của QCVN 102:2016/BTTTT được công bố; tên, thứ tự và độ dài dưới đây "
        "lấy từ các gói tin mẫu, từ các hệ thống đang chạy và từ Phụ lục VI Nghị định 30/2020/NĐ-CP. Số mục là "
        "số của quy chuẩn trong phạm vi được biết. Mọi điều có thể tìm thấy trong một gói tin: "
        "[findings.md](findings.md)."
    ),
    en=(
        "This page is made from the tables that the program itself uses (`python -m schemas.reference`); do "
        "not edit it. No XML schema of QCVN 102:2016/BTTTT has been published; names, order and lengths below "
        "are those of the sample packages, of systems in use and of Annex VI of Decree 30/2020/NĐ-CP. Clauses "
        "are the regulation's as far as they are known. All that can be found in a package: [findings.md](findings.md)."
    ),
)
STANDARDS = Text(vi="Các chuẩn được biết", en="Standards that are known")
STANDARD_COLUMNS = (
    Text(vi="Chuẩn", en="Standard"),
    Text(vi="Nội dung", en="What it is"),
    Text(vi="Phần tử gốc", en="Root"),
    Text(vi="Không gian tên", en="Namespace"),
    Text(vi="Từ ngày", en="Since"),
    Text(vi="Trục chuyển", en="Carried"),
)
RETIRED_ONES = Text(
    vi="Không còn được tiếp nhận, và bị từ chối với đúng lý do đó:",
    en="No longer accepted, and refused with that reason:",
)
Section = tuple[Text, tuple[Text, ...]]

CONVENTIONS: Section = (
    Text(vi="Cách đọc", en="How packages are read"),
    (
        Text(
            vi="UTF-8, không DOCTYPE, không chú thích, không chỉ thị xử lý. Phần tử được nhận ra theo không "
            "gian tên và tên, không theo tiền tố; thứ tự nào cũng được.",
            en="UTF-8, no DOCTYPE, no comments, no processing instructions. Elements are known by namespace "
            "and name, never by prefix; any order will do.",
        ),
        Text(
            vi="Khoảng trắng quanh giá trị không thuộc về giá trị. Phần tử lạ trong MessageHeader và OtherInfo "
            "được chuyển đi nguyên vẹn nhưng không đọc.",
            en="Blanks around a value are not part of it. What the standard does not have in MessageHeader and "
            "OtherInfo travels on untouched, unread.",
        ),
        Text(
            vi="Không có Bussiness thì là văn bản mới. Có StatusCode thì là gói tin trạng thái; nơi nhận của "
            "trạng thái là ResponseFor/OrganId.",
            en="Without Bussiness it is a new document. With StatusCode it is a status package, and its "
            "addressee is ResponseFor/OrganId.",
        ),
        Text(
            vi="Mã trạng thái 14 được hiểu là 15. Giá trị «null» hoặc trống của một chặng là không rõ.",
            en="Status 14 is read as 15. “null”, or nothing, as the place of a hop means that nobody knows.",
        ),
    ),
)
DIALECTS: Section = (
    Text(vi="Cách viết", en="How packages are written"),
    (
        Text(
            vi="Bên trong edXMLEnvelope và ở ContentTransferEncoded: tiền tố edXML; phần còn lại không có tiền "
            "tố. Một số hệ thống từ chối mọi cách viết khác.",
            en="Inside edXMLEnvelope and on ContentTransferEncoded: the prefix edXML; elsewhere none. Some "
            "systems refuse any other.",
        ),
        Text(
            vi="Hai cách sắp thứ tự: «vnpt» như gói tin mẫu (các bảng dưới đây) và «dotnet» như bộ .NET SDK "
            "(theo số mục của quy chuẩn; phần bổ sung của nhà cung cấp đứng sau). “edochub compose --dialect” "
            "chọn cho một gói tin, “edochub endpoints set --dialect” cho các gói tin trạng thái trục viết gửi đến đó.",
            en="Two orders: “vnpt” as the samples have it (the tables below), and “dotnet” as the .NET SDK has "
            "it (the regulation's clauses; vendors' additions come after them). “edochub compose --dialect” "
            "chooses for a package, “edochub endpoints set --dialect” for the hub's own statuses to an endpoint.",
        ),
        Text(
            vi="Riêng «dotnet»: khai báo xsi, xsd, xlink ở phần tử gốc; thuộc tính id, version, "
            "mustUnderstand, actor ở TraceHeaderList; xlink:href ở Reference; phần tử rỗng DigitalSignature.",
            en="“dotnet” only: xsi, xsd and xlink declared on the root; id, version, mustUnderstand and actor "
            "on TraceHeaderList; xlink:href on Reference; an empty DigitalSignature.",
        ),
        Text(
            vi="Phần tử không có giá trị thì không viết ra. Luôn viết Bussiness, kể cả với văn bản mới.",
            en="Elements without a value are left out. Bussiness is always written, for new documents too.",
        ),
        Text(
            vi="Lược đồ chặt cho cả hai: schemas/edxml/xsd/strict-*.xsd; “edochub check --strict” kiểm tra theo đó.",
            en="Strict schemas for both: schemas/edxml/xsd/strict-*.xsd; “edochub check --strict” applies them.",
        ),
    ),
)
ATTACHMENTS: Section = (
    Text(vi="Tệp đính kèm", en="Attachments"),
    (
        Text(
            vi="Reference và Attachment khớp nhau theo ContentId, bỏ tiền tố cid:. Khi hai bên nói khác nhau, "
            "lấy theo Attachment.",
            en="Reference and Attachment are matched by ContentId, without cid:. Where the two disagree, the "
            "Attachment counts.",
        ),
        Text(
            vi="ContentType application/zip: có thể là tệp zip, hoặc một tệp được bọc (một mục, tên ngẫu "
            "nhiên); tên thật là AttachmentName. Kiểu khác: các byte gốc.",
            en="ContentType application/zip: a zip file, or one file in a wrapping (one entry, a random name) "
            "whose real name is AttachmentName. Any other type: the bytes as they are.",
        ),
        Text(
            vi="Không tin tên, kiểu, kích thước đã khai báo: nội dung được nhận ra theo các byte đầu, tệp nén "
            "bị giới hạn số mục, tỷ lệ nén và tổng dung lượng.",
            en="No declared name, type or size is trusted: contents are told by their first bytes, archives "
            "are limited in entries, ratio and total size.",
        ),
    ),
)
LOST: Section = (
    Text(vi="Điều không giữ được khi viết lại", en="What rewriting does not keep"),
    (
        Text(
            vi="Chữ ký: viết lại là làm hỏng chữ ký, nên không chép sang.",
            en="Signatures: rewriting breaks them, so they are not copied.",
        ),
        Text(
            vi="Khoảng trắng giữa các phần tử và quanh giá trị.",
            en="Blanks between elements and around values.",
        ),
        Text(vi="Phần tử rỗng, và ResponseFor rỗng.", en="Empty elements, and an empty ResponseFor."),
        Text(vi="Phần tử lạ.", en="Elements that the standard does not have."),
        Text(
            vi="Chỗ danh mục nói khác tệp đính kèm: cả hai được viết theo tệp đính kèm.",
            en="What the manifest says otherwise than the attachment: both are written as the attachment has it.",
        ),
        Text(
            vi="Vì vậy trục không bao giờ viết lại gói tin của người khác: byte đi ra đúng là byte đi vào.",
            en="That is why the hub never rewrites what others sent: the bytes that come out are those that went in.",
        ),
    ),
)
DOCUMENTS = Text(vi="Gói tin văn bản", en="Document packages")
STATUSES = Text(vi="Gói tin trạng thái", en="Status packages")
COLUMNS = (
    Text(vi="Phần tử", en="Element"),
    Text(vi="Ý nghĩa", en="Meaning"),
    Text(vi="Mục", en="Clause"),
    Text(vi="Có mặt", en="Presence"),
    Text(vi="Số lần", en="Occurs"),
    Text(vi="Giá trị", en="Value"),
    Text(vi="Độ dài tối đa", en="Longest"),
)
ADDED = Text(vi="bổ sung của nhà cung cấp", en="a vendor's addition")
DOTNET_ORDER = Sentence(vi="Thứ tự .NET: {order}.", en="Order of .NET: {order}.")
TOGETHER_AT_MOST = Sentence(
    vi="Cộng lại tối đa {longest} ký tự.", en="Together at most {longest} characters."
)
CODES = Text(vi="Bảng mã", en="Code tables")
ADMINISTRATIVE = Text(
    vi="Tên loại văn bản hành chính (Nghị định 30/2020/NĐ-CP)",
    en="Kinds of administrative document (Decree 30/2020/NĐ-CP)",
)
EBMS_ERRORS = Text(vi="Mã lỗi ebMS 3.0 / AS4", en="Error codes of ebMS 3.0 / AS4")
RULES = Text(vi="Quy tắc", en="Rules")
RULE_COLUMNS = (
    Text(vi="Quy tắc", en="Rule"),
    Text(vi="Mức", en="Severity"),
    Text(vi="Từ ngày", en="Since"),
    Text(vi="Căn cứ", en="Clause"),
    Text(vi="Nội dung", en="What must be so"),
    Text(vi="Có thể tìm thấy", en="Can find"),
)
