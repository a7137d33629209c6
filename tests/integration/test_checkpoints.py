"""The ledger as a Merkle log: sealing, publishing, time stamps, and that whoever alters history is found."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub import ledger, ledger_key, published
from hub.checkpoints import Notary
from hub.config import Config, HubSettings, LedgerSettings, parse
from hub.durable import write_durably
from hub.errors import Fault, Misconfigured, Unavailable
from hub.ledger import LedgerReport
from hub.model import utc_now
from hub.store import checkpoints as store
from hub.store.checkpoints import LedgerAltered, Sealed
from hub.store.database import engine
from hub.store.tables import checkpoints, events, ledger_tiles
from hub.store.writer import Transaction, Writer
from hub.testing import Box, eventually, hub_in_a_box, settings
from schemas.text import Text
from signing import certificates, merkle, notes
from signing.ca import CertificateAuthority
from signing.notes import COSIGNATURE, BadNote, Checkpoint, NoteKey, Signature, VerifierKey
from signing.timestamp_client import NoTimeStamp
from signing.trust import TrustStore
from signing.tsa import LocalTimeStampAuthority

ROUNDS = (3, 250, 10, 600)  # events between checkpoints: over the edges of tiles


async def happen(box: Box, count: int) -> None:
    """Let so many things happen."""

    def write(tx: Transaction) -> None:
        for number in range(count):
            tx.trace("hub.started", actor="hub:test", message=f"M{number}", **{"lý do": "kiểm thử"})

    await box.hub.store.write(write)


async def a_past(box: Box, folder: Path | None = None) -> list[Sealed]:
    """Let things happen, sealed and published between."""
    made = []
    for count in ROUNDS:
        await happen(box, count)
        sealed = await box.hub.notary.seal()
        assert sealed is not None
        made.append(sealed)
        if folder is not None:
            await box.hub.notary.publish_to(folder)
    return made


def alter(folder: Path, change: Callable[[sa.Connection], None]) -> None:
    """Change the database as an insider does, past the hub."""
    made = engine(sa.make_url(f"sqlite:///{folder / 'edochub.db'}"), writes=True)
    with made.begin() as connection:
        change(connection)
    made.dispose()


def rewrite(connection: sa.Connection, forge: Callable[[int, str], str | None]) -> list[bytes]:
    """Forge bodies (None: take the event out), and recompute numbers and chain; return the new leaves."""
    head, leaves = ledger.GENESIS, list[bytes]()
    rows: list[dict[str, Any]] = []
    for row in connection.execute(sa.select(events).order_by(events.c.seq)).all():
        body = forge(row.seq, row.body)
        if body is None:
            continue
        seq = len(rows) + 1
        body = body.replace(f'"seq":{row.seq}}}', f'"seq":{seq}}}')
        head = ledger.chained(head, body)
        leaves.append(merkle.leaf_hash(body.encode()))
        message = json.loads(body)["message"]
        rows.append({**row._mapping, "seq": seq, "message": message, "body": body, "hash": head})
    connection.execute(sa.delete(events))
    connection.execute(sa.insert(events), rows)
    return leaves


def rebuild(connection: sa.Connection, leaves: list[bytes], key: NoteKey | None, origin: str) -> None:
    """Recompute tiles and checkpoints over forged events; with the key, sign them anew."""
    connection.execute(sa.delete(ledger_tiles))
    store.grow(connection, len(leaves))
    for row in connection.execute(sa.select(checkpoints)).all():
        root = merkle.root_of(leaves[: row.size])
        text = str(Checkpoint(origin, row.size, root))
        note = key.sign(text) if key else notes.Note(text, notes.parse(row.note.encode()).signatures)
        connection.execute(
            sa.update(checkpoints)
            .where(checkpoints.c.size == row.size)
            .values(root=root.hex(), note=str(note))
        )


def altered(seq: int, body: str) -> str | None:
    return body.replace("kiểm thử", "kiểm tra") if seq == 200 else body


def removed(seq: int, body: str) -> str | None:
    return None if seq == 200 else body


def reordered(seq: int, body: str) -> str | None:
    mine = f'"M{seq - 4}"'
    other = {200: f'"M{seq - 3}"', 201: f'"M{seq - 5}"'}.get(seq, mine)
    return body.replace(mine, other)


def said(report: LedgerReport) -> str:
    return "\n".join(str(text) for text in report.broken)


async def test_sealing_makes_signed_checkpoints_over_all_events(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        made = await a_past(box)
        assert [each.size for each in made] == [3, 253, 263, 863]
        leaves = await box.hub.store.read(
            lambda c: [merkle.leaf_hash(row.body.encode()) for row in c.execute(sa.select(events))]
        )
        key = box.hub.notary.key()
        assert key is not None
        for each in made:
            note = notes.parse(each.note.encode())
            assert notes.verify(note, [key.verifier])
            assert Checkpoint.parse(note.text).root == merkle.root_of(leaves[: each.size])
        report = await box.hub.verify_ledger()
        assert (report.broken, report.held, report.root) == ([], 4, made[-1].root)
    assert stat.S_IMODE((tmp_path / "keys" / "ledger.key").stat().st_mode) == 0o600


async def test_nothing_new_makes_no_checkpoint_and_an_empty_ledger_none(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        assert await box.hub.notary.seal() is None
        await happen(box, 2)
        assert await box.hub.notary.seal() == await box.hub.notary.seal()
        assert len(await box.hub.store.read(lambda c: list(store.every(c)))) == 1


async def test_a_long_past_is_taken_in_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.checkpoints.GROWTH", 100)
    async with hub_in_a_box(tmp_path) as box:
        await happen(box, 1000)
        sealed = await box.hub.notary.seal()
        assert sealed is not None
        assert sealed.size == 1000
        assert (await box.hub.verify_ledger()).broken == []


async def test_nodes_that_seal_at_the_same_time_make_one_history(tmp_path: Path, database: str) -> None:
    async with (
        hub_in_a_box(tmp_path, config=settings(tmp_path, database)) as one,
        hub_in_a_box(tmp_path, config=settings(tmp_path, database)) as two,
    ):
        for _ in range(5):
            await happen(one, 40)
            made = await asyncio.gather(one.hub.notary.seal(), two.hub.notary.seal(), happen(two, 7))
            assert made[0] is not None
            assert made[1] is not None
        report = await one.hub.verify_ledger()
        assert report.broken == []
        sizes = [each.size for each in await one.hub.store.read(lambda c: list(store.every(c)))]
        assert len(sizes) == len(set(sizes)) == report.held


@pytest.mark.parametrize("forge", [altered, removed, reordered])
async def test_an_insider_without_the_key_is_found_from_the_database(
    tmp_path: Path, forge: Callable[[int, str], str | None]
) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await a_past(box)
        alter(tmp_path, lambda c: rebuild(c, rewrite(c, forge), None, "edochub"))
        report = await box.hub.verify_ledger()
        assert "253" in said(report)
        assert not any("chain" in text.en for text in report.broken)  # that he had recomputed


@pytest.mark.parametrize("forge", [altered, removed, reordered])
async def test_an_insider_with_the_key_is_found_from_published_checkpoints_alone(
    tmp_path: Path, forge: Callable[[int, str], str | None]
) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await a_past(box, tmp_path / "public")
        key = box.hub.notary.key()
        alter(tmp_path, lambda c: rebuild(c, rewrite(c, forge), key, "edochub"))
        assert (await box.hub.verify_ledger()).broken == [] or forge is removed
        keys = box.hub.notary.log_keys()
        file = tmp_path / "public" / "checkpoints" / "863"
        for path in (tmp_path / "public", file, tmp_path / "public" / "checkpoint"):
            folder = path if path.is_dir() else None
            report = await box.hub.verify_ledger(published.read(path, keys), folder)
            assert "removed" in "".join(text.en for text in report.broken)
            if folder:
                assert any("events 4–253" in text.en for text in report.broken)
                assert any("event 200 is not what it was" in text.en for text in report.broken)


async def test_events_cut_off_the_end_are_missed(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await a_past(box, tmp_path / "public")
        keys = box.hub.notary.log_keys()

        def cut(connection: sa.Connection) -> None:
            connection.execute(sa.delete(events).where(events.c.seq > 100))
            connection.execute(sa.delete(ledger_tiles))
            connection.execute(sa.delete(checkpoints).where(checkpoints.c.size > 100))
            store.grow(connection, 1000)

        alter(tmp_path, cut)
        assert (await box.hub.verify_ledger()).broken == []
        report = await box.hub.verify_ledger(published.read(tmp_path / "public" / "checkpoint", keys))
        assert "of the events 1–863, 763 were removed" in report.broken[-1].en
        with pytest.raises(LedgerAltered, match="863"):
            await box.hub.notary.publish_to(tmp_path / "public")


@pytest.mark.parametrize("persisted", [True, False])
@pytest.mark.parametrize("unit", ["grow_tree", "checkpoint", "published"])
async def test_a_write_that_fails_or_only_seems_to_leaves_one_history(
    tmp_path: Path, unit: str, persisted: bool
) -> None:
    failed: list[str] = []

    class Failing(Writer):
        def _commit(self, begun: sa.RootTransaction, names: tuple[str, ...]) -> None:
            if unit not in names or failed:
                super()._commit(begun, names)
                return
            failed.append(unit)
            if persisted:
                begun.commit()
            raise OSError("the power went")

    config = with_ledger(tmp_path, publish=Path("public"))
    async with hub_in_a_box(tmp_path, config=config, writer=Failing) as box:
        await happen(box, 300)
        with pytest.raises(Unavailable):
            await box.hub.notary._seal_and_publish()
        await box.hub.notary._seal_and_publish()
        shown = published.read(tmp_path / "public", box.hub.notary.log_keys())
        report = await box.hub.verify_ledger(shown, tmp_path / "public")
        assert (report.broken, report.events, failed) == ([], 300, [unit])
        assert {each.head.size for each in shown} == {300}


def test_what_is_no_answer_of_an_authority_holds_no_time_stamp() -> None:
    for octets in (b"", b"nothing", b"\x30\x80", b"\x30\x03\x02\x01\x05"):
        assert published.token_of(octets) is None


async def test_a_database_put_back_from_a_backup_signs_no_second_history(tmp_path: Path) -> None:
    config = with_ledger(tmp_path, publish=Path("public"))
    async with hub_in_a_box(tmp_path, config=config) as box:
        await happen(box, 10)
        await box.hub.notary.seal()
    shutil.copy(tmp_path / "edochub.db", tmp_path / "backup.db")
    async with hub_in_a_box(tmp_path, config=config) as box:
        await happen(box, 10)
        await box.hub.notary.seal()
        assert await box.hub.notary.publish() == 2
        assert await box.hub.notary.publish() == 0
    shutil.copy(tmp_path / "backup.db", tmp_path / "edochub.db")
    async with hub_in_a_box(tmp_path, config=config) as box:
        for count in (1, 30):
            await happen(box, count)
            with pytest.raises(LedgerAltered, match="20"):
                await box.hub.notary.seal()
        assert len(await box.hub.store.read(lambda c: list(store.every(c)))) == 1


async def test_no_checkpoint_is_signed_over_an_altered_past_and_the_alarm_is_on_record(
    tmp_path: Path,
) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await a_past(box)
        alter(tmp_path, lambda c: rebuild(c, rewrite(c, altered), None, "edochub"))
        await happen(box, 1)
        for _ in range(3):
            await box.hub.notary._watched("seal", box.hub.notary._seal_and_publish)
        kinds = await box.hub.store.read(lambda c: [row.kind for row in c.execute(sa.select(events))])
        assert kinds.count("hub.ledger-alarm") == 1
        assert len(await box.hub.store.read(lambda c: list(store.every(c)))) == len(ROUNDS)


async def test_events_written_in_place_of_sealed_ones_are_noticed_when_sealing(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await a_past(box)
        alter(tmp_path, lambda c: c.execute(sa.delete(events).where(events.c.seq > 860)))  # type: ignore[arg-type]
        with pytest.raises(LedgerAltered, match="863"):
            await box.hub.notary.seal()
        await happen(box, 30)
        with pytest.raises(LedgerAltered, match="863"):
            await box.hub.notary.seal()


@pytest.mark.parametrize("level", [0, 1])
async def test_an_altered_tile_is_found(tmp_path: Path, level: int) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await a_past(box)

        def change(connection: sa.Connection) -> None:
            row = connection.execute(
                sa.select(ledger_tiles).where(ledger_tiles.c.level == level, ledger_tiles.c.number == 0)
            ).one()
            connection.execute(
                sa.update(ledger_tiles)
                .where(ledger_tiles.c.level == level, ledger_tiles.c.number == 0)
                .values(hashes=bytes([row.hashes[0] ^ 1]) + row.hashes[1:])
            )

        alter(tmp_path, change)
        assert len((await box.hub.verify_ledger()).broken) == 1
        if level:  # one of level 0 is not needed for what comes behind it
            await happen(box, 1)
            with pytest.raises(LedgerAltered):
                await box.hub.notary.seal()


async def test_what_is_published_is_what_others_read_and_no_event(tmp_path: Path) -> None:
    public = tmp_path / "public"
    async with hub_in_a_box(tmp_path) as box:
        made = await a_past(box, public)
        files = {str(file.relative_to(public)) for file in public.rglob("*") if file.is_file()}
        assert files == {
            "checkpoint",
            *(f"checkpoints/{each.size}" for each in made),
            "tile/0/000",
            "tile/0/001",
            "tile/0/002",
            "tile/0/003.p/95",
            "tile/1/000.p/1",
            "tile/1/000.p/3",
        }
        assert (public / "checkpoint").read_text() == made[-1].note
        hashes = b"".join((public / name).read_bytes() for name in ("tile/0/000", "tile/0/001"))
        leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
        assert merkle.root_of(leaves[:253]).hex() == made[1].root
        assert not any(b"message" in (public / name).read_bytes() for name in files)
        report = await box.hub.verify_ledger(published.read(public, box.hub.notary.log_keys()), public)
        assert (report.broken, report.held) == ([], 9)


async def test_publishing_goes_on_where_it_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await a_past(box)
        whole = tmp_path / "whole"
        await box.hub.notary.publish_to(whole)
        names = sorted(str(file.relative_to(whole)) for file in whole.rglob("*") if file.is_file())
        real = write_durably
        for last in range(len(names)):
            left = [last]

            def failing(path: Path, content: bytes, left: list[int] = left) -> None:
                if not left[0]:
                    raise OSError(28, "No space left on device")
                left[0] -= 1
                real(path, content)

            folder = tmp_path / f"broken-{last}"
            monkeypatch.setattr("hub.published.write_durably", failing)
            with pytest.raises(Exception, match="No space"):
                await box.hub.notary.publish_to(folder)
            assert not (folder / "checkpoint").exists()
            monkeypatch.setattr("hub.published.write_durably", real)
            await box.hub.notary.publish_to(folder)
            found = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
            assert found == names


def with_ledger(folder: Path, **ledger: Any) -> Config:
    """Return settings that suit a test, with these of the ledger."""
    return replace(settings(folder), ledger=LedgerSettings(**ledger))


class Stamper:
    """A time-stamping authority that can be told to be down."""

    def __init__(self) -> None:
        self.ca = CertificateAuthority.create("Cơ quan thời gian", utc_now())
        key = self.ca.time_stamp_authority(common_name="TSA", now=utc_now())
        self.authority = LocalTimeStampAuthority(key, utc_now)
        self.down = False
        self.asked = 0

    async def stamp(self, digest_sha256: bytes) -> bytes:
        self.asked += 1
        if self.down:
            raise NoTimeStamp(Text(vi="không", en="no"))
        return await self.authority.stamp(digest_sha256)

    @property
    def trust(self) -> TrustStore:
        return TrustStore([certificates.of(self.ca.certificate)])


async def test_a_running_hub_seals_publishes_and_stamps_by_itself(tmp_path: Path) -> None:
    config = with_ledger(tmp_path, checkpoint_seconds=0.05, publish=Path("public"))
    async with hub_in_a_box(tmp_path, config=config) as box:
        stamper = box.hub.notary.stamper = Stamper()
        stamper.down = True
        async with box.hub.running():
            await happen(box, 5)
            await eventually(lambda: (tmp_path / "public" / "checkpoint").exists())
            await eventually(lambda: stamper.asked > 1)  # and goes on asking
            stamper.down = False
            await eventually(lambda: list((tmp_path / "public" / "checkpoints").glob("*.tsr")))
        report = await box.hub.verify_ledger()
        assert (report.broken, report.stamped, len(report.doubts)) == ([], None, 1)  # nobody trusts it yet
        box.hub.trust = stamper.trust
        public = tmp_path / "public"
        shown = published.read(public, box.hub.notary.log_keys())
        report = await box.hub.verify_ledger(shown, public)
        assert (report.broken, report.doubts) == ([], [])
        assert report.stamped is not None


async def test_an_idle_hub_makes_no_checkpoints(tmp_path: Path) -> None:
    config = with_ledger(tmp_path, checkpoint_seconds=0.01)
    async with hub_in_a_box(tmp_path, config=config) as box, box.hub.running():
        await eventually(lambda: box.hub.store.read(store.newest))
        newest = await box.hub.store.read(store.newest)
        looked: set[asyncio.Task[None]] = set()

        def often() -> bool:
            looked.add(box.hub.notary._tasks["seal"])
            return len(looked) > 5

        await eventually(often)
        assert await box.hub.store.read(store.newest) == newest


async def test_a_time_stamp_over_something_else_is_a_break(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        stamper = box.hub.notary.stamper = Stamper()
        await a_past(box)
        assert await box.hub.notary.stamp()
        assert not await box.hub.notary.stamp()
        token = await stamper.stamp(hashlib.sha256(b"other").digest())
        alter(tmp_path, lambda c: store.set_timestamp(c, 863, token))
        assert "863" in said(await box.hub.verify_ledger())


@pytest.mark.programs
async def test_openssl_verifies_a_published_time_stamp(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        stamper = box.hub.notary.stamper = Stamper()
        await a_past(box)
        await box.hub.notary.stamp()
        await box.hub.notary.publish_to(tmp_path / "public")
    (tmp_path / "tsa.pem").write_bytes(stamper.ca.pem)
    file = tmp_path / "public" / "checkpoints" / "863"
    command = ["openssl", "ts", "-verify", "-data", str(file), "-in", f"{file}.tsr"]
    ran = subprocess.run([*command, "-CAfile", str(tmp_path / "tsa.pem")], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr


async def test_witnesses_are_verified_and_strangers_passed_over(tmp_path: Path) -> None:
    witness = Ed25519PrivateKey.generate()
    key = VerifierKey("witness.test/w1", witness.public_key().public_bytes_raw(), COSIGNATURE)
    async with hub_in_a_box(tmp_path, config=with_ledger(tmp_path, witnesses=(str(key),))) as box:
        await a_past(box, tmp_path / "public")
        file = tmp_path / "public" / "checkpoint"
        note = notes.parse(file.read_bytes())
        when = 1_800_000_000
        value = witness.sign(f"cosignature/v1\ntime {when}\n{note.text}".encode())
        cosigned = Signature(key.name, key.id, when.to_bytes(8, "big") + value)
        stranger = Signature("stranger.test", b"1234", value)
        file.write_text(str(notes.Note(note.text, (*note.signatures, cosigned, stranger))))
        notary = box.hub.notary
        [shown] = published.read(file, notary.log_keys(), notary.witnesses)
        assert [(each.key.name, each.at is not None) for each in shown.signed] == [
            ("edochub", False),
            ("witness.test/w1", True),
        ]
        assert (await box.hub.verify_ledger([shown])).broken == []
        late = Signature(key.name, key.id, (when + 1).to_bytes(8, "big") + value)
        file.write_text(str(notes.Note(note.text, (*note.signatures, late))))
        with pytest.raises(BadNote, match=r"witness\.test"):
            published.read(file, notary.log_keys(), notary.witnesses)
        file.write_text(str(notes.Note(note.text, (cosigned,))))
        with pytest.raises(BadNote):
            published.read(file, notary.log_keys(), notary.witnesses)


async def test_a_lost_key_is_an_alarm_not_a_new_key(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await a_past(box)
    file = tmp_path / "keys" / "ledger.key"
    file.rename(tmp_path / "lost.key")
    async with hub_in_a_box(tmp_path) as box:
        await happen(box, 1)
        with pytest.raises(Misconfigured, match=r"ledger\.key"):
            await box.hub.notary.seal()
    assert not file.exists()


async def test_another_key_is_believed_only_when_the_operator_says_so(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await a_past(box)
        former = str(box.hub.notary.log_keys()[0])
    (tmp_path / "keys" / "ledger.key").unlink()
    ledger_key.create(tmp_path / "keys" / "ledger.key")
    async with hub_in_a_box(tmp_path) as box:
        await happen(box, 1)
        assert len((await box.hub.verify_ledger()).broken) == len(ROUNDS)
        with pytest.raises(Fault):
            await box.hub.notary.seal()
    (tmp_path / "keys" / "ledger.key").unlink()
    async with hub_in_a_box(tmp_path, config=with_ledger(tmp_path, former_keys=(former,))) as box:
        sealed = await box.hub.notary.seal()  # a new key is made now
        assert sealed is not None
        assert sealed.size == 864
        assert former not in map(str, [box.hub.notary.log_keys()[0]])
        assert (await box.hub.verify_ledger()).broken == []


def test_two_who_make_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "ledger.key"
    one, two = ledger_key.create(file), ledger_key.create(file)
    assert one.private_bytes_raw() == two.private_bytes_raw()
    assert [each.name for each in file.parent.iterdir()] == ["ledger.key"]


def test_a_damaged_key_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ledger.key"
    file.write_text("nothing")
    with pytest.raises(Misconfigured, match=r"ledger\.key"):
        ledger_key.load(file)


def test_the_logs_name_can_always_be_written() -> None:
    assert ledger_key.origin_of(Config(hub=HubSettings(code="trục một + hai"))) == "trục-một-hai"
    with pytest.raises(Misconfigured, match=r"ledger\.origin"):
        ledger_key.origin_of(Config(ledger=LedgerSettings(origin="a b")))


def test_a_bad_verifier_key_in_the_settings_is_named(tmp_path: Path) -> None:
    config = parse({"ledger": {"witnesses": ["x+y+z"]}}, tmp_path)
    with pytest.raises(Misconfigured, match=r"ledger\.witnesses"):
        Notary(config, None, "node", None, None)  # type: ignore[arg-type]
