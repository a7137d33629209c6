"""edochub.toml, read into small frozen dataclasses. Units are in the names; a complaint names the key.

Every setting has a default that works; `docs/settings.md` describes each, and a test checks that it does. Relative
paths are taken from the folder that the file stands in.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

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
    payloads: Path = Path("payloads")  # folder for the packages too large for the database
    inline_bytes: int = 65_536  # packages up to this size live in the database itself


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

    per_endpoint: int = 4  # deliveries under way to one endpoint
    batch: int = 50  # deliveries claimed at once for one endpoint
    sweep_seconds: float = 1.0  # how often the database is asked for what no ticket named
    lease_seconds: float = 300.0  # after this, a delivery claimed by a node that died is anybody's


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
class Config:
    """Everything in edochub.toml."""

    hub: HubSettings = field(default_factory=HubSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    broker: BrokerSettings = field(default_factory=BrokerSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)
    retry: RetrySettings = field(default_factory=RetrySettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    trust: TrustSettings = field(default_factory=TrustSettings)
    keys: KeySettings = field(default_factory=KeySettings)
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    timestamps: TimestampSettings = field(default_factory=TimestampSettings)
    calendar: CalendarSettings = field(default_factory=CalendarSettings)
    deadlines: DeadlineSettings = field(default_factory=DeadlineSettings)
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
    return Config(**made, folder=folder)


def complaint(key: str, expected: Text, got: object) -> Misconfigured:
    """Return the complaint about one key."""
    return Misconfigured(
        Text(
            vi=f"{FILE_NAME}: {key}: cần {expected.vi}, nhưng gặp {got!r}",
            en=f"{FILE_NAME}: {key}: expected {expected.en}, got {got!r}",
        )
    )


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
