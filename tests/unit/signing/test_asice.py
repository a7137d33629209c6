"""Containers: one form out, every octet accounted for, and no file that slips in beside what was signed."""

from __future__ import annotations

import asyncio
import io
import subprocess
import zipfile
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from schemas.xml import parse
from signing import asice, canonical, zip_file
from signing.asice import MANIFEST, MEDIA_TYPE
from signing.trust import TrustStore
from signing.verdict import Outcome, Question
from signing.xades import DataFile, NotSealed
from signing.xades_form import LEVELS
from signing.zip_problems import WHOLE, names_of
from tests.unit.signing.containers import (
    FILES,
    NOW,
    SIGNED,
    codes,
    container,
    known,
    only,
    root,
    signer,
    stamp_root,
    stamper,
    trust,
)

SIGNATURE = "META-INF/signatures0.xml"
ORDER = ["mimetype", *FILES, MANIFEST, SIGNATURE]


def with_changes(content: bytes, changes: dict[str, bytes | None]) -> bytes:
    """Return the container with parts changed, added or, None, taken out; well packed again."""
    parts: dict[str, bytes | None] = {**asice.read(content).parts, **changes}
    return zip_file.pack({name: data for name, data in parts.items() if data is not None})


# The form


@pytest.mark.parametrize("level", LEVELS)
def test_a_container_is_read_as_it_was_written(level: str) -> None:
    read = asice.read(container(level))
    assert dict(read.files) == {name: file.content for name, file in FILES.items()}
    assert list(read.parts) == ORDER
    assert (read.ours, read.canonical, read.problems, len(read.signatures)) == (True, True, (), 1)


def test_others_open_it() -> None:
    content = container()
    assert content[30:].startswith(b"mimetype" + MEDIA_TYPE)  # EN 319 162-1, A.1
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert (opened.testzip(), opened.namelist()) == (None, ORDER)


def test_the_manifest_lists_every_file_with_its_type() -> None:
    manifest = asice.read(container()).parts[MANIFEST].decode()
    for name, file in FILES.items():
        assert f'manifest:full-path="{name}" manifest:media-type="{file.media_type}"' in manifest


async def test_the_same_makes_the_same() -> None:
    """RSA, whose values do not depend on chance."""
    first, second = [await asice.write(FILES, signer("rsa-2048"), at=SIGNED) for _ in range(2)]
    assert first == second


# Every octet


def owners_of(content: bytes) -> list[str]:
    """Return for each octet the part that it belongs to, worked out apart from the code."""
    owners: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        for part in opened.infolist():
            owners += [part.filename] * (30 + len(part.filename) + part.file_size)
        for part in opened.infolist():
            owners += [part.filename] * (46 + len(part.filename))
    return owners + [WHOLE] * 22


@pytest.mark.filterwarnings("ignore")  # cryptography's, about what damage makes of certificates
@pytest.mark.parametrize(("level", "step"), [("XAdES-B-B", 1), ("XAdES-B-LTA", 17)])
@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])
def test_no_octet_can_be_changed_and_the_part_is_named(level: str, step: int, mask: int) -> None:
    content, store = container(level), trust()
    owners = owners_of(content)
    assert len(owners) == len(content)
    for place in range(mask % step, len(content), step):
        broken = bytearray(content)
        broken[place] ^= mask
        read = asice.read(bytes(broken))
        assert owners[place] in names_of(read.problems), place
        if not place % 7:  # judging takes longer than finding
            assert all(verdict.outcome is Outcome.INVALID for verdict in asice.verify(read, store, NOW)), (
                place
            )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("level", "answers", "step"), [("XAdES-B-B", False, 3), ("XAdES-B-LT", True, 13)])
def test_no_octet_of_the_signatures_can_be_changed_and_well_packed_again(
    level: str, answers: bool, step: int
) -> None:
    """An attacker makes the checksums right, so every octet must be accounted for by what it says."""
    parts = dict(asice.read(container(level, answers=answers)).parts)
    original, store = parts[SIGNATURE], trust()
    for place in range(0, len(original), step):
        broken = bytearray(original)
        broken[place] ^= 1
        (verdict,) = asice.verify(asice.read(zip_file.pack({**parts, SIGNATURE: bytes(broken)})), store, NOW)
        assert verdict.outcome is not Outcome.VALID, place
        assert verdict.part == SIGNATURE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</ds:SignedInfo>", b"</ds:SignedInfo> "),
        (b"</ds:SignatureValue>", b"\n</ds:SignatureValue>"),
        (b"<ds:KeyInfo>", b'<ds:KeyInfo Id="x">'),
        (b"<ds:X509Data>", b"<ds:X509Data><ds:X509SubjectName>CN=Ai</ds:X509SubjectName>"),
        (b"</xades:QualifyingProperties>", b"<xades:UnsignedProperties/></xades:QualifyingProperties>"),
        (b"?>\n", b"?>"),
        (b"</asic:XAdESSignatures>\n", b"</asic:XAdESSignatures>"),
    ],
)
def test_what_no_signature_covers_is_held_to_its_form(old: bytes, new: bytes) -> None:
    parts = dict(asice.read(container()).parts)
    assert old in parts[SIGNATURE]
    parts[SIGNATURE] = parts[SIGNATURE].replace(old, new, 1)
    read = asice.read(zip_file.pack(parts))
    assert names_of(read.problems) == (SIGNATURE,)
    (verdict,) = asice.verify(read, trust(), NOW)
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "container.not-canonical")


def test_packed_otherwise_it_is_no_longer_ours() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in asice.read(container()).parts.items():
            opened.writestr(name, data)
    read = asice.read(made.getvalue())
    assert names_of(read.problems) == ("mimetype",)
    assert only(made.getvalue()).outcome is Outcome.INVALID


# Attacks


def test_a_changed_file_is_named() -> None:
    verdict = only(with_changes(container(), {"trail/summary.txt": b"other"}))
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "xades.file-altered")
    assert "trail/summary.txt" in verdict.reasons[0].message.en
    assert list(verdict.aspects[Question.INTEGRITY].evidence) == ["package.edxml"]


def test_what_to_point_at_is_told_whatever_the_verdict() -> None:
    assert asice.damaged(asice.read(container("XAdES-B-LTA"))) == ()
    changes = {"trail/summary.txt": b"other", "package.edxml": None, "new.txt": b""}
    found = asice.damaged(asice.read(with_changes(container(), changes)))
    assert {"trail/summary.txt", "package.edxml", "new.txt"} <= set(found)


def test_a_file_that_is_gone_is_named() -> None:
    verdict = only(with_changes(container(), {"trail/summary.txt": None}))
    assert "xades.file-missing" in codes(verdict)
    assert verdict.outcome is Outcome.INVALID


@pytest.mark.parametrize(
    "name", ["extra.txt", "trail/extra.txt", "META-INF/extra.xml", "META-\u0131NF/extra.pdf"]
)
def test_a_file_that_slipped_in_is_named(name: str) -> None:
    content = with_changes(container(), {name: b"unsigned"})
    assert name in names_of(asice.read(content).problems)
    verdict = only(content)
    assert verdict.outcome is Outcome.INVALID
    if not name.startswith("META-INF"):  # the other one has an i without a dot, which is I in upper case
        assert verdict.aspects[Question.COVERAGE].outcome is Outcome.INVALID
        assert name in verdict.aspects[Question.COVERAGE].reasons[0].message.vi


def test_a_signature_over_fewer_files_does_not_vouch_for_the_rest() -> None:
    """A second signature, of somebody else, must not make up for what the first leaves out, nor be made up for."""
    both = dict(asice.read(container()).parts)
    fewer = {"package.edxml": FILES["package.edxml"]}
    second = asyncio.run(asice.write(fewer, signer("rsa-2048"), at=SIGNED))
    both["META-INF/signatures1.xml"] = asice.read(second).parts[SIGNATURE]
    read = asice.read(zip_file.pack(both))
    verdicts = asice.verify(read, trust(), NOW)
    assert [verdict.part for verdict in verdicts] == [SIGNATURE, "META-INF/signatures1.xml"]
    assert verdicts[1].aspects[Question.COVERAGE].outcome is Outcome.UNDETERMINED
    assert all(verdict.outcome is not Outcome.VALID for verdict in verdicts)


def test_a_manifest_that_says_otherwise_is_found() -> None:
    manifest = asice.read(container()).parts[MANIFEST].replace(b"text/plain", b"text/html")
    content = with_changes(container(), {MANIFEST: manifest})
    assert names_of(asice.read(content).problems) == (MANIFEST,)
    assert only(content).outcome is Outcome.INVALID


def test_a_container_without_its_signature_is_nobodys() -> None:
    (verdict,) = asice.verify(asice.read(with_changes(container(), {SIGNATURE: None})), trust(), NOW)
    assert (verdict.outcome, codes(verdict)) == (Outcome.ABSENT, ["container.no-signature"])


def test_an_enclosed_certificate_that_nobody_issued_is_found() -> None:
    """It would be of no use to a verdict, and so could say anything."""
    der = root().issue("Ai đó", SIGNED, organisation="Đâu đó").certificate.public_bytes(Encoding.DER)
    forged = der.replace("Ai đó".encode(), "Ai đò".encode())
    assert forged != der
    parts = dict(asice.read(container("XAdES-B-LT")).parts)
    mark = b"<xades:CertificateValues>"
    for value, expected in ((der, Outcome.VALID), (forged, Outcome.INVALID)):
        more = mark + b"<xades:EncapsulatedX509Certificate>" + b64encode(value)
        more += b"</xades:EncapsulatedX509Certificate>"
        content = zip_file.pack({**parts, SIGNATURE: parts[SIGNATURE].replace(mark, more)})
        assert only(content).outcome is expected


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"<xml/>", zip_file.pack({}), zip_file.pack({"mimetype": b"x"})]
)
def test_what_is_no_container_is_told(content: bytes) -> None:
    read = asice.read(content)
    assert read.problems
    (verdict,) = asice.verify(read, trust(), NOW)
    assert verdict.outcome is Outcome.INVALID
    assert verdict.reasons


def test_cades_containers_are_undetermined() -> None:
    content = zip_file.pack({"mimetype": MEDIA_TYPE, "a.txt": b"a", "META-INF/signatures001.p7s": b"0"})
    assert (only(content).outcome, codes(only(content))) == (Outcome.UNDETERMINED, ["xades.unsupported"])


def test_nobody_is_trusted_by_default() -> None:
    assert only(container("XAdES-B-LTA"), TrustStore.empty()).outcome is Outcome.UNDETERMINED


async def test_only_whole_containers_of_ours_are_renewed() -> None:
    with pytest.raises(NotSealed):
        await asice.renew(with_changes(container("XAdES-B-LTA"), {"more.txt": b""}), stamper())
    with pytest.raises(NotSealed):
        await asice.renew(zip_file.pack({"mimetype": MEDIA_TYPE, "a": b""}), stamper())


async def test_many_files() -> None:
    files = {f"trail/{number}.json": DataFile(b"{}", "application/json") for number in range(300)}
    content = await asice.write(files, signer(), at=SIGNED, timestamper=stamper(), trust=trust(known=known()))
    assert only(content).outcome is Outcome.VALID


@pytest.mark.programs
def test_unzip_and_openssl_take_it_apart(tmp_path: Path) -> None:
    """The time stamp that unzip and openssl find is over the signature value, in exclusive canonical form."""
    text = asice.read(container("XAdES-B-T")).parts[SIGNATURE]
    (value,) = parse(text).iter("{http://www.w3.org/2000/09/xmldsig#}SignatureValue")
    token = text.partition(b"<xades:EncapsulatedTimeStamp>")[2].partition(b"<")[0]
    (tmp_path / "value").write_bytes(canonical.octets(value))
    (tmp_path / "token").write_bytes(b64decode(token))
    (tmp_path / "root.pem").write_bytes(stamp_root().pem)
    command = ["openssl", "ts", "-verify", "-token_in", "-in", "token", "-data", "value"]
    command += ["-CAfile", "root.pem", "-attime", str(int(NOW.timestamp()))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"Verification: OK\n")
