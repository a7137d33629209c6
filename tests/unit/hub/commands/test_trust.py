"""`edochub trust`: nothing is trusted unseen, and every answer says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hub.commands._trust_look import moment
from signing.ca import Addresses, CertificateAuthority, Revoked
from signing.keys import SigningKey
from signing.trust_folder import CRLS
from signing.xml import sign
from tests.unit.hub.commands.door import Command
from tests.unit.signing.responders import Web, serving

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def folder(edochub: Command, tmp_path: Path) -> Path:
    assert edochub("init", tmp_path / "hub").code == 0
    return tmp_path / "hub" / "trust"


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with serving() as web:
        yield web


@pytest.fixture(scope="module")
def root(web: Web) -> CertificateAuthority:
    return CertificateAuthority.create(
        "Gốc Ấn Độ", NOW - 30 * DAY, addresses=Addresses(crl=web.url("/root.crl"))
    )


@pytest.fixture(scope="module")
def signer(root: CertificateAuthority) -> SigningKey:
    return root.issue("Người ký", NOW - 20 * DAY, organisation="UBND xã Mẫu", days=10_000)


def pem(key: SigningKey | CertificateAuthority, file: Path) -> Path:
    file.write_bytes(key.certificate.public_bytes(Encoding.PEM))
    return file


def test_a_certificate_is_shown_first_and_added_only_then(
    edochub: Command, folder: Path, root: CertificateAuthority, tmp_path: Path
) -> None:
    file = pem(root, tmp_path / "root.pem")
    shown = edochub("trust", "add", file, "--class", "official-duty")
    assert shown.code == 1
    assert "--yes" in shown.out
    assert edochub("trust", "list", "--json").json["certificates"] == []
    assert edochub("trust", "add", file, "--class", "official-duty", "--yes").code == 0
    (listed,) = edochub("trust", "list", "--json").json["certificates"]
    assert listed["class"] == "official-duty"
    assert listed["certificate"]["sha256"] in shown.out
    (file,) = (folder / "official-duty").iterdir()
    assert file.name == f"goc-an-do-{listed['certificate']['sha256'][:16]}.der"
    assert "chuyên dùng công vụ" in edochub("trust", "list", language="vi").out


def test_what_is_no_authority_or_no_certificate_is_refused(
    edochub: Command, folder: Path, signer: SigningKey, tmp_path: Path
) -> None:
    refused = edochub("trust", "add", pem(signer, tmp_path / "leaf.pem"), "--class", "public", "--yes")
    assert refused.code == 1
    assert "not the certificate of an authority" in refused.err
    (tmp_path / "x.pem").write_text("nothing", encoding="utf-8")
    assert edochub("trust", "add", tmp_path / "x.pem", "--class", "public", "--yes").code == 2
    assert edochub("trust", "list", "--json").json["certificates"] == []


def test_an_expired_authority_is_warned_of_and_may_be_added(
    edochub: Command, folder: Path, tmp_path: Path
) -> None:
    old = CertificateAuthority.create("Gốc cũ", datetime(2001, 1, 1, tzinfo=UTC))
    added = edochub("trust", "add", pem(old, tmp_path / "old.pem"), "--class", "foreign", "--yes")
    assert added.code == 0
    assert "expired" in added.err


def test_an_intermediate_is_no_anchor(
    edochub: Command, folder: Path, root: CertificateAuthority, signer: SigningKey, tmp_path: Path
) -> None:
    edochub("trust", "add", pem(root, tmp_path / "root.pem"), "--class", "intermediate", "--yes")
    assert edochub("trust", "check", pem(signer, tmp_path / "leaf.pem")).code == 1


def test_checking_goes_from_no_to_undetermined_to_yes_to_revoked(
    edochub: Command, folder: Path, root: CertificateAuthority, signer: SigningKey, tmp_path: Path
) -> None:
    leaf = pem(signer, tmp_path / "leaf.pem")
    nobody = edochub("trust", "check", leaf)
    assert nobody.code == 1
    assert "certificate.untrusted" in nobody.out

    edochub("trust", "add", pem(root, tmp_path / "root.pem"), "--class", "official-duty", "--yes")
    unknown = edochub("trust", "check", leaf, language="vi")
    assert unknown.code == 3
    assert "revocation.not-checked" in unknown.out
    assert "chuyên dùng công vụ" in unknown.out

    (folder / CRLS).mkdir()
    (folder / CRLS / "root.crl").write_bytes(root.crl(NOW - DAY / 2))
    good = edochub("trust", "check", leaf, "--json")
    assert good.code == 0
    assert good.json["class"] == "official-duty"
    assert [each["subject"][:3] for each in good.json["path"]] == ["CN=", "CN="]
    assert good.json["revocation"]["outcome"] == "valid"

    gone = {signer.certificate.serial_number: Revoked(NOW - 2 * DAY)}
    (folder / CRLS / "root.crl").write_bytes(root.crl(NOW, revoked=gone))
    revoked = edochub("trust", "check", leaf)
    assert revoked.code == 1
    assert "REVOKED" in revoked.out
    assert "certificate.revoked)" in revoked.out
    before = edochub("trust", "check", leaf, "--at", f"{NOW - 4 * DAY:%Y-%m-%d}")
    assert before.code == 0
    assert "certificate.revoked-later" in before.out
    too_early = edochub("trust", "check", leaf, "--at", "2020-01-01")
    assert too_early.code == 1
    assert "certificate.not-yet-valid" in too_early.out


def test_a_signed_package_and_a_chain_in_one_file_can_be_checked(
    edochub: Command,
    folder: Path,
    root: CertificateAuthority,
    signer: SigningKey,
    letter: Path,
    tmp_path: Path,
) -> None:
    edochub("trust", "add", pem(root, tmp_path / "root.pem"), "--class", "public", "--yes")
    signed = tmp_path / "signed.edxml"
    signed.write_bytes(sign(letter.read_bytes(), signer))
    assert edochub("trust", "check", signed).code == 3
    below = root.authority("Dưới gốc", NOW - 10 * DAY)
    deep = below.issue("Sâu", NOW - 5 * DAY, organisation="X")
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in deep.chain))
    assert edochub("trust", "check", both).code == 3
    assert edochub("trust", "check", pem(deep, tmp_path / "alone.pem")).code == 1


def test_a_file_without_certificates_and_a_bad_date_are_said(
    edochub: Command, folder: Path, letter: Path, signer: SigningKey, tmp_path: Path
) -> None:
    assert "no readable certificate" in edochub("trust", "check", letter).err
    assert edochub("trust", "check", pem(signer, tmp_path / "leaf.pem"), "--at", "hôm qua").code == 2


def test_a_certificate_is_removed_by_its_fingerprint(
    edochub: Command, folder: Path, root: CertificateAuthority, tmp_path: Path
) -> None:
    edochub("trust", "add", pem(root, tmp_path / "root.pem"), "--class", "public", "--yes")
    sha256 = edochub("trust", "list", "--json").json["certificates"][0]["certificate"]["sha256"]
    assert edochub("trust", "remove", sha256[:8]).code == 1
    assert edochub("trust", "remove", "0" * 8, "--yes").code == 1
    assert edochub("trust", "remove", "0", "--yes").code == 2
    assert len(edochub("trust", "list", "--json").json["certificates"]) == 1
    colons = ":".join(sha256[at : at + 2].upper() for at in range(0, 64, 2))
    assert edochub("trust", "remove", colons, "--yes").code == 0
    assert edochub("trust", "list", "--json").json["certificates"] == []


def test_a_file_of_several_certificates_is_left_to_the_operator(
    edochub: Command, folder: Path, root: CertificateAuthority
) -> None:
    other = CertificateAuthority.create("Khác", NOW - DAY)
    (folder / "both.pem").write_bytes(root.pem + other.pem)
    sha256 = edochub("trust", "list", "--json").json["certificates"][0]["certificate"]["sha256"]
    kept = edochub("trust", "remove", sha256, "--yes")
    assert kept.code == 1
    assert "both.pem" in kept.err


def test_revocation_data_is_fetched_on_demand(
    edochub: Command, folder: Path, web: Web, root: CertificateAuthority, tmp_path: Path
) -> None:
    edochub("trust", "add", pem(root, tmp_path / "root.pem"), "--class", "public", "--yes")
    assert "No certificate names" in edochub("trust", "refresh").out
    below = root.authority("Dưới gốc", NOW - 10 * DAY)
    edochub("trust", "add", pem(below, tmp_path / "below.pem"), "--class", "intermediate", "--yes")
    web.pages["/root.crl"] = root.crl(NOW - DAY / 2)
    assert edochub("trust", "refresh", "--json").json["updated"] == [web.url("/root.crl")]
    assert "unchanged" in edochub("trust", "refresh").out
    listed = edochub("trust", "list", "--json").json["certificates"]
    assert [each["revocation_list_of"] is not None for each in listed] == [True, False]
    web.pages["/root.crl"] = 404
    failed = edochub("trust", "refresh")
    assert failed.code == 4
    assert "404" in failed.err


def test_a_day_ends_in_vietnam() -> None:
    assert moment("2026-11-22") == datetime(2026, 11, 22, 16, 59, 59, 999999, tzinfo=UTC)
    assert moment("2026-11-22T10:00") == datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert moment("2026-11-22T10:00:00Z") == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_what_is_there_already_is_not_added_again_and_no_root_is_said_to_be_none(
    edochub: Command, folder: Path, root: CertificateAuthority, tmp_path: Path
) -> None:
    file = pem(root, tmp_path / "root.pem")
    assert (
        "issued by another"
        not in edochub("trust", "add", file, "--class", "public", "--yes", language="en").err
    )
    assert (
        "There already: 1" in edochub("trust", "add", file, "--class", "public", "--yes", language="en").out
    )
    between = pem(root.authority("CA trung gian", NOW - 20 * DAY), tmp_path / "between.pem")
    assert "issued by another" in edochub("trust", "add", between, "--class", "public", language="en").err
    assert (
        "issued by another"
        not in edochub("trust", "add", between, "--class", "intermediate", language="en").err
    )


def test_data_for_a_signer_not_seen_yet_are_fetched_when_it_is_named(
    edochub: Command, folder: Path, web: Web, tmp_path: Path
) -> None:
    between = Addresses(crl=web.url("/unseen.crl"))
    authority = CertificateAuthority.create("Gốc chưa gặp", NOW - 30 * DAY, addresses=between)
    web.pages["/unseen.crl"] = authority.crl(NOW)
    assert edochub("trust", "add", pem(authority, tmp_path / "r.pem"), "--class", "public", "--yes").code == 0
    signer = pem(
        authority.issue("Người ký", NOW - 20 * DAY, organisation="UBND xã Mẫu"), tmp_path / "signer.pem"
    )
    before = edochub("trust", "check", signer, language="en")
    assert (before.code, "trust refresh FILE" in before.out) == (3, True)
    assert edochub("trust", "refresh", "--json").json["updated"] == []
    assert edochub("trust", "refresh", signer, "--json").json["updated"] == [web.url("/unseen.crl")]
    assert edochub("trust", "check", signer).code == 0
