"""SMTP: what each answer means, and TLS that is trusted or not used at all."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import adapters.email.adapter as module
from adapters.email import EmailAdapter
from hub.errors import Declined, HubError, Misconfigured, Unavailable
from hub.rig import endpoint, parcel, surroundings
from tests.unit.adapters.email.standin import PASSWORD, Office


@asynccontextmanager
async def opened(
    office: Office, secret: str | None = PASSWORD, address: str = ""
) -> AsyncIterator[EmailAdapter]:
    adapter = EmailAdapter(endpoint("email", address or office.address), surroundings(secret))
    try:
        yield adapter
    finally:
        await adapter.close()


@asynccontextmanager
async def running(office: Office | None = None) -> AsyncIterator[Office]:
    office = office or Office()
    await office.start()
    try:
        yield office
    finally:
        await office.stop()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 4.3.0 try later", Unavailable),
        ("452 4.2.2 mailbox full", Unavailable),
        ("552 5.2.2 mailbox full", Unavailable),
        ("554 5.3.1 system full", Unavailable),
        ("552 5.3.4 message too big", Declined),
        ("554 5.7.1 rejected", Declined),
        ("550 no", Declined),
    ],
)
async def test_what_an_answer_to_the_content_means(answer: str, error: type[HubError]) -> None:
    async with running() as office, opened(office) as adapter:
        office.refuses = answer
        with pytest.raises(error) as caught:
            await adapter.deliver(parcel(b"<a/>"))
        assert answer[:3] in caught.value.message.vi
        assert office.sent == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("450 4.2.1 greylisted", Unavailable),
        ("552 5.2.2 mailbox full", Unavailable),
        ("550 5.1.1 no such user", Misconfigured),
        ("554 5.7.1 relay access denied", Misconfigured),
    ],
)
async def test_what_an_answer_to_the_recipient_means(answer: str, error: type[HubError]) -> None:
    async with running() as office, opened(office) as adapter:
        office.refuses_recipient = answer
        with pytest.raises(error):
            await adapter.deliver(parcel(b"<a/>"))


async def test_a_wrong_password_is_the_operators_to_mend() -> None:
    async with running() as office:
        for secret in ("wrong", "", None, f"wrong\n{PASSWORD}"):
            async with opened(office, secret) as adapter:
                with pytest.raises(Misconfigured):
                    await adapter.deliver(parcel(b"<a/>"))
        for secret in ("wrong", f"{PASSWORD}\nwrong"):
            async with opened(office, secret) as adapter:
                with pytest.raises(Misconfigured):
                    await adapter.check()


async def test_two_passwords_are_two_lines() -> None:
    async with running() as office, opened(office, f"{PASSWORD}\n{PASSWORD}") as adapter:
        await adapter.check()
        await adapter.deliver(parcel(b"<a/>"))
        assert len(office.sent) == 1


def certificate(folder: Path) -> ssl.SSLContext:
    """Return a server's side of TLS for localhost; its certificate, which signs itself, lies in the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "mail.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "mail.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "mail.crt", folder / "mail.key")
    return context


async def test_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    office.tls = certificate(tmp_path)
    async with running(office):
        async with opened(office) as adapter:
            with pytest.raises(Misconfigured, match="TLS"):
                await adapter.deliver(parcel(b"<a/>"))
            with pytest.raises(Misconfigured, match="TLS"):
                await adapter._look(None, None)  # type: ignore[arg-type]
        trust = ssl.create_default_context(cafile=str(tmp_path / "mail.crt"))
        monkeypatch.setattr(module, "trusted", lambda: trust)
        async with opened(office) as adapter:
            await adapter.check()
            await adapter.deliver(parcel(b"<a/>"))
        elsewhere = office.address.replace("localhost", "127.0.0.1")  # another name than the certificate's
        async with opened(office, address=elsewhere) as adapter:
            with pytest.raises(Misconfigured, match="TLS"):
                await adapter.deliver(parcel(b"<a/>"))


async def test_without_starttls_nothing_goes_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.email.address.Server.local", property(lambda server: False))
    async with running() as office, opened(office) as adapter:
        with pytest.raises(Misconfigured, match="TLS"):
            await adapter.deliver(parcel(b"<a/>"))
        with pytest.raises(Misconfigured, match="TLS"):
            await adapter._look(None, None)  # type: ignore[arg-type]
        assert office.sent == []
        assert not [each for each in office.commands if each.startswith(("AUTHENTICATE", "LOGIN"))]
