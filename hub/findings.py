"""What the hub itself can find wrong with a document that `schemas` holds to be right: who, to whom, about what."""

from __future__ import annotations

from schemas.findings import Kind, Severity
from schemas.text import Sentence

SENDER_UNKNOWN = Kind(
    "sender.unknown",
    Severity.ERROR,
    Sentence(
        vi="Mã định danh bên gửi {code} không có trong danh bạ: {explanation}",
        en="The sender's code {code} is not in the directory: {explanation}",
    ),
    Sentence(
        vi="Ghi mã đã đăng ký của cơ quan vào From/OrganId, hoặc đề nghị quản trị trục cập nhật danh bạ",
        en="Put the agency's registered code into From/OrganId, or ask the hub's operator to update the directory",
    ),
)
SENDER_NOT_ALLOWED = Kind(
    "sender.not-allowed",
    Severity.ERROR,
    Sentence(
        vi="Điểm kết nối {endpoint} không được gửi thay cơ quan {code}",
        en="Endpoint {endpoint} does not speak for agency {code}",
    ),
    Sentence(
        vi="Gửi qua điểm kết nối của cơ quan ghi trong From, hoặc đề nghị quản trị trục bổ sung cơ quan này",
        en="Send through the endpoint of the agency in From, or ask the hub's operator to add that agency",
    ),
)
SENDER_CODE_CLOSED = Kind(
    "sender.code-closed",
    Severity.WARNING,
    Sentence(
        vi="Mã bên gửi {code} đã đóng: {explanation}",
        en="The sender's code {code} is closed: {explanation}",
    ),
    Sentence(vi="Dùng mã hiện hành của cơ quan", en="Use the agency's present code"),
)
ADDRESSEE_UNKNOWN = Kind(
    "addressee.unknown",
    Severity.ERROR,
    Sentence(
        vi="Mã nơi nhận {code} không có trong danh bạ: {explanation}",
        en="The addressee's code {code} is not in the directory: {explanation}",
    ),
    Sentence(
        vi="Kiểm tra To/OrganId với danh bạ của trục (edochub agencies, GET /api/v1/agencies)",
        en="Check To/OrganId against the hub's directory (edochub agencies, GET /api/v1/agencies)",
    ),
)
ADDRESSEE_CLOSED = Kind(
    "addressee.closed",
    Severity.ERROR,
    Sentence(
        vi="Mã nơi nhận {code} đã đóng: {explanation}",
        en="The addressee's code {code} is closed: {explanation}",
    ),
    Sentence(
        vi="Gửi đến mã kế tục, sau khi kiểm tra cơ quan nào nay phụ trách việc này",
        en="Send to the successor's code, once it is clear which agency is in charge now",
    ),
)
ADDRESSEE_TWICE = Kind(
    "addressee.same-agency",
    Severity.WARNING,
    Sentence(
        vi="Mã {code} và mã {other} là cùng một cơ quan; trục chỉ chuyển một lần",
        en="The codes {code} and {other} are one agency; the hub delivers once",
    ),
    Sentence(vi="Chỉ ghi một mã cho mỗi cơ quan", en="Name each agency by one code only"),
)
ADDRESSEE_NOT_CONNECTED = Kind(
    "addressee.not-connected",
    Severity.WARNING,
    Sentence(
        vi="Cơ quan {code} chưa kết nối với trục; văn bản được giữ lại đến khi kết nối",
        en="Agency {code} is not connected to the hub yet; the document is held until it is",
    ),
    Sentence(
        vi="Gửi thêm bản giấy nếu gấp, hoặc hỏi quản trị trục",
        en="Send paper too if it is urgent, or ask the hub's operator",
    ),
)
ORIGINAL_UNKNOWN = Kind(
    "exchange.original-unknown",
    Severity.WARNING,
    Sentence(
        vi="Trục chưa từng nhận từ bên gửi này văn bản mà gói tin cập nhật, thay thế hoặc thu hồi ({document_id})",
        en="This hub never had from this sender the document that is updated, replaced or recalled ({document_id})",
    ),
    Sentence(
        vi="Gói tin vẫn được chuyển vì chứa toàn bộ văn bản; kiểm tra DocumentId nếu văn bản gốc đã đi qua trục này",
        en="It is carried, since it holds the whole document; check DocumentId if the original came this way",
    ),
)
RECALL_NOT_SENDER = Kind(
    "exchange.not-sender",
    Severity.ERROR,
    Sentence(
        vi="Văn bản {document_id} không phải do {code} gửi; chỉ bên gửi được cập nhật, thay thế hoặc thu hồi",
        en="Document {document_id} was not sent by {code}; only its sender may update, replace or recall it",
    ),
    Sentence(
        vi="Ghi DocumentId của văn bản do chính cơ quan này gửi",
        en="Name the DocumentId of a document that this agency itself sent",
    ),
)
ANSWER_UNKNOWN_DOCUMENT = Kind(
    "answer.unknown-document",
    Severity.ERROR,
    Sentence(
        vi="Trục không có văn bản {document_id} của cơ quan {sender} để trả lời",
        en="This hub has no document {document_id} from agency {sender} that could be answered",
    ),
    Sentence(
        vi="Kiểm tra ResponseFor/DocumentId và ResponseFor/OrganId: ghi đúng như văn bản đã nhận",
        en="Check ResponseFor/DocumentId and ResponseFor/OrganId: as in the document that was received",
    ),
)
ANSWER_CARRIED_UNKNOWN = Kind(
    "answer.document-not-seen",
    Severity.WARNING,
    Sentence(
        vi="Trục không có văn bản {document_id} của cơ quan {sender}; trạng thái vẫn được chuyển theo cấu hình",
        en="This hub has no document {document_id} from agency {sender}; the answer is carried as configured",
    ),
    Sentence(
        vi="Không cần làm gì trong thời gian chuyển đổi từ trục khác",
        en="Nothing to do in the months after a change-over from another axis",
    ),
)
ANSWER_NOT_ADDRESSEE = Kind(
    "answer.not-addressee",
    Severity.ERROR,
    Sentence(
        vi="Cơ quan {code} không phải nơi nhận của văn bản {document_id}",
        en="Agency {code} is not an addressee of document {document_id}",
    ),
    Sentence(
        vi="Chỉ nơi nhận văn bản được gửi trạng thái xử lý về văn bản đó",
        en="Only an addressee of a document may answer it",
    ),
)
RECALL_NOT_ADDRESSEE = Kind(
    "answer.recall-not-addressee",
    Severity.ERROR,
    Sentence(
        vi="Văn bản {document_id} chưa từng gửi đến {code}, không thể yêu cầu lấy lại",
        en="Document {document_id} was never sent to {code}: it cannot be asked back from there",
    ),
    Sentence(
        vi="Ghi mã của một nơi nhận văn bản vào ResponseFor/OrganId",
        en="Put the code of one of the document's addressees into ResponseFor/OrganId",
    ),
)
