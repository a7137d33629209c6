"""The settings of what keeps a hub running for years: metrics, traces, alerts, retention. `config.py` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """`[metrics]`: numbers for Prometheus, on an address of their own. docs/running.md."""

    listen: str = "127.0.0.1:9464"  # HOST:PORT; empty: nowhere
    endpoints: int = 500  # endpoints named one by one, those with the longest queues first; the others as one


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingSettings:
    """`[tracing]`: where spans go (OpenTelemetry, OTLP over HTTP). docs/running.md."""

    url: str = ""  # http://collector:4318/v1/traces; empty: nowhere
    share: float = 0.1  # part of the documents that is traced, 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """`[alerts]`: who is told of what goes wrong, and when it does. docs/running.md."""

    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    smtp: str = ""  # smtps://host or smtp://host (STARTTLS); without TLS only on this machine
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    webhook: str = ""  # an https:// URL that takes a POST; http:// only on this machine
    webhook_secret_file: Path | None = None  # its first line signs what is posted
    language: Literal["vi", "en"] = "vi"
    quiet: str = ""  # 21:00-06:00, Vietnam's time: meanwhile only what cannot wait is told
    every_seconds: float = 60.0
    patience_seconds: float = 300.0  # what is over sooner is not told
    queue_count: int = 1_000  # deliveries that wait for one endpoint
    queue_minutes: float = 240.0  # the age of the oldest of them
    checkpoint_minutes: float = 15.0  # how late the ledger's checkpoint may be
    disk_free_percent: float = 10.0
    clock_seconds: float = 5.0
    clock_url: str = ""  # an address whose Date header the clock is compared with
    backup_hours: float = 0.0  # how old the newest backup may be; 0: backups are not watched


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """`[retention]`: how long the bytes of packages are kept once all is done with them; 0: for ever.

    The ledger, what was found about the signatures, and all else that proves the exchange are never removed.
    """

    new_days: int = 0
    update_days: int = 0
    replace_days: int = 0
    revoke_days: int = 0
    status_days: int = 0
    export: Path | None = None  # the folder where the evidence is written before the package is removed
    at: str = (
        "01:30"  # Vietnam's time after which it is done each day; empty: only by `edochub retention run`
    )
