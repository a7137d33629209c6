"""What lies where in the trust folder, and what counts for what."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from signing import certificates, trust_folder
from signing.ca import CertificateAuthority
from signing.trust import Chain, Purpose, TrustStore
from signing.trust_folder import AnchorClass
from signing.verdict import Outcome
from tests.unit.signing.packages import ISSUED, NOW, authority, between, signer

CLASSES = [kind for kind in AnchorClass if kind is not AnchorClass.TIMESTAMP]


def lay(folder: Path, name: str, octets: bytes) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(octets)
    return file


def found(store: TrustStore, purpose: Purpose = Purpose.DOCUMENTS) -> Chain | list[str]:
    key = signer() if purpose is Purpose.DOCUMENTS else authority().time_stamp_authority("TSA", ISSUED)
    leaf, *extra = (certificates.of(each) for each in key.chain)
    chain = store.chain(leaf, extra, NOW, purpose)
    return chain if isinstance(chain, Chain) else [reason.code for reason in chain]


@pytest.mark.parametrize("kind", CLASSES)
def test_a_path_says_the_class_of_its_anchor(tmp_path: Path, kind: AnchorClass) -> None:
    lay(tmp_path / kind.folder, "root.pem", authority().pem)
    chain = found(TrustStore.from_folder(tmp_path))
    assert isinstance(chain, Chain)
    assert chain.kind is kind


def test_an_anchor_for_time_stamps_counts_for_nothing_else(tmp_path: Path) -> None:
    lay(tmp_path, "timestamp/root.pem", authority().pem)
    store = TrustStore.from_folder(tmp_path)
    assert store.anchors == ()
    assert found(store) == ["certificate.untrusted"]
    chain = found(store, Purpose.TIME_STAMPS)
    assert isinstance(chain, Chain)
    assert chain.kind is AnchorClass.TIMESTAMP


def test_an_anchor_for_documents_may_have_certified_a_time_stamping_authority(tmp_path: Path) -> None:
    lay(tmp_path, "official-duty/root.pem", authority().pem)
    store = TrustStore.from_folder(tmp_path)
    assert isinstance(found(store, Purpose.TIME_STAMPS), Chain)
    leaf, *extra = (certificates.of(each) for each in signer().chain)
    refused = store.chain(leaf, extra, NOW, Purpose.TIME_STAMPS)
    assert not isinstance(refused, Chain)
    assert [reason.code for reason in refused] == ["certificate.not-for-time-stamps"]
    tsa = certificates.of(authority().time_stamp_authority("TSA", ISSUED).certificate)
    wrong = store.chain(tsa, (), NOW)
    assert not isinstance(wrong, Chain)
    assert wrong[0].code == "certificate.wrong-usage"


def test_a_path_found_for_one_purpose_is_not_remembered_for_another(tmp_path: Path) -> None:
    lay(tmp_path, "official-duty/root.pem", authority().pem)
    store = TrustStore.from_folder(tmp_path)
    tsa = certificates.of(authority().time_stamp_authority("TSA", ISSUED).certificate)
    assert isinstance(store.chain(tsa, (), NOW, Purpose.TIME_STAMPS), Chain)
    assert not isinstance(store.chain(tsa, (), NOW), Chain)


def test_a_certificate_in_two_classes_has_the_first(tmp_path: Path) -> None:
    for name in ("root.pem", "foreign/root.pem", "public/root.pem"):
        lay(tmp_path, name, authority().pem)
    chain = found(TrustStore.from_folder(tmp_path))
    assert isinstance(chain, Chain)
    assert chain.kind is AnchorClass.PUBLIC


def test_what_was_fetched_helps_and_is_no_anchor(tmp_path: Path) -> None:
    lay(tmp_path, f"{trust_folder.ISSUERS}/root.pem", authority().pem)
    lay(tmp_path, f"{trust_folder.ISSUERS}/below.pem", between().pem)
    leaf = certificates.of(signer().certificate)
    assert not isinstance(TrustStore.from_folder(tmp_path).chain(leaf, (), NOW), Chain)
    lay(tmp_path, "public/root.pem", authority().pem)
    store = TrustStore.from_folder(tmp_path)
    assert isinstance(store.chain(leaf, (), NOW), Chain)
    assert store.intermediates == ()
    assert len(store.paths_found) == 1


def test_lists_that_the_operator_brought_count_where_there_is_no_network(tmp_path: Path) -> None:
    lay(tmp_path, "root.pem", authority().pem)
    lay(tmp_path, "crls/root.crl", authority().crl(NOW))
    lay(tmp_path, "crls/below.crl", between().crl(NOW))
    lay(tmp_path, "crls/bad.crl", b"rubbish")
    store = TrustStore.from_folder(tmp_path)
    chain = found(store)
    assert isinstance(chain, Chain)
    assert store.revocation.status(chain.certificates, NOW).outcome is Outcome.VALID
    assert len(store.problems) == 1


def test_data_older_than_its_age_is_stale_and_the_age_can_be_set(tmp_path: Path) -> None:
    lay(tmp_path, "root.pem", authority().pem)
    for name, issuer in (("root", authority()), ("below", between())):
        lay(tmp_path, f"crls/{name}.crl", issuer.crl(NOW - timedelta(days=3), life=timedelta(hours=1)))
    path = (*signer().chain, authority().certificate)
    outcomes = [
        TrustStore.from_folder(tmp_path, revocation_age=timedelta(days=days))
        .revocation.status(path, NOW)
        .outcome
        for days in (1, 5)
    ]
    assert outcomes == [Outcome.UNDETERMINED, Outcome.VALID]


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust_folder, "LARGEST_LIST", 10)
    lay(tmp_path, "crls/huge.crl", bytes(11))
    contents = trust_folder.read(tmp_path)
    assert contents.crls == ()
    assert [problem.file for problem in contents.problems] == ["crls/huge.crl"]


def test_the_mark_changes_with_every_change_that_counts(tmp_path: Path) -> None:
    marks = [trust_folder.mark(tmp_path)]
    for name in ("a.pem", "public/a.pem", "timestamp/a.pem", "intermediates/a.pem", "crls/a.crl"):
        lay(tmp_path, name, authority().pem)
        marks.append(trust_folder.mark(tmp_path))
    for folder in (trust_folder.ISSUERS, trust_folder.OCSP, trust_folder.FETCHED_CRLS):
        lay(tmp_path, f"{folder}/a", b"")
        marks.append(trust_folder.mark(tmp_path))
    file = lay(tmp_path, "public/a.pem", b"other")
    marks.append(trust_folder.mark(tmp_path))
    os.utime(file, ns=(1, 1))
    marks.append(trust_folder.mark(tmp_path))
    file.unlink()
    marks.append(trust_folder.mark(tmp_path))
    assert len(set(marks)) == len(marks)
    lay(tmp_path, f"{trust_folder.SEEN}/a.der", b"")
    assert trust_folder.mark(tmp_path) == marks[-1]


def test_an_anchor_of_the_same_name_with_another_key_is_another(tmp_path: Path) -> None:
    lay(tmp_path, "public/other.pem", CertificateAuthority.create("Gốc tin cậy thử nghiệm", ISSUED).pem)
    assert found(TrustStore.from_folder(tmp_path)) == ["certificate.untrusted"]
