"""The email adapter, with an official mailbox on this machine, does what every adapter must do.

SMTP knows no repeat; what makes one document of two mails is their Message-ID, as mailboxes treat it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.email import EmailAdapter
from adapters.email.intake import EmailSettings
from hub.conformance import ListeningConformance, RefusalConformance
from hub.rig import ListeningRig, RefusingRig, endpoint, surroundings
from tests.unit.adapters.email.standin import AGENCY, HUB, PASSWORD, Office, attachments_of, letter

HEADERS = {
    "From", "To", "Date", "Subject", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Edochub-Delivery", "Edochub-Message",
}  # fmt: skip


class HastyEmailAdapter(EmailAdapter):
    settings = EmailSettings(first_pause_seconds=0.02, longest_pause_seconds=0.1)


class EmailRig(RefusingRig, ListeningRig):
    bad_addresses = (
        None,
        "",
        "email:",
        f"email:?smtp=smtps://mail.example.vn&from={HUB}",
        f"email:?smtp=https://mail.example.vn&from={HUB}&to={AGENCY}",
        f"email:?smtp=smtps://u:p@mail.example.vn&from={HUB}&to={AGENCY}",
        f"email:?smtp=smtps://mail.example.vn/x&from={HUB}&to={AGENCY}",
        f"email:?smtp=smtps://mail.example.vn:0&from={HUB}&to={AGENCY}",
        f"email:?smtp=smtps://mail.example.vn&from={HUB}&to=a%0D%0ABcc:b@example.vn",
        f"email:?smtp=smtps://mail.example.vn&from={HUB}&to={AGENCY}&imap=imaps://mail.example.vn",
        f"email:?smtp=smtps://mail.example.vn&from={HUB}&to={AGENCY}&user=u%0D%0A",
        f"email:?smtp=smtps://mail.example.vn&from={HUB}&to={AGENCY}&folder=a%22b",
        f"email:?smtp=smtps://mail.example.vn&from={HUB}&to={AGENCY}&done=INBOX",
        f"email:?smtp=smtps://mail.example.vn&from={HUB}&to={AGENCY}&poll=0",
        f"email:?smtp=smtps://mail.example.vn&from={HUB}&to={AGENCY}&to={AGENCY}",
        f"email:?smtp=smtps://mail.example.vn&from={HUB}&to={AGENCY}&other=1",
    )

    def __init__(self, office: Office) -> None:
        self.office = office

    def open(self) -> EmailAdapter:
        address = EmailAdapter.settle(self.office.address)
        return HastyEmailAdapter(endpoint("email", address), surroundings(PASSWORD))

    async def documents(self) -> list[bytes]:
        return [content for mail in self.office.mails() for content in attachments_of(bytes(mail))]

    async def go_down(self) -> None:
        await self.office.stop()

    async def come_back(self) -> None:
        await self.office.start()

    async def refuse(self) -> None:
        self.office.refuses = "554 5.7.1 Nội dung bị chặn"

    async def strays(self) -> list[str]:
        names = {name for mail in self.office.mails() for name, _ in mail.items()} - HEADERS
        others = {to for _, recipients, _ in self.office.sent for to in recipients} - {AGENCY}
        return sorted(names | others)

    async def hand_in(self, content: bytes) -> None:
        self.office.put(letter(content))

    async def told_accepted(self) -> list[bytes]:
        return self.office.attached("edochub-done")

    async def told_refused(self) -> list[bytes]:
        filed = self.office.attached("edochub-refused")
        return filed if len(self.office.mails()) == len(filed) else []


class TestEmail(RefusalConformance, ListeningConformance):
    @asynccontextmanager
    async def rig(self) -> AsyncIterator[EmailRig]:
        office = Office()
        await office.start()
        try:
            yield EmailRig(office)
        finally:
            await office.stop()
