"""SMTP (RFC 5321), and what its answers mean for a delivery.

no connection, a time-out, 4xx                          Unavailable
5xx to the mail's content                               Declined: the far side looked at this document
5.2.2, 5.3.1: a mailbox or a system is full             Unavailable: that passes (RFC 3463, 3.3, 3.4)
5xx to a greeting, a login, a sender or an address      Misconfigured: it would be the same for every document
a certificate that is not trusted, no STARTTLS          Misconfigured
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiosmtplib
from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from adapters.email.address import Server
from hub.errors import Declined, HubError, Misconfigured, Unavailable
from schemas.findings import shortened
from schemas.text import Sentence

TIMEOUT_SECONDS = 60.0  # of one step
AT_ONCE = 4  # connections to one server: most allow no more
FULL = frozenset({"5.2.2", "5.3.1"})
ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")

UNREACHABLE = Sentence(vi="Không kết nối được {host}: {what}", en="{host} does not answer: {what}")
NOT_NOW = Sentence(
    vi="{host} chưa nhận thư: {code} {words}", en="{host} does not take the mail now: {code} {words}"
)
DECLINED = Sentence(
    vi="{host} từ chối thư này: {code} {words}", en="{host} refuses this mail: {code} {words}"
)
NOT_US = Sentence(
    vi="{host} không nhận đăng nhập, nơi gửi hoặc nơi nhận: {code} {words}",
    en="{host} does not accept the login, the sender or the recipient: {code} {words}",
)
NO_TLS = Sentence(
    vi="{host}: không có kết nối TLS tin cậy: {what}",
    en="{host}: no TLS connection that can be trusted: {what}",
)
UNABLE = Sentence(vi="{host} không hỗ trợ điều cần dùng: {what}", en="{host} lacks what is needed: {what}")


class Transport:
    """Sends mails through one server."""

    def __init__(self, server: Server, user: str | None, trusted: ssl.SSLContext) -> None:
        self._server, self._user, self._trusted = server, user, trusted
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def send(self, mail: bytes, sender: str, to: str, password: str) -> None:
        """Return when the server answers for the mail. Raises as the table says."""
        async with self._turns, self._connected(password) as client:
            await client.sendmail(sender, [to], mail)

    async def check(self, password: str) -> None:
        """Return if the server is there and lets us in. Raises as `send`."""
        async with self._turns, self._connected(password) as client:
            await client.noop()

    @asynccontextmanager
    async def _connected(self, password: str) -> AsyncIterator[SMTP]:
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=False if server.tls else None if server.local else True,
            tls_context=self._trusted,
            timeout=TIMEOUT_SECONDS,
        )
        try:
            try:
                await client.connect()
                if self._user:
                    await client.login(self._user, password)
                yield client
            except (SMTPException, OSError) as error:
                raise self._meaning(error) from error
            with suppress(SMTPException, OSError):  # it has answered for the mail already
                await client.quit()
        finally:
            client.close()

    def _meaning(self, error: SMTPException | OSError) -> HubError:
        host = self._server.host
        if untrusted(error) or (isinstance(error, SMTPException) and "STARTTLS" in str(error)):
            return Misconfigured(NO_TLS.say(host=host, what=shortened(str(error))))
        if isinstance(error, SMTPNotSupported):
            return Misconfigured(UNABLE.say(host=host, what=shortened(str(error))))
        answer = answer_of(error)
        if answer is None:
            what = f"{type(error).__name__} {error}".strip()
            return Unavailable(UNREACHABLE.say(host=host, what=shortened(what)))
        code, words = answer
        said = {"host": host, "code": code, "words": shortened(words)}
        enhanced = ENHANCED.match(words)
        if code < 500 or (enhanced and enhanced[1] in FULL):
            return Unavailable(NOT_NOW.say(**said))
        if isinstance(error, SMTPDataError):
            return Declined(DECLINED.say(**said))
        # A server that knows the size from MAIL FROM says then that it is too much (RFC 1870, 6.1).
        if isinstance(error, SMTPSenderRefused) and code == 552:
            return Declined(DECLINED.say(**said))
        return Misconfigured(NOT_US.say(**said))


def answer_of(error: SMTPException | OSError) -> tuple[int, str] | None:
    """Return the code and the words of the server's answer; None if it gave none."""
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        first = error.recipients[0]
        return first.code, first.message
    if isinstance(error, aiosmtplib.SMTPServerDisconnected | aiosmtplib.SMTPTimeoutError):
        return None
    if isinstance(error, SMTPResponseException) and error.code >= 400:
        return error.code, str(error.message)
    return None


def untrusted(error: BaseException) -> bool:
    """Tell whether a certificate was not trusted, however deep the reason lies."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
