"""Nobody is trusted but those in the folder, at the time in question."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing import certificates
from signing.certificates import Certificate
from signing.keys import SigningKey
from signing.trust import Chain, TrustStore
from tests.unit.signing.packages import ISSUED, NOW, authority, between, certificate, signer, trusted, usage


def path() -> tuple[Certificate, list[Certificate]]:
    leaf, *rest = (certificates.of(one) for one in signer().chain)
    return leaf, rest


def reasons_of(found: Chain | tuple[object, ...]) -> list[str]:
    assert isinstance(found, tuple)
    return [reason.code for reason in found]  # type: ignore[attr-defined]


def folder_with(tmp_path: Path, **files: bytes) -> Path:
    for name, octets in files.items():
        file = tmp_path / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(octets)
    return tmp_path


def test_a_path_leads_from_the_leaf_to_the_anchor() -> None:
    found = trusted().chain(*path(), NOW)
    assert isinstance(found, Chain)
    assert found.certificates == (*signer().chain, authority().certificate)
    assert found.anchor == authority().certificate
    assert found.valid_until == signer().certificate.not_valid_after_utc


def test_a_path_is_remembered_only_for_the_time_it_holds() -> None:
    store = trusted()
    first = store.chain(*path(), NOW)
    assert store.chain(*path(), NOW + timedelta(days=1)) is first
    assert reasons_of(store.chain(*path(), NOW + timedelta(days=3000))) == ["certificate.expired"]
    assert reasons_of(store.chain(*path(), ISSUED - timedelta(days=1))) == ["certificate.not-yet-valid"]
    assert store.chain(*path(), NOW) is first


def test_the_remembered_path_of_one_sender_does_not_help_another() -> None:
    store = trusted()
    leaf, rest = path()
    assert isinstance(store.chain(leaf, rest, NOW), Chain)
    assert reasons_of(store.chain(leaf, [], NOW)) == ["certificate.untrusted"]


def test_a_stranger_who_is_also_expired_is_told_both() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    old = certificate(key, until=NOW - timedelta(days=1), extensions=((usage(digital_signature=True), True),))
    found = trusted().chain(certificates.of(old), [], NOW)
    assert reasons_of(found) == ["certificate.expired", "certificate.untrusted"]


def issued_below(
    *extensions: x509.ExtensionType, until: datetime = NOW + timedelta(days=9)
) -> list[Certificate]:
    """Return a signer's certificate and that of its issuer, which stands under the root and has these extensions."""
    key, below = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    critical = tuple((extension, not isinstance(extension, x509.NameConstraints)) for extension in extensions)
    issuer = certificate(key, issuer=authority().key, name="Tổ chức cấp", until=until, extensions=critical)
    may_sign = ((usage(digital_signature=True), True),)
    leaf = certificate(below, issuer=SigningKey("ca", key, (issuer,)), extensions=may_sign)
    return [certificates.of(leaf), certificates.of(issuer)]


IS_AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)


def test_an_authority_in_order_is_followed() -> None:
    leaf, issuer = issued_below(IS_AUTHORITY, usage(key_cert_sign=True))
    assert isinstance(trusted().chain(leaf, [issuer], NOW), Chain)


def test_an_issuer_that_has_expired_is_named() -> None:
    leaf, issuer = issued_below(IS_AUTHORITY, until=NOW - timedelta(days=1))
    assert reasons_of(trusted().chain(leaf, [issuer], NOW)) == ["certificate.issuer-expired"]


def test_an_authority_without_the_right_to_certify_is_not_followed() -> None:
    leaf, issuer = issued_below(IS_AUTHORITY, usage(digital_signature=True))
    assert reasons_of(trusted().chain(leaf, [issuer], NOW)) == ["certificate.untrusted"]


@pytest.mark.parametrize("constraints", [[], [x509.BasicConstraints(ca=False, path_length=None)]])
def test_an_issuer_that_is_no_authority_is_not_followed(constraints: list[x509.ExtensionType]) -> None:
    leaf, issuer = issued_below(usage(key_cert_sign=True), *constraints)
    assert reasons_of(trusted().chain(leaf, [issuer], NOW)) == ["certificate.untrusted"]


def test_a_remembered_path_is_looked_for_anew_when_an_issuer_has_expired() -> None:
    store = trusted()
    leaf, issuer = issued_below(IS_AUTHORITY, until=NOW + timedelta(days=9))
    assert isinstance(store.chain(leaf, [issuer], NOW), Chain)
    assert reasons_of(store.chain(leaf, [issuer], NOW + timedelta(days=10))) == ["certificate.issuer-expired"]


def test_an_authority_limited_to_other_subjects_is_not_followed() -> None:
    only = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Sở Khác")]))
    leaf, issuer = issued_below(IS_AUTHORITY, x509.NameConstraints([only], None))
    assert reasons_of(trusted().chain(leaf, [issuer], NOW)) == ["certificate.untrusted"]


def test_a_time_without_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="zone"):
        trusted().chain(*path(), NOW.replace(tzinfo=None))


# The folder


def test_a_folder_holds_anchors_in_every_usual_form(tmp_path: Path) -> None:
    root = authority().certificate
    folder = folder_with(
        tmp_path,
        a_pem=authority().pem,
        b_der=root.public_bytes(Encoding.DER),
        c_CRT=authority().pem,
        d_txt=b"not a certificate",
    )
    store = TrustStore.from_folder(folder)
    assert [anchor.summary.subject for anchor in store.anchors] == [root.subject.rfc4514_string()] * 3
    assert store.problems == ()
    assert isinstance(store.chain(*path(), NOW), Chain)


def test_a_pem_file_may_hold_several(tmp_path: Path) -> None:
    store = TrustStore.from_folder(folder_with(tmp_path, all_pem=authority().pem + between().pem))
    assert len(store.anchors) == len(store.summaries) == 2


def test_an_intermediate_helps_and_is_not_trusted_by_itself(tmp_path: Path) -> None:
    leaf, _ = path()
    alone = TrustStore.from_folder(folder_with(tmp_path, intermediates__sub_pem=between().pem))
    assert reasons_of(alone.chain(leaf, [], NOW)) == ["certificate.untrusted"]
    both = TrustStore.from_folder(folder_with(tmp_path, root_pem=authority().pem))
    assert isinstance(both.chain(leaf, [], NOW), Chain)


def test_bad_files_are_reported_by_name_and_the_others_count(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        bad_pem=b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        empty_cer=b"",
        good_pem=authority().pem,
        huge_der=bytes(1024 * 1024 + 1),
        intermediates__bad_crt=b"rubbish",
        key_pem=b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    )
    store = TrustStore.from_folder(folder)
    assert len(store.anchors) == 1
    assert [problem.file for problem in store.problems] == [
        "bad.pem",
        "empty.cer",
        "huge.der",
        "key.pem",
        "intermediates/bad.crt",
    ]
    assert "bad.pem" in store.problems[0].message.vi


def test_a_missing_folder_is_a_problem_and_trusts_nobody(tmp_path: Path) -> None:
    store = TrustStore.from_folder(tmp_path / "none")
    assert store.anchors == ()
    assert [problem.file for problem in store.problems] == ["none"]


def test_an_empty_store_trusts_nobody() -> None:
    assert reasons_of(TrustStore.empty().chain(*path(), NOW)) == ["certificate.untrusted"]
