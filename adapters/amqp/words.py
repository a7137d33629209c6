"""What a broker can do to us, as the hub's errors."""

from __future__ import annotations

import asyncio

from aiormq.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelAccessRefused,
    ChannelInvalidStateError,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    ConnectionNotAllowed,
    DeliveryError,
    InvalidFrameError,
    ProbableAuthenticationError,
    PublishError,
)

from hub.errors import HubError, Misconfigured, Unavailable
from schemas.findings import shortened
from schemas.text import Sentence, Text

NOT_LET_IN = Sentence(
    vi="RabbitMQ {server} không nhận tài khoản và mật khẩu của điểm kết nối này",
    en="RabbitMQ at {server} does not let us in with this endpoint's user and password",
)
NO_VHOST = Sentence(
    vi="RabbitMQ {server} không mở vhost “{vhost}”: chưa có, chưa chạy, đã đủ kết nối, hoặc tài khoản không được vào",
    en="RabbitMQ at {server} does not open the vhost “{vhost}”: not there, not up, full, or not for this user",
)
NO_RIGHT = Sentence(
    vi="RabbitMQ {server} không cho quyền: {why}", en="RabbitMQ at {server} does not give us the right: {why}"
)
ABSENT = Sentence(
    vi="RabbitMQ {server}: chưa có hàng đợi hoặc exchange: {why}",
    en="RabbitMQ at {server}: a queue or an exchange is not there: {why}",
)
RETURNED = Sentence(
    vi="RabbitMQ {server} trả lại văn bản: không hàng đợi nào nhận “{target}” (kiểm tra exchange, khóa, liên kết)",
    en="RabbitMQ at {server} returned the document: no queue takes “{target}” (look at exchange, key, bindings)",
)
NACKED = Sentence(
    vi="RabbitMQ {server} không lưu được văn bản tới “{target}” (hàng đợi đầy hoặc máy chủ lỗi)",
    en="RabbitMQ at {server} did not store the document for “{target}” (a full queue, or trouble inside)",
)
NOT_TAKEN = Sentence(
    vi="RabbitMQ {server} không nhận gói {size} byte tới “{target}”: {why}; xem max_message_size",
    en="RabbitMQ at {server} does not take {size} bytes for “{target}”: {why}; see max_message_size",
)
NO_ANSWER = Sentence(
    vi="RabbitMQ {server} không trả lời: {why}", en="RabbitMQ at {server} does not answer: {why}"
)
BAD_CA = Sentence(
    vi="{server}: không đọc được tệp chứng thư {path}",
    en="{server}: the certificate file {path} cannot be read",
)
NO_GIVE = Sentence(
    vi="{server}: địa chỉ không có give= nên không có nơi để đưa văn bản đến",
    en="{server}: the address has no give=, so there is nowhere to put documents",
)
NEVER_CAME = Text(vi="hết thời gian chờ", en="it took too long")

# What can come out of aio-pika when the broker, or the way there, fails.
FAILURES = (
    AMQPError,
    ChannelInvalidStateError,
    OSError,
    TimeoutError,
    RuntimeError,
    asyncio.IncompleteReadError,
)


def connecting(error: BaseException, server: str, vhost: str) -> HubError:
    """Return what a failure to connect, or to find what we are to take from, means."""
    if isinstance(error, AuthenticationError | ProbableAuthenticationError):
        return Misconfigured(NOT_LET_IN.say(server=server))
    if isinstance(
        error, ConnectionNotAllowed | InvalidFrameError
    ):  # what aiormq makes of a close when opening
        return Unavailable(NO_VHOST.say(server=server, vhost=shortened(vhost)))
    if isinstance(error, ChannelAccessRefused):
        return Misconfigured(NO_RIGHT.say(server=server, why=why(error)))
    if isinstance(error, ChannelNotFoundEntity):
        return Unavailable(ABSENT.say(server=server, why=why(error)))
    return Unavailable(NO_ANSWER.say(server=server, why=why(error)))


def publishing(error: BaseException, server: str, vhost: str, target: str, size: int) -> HubError:
    """Return what a failure to publish means."""
    shown = shortened(target)
    if isinstance(error, PublishError):
        return Unavailable(RETURNED.say(server=server, target=shown))
    if isinstance(error, DeliveryError):
        return Unavailable(NACKED.say(server=server, target=shown))
    if isinstance(error, ChannelPreconditionFailed):
        return Misconfigured(NOT_TAKEN.say(server=server, target=shown, size=f"{size:,}", why=why(error)))
    return connecting(error, server, vhost)


def why(error: BaseException) -> Text | str:
    """Return the broker's own words, as far as they may be shown; never the password."""
    if isinstance(error, TimeoutError):
        return NEVER_CAME
    strings = [each for each in error.args if isinstance(each, str)]
    said = strings[-1] if strings and isinstance(error, AMQPError) else getattr(error, "strerror", None)
    return str(shortened(said or type(error).__name__))
