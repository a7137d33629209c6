"""Mails coming in: from whom, what becomes of them, and what happens when the line goes dead at any step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.email.intake import EmailSettings
from hub.errors import Refusal
from hub.rig import StandInHub, endpoint, listening, surroundings
from schemas.text import Text
from tests.conformance.test_email import HastyEmailAdapter
from tests.unit.adapters.email.standin import AGENCY, PASSWORD, Office, letter

NO = Refusal(Text(vi="Không", en="No"))


@asynccontextmanager
async def taking(office: Office, hub: StandInHub, **settings: int) -> AsyncIterator[None]:
    class Adapter(HastyEmailAdapter):
        pass

    if settings:
        Adapter.settings = EmailSettings(first_pause_seconds=0.02, longest_pause_seconds=0.1, **settings)
    await office.start()
    adapter = Adapter(endpoint("email", Adapter.settle(office.address)), surroundings(PASSWORD))
    try:
        async with listening(adapter, hub):
            yield
    finally:
        await adapter.close()
        await office.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def test_mails_of_strangers_are_left_where_they_are_and_looked_at_once() -> None:
    office, hub = Office(), StandInHub()
    uid = office.put(letter(b"<a/>", sender="other@example.org"))
    office.put(letter(b"<b/>"))
    async with taking(office, hub):
        await until(lambda: hub.taken == [b"<b/>"] and len(office.folders["INBOX"]) == 1)
        looks = len(office.commands)
        await until(lambda: len(office.commands) > looks + 20)
    assert office.folders["INBOX"][uid].flags == {"edochub-left"}
    assert len([each for each in office.commands if each.startswith(f"FETCH {uid} ")]) == 1
    assert not [each for each in office.commands if each.startswith(f"FETCH {uid} (BODY.PEEK[])")]
    assert office.sent == [], "nothing is ever written to a stranger"


async def test_without_marks_what_was_left_is_remembered() -> None:
    office, hub = Office(keywords=False), StandInHub()
    uid = office.put(letter(b"<a/>", sender="other@example.org"))
    async with taking(office, hub):
        await until(lambda: len(office.commands) > 40)
    assert len([each for each in office.commands if each.startswith(f"FETCH {uid} ")]) == 1


async def test_what_somebody_has_read_is_taken_all_the_same() -> None:
    office, hub = Office(), StandInHub()
    office.folders["INBOX"][office.put(letter(b"<a/>"))].flags.add("\\Seen")
    async with taking(office, hub):
        await until(lambda: hub.taken == [b"<a/>"])


async def test_a_server_without_move_is_served_too() -> None:
    for capabilities in ("IMAP4rev1 AUTH=PLAIN UIDPLUS", "IMAP4rev1 AUTH=PLAIN"):
        office, hub = Office(capabilities=capabilities), StandInHub()
        office.put(letter(b"<a/>"))
        async with taking(office, hub):
            await until(lambda office=office: office.attached("edochub-done") == [b"<a/>"])  # type: ignore[misc]
            looks = len(office.commands)
            await until(lambda office=office, looks=looks: len(office.commands) > looks + 10)  # type: ignore[misc]
        assert hub.asked == 1
        kept = office.folders["INBOX"].values()
        assert all("\\Deleted" in each.flags for each in kept)
        assert bool(kept) is ("UIDPLUS" not in capabilities)


@pytest.mark.parametrize("verb", ["SELECT", "SEARCH", "FETCH", "MOVE", "AUTHENTICATE", "CREATE"])
async def test_a_line_that_goes_dead_at_any_step_loses_nothing(verb: str) -> None:
    office, hub = Office(), StandInHub()
    office.put(letter(b"<a/>"))
    office.put(letter(b"<b/>"))
    office.cuts[verb] = 2
    async with taking(office, hub):
        await until(lambda: sorted(office.attached("edochub-done")) == [b"<a/>", b"<b/>"])
    assert set(hub.taken) == {b"<a/>", b"<b/>"}
    assert office.folders["INBOX"] == {}
    assert office.cuts[verb] == 0


async def test_a_refusal_goes_to_the_configured_address_and_to_nobody_else() -> None:
    office, hub = Office(), StandInHub(errors=[NO])
    office.put(letter(b"<a/>", Reply_To="victim@example.org", Return_Path="<victim@example.org>"))
    async with taking(office, hub):
        await until(lambda: office.attached("edochub-refused") == [b"<a/>"])
    assert [to for _, to, _ in office.sent] == [[AGENCY]]
    assert b"victim" not in office.sent[0][2]


async def test_a_refusal_that_cannot_be_mailed_yet_is_mailed_later_and_asked_once() -> None:
    office, hub = Office(), StandInHub(errors=[NO])
    office.refuses = "451 4.3.0 later"
    office.put(letter(b"<a/>"))
    async with taking(office, hub):
        await until(lambda: hub.asked == 1)
        looks = len(office.commands)
        await until(lambda: len(office.commands) > looks + 10)
        assert office.attached("edochub-refused") == []
        office.refuses = None
        await until(lambda: office.attached("edochub-refused") == [b"<a/>"])
    assert hub.asked == 1
    assert len(office.sent) == 1


async def test_of_two_packages_one_may_be_refused() -> None:
    office, hub = Office(), StandInHub(errors=[NO])
    both = letter(b"<a/>")
    mail = both.replace(b'filename="cong-van.edxml"', b'filename="mot.edxml"')
    head, end = mail.rsplit(b"--", 2)[0], b"".join(mail.rpartition(b"\r\n--")[1:])
    part = mail[mail.rindex(b"Content-Type: application/xml") : mail.rindex(b"\r\n--")]
    boundary = mail[mail.rindex(b"\r\n--") + 2 :].strip().removesuffix(b"--")
    office.put(mail[: mail.rindex(b"\r\n--")] + b"\r\n" + boundary + b"\r\n" + part + end)
    assert head
    async with taking(office, hub):
        await until(lambda: len(office.sent) == 1 and len(office.folders.get("edochub-refused", {})) == 1)
    assert hub.taken == [b"<a/>"]
    assert hub.asked == 2


async def test_a_mail_without_a_package_is_answered_unless_a_machine_wrote_it() -> None:
    office, hub = Office(), StandInHub()
    machine = office.put(letter(None, Auto_Submitted="auto-replied"))
    office.put(letter(None))
    async with taking(office, hub):
        await until(lambda: len(office.folders.get("edochub-refused", {})) == 1)
        await until(lambda: office.folders["INBOX"][machine].flags == {"edochub-left"})
    assert len(office.sent) == 1
    assert hub.asked == 0


async def test_a_mail_that_is_too_large_is_refused_unread() -> None:
    office, hub = Office(), StandInHub()
    office.put(letter(b"<a/>" + b" " * 20_000))
    async with taking(office, hub, largest_bytes=10_000):
        await until(lambda: len(office.folders.get("edochub-refused", {})) == 1)
    assert hub.asked == 0
    assert len(office.sent) == 1
    assert not [each for each in office.commands if "BODY.PEEK[])" in each]


async def test_a_mailbox_whose_numbers_begin_anew_is_looked_at_anew() -> None:
    office, hub = Office(keywords=False), StandInHub()
    office.put(letter(b"<a/>", sender="other@example.org"))
    async with taking(office, hub):
        await until(lambda: len(office.commands) > 20)
        office.validity, office.next_uid = 8, 1
        office.folders["INBOX"].clear()
        office.put(letter(b"<b/>"))  # the number that the stranger's had
        await until(lambda: office.attached("edochub-done") == [b"<b/>"])


async def test_older_servers_log_in_without_sasl() -> None:
    office, hub = Office(capabilities="IMAP4rev1 MOVE"), StandInHub()
    office.put(letter(b"<a/>"))
    await office.start()
    address = office.address
    adapter = HastyEmailAdapter(
        endpoint("email", HastyEmailAdapter.settle(address)), surroundings(f"{PASSWORD}\nplain")
    )
    try:
        async with listening(adapter, hub):
            await until(lambda: hub.taken == [b"<a/>"])
    finally:
        await adapter.close()
        await office.stop()
