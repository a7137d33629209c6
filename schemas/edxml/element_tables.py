"""The elements of QCVN 102:2016/BTTTT, block by block, in the order of the official samples.

Paragraph numbers are those of the regulation's part on the data format as an adapter of a ministry carries them.
Lengths: Annex VI of NĐ 30/2020/NĐ-CP (number 11, notation 30, name 200, subject 500, person 50, places 1000, pages 3)
and, where it is silent, a national hub's checker; 35 for codes is QĐ 20/2020/QĐ-TTg; 100 for Website and 255 for
DocumentId are ours. What `.NET` adds after the regulation's own elements stands there because a reader that keeps to
the regulation's order then has everything it knows before the first that it does not.
"""

from __future__ import annotations

from schemas.edxml.elements import Block, Element, Form, Presence, group, value, walk
from schemas.text import Text

REQUIRED, ADVISED, EXPECTED = Presence.REQUIRED, Presence.ADVISED, Presence.EXPECTED
CONDITIONAL, OPTIONAL = Presence.CONDITIONAL, Presence.OPTIONAL
CODE, DAY, MOMENT, FLAG = Form.AGENCY_CODE, Form.DAY, Form.MOMENT, Form.FLAG

_ORGAN_ID = value("OrganId", "Mã định danh", "Identifier", REQUIRED, longest=35, form=CODE)
_IN_CHARGE = value("OrganizationInCharge", "Cơ quan chủ quản", "Parent body", EXPECTED, longest=500)
_ORGAN_NAME = value("OrganName", "Tên cơ quan, tổ chức", "Name", ADVISED, longest=200)
_CONTACTS = (
    value("OrganAdd", "Địa chỉ", "Address", EXPECTED, longest=500),
    value("Email", "Thư điện tử", "E-mail", EXPECTED, longest=100),
    value("Telephone", "Điện thoại", "Telephone", EXPECTED, longest=20),
    value("Fax", "Fax", "Fax", EXPECTED, longest=20),
    value("Website", "Trang thông tin điện tử", "Web site", EXPECTED, longest=100),
)
_DEPARTMENT = (
    value("Department", "Bộ phận", "Department", EXPECTED, longest=300),
    value("DepartmentId", "Mã bộ phận", "Department's identifier", added=True),
    value("Staff", "Cán bộ", "Person", EXPECTED, longest=300),
    value("StaffId", "Mã cán bộ", "Person's identifier", added=True),
)
_STAFF_EMAIL = value("Email", "Thư điện tử", "E-mail", EXPECTED, longest=100)
_STAFF_MOBILE = value("Mobile", "Điện thoại di động", "Mobile telephone", EXPECTED, longest=30)
_STAFF_DOTNET = ("Department", "Staff", "Mobile", "Email", "DepartmentId", "StaffId")
_DOCUMENT_ID = value("DocumentId", "Định danh văn bản", "Document's identifier", REQUIRED, longest=255)
_MESSAGE_HEADER_DOTNET = (
    "From", "To", "Code", "PromulgationInfo", "DocumentType", "Subject", "Content", "SignerInfo", "DueDate",
    "ToPlaces", "OtherInfo", "ResponseFor", "SteeringType", "DocumentId", "ResponseForTask", "ApplicationType",
)  # fmt: skip


def _block(name: str, vi: str, en: str, *elements: Element, dotnet: tuple[str, ...] = ()) -> Block:
    return Block(name, Text(vi=vi, en=en), elements, dotnet)


_ALL = (
    _block(
        "edXML", "Gói tin văn bản", "A document package",
        group("edXMLEnvelope", "Phong bì", "Envelope", "edXMLEnvelope", REQUIRED),
        group("AttachmentEncoded", "Các tệp đính kèm", "Attachments", "AttachmentEncoded", CONDITIONAL),
    ),
    _block(
        "edXMLEnvelope", "Phong bì", "The envelope",
        group("edXMLHeader", "Phần đầu", "Header", "edXMLHeader", REQUIRED),
        group("edXMLBody", "Phần thân", "Body", "edXMLBody", EXPECTED),
    ),
    _block(
        "edXMLHeader", "Phần đầu", "The header",
        group("MessageHeader", "Thông tin văn bản", "The document", "MessageHeader", REQUIRED, clause="1"),
        group("TraceHeaderList", "Vết chuyển và nghiệp vụ", "Hops and business", "TraceHeaderList", EXPECTED,
              clause="2"),
        value("DigitalSignature", "Chữ ký số (phần tử rỗng của .NET)", "Signature (.NET's empty element)",
              OPTIONAL, added=True),
        value("Signature", "Chữ ký số", "Signature", OPTIONAL),
    ),
    _block(
        "MessageHeader", "Thông tin văn bản", "The document",
        group("From", "Bên gửi", "Sender", "Organization", REQUIRED, clause="1.1"),
        group("To", "Bên nhận", "Receiver", "Organization", REQUIRED, clause="1.2", repeats=True),
        value("DocumentId", "Định danh văn bản", "Document's identifier", REQUIRED, clause="1.14", longest=255),
        group("Code", "Số và ký hiệu", "Number and notation", "Code", REQUIRED, clause="1.3"),
        group("PromulgationInfo", "Ban hành", "Issue", "PromulgationInfo", REQUIRED, clause="1.4"),
        group("DocumentType", "Loại văn bản", "Kind of document", "DocumentType", ADVISED, clause="1.5"),
        value("Subject", "Trích yếu", "Subject", REQUIRED, clause="1.6", longest=500),
        value("Content", "Nội dung tóm tắt", "Summary", EXPECTED, clause="1.7", longest=500),
        group("SignerInfo", "Người ký", "Signer", "SignerInfo", EXPECTED, clause="1.8"),
        value("DueDate", "Hạn trả lời", "Answer due", clause="1.9", form=DAY),
        group("OtherInfo", "Thông tin khác", "Other", "OtherInfo", ADVISED, clause="1.11"),
        group("ResponseFor", "Văn bản được trả lời", "Document answered", "ResponseFor", clause="1.12",
              repeats=True),
        value("SteeringType", "Loại chỉ đạo", "Steering", EXPECTED, clause="1.13", form=Form.CODE),
        group("ResponseForTask", "Nhiệm vụ được trả lời", "Tasks answered", "ResponseForTask", added=True),
        value("ApplicationType", "Loại ứng dụng", "Kind of application", added=True),
        group("ToPlaces", "Nơi nhận (chữ)", "Receivers in words", "ToPlaces", clause="1.10"),
        dotnet=_MESSAGE_HEADER_DOTNET,
    ),
    _block(
        "Organization", "Cơ quan, tổ chức", "An organisation", _ORGAN_ID, _IN_CHARGE, _ORGAN_NAME, *_CONTACTS
    ),
    _block(
        "Code", "Số và ký hiệu", "Number and notation",
        value("CodeNumber", "Số", "Number", REQUIRED, clause="1.3", longest=11),
        value("CodeNotation", "Ký hiệu", "Notation", REQUIRED, clause="1.3", longest=30),
    ),
    _block(
        "PromulgationInfo", "Ban hành", "Issue",
        value("Place", "Nơi ban hành", "Place", EXPECTED, clause="1.4", longest=50),
        value("PromulgationDate", "Ngày ban hành", "Date", REQUIRED, clause="1.4", form=DAY),
    ),
    _block(
        "DocumentType", "Loại văn bản", "Kind of document",
        value("Type", "Nhóm văn bản", "Class", EXPECTED, clause="1.5", form=Form.INTEGER),
        value("TypeDetail", "Loại chi tiết", "Detail", clause="1.5", form=Form.INTEGER),
        value("TypeName", "Tên loại", "Name", ADVISED, clause="1.5", longest=100),
        dotnet=("Type", "TypeName", "TypeDetail"),
    ),
    _block(
        "SignerInfo", "Người ký", "Signer",
        value("Competence", "Thẩm quyền ký (TM., KT., TL., TUQ.)", "Authority (TM., KT., TL., TUQ.)", EXPECTED,
              clause="1.8", longest=100),
        value("Position", "Chức vụ", "Position", EXPECTED, clause="1.8", longest=100),
        value("FullName", "Họ và tên", "Name", EXPECTED, clause="1.8", longest=50),
    ),
    _block(
        "OtherInfo", "Thông tin khác", "Other",
        value("Priority", "Độ khẩn", "Priority", ADVISED, clause="1.11", form=Form.CODE),
        value("SphereOfPromulgation", "Phạm vi ban hành", "Sphere of issue", clause="1.11", longest=100),
        value("TyperNotation", "Ký hiệu người soạn thảo", "Typist", clause="1.11", longest=10),
        value("PromulgationAmount", "Số lượng bản", "Copies", clause="1.11", longest=3, form=Form.COUNT),
        value("PageAmount", "Số trang", "Pages", clause="1.11", longest=3, form=Form.COUNT),
        value("ReplyFors", "Trả lời cho", "Answers to", added=True),
        value("Direction", "Chiều văn bản", "Direction", added=True, form=Form.BOOLEAN),
        value("ReferenceCodes", "Mã tham chiếu", "Reference codes", added=True),
        group("Appendixes", "Các phụ lục", "Appendices", "Appendixes", clause="1.11"),
        dotnet=(
            "Priority", "SphereOfPromulgation", "TyperNotation", "PromulgationAmount", "PageAmount", "Appendixes",
            "ReplyFors", "Direction", "ReferenceCodes",
        ),
    ),
    _block(
        "Appendixes", "Các phụ lục", "Appendices",
        value("Appendix", "Phụ lục", "Appendix", REQUIRED, clause="1.11", repeats=True),
    ),
    _block(
        "ResponseFor", "Văn bản được trả lời", "Document answered",
        value("OrganId", "Mã cơ quan ban hành", "Issuing agency", REQUIRED, clause="1.12", longest=35, form=CODE),
        value("Code", "Số/ký hiệu", "Number/notation", EXPECTED, clause="1.12", longest=100),
        _DOCUMENT_ID,
        value("PromulgationDate", "Ngày ban hành", "Date", EXPECTED, clause="1.12", form=DAY),
        dotnet=("OrganId", "Code", "PromulgationDate", "DocumentId"),
    ),
    _block(
        "ResponseForTask", "Nhiệm vụ được trả lời", "Tasks answered",
        value("TaskCode", "Mã nhiệm vụ", "Task", REQUIRED, repeats=True, added=True),
    ),
    _block(
        "ToPlaces", "Nơi nhận (chữ)", "Receivers in words",
        value("Place", "Nơi nhận", "Place", REQUIRED, clause="1.10", longest=150, repeats=True),
    ),
    _block(
        "TraceHeaderList", "Vết chuyển và nghiệp vụ", "Hops and business",
        group("TraceHeader", "Chặng", "Hop", "TraceHeader", EXPECTED, clause="2.1", repeats=True),
        group("Bussiness", "Nghiệp vụ (viết sai trong chính quy chuẩn)", "Business (misspelt in the standard itself)",
              "Bussiness", ADVISED, clause="2.2"),
    ),
    _block(
        "TraceHeader", "Chặng", "A hop",
        value("OrganId", "Nơi đã qua", "Where", EXPECTED, clause="2.1", longest=35, form=CODE),
        value("Timestamp", "Thời điểm", "When", REQUIRED, clause="2.1", form=MOMENT),
    ),
    _block(
        "Bussiness", "Nghiệp vụ", "Business",
        value("DocumentId", "Văn bản được tác động", "Document acted on", CONDITIONAL, clause="2.2.4", longest=255),
        value("BussinessDocType", "Loại nghiệp vụ", "What the package does", REQUIRED, clause="2.2.1",
              form=Form.CODE),
        value("BussinessDocReason", "Lý do", "Reason", CONDITIONAL, clause="2.2.2", longest=500),
        value("Paper", "Có gửi bản giấy", "Paper copy follows", EXPECTED, clause="2.2.6", form=FLAG),
        group("BussinessDocumentInfo", "Nội dung cập nhật", "What an update changes", "BussinessDocumentInfo",
              CONDITIONAL, clause="2.2.3", repeats=True),
        group("ReplacementInfoList", "Các văn bản bị thay thế", "Documents replaced", "ReplacementInfoList",
              CONDITIONAL, clause="2.2.8"),
        group("StaffInfo", "Cán bộ xử lý", "Person in charge", "StaffInfo", EXPECTED, clause="2.2.5", repeats=True),
        dotnet=(
            "BussinessDocType", "BussinessDocReason", "BussinessDocumentInfo", "DocumentId", "StaffInfo", "Paper",
            "ReplacementInfoList",
        ),
    ),
    _block(
        "BussinessDocumentInfo", "Nội dung cập nhật", "What an update changes",
        value("DocumentInfo", "Nội dung hoặc thông tin thay đổi", "Content or metadata changed", REQUIRED,
              clause="2.2.3", form=FLAG),
        value("DocumentReceiver", "Danh sách nơi nhận thay đổi", "Receivers changed", REQUIRED, clause="2.2.3",
              form=FLAG),
        group("ReceiverList", "Các nơi nhận thay đổi", "Receivers changed", "ReceiverList", CONDITIONAL,
              clause="2.2.3"),
    ),
    _block(
        "ReceiverList", "Các nơi nhận thay đổi", "Receivers changed",
        group("Receiver", "Nơi nhận", "Receiver", "Receiver", REQUIRED, clause="2.2.3", repeats=True),
    ),
    _block(
        "Receiver", "Nơi nhận thay đổi", "A receiver changed",
        _ORGAN_ID,
        value("ReceiverType", "0 bỏ ra, 1 thêm vào", "0 taken off, 1 added", REQUIRED, clause="2.2.3", form=FLAG),
    ),
    _block(
        "ReplacementInfoList", "Các văn bản bị thay thế", "Documents replaced",
        group("ReplacementInfo", "Văn bản bị thay thế", "Document replaced", "ReplacementInfo", REQUIRED,
              clause="2.2.8", repeats=True),
    ),
    _block(
        "ReplacementInfo", "Văn bản bị thay thế", "A document replaced",
        _DOCUMENT_ID,
        group("OrganIdList", "Các nơi nhận liên quan", "Receivers concerned", "OrganIdList", EXPECTED,
              clause="2.2.8"),
    ),
    _block(
        "OrganIdList", "Các nơi nhận liên quan", "Receivers concerned",
        value("OrganId", "Mã định danh", "Identifier", clause="2.2.8", longest=35, form=CODE, repeats=True),
    ),
    _block(
        "StaffInfo", "Cán bộ xử lý", "Person in charge", *_DEPARTMENT, _STAFF_EMAIL, _STAFF_MOBILE,
        dotnet=_STAFF_DOTNET,
    ),
    _block(
        "edXMLBody", "Phần thân", "The body",
        group("edXMLManifest", "Danh mục tệp (thuộc tính version=\"1.0\")", "Manifest (attribute version=\"1.0\")",
              "edXMLManifest", EXPECTED),
    ),
    _block(
        "edXMLManifest", "Danh mục tệp đính kèm", "The manifest",
        group("Reference", "Mục", "Entry", "Reference", CONDITIONAL, repeats=True),
    ),
    _block(
        "Reference", "Mục của danh mục", "An entry of the manifest",
        value("ContentId", "Mã tệp (cid:…)", "Content id (cid:…)", REQUIRED, form=Form.CONTENT_ID),
        value("ContentType", "Kiểu nội dung", "Media type", REQUIRED, form=Form.MEDIA_TYPE),
        value("Description", "Mô tả", "Description", longest=500),
        value("AttachmentName", "Tên tệp", "File name", REQUIRED, longest=500),
    ),
    _block(
        "AttachmentEncoded", "Các tệp đính kèm", "The attachments",
        group("Attachment", "Tệp đính kèm", "Attachment", "Attachment", REQUIRED, repeats=True),
    ),
    _block(
        "Attachment", "Tệp đính kèm", "An attachment",
        value("ContentId", "Mã tệp (cid:…)", "Content id (cid:…)", REQUIRED, form=Form.CONTENT_ID),
        value("AttachmentName", "Tên tệp", "File name", REQUIRED, longest=500),
        value("Description", "Mô tả", "Description", longest=500),
        value("FieldName", "Tên trường", "Field", added=True),
        value("MimeType", "Kiểu MIME", "MIME type", added=True),
        value("ContentType", "Kiểu nội dung; quyết định cách giải mã", "Media type; decides how to decode", REQUIRED,
              form=Form.MEDIA_TYPE),
        value("ContentTransferEncoded", "Nội dung base64", "Content in base64", REQUIRED, form=Form.BASE64),
    ),
    # Status packages: the samples' order is another one, and .NET's is the same as the samples'.
    _block(
        "status:edXML", "Gói tin trạng thái", "A status package",
        group("edXMLEnvelope", "Phong bì", "Envelope", "status:edXMLEnvelope", REQUIRED),
    ),
    _block(
        "status:edXMLEnvelope", "Phong bì của trạng thái", "A status' envelope",
        group("edXMLHeader", "Phần đầu", "Header", "status:edXMLHeader", REQUIRED),
    ),
    _block(
        "status:edXMLHeader", "Phần đầu của trạng thái", "A status' header",
        group("MessageHeader", "Trạng thái", "The status", "status:MessageHeader", REQUIRED),
    ),
    _block(
        "status:MessageHeader", "Trạng thái", "The status",
        group("From", "Bên phát trạng thái", "Who answers", "status:Organization", REQUIRED),
        group("ResponseFor", "Văn bản được trả lời; cơ quan ở đây là nơi nhận trạng thái",
              "Document answered; its agency is the addressee", "status:ResponseFor", REQUIRED),
        group("StaffInfo", "Cán bộ xử lý", "Person in charge", "status:StaffInfo", EXPECTED),
        value("StatusCode", "Mã trạng thái", "Status", REQUIRED, form=Form.CODE),
        value("Description", "Diễn giải, lý do", "Explanation, reason", CONDITIONAL, longest=1000),
        value("Timestamp", "Thời điểm", "When", REQUIRED, form=MOMENT),
    ),
    _block(
        "status:Organization", "Bên phát trạng thái", "Who answers", _ORGAN_ID, _ORGAN_NAME, _IN_CHARGE, *_CONTACTS
    ),
    _block(
        "status:ResponseFor", "Văn bản được trả lời", "Document answered",
        _ORGAN_ID,
        value("Code", "Số/ký hiệu", "Number/notation", ADVISED, longest=100),
        value("PromulgationDate", "Ngày ban hành", "Date", EXPECTED, form=DAY),
        _DOCUMENT_ID,
    ),
    _block(
        "status:StaffInfo", "Cán bộ xử lý", "Person in charge", *_DEPARTMENT, _STAFF_MOBILE, _STAFF_EMAIL
    ),
)  # fmt: skip

BLOCKS: dict[str, Block] = {block.name: block for block in _ALL}
ROOTS = ("edXML", "status:edXML")


def below(root: str) -> list[str]:
    """Return the names of a block and of all those inside it, each once, from the top down."""
    inside = [name for element in BLOCKS[root].elements if element.of for name in below(element.of)]
    return list(dict.fromkeys([root, *inside]))


# Texts that together may be no longer than this: Annex VI has one field for all of the receivers in words.
TOGETHER: dict[str, int] = {"ToPlaces": 1000}

# Every name that the standard or a vendor's addition has. Others are nobody's: a rule warns of them by itself.
NAMES: frozenset[str] = frozenset(element.name for block in _ALL for element in block.elements)

# By the names of parent and element; the same names mean the same in documents and in status packages.
LENGTHS: dict[tuple[str, str], int] = {
    (parent, element.name): element.longest
    for root in ROOTS
    for parent, element in walk(BLOCKS, root, "edXML")
    if element.longest is not None
}
