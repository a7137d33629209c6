"""The evidence of an exchange: made by a hub, verified without one, and found out if a single octet of it changes."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding

from hub import evidence as hub_evidence
from hub.errors import Misconfigured, NotFound, Refusal
from hub.store import compact
from hub.store.tables import messages
from hub.store.writer import Transaction
from hub.testing import Box, ManualClock, hub_in_a_box, package, settings
from signing import asice, evidence, xml, zip_file
from signing.ca import CertificateAuthority
from signing.keys import KeyFolder, SigningKey
from signing.trust import TrustStore
from signing.tsa import LocalTimeStampAuthority
from signing.verdict import Outcome
from signing.verifier import Report, Trusted, examine, trust_from
from signing.xades import DataFile

CLOCK = ManualClock()
BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Scene:
    """An exchange that took place: a signed document, taken, and answered."""

    box: Box
    root: CertificateAuthority
    authority: CertificateAuthority
    message: str
    content: bytes

    @property
    def trusted(self) -> Trusted:
        """What an auditor has: the root, and nothing of the hub's."""
        from signing import certificates

        return Trusted(TrustStore([certificates.of(self.root.certificate)]))

    def examined(self, content: bytes) -> Report:
        """Verify as the auditor does, a year later."""
        return examine(content, "evidence.asice", self.trusted, CLOCK() + timedelta(days=365))


@asynccontextmanager
async def exchanged(folder: Path, *, stamped: bool = True) -> AsyncIterator[Scene]:
    now = CLOCK()
    root = CertificateAuthority.create("CA gốc thử", now - BEFORE)
    authority = root.authority("CA thử", now - BEFORE)
    config = settings(folder)
    trust = config.path(config.trust.anchors)
    (trust / "root.pem").write_bytes(root.pem)
    (trust / "intermediates").mkdir()
    (trust / "intermediates" / "ca.pem").write_bytes(authority.pem)
    (trust / "crls").mkdir(exist_ok=True)
    (trust / "crls" / "root.crl").write_bytes(root.crl(now))
    (trust / "crls" / "ca.crl").write_bytes(authority.crl(now))
    seal = authority.issue("Trục thử", now - BEFORE, organisation="UBND tỉnh Thử", name=config.keys.signing)
    KeyFolder(config.path(config.keys.folder)).save(seal, None)
    async with hub_in_a_box(folder, clock=CLOCK) as box:
        if stamped:
            key = authority.time_stamp_authority("TSA thử", now - BEFORE)
            box.hub.notary.stamper = LocalTimeStampAuthority(key, CLOCK)
        sender = await box.connect("so-noi-vu", "Z99.13")
        receiver = await box.connect("xa-binh-thu", "Z99.61")
        signer = authority.issue("Cơ quan Z99.13", now - BEFORE, organisation="Cơ quan Z99.13")
        content = xml.sign(package(sender="Z99.13", to=["Z99.61"]), signer)
        accepted = await box.hub.accept(sender, content)
        await box.hub.take(receiver, accepted.deliveries[0].id)
        await box.hub.answer(receiver, accepted.message.id, "03")
        yield Scene(box, root, authority, accepted.message.id, content)


async def made(scene: Scene) -> bytes:
    return (await hub_evidence.make(scene.box.hub, scene.message)).content


def repacked(content: bytes, changed: Mapping[str, bytes]) -> bytes:
    """Return the container with other octets in some parts, as a careful forger packs it."""
    parts = dict(asice.read(content).parts)
    parts.update(changed)
    return zip_file.pack(parts)


def spans(content: bytes) -> list[tuple[str, int, int]]:
    """Return where the octets of each part lie."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        starts = [
            (info, info.header_offset + 30 + len(info.filename.encode())) for info in archive.infolist()
        ]
    return [(info.filename, start, start + info.compress_size) for info, start in starts]


def broken(report: Report) -> set[str]:
    return {part.name for part in report.parts if part.outcome is Outcome.INVALID}


async def test_an_auditor_proves_an_exchange_with_the_root_alone(tmp_path: Path) -> None:
    async with exchanged(tmp_path) as scene:
        content = await made(scene)
        report = scene.examined(content)
    assert report.kind == "evidence"
    assert report.outcome is Outcome.VALID, [
        part for part in report.parts if part.outcome is not Outcome.VALID
    ]
    files = asice.read(content).files
    assert files[evidence.PACKAGE] == scene.content
    assert {part.name for part in report.parts} >= {
        evidence.PACKAGE,
        "answer-01.edxml",
        evidence.CHECKPOINT_STAMP,
    }
    # accepted, delivered, answered
    assert len(evidence.matching(files, "receipt")) == 3
    assert (
        next(part for part in report.parts if part.name.startswith("META-INF")).verdicts[0].level
        == "XAdES-B-LTA"
    )


async def test_it_is_proven_with_nothing_but_the_file_even_without_time_stamps(tmp_path: Path) -> None:
    async with exchanged(tmp_path, stamped=False) as scene:
        report = scene.examined(await made(scene))
    assert report.outcome is Outcome.VALID
    assert evidence.CHECKPOINT_STAMP not in {part.name for part in report.parts}


async def test_who_trusts_nobody_learns_that_it_cannot_be_told(tmp_path: Path) -> None:
    async with exchanged(tmp_path) as scene:
        content = await made(scene)
    report = examine(content, "evidence.asice", Trusted(TrustStore.empty()), CLOCK())
    assert report.outcome is Outcome.UNDETERMINED
    assert not broken(report)


async def test_a_refusal_can_be_proven_too(tmp_path: Path) -> None:
    async with exchanged(tmp_path) as scene:
        sender = await scene.box.hub.endpoint("so-noi-vu")
        with pytest.raises(Refusal):
            await scene.box.hub.accept(sender, b"<no-package/>")
        refusals = await scene.box.hub.store.read(
            lambda connection: connection.exec_driver_sql("SELECT id FROM refusals").scalars().all()
        )
        content = (await hub_evidence.make(scene.box.hub, refusals[0])).content
        report = scene.examined(content)
    assert report.outcome is Outcome.VALID
    assert evidence.PACKAGE not in asice.read(content).files


async def test_there_is_no_evidence_of_what_never_was(tmp_path: Path) -> None:
    async with exchanged(tmp_path) as scene:
        with pytest.raises(NotFound):
            await hub_evidence.make(scene.box.hub, "99/KHÔNG-CÓ")


async def test_evidence_counts_only_from_the_hub_that_is_named(tmp_path: Path) -> None:
    """Whoever has a certificate under the same root can seal; that does not make him the hub."""
    async with exchanged(tmp_path) as scene:
        content = await made(scene)
        hub_key = await scene.box.hub.signing_key()
        (tmp_path / "hub.pem").write_bytes(hub_key.certificate.public_bytes(Encoding.PEM))
        (tmp_path / "root-only.pem").write_bytes(scene.root.pem)
        official = scene.authority.issue("Một cán bộ", CLOCK() - BEFORE, organisation="UBND tỉnh Thử")
        forged = await sealed(asice.read(content).files, official)
    named = trust_from([tmp_path / "root-only.pem"], [tmp_path / "hub.pem"])
    later = CLOCK() + timedelta(days=365)
    assert examine(content, "e", named, later).outcome is Outcome.VALID
    assert broken(examine(forged, "e", named, later)) == {"META-INF/signatures0.xml"}
    # Without the hub's certificate only the name tells, and the verifier says so.
    (seal,) = (part for part in scene.examined(content).parts if part.name.startswith("META-INF"))
    assert "evidence.is-it-the-hub" in {reason.code for reason in seal.reasons}
    # A hub that was named and cannot be read is not any hub.
    (tmp_path / "junk.pem").write_bytes(b"junk")
    unknown = trust_from([tmp_path / "root-only.pem"], [tmp_path / "junk.pem"])
    assert unknown.problems
    assert examine(content, "e", unknown, later).outcome is Outcome.INVALID


async def test_any_flipped_bit_is_found_and_its_part_named(tmp_path: Path) -> None:
    async with exchanged(tmp_path) as scene:
        content = await made(scene)
        where = spans(content)
        chance = random.Random(1)
        # All of the container's own octets; of each file's octets a sample: docs/verifying.md says of all of them.
        payload = [position for _, start, end in where for position in range(start, end)]
        structure = sorted(set(range(len(content))) - set(payload))
        for position in [*chance.sample(structure, 300), *chance.sample(payload, 300)]:
            flipped = bytearray(content)
            flipped[position] ^= 1 << chance.randrange(8)
            container = asice.read(bytes(flipped))
            named = {problem.part for problem in container.problems}
            expected = next((name for name, start, end in where if start <= position < end), None)
            assert named, position
            assert expected is None or expected in named, (position, expected, named)
        for position in chance.sample(range(len(content)), 12):
            flipped = bytearray(content)
            flipped[position] ^= 1 << chance.randrange(8)
            assert scene.examined(bytes(flipped)).outcome is not Outcome.VALID, position


async def test_a_forger_who_packs_anew_is_found_in_every_part(tmp_path: Path) -> None:
    async with exchanged(tmp_path) as scene:
        content = await made(scene)
        for name, octets in asice.read(content).parts.items():
            changed = octets[:-2] + bytes([octets[-2] ^ 1]) + octets[-1:]
            report = scene.examined(repacked(content, {name: changed}))
            assert report.outcome is not Outcome.VALID, name


async def test_a_hub_that_rewrites_history_before_it_seals_is_found(tmp_path: Path) -> None:
    """The seal is the hub's own: the events, the ledger and the receipts have to agree all the same."""
    async with exchanged(tmp_path) as scene:
        files = dict(asice.read(await made(scene)).files)
        key = await scene.box.hub.signing_key()
        other = package(sender="Z99.13", to=["Z99.61"], subject="Chuyện khác")

        forged = await sealed(files | {evidence.PACKAGE: other}, key)
        assert broken(scene.examined(forged)) == {evidence.PACKAGE}

        events = files[evidence.EVENTS].replace(b"Z99.61", b"Z99.62")
        told = broken(scene.examined(await sealed(files | {evidence.EVENTS: events}, key)))
        assert evidence.EVENTS in told

        fewer = files[evidence.EVENTS].split(b"\n", 1)[1]
        told = broken(scene.examined(await sealed(files | {evidence.EVENTS: fewer}, key)))
        assert {evidence.INDEX, evidence.PACKAGE, "receipt-01.p7m"} <= told

        verdicts = files[evidence.VERDICTS].replace(b'"outcome": "valid"', b'"outcome": "invalid"')
        told = broken(scene.examined(await sealed(files | {evidence.VERDICTS: verdicts}, key)))
        assert evidence.VERDICTS in told

        checkpoint = files[evidence.CHECKPOINT].replace(b"\n", b"\n1", 1)
        told = broken(scene.examined(await sealed(files | {evidence.CHECKPOINT: checkpoint}, key)))
        assert evidence.CHECKPOINT in told


async def sealed(files: Mapping[str, bytes], key: SigningKey) -> bytes:
    data = {name: DataFile(content, evidence.media_type(name)) for name, content in files.items()}
    return await asice.write(data, key, at=CLOCK())


async def test_an_encrypted_key_seals_when_the_settings_name_its_passphrase(tmp_path: Path) -> None:
    async with exchanged(tmp_path) as scene:
        keys = scene.box.hub.keys
        keys.save(keys.load("hub", None), b"m\xe1\xbb\x9f ra")
    for words, opens in (("mở ra\n", True), ("sai\n", False)):
        (tmp_path / "words").write_text(words, encoding="utf-8")
        config = settings(tmp_path)
        config = replace(config, keys=replace(config.keys, passphrase_file=Path("words")))
        async with hub_in_a_box(tmp_path, config=config, clock=CLOCK) as box:
            if opens:
                assert (
                    scene.examined((await hub_evidence.make(box.hub, scene.message)).content).outcome
                    is Outcome.VALID
                )
            else:
                with pytest.raises(Misconfigured):
                    await hub_evidence.make(box.hub, scene.message)


async def test_verdicts_that_somebody_changed_in_the_database_are_found(tmp_path: Path) -> None:
    def change(tx: Transaction) -> None:
        kept = sa.select(messages.c.verdicts, messages.c.verdicts_small).where(messages.c.id == scene.message)
        said = compact.read(*tx.connection.execute(kept).one())
        other = json.loads(json.dumps(said).replace('"outcome": "valid"', '"outcome": "invalid"'))
        assert other != said
        values = {"verdicts_small": compact.small(other)}
        tx.connection.execute(sa.update(messages).where(messages.c.id == scene.message).values(values))

    async with exchanged(tmp_path) as scene:
        hub = scene.box.hub
        assert not (await hub.verify_ledger()).broken
        await hub.store.write(change)
        (told,) = (await hub.verify_ledger()).broken
    assert scene.message in told.en
    assert "verdicts" in told.en


async def test_hostile_evidence_never_makes_the_verifier_fall(tmp_path: Path) -> None:
    """Sealed by whoever: what is inside may be anything."""
    async with exchanged(tmp_path) as scene:
        every = asice.read(await made(scene)).files
        files = {name: content for name, content in every.items() if not name.startswith("receipt")}
        key = await scene.box.hub.signing_key()
        nonsense = [
            b"",
            b"[]",
            b"{}",
            b"null",
            b"[" * 50_000,
            b'{"seq": 1}\n',
            b'[{"reasons": [1]}]',
            b"\xff\n",
            b"1\n",
        ]
        nonsense += [
            b'{"seq":1,"at":"x","kind":"k","details":{}}\n',
            b'[{"seq":"' + b"9" * 5_000 + b'","path":[]}]',
        ]
        for name in (
            evidence.INDEX,
            evidence.EVENTS,
            evidence.PROOFS,
            evidence.CHECKPOINT,
            evidence.VERDICTS,
        ):
            for content in nonsense:
                report = scene.examined(await sealed(files | {name: content}, key))
                assert report.outcome is Outcome.INVALID, (name, content[:40])
