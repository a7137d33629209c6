"""The shapes that the contract publishes: JSON Schema 2020-12, as OpenAPI 3.1 has it.

Descriptions are in Vietnamese first, then in English. Every shape names everything that the API says; a test compares
each real answer with it, and fails when a field is said that is not named here.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

ULID = "01KBDW6Z5T9Y4M7Q2R8X3N0PCE"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def both(vi: str, en: str) -> str:
    """Return a description in both languages."""
    return f"{vi}\n\n{en}"


def ref(name: str) -> Schema:
    """Refer to a shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def string(vi: str, en: str, **more: Any) -> Schema:
    """Return a string."""
    return {"type": "string", "description": both(vi, en), **more}


def integer(vi: str, en: str, **more: Any) -> Schema:
    """Return a whole number."""
    return {"type": "integer", "description": both(vi, en), **more}


def listed(of: Schema, vi: str, en: str) -> Schema:
    """Return a list."""
    return {"type": "array", "items": of, "description": both(vi, en)}


def maybe(schema: Schema) -> Schema:
    """Return the shape, or null."""
    if "type" in schema and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def shape(vi: str, en: str, fields: dict[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """Return an object: its fields are all there, but the optional ones."""
    return {
        "type": "object",
        "description": both(vi, en),
        "properties": fields,
        "required": [name for name in fields if name not in optional],
    }


def time(vi: str, en: str) -> Schema:
    """Return an instant: ISO 8601, UTC."""
    return string(vi, en, format="date-time", examples=["2026-01-15T02:30:00.123456+00:00"])


def day(vi: str, en: str) -> Schema:
    """Return a date."""
    return string(vi, en, format="date", examples=["2026-01-15"])


HUB_ID = string(
    "Định danh do trục cấp (ULID, 26 ký tự)",
    "The hub's own id (a ULID, 26 characters)",
    pattern="^[0-9A-HJKMNP-TV-Z]{26}$",
    examples=[ULID],
)
DIGEST = string("SHA-256, thập lục phân, chữ thường", "SHA-256 in lower-case hex", pattern="^[0-9a-f]{64}$")
CODE = string(
    "Mã định danh cơ quan như ghi trong gói tin",
    "Agency code as the package has it",
    examples=["000.00.00.X99"],
)
KIND = string(
    "Loại gói tin: mới, thu hồi, cập nhật, thay thế, trạng thái",
    "Kind of package",
    enum=["new", "revoke", "update", "replace", "status"],
)
STATUS = string(
    "Mã trạng thái 01…16 (chỉ có ở gói tin trạng thái)",
    "Status code 01…16 (status packages only)",
    examples=["03"],
)
NUMBER = string("Số, ký hiệu văn bản", "Number and notation", examples=["15/UBND-VP"])
SUBJECT = string("Trích yếu", "Subject")
DOCUMENT_ID = string(
    "DocumentId do bên gửi đặt, có thể chứa “/” và “,”", "The sender's DocumentId, may contain “/” and “,”"
)
PRIORITY = integer(
    "Độ khẩn: 0 thường … 4 hỏa tốc hẹn giờ", "0 normal … 4 timed express", minimum=0, maximum=4
)
SIZE = integer("Dung lượng, byte", "Bytes", minimum=0)

TEXT = {
    "type": "object",
    "description": both("Một câu bằng hai ngôn ngữ", "One sentence in both languages"),
    "properties": {"vi": {"type": "string"}, "en": {"type": "string"}},
    "required": ["vi", "en"],
}

FINDING = shape(
    "Một điểm sai hoặc cần lưu ý của văn bản: gì, ở đâu, phải làm gì",
    "One thing wrong with a document, or worth knowing: what, where, what to do",
    {
        "code": string("Mã ổn định cho máy", "Stable, for programs", examples=["document.number.missing"]),
        "severity": string(
            "error: văn bản bị từ chối; warning: vẫn nhận",
            "error: the document is refused; warning: it is taken",
            enum=["error", "warning"],
        ),
        "message": ref("Text"),
        "remedy": ref("Text"),
        "line": maybe(integer("Dòng trong tệp XML", "Line of the XML file")),
        "path": maybe(string("XPath đến phần tử", "XPath of the element")),
    },
)

ERROR = shape(
    "Mọi lỗi của API đều có dạng này",
    "Every error of the API has this shape",
    {
        "error": shape(
            "Lỗi",
            "The error",
            {
                "code": string("Mã ổn định cho máy", "Stable, for programs", examples=["document.invalid"]),
                "message": ref("Text"),
                "text": string(
                    "Câu trên, theo ngôn ngữ của Accept-Language",
                    "The sentence in the language of Accept-Language",
                ),
            },
            optional=("text",),
        ),
        "findings": listed(
            ref("Finding"),
            "Những điểm sai của văn bản, nếu có",
            "What is wrong with the document, if it is that",
        ),
        "refusal": string(
            "Định danh của lần từ chối đã lưu, tra cứu được bằng …/trace",
            "The hub's id of the stored refusal, for …/trace",
            examples=[ULID],
        ),
    },
    optional=("refusal", "states", "supersedes", "superseded_by"),
)

REASON = shape(
    "Lý do của một kết luận",
    "Why a verdict is what it is",
    {"code": {"type": "string"}, "message": ref("Text")},
)
CERTIFICATE = shape(
    "Chứng thư số của người ký",
    "The signer's certificate",
    {
        "subject": {"type": "string"},
        "issuer": {"type": "string"},
        "serial": {"type": "string"},
        "not_before": time("Có hiệu lực từ", "Valid from"),
        "not_after": time("Hết hiệu lực", "Valid to"),
        "sha256": DIGEST,
    },
)
OUTCOME = string(
    "hợp lệ, không hợp lệ, chưa xác định, không có chữ ký (hoặc chưa được hỏi)",
    "One of four, never a bare yes or no; absent: no signature, or not asked",
    enum=["valid", "invalid", "undetermined", "absent"],
)
ASPECT = shape(
    "Câu trả lời cho một câu hỏi về chữ ký số",
    "The answer to one question about a signature",
    {
        "outcome": OUTCOME,
        "reasons": listed(ref("Reason"), "Các lý do", "The reasons"),
        "evidence": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": both(
                "Những gì đã thấy: mã băm (hex), chứng thư, CRL/OCSP, thời điểm",
                "What was seen: digests in hex, certificates, CRLs and OCSP answers, times",
            ),
        },
    },
)
# Verdicts from before these were told apart are kept as they were.
VERDICT_FIELDS_ADDED = ("form", "part", "level", "claimed_at", "proven_at", "aspects")
VERDICT = shape(
    "Kết luận về một chữ ký số",
    "What is known of one signature",
    {
        "outcome": OUTCOME,
        "reasons": listed(ref("Reason"), "Các lý do", "The reasons"),
        "checked_at": time("Thời điểm kiểm tra", "When it was checked"),
        "form": string(
            "Loại chữ ký: XML trong gói tin, XAdES của gói chứa, PDF, CMS",
            "Its kind: XML in the package itself, XAdES of a container, PDF, CMS",
            enum=["xml", "xades", "pdf", "cms"],
        ),
        "part": maybe(
            string(
                "Tệp đính kèm mang chữ ký; null: chính gói tin",
                "The attachment that it belongs to; null: the package itself",
            )
        ),
        "level": maybe(string("Mức chữ ký", "Its level", examples=["PAdES-B-T"])),
        "signer": maybe(string("Tên trên chứng thư", "Common name of the certificate")),
        "certificate": maybe(ref("Certificate")),
        "algorithm": maybe(string("Thuật toán ký", "Signature algorithm", examples=["rsa-sha256"])),
        "path": maybe(string("Vị trí của chữ ký", "Where the signature stands")),
        "covers": maybe(
            string(
                "Phần được ký: document là cả gói, attachments là riêng các tệp",
                "What is signed: document is all of it, attachments only the files",
            )
        ),
        "claimed_at": maybe(time("Thời điểm ký do người ký khai", "When the signer says that it was signed")),
        "proven_at": maybe(
            time(
                "Thời điểm được dấu thời gian chứng minh",
                "The earliest time that a trusted time stamp proves",
            )
        ),
        "aspects": {
            "type": "object",
            "propertyNames": {"enum": ["integrity", "trust", "revocation", "time", "coverage", "holder"]},
            "additionalProperties": ref("Aspect"),
            "description": both(
                "Từng câu hỏi một: nguyên vẹn, tin cậy, thu hồi, thời điểm, phạm vi, người ký",
                "Each question apart; one that was not asked is not there",
            ),
        },
    },
    optional=VERDICT_FIELDS_ADDED,
)

DELIVERY = shape(
    "Việc chuyển một văn bản đến một nơi nhận",
    "One document on its way to one addressee",
    {
        "id": HUB_ID,
        "message": HUB_ID,
        "to": CODE,
        "endpoint": maybe(string("Điểm kết nối của nơi nhận", "The addressee's endpoint")),
        "state": string(
            "Trạng thái chuyển",
            "Where it stands",
            enum=[
                "queued",
                "sending",
                "waiting_for_retry",
                "available",
                "delivered",
                "refused",
                "held",
                "suspended",
                "withdrawn",
            ],
        ),
        "attempts": integer("Số lần đã thử", "Attempts that were started", minimum=0),
        "next_try_at": maybe(time("Lần thử tiếp theo", "The next try")),
        "reason": maybe(ref("Text")),
        "remote_id": maybe(string("Định danh bên nhận đặt", "The far side's own name for it")),
        "created_at": time("Tạo lúc", "Made at"),
        "updated_at": time("Thay đổi lúc", "Changed at"),
    },
)
ATTEMPT = shape(
    "Một lần thử chuyển",
    "One try at a delivery",
    {
        "number": integer("Lần thứ", "Which", minimum=1),
        "started_at": time("Bắt đầu", "Started"),
        "ended_at": time("Kết thúc", "Ended"),
        "outcome": string(
            "Kết quả",
            "How it ended",
            enum=["delivered", "available", "unavailable", "refused", "fault"],
        ),
        "detail": maybe(ref("Text")),
    },
)
TRACED_DELIVERY = {
    "allOf": [
        ref("Delivery"),
        {
            "type": "object",
            "properties": {"attempts_made": listed(ref("Attempt"), "Từng lần thử", "Each attempt")},
            "required": ["attempts_made"],
        },
    ]
}

SIGNATURES = listed(ref("Verdict"), "Kết luận về từng chữ ký số", "What is known of each signature")
WARNINGS = listed(ref("Finding"), "Những điểm cần lưu ý", "What is worth knowing")

MESSAGE = shape(
    "Văn bản đã được tiếp nhận: thông tin chính và mã băm",
    "An accepted document: its main facts and its digest",
    {
        "id": HUB_ID,
        "kind": KIND,
        "from": CODE,
        "from_name": string("Tên bên gửi", "The sender's name"),
        "endpoint": string("Điểm kết nối đã gửi lên", "The endpoint that handed it in"),
        "document_id": DOCUMENT_ID,
        "code": NUMBER,
        "subject": SUBJECT,
        "priority": PRIORITY,
        "promulgated_on": maybe(day("Ngày ban hành", "Promulgated on")),
        "due_on": maybe(day("Hạn xử lý", "Due on")),
        "status": maybe(STATUS),
        "about": maybe(HUB_ID),
        "sha256": DIGEST,
        "size": SIZE,
        "findings": WARNINGS,
        "signatures": SIGNATURES,
        "accepted_at": time("Tiếp nhận lúc", "Accepted at"),
    },
)
ACCEPTED_FIELDS: dict[str, Schema] = {
    "id": HUB_ID,
    "state": string(
        "completed khi mọi nơi nhận đã có kết quả cuối cùng",
        "completed once every delivery has ended",
        enum=["accepted", "completed"],
    ),
    "duplicate": {
        "type": "boolean",
        "description": both(
            "true: gói tin này đã được nhận trước đây, không gửi lại lần nữa",
            "true: this package was taken before; nothing is delivered again",
        ),
    },
    "findings": WARNINGS,
    "signatures": SIGNATURES,
    "deliveries": listed(ref("Delivery"), "Mỗi nơi nhận một mục", "One for each addressee"),
}
ACCEPTED = shape(
    "Văn bản đã nằm an toàn tại trục, dưới định danh này",
    "The document is safe at the hub, under this id",
    ACCEPTED_FIELDS,
)
DOCUMENT = shape(
    "Văn bản và tình trạng hiện tại",
    "A document and how it stands",
    {**ACCEPTED_FIELDS, "message": ref("Message")},
)

WAITING = shape(
    "Một văn bản chờ lấy về",
    "One document that waits to be fetched",
    {
        "id": HUB_ID,
        "message": HUB_ID,
        "from": CODE,
        "from_name": string("Tên bên gửi", "The sender's name"),
        "to": CODE,
        "kind": KIND,
        "document_id": DOCUMENT_ID,
        "code": NUMBER,
        "subject": SUBJECT,
        "priority": PRIORITY,
        "status": maybe(STATUS),
        "size": SIZE,
        "sha256": DIGEST,
        "accepted_at": time("Trục tiếp nhận lúc", "Accepted by the hub at"),
        "note": maybe(ref("Text")),  # says so when it was taken before and is given again
    },
)
INBOX = shape(
    "Hộp văn bản đến",
    "The inbox",
    {
        "deliveries": listed(
            ref("Waiting"), "Khẩn nhất trước, rồi cũ nhất", "The most urgent first, then the oldest"
        )
    },
)

EVENT = shape(
    "Một sự việc trong sổ ghi, nối chuỗi bằng mã băm",
    "Something that happened, chained by hash in the ledger",
    {
        "seq": integer("Số thứ tự trong sổ", "Number in the ledger"),
        "at": time("Lúc", "When"),
        "kind": string("Loại sự việc", "What", examples=["document.accepted", "delivery.delivered"]),
        "message": maybe(HUB_ID),
        "delivery": maybe(HUB_ID),
        "actor": string("Do ai", "Who did it", examples=["endpoint:xa-an-hoa"]),
        "details": {"type": "object", "description": both("Chi tiết", "Details")},
        "hash": DIGEST,
    },
)
STATUS_ENTRY = shape(
    "Một trả lời nghiệp vụ 01…16",
    "A business answer 01…16",
    {
        "id": HUB_ID,
        "message": maybe(HUB_ID),
        "from": CODE,
        "to": CODE,
        "code": STATUS,
        "description": string("Nội dung", "In words"),
        "stated_at": maybe(time("Bên trả lời ghi lúc", "When the answerer says so")),
        "recorded_at": time("Trục ghi nhận lúc", "When the hub recorded it"),
        "note": string(
            "Tác động lên trạng thái",
            "What it did to the state",
            examples=["advanced", "repeated", "late", "request"],
        ),
    },
)
REFUSAL = shape(
    "Một lần từ chối đã lưu (không lưu nội dung văn bản)",
    "A stored refusal (the document itself is not kept)",
    {
        "id": HUB_ID,
        "at": time("Lúc", "When"),
        "endpoint": string("Điểm kết nối đã gửi lên", "The endpoint that handed it in"),
        "error": shape("Lỗi", "The error", {"code": {"type": "string"}, "message": ref("Text")}),
        "findings": listed(ref("Finding"), "Những điểm sai", "What is wrong"),
        "sha256": maybe(DIGEST),
        "size": SIZE,
        "from": maybe(CODE),
        "document_id": maybe(DOCUMENT_ID),
        "document_code": maybe(string("Số, ký hiệu", "Number and notation", examples=["12/QĐ-UBND"])),
    },
)
ADDRESSEE_STATE = shape(
    "Trạng thái nghiệp vụ hiện tại của văn bản (mọi phiên bản) tại một nơi nhận; xem docs/exchange.md",
    "How the document, all its versions together, stands with one addressee now; see docs/exchange.md",
    {
        "to": CODE,
        "state": string("Trạng thái", "The state", examples=["registered", "recall-asked"]),
        "name": ref("Text"),
        "progress": string("Nơi nhận đã làm đến đâu", "How far the addressee is", examples=["sent", "done"]),
        "request": string(
            "Yêu cầu của bên gửi", "What the sender asked", examples=["nothing-asked", "recalled"]
        ),
        "since": time("Từ lúc", "Since"),
    },
)
OTHER_VERSION = shape(
    "Một gói tin khác của cùng văn bản",
    "Another message of the same document",
    {"message": HUB_ID, "to": listed(CODE, "Đối với những nơi nhận này", "For these addressees")},
)
TRACE = shape(
    "Toàn bộ hành trình của một văn bản, hoặc của một lần từ chối (khi đó message rỗng và có refusal)",
    "Everything that happened to a document, or to a refusal (then message is empty and refusal is there)",
    {
        "message": {"anyOf": [ref("Message"), {"type": "object", "maxProperties": 0}]},
        "events": listed(ref("Event"), "Sự việc theo thứ tự", "Events, in order"),
        "deliveries": listed(ref("TracedDelivery"), "Việc chuyển đến từng nơi", "Each delivery"),
        "statuses": listed(ref("Status"), "Trả lời nghiệp vụ", "Business answers"),
        "states": listed(
            ADDRESSEE_STATE, "Trạng thái tại từng nơi nhận", "How it stands with each addressee"
        ),
        "supersedes": listed(OTHER_VERSION, "Thay cho những gói tin này", "Stands in place of these"),
        "superseded_by": listed(OTHER_VERSION, "Đã có gói tin thay cho", "These stand in its place"),
        "refusal": ref("Refusal"),
        "others": listed(
            HUB_ID,
            "Định danh của những văn bản khác cùng số, ký hiệu; văn bản hiện ra là mới nhất",
            "Ids of other documents that the reference also fits; the newest is the one shown",
        ),
    },
    optional=("refusal",),
)

AGENCY_CODE = shape(
    "Một mã của cơ quan và thời gian có hiệu lực",
    "One code of an agency and when it holds",
    {
        "value": CODE,
        "scheme": string(
            "Quy chuẩn của mã", "Which rule it follows", enum=["qcvn102", "qd20", "provisional", "unknown"]
        ),
        "valid_from": maybe(day("Từ ngày", "From this day")),
        "valid_to": maybe(day("Đến trước ngày", "Up to, not including, this day")),
        "successors": listed(CODE, "Mã kế thừa", "Codes that take over"),
    },
)
AGENCY = shape(
    "Một cơ quan trong danh bạ",
    "An agency of the directory",
    {
        "code": string("Mã nên dùng", "The code to use", examples=["000.00.00.X99"]),
        "codes": listed(ref("AgencyCode"), "Mọi mã, cả mã đã đóng", "All codes, closed ones too"),
        "name": string("Tên", "Name"),
        "level": string("Cấp", "Tier", enum=["central", "province", "district", "commune", "other"]),
        "parent": maybe(string("Mã cơ quan cấp trên", "Code of the agency above")),
    },
)
AGENCIES = shape(
    "Kết quả tra cứu", "What was found", {"agencies": listed(ref("Agency"), "Cơ quan", "Agencies")}
)

ANSWER = shape(
    "Trả lời một văn bản đã nhận, hoặc (13) xin lấy lại văn bản đã gửi",
    "An answer to a document that came, or (13) a request to have back one that was sent",
    {
        "code": string("Mã trạng thái", "Status code", examples=["03"]),
        "description": string("Nội dung, bắt buộc với 02, 13 và 16", "In words; 02, 13 and 16 need them"),
        "from": string(
            "Mã của nơi nhận trả lời, khi điểm kết nối là nhiều nơi nhận của văn bản",
            "The code of the addressee that answers, when the endpoint is several of them",
        ),
        "to": string(
            "Chỉ dùng với 13: nơi nhận được hỏi, khi văn bản có nhiều nơi nhận",
            "For 13 only: which addressee is asked, when there are several",
        ),
    },
    optional=("description", "from", "to"),
)
REFUSE = shape(
    "Lý do từ chối, được chuyển đến bên gửi",
    "Why it is refused; the sender is told",
    {"reason": string("Lý do", "The reason", minLength=1)},
)
HEALTH = shape("Tình trạng", "How it is", {"status": {"type": "string", "const": "ok"}})

SCHEMAS: dict[str, Schema] = {
    "Text": TEXT,
    "Finding": FINDING,
    "Error": ERROR,
    "Reason": REASON,
    "Certificate": CERTIFICATE,
    "Aspect": ASPECT,
    "Verdict": VERDICT,
    "Delivery": DELIVERY,
    "Attempt": ATTEMPT,
    "TracedDelivery": TRACED_DELIVERY,
    "Message": MESSAGE,
    "Accepted": ACCEPTED,
    "Document": DOCUMENT,
    "Waiting": WAITING,
    "Inbox": INBOX,
    "Event": EVENT,
    "Status": STATUS_ENTRY,
    "Refusal": REFUSAL,
    "Trace": TRACE,
    "AgencyCode": AGENCY_CODE,
    "Agency": AGENCY,
    "Agencies": AGENCIES,
    "Answer": ANSWER,
    "Refuse": REFUSE,
    "Health": HEALTH,
}
