"""How alerts reach people and programs: by e-mail, by webhook, and always in the log.

What is told twice, because a node died between telling and noting it, bears the same id both times: the mail's
Message-ID, and `Idempotency-Key` of the webhook, whose signature is that of every push (`hub.signature`).
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Callable, Sequence
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiosmtplib
import httpx
import structlog

from hub import signature
from hub.config import Config, complaint
from hub.errors import Misconfigured, Unavailable
from hub.model import Clock
from hub.running.conditions import shown
from hub.show import clean
from hub.store.alerts import Bundle, Notice
from schemas.text import Text, language

TIMEOUT_SECONDS = 30.0  # for each answer
WHOLE_SECONDS = 60.0  # for one bundle: who answers drop by drop keeps nothing else from being told
SMTP_PORTS = {"smtp": 587, "smtps": 465}
TAKEN = 409  # the far side says that it knows this one already

STARTED = Text(vi="BẮT ĐẦU", en="STARTED")
ENDED = Text(vi="ĐÃ HẾT", en="OVER")

log = structlog.get_logger()


class Teller:
    """Tells bundles through the channels that the settings name."""

    def __init__(
        self, config: Config, clock: Clock, transport: Callable[[], httpx.AsyncBaseTransport] | None = None
    ) -> None:
        self._config = config
        self._settings = config.alerts
        self._clock = clock
        self._transport = transport  # tests put another network in its place

    @property
    def channels(self) -> tuple[str, ...]:
        """Whom there is to tell. The log always hears of it."""
        settings = self._settings
        mail = ("mail",) if settings.smtp and settings.mail_to else ()
        return ("log", *mail, *(("webhook",) if settings.webhook else ()))

    async def tell(self, bundle: Bundle) -> None:
        """Tell a bundle. Raises `Unavailable` and `Misconfigured`."""
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await self._tell(bundle)
        except TimeoutError as error:
            late = Text(
                vi=f"{bundle.channel}: không xong trong {WHOLE_SECONDS:g} giây",
                en=f"{bundle.channel}: not done within {WHOLE_SECONDS:g} seconds",
            )
            raise Unavailable(late) from error

    async def _tell(self, bundle: Bundle) -> None:
        if bundle.channel == "mail":
            await self._mail(bundle)
        elif bundle.channel == "webhook":
            await self._post(bundle)
        else:
            for each in bundle.notices:
                say = log.info if each.ends else log.warning
                say(f"alert.{'ended' if each.ends else 'started'}", key=each.alert.key, words=each.words.en)

    async def _mail(self, bundle: Bundle) -> None:
        settings = self._settings
        server = urlsplit(settings.smtp)
        if server.scheme not in SMTP_PORTS or not server.hostname:
            raise complaint(
                "alerts.smtp", Text(vi="smtps://máy_chủ", en="smtps://host"), server.scheme or settings.smtp
            )
        if not settings.mail_from:
            raise complaint("alerts.mail_from", Text(vi="một địa chỉ thư", en="an e-mail address"), "")
        mail = self.mail(bundle)
        try:
            await aiosmtplib.send(
                written(mail),
                sender=settings.mail_from,
                recipients=list(settings.mail_to),
                hostname=server.hostname,
                port=server.port or SMTP_PORTS[server.scheme],
                use_tls=server.scheme == "smtps",
                start_tls=None if here(server.hostname) or server.scheme == "smtps" else True,
                username=settings.smtp_user or None,
                password=self._line("alerts.smtp_password_file", settings.smtp_password_file) or None,
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            what = f"{server.hostname}: {type(error).__name__} {error}"[:300]
            raise Unavailable(
                Text(vi=f"Không gửi được thư: {what}", en=f"No mail was sent: {what}")
            ) from error

    def mail(self, bundle: Bundle) -> EmailMessage:
        """Return the mail about a bundle: the same each time."""
        settings, token = self._settings, language.set(self._settings.language)
        try:
            mail = EmailMessage()
            mail["From"] = settings.mail_from
            mail["To"] = ", ".join(settings.mail_to)
            mail["Subject"] = clean(f"[{self._config.hub.name}] {subject(bundle.notices)}")
            mail["Date"] = format_datetime(bundle.made_at)
            mail["Message-ID"] = f"<{bundle.id}.{bundle.channel}@alerts.edochub>"
            mail["Auto-Submitted"] = "auto-generated"
            mail.set_content("\n\n".join(sentence(each) for each in bundle.notices) + "\n")
        finally:
            language.reset(token)
        return mail

    async def _post(self, bundle: Bundle) -> None:
        settings = self._settings
        url = urlsplit(settings.webhook)
        if url.scheme != "https" and not (url.scheme == "http" and here(url.hostname or "")):
            raise complaint("alerts.webhook", Text(vi="https://…", en="https://…"), url.hostname or "")
        secret = self._line("alerts.webhook_secret_file", settings.webhook_secret_file)
        if not secret:
            raise complaint("alerts.webhook_secret_file", Text(vi="một tệp", en="a file"), None)
        content = json.dumps(self.told(bundle), ensure_ascii=False).encode()
        at = int(self._clock().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "edochub",
            "Idempotency-Key": bundle.id,
            "Edochub-Alerts": bundle.id,
            signature.HEADER: signature.signed(secret, bundle.id, content, at),
        }
        transport = self._transport() if self._transport else None
        try:
            async with httpx.AsyncClient(
                timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False
            ) as client:
                answer = await client.post(settings.webhook, content=content, headers=headers)
        except httpx.HTTPError as error:
            what = f"{url.hostname}: {type(error).__name__}"
            raise Unavailable(
                Text(vi=f"Không gọi được webhook {what}", en=f"The webhook does not answer: {what}")
            ) from error
        if not answer.is_success and answer.status_code != TAKEN:
            what = f"{url.hostname}: {answer.status_code}"
            raise Unavailable(
                Text(
                    vi=f"Webhook không nhận cảnh báo: {what}", en=f"The webhook does not take alerts: {what}"
                )
            )

    def told(self, bundle: Bundle) -> dict[str, object]:
        """Return what is posted."""
        return {
            "hub": self._config.hub.code,
            "bundle": bundle.id,
            "at": bundle.made_at.isoformat(),
            "alerts": [
                each.alert.as_json() | {"phase": each.phase, "words": each.words.as_json()}
                for each in bundle.notices
            ],
        }

    def _line(self, key: str, file: Path | None) -> str:
        """Return the first line of a file of the settings, "" if none is named. Raises `Misconfigured`."""
        if file is None:
            return ""
        path = self._config.path(file)
        try:
            return path.read_text(encoding="utf-8").split("\n", 1)[0].strip()
        except OSError as error:
            raise Misconfigured(
                Text(
                    vi=f"{key}: không đọc được {path}: {error.strerror}",
                    en=f"{key}: {path} cannot be read: {error.strerror}",
                )
            ) from error


def written(mail: EmailMessage) -> bytes:
    """Return a mail as octets, its subject whole.

    `EmailMessage` loses the space where it breaks a long subject between two encoded words (CPython up to 3.12), and
    Vietnamese subjects are long ones; so the subject is encoded by the older class. RFC 2047, 2 and 6.2.
    """
    rest = EmailMessage(SMTP.clone(cte_type="7bit"))
    for name, value in mail.items():
        if name not in ("Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"):
            rest[name] = str(value)
    rest.set_content(mail.get_content(), cte="base64")
    about = Header(str(mail["Subject"]), "utf-8", header_name="Subject").encode(linesep="\r\n")
    return b"Subject: " + about.encode("ascii") + b"\r\n" + rest.as_bytes()


def subject(notices: Sequence[Notice]) -> str:
    """Return what a bundle is about, in the language of the settings."""
    over = sum(each.ends for each in notices)
    if len(notices) == 1:
        return f"{ENDED if over else STARTED}: {notices[0].words}"[:150]
    new = len(notices) - over
    return str(Text(vi=f"{new} cảnh báo mới, {over} đã hết", en=f"{new} new alerts, {over} over"))


def sentence(notice: Notice) -> str:
    """Return one notice as people read it."""
    since, until = shown(notice.alert.since), notice.alert.until
    if notice.ends and until is not None:
        when = Text(vi=f"từ {since} đến {shown(until)}", en=f"from {since} to {shown(until)}")
        return f"{ENDED}: {clean(notice.words)}\n  ({when})"
    return f"{STARTED}: {clean(notice.words)}\n  ({Text(vi=f'từ {since}', en=f'since {since}')})"


def here(host: str) -> bool:
    """Tell whether a host is this machine itself, where nothing crosses a network in the clear."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
