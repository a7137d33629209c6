"""A server that answers without end is given up, long before memory is."""

from __future__ import annotations

import asyncio
import ssl

import pytest

import adapters.email.mailbox as module
from adapters.email.address import Server
from adapters.email.mailbox import Mailbox, Place
from hub.errors import Unavailable
from tests.unit.adapters.email.standin import PASSWORD, USER, Office

HUGE = b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"
LITERAL = b"* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] {2000}\r\n" + b"x" * 2000 + b" UID 1)\r\n"


class Endless(Office):
    """An office whose server answers a FETCH with whatever it is given."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self.endless = answer

    async def _imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        try:
            while line := await reader.readline():
                tag, verb = line.split()[:2]
                if verb == b"AUTHENTICATE":
                    writer.write(b"+ \r\n")
                    await reader.readline()
                if verb == b"CAPABILITY":
                    writer.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
                if verb == b"UID":
                    writer.write(self.endless)
                else:
                    writer.write(tag + b" OK done\r\n")
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@pytest.mark.parametrize("answer", [HUGE, LITERAL, b"x" * 5000, b"* 1 EXISTS\r\n" * 200])
async def test_an_answer_without_end_is_given_up(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINE_BYTES", 3000)
    monkeypatch.setattr(module, "COMMAND_BYTES", 1000)
    office = Endless(answer)
    await office.start()
    place = Place(Server("imap", "127.0.0.1", office.imap_port), USER, "INBOX", ssl.create_default_context())
    mailbox = Mailbox(place)
    try:
        await asyncio.to_thread(mailbox.open, PASSWORD)
        with pytest.raises(Unavailable):
            await asyncio.to_thread(mailbox.content, 1, 500)
    finally:
        mailbox.cut()
        await office.stop()
