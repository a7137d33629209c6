"""The directory in the database: imports that may be repeated, endpoints and secrets that cannot be confused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.agencies_file import AgencyRow, BadFile, read
from hub.directory import Directory, Standing
from hub.errors import Misconfigured
from hub.model import AgencyCode, Endpoint, Level, SignatureRule
from hub.store import tables
from hub.store.database import engine
from hub.store.directory import (
    ImportReport,
    add_credential,
    add_endpoint,
    bump,
    credential,
    import_agencies,
    load,
    sealed_secret,
    version,
)
from hub.store.writer import Transaction
from schemas.edxml.codes import Scheme, scheme_of

Result = TypeVar("Result")

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MERGED = date(2025, 7, 1)
ACTOR = "operator:test"


@dataclass
class Database:
    """An empty database and a clock that a test sets."""

    engine: sa.Engine
    now: datetime = field(default=NOON)

    def write(self, unit: Callable[[Transaction], Result]) -> Result:
        with self.engine.begin() as connection:
            transaction = Transaction(connection, lambda: self.now)
            result = unit(transaction)
            transaction.close()
            return result

    def read(self, ask: Callable[[sa.Connection], Result]) -> Result:
        with self.engine.begin() as connection:
            return ask(connection)

    @property
    def directory(self) -> Directory:
        return self.read(lambda connection: load(connection, lambda: self.now))

    @property
    def version(self) -> int:
        return self.read(version)

    def load_rows(self, *rows: AgencyRow) -> ImportReport:
        return self.write(lambda tx: import_agencies(tx, rows, ACTOR))

    def load_file(self, *lines: str) -> ImportReport:
        found = read("\n".join(lines).encode(), self.directory)
        return self.load_rows(*found.rows)

    def events(self) -> list[dict[str, Any]]:
        bodies = self.read(
            lambda connection: connection.scalars(
                sa.select(tables.events.c.body).order_by(tables.events.c.seq)
            ).all()
        )
        return [json.loads(body) for body in bodies]


@pytest.fixture
def store(database: str) -> Iterator[Database]:
    made = engine(sa.make_url(database), writes=True)
    yield Database(made)
    made.dispose()


@contextmanager
def in_memory() -> Iterator[Database]:
    made = engine(sa.make_url("sqlite://"), writes=True)
    with made.begin() as connection:
        tables.metadata.create_all(connection)
    yield Database(made)
    made.dispose()


def code(value: str, *successors: str, end: date | None = None) -> AgencyCode:
    return AgencyCode(value=value, scheme=scheme_of(value), valid_to=end, successors=successors)


def row(name: str, *codes: AgencyCode | str, line: int = 2, parent: str | None = None) -> AgencyRow:
    made = tuple(code(each) if isinstance(each, str) else each for each in codes)
    return AgencyRow(line=line, name=name, level=Level.OTHER, codes=made, parent=parent)


# --- agencies ---


def test_an_empty_database_is_an_empty_directory(store: Database) -> None:
    assert (store.directory.agencies, store.directory.endpoints, store.version) == ((), (), 0)


def test_agencies_come_back_as_they_went_in(store: Database) -> None:
    closed = AgencyCode(
        value="000.00.21.X01",
        scheme=Scheme.QCVN102,
        valid_from=date(2016, 11, 3),
        valid_to=MERGED,
        successors=("X01.31", "X01.32"),
    )
    report = store.load_rows(
        row("Tỉnh Mẫu", "000.00.00.X01", "X01"), row("Huyện Thử", closed, "X01.21", parent="X01")
    )
    assert report == ImportReport(added=2)
    district, province = sorted(store.directory.agencies, key=lambda agency: agency.name)
    assert [c.value for c in province.codes] == ["000.00.00.X01", "X01"]
    assert district.codes == (closed, code("X01.21"))
    assert (district.name, district.level, district.parent) == ("Huyện Thử", Level.OTHER, "X01")
    assert len(district.id) == 26
    assert store.directory.resolve("000.00.21.X01").state is Standing.CLOSED


def test_importing_the_same_again_changes_nothing(store: Database) -> None:
    rows = (row("Tỉnh Mẫu", "000.00.00.X01", "X01"), row("Sở", code("X01.13", "X01.14", end=MERGED)))
    store.load_rows(*rows)
    before, at, told = store.directory.agencies, store.version, store.events()
    assert store.load_rows(*rows) == ImportReport(unchanged=2)
    assert (store.directory.agencies, store.version, store.events()) == (before, at, told)


def test_an_agency_is_known_by_any_of_its_codes(store: Database) -> None:
    store.load_rows(row("Tỉnh Mẫu", "000.00.00.X01", "X01"))
    (before,) = store.directory.agencies
    assert store.load_rows(row("Thành phố Mẫu", "X01")) == ImportReport(changed=1)
    (after,) = store.directory.agencies
    assert after == replace(before, name="Thành phố Mẫu")


def test_a_new_code_is_put_behind_those_there_are(store: Database) -> None:
    store.load_rows(row("Sở", "000.00.13.X01"))
    assert store.load_rows(row("Sở", "X01.77", "000.00.13.X01")) == ImportReport(changed=1)
    (agency,) = store.directory.agencies
    assert [c.value for c in agency.codes] == ["000.00.13.X01", "X01.77"]
    assert agency.code == "000.00.13.X01"


@pytest.mark.parametrize(
    "changed",
    [
        replace(row("Sở", "X01.13"), level=Level.PROVINCE),
        row("Sở", "X01.13", parent="X01"),
        row("Sở", code("X01.13", end=MERGED)),
        row("Sở", code("X01.13", "X01.14")),
    ],
)
def test_what_a_file_says_anew_is_changed(store: Database, changed: AgencyRow) -> None:
    store.load_rows(row("Sở", "X01.13"))
    assert store.load_rows(changed) == ImportReport(changed=1)
    (agency,) = store.directory.agencies
    assert (agency.level, agency.parent, agency.codes) == (changed.level, changed.parent, changed.codes)
    assert store.load_rows(changed) == ImportReport(unchanged=1)


def test_an_empty_cell_clears_and_a_column_that_is_not_there_does_not(store: Database) -> None:
    store.load_file("code,name,level,parent,valid_to", "X01.13,Sở,other,,2025-07-01")
    assert store.load_file("code,name,level,parent", "X01.13,Sở,other,") == ImportReport(unchanged=1)
    assert store.load_file("code,name,level,parent,valid_to", "X01.13,Sở,other,,") == ImportReport(changed=1)
    assert store.directory.resolve("X01.13").state is Standing.FOUND


def test_codes_of_several_agencies_in_one_row_stop_the_import(store: Database) -> None:
    store.load_rows(row("Một", "X01.01"), row("Hai", "X01.02"))
    before = store.directory.agencies
    with pytest.raises(Misconfigured) as caught:
        store.load_rows(row("Ba", "X01.03"), row("Hai", "X01.02", "X01.01", line=9))
    assert "Line 9: expected codes of one agency, but X01.02, X01.01 belong" in caught.value.message.en
    assert caught.value.message.vi.startswith("Dòng 9: cần các mã của cùng một cơ quan")
    assert store.directory.agencies == before


def test_two_rows_for_one_agency_must_agree_on_its_name(store: Database) -> None:
    store.load_rows(row("Sở", "X01.13", "000.00.77.X01"))
    with pytest.raises(Misconfigured) as caught:
        store.load_rows(row("Sở A", "X01.13", line=2), row("Sở B", "000.00.77.X01", line=5))
    assert "Lines 2 and 5" in caught.value.message.en


def test_two_rows_for_one_agency_that_agree_count_once(store: Database) -> None:
    store.load_rows(row("Sở", "X01.13", "000.00.77.X01"))
    assert store.load_rows(row("Sở Mới", "X01.13"), row("Sở Mới", "000.00.77.X01")) == ImportReport(changed=1)


def test_an_import_is_told_to_the_ledger_with_its_numbers(store: Database) -> None:
    store.load_rows(row("Một", "X01.01"))
    store.load_rows(row("Một mới", "X01.01"), row("Hai", "X01.02"))
    event = store.events()[-1]
    assert (event["kind"], event["actor"]) == ("directory.imported", ACTOR)
    assert event["details"] == {
        "agencies": 2,
        "added": 1,
        "changed": 1,
        "unchanged": 0,
        "changed_codes": ["X01.01"],
    }


def test_every_change_raises_the_version(store: Database) -> None:
    store.load_rows(row("Một", "X01.01"))
    assert store.version == 1
    store.write(bump)
    assert store.version == 2
    assert store.directory.version == 2


NAMES = st.sampled_from(["Sở Thử", "Xã Mẫu", "Phòng Nội bộ"])
CODES = ["X01", "000.00.00.X01", "X01.13", "000.00.13.X01", "X02", "X02.20", "000.00.20.X02", "x03-test"]


@st.composite
def files(draw: st.DrawFn) -> list[str]:
    """Return lines in which every code stands once, and successors mostly lead somewhere."""
    codes = draw(st.permutations(CODES))
    lines = []
    for _ in range(draw(st.integers(0, 4))):
        size = draw(st.integers(1, 2))
        own, codes = codes[:size], codes[size:]
        cells = (
            " ".join(own),
            draw(NAMES),
            draw(st.sampled_from(["commune", "district", "other"])),
            draw(st.sampled_from(["", "X09", *codes])),
            draw(st.sampled_from(["", "2025-07-01", "01/03/2025"])),
            "|".join(draw(st.lists(st.sampled_from(["X08", *codes]), max_size=2))),
        )
        lines.append(",".join(cells))
    return lines


def taken(store: Database, lines: Sequence[str]) -> ImportReport | None:
    try:
        return store.load_file("code,name,level,parent,valid_to,successors", *lines)
    except (BadFile, Misconfigured):
        return None


@settings(deadline=None, max_examples=60)
@given(files(), files())
def test_any_file_that_was_imported_changes_nothing_the_second_time(
    first: list[str], second: list[str]
) -> None:
    with in_memory() as store:
        for lines in (first, second):
            before = store.directory
            report = taken(store, lines)
            once, at = store.directory.agencies, store.version
            if report is None:
                assert (once, at) == (before.agencies, before.version)
                continue
            assert len(once) == len(before.agencies) + report.added
            again = taken(store, lines)
            assert again is not None
            assert (again.added, again.changed) == (0, 0)
            assert (store.directory.agencies, store.version) == (once, at)
            assert {c.value for a in before.agencies for c in a.codes} <= {
                c.value for a in once for c in a.codes
            }


# --- endpoints ---


def endpoint(name: str, *agencies: str) -> Endpoint:
    return Endpoint(id=name, adapter="http", address=None, agencies=frozenset(agencies), polls=True)


def added(store: Database, made: Endpoint, secret: str | None = None) -> Endpoint:
    lookup, sealed = (digest(secret), secret.encode()) if secret else (None, None)
    return store.write(lambda tx: add_endpoint(tx, made, lookup, sealed, ACTOR))


def digest(secret: str) -> str:
    return secret.rjust(64, "0")


def test_an_endpoint_comes_back_as_it_was_added(store: Database) -> None:
    store.load_rows(row("Sở", "X01.13"), row("Xã", "X01.31"))
    made = replace(
        endpoint("xa", "X01.13", "X01.31"), adapter="folder", address="/in", signatures=SignatureRule.REQUIRE
    )
    stored = added(store, made)
    assert stored.agencies == {agency.id for agency in store.directory.agencies}
    assert store.directory.endpoints == (stored,)
    assert stored == replace(made, agencies=stored.agencies)


def test_an_endpoint_may_name_its_agencies_by_id(store: Database) -> None:
    store.load_rows(row("Sở", "X01.13"))
    (agency,) = store.directory.agencies
    assert added(store, endpoint("so", agency.id, "X01.13")).agencies == {agency.id}


def test_an_endpoint_may_speak_for_nobody_yet(store: Database) -> None:
    added(store, endpoint("axis"))
    assert store.directory.endpoints == (endpoint("axis"),)


def test_endpoints_come_in_the_order_of_their_ids(store: Database) -> None:
    for name in ("b", "c", "a"):
        added(store, endpoint(name))
    assert [each.id for each in store.directory.endpoints] == ["a", "b", "c"]


def test_an_agency_that_nobody_knows_is_refused(store: Database) -> None:
    with pytest.raises(Misconfigured) as caught:
        added(store, endpoint("so", "X01.99"))
    assert "No agency in the directory has the code X01.99" in caught.value.message.en
    assert "X01.99" in caught.value.message.vi
    assert (store.directory.endpoints, store.events()) == ((), [])


def test_an_agency_that_another_endpoint_speaks_for_is_refused(store: Database) -> None:
    store.load_rows(row("Sở", "X01.13", "000.00.13.X01"))
    added(store, endpoint("first", "X01.13"))
    with pytest.raises(Misconfigured) as caught:
        added(store, endpoint("second", "000.00.13.X01"))
    assert caught.value.message.en == "The endpoint “first” speaks for Sở (000.00.13.X01) already"
    assert "“first”" in caught.value.message.vi


def test_an_id_that_is_taken_is_refused(store: Database) -> None:
    added(store, endpoint("so"))
    with pytest.raises(Misconfigured, match="so"):
        added(store, endpoint("so"))


def test_two_endpoints_in_one_group_see_each_other(store: Database) -> None:
    store.load_rows(row("Sở", "X01.13"))

    def both(tx: Transaction) -> None:
        add_endpoint(tx, endpoint("first", "X01.13"), None, None, ACTOR)
        add_endpoint(tx, endpoint("second", "X01.13"), None, None, ACTOR)

    with pytest.raises(Misconfigured, match="first"):
        store.write(both)


def test_a_new_endpoint_is_told_to_the_ledger_without_address_or_secret(store: Database) -> None:
    made = replace(endpoint("axis"), address="amqp://user:password@host")
    added(store, made, "edh_one")
    (event,) = store.events()
    assert (event["kind"], event["details"]["endpoint"]) == ("endpoint.added", "axis")
    assert "password" not in json.dumps(event)
    assert "edh_one" not in json.dumps(event)
    assert store.version == 1


# --- credentials ---


def rotated(store: Database, secret: str, keep_old_until: datetime | None = None) -> None:
    store.write(lambda tx: add_credential(tx, "so", digest(secret), secret.encode(), ACTOR, keep_old_until))


def bearer(store: Database, secret: str) -> str | None:
    return store.read(lambda connection: credential(connection, digest(secret), store.now))


def newest(store: Database) -> bytes | None:
    return store.read(lambda connection: sealed_secret(connection, "so", store.now))


def test_a_secret_finds_its_endpoint(store: Database) -> None:
    added(store, endpoint("so"), "one")
    added(store, endpoint("xa"), "two")
    assert (bearer(store, "one"), bearer(store, "two"), bearer(store, "three")) == ("so", "xa", None)
    assert newest(store) == b"one"


def test_an_endpoint_without_a_secret_has_none(store: Database) -> None:
    added(store, endpoint("so"))
    assert newest(store) is None


def test_a_new_secret_ends_the_old_one_at_once(store: Database) -> None:
    added(store, endpoint("so"), "one")
    rotated(store, "two")
    assert (bearer(store, "one"), bearer(store, "two"), newest(store)) == (None, "so", b"two")


def test_the_old_secret_may_be_kept_for_a_while(store: Database) -> None:
    added(store, endpoint("so"), "one")
    rotated(store, "two", NOON + timedelta(hours=1))
    assert (bearer(store, "one"), bearer(store, "two"), newest(store)) == ("so", "so", b"two")
    store.now = NOON + timedelta(hours=1)
    assert (bearer(store, "one"), bearer(store, "two")) == (None, "so")


def test_a_secret_that_ends_soon_is_not_prolonged(store: Database) -> None:
    added(store, endpoint("so"), "one")
    rotated(store, "two", NOON + timedelta(hours=1))
    rotated(store, "three", NOON + timedelta(hours=9))
    store.now = NOON + timedelta(hours=2)
    assert (bearer(store, "one"), bearer(store, "two"), newest(store)) == (None, "so", b"three")


def test_an_end_in_the_past_is_now(store: Database) -> None:
    added(store, endpoint("so"), "one")
    rotated(store, "two", NOON - timedelta(days=1))
    assert bearer(store, "one") is None
    assert store.events()[-1]["details"] == {"endpoint": "so", "old_until": NOON.isoformat()}


def test_a_secret_of_a_disabled_endpoint_finds_nobody(store: Database) -> None:
    added(store, replace(endpoint("so"), disabled=True), "one")
    assert bearer(store, "one") is None


def test_a_secret_for_nobody_is_refused(store: Database) -> None:
    with pytest.raises(Misconfigured, match="so"):
        rotated(store, "one")


def test_a_rotation_is_told_to_the_ledger_and_raises_the_version(store: Database) -> None:
    added(store, endpoint("so"), "one")
    at = store.version
    rotated(store, "secret-two")
    event = store.events()[-1]
    assert (event["kind"], event["actor"]) == ("endpoint.secret-rotated", ACTOR)
    assert "secret-two" not in json.dumps(event)
    assert store.version == at + 1
