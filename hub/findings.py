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
DOCUMENT_ID_REUSED = Kind(
    "document.id-reused",
    Severity.WARNING,
    Sentence(
        vi="DocumentId {document_id} đã được bên gửi dùng cho một văn bản có nội dung khác ({other})",
        en="The sender has used the DocumentId {document_id} for a document with other content ({other})",
    ),
    Sentence(
        vi="Mỗi văn bản cần một DocumentId riêng; bản sửa của cùng văn bản thì gửi bằng gói tin cập nhật hoặc thay thế",
        en="Give each document a DocumentId of its own; send corrections of one as an update or a replacement",
    ),
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
ADDRESSEE_CODE_CHANGED = Kind(
    "addressee.code-changed",
    Severity.WARNING,
    Sentence(
        vi="Mã nơi nhận {code} không phải mã hiện hành của {name}; mã hiện hành là {present}",
        en="The addressee's code {code} is not the present code of {name}, which is {present}",
    ),
    Sentence(
        vi="Văn bản vẫn được chuyển; cập nhật sổ địa chỉ, dùng mã {present}",
        en="The document is delivered all the same; update the address book to {present}",
    ),
)
ADDRESSEE_FORWARDED = Kind(
    "addressee.forwarded",
    Severity.WARNING,
    Sentence(
        vi="Mã nơi nhận {code} đã ngừng sử dụng; văn bản được chuyển đến cơ quan kế thừa {successor} ({name})",
        en="The addressee's code {code} is closed; the document goes to its successor {successor} ({name})",
    ),
    Sentence(
        vi="Cập nhật sổ địa chỉ: dùng mã {successor} thay cho {code}",
        en="Update the address book: {successor} in place of {code}",
    ),
)
ADDRESSEE_SPLIT = Kind(
    "addressee.split",
    Severity.WARNING,
    Sentence(
        vi="Mã nơi nhận {code} đã ngừng sử dụng và có nhiều cơ quan kế thừa: {candidates}",
        en="The addressee's code {code} is closed and has several successors: {candidates}",
    ),
    Sentence(
        vi="Văn bản được giữ lại đến khi người quản trị trục chọn nơi nhận; lần sau gửi thẳng đến mã của nơi đó",
        en="It is held until the hub's operator chooses one of them; next time, write that one's own code",
    ),
)
ADDRESSEE_SUCCESSOR_HELD = Kind(
    "addressee.successor-held",
    Severity.WARNING,
    Sentence(
        vi="Mã nơi nhận {code} đã ngừng sử dụng; việc chuyển đến {candidates} cần người quản trị trục xác nhận",
        en="The addressee's code {code} is closed; the hub's operator must confirm that it goes to {candidates}",
    ),
    Sentence(
        vi="Văn bản được giữ lại đến khi được xác nhận; lần sau dùng mã hiện hành của nơi nhận",
        en="The document is held until then; next time, write the addressee's present code",
    ),
)
ADDRESSEE_AT_SENDER = Kind(
    "addressee.at-sender",
    Severity.WARNING,
    Sentence(
        vi="Nơi nhận {code} thuộc về chính phía đã gửi gói tin này ({endpoint}); trục không chuyển ngược lại",
        en="The addressee {code} belongs to the side that handed this in ({endpoint}); it is not sent back there",
    ),
    Sentence(
        vi="Không cần làm gì nếu phía gửi đã tự chuyển cho nơi nhận này",
        en="Nothing to do if the sending side delivers to this addressee itself",
    ),
)
ADDRESSEE_RETURNS = Kind(
    "addressee.returns",
    Severity.ERROR,
    Sentence(
        vi="Trục không biết nơi nhận {code}; tuyến {pattern} dẫn ngược về phía đã gửi ({endpoint})",
        en="This hub does not know the addressee {code}; the route {pattern} leads back to the sender ({endpoint})",
    ),
    Sentence(
        vi="Kiểm tra mã nơi nhận; nếu mã đúng, đề nghị quản trị trục bổ sung cơ quan này vào danh bạ",
        en="Check the addressee's code; if it is right, ask the hub's operator to add it to the directory",
    ),
)
ROUTE_LOOP = Kind(
    "route.loop",
    Severity.ERROR,
    Sentence(
        vi="Gói tin quay lại một trục đã chuyển nó đi (đường đã qua: {way}; mã tại trục này: {message}) nên bị dừng",
        en="The package has come back to a hub that sent it on (its way: {way}; its id here: {message}); it ends here",
    ),
    Sentence(
        vi="Kiểm tra mã nơi nhận; nếu mã đúng, các trục đã nêu phải sửa tuyến (edochub routes) vì đang dẫn vòng",
        en="Check the addressee's code; if it is right, the hubs named must mend their routes (edochub routes)",
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
ANSWER_NOTHING_ASKED = Kind(
    "answer.nothing-asked",
    Severity.ERROR,
    Sentence(
        vi="Không có yêu cầu lấy lại, cập nhật, thay thế, thu hồi nào cho văn bản {document_id} để trả lời {code}",
        en="Nobody asked to take back, update, replace or revoke document {document_id}: {code} answers nothing",
    ),
    Sentence(
        vi="Kiểm tra DocumentId; mã 15 và 16 chỉ dùng để trả lời yêu cầu của bên gửi",
        en="Check DocumentId; 15 and 16 only answer what the sender asks",
    ),
)
ANSWER_AFTER_RECALL = Kind(
    "answer.after-recall",
    Severity.ERROR,
    Sentence(
        vi="Nơi nhận đã đồng ý trả lại văn bản {document_id} (mã 15); không thể gửi tiếp trạng thái {code}",
        en="The addressee agreed to give document {document_id} back (15); status {code} is not possible any more",
    ),
    Sentence(
        vi="Hủy văn bản đã thu hồi tại hệ thống nhận; nếu bên gửi gửi lại bản mới thì trả lời cho bản mới",
        en="Destroy the recalled document in the receiving system; if a new version comes, answer that one",
    ),
)
ANSWER_CONTRADICTS = Kind(
    "answer.contradicts",
    Severity.WARNING,
    Sentence(
        vi="Trạng thái {code} ({name}) trái với trạng thái đã ghi nhận của văn bản {document_id}: {state}",
        en="Status {code} ({name}) does not fit what is on record for document {document_id}: {state}",
    ),
    Sentence(
        vi="Trạng thái vẫn được lưu và chuyển đi; hai bên nên liên hệ để thống nhất",
        en="It is recorded and carried all the same; the two sides should settle which is right",
    ),
)
RECALL_WITHDRAWN = Kind(
    "recall.withdrawn",
    Severity.WARNING,
    Sentence(
        vi="Văn bản {document_id} chưa giao cho {code}; trục đã rút lại và không hỏi nơi nhận",
        en="Document {document_id} had not been delivered to {code}; it was withdrawn, and the addressee is not asked",
    ),
    Sentence(vi="Không cần chờ trả lời của nơi nhận này", en="No answer of this addressee is to be expected"),
)
RECALL_WITHDRAWN_AFTER_TRY = Kind(
    "recall.withdrawn-after-try",
    Severity.WARNING,
    Sentence(
        vi="Văn bản {document_id} đã được rút lại, nhưng trục từng thử gửi cho {code} mà không nhận được trả lời",
        en="Document {document_id} was withdrawn, but a try to send it to {code} had ended without an answer",
    ),
    Sentence(
        vi="Nếu nơi nhận thực ra đã có văn bản, gửi một yêu cầu lấy lại (13) mới: lần này trục sẽ chuyển đi",
        en="Should the addressee have it after all, send a new request (13): this time the hub passes it on",
    ),
)
RECALL_PARTLY_WITHDRAWN = Kind(
    "recall.partly-withdrawn",
    Severity.WARNING,
    Sentence(
        vi="Phiên bản của văn bản {document_id} chưa giao cho {code} đã được rút; phiên bản đã giao thì hỏi nơi nhận",
        en="Versions of document {document_id} not delivered to {code} yet were withdrawn; it is asked for what it has",
    ),
    Sentence(vi="Chờ nơi nhận trả lời 15 hoặc 16", en="Wait for the addressee's 15 or 16"),
)
DELIVERY_WITHDRAWN = Kind(
    "delivery.withdrawn",
    Severity.ERROR,
    Sentence(
        vi="Lượt chuyển {delivery} đã được rút lại trước khi xác nhận nhận: {reason}",
        en="Delivery {delivery} was withdrawn before it was acknowledged: {reason}",
    ),
    Sentence(
        vi="Hủy bản đã tải (nếu có), không đưa vào sổ công văn đến",
        en="Destroy the copy that was fetched, if any, and do not register it",
    ),
)
