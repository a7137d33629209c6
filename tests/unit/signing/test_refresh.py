"""The cache is brought up to date from servers that may lie, be late, redirect, or be somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from signing import certificates, refresh_sources, trust_folder
from signing.ca import Addresses, CertificateAuthority, Revoked
from signing.fetching import Fetching
from signing.keys import SigningKey
from signing.refresh import Refreshed, refresh
from signing.trust import Chain, TrustStore
from signing.verdict import Outcome
from tests.unit.signing.packages import ISSUED, NOW
from tests.unit.signing.responders import Web, at_once, serving

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Country:
    """A root, an authority below it and a signer, whose certificates name addresses of the server."""

    def __init__(self, web: Web, folder: Path, host: str = "127.0.0.1") -> None:
        self.web, self.folder, self.host = web, folder, host
        self.root = CertificateAuthority.create(
            "Gốc", ISSUED, addresses=Addresses(crl=self.at("/root.crl"), issuer=self.at("/root.cer"))
        )
        self.below = self.root.authority(
            "Dưới gốc",
            ISSUED,
            addresses=Addresses(
                crl=self.at("/below.crl"), ocsp=self.at("/ocsp"), issuer=self.at("/below.cer")
            ),
        )
        self.signer = self.below.issue("Người ký", ISSUED, organisation="UBND xã Mẫu")
        self.lay("root.pem", self.root)
        web.pages["/root.crl"] = self.root.crl(NOW - HOUR)
        web.pages["/below.crl"] = self.below.crl(NOW - HOUR)
        web.pages["/ocsp"] = lambda _: self.below.ocsp(self.signer.certificate, NOW - HOUR)

    def at(self, path: str) -> str:
        return self.web.url(path, self.host)

    def lay(self, name: str, authority: CertificateAuthority) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(authority.pem)

    @cached_property
    def store(self) -> TrustStore:
        return TrustStore.from_folder(self.folder)

    def meet(self, key: SigningKey | None = None) -> Chain:
        """Let the store judge a signer, as an acceptance does."""
        leaf, *extra = (certificates.of(each) for each in (key or self.signer).chain)
        found = self.store.chain(leaf, extra, NOW)
        assert isinstance(found, Chain)
        return found

    async def refresh(self, now: datetime = NOW, hosts: dict[str, str] | None = None) -> Refreshed:
        how = Fetching(hosts=hosts or {}, timeout_seconds=10, pause=at_once)
        done = await refresh(self.folder, self.store.paths_found, now, how)
        del self.store
        return done

    def status(self) -> Outcome:
        path = (*self.signer.chain, self.root.certificate)
        return TrustStore.from_folder(self.folder).revocation.status(path, NOW).outcome


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as web:
        yield web


@pytest.fixture
def country(web: Web, tmp_path: Path) -> Country:
    return Country(web, tmp_path / "trust")


async def test_what_a_seen_signer_needs_is_fetched_and_settles_the_question(country: Country) -> None:
    assert country.status() is Outcome.UNDETERMINED
    country.meet()
    done = await country.refresh()
    assert sorted(done.updated) == [country.at(path) for path in ("/below.crl", "/ocsp", "/root.crl")]
    assert done.failures == ()
    assert country.status() is Outcome.VALID


async def test_a_second_time_nothing_is_new_and_the_responder_is_left_in_peace(country: Country) -> None:
    country.meet()
    await country.refresh()
    country.web.asked.clear()
    done = await country.refresh()
    assert done.updated == ()
    assert len(done.unchanged) == 3
    assert sorted(country.web.asked) == ["/below.crl", "/root.crl"]


async def test_a_revocation_reaches_the_store(country: Country) -> None:
    country.meet()
    gone = {country.signer.certificate.serial_number: Revoked(NOW - DAY)}
    country.web.pages["/below.crl"] = country.below.crl(NOW, revoked=gone)
    await country.refresh()
    assert country.status() is Outcome.INVALID


async def test_a_signer_is_remembered_over_a_restart_with_the_authority_between(country: Country) -> None:
    country.meet()
    await country.refresh()
    assert country.store.paths_found == ()
    leaf = certificates.of(country.signer.certificate)
    assert isinstance(country.store.chain(leaf, (), NOW), Chain)
    assert [each.summary.sha256 for each in trust_folder.seen(country.folder)] == [leaf.summary.sha256]
    assert country.store.kind_of(country.store.fetched[0]) is trust_folder.AnchorClass.OTHER
    assert [each.summary.subject for each in country.store.anchors] == [
        country.root.certificate.subject.rfc4514_string()
    ]


# What must not replace what is there


def older(country: Country) -> bytes:
    return country.below.crl(NOW - DAY)


def from_the_future(country: Country) -> bytes:
    return country.below.crl(NOW + HOUR)


def of_an_impostor(_: Country) -> bytes:
    return CertificateAuthority.create("Dưới gốc", ISSUED).crl(NOW)


def delta(country: Country) -> bytes:
    return country.below.crl(NOW, extensions=[(x509.DeltaCRLIndicator(1), True)])


def rubbish(_: Country) -> bytes:
    return b"<html>Please log in</html>"


@pytest.mark.parametrize("made", [older, from_the_future, of_an_impostor, delta, rubbish])
async def test_a_worse_list_never_takes_the_place_of_a_good_one(
    country: Country, made: Callable[[Country], bytes]
) -> None:
    country.meet()
    await country.refresh()
    before = {file.name: file.read_bytes() for file in (country.folder / trust_folder.FETCHED_CRLS).iterdir()}
    country.web.pages["/below.crl"] = made(country)
    done = await country.refresh()
    assert [failure.url for failure in done.failures] == [country.at("/below.crl")]
    assert done.failures[0].message.vi
    assert {f.name: f.read_bytes() for f in (country.folder / trust_folder.FETCHED_CRLS).iterdir()} == before
    assert country.status() is Outcome.VALID


def of_a_stranger(country: Country) -> bytes:
    return CertificateAuthority.create("Dưới gốc", ISSUED).ocsp(country.signer.certificate, NOW)


def about_another(country: Country) -> bytes:
    return country.below.ocsp(country.below.issue("B", ISSUED, organisation="B").certificate, NOW)


def tomorrow(country: Country) -> bytes:
    return country.below.ocsp(country.signer.certificate, NOW + HOUR)


def try_later(_: Country) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
        Encoding.DER
    )


@pytest.mark.parametrize("made", [of_a_stranger, about_another, tomorrow, try_later, rubbish])
async def test_an_answer_that_is_none_is_not_kept(country: Country, made: Callable[[Country], bytes]) -> None:
    country.meet()
    country.web.pages["/ocsp"] = made(country)
    done = await country.refresh()
    assert [failure.url for failure in done.failures] == [country.at("/ocsp")]
    assert not (country.folder / trust_folder.OCSP).exists()


# Where we may be led


async def test_a_stranger_makes_us_fetch_nothing(country: Country) -> None:
    hostile = Addresses(crl=country.at("/evil.crl"), ocsp=country.at("/evil"), issuer=country.at("/evil.cer"))
    stranger = CertificateAuthority.create("Kẻ lạ", ISSUED, addresses=hostile)
    leaf = certificates.of(stranger.issue("Kẻ lạ", ISSUED, organisation="X").certificate)
    assert not isinstance(country.store.chain(leaf, [certificates.of(stranger.certificate)], NOW), Chain)
    seen = country.folder / trust_folder.SEEN
    seen.mkdir(parents=True)
    (seen / "planted.der").write_bytes(leaf.der)
    await country.refresh()
    assert country.web.asked == []


@pytest.mark.parametrize(
    "to",
    [
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://localhost/x",
        "http://user:word@127.0.0.1/x",
        "gopher://x",
    ],
)
async def test_a_redirect_leads_only_to_hosts_that_trusted_certificates_name(
    country: Country, to: str
) -> None:
    country.meet()
    country.web.pages["/root.crl"] = (302, to)
    done = await country.refresh()
    assert [failure.url for failure in done.failures] == [country.at("/root.crl")]
    assert country.web.asked.count("/root.crl") == 1


async def test_a_redirect_within_is_followed_but_not_for_ever(country: Country) -> None:
    country.meet()
    country.web.pages["/moved.crl"] = country.web.pages["/root.crl"]
    country.web.pages["/root.crl"] = (301, "/moved.crl")
    country.web.pages["/below.crl"] = (301, "/below.crl")
    done = await country.refresh()
    assert country.at("/root.crl") in done.updated
    assert [failure.url for failure in done.failures] == [country.at("/below.crl")]
    assert country.web.asked.count("/below.crl") == 4


async def test_a_name_of_another_network_is_replaced(web: Web, tmp_path: Path) -> None:
    country = Country(web, tmp_path, host="ocsp.ca.ptc")
    country.meet()
    done = await country.refresh(hosts={"ocsp.ca.ptc": "127.0.0.1"})
    assert sorted(done.updated) == [web.url(path) for path in ("/below.crl", "/ocsp", "/root.crl")]
    assert country.status() is Outcome.VALID


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://OCSP.ca.PTC", "http://ocsp.ca.gov.vn/"),
        ("HTTPS://a.b:8443/x?y=1#z", "https://a.b:8443/x?y=1"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("ldap://a/b", None),
        ("http:///x", None),
        ("http://u:p@a/x", None),
        ("http://a:99999/x", None),
        ("http://[bad/x", None),
        ("http://a/" + "x" * 3000, None),
        ("", None),
    ],
)
def test_an_address_is_mapped_or_left_out(url: str, expected: str | None) -> None:
    assert refresh_sources.mapped(url, {"ocsp.ca.ptc": "ocsp.ca.gov.vn"}) == expected


# Trouble on the way


async def test_a_server_that_stumbles_is_asked_again_and_one_that_refuses_is_not(country: Country) -> None:
    country.meet()
    country.web.pages["/root.crl"] = [503, 503, country.root.crl(NOW)]
    country.web.pages["/below.crl"] = 404
    country.web.pages["/ocsp"] = 500
    done = await country.refresh()
    assert country.at("/root.crl") in done.updated
    assert {failure.url for failure in done.failures} == {country.at("/below.crl"), country.at("/ocsp")}
    assert [country.web.asked.count(path) for path in ("/root.crl", "/below.crl", "/ocsp")] == [3, 1, 3]


async def test_an_endless_answer_is_cut_off(country: Country, monkeypatch: pytest.MonkeyPatch) -> None:
    country.meet()
    monkeypatch.setattr("signing.revocation_crl.LARGEST", 100)
    done = await country.refresh()
    assert {failure.url for failure in done.failures} == {country.at("/root.crl"), country.at("/below.crl")}
    assert all("100" in failure.message.en for failure in done.failures)


async def test_nobody_there_is_a_failure_and_not_an_error(web: Web, tmp_path: Path) -> None:
    country = Country(web, tmp_path, host="127.0.0.9")
    country.meet()
    done = await country.refresh()
    assert len(done.failures) == 3
    assert "does not answer" in done.failures[2].message.en


# Issuers that are missing


async def test_the_issuer_of_a_laid_authority_is_fetched_and_is_no_anchor(web: Web, tmp_path: Path) -> None:
    """The operator laid down the root and, of three authorities in a row, only the last."""
    country = Country(web, tmp_path)
    constraint = country.below.key
    assert constraint.chain[0].issuer == country.root.certificate.subject
    (tmp_path / "root.pem").unlink()
    country.lay("intermediates/below.pem", country.below)
    web.pages["/root.cer"] = country.root.certificate.public_bytes(Encoding.DER)
    done = await country.refresh()
    assert country.at("/root.cer") in done.updated
    leaf = certificates.of(country.signer.certificate)
    assert not isinstance(country.store.chain(leaf, (), NOW), Chain)
    assert len(country.store.fetched) == 1


async def test_another_certificate_in_its_place_is_not_kept(web: Web, tmp_path: Path) -> None:
    country = Country(web, tmp_path)
    (tmp_path / "root.pem").unlink()
    country.lay("intermediates/below.pem", country.below)
    web.pages["/root.cer"] = CertificateAuthority.create("Gốc", ISSUED).certificate.public_bytes(Encoding.DER)
    done = await country.refresh()
    assert country.at("/root.cer") in [failure.url for failure in done.failures]
    assert country.store.fetched == ()
