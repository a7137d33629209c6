"""XAdES signatures: ours as others see them, others' as we see them, and what attackers make of them."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import signxml
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.xades.xades import XAdESVerifier

from schemas.xml import parse
from signing import asice, keys, profile, xades, xades_form, zip_file
from signing.ca import Revoked
from signing.keys import Algorithm
from signing.tsa import LocalTimeStampAuthority
from signing.verdict import Outcome, Question, Verdict
from signing.xades import DataFile, NotSealed
from signing.xades_form import INCLUSIVE, LEVELS, MARK
from tests.unit.signing.containers import (
    AFTER,
    FILES,
    ISSUED,
    MUCH_LATER,
    NOW,
    SIGNED,
    codes,
    container,
    known,
    only,
    root,
    signer,
    stamper,
    stamper_key,
    trust,
)

SIGNATURE = "META-INF/signatures0.xml"
CONTENTS = {name: file.content for name, file in FILES.items()}
SCHEMAS = Path(signxml.__file__).parent / "xades" / "schemas"


def signature_of(content: bytes) -> bytes:
    return asice.read(content).parts[SIGNATURE]


def resealed(content: bytes, old: bytes, new: bytes) -> bytes:
    """Return the container with something replaced within its signature file, well packed again."""
    parts = dict(asice.read(content).parts)
    assert parts[SIGNATURE].count(old) >= 1
    parts[SIGNATURE] = parts[SIGNATURE].replace(old, new, 1)
    return zip_file.pack(parts)


# Levels


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
@pytest.mark.parametrize("level", LEVELS)
def test_a_good_signature_of_each_level_is_valid(level: str, algorithm: Algorithm) -> None:
    verdict = only(container(level, algorithm))
    assert (verdict.outcome, verdict.level) == (Outcome.VALID, level)
    assert (verdict.claimed_at, verdict.proven_at) == (SIGNED, None if level == "XAdES-B-B" else SIGNED)
    assert (verdict.part, verdict.covers, verdict.signer) == (SIGNATURE, "document", "Trục thử nghiệm")
    assert set(verdict.aspects) == set(Question) - {Question.HOLDER}
    assert set(verdict.aspects[Question.INTEGRITY].evidence) == set(FILES)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_follows_the_schemas_of_etsi(level: str) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "XAdES01903v141-201601.xsd"))
    tree = parse(signature_of(container(level)))
    (qualifying,) = tree.iter("{http://uri.etsi.org/01903/v1.3.2#}QualifyingProperties")
    schema.assertValid(etree.fromstring(etree.tostring(qualifying)))


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
@pytest.mark.parametrize("level", LEVELS)
def test_signxml_agrees(level: str, algorithm: Algorithm) -> None:
    pem = signer(algorithm).certificate.public_bytes(Encoding.PEM).decode()
    found = XAdESVerifier().verify(
        signature_of(container(level, algorithm)),
        x509_cert=pem,
        expect_references=len(FILES) + 1,
        uri_resolver=CONTENTS.get,
    )
    assert len(found) == len(FILES) + 1


@pytest.mark.programs
@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
def test_xmlsec1_agrees(tmp_path: Path, algorithm: Algorithm) -> None:
    lay_out(tmp_path, container("XAdES-B-LTA", algorithm))
    command = [
        "xmlsec1",
        "--verify",
        "--insecure",
        "--id-attr:Id",
        f"{xades_form.XADES}:SignedProperties",
        SIGNATURE,
    ]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "package.edxml").write_bytes(b"other")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


@pytest.mark.programs
@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
def test_the_jdk_agrees(tmp_path: Path, algorithm: Algorithm) -> None:
    lay_out(tmp_path, container("XAdES-B-LTA", algorithm))
    command = ["java", str(Path(__file__).with_name("ContainerCheck.java")), str(tmp_path)]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"true\n"
    (tmp_path / "package.edxml").write_bytes(b"other")
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"false\n"


def lay_out(folder: Path, content: bytes) -> None:
    for name, data in asice.read(content).parts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def test_validation_data_by_ocsp() -> None:
    content = container("XAdES-B-LT", answers=True)
    verdict = only(content, trust(revocation=True))
    assert (verdict.outcome, verdict.level) == (Outcome.VALID, "XAdES-B-LT")
    assert b"EncapsulatedOCSPValue" in signature_of(content)


def test_without_revocation_data_it_is_not_called_long_term() -> None:
    assert only(container("XAdES-B-T"), trust(revocation=True)).outcome is Outcome.UNDETERMINED


# Time


def test_an_expired_signer_needs_a_time_stamp() -> None:
    assert codes(only(container("XAdES-B-B"), at=AFTER))[0] == "certificate.expired"
    for level in LEVELS[1:]:
        assert only(container(level), at=AFTER).outcome is Outcome.VALID


def test_an_expired_time_stamp_needs_an_archive_time_stamp() -> None:
    verdict = only(container("XAdES-B-LT"), at=MUCH_LATER)
    assert verdict.outcome is Outcome.UNDETERMINED
    assert "timestamp.expired" in codes(verdict)


async def test_renewed_in_time_it_outlives_every_certificate() -> None:
    content = container("XAdES-B-LTA")
    late = ISSUED + timedelta(days=9 * 365)
    fresh = stamper_key(years=18)
    renewed = await asice.renew(content, LocalTimeStampAuthority(fresh, lambda: late))
    assert only(content, at=MUCH_LATER).outcome is Outcome.UNDETERMINED
    verdict = only(renewed, at=MUCH_LATER)
    assert (verdict.outcome, verdict.proven_at) == (Outcome.VALID, SIGNED)
    # Renewed too late it proves nothing: the older authority's certificate had expired by then.
    too_late = await asice.renew(content, LocalTimeStampAuthority(fresh, lambda: MUCH_LATER))
    assert only(too_late, at=MUCH_LATER + timedelta(days=1)).outcome is Outcome.UNDETERMINED


def test_a_signer_revoked_after_the_time_stamp_has_signed_well() -> None:
    serial = signer().certificate.serial_number
    later = known(revoked={serial: Revoked(SIGNED + timedelta(hours=2))}, at=NOW)
    earlier = known(revoked={serial: Revoked(SIGNED - timedelta(hours=2))}, at=NOW)
    assert only(container("XAdES-B-T"), trust(known=later)).outcome is Outcome.VALID
    assert only(container("XAdES-B-B"), trust(known=later)).outcome is Outcome.INVALID
    for level in LEVELS:  # what the signature encloses does not heal what the operator knows
        assert only(container(level), trust(known=earlier)).outcome is Outcome.INVALID


def test_an_authority_of_time_stamps_that_is_not_trusted_proves_nothing() -> None:
    verdict = only(container("XAdES-B-LTA"), trust(stamps=False))
    assert (verdict.outcome, verdict.proven_at) == (Outcome.UNDETERMINED, None)


def test_a_time_stamp_of_something_else_is_invalid() -> None:
    other = container("XAdES-B-T", "rsa-2048")
    token = between(signature_of(other), b"<xades:EncapsulatedTimeStamp>", b"<")
    own = between(signature_of(container("XAdES-B-T")), b"<xades:EncapsulatedTimeStamp>", b"<")
    verdict = only(resealed(container("XAdES-B-T"), own, token))
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "timestamp.of-something-else")


def test_an_archive_time_stamp_covers_the_other_unsigned_properties() -> None:
    content = container("XAdES-B-LTA")
    values = between(signature_of(content), b"<xades:RevocationValues>", b"</xades:RevocationValues>")
    verdict = only(
        resealed(content, b"<xades:RevocationValues>" + values + b"</xades:RevocationValues>", b"")
    )
    assert verdict.outcome is Outcome.INVALID
    assert "timestamp.of-something-else" in codes(verdict)


@pytest.mark.parametrize("level", LEVELS[1:])
def test_unsigned_properties_that_were_cut_away_are_missed(level: str) -> None:
    """The level that was meant is signed."""
    text = signature_of(container(level))
    last = {
        "XAdES-B-T": b"xades:UnsignedProperties",
        "XAdES-B-LT": b"xades:RevocationValues",
        "XAdES-B-LTA": b"xades141:ArchiveTimeStamp",
    }[level]
    start, end = text.index(b"<" + last), text.index(b"</" + last + b">") + len(b"</" + last + b">")
    verdict = only(resealed(container(level), text[start:end], b""))
    assert verdict.level == LEVELS[LEVELS.index(level) - 1]
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "container.not-canonical")


async def test_a_signer_cannot_claim_a_time_after_the_proven_one() -> None:
    content = await asice.write(FILES, signer(), at=NOW, timestamper=stamper(at=SIGNED))
    verdict = only(content, at=NOW)
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.UNDETERMINED, "time.contradicted")


def between(octets: bytes, start: bytes, end: bytes) -> bytes:
    begin = octets.index(start) + len(start)
    return octets[begin : octets.index(end, begin)]


# Attacks


def test_a_changed_time_of_signing_is_found() -> None:
    verdict = only(resealed(container(), b"2026-02-04T08", b"2026-02-04T07"))
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "xades.properties-altered")


def test_another_certificate_of_the_same_key_holder_is_found() -> None:
    own = base64.b64encode(signer().certificate.public_bytes(Encoding.DER))
    other = base64.b64encode(signer("rsa-2048").certificate.public_bytes(Encoding.DER))
    verdict = only(resealed(container(), own, other))
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.INVALID, "xades.other-certificate")


def test_a_digest_that_was_adapted_breaks_the_value() -> None:
    parts = dict(asice.read(container()).parts)
    old = base64.b64encode(hashlib.sha256(parts["trail/summary.txt"]).digest())
    parts["trail/summary.txt"] = b"other"
    new = base64.b64encode(hashlib.sha256(b"other").digest())
    parts[SIGNATURE] = parts[SIGNATURE].replace(old, new)
    assert codes(only(zip_file.pack(parts)))[0] == "signature.value-wrong"


def test_signed_properties_that_were_moved_away_are_not_taken() -> None:
    """Wrapping: the original, still referred to by its Id, beside a forged one in its place."""
    text = signature_of(container())
    original = (
        b"<xades:SignedProperties"
        + between(text, b"<xades:SignedProperties", b"</ds:Object>").partition(
            b"</xades:QualifyingProperties>"
        )[0]
    )
    forged = original.replace(b"2026-02-04T08", b"2026-02-04T07")
    for other_id in (b"S0-properties", b"S0-other"):
        wrapped = (
            forged.replace(b"S0-properties", other_id)
            + b"</xades:QualifyingProperties></ds:Object><ds:Object>"
        )
        wrapped += (
            b'<xades:QualifyingProperties xmlns:xades="' + xades_form.XADES.encode() + b'" Target="#S0">'
        )
        content = resealed(container(), original, wrapped + original)
        assert only(content).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'URI="trail/summary.txt"', b'URI="trail/../package.edxml"'),
        (b'URI="trail/summary.txt"', b'URI="file:///etc/passwd"'),
        (b'URI="trail/summary.txt"', b'URI="http://example.com/"'),
        (b'URI="trail/summary.txt"', b'URI="package.edxml"'),
        (b'URI="trail/summary.txt"', b'URI=""'),
        (b"2001/04/xmlenc#sha256", b"2000/09/xmldsig#sha1"),
        (b"xmldsig-more#ecdsa-sha256", b"xmldsig-more#hmac-sha256"),
        (b"</ds:SignedInfo>", b"</ds:SignedInfo><ds:SignedInfo/>"),
        (b'Target="#S0"', b'Target="#S1"'),
        (b"<ds:X509Certificate>", b"<ds:X509Certificate>AAAA"),
        (b"</ds:Signature>", b"<ds:Object>hidden</ds:Object></ds:Signature>"),
        (
            b'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
            b'<ds:Transform Algorithm="urn:x"/>',
        ),
        (b' Type="http://uri.etsi.org/01903#SignedProperties"', b""),
        (b"<ds:Signature xmlns", b'<ds:Signature Id="S0-value" xmlns'),
        (b"SigningCertificateV2>", b"SigningCertificateV3>"),
        (b'URI="trail/summary.txt"', b'URI="%FF"'),
        (b"2026-02-04T08:00:00Z", b"0001-01-01T00:00:00+14:00"),
        (b"2026-02-04T08:00:00Z", b"2026-02-04T08:00:00"),
        (b"2026-02-04T08:00:00Z", b"yesterday"),
    ],
)
def test_whatever_is_done_to_the_signature_it_is_not_valid(old: bytes, new: bytes) -> None:
    assert only(resealed(container(), old, new)).outcome is not Outcome.VALID


@pytest.mark.parametrize("rubbish", [b"", b"<", b"<!DOCTYPE a><a/>", b"<a/>", b"<asic:XAdESSignatures/>"])
def test_a_signature_file_that_is_none_is_told(rubbish: bytes) -> None:
    parts = {**asice.read(container()).parts, SIGNATURE: rubbish}
    verdict = only(zip_file.pack(parts))
    assert verdict.outcome in (Outcome.INVALID, Outcome.UNDETERMINED)
    assert verdict.part == SIGNATURE


@settings(max_examples=150, deadline=None)
@given(st.data())
@pytest.mark.filterwarnings("ignore")
def test_damage_does_no_harm_and_is_never_valid(data: st.DataObject) -> None:
    """Elements cut out, doubled or moved."""
    parts = dict(asice.read(container("XAdES-B-LTA")).parts)
    original = parts[SIGNATURE]
    tags = [place for place in range(len(original)) if original[place : place + 1] == b"<"]
    start, end, to = (data.draw(st.sampled_from(tags)) for _ in range(3))
    start, end = min(start, end), max(start, end)
    doubled = original[:to] + original[start:end] + original[to:]
    broken = data.draw(st.sampled_from([original[:start] + original[end:], doubled]))
    verdicts = asice.verify(asice.read(zip_file.pack({**parts, SIGNATURE: broken})), trust(), NOW)
    assert broken == original or all(verdict.outcome is not Outcome.VALID for verdict in verdicts)


# Sealing


@pytest.mark.parametrize(
    "name", ["", "/a", "../a", "a b", "việt.txt", "mimetype", "META-INF/x.xml", "meta-inf/x", "a//b", ".a"]
)
async def test_names_that_cannot_stand_in_a_container_are_refused(name: str) -> None:
    with pytest.raises(NotSealed):
        await xades.seal({name: DataFile(b"", "text/plain")}, signer(), at=SIGNED)


async def test_names_that_differ_in_case_only_are_refused() -> None:
    files = {name: DataFile(b"", "text/plain") for name in ("a.txt", "A.TXT")}
    with pytest.raises(NotSealed):
        await xades.seal(files, signer(), at=SIGNED)


async def test_what_cannot_be_sealed_is_refused() -> None:
    with pytest.raises(NotSealed):
        await xades.seal({}, signer(), at=SIGNED)
    with pytest.raises(NotSealed):
        await xades.seal(FILES, signer(), at=SIGNED, archive=True)
    with pytest.raises(ValueError, match="media type"):
        await xades.seal({"a": DataFile(b"", 'text/plain"><x')}, signer(), at=SIGNED)
    with pytest.raises(ValueError, match="UTC"):
        await xades.seal(FILES, signer(), at=datetime(2026, 2, 4, 8))  # noqa: DTZ001


async def test_what_nobody_could_read_again_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotSealed):
        await xades.seal({str(n): DataFile(b"", "text/plain") for n in range(1000)}, signer(), at=SIGNED)
    monkeypatch.setattr(xades, "MOST_OCTETS", 100)
    with pytest.raises(NotSealed):
        await xades.seal({"a": DataFile(bytes(101), "text/plain")}, signer(), at=SIGNED)


async def test_an_own_stranger_is_sealed_but_not_trusted() -> None:
    own = keys.generate("hub", "Trục tự ký", ISSUED)
    content = await asice.write(FILES, own, at=SIGNED, trust=trust())
    assert codes(only(content))[0] == "certificate.untrusted"


# Others' signatures, made by libxmlsec1


def foreign(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    *,
    canonicalisation: str,
    transform: str | None,
    algorithm: Algorithm = "ecdsa-p256",
    outside: str = "",
    version_1: bool = False,
) -> bytes:
    """Return a container as others make them: another layout, signed by another library."""
    key = signer(algorithm)
    text = xades_form.compose(xades._unsigned(FILES, key, SIGNED, 0)).decode()
    text = text.replace(f"<xades:Description>{MARK}XAdES-B-B</xades:Description>", "")
    text = text.replace(
        f'<ds:CanonicalizationMethod Algorithm="{profile.EXCLUSIVE}"/>',
        f'<ds:CanonicalizationMethod Algorithm="{canonicalisation}"/>',
    )
    named = f'<ds:Transforms><ds:Transform Algorithm="{transform}"/></ds:Transforms>' if transform else ""
    text = text.replace(
        f'<ds:Transforms><ds:Transform Algorithm="{profile.EXCLUSIVE}"/></ds:Transforms>', named
    )
    text = text.replace("<xades:SigningCertificateV2>", "\n  <xades:SigningCertificateV2>\n")
    if version_1:
        start, end = text.index("<xades:IssuerSerialV2>"), text.index("</xades:Cert>")
        text = (text[:start] + text[end:]).replace("SigningCertificateV2", "SigningCertificate")
    text = text.replace(
        "<asic:XAdESSignatures ", f'<asic:XAdESSignatures xmlns="urn:x" xmlns:unused="urn:y" {outside}'
    )
    tree = etree.fromstring(text.encode())
    for name, data in CONTENTS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    monkeypatch.chdir(folder)
    xmlsec.tree.add_ids(tree, ["Id"])
    context = xmlsec.SignatureContext()
    private = key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context.key = xmlsec.Key.from_memory(private, xmlsec.constants.KeyDataFormatPem)
    context.sign(tree[0])
    signature = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
    return zip_file.pack({"mimetype": asice.MEDIA_TYPE, **CONTENTS, "META-INF/signatures1.xml": signature})


def judged(content: bytes) -> Verdict:
    return only(content, trust())


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-2048"])
@pytest.mark.parametrize("canonicalisation", [profile.EXCLUSIVE, *INCLUSIVE])
@pytest.mark.parametrize("transform", [None, profile.EXCLUSIVE, *INCLUSIVE])
def test_others_signatures_are_read(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    canonicalisation: str,
    transform: str | None,
    algorithm: Algorithm,
) -> None:
    content = foreign(
        monkeypatch, tmp_path, canonicalisation=canonicalisation, transform=transform, algorithm=algorithm
    )
    read = asice.read(content)
    assert (read.ours, read.canonical, read.problems) == (False, False, ())
    verdict = judged(content)
    # Its intermediate certificate is not enclosed: only the form and the arithmetic are looked at.
    assert verdict.aspects[Question.INTEGRITY].outcome is Outcome.VALID
    assert verdict.aspects[Question.COVERAGE].outcome is Outcome.VALID
    broken = zip_file.pack({**read.parts, "trail/summary.txt": b"other"})
    assert judged(broken).aspects[Question.INTEGRITY].outcome is Outcome.INVALID


def test_older_signing_certificate_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    content = foreign(
        monkeypatch, tmp_path, canonicalisation=INCLUSIVE[1], transform=INCLUSIVE[1], version_1=True
    )
    assert judged(content).aspects[Question.INTEGRITY].outcome is Outcome.VALID


@pytest.mark.parametrize(
    "changes",
    [
        {"canonicalisation": INCLUSIVE[0], "transform": INCLUSIVE[0], "outside": 'xml:lang="vi" '},
        {"canonicalisation": INCLUSIVE[0] + "#WithComments", "transform": None},
        {"canonicalisation": profile.EXCLUSIVE, "transform": profile.EXCLUSIVE + "WithComments"},
    ],
)
def test_what_we_cannot_canonicalise_is_undetermined(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changes: dict[str, str]
) -> None:
    verdict = judged(foreign(monkeypatch, tmp_path, **changes))  # type: ignore[arg-type]
    assert (verdict.outcome, codes(verdict)[0]) == (Outcome.UNDETERMINED, "xades.unsupported")


def test_the_times_are_in_utc() -> None:
    assert only(container()).claimed_at == SIGNED.astimezone(UTC)
    assert NOW > SIGNED > root().certificate.not_valid_before_utc
