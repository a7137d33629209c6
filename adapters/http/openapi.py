"""The contract of the REST API, OpenAPI 3.1: served at /api/v1/openapi.json and held to the truth by a test.

Descriptions are in Vietnamese first, then in English. Shapes are in `openapi_schemas.py`, worked examples of requests
and answers in docs/adapters/http.md.
"""

from __future__ import annotations

from typing import Any

from adapters.http.openapi_schemas import SCHEMAS, ULID, Schema, both, ref

VERSION = "1.0.0"  # of the contract: fields may be added in 1.x, nothing is taken away

JSON = "application/json"
PACKAGE_TYPES = ("application/xml", "text/xml", "application/edxml+xml", "application/octet-stream")

INVALID_EXAMPLE = {
    "error": {
        "code": "document.invalid",
        "message": {"vi": "Thiếu số của văn bản", "en": "The document has no number"},
        "text": "Thiếu số của văn bản",
    },
    "findings": [
        {
            "code": "document.number.missing",
            "severity": "error",
            "message": {"vi": "Thiếu số của văn bản", "en": "The document has no number"},
            "remedy": {
                "vi": "Ghi số văn bản vào Code/CodeNumber",
                "en": "Put the number into Code/CodeNumber",
            },
            "line": 23,
            "path": "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader/Code",
        }
    ],
    "refusal": ULID,
}


def contract() -> dict[str, Any]:
    """Return the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "edochub",
            "version": VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": both(
                "Trục liên thông văn bản: gửi, nhận, trả lời và tra cứu văn bản điện tử theo QCVN 102:2016/BTTTT.",
                "A document-exchange hub: send, receive, answer and trace documents as edXML packages.",
            ),
        },
        "servers": [{"url": "/"}],
        "security": [{"secret": []}],
        "tags": [
            {"name": "documents", "description": both("Bên gửi", "For senders")},
            {"name": "inbox", "description": both("Bên nhận", "For addressees")},
            {"name": "directory", "description": both("Danh bạ cơ quan", "The directory")},
            {"name": "server", "description": both("Máy chủ", "The server")},
        ],
        "paths": _paths(),
        "components": {
            "schemas": SCHEMAS,
            "responses": RESPONSES,
            "parameters": PARAMETERS,
            "securitySchemes": {
                "secret": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": both(
                        "Mã bí mật của điểm kết nối, do người vận hành trục cấp",
                        "The endpoint's secret, given by the hub's operator",
                    ),
                }
            },
        },
    }


def _error(vi: str, en: str, **more: Any) -> Schema:
    return {"description": both(vi, en), "content": {JSON: {"schema": ref("Error")}}, **more}


def _header(vi: str, en: str) -> Schema:
    return {"description": both(vi, en), "schema": {"type": "string"}}


RESPONSES: dict[str, Schema] = {
    "BadRequest": _error(
        "Yêu cầu sai: tham số, tiêu đề hoặc JSON",
        "The request is malformed: a parameter, a header or the JSON",
    ),
    "Unauthenticated": _error(
        "Thiếu mã bí mật, hoặc mã bí mật không mở được gì",
        "No secret, or one that opens nothing",
        headers={"WWW-Authenticate": _header("Cách xác thực", "How to authenticate")},
    ),
    "NotAllowed": _error(
        "Điểm kết nối này không được gửi thay cơ quan ghi trong From",
        "This endpoint does not speak for the agency in From",
    ),
    "NotFound": _error(
        "Không có, hoặc không phải của điểm kết nối này", "Not there, or not this endpoint's to see"
    ),
    "TooSlow": _error(
        "Nội dung không đến đủ kịp thời; gửi lại", "The body did not arrive in time; send it again"
    ),
    "TooLarge": _error("Quá giới hạn dung lượng của trục", "More bytes than this hub takes"),
    "WrongType": _error("Kiểu nội dung không được chấp nhận", "Content of a kind that is not taken"),
    "Refused": {
        "description": both(
            "Bị từ chối: sửa những điểm nêu trong findings rồi gửi lại",
            "Refused: mend what the findings name, then send again",
        ),
        "content": {JSON: {"schema": ref("Error"), "example": INVALID_EXAMPLE}},
    },
    "Fault": _error(
        "Lỗi của trục; báo người vận hành số sự cố",
        "The hub's own fault; tell its operator the incident number",
    ),
    "Busy": _error(
        "Điểm kết nối gửi quá hạn mức của mình; gửi lại sau số giây ghi ở Retry-After",
        "The endpoint is over its limits: send again after the seconds in Retry-After",
        headers={"Retry-After": _header("Số giây", "Seconds")},
    ),
    "Unavailable": _error(
        "Tạm thời không phục vụ được; gửi lại sau số giây ghi ở Retry-After",
        "Not now: send again after the seconds in Retry-After",
        headers={"Retry-After": _header("Số giây", "Seconds")},
    ),
}

STATUS_OF = {
    "BadRequest": "400",
    "Unauthenticated": "401",
    "NotAllowed": "403",
    "NotFound": "404",
    "TooSlow": "408",
    "TooLarge": "413",
    "WrongType": "415",
    "Refused": "422",
    "Busy": "429",
    "Fault": "500",
    "Unavailable": "503",
}


def _parameter(where: str, name: str, vi: str, en: str, schema: Schema, **more: Any) -> Schema:
    return {"in": where, "name": name, "description": both(vi, en), "schema": schema, **more}


PARAMETERS: dict[str, Schema] = {
    "Document": _parameter(
        "path",
        "id",
        "Định danh của trục (nên dùng), hoặc DocumentId với “/” viết thành %2F",
        "The hub's id (preferred), or a DocumentId with “/” written as %2F",
        {"type": "string"},
        required=True,
        example=ULID,
    ),
    "Traced": _parameter(
        "path",
        "id",
        "Định danh của trục, DocumentId, số/ký hiệu, hoặc định danh của một lần từ chối",
        "The hub's id, a DocumentId, a number/notation, or the id of a refusal",
        {"type": "string"},
        required=True,
        example=ULID,
    ),
    "Delivery": _parameter(
        "path",
        "id",
        "Định danh lượt chuyển, lấy từ hộp văn bản đến",
        "The delivery's id, as the inbox names it",
        {"type": "string"},
        required=True,
        example=ULID,
    ),
    "Language": _parameter(
        "header",
        "Accept-Language",
        "Ngôn ngữ của error.text: vi (mặc định) hoặc en",
        "The language of error.text: vi (default) or en",
        {"type": "string"},
        example="vi",
    ),
}


def _operation(
    name: str,
    tag: str,
    summary: tuple[str, str],
    answers: dict[str, Schema],
    errors: tuple[str, ...] = (),
    **more: Any,
) -> Schema:
    """Return an operation. What everything that asks for a secret can answer is added."""
    common = () if more.get("security") == [] else ("BadRequest", "Unauthenticated", "Fault", "Unavailable")
    named = sorted({*errors, *common}, key=STATUS_OF.__getitem__)
    responses = {STATUS_OF[error]: {"$ref": f"#/components/responses/{error}"} for error in named}
    parameters = [*more.pop("parameters", []), {"$ref": "#/components/parameters/Language"}]
    return {
        "operationId": name,
        "tags": [tag],
        "summary": f"{summary[0]} / {summary[1]}",
        "parameters": parameters,
        "responses": {**answers, **responses},
        **more,
    }


def _json(vi: str, en: str, schema: str, **more: Any) -> Schema:
    return {"description": both(vi, en), "content": {JSON: {"schema": ref(schema)}}, **more}


def _body(schema: str, example: dict[str, str]) -> Schema:
    return {"required": True, "content": {JSON: {"schema": ref(schema), "example": example}}}


def _at(parameter: str) -> list[Schema]:
    return [{"$ref": f"#/components/parameters/{parameter}"}]


LOCATION = {"Location": _header("Địa chỉ của văn bản", "Where the document is")}
PUBLIC: dict[str, Any] = {"security": []}


def _paths() -> dict[str, Any]:
    return {
        "/api/v1/documents": {"post": _submit()},
        "/api/v1/documents/{id}": {"get": _show()},
        "/api/v1/documents/{id}/trace": {"get": _trace()},
        "/api/v1/documents/{id}/receipt": {
            "get": _receipt(
                "getReceipt",
                "documents",
                ("Biên nhận tiếp nhận hoặc từ chối", "The receipt for an acceptance or a refusal"),
                "Traced",
            )
        },
        "/api/v1/documents/{id}/statuses": {"post": _answer()},
        "/api/v1/inbox": {"get": _inbox()},
        "/api/v1/inbox/{id}/document": {"get": _fetch()},
        "/api/v1/inbox/{id}/ack": {"post": _acknowledge()},
        "/api/v1/inbox/{id}/refuse": {"post": _refuse()},
        "/api/v1/deliveries/{id}/receipt": {
            "get": _receipt(
                "getDeliveryReceipt",
                "inbox",
                ("Biên nhận của một lượt chuyển đã kết thúc", "The receipt for a delivery that has ended"),
                "Delivery",
            )
        },
        "/api/v1/agencies": {"get": _agencies()},
        "/api/v1/openapi.json": {"get": _published()},
        "/healthz": {"get": _health("isAlive", "Tiến trình còn sống", "The process is alive", ())},
        "/readyz": {
            "get": _health("isReady", "Sẵn sàng nhận văn bản", "It can take documents", ("Unavailable",))
        },
    }


def _submit() -> Schema:
    package = {"schema": {"type": "string", "contentMediaType": "application/xml"}}
    return _operation(
        "submitDocument",
        "documents",
        ("Gửi một gói tin edXML", "Hand a package in"),
        {
            "201": _json(
                "Đã tiếp nhận, nằm an toàn tại trục",
                "Taken, and safe at the hub",
                "Accepted",
                headers=LOCATION,
            ),
            "200": _json(
                "Gói tin này đã được nhận trước đây; không gửi đi lần nữa",
                "It was taken before; nothing is delivered again",
                "Accepted",
                headers=LOCATION,
            ),
        },
        ("NotAllowed", "TooSlow", "TooLarge", "WrongType", "Refused", "Busy"),
        description=both(
            "Nội dung yêu cầu là đúng các byte của tệp edXML. Gửi lại khi không rõ kết quả là an toàn.",
            "The body is the bytes of the edXML file. Sending it again when in doubt is safe.",
        ),
        parameters=[
            _parameter(
                "header",
                "Content-Digest",
                "Mã băm bên gửi khai (RFC 9530): sha-256=:base64:; sai thì gói tin bị từ chối",
                "The digest that the sender claims (RFC 9530); a package that does not match is refused",
                {"type": "string"},
                example="sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:",
            )
        ],
        requestBody={"required": True, "content": dict.fromkeys(PACKAGE_TYPES, package)},
    )


def _show() -> Schema:
    return _operation(
        "getDocument",
        "documents",
        ("Tình trạng một văn bản", "How a document stands"),
        {"200": _json("Văn bản", "The document", "Document")},
        ("NotFound",),
        parameters=_at("Document"),
    )


def _trace() -> Schema:
    return _operation(
        "traceDocument",
        "documents",
        ("Hành trình một văn bản", "Everything that happened to a document"),
        {"200": _json("Hành trình", "The trace", "Trace")},
        ("NotFound",),
        parameters=_at("Traced"),
    )


def _receipt(name: str, tag: str, summary: tuple[str, str], parameter: str) -> Schema:
    said = both(
        "Biên nhận do trục ký: CMS SignedData (DER), bên trong là JSON kèm sự kiện của sổ nhật ký",
        "The receipt, signed by the hub: a CMS SignedData (DER) around JSON with the ledger's events",
    )
    headers = {"Content-Disposition": _header("Tên tệp do trục đặt", "A file name that the hub gives")}
    content = {"application/cms": {"schema": {"type": "string", "contentMediaType": "application/cms"}}}
    return _operation(
        name,
        tag,
        summary,
        {"200": {"description": said, "headers": headers, "content": content}},
        ("NotFound",),
        parameters=_at(parameter),
    )


def _answer() -> Schema:
    return _operation(
        "answerDocument",
        "documents",
        ("Trả lời một văn bản (01…16)", "Answer a document (01…16)"),
        {
            "201": _json(
                "Trục đã lập và nhận gói tin trạng thái", "The hub wrote and took the answer", "Accepted"
            ),
            "200": _json("Trả lời này đã có trước đây", "This answer was given before", "Accepted"),
        },
        ("NotAllowed", "NotFound", "TooSlow", "TooLarge", "WrongType", "Refused"),
        parameters=_at("Document"),
        requestBody=_body("Answer", {"code": "03", "description": "Đã vào sổ văn bản đến"}),
    )


def _inbox() -> Schema:
    return _operation(
        "listInbox",
        "inbox",
        ("Hộp văn bản đến", "What waits for this endpoint"),
        {"200": _json("Những văn bản chờ lấy", "What waits; perhaps nothing", "Inbox")},
        parameters=[
            _parameter(
                "query",
                "limit",
                "Nhiều nhất bao nhiêu",
                "At most how many",
                {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
            ),
            _parameter(
                "query",
                "wait",
                "Chờ tối đa bao nhiêu giây nếu chưa có gì (bị giới hạn bởi server.longest_wait_seconds)",
                "Seconds to wait while there is nothing (cut to server.longest_wait_seconds)",
                {"type": "number", "minimum": 0, "maximum": 86_400, "default": 0},
            ),
        ],
    )


def _fetch() -> Schema:
    headers = {
        "ETag": _header("SHA-256 của gói tin, trong dấu nháy", "SHA-256 of the package, quoted"),
        "Content-Digest": _header("SHA-256 theo RFC 9530", "SHA-256 as in RFC 9530"),
        "Content-Disposition": _header("Tên tệp do trục đặt", "A file name that the hub gives"),
    }
    return _operation(
        "fetchDocument",
        "inbox",
        ("Lấy gói tin", "Fetch the package"),
        {
            "200": {
                "description": both(
                    "Đúng các byte bên gửi đã gửi", "Exactly the bytes that the sender handed in"
                ),
                "headers": headers,
                "content": {"application/xml": {"schema": {"type": "string"}}},
            },
            "304": {
                "description": both("Bên nhận đã có (If-None-Match)", "The client has it (If-None-Match)")
            },
        },
        ("NotFound",),
        parameters=[
            *_at("Delivery"),
            _parameter(
                "header", "If-None-Match", "ETag đã có", "An ETag that the client has", {"type": "string"}
            ),
        ],
    )


def _acknowledge() -> Schema:
    return _operation(
        "acknowledgeDelivery",
        "inbox",
        ("Xác nhận đã nhận", "Say that it is safe here"),
        {"200": _json("Lượt chuyển, nay là delivered", "The delivery, delivered now", "Delivery")},
        ("NotFound", "TooSlow", "TooLarge", "Refused"),
        description=both(
            "Gọi sau khi văn bản đã được lưu an toàn. Gọi lại không thay đổi gì.",
            "Call it once the document is safe on your side. Calling it again changes nothing.",
        ),
        parameters=_at("Delivery"),
    )


def _refuse() -> Schema:
    return _operation(
        "refuseDelivery",
        "inbox",
        ("Từ chối nhận, có lý do", "Refuse it, and say why"),
        {"200": _json("Lượt chuyển, nay là refused", "The delivery, refused now", "Delivery")},
        ("NotFound", "TooSlow", "TooLarge", "WrongType", "Refused"),
        description=both(
            "Trục lập gói tin trạng thái 02 với lý do này và gửi đến bên gửi.",
            "The hub writes a status 02 with the reason and sends it to the sender.",
        ),
        parameters=_at("Delivery"),
        requestBody=_body("Refuse", {"reason": "Văn bản gửi nhầm cơ quan"}),
    )


def _agencies() -> Schema:
    return _operation(
        "searchAgencies",
        "directory",
        ("Tra cứu cơ quan", "Find an agency"),
        {"200": _json("Những cơ quan khớp", "The agencies that match", "Agencies")},
        parameters=[
            _parameter(
                "query",
                "q",
                "Tên, có dấu hoặc không, hoặc mã",
                "Name, with or without marks, or code",
                {"type": "string"},
            ),
            _parameter(
                "query",
                "limit",
                "Nhiều nhất bao nhiêu",
                "At most how many",
                {"type": "integer", "minimum": 1, "maximum": 200, "default": 20},
            ),
        ],
    )


def _published() -> Schema:
    return _operation(
        "getContract",
        "server",
        ("Bản mô tả này", "This description"),
        {"200": {"description": "OpenAPI 3.1", "content": {JSON: {"schema": {"type": "object"}}}}},
        **PUBLIC,
    )


def _health(name: str, vi: str, en: str, errors: tuple[str, ...]) -> Schema:
    return _operation(name, "server", (vi, en), {"200": _json(vi, en, "Health")}, errors, **PUBLIC)
