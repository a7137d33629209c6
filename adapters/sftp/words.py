"""What an SFTP server, or the way to it, can do to us, as the hub's errors."""

from __future__ import annotations

import asyncssh

from hub.errors import Fault, HubError, Misconfigured, Unavailable
from schemas.findings import shortened
from schemas.text import Sentence, Text

NOT_THE_SERVER = Sentence(
    vi="{server}: khóa của máy chủ SFTP không phải khóa đã ghim. Hoặc máy chủ đã đổi khóa (hỏi cơ quan qua kênh "
    "khác rồi sửa địa chỉ), hoặc có kẻ đứng giữa. Trục không gửi gì",
    en="{server}: the SFTP server's key is not the one that is pinned. Either the server has a new key (ask the agency "
    "by another way, then change the address), or somebody is in between. The hub sent nothing",
)
NOT_LET_IN = Sentence(
    vi="{server}: máy chủ SFTP không nhận tài khoản “{user}” với mã bí mật của điểm kết nối này",
    en="{server}: the SFTP server does not let “{user}” in with this endpoint's secret",
)
NO_SECRET = Sentence(
    vi="{server}: điểm kết nối chưa có mã bí mật (mật khẩu, hoặc khóa riêng dạng PEM)",
    en="{server}: the endpoint has no secret (a password, or a private key as PEM)",
)
BAD_SECRET = Sentence(
    vi="{server}: mã bí mật bắt đầu như một khóa riêng nhưng không đọc được; khóa không được đặt mật khẩu",
    en="{server}: the secret begins like a private key and cannot be read; the key must not be encrypted",
)
BAD_HOSTS = Sentence(
    vi="{server}: không đọc được tệp known_hosts {path}",
    en="{server}: the known_hosts file {path} cannot be read",
)
NO_ANSWER = Sentence(
    vi="Máy chủ SFTP {server} không trả lời: {why}", en="The SFTP server {server} does not answer: {why}"
)
MISSING = Sentence(
    vi="Máy chủ SFTP {server} không có {path}; ổ đĩa có thể chưa được gắn",
    en="The SFTP server {server} has no {path}; a drive may not be mounted",
)
FORBIDDEN = Sentence(
    vi="Máy chủ SFTP {server} không cho quyền với {path}",
    en="The SFTP server {server} does not give us the right to {path}",
)
FULL = Sentence(
    vi="Máy chủ SFTP {server}: {path}: hết chỗ chứa", en="The SFTP server {server}: {path}: no room is left"
)
FAILED = Sentence(
    vi="Máy chủ SFTP {server} báo lỗi với {path}: {why}",
    en="The SFTP server {server} reports a failure with {path}: {why}",
)
SHORT = Sentence(
    vi="Máy chủ SFTP {server}: {path} chỉ có {got} trong {sent} byte đã ghi",
    en="The SFTP server {server}: {path} has only {got} of the {sent} bytes that were written",
)
NO_GIVE = Sentence(
    vi="{server}: địa chỉ có “give=” để trống nên không có thư mục để đặt văn bản đến",
    en="{server}: the address has an empty “give=”, so there is no folder to put documents into",
)


class Troubled(Unavailable):
    """The server answers, and cannot do what was asked with this one file or folder."""


NEVER_CAME = Text(vi="hết thời gian chờ", en="it took too long")

GONE = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.SFTPBadMessage)
ABSENT = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
FULL_DISK = (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)
BARRED = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect)

# What can come out of asyncssh when the far side, or the way there, fails.
FAILURES = (asyncssh.Error, OSError, TimeoutError, UnicodeError)


def connecting(error: BaseException, server: str, user: str) -> HubError:
    """Return what a failure to connect means."""
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return Misconfigured(NOT_THE_SERVER.say(server=server))
    if isinstance(error, asyncssh.PermissionDenied):
        return Misconfigured(NOT_LET_IN.say(server=server, user=shortened(user)))
    return Unavailable(NO_ANSWER.say(server=server, why=_why(error)))


def working(error: BaseException, server: str, path: str) -> HubError:
    """Return what a failure in the middle of things means. A disk that is full today need not be tomorrow."""
    shown = shortened(path)
    if isinstance(error, ABSENT):
        return Troubled(MISSING.say(server=server, path=shown))
    if isinstance(error, BARRED):
        return Troubled(FORBIDDEN.say(server=server, path=shown))
    if isinstance(error, FULL_DISK):
        return Troubled(FULL.say(server=server, path=shown))
    if isinstance(error, asyncssh.SFTPError) and not isinstance(error, GONE):
        return Troubled(FAILED.say(server=server, path=shown, why=_why(error)))
    return Unavailable(NO_ANSWER.say(server=server, why=_why(error)))


def no_give(server: str) -> Fault:
    """Return the complaint about a delivery where nothing is given."""
    return Misconfigured(NO_GIVE.say(server=server))


def _why(error: BaseException) -> Text | str:
    if isinstance(error, TimeoutError):
        return NEVER_CAME
    words = error.reason if isinstance(error, asyncssh.Error) else getattr(error, "strerror", None)
    return str(shortened(words or type(error).__name__))
