"""Signatures of a package that is read in pieces are judged as they are in memory: same verdicts, same words."""

from __future__ import annotations

import io
import json
import random
import zipfile
from base64 import b64encode
from dataclasses import replace
from datetime import datetime

import pytest
from lxml import etree

from schemas import skeleton
from schemas.edxml import archive
from schemas.edxml.attachments import Attachment
from schemas.edxml.attachments import attachments as attached
from schemas.findings import InvalidDocument
from schemas.spooled import Package
from signing import attachments, canonical, xml
from signing.trust import TrustStore
from signing.xml import sign
from tests.unit.schemas.streams import leave_out_everything, spooled
from tests.unit.signing import pdfs
from tests.unit.signing.hostile import ALL, SAMPLES, Attack, name_of
from tests.unit.signing.packages import EDXML, NOW, codes, hand_signed, package, reference_to, signer, trusted
from tests.unit.signing.pdfs import RECEIVED
from tests.unit.signing.test_attachments import PDF, ZIP, archived
from tests.unit.signing.test_attachments import package as with_files

TABLE = json.loads((SAMPLES / "expected.json").read_text())
NOISE = random.Random(18).randbytes(3_000)
FLAT = b64encode(NOISE).decode()
LINES = [FLAT[at : at + 76] for at in range(0, len(FLAT), 76)]
FORMS = {
    "flat": FLAT,
    "LF": "\n".join(LINES),
    "CR LF": "\r\n".join(LINES),
    "CR": "\r".join(LINES),
    "all kinds": "\r\r\n \t\n\r".join(LINES),
    "ends in CR": FLAT + "\r",
    "CDATA": f"<![CDATA[{FLAT}]]>",
    "half CDATA": f"{FLAT[:400]}<![CDATA[{FLAT[400:]}]]>",
    "a reference": FLAT[:400] + "&#13;&#10;" + FLAT[400:],
    "a greater-than sign": FLAT[:400] + ">" + FLAT[400:],
}


@pytest.fixture(autouse=True)
def _everything(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_out_everything(monkeypatch)


def judged(content: Package, trust: TrustStore, at: datetime = NOW) -> list[object]:
    """Return all that is told of a package's own signatures, or why there is no package."""
    try:
        source, tree = skeleton.opened(content)
    except InvalidDocument as invalid:
        return [(finding.code, finding.line) for finding in invalid.findings]
    return [verdict.as_json() for verdict in xml.verify(source, tree, trust, at)]


@pytest.mark.parametrize("attack", ALL, ids=name_of)
def test_an_attack_is_judged_as_in_memory(attack: Attack) -> None:
    content = attack()
    assert judged(spooled(content), trusted()) == judged(content, trusted())


def test_a_kept_sample_is_judged_as_in_memory() -> None:
    trust, at = TrustStore.from_folder(SAMPLES / "trust"), datetime.fromisoformat(TABLE["received_at"])
    for name in TABLE["expected"]:
        content = (SAMPLES / name).read_bytes()
        assert judged(spooled(content), trust, at) == judged(content, trust, at), name


@pytest.mark.parametrize("form", FORMS)
def test_a_signature_over_base64_in_any_form_is_valid(form: str) -> None:
    content = sign(package(attachment=FORMS[form]), signer())
    source, tree = skeleton.opened(spooled(content))
    left_out = skeleton.left_out_of(source)
    assert left_out is not None
    assert len(left_out.runs) > 0
    (verdict,) = xml.verify(source, tree, trusted(), NOW)
    assert verdict.outcome == "valid"
    assert judged(spooled(content), trusted()) == judged(content, trusted())


@pytest.mark.parametrize("form", FORMS)
def test_one_other_letter_of_what_was_left_out_is_an_alteration(form: str) -> None:
    content = sign(package(attachment=FORMS[form]), signer())
    at = content.index(LINES[4].encode()) + 40
    changed = content[:at] + (b"A" if content[at : at + 1] != b"A" else b"B") + content[at + 1 :]
    (verdict,) = xml.verify(*skeleton.opened(spooled(changed)), trusted(), NOW)
    assert (verdict.outcome, codes(verdict)) == ("invalid", ["signature.altered"])
    assert judged(spooled(changed), trusted()) == judged(changed, trusted())


@pytest.mark.parametrize("form", FORMS)
def test_canonical_octets_are_those_of_lxml(form: str) -> None:
    content = package(attachment=FORMS[form])
    source, tree = skeleton.opened(spooled(content))
    expected = canonical.octets(etree.fromstring(content).getroottree())
    made = canonical.Form.of(tree, source)
    assert made.size == len(expected)
    assert (
        canonical.digest(tree, "sha256", content=source)
        == canonical.Form(expected, ()).digests("sha256", [()])[0]
    )


@pytest.mark.parametrize("form", ["flat", "CR LF", "CDATA", "a greater-than sign"])
@pytest.mark.parametrize("octets", [NOISE, NOISE[:-1]])
def test_a_reference_to_an_attachment_is_over_what_it_stands_for(form: str, octets: bytes) -> None:
    content = hand_signed(
        signer(),
        package(attachment=FORMS[form]),
        references="{reference}" + reference_to("cid:1", octets),
    )
    assert judged(spooled(content), trusted()) == judged(content, trusted())


def test_a_trace_header_that_was_added_is_named() -> None:
    hop = f'<TraceHeader xmlns="{EDXML}"><OrganId>G1</OrganId><Timestamp>2026/11/20 08:00:00</Timestamp></TraceHeader>'
    listed = f'<TraceHeaderList xmlns="{EDXML}">{hop}</TraceHeaderList>'
    content = sign(package(header=listed, attachment=FORMS["CR LF"]), signer())
    added = content.replace(hop.encode(), hop.encode() + hop.replace("G1", "G2").encode())
    (verdict,) = xml.verify(*skeleton.opened(spooled(added)), trusted(), NOW)
    assert codes(verdict) == ["signature.altered-by-trace-header"]
    assert judged(spooled(added), trusted()) == judged(added, trusted())


# What is attached


def inside(content: Package) -> list[object]:
    source, tree = skeleton.opened(content)
    left_out = skeleton.left_out_of(source)
    found = attachments.verify(tree, pdfs.trust(), RECEIVED, left_out=left_out)
    return [verdict.as_json() for verdict in found]


def test_attachments_have_the_verdicts_that_they_have_in_memory() -> None:
    signed = pdfs.sign(pdfs.blank(), pdfs.person())
    content = with_files(
        ("a.pdf", PDF, signed),
        ("b.txt", "text/plain", b"chu " * 40),
        ("c.zip", ZIP, archived({"1/d.pdf": pdfs.blank(), "2.txt": b"hai"})),
        ("e.pdf", PDF, signed[:-40]),
        ("f.zip", ZIP, archived({"bom.pdf": bytes(5)})[:-30]),
    )
    assert len(inside(content)) > 2
    assert inside(spooled(content)) == inside(content)


def test_a_file_too_large_to_be_read_as_a_whole_is_undetermined(monkeypatch: pytest.MonkeyPatch) -> None:
    content = with_files(("a.pdf", PDF, pdfs.blank()), ("b.png", "image/png", b"\x89PNG" + NOISE))
    monkeypatch.setattr(attachments, "MOST_HELD", 500)
    source, tree = skeleton.opened(spooled(content))
    (verdict,) = attachments.verify(tree, pdfs.trust(), RECEIVED, left_out=skeleton.left_out_of(source))
    assert (verdict.part, verdict.outcome, codes(verdict)) == (
        "a.pdf",
        "undetermined",
        ["attachment.too-large"],
    )


def test_what_is_attached_can_be_read_from_anywhere() -> None:
    for form in ("flat", "CR LF", "all kinds", "half CDATA"):
        source, tree = skeleton.opened(spooled(package(attachment=FORMS[form])))
        (attachment,) = attached(tree, skeleton.left_out_of(source))
        file = attachment.file()
        assert not isinstance(file, bytes)
        assert attachment.payload() == b"".join(attachment.pieces()) == NOISE
        assert len(file) == len(NOISE)
        for start, stop in ((0, 5), (1, 2), (2_000, 2_900), (-10, None), (2_999, 9_000), (5_000, 5_001)):
            assert file[start:stop] == NOISE[start:stop], (form, start)
        with file.opened() as stream:
            stream.seek(-7, io.SEEK_END)
            assert stream.read() == NOISE[-7:]


@pytest.mark.parametrize("most", [10, 1_000_000])
def test_an_archive_is_unpacked_from_where_it_lies(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(archive, "_MOST_HELD", most)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as written:
        written.writestr("noi-dung.pdf", b"%PDF" + NOISE)
    content = with_files(("cong-van.pdf", ZIP, made.getvalue()))
    (attachment,) = of(content)
    assert isinstance(attachment.file(), bytes) is (most > len(NOISE))
    assert attachment.payload() == b"%PDF" + NOISE
    broken = with_files(("cong-van.pdf", ZIP, made.getvalue().replace(NOISE[-9:], NOISE[-10:-1])))
    (attachment,) = of(broken)
    with pytest.raises(InvalidDocument) as refused:
        attachment.file()
    assert refused.value.findings[0].code == "zip-unreadable"


def of(content: bytes) -> list[Attachment]:
    source, tree = skeleton.opened(spooled(content))
    return list(attached(tree, skeleton.left_out_of(source)))


def test_a_stream_that_only_runs_forward_will_do() -> None:
    content = sign(package(attachment=FORMS["CR LF"]), signer())

    class Forward(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

    there = replace(spooled(content), opened=lambda: Forward(content))
    assert judged(there, trusted()) == judged(content, trusted())
