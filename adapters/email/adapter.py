"""The email adapter itself: what the hub calls. IMAP blocks, so a mailbox has a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, TypeVar

import structlog

from adapters.email import address as addresses
from adapters.email import mails
from adapters.email.intake import EmailSettings, Intake
from adapters.email.mailbox import Mailbox, Place
from adapters.email.transport import Transport
from adapters.http.lines import trusted
from hub.adapter import Adapter, Receive, Surroundings
from hub.errors import HubError, Misconfigured, Unavailable
from hub.model import Endpoint, Parcel, Receipt
from schemas.text import Sentence

T = TypeVar("T")

IN_LOOP_BYTES = 262_144  # a larger package is worth a thread to encode

NO_SECRET = Sentence(
    vi="Điểm kết nối {endpoint} không có mã bí mật còn hiệu lực: đó phải là mật khẩu của hộp thư",
    en="Endpoint {endpoint} has no valid secret: it has to be the mailbox's password",
)
TOO_SLOW = Sentence(
    vi="Hộp thư của {endpoint} trả lời quá chậm", en="The mailbox of {endpoint} answers too slowly"
)

log = structlog.get_logger()


class EmailAdapter(Adapter):
    """An agency that exchanges documents through an official mailbox."""

    name = "email"
    settings: ClassVar[EmailSettings] = EmailSettings()

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        super().__init__(endpoint, surroundings)
        self._address = address = addresses.read(endpoint.address)
        self._transport = Transport(address.smtp, address.user, trusted())
        self._threads = ThreadPoolExecutor(2, f"email-{endpoint.id}")  # listening, and checking

    @classmethod
    def settle(cls, address: str | None) -> str:
        """Return the address as it is stored. Raises `Misconfigured`."""
        return addresses.read(address).written()

    @property
    def listens(self) -> bool:
        """Tell whether there is a mailbox to fetch from."""
        return self._address.imap is not None

    async def check(self) -> None:
        """Log in at both servers and open the folder; nothing is sent or changed."""
        sending, fetching = await self._passwords()
        await self._transport.check(sending)
        mailbox = self._mailbox()
        if mailbox is not None:
            try:
                await self._in_thread(mailbox, lambda: mailbox.open(fetching))
            finally:
                await self._in_thread(mailbox, mailbox.close)

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Mail the package; return once the server answers for the mail."""
        sending, _ = await self._passwords()
        mail = mails.delivery(parcel, self._address)
        content = await asyncio.to_thread(bytes, mail) if parcel.message.size > IN_LOOP_BYTES else bytes(mail)
        await self._send(content, sending)
        return Receipt(remote_id=str(mail["Message-ID"]))

    async def listen(self, receive: Receive) -> None:
        """Look into the mailbox now and then, in a session for each look."""
        intake = Intake(self.endpoint.id, self._address, self.settings, self.surroundings.clock, self._answer)
        failures = 0
        while True:
            try:
                await self._look(intake, receive)
                failures, pause = 0, intake.wake_seconds()
            except HubError as error:
                failures += 1
                asked = error.retry_after if isinstance(error, Unavailable) else None
                pause = self.settings.pause_seconds(failures, asked)
                log.warning("email.waiting", endpoint=self.endpoint.id, seconds=pause, error=str(error))
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """Let go of the threads; one that hangs on a server is not waited for."""
        self._threads.shutdown(wait=False)

    async def _look(self, intake: Intake, receive: Receive) -> None:
        mailbox = self._mailbox()
        if mailbox is None:
            return
        _, fetching = await self._passwords()

        async def in_thread(step: Callable[[], T]) -> T:
            return await self._in_thread(mailbox, step)

        try:
            await in_thread(lambda: mailbox.open(fetching))
            await intake.round(mailbox, receive, in_thread)
        except asyncio.CancelledError:
            mailbox.cut()  # its thread ends with it
            raise
        else:
            await in_thread(mailbox.close)
        finally:
            mailbox.cut()

    async def _answer(self, mail: bytes) -> None:
        sending, _ = await self._passwords()
        await self._send(mail, sending)

    async def _send(self, mail: bytes, password: str) -> None:
        await self._transport.send(mail, self._address.sender, self._address.to, password)

    def _mailbox(self) -> Mailbox | None:
        imap, user = self._address.imap, self._address.user
        if imap is None or user is None:
            return None
        return Mailbox(Place(imap, user, self._address.folder, trusted()))

    async def _passwords(self) -> tuple[str, str]:
        """Return the passwords for sending and for fetching: one line of the secret, or two."""
        if self._address.user is None:
            return "", ""
        secret = await self.surroundings.secret()
        if not secret:
            raise Misconfigured(NO_SECRET.say(endpoint=self.endpoint.id))
        sending, _, fetching = secret.partition("\n")
        return sending, fetching or sending

    async def _in_thread(self, mailbox: Mailbox, step: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(self.settings.step_seconds):
                return await asyncio.get_running_loop().run_in_executor(self._threads, step)
        except TimeoutError as error:
            mailbox.cut()
            raise Unavailable(TOO_SLOW.say(endpoint=self.endpoint.id)) from error
