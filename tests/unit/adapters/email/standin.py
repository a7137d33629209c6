"""An official mailbox in the test's own process: SMTP by aiosmtpd, and the part of IMAP that the adapter speaks."""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HUB, AGENCY = "truc@tinh.example.vn", "xa@tinh.example.vn"
USER, PASSWORD = "truc", "mật khẩu"


@dataclass
class Stored:
    """A mail in a folder."""

    raw: bytes
    flags: set[str] = field(default_factory=set)


class Office:
    """Both servers, and everything that they hold."""

    def __init__(
        self, *, capabilities: str = "IMAP4rev1 AUTH=PLAIN MOVE UIDPLUS", keywords: bool = True
    ) -> None:
        self.capabilities, self.keywords = capabilities, keywords
        self.tls: ssl.SSLContext | None = None  # then IMAP and SMTP begin with it
        self.sent: list[tuple[str, list[str], bytes]] = []
        self.refuses: str | None = None  # the answer to a mail's content
        self.refuses_recipient: str | None = None
        self.folders: dict[str, dict[int, Stored]] = {"INBOX": {}}
        self.validity = 7
        self.next_uid = 1
        self.smtp_port = self.imap_port = 0
        self.commands: list[str] = []
        self.cuts: dict[str, int] = {}  # before a command is answered, the line goes dead so many times
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.StreamWriter | asyncio.BaseTransport] = set()

    # --- going up and down ----------------------------------------------------------------------------------------

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(self._smtp, "127.0.0.1", self.smtp_port, ssl=self.tls)
        imap = await asyncio.start_server(self._imap, "127.0.0.1", self.imap_port, ssl=self.tls)
        self._servers = [smtp, imap]
        self.smtp_port, self.imap_port = (each.sockets[0].getsockname()[1] for each in self._servers)

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        for each in list(self._tasks):
            transport = each.transport if isinstance(each, asyncio.StreamWriter) else each
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
        self._tasks.clear()
        self._servers = []

    @property
    def address(self) -> str:
        s = "s" if self.tls else ""
        host = "localhost" if self.tls else "127.0.0.1"
        return (
            f"email:?smtp=smtp{s}://{host}:{self.smtp_port}&imap=imap{s}://{host}:{self.imap_port}"
            f"&user={USER}&from={HUB}&to={AGENCY}&poll=0.02"
        )

    # --- what is in it --------------------------------------------------------------------------------------------

    def put(self, raw: bytes, folder: str = "INBOX") -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.folders.setdefault(folder, {})[uid] = Stored(raw)
        return uid

    def mails(self) -> list[EmailMessage]:
        """What the agency's mailbox shows: one mail for each Message-ID."""
        found: dict[str, EmailMessage] = {}
        for _, _, raw in self.sent:
            mail = message_from_bytes(raw, policy=default)
            assert isinstance(mail, EmailMessage)
            found.setdefault(str(mail["Message-ID"]), mail)
        return list(found.values())

    def attached(self, folder: str) -> list[bytes]:
        return [
            content for each in self.folders.get(folder, {}).values() for content in attachments_of(each.raw)
        ]

    # --- SMTP -----------------------------------------------------------------------------------------------------

    def _smtp(self) -> SMTP:
        office = self

        # Without TLS on this machine: what aiosmtpd warns of is what is tested.
        class Kept(SMTP):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                office._tasks.add(transport)
                super().connection_made(transport)

        with warnings.catch_warnings(action="ignore"):
            return Kept(
                self,
                hostname="mail.test",
                authenticator=self._knows,
                auth_require_tls=False,
                auth_required=True,
            )

    def _knows(
        self, server: SMTP, session: Session, envelope: Envelope, how: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)  # then aiosmtpd says 535

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses_recipient:
            return self.refuses_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuses:
            return self.refuses
        assert isinstance(envelope.content, bytes)
        assert envelope.mail_from is not None
        self.sent.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 OK"

    # --- IMAP -----------------------------------------------------------------------------------------------------

    async def _imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(writer)
        try:
            writer.write(b"* OK ready\r\n")
            session = Session_(self, reader, writer)
            while line := await reader.readline():
                if not await session.answer(line.decode().rstrip("\r\n")):
                    break
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(writer)
            writer.close()


class Session_:
    """One IMAP session."""

    def __init__(self, office: Office, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.office, self.reader, self.writer = office, reader, writer
        self.folder = ""

    def say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")

    async def answer(self, line: str) -> bool:
        tag, _, rest = line.partition(" ")
        verb, _, words = rest.partition(" ")
        if verb == "UID":
            verb, _, words = words.partition(" ")
        self.office.commands.append(f"{verb} {words}".strip())
        if self.office.cuts.get(verb, 0):
            self.office.cuts[verb] -= 1
            return False
        if verb == "LOGOUT":
            self.say("* BYE\r\n" + f"{tag} OK bye")
            return False
        if verb == "AUTHENTICATE":
            self.say("+ ")
            said = base64.b64decode(await self.reader.readline()).decode()
            self.say(
                f"{tag} OK in" if said == f"\0{USER}\0{PASSWORD}" else f"{tag} NO [AUTHENTICATIONFAILED] no"
            )
            return True
        done = "OK"
        for part in getattr(self, f"_{verb.lower()}")(words):
            if part in ("NO", "BAD"):
                done = part
            else:
                self.writer.write(part if isinstance(part, bytes) else part.encode() + b"\r\n")
        self.say(f"{tag} {done} done")
        return True

    def _capability(self, words: str) -> Iterator[str]:
        yield f"* CAPABILITY {self.office.capabilities}"

    def _login(self, words: str) -> Iterator[str]:
        if words != f'"{USER}" "plain"':
            yield "NO"

    def _select(self, words: str) -> Iterator[str]:
        self.folder = words.strip('"')
        if self.folder not in self.office.folders:
            yield "NO"
            return
        yield f"* {len(self.office.folders[self.folder])} EXISTS"
        yield f"* OK [UIDVALIDITY {self.office.validity}] ok"
        marks = r" \*" if self.office.keywords else ""
        yield f"* OK [PERMANENTFLAGS (\\Deleted{marks})] ok"

    def _create(self, words: str) -> Iterator[str]:
        self.office.folders.setdefault(words.strip('"'), {})
        return iter(())

    def _search(self, words: str) -> Iterator[str]:
        without = {"\\Deleted"} | set(re.findall(r"UNKEYWORD (\S+)", words))
        found = [str(uid) for uid, mail in self._mails().items() if not mail.flags & without]
        yield f"* SEARCH {' '.join(found)}".rstrip()

    def _fetch(self, words: str) -> Iterator[bytes]:
        uid = int(words.split()[0])
        mail = self._mails().get(uid)
        yield b"* 1 FETCH (FLAGS (\\Recent) UID 999999)\r\n"  # servers tell what nobody asked for
        if mail is None:
            return
        content = mail.raw if "BODY.PEEK[]" in words else mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        name = b"BODY[]" if "BODY.PEEK[]" in words else b"BODY[HEADER.FIELDS (FROM)]"
        yield b"* 2 FETCH (RFC822.SIZE %d %s {%d}\r\n" % (len(mail.raw), name, len(content))
        yield content + b" UID %d)\r\n" % uid

    def _store(self, words: str) -> Iterator[str]:
        uid, _, flags = words.split(" ", 2)
        if mail := self._mails().get(int(uid)):
            mail.flags |= set(flags.strip("()").split())
        return iter(())

    def _copy(self, words: str, *, away: bool = False) -> Iterator[str]:
        uid, _, name = words.partition(" ")
        target = self.office.folders.get(name.strip('"'))
        if target is None:
            yield "NO"
            return
        mail = self._mails().get(int(uid))
        if mail is not None:
            self.office.put(mail.raw, name.strip('"'))
            if away:
                del self._mails()[int(uid)]

    def _move(self, words: str) -> Iterator[str]:
        return self._copy(words, away=True)

    def _expunge(self, words: str) -> Iterator[str]:
        if "\\Deleted" in self._mails()[int(words)].flags:
            del self._mails()[int(words)]
        return iter(())

    def _mails(self) -> dict[int, Stored]:
        return self.office.folders[self.folder]


def attachments_of(raw: bytes) -> list[bytes]:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return [bytes(part.get_payload(decode=True) or b"") for part in mail.iter_attachments()]


def letter(
    content: bytes | None, *, sender: str = AGENCY, name: str = "cong-van.edxml", **headers: str
) -> bytes:
    """Return a mail of the agency's with a package."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"UBND xã <{sender}>", HUB, "Công văn"
    mail["Message-ID"] = "<1@xa.example.vn>"
    for header, value in headers.items():
        mail[header.replace("_", "-")] = value
    mail.set_content("Kính gửi\n")
    if content is not None:
        mail.add_attachment(content, "application", "xml", filename=name)
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
