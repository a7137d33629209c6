"""What the API says when it does not do what was asked: one shape for every error.

    {"error": {"code", "message": {"vi", "en"}, "text"}, "findings": [...], "refusal": "..."}

`code` is for programs and never changes; `message` carries both languages; `text` is the message in the language of
Accept-Language. `findings` say what is wrong with a document; `refusal` is the hub's id of the stored refusal, by
which its trace can be asked for. Nothing of our own insides is told: a fault is answered with a number that the
operator finds in the log.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import JSONResponse

from hub.errors import Busy, HubError, NotAllowed, NotFound, Refusal, TooLarge, Unavailable
from schemas.findings import shortened
from schemas.text import Language, Sentence, Text

RETRY_SECONDS = 5.0  # said with 503 when nobody told us better

STATUSES: dict[type[HubError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    TooLarge: 413,
    Refusal: 422,
    Busy: 429,
    Unavailable: 503,
    HubError: 500,
}

WRONG_TYPE = Sentence(
    vi="Kiểu nội dung không được chấp nhận: cần {expected}, nhưng gặp {got}",
    en="This kind of content is not taken: expected {expected}, got {got}",
)
UNEXPECTED = Sentence(
    vi="Trục gặp lỗi ngoài dự kiến và chưa xử lý được yêu cầu; hãy báo người vận hành số sự cố {incident}",
    en="The hub failed in a way that it did not expect; tell its operator the incident number {incident}",
)


class Problem(HubError):
    """A request that HTTP itself says no to, before any document is looked at."""

    def __init__(
        self, status: int, code: str, message: Text, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


class Json(JSONResponse):
    """JSON, made by a library that takes a tenth of the time."""

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return orjson.dumps(content)


def misunderstood(message: Text) -> Problem:
    """Return 400: the request itself is malformed."""
    return Problem(400, "request.invalid", message)


def unauthenticated(*, presented: bool) -> Problem:
    """Return 401, the same for every secret that does not open (RFC 6750, 3)."""
    challenge = 'Bearer realm="edochub"' + (', error="invalid_token"' if presented else "")
    message = Text(
        vi="Cần mã bí mật hợp lệ của điểm kết nối trong tiêu đề “Authorization: Bearer …”",
        en="A valid secret of an endpoint is needed in the header “Authorization: Bearer …”",
    )
    return Problem(401, "unauthenticated", message, {"WWW-Authenticate": challenge})


def no_such_path() -> Problem:
    """Return 404 for a path that the API does not have."""
    return Problem(
        404,
        "not-found",
        Text(
            vi="Không có gì ở địa chỉ này; danh sách đầy đủ: /api/v1/openapi.json",
            en="There is nothing at this address; the whole list: /api/v1/openapi.json",
        ),
    )


def no_such_document(reference: str) -> NotFound:
    """Return 404 for a document or a delivery that is not there, or not the asker's to see."""
    shown = shortened(reference)
    return NotFound(
        Text(
            vi=f"Không có “{shown}” trong số những gì điểm kết nối này đã gửi hoặc được gửi đến",
            en=f"There is no “{shown}” among what this endpoint sent or was sent",
        )
    )


def wrong_method(allowed: str) -> Problem:
    """Return 405, with the methods that the path knows."""
    message = Text(
        vi=f"Địa chỉ này chỉ nhận phương thức {allowed}", en=f"This address only takes the method {allowed}"
    )
    return Problem(405, "method.not-allowed", message, {"Allow": allowed})


def too_slow(seconds: float) -> Problem:
    """Return 408: the body did not arrive in time."""
    message = Text(
        vi=f"Nội dung không đến đủ trong {seconds:g} giây; hãy gửi lại",
        en=f"The body did not arrive whole within {seconds:g} seconds; send it again",
    )
    return Problem(408, "body.too-slow", message)


def wrong_type(expected: Text, got: str) -> Problem:
    """Return 415: a body of a kind that this operation does not take."""
    return Problem(415, "body.media-type", WRONG_TYPE.say(expected=expected, got=got))


def fault(incident: str) -> Problem:
    """Return 500 without a word about our insides."""
    return Problem(500, "fault", UNEXPECTED.say(incident=incident))


def status_of(error: HubError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, Problem):
        return error.status
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def shape(error: HubError, language: Language) -> dict[str, Any]:
    """Return the body of an error."""
    body: dict[str, Any] = {
        "error": {**error.as_json(), "text": error.message.speak(language)},
        "findings": [],
    }
    if isinstance(error, Refusal):
        body["findings"] = [finding.as_json() for finding in error.findings]
        if error.id is not None:
            body["refusal"] = error.id
    return body


def answer(error: HubError, language: Language) -> JSONResponse:
    """Return the response to an error."""
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    if isinstance(error, Problem):
        headers |= error.headers
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after or RETRY_SECONDS)))
    return JSONResponse(shape(error, language), status_code=status_of(error), headers=headers)
