"""edochub.toml, read into small frozen dataclasses. Units are in the names; a complaint names the key.

Every setting has a default that works; `docs/settings.md` describes each, and a test checks that it does. Relative
paths are taken from the folder that the file stands in.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hub.config_running import AlertSettings, MetricsSettings, RetentionSettings, TracingSettings
from hub.errors import Misconfigured
from schemas.text import Text

FILE_NAME = "edochub.toml"

RuleOfLevel = Literal["default", "ignore", "report", "refuse-invalid", "require"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    """`[hub]`: who this hub is."""

    name: str = "edochub"  # shown to people and in traces
    code: str = "edochub"  # the actor in the ledger: hub:CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """`[storage]`: where the truth is kept."""

    database: str = "sqlite:///edochub.db"  # or postgresql+psycopg://user@host/name
    payloads: Path = Path(
        "payloads"
    )  # folder for the packages too large for the database, and for those on their way
    inline_bytes: int = 65_536  # packages up to this size live in the database itself
    memory_bytes: int = 2_097_152  # packages above this size are never held in memory
    compress: bool = (
        True  # keep packages smaller than they came; off while older nodes still run beside this one
    )
    bucket: str = ""  # s3://name/prefix: where the large packages are, in place of the folder
    bucket_endpoint: str = ""  # URL of the S3-compatible service; AWS itself has none


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """`[broker]`: what wakes the workers."""

    url: str = "memory:"  # or amqp://user:password@host/vhost


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """`[server]`: the web server that adapters mount on."""

    host: str = "127.0.0.1"
    port: int = 8080
    tls_certificate: Path | None = None  # PEM, leaf first
    tls_key: Path | None = None  # PEM
    package_bytes: int = 52_428_800  # largest package taken: 50 MiB, as the national gateways
    body_seconds: float = 120.0  # how long a client may take to send one package
    longest_wait_seconds: float = 60.0  # longest `wait` of a long poll
    connections: int = 5_000  # open at once to one process; those that only wait make room for a newer one
    workers: int = 1  # processes that serve; 0: one for each core; above one needs PostgreSQL
    drain_seconds: float = (
        0.0  # how long /readyz says no, when stopping, before connections are taken no more
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """`[policy]`: what is demanded, what is let pass."""

    # of packages and of attachments, for endpoints that do not say otherwise; `default`: as the general one
    signatures: Literal["ignore", "report", "refuse-invalid", "require"] = "report"
    signatures_central: RuleOfLevel = "default"
    signatures_province: RuleOfLevel = "default"
    signatures_commune: RuleOfLevel = "default"
    attachments: Literal["ignore", "report", "refuse-invalid", "require"] = "report"
    attachments_central: RuleOfLevel = "default"
    attachments_province: RuleOfLevel = "default"
    attachments_commune: RuleOfLevel = "default"
    sha1_until: str = "2020-01-01"  # attachments signed with SHA-1 from this day on are refused
    unknown_answers: Literal["refuse", "carry"] = "refuse"  # answers to documents that this hub never saw
    # documents to a closed code with exactly one successor; with several, a person decides unless it says refuse
    successions: Literal["forward", "hold", "refuse"] = "forward"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySettings:
    """`[retry]`: how often a delivery is tried again. The wait grows by `factor` up to `longest_seconds`.

    The defaults keep trying for about four days: a system that is down over a long week-end loses nothing.
    """

    attempts: int = 100
    first_seconds: float = 5.0
    factor: float = 2.0
    longest_seconds: float = 3_600.0
    jitter: float = 0.2  # part of the wait that is left to chance
    timeout_seconds: float = 60.0  # how long one attempt may take


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """`[worker]`: how deliveries are worked off."""

    at_once: int = 64  # deliveries under way in one process, and as many to endpoints that fail; 0: no bound
    batch: int = 50  # deliveries claimed at once for one endpoint
    sweep_seconds: float = 1.0  # how often the database is asked for what no ticket named
    lease_seconds: float = 300.0  # after this, a delivery that a node claimed and did not settle is anybody's
    silent_seconds: float = 15.0  # after this without a beat, all work of a node is anybody's


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """`[limits]`: what one endpoint may ask of one process of the hub; 0: no limit. An endpoint may have its own."""

    documents_at_once: int = 128  # handed in and not yet answered
    documents_per_minute: int = 0
    bytes_per_minute: int = 0  # of packages handed in
    deliveries_at_once: int = 4  # under way from the hub to the endpoint
    deliveries_per_minute: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSettings:
    """`[trust]`: whom we believe. Nothing is trusted but what lies in this folder."""

    anchors: Path = Path("trust")
    require_revocation: bool = False
    revocation_age_seconds: float = (
        86_400.0  # a good answer counts so long, and in any case until its nextUpdate
    )
    refresh_seconds: float = 3_600.0  # how often lists and OCSP answers are fetched; 0: never
    fetch_timeout_seconds: float = 60.0
    proxy: str | None = None  # http://host:port
    # names that exist only in another network, and what stands for them here
    hosts: dict[str, str] = field(default_factory=lambda: {"ocsp.ca.ptc": "ocsp.ca.gov.vn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySettings:
    """`[keys]`: the hub's own keys."""

    folder: Path = Path("keys")
    signing: str = "hub"  # the key that signs when no other is named
    passphrase_file: Path | None = None  # its first line opens that key, if it is encrypted
    master: str = "master.key"  # seals the endpoints' secrets in the database; keep it apart from backups


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSettings:
    """`[ledger]`: how the ledger is sealed and shown to others. docs/ledger.md."""

    origin: str | None = None  # the log's name in its checkpoints; without one, the hub's code
    checkpoint_seconds: float = 60.0  # a checkpoint is made after so long, if anything happened
    publish: Path | None = None  # the folder that checkpoints and hashes are written to
    witnesses: tuple[str, ...] = ()  # verifier keys of those who countersign our checkpoints
    former_keys: tuple[str, ...] = ()  # verifier keys that signed earlier checkpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampSettings:
    """`[timestamps]`: who proves when something was there (RFC 3161)."""

    urls: tuple[str, ...] = ()  # asked in this order
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSettings:
    """`[calendar]`: the working days of the administration. docs/exchange.md has the columns of the file."""

    holidays: Path | None = None  # CSV of days that add to ours, or override them


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineSettings:
    """`[deadlines]`: the limits for which the law has no number, and how far back to look for what is late."""

    urgent_minutes: float = 60.0  # “at once”, for the notice of arrival of an urgent document
    look_back_days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisSettings:
    """`[axis]`: what is done with endpoints that are an axis themselves. docs/adapters/vxp.md."""

    reconcile_at: str = "02:30"  # Vietnam's time after which the day before is compared; empty: never


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """`[console]`: the web pages for the people who run and watch the hub. docs/console.md."""

    enabled: bool = True  # without an account nobody gets further than the sign-in page
    tls_in_front: bool = False  # a proxy before the hub speaks TLS with the browsers
    idle_minutes: float = 30.0  # a session that nobody used for so long ends
    longest_hours: float = 12.0  # and any session after so long


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """`[oidc]`: signing in to the console at an identity provider (OpenID Connect). docs/console.md."""

    issuer: str = ""  # https://…; empty: passwords only
    client_id: str = ""
    secret_file: Path | None = None  # its first line is the client's secret
    redirect: str = ""  # the console's address as browsers see it: https://hub.example.gov.vn/console/oidc
    name_claim: str = "preferred_username"
    role_claim: str = "roles"
    agency_claim: str = "agency"  # the agency's code, for the role “agency”
    roles: dict[str, str] = field(default_factory=dict)  # what stands in the claim, and the console's role


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything in edochub.toml."""

    hub: HubSettings = field(default_factory=HubSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    broker: BrokerSettings = field(default_factory=BrokerSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)
    retry: RetrySettings = field(default_factory=RetrySettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    trust: TrustSettings = field(default_factory=TrustSettings)
    keys: KeySettings = field(default_factory=KeySettings)
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    timestamps: TimestampSettings = field(default_factory=TimestampSettings)
    calendar: CalendarSettings = field(default_factory=CalendarSettings)
    deadlines: DeadlineSettings = field(default_factory=DeadlineSettings)
    axis: AxisSettings = field(default_factory=AxisSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    tracing: TracingSettings = field(default_factory=TracingSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    console: ConsoleSettings = field(default_factory=ConsoleSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    folder: Path = Path()  # where the file stands; not a setting

    def path(self, relative: Path) -> Path:
        """Return a path of the file as seen from the folder of the file."""
        return self.folder / relative

    @property
    def database_url(self) -> str:
        """The database, with a relative SQLite path taken from the folder of the file."""
        prefix = "sqlite:///"
        url = self.storage.database
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return prefix + str((self.folder / url.removeprefix(prefix)).absolute())
        return url

    @property
    def embedded(self) -> bool:
        """Tell whether the database is a file of our own, which one server alone may work on."""
        return self.storage.database.startswith("sqlite:")


def load(path: Path) -> Config:
    """Read a file. Raises `Misconfigured` naming the file, or the key, what was expected and what was found."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Misconfigured(
            Text(
                vi=f"Không tìm thấy tệp cấu hình {path}; hãy tạo bằng “edochub init”",
                en=f"There is no configuration file {path}; make one with “edochub init”",
            )
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(
            Text(vi=f"{path} không phải là TOML hợp lệ: {error}", en=f"{path} is not valid TOML: {error}")
        ) from error
    return parse(raw, path.absolute().parent)


def parse(raw: dict[str, Any], folder: Path) -> Config:
    """Make a `Config` of what TOML gave."""
    sections = {f.name: f.default_factory for f in fields(Config) if f.default_factory is not MISSING}
    unknown = sorted(set(raw) - set(sections))
    if unknown:
        raise complaint(unknown[0], one_of(f"[{name}]" for name in sections), f"[{unknown[0]}]")
    made = {name: _section(name, kind, raw.get(name, {})) for name, kind in sections.items()}
    _check_day("policy.sha1_until", made["policy"].sha1_until)
    _check_time("axis.reconcile_at", made["axis"].reconcile_at)
    _check_time("retention.at", made["retention"].at)
    _check_quiet(made["alerts"].quiet)
    return Config(**made, folder=folder)


def complaint(key: str, expected: Text, got: object) -> Misconfigured:
    """Return the complaint about one key."""
    return Misconfigured(
        Text(
            vi=f"{FILE_NAME}: {key}: cần {expected.vi}, nhưng gặp {got!r}",
            en=f"{FILE_NAME}: {key}: expected {expected.en}, got {got!r}",
        )
    )


def _check_time(key: str, value: str) -> None:
    try:
        aware = time.fromisoformat(value).tzinfo is not None if value else False
    except ValueError:
        aware = True
    if aware:
        raise complaint(
            key, Text(vi="một giờ dạng 02:30, hoặc để trống", en="a time such as 02:30, or nothing"), value
        )


def _check_quiet(value: str) -> None:
    begins, dash, ends = value.partition("-")
    if value and not (dash and begins.strip() and ends.strip()):
        raise complaint(
            "alerts.quiet", Text(vi="hai giờ dạng 21:00-06:00", en="two times such as 21:00-06:00"), value
        )
    for each in (begins, ends):
        _check_time("alerts.quiet", each.strip())


def _check_day(key: str, value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError as error:
        expected = Text(vi="một ngày dạng 2020-01-31", en="a day such as 2020-01-31")
        raise complaint(key, expected, value) from error


def _section(name: str, kind: Any, raw: Any) -> Any:
    if not isinstance(raw, dict):
        raise complaint(name, Text(vi="một bảng", en="a table"), raw)
    section = kind
    assert is_dataclass(section)
    hints = get_type_hints(section)
    known = {f.name for f in fields(section)}
    for key in raw:
        if key not in known:
            raise complaint(f"{name}.{key}", one_of(sorted(known)), key)
    return kind(**{key: _value(f"{name}.{key}", hints[key], value) for key, value in raw.items()})


def _value(key: str, hint: Any, value: Any) -> Any:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise complaint(key, one_of(map(repr, get_args(hint))), value)
        return value
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise complaint(key, WANTED[hint], value)
        return tuple(value)
    if get_origin(hint) is dict:
        if not isinstance(value, dict) or not all(isinstance(each, str) and each for each in value.values()):
            raise complaint(key, WANTED[hint], value)
        return value
    accepted = get_args(hint) or (hint,)
    if Path in accepted and isinstance(value, str) and value:
        return Path(value)
    if float in accepted and isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    if int in accepted and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if bool in accepted and isinstance(value, bool):
        return value
    if str in accepted and isinstance(value, str):
        return value
    raise complaint(key, _wanted(accepted), value)


def one_of(names: Iterable[str]) -> Text:
    """Say that one of some names was expected."""
    listed = ", ".join(names)
    return Text(vi=f"một trong: {listed}", en=f"one of {listed}")


WANTED: dict[Any, Text] = {
    tuple[str, ...]: Text(vi="một danh sách chuỗi", en="a list of strings"),
    dict[str, str]: Text(vi="một bảng chuỗi", en="a table of strings"),
    Path: Text(vi="một đường dẫn", en="a path"),
    float: Text(vi="một số không âm", en="a number, 0 or more"),
    int: Text(vi="một số nguyên không âm", en="a whole number, 0 or more"),
    bool: Text(vi="true hoặc false", en="true or false"),
    str: Text(vi="một chuỗi", en="a string"),
}


def _wanted(accepted: tuple[Any, ...]) -> Text:
    return next(WANTED[kind] for kind in accepted if kind in WANTED)
